import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from "node:http";
import { type CookieName, cookieNameOf } from "./cookies.ts";

/** One question of a program, such as « who is signed in? ». */
export interface MachineRequest {
  cookie(name: CookieName): string | null;
}

export interface MachineAnswer {
  status: number;
  body: object;
}

export type MachineHandler = (request: MachineRequest) => Promise<MachineAnswer>;

/** What a machine route is told to do, beside its answer. */
export interface MachineDeps {
  isHttps: boolean;
  onAnswer: (route: string, status: number, seconds: number) => void;
  onFault: (cause: unknown, route: string) => void;
}

/**
 * Answers that other applications ask for at each of their own requests: they go past everything that pages
 * need (bodies, cookies to set, page headers), which costs several times the answer itself. GET and HEAD only;
 * every other method is the pages' business, and refused there.
 */
export function createMachineRoutes(deps: MachineDeps) {
  const handlers = new Map<string, MachineHandler>();

  async function answer(
    route: string,
    handle: MachineHandler,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const startedAt = performance.now();
    let answered: MachineAnswer;
    try {
      answered = await handle({
        cookie: (name) => readCookie(request.headers.cookie, cookieNameOf(name, deps.isHttps)),
      });
    } catch (cause) {
      deps.onFault(cause, route);
      answered = { status: 500, body: { refusal: "http.fault" } };
    }
    const body = JSON.stringify(answered.body);
    response.writeHead(answered.status, {
      "content-type": "application/json; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "content-length": Buffer.byteLength(body),
    });
    response.end(request.method === "HEAD" ? undefined : body);
    deps.onAnswer(route, answered.status, (performance.now() - startedAt) / 1000);
  }

  return {
    add: (path: string, handle: MachineHandler) => void handlers.set(path, handle),
    /** Serves the machine routes, and hands everything else to the pages. */
    serve(
      pages: RequestListener,
      limits: { keepAliveTimeout?: number; requestTimeout?: number; connectionTimeout?: number },
    ): Server {
      const server = createServer((request, response) => {
        const path = pathOf(request.url ?? "/");
        const handle = handlers.get(path);
        const isRead = request.method === "GET" || request.method === "HEAD";
        if (handle && isRead) void answer(path, handle, request, response);
        else pages(request, response);
      });
      server.keepAliveTimeout = limits.keepAliveTimeout ?? server.keepAliveTimeout;
      server.requestTimeout = limits.requestTimeout ?? server.requestTimeout;
      server.setTimeout(limits.connectionTimeout ?? 0);
      return server;
    },
  };
}

function pathOf(url: string): string {
  const cut = url.indexOf("?");
  return cut < 0 ? url : url.slice(0, cut);
}

/** The first cookie of that name (RFC 6265 §5.4 puts the most specific first). Ours need no decoding. */
function readCookie(header: string | undefined, name: string): string | null {
  if (header === undefined) return null;
  for (let from = 0; from < header.length; ) {
    const semicolon = header.indexOf(";", from);
    const end = semicolon < 0 ? header.length : semicolon;
    const pair = header.slice(from, end).trim();
    if (pair.startsWith(name) && pair[name.length] === "=") return pair.slice(name.length + 1);
    from = end + 1;
  }
  return null;
}
