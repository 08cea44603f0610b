import type { IncomingMessage, ServerResponse } from "node:http";
import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import fixedFiles from "@fastify/static";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import helmet from "helmet";
import type { Logger } from "pino";
import type { VNode } from "preact";
import type { Person } from "../kernel/caller.ts";
import { renderPage } from "../ui/render.ts";
import type { Answer } from "./answer.ts";
import { judgeFormOrigin } from "./cross-site.ts";
import { problemAnswer } from "./error-pages.tsx";
import { createEventStreams, type EventStream } from "./event-streams.ts";
import { hasControls, parseFormBody } from "./form-body.ts";
import { createMachineRoutes, type MachineHandler } from "./machine.ts";
import { confirmPost, isConfirmedPost } from "./press-again.tsx";
import { createSilentConnections } from "./silent-connections.ts";
import { acceptUploads, readUploads, type UploadLimits } from "./uploads.ts";
import { createVisits, type ReadPerson, type Visit, type VisitDeps } from "./visit.ts";

/** How rooms offer their pages. */
export interface Http {
  /** A page or answer that changes nothing; serves HEAD too. */
  get(path: string, handle: (visit: Visit) => Promise<Answer>): void;
  /** What a page asks by itself while it is open: by that nobody stays signed in, who may have left long ago. */
  watch(path: string, handle: (visit: Visit) => Promise<Answer>): void;
  /** A form. Posts from other sites never reach it. */
  post(path: string, handle: (visit: Visit) => Promise<Answer>): void;
  /**
   * A form that may bring files. `refuse` is asked first, of a visit without form: whoever it answers is not read
   * from, however much they send.
   */
  postWithFiles(
    path: string,
    limits: UploadLimits,
    handle: (visit: Visit) => Promise<Answer>,
    refuse?: (visit: Visit) => Promise<Answer | null>,
  ): void;
  /**
   * A stream of events that a page listens to. `open` answers a page instead to refuse, or begins the stream and
   * says what to do when it ends. It ends with the session that it was opened in, and keeps nobody signed in.
   */
  stream(path: string, open: (visit: Visit) => Promise<Answer | ((events: EventStream) => () => void)>): void;
  /** What other applications ask at each of their own requests: JSON, and nothing that pages need. GET, HEAD. */
  machine(path: string, handle: MachineHandler): void;
  /** The bare server, for what answers machines. */
  app: FastifyInstance;
}

export interface HttpDeps extends VisitDeps {
  /** The same as `readPerson`, without counting as a sign of the person. */
  peekPerson: ReadPerson;
  log: Logger;
  /** Counts answers for the metrics. */
  onAnswer: (route: string, status: number, seconds: number) => void;
}

const formBytesAtMost = 64 * 1024;

