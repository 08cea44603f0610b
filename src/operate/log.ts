import { type DestinationStream, type Logger, pino } from "pino";
import type { Config } from "../config/config.ts";

/**
 * JSON lines on the standard output, for whatever keeps logs on the machine. Nothing that a person types is logged:
 * the house logs routes and references, never addresses, identifiers or query strings. The list below is for the
 * day when somebody forgets. A trial only shows what went wrong.
 */
export function createLog(config: Pick<Config, "logLevel" | "isDemo">, to?: DestinationStream): Logger {
  const secrets = ["password", "code", "codePlain", "linkPlain", "token", "cookie", "authorization"];
  const personal = ["identifier", "email", "address", "recipient", "to", "phone", "name", "nickname"];
  const options = {
    level: config.isDemo && config.logLevel === "info" ? "warn" : config.logLevel,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeFault },
    redact: { paths: [...secrets, ...personal].flatMap((name) => [name, `*.${name}`]), remove: true },
  };
  return to ? pino(options, to) : pino(options);
}

interface Described {
  type: string;
  message: string;
  code?: string;
  stack?: string;
  cause?: Described;
}

/** Database drivers put the values of a failed statement beside the message: only what we name is kept. */
function describeFault(cause: unknown): Described {
  if (!(cause instanceof Error)) return { type: typeof cause, message: "not an error" };
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
  return {
    type: cause.name,
    message: cause.message,
    ...(code === undefined ? {} : { code }),
    ...(cause.stack === undefined ? {} : { stack: cause.stack }),
    ...(cause.cause === undefined ? {} : { cause: describeFault(cause.cause) }),
  };
}
