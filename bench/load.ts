import { connect, type Socket } from "node:net";

export interface Load {
  /** Answers a second. */
  rate: number;
  /** Answers by status, such as `{ 303: 812 }`. */
  statuses: Record<string, number>;
  latencyMs: { p50: number; p99: number; max: number };
}

export interface LoadRequest {
  method?: "GET" | "POST";
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

/**
 * Keeps `connections` busy for `seconds`; `request` makes each request anew. Whoever asks shares the cores with
 * whoever answers, so it reads no more of an answer than it must: HTTP/1.1 with a `content-length`, kept alive.
 */
export async function load(
  url: string,
  options: { connections: number; seconds: number; request: () => LoadRequest },
): Promise<Load> {
  const { hostname, port, host } = new URL(url);
  const startedAt = performance.now();
  const until = startedAt + options.seconds * 1000;
  const statuses: Record<string, number> = {};
  const latencies: number[] = [];
  await Promise.all(
    Array.from({ length: options.connections }, () =>
      keepBusy(connect({ host: hostname, port: Number(port), noDelay: true }), until, {
        next: () => written(host, options.request()),
        answered(status, tookMs) {
          statuses[status] = (statuses[status] ?? 0) + 1;
          latencies.push(tookMs);
        },
      }),
    ),
  );
  const tookSeconds = (performance.now() - startedAt) / 1000;
  latencies.sort((a, b) => a - b);
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))];
  return {
    rate: latencies.length / tookSeconds,
    statuses,
    latencyMs: { p50: at(0.5) ?? 0, p99: at(0.99) ?? 0, max: at(1) ?? 0 },
  };
}

function written(host: string, { method = "GET", path, headers = {}, body = "" }: LoadRequest): string {
  const lines = Object.entries({ ...headers, host, "content-length": String(Buffer.byteLength(body)) });
  return `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${body}`;
}

/** One request after the other on one connection, the last one answered in full. */
function keepBusy(
  socket: Socket,
  until: number,
  work: { next(): string; answered(status: string, tookMs: number): void },
): Promise<void> {
  return new Promise((resolve, reject) => {
    let received = "";
    let askedAt = 0;
    const ask = () => {
      askedAt = performance.now();
      if (askedAt >= until) return socket.end(resolve);
      socket.write(work.next());
    };
    socket.setEncoding("latin1");
    socket.on("connect", ask);
    socket.on("error", reject);
    socket.on("close", () => reject(new Error("The server closed a connection.")));
    socket.on("data", (piece) => {
      received += piece;
      const headEnd = received.indexOf("\r\n\r\n");
      if (headEnd < 0) return;
      const length = /\r\ncontent-length: *(\d+)/i.exec(received.slice(0, headEnd + 2))?.[1];
      if (length === undefined) return socket.destroy(new Error("An answer came without its length."));
      if (received.length < headEnd + 4 + Number(length)) return;
      work.answered(received.slice(9, 12), performance.now() - askedAt);
      received = "";
      ask();
    });
  });
}

export const formHeaders = {
  "content-type": "application/x-www-form-urlencoded",
  "sec-fetch-site": "same-origin",
  "accept-language": "fr",
};