/** Composes the server. Knows no capability: rooms add their routes to the `Http` it answers. */
export async function createHttp(deps: HttpDeps): Promise<Http> {
  const { config, log } = deps;
  const machines = createMachineRoutes({
    isHttps: config.isHttps,
    onAnswer: deps.onAnswer,
    onFault: (cause, route) => log.error({ err: cause, route }, "fault"),
  });
  const app = Fastify({
    serverFactory: (pages, options) => machines.serve(pages, options),
    loggerInstance: log as FastifyBaseLogger,
    // Paths carry tokens and posts carry identifiers: what is logged of a request is decided below.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => deps.ids.reference(),
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    bodyLimit: formBytesAtMost,
    // A picture over a weak line takes its minute; what dawdles longer is let go.
    requestTimeout: 90_000,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    // The router would answer an address that cannot be decoded by itself, without page or reference; one with
    // characters that no database takes would fail further in.
    rewriteUrl: (request) => (isReadable(request.url ?? "/") ? (request.url ?? "/") : "/unreadable-address"),
  });
  const visitOf = createVisits(deps);

  // Nobody but our own forms posts here: what is not a form is answered 415.
  app.removeAllContentTypeParsers();
  await app.register(cookie);
  await app.register(formbody, { bodyLimit: formBytesAtMost, parser: parseFormBody });
  const fixedHeaders = securityHeaders(config.isHttps);
  app.addHook("onRequest", (_request, reply, next) => {
    reply.headers(fixedHeaders);
    next();
  });
  await app.register(fixedFiles, {
    root: deps.assets.folder,
    prefix: "/assets/",
    preCompressed: true,
    immutable: true,
    maxAge: "365d",
    index: false,
    decorateReply: false,
  });

  async function send(request: FastifyRequest, reply: FastifyReply, answer: Answer): Promise<FastifyReply> {
    if (answer.kind === "redirect") return reply.headers(answer.headers ?? {}).redirect(answer.to, 303);
    if (answer.kind === "text") {
      return reply.code(answer.status).headers(answer.headers).type(answer.type).send(answer.body);
    }
    if (answer.kind === "file") return sendFile(reply, answer);
    if (answer.retryAfterSeconds !== null) reply.header("retry-after", answer.retryAfterSeconds);
    reply.header("cache-control", "no-store");
    if (answer.kind === "json") return reply.code(answer.status).send(answer.body);
    reply.header("vary", "Accept, Accept-Language, Cookie");
    if (answer.data && prefersData(request)) return reply.code(answer.status).send(answer.data);
    return reply
      .code(answer.status)
      .type("text/html; charset=utf-8")
      .send(renderPage(answer.page as VNode));
  }

  const prefersData = (request: FastifyRequest) => {
    const accept = request.headers.accept ?? "";
    return accept.includes("application/json") && !accept.includes("text/html");
  };

  app.setErrorHandler(
    async (cause: Error & { statusCode?: number; retryAfterSeconds?: number }, request, reply) => {
      // Nothing of a form that could not be read is put back on the page.
      if (cause.statusCode === undefined || cause.statusCode >= 500) request.body = {};
      const status = statusOf(cause);
      if (status >= 500 && status !== 503)
        log.error({ err: cause, incident: request.id, route: routeOf(request) }, "fault");
      return send(request, reply, problemAnswer(visitOf(request, reply), status, cause.retryAfterSeconds));
    },
  );
  app.setNotFoundHandler(async (request, reply) =>
    send(request, reply, problemAnswer(visitOf(request, reply), 404)),
  );
  app.addHook("onResponse", async (request, reply) => {
    const route = routeOf(request);
    deps.onAnswer(route, reply.statusCode, reply.elapsedTime / 1000);
    const line = { incident: request.id, method: request.method, route, status: reply.statusCode };
    if (reply.statusCode >= 400) log.info(line, "refused");
    else log.debug(line, "answered");
  });

  /** Nobody but our own forms posts: what comes from elsewhere never reaches `handle`. */
  async function receive(
    request: FastifyRequest,
    reply: FastifyReply,
    visit: Visit,
    handle: (visit: Visit) => Promise<Answer>,
  ): Promise<FastifyReply> {
    const origin = judgeFormOrigin(request.headers, config.url);
    if (origin === "foreign") return send(request, reply, problemAnswer(visit, 403));
    if (origin === "unknown" && !isConfirmedPost(visit, deps)) {
      return send(request, reply, confirmPost(visit, deps));
    }
    return send(request, reply, await handle(visit));
  }

  /** Whoever was signed in still is; a visitor who was not needs no session. */
  async function isStillSignedIn(visit: Visit, person: Person | null): Promise<boolean> {
    if (person === null) return true;
    const now = await deps.peekPerson(visit.cookies.get("session") ?? "");
    return now?.sessionId === person.sessionId;
  }

  let withUploads = app;
  await app.register(async (scope) => {
    await acceptUploads(scope);
    withUploads = scope as unknown as typeof app;
  });
  const streams = createEventStreams();
  const silent = createSilentConnections(app.server);
  app.addHook("preClose", async () => {
    streams.endAll();
    silent.endAfterClosing();
  });

  return {
    app,
    machine: machines.add,
    get(path, handle) {
      app.route({
        method: ["GET", "HEAD"],
        url: path,
        handler: async (request, reply) => send(request, reply, await handle(visitOf(request, reply))),
      });
    },
    watch(path, handle) {
      app.get(path, { exposeHeadRoute: false }, async (request, reply) =>
        send(request, reply, await handle(visitOf(request, reply, undefined, deps.peekPerson))),
      );
    },
    post(path, handle) {
      app.post(path, async (request, reply) => receive(request, reply, visitOf(request, reply), handle));
    },
    postWithFiles(path, limits, handle, refuse) {
      withUploads.post(path, async (request, reply) => {
        const isForeign = judgeFormOrigin(request.headers, config.url) === "foreign";
        const refused = isForeign ? null : await refuse?.(visitOf(request, reply));
        if (refused) return send(request, reply, refused);
        // From elsewhere: refused below, without reading what it brings.
        const form = isForeign ? undefined : await readUploads(request, limits);
        return receive(request, reply, visitOf(request, reply, form), handle);
      });
    },
    stream(path, open) {
      app.get(path, { exposeHeadRoute: false }, async (request, reply) => {
        const visit = visitOf(request, reply, undefined, deps.peekPerson);
        const { sourceKey } = visit.caller;
        if (!streams.hasRoom(sourceKey)) return send(request, reply, problemAnswer(visit, 503));
        const opened = await open(visit);
        if (typeof opened !== "function") return send(request, reply, opened);
        const person = await visit.person();
        streams.start(reply, opened, { sourceKey, isAllowed: () => isStillSignedIn(visit, person) });
        return reply;
      });
    },
  };
}

