import { isDirectFromLoopback } from "../http/direct.ts";
import type { Http } from "../http/server.ts";
import { equalInConstantTime } from "../kernel/keys.ts";
import type { Secret } from "../kernel/secret.ts";

export interface OperateRoutesDeps {
  /** What is not well, by a word each; empty: this process can serve. */
  faultsOfReadiness: () => Promise<string[]>;
  isDraining: () => boolean;
  metricsToken: Secret | null;
  renderMetrics: () => Promise<{ type: string; body: string }>;
}

/** `/healthz`, `/readyz` and `/metrics`: for machines (DESIGN §6). */
export function operateRoutes({ app }: Http, deps: OperateRoutesDeps): void {
  // What is in hand is answered, and then its connection is let go: a browser would keep it, and the process with it.
  app.addHook("onSend", async (_, reply) => {
    if (deps.isDraining()) reply.header("connection", "close");
  });

  /** The process lives and answers; whether it should get work is the next question. */
  app.get("/healthz", async (_, reply) =>
    reply.header("cache-control", "no-store").send({ status: "alive" }),
  );

  app.get("/readyz", async (_, reply) => {
    const faults = await deps.faultsOfReadiness();
    return reply
      .header("cache-control", "no-store")
      .code(faults.length === 0 ? 200 : 503)
      .send(faults.length === 0 ? { status: "ready" } : { status: "not ready", faults });
  });

  app.get("/metrics", async (request, reply) => {
    const isAllowed =
      isDirectFromLoopback(request) || bears(request.headers.authorization, deps.metricsToken);
    // Strangers are not told that there is anything here.
    if (!isAllowed) return reply.callNotFound();
    const { type, body } = await deps.renderMetrics();
    return reply.header("cache-control", "no-store").type(type).send(body);
  });
}

function bears(authorization: string | undefined, token: Secret | null): boolean {
  const [, given] = /^Bearer +(\S+)$/i.exec(authorization ?? "") ?? [];
  return token !== null && given !== undefined && equalInConstantTime(given, token.reveal());
}
