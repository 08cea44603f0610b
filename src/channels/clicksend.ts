import { z } from "zod";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Secret } from "../kernel/secret.ts";
import type { ChannelLog, OutgoingSms, SendResult, SmsChannel } from "./channel.ts";
import {
  isKnownStatus,
  isOperatorsTask,
  readHttpStatus,
  readRetryAfter,
  readStatus,
} from "./clicksend-status.ts";
import { tidyDetail } from "./detail.ts";

export interface ClicksendSettings {
  /** `clicksend://user:key@host[:port][/base]` over https, `clicksend+http://…` over http. */
  url: Secret;
  clock: Clock;
  log: ChannelLog;
  timeoutMs?: number;
}

function readUrl(url: Secret): { base: string; authorization: string } {
  let read: URL;
  let pair: string;
  try {
    read = new URL(url.reveal());
    pair = `${decodeURIComponent(read.username)}:${decodeURIComponent(read.password)}`;
  } catch {
    throw new Fault("LOQUET_SMS_URL is not an address such as clicksend://user:key@rest.clicksend.com.");
  }
  const scheme = { "clicksend:": "https", "clicksend+http:": "http" }[read.protocol];
  if (!scheme || read.host === "" || read.username === "" || read.password === "") {
    throw new Fault("LOQUET_SMS_URL must read clicksend://user:key@host, with a user, a key and a host.");
  }
  return {
    base: `${scheme}://${read.host}${read.pathname.replace(/\/+$/, "")}`,
    authorization: `Basic ${Buffer.from(pair).toString("base64")}`,
  };
}

/** The little of the answer that we read; everything else may change as it likes. */
const answerShape = z.object({
  response_code: z.string().optional().catch(undefined),
  response_msg: z.string().optional().catch(undefined),
  data: z
    .object({
      messages: z.array(z.object({ status: z.string(), message_id: z.string().nullish().catch(null) })),
    })
    .optional()
    .catch(undefined),
});

async function readAnswer(response: Response): Promise<z.infer<typeof answerShape> | null> {
  try {
    return answerShape.parse(JSON.parse(await response.text()));
  } catch {
    return null;
  }
}

/** The reason that fetch hides in its cause. */
function networkWord(cause: unknown): string {
  const error = cause as Error & { cause?: { code?: string } };
  if (error.name === "TimeoutError" || error.name === "AbortError") return "ETIMEDOUT";
  return error.cause?.code ?? "ECONNECTION";
}

/** After any of these nobody knows whether the request was read; after all others it has not left. */
const perhapsPosted = ["ETIMEDOUT", "ECONNRESET", "EPIPE", "UND_ERR_SOCKET", "UND_ERR_HEADERS_TIMEOUT"];

/**
 * Sends SMS through ClickSend's REST API, version 3 (`POST /v3/sms/send`, Basic authentication). One call makes one
 * request, is never repeated and follows no redirect: ClickSend has no idempotency key, so a repeat could be a
 * second SMS. ClickSend answers 200 even when it refuses, so the status of the message decides.
 */
export function createClicksendChannel(settings: ClicksendSettings): SmsChannel {
  const { base, authorization } = readUrl(settings.url);
  const timeoutMs = settings.timeoutMs ?? 15_000;

  function ask(path: string, body?: unknown): Promise<Response> {
    return fetch(`${base}${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization, accept: "application/json", "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
  }

  async function readSent(response: Response): Promise<SendResult> {
    const answer = await readAnswer(response);
    const status = answer?.data?.messages[0]?.status ?? answer?.response_code;
    if (response.ok) {
      const message = answer?.data?.messages[0];
      if (message?.status === "SUCCESS") {
        return {
          outcome: "accepted",
          providerId: message.message_id ?? null,
          detail: "ClickSend took the message",
        };
      }
      if (status !== undefined && status !== "SUCCESS") return readStatus(status, answer?.response_msg ?? "");
      const detail = "ClickSend's answer cannot be read";
      return { outcome: "temporary", code: null, detail, mayHaveArrived: true };
    }
    const failure =
      status && isKnownStatus(status) ? readStatus(status, "") : readHttpStatus(response.status);
    if (failure.outcome === "permanent") return failure;
    const wanted = readRetryAfter(response.headers.get("retry-after"), settings.clock.now());
    return wanted === undefined ? failure : { ...failure, retryAfterSeconds: wanted };
  }

  async function send(sms: OutgoingSms): Promise<SendResult> {
    if (!/^\+[1-9]\d{6,14}$/.test(sms.to)) {
      return {
        outcome: "permanent",
        code: null,
        detail: "The number is not written as +33612345678",
        reason: "address",
      };
    }
    try {
      const body = {
        messages: [{ source: "loquet", body: sms.text, to: sms.to, custom_string: sms.messageId }],
      };
      const result = await readSent(await ask("/v3/sms/send", body));
      const tidied = { ...result, detail: tidyDetail(result.detail, sms.text) };
      if (isOperatorsTask(tidied))
        settings.log.warn({ route: "clicksend", code: tidied.code }, tidied.detail);
      return tidied;
    } catch (cause) {
      const code = networkWord(cause);
      return {
        outcome: "temporary",
        code,
        detail: "ClickSend cannot be reached, or did not answer in time",
        ...(perhapsPosted.includes(code) ? { mayHaveArrived: true } : {}),
      };
    }
  }

  async function check(): Promise<string | null> {
    try {
      // The answer of this call holds the account's API key: it is never kept nor shown.
      const response = await ask("/v3/account");
      await response.body?.cancel();
      return response.ok ? null : `${readHttpStatus(response.status).detail}.`;
    } catch (cause) {
      return `ClickSend cannot be reached (${networkWord(cause)}).`;
    }
  }

  return { route: "clicksend", send, check, close: async () => {} };
}
