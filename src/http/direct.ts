import type { FastifyRequest } from "fastify";
import { isLoopbackAddress } from "./source.ts";

const forwarding =
  /^(?:forwarded|via|x-forwarded(?:-.*)?|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip)$/;

/**
 * Whether a request was made on this machine, to this machine's own name, by nobody on behalf of another: a proxy
 * on the same machine would lend its loopback address to the whole world, and a page of another site can give its
 * own name the address 127.0.0.1 (DNS rebinding), which the Host header then tells.
 */
export function isDirectFromLoopback(request: FastifyRequest): boolean {
  const from = request.socket.remoteAddress ?? "";
  const isForwarded = Object.keys(request.headers).some((name) => forwarding.test(name));
  return isLoopbackAddress(from) && !isForwarded && isLoopbackName(request.headers.host ?? "");
}

function isLoopbackName(host: string): boolean {
  const name = URL.parse(`http://${host}`)?.hostname.replace(/^\[(.*)\]$/, "$1") ?? "";
  return name === "localhost" || isLoopbackAddress(name);
}