function sendFile(reply: FastifyReply, answer: Answer & { kind: "file" }): FastifyReply {
  // RFC 6266 §4.3: a plain name for old readers, the whole one beside it.
  const plain = answer.filename.replaceAll(/[^A-Za-z0-9._-]/g, "_");
  const whole = encodeURIComponent(answer.filename).replaceAll(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return reply
    .header("cache-control", "no-store")
    .headers(answer.headers)
    .header("content-disposition", `attachment; filename="${plain}"; filename*=UTF-8''${whole}`)
    .header("x-content-type-options", "nosniff")
    .header("content-security-policy", "sandbox; default-src 'none'")
    .type(answer.type)
    .send(answer.body);
}

function isReadable(url: string): boolean {
  try {
    return !hasControls(decodeURIComponent(url.split("?")[0] as string));
  } catch {
    return false;
  }
}

function routeOf(request: FastifyRequest): string {
  return request.routeOptions.url ?? "(none)";
}

function statusOf(cause: { statusCode?: number; retryAfterSeconds?: number }): number {
  if (cause.retryAfterSeconds !== undefined) return 503;
  return cause.statusCode !== undefined && cause.statusCode >= 400 ? cause.statusCode : 500;
}

/** What helmet puts on an answer. Ours never changes, so it is asked once instead of at every request. */
function securityHeaders(isHttps: boolean): Record<string, string> {
  const headers: Record<string, string> = {};
  const answer = {
    setHeader(name: string, value: string) {
      headers[name.toLowerCase()] = value;
    },
    removeHeader() {},
  };
  helmet(securityOptions(isHttps))({} as IncomingMessage, answer as unknown as ServerResponse, () => {});
  return headers;
}

function securityOptions(isHttps: boolean) {
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        styleSrc: ["'self'"],
        scriptSrc: ["'self'"],
        fontSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        connectSrc: ["'self'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
      },
    },
    // Token pages must not leak their address, and forms must still say where they come from (DESIGN §3).
    referrerPolicy: { policy: "same-origin" as const },
    strictTransportSecurity: isHttps ? { maxAge: 63_072_000 } : false,
    crossOriginEmbedderPolicy: false,
    xPoweredBy: true,
  };
}
