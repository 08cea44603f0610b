import type { SendResult } from "./channel.ts";

type Refused = Exclude<SendResult, { outcome: "accepted" }>;
type WithoutCode<Result> = Result extends { code: unknown } ? Omit<Result, "code"> : never;

/**
 * The words by which ClickSend refuses: of one message, or of the whole request (`response_code`). What the operator can put right
 * (credit, credentials, sender) is temporary: the person's number is not to blame.
 */
const refusals: Record<string, WithoutCode<Refused>> = {
  INVALID_RECIPIENT: {
    outcome: "permanent",
    reason: "address",
    detail: "The number is not one that can receive an SMS",
  },
  UNKNOWN_RECIPIENT: { outcome: "permanent", reason: "address", detail: "The number is not known" },
  COUNTRY_NOT_ENABLED: {
    outcome: "permanent",
    reason: "policy",
    detail: "The ClickSend account may not send to this country",
  },
  EMPTY_MESSAGE: { outcome: "permanent", reason: "content", detail: "The message is empty" },
  BODY_TOO_LONG: { outcome: "permanent", reason: "content", detail: "The message is too long" },
  INSUFFICIENT_CREDIT: { outcome: "temporary", detail: "The ClickSend account has no credit left" },
  // The same text went to the same number a moment ago.
  THROTTLED: {
    outcome: "temporary",
    detail: "ClickSend has just received the same message for this number",
    retryAfterSeconds: 30,
  },
  TOO_MANY_REQUESTS: {
    outcome: "temporary",
    detail: "ClickSend asks us to slow down",
    retryAfterSeconds: 60,
  },
  INVALID_CREDENTIALS: {
    outcome: "temporary",
    detail: "ClickSend refuses the user name or key of LOQUET_SMS_URL",
  },
  MISSING_CREDENTIALS: {
    outcome: "temporary",
    detail: "ClickSend did not receive the user name or key of LOQUET_SMS_URL",
  },
  UNAUTHORIZED: { outcome: "temporary", detail: "ClickSend refuses the user name or key of LOQUET_SMS_URL" },
  FORBIDDEN: { outcome: "temporary", detail: "The ClickSend account may not send SMS with this key" },
  ACCOUNT_NOT_ACTIVATED: { outcome: "temporary", detail: "The ClickSend account is not activated" },
  INVALID_SENDER_ID: { outcome: "temporary", detail: "ClickSend refuses our sender name" },
  MISSING_REQUIRED_FIELDS: { outcome: "temporary", detail: "ClickSend misses a field in our request" },
};

function lookUp(status: string): WithoutCode<Refused> | undefined {
  return Object.hasOwn(refusals, status) ? refusals[status] : undefined;
}

/** Reads a status word; one that is not known is temporary, because a message is never given up on a guess. */
export function readStatus(status: string, message: string): Refused {
  const known = lookUp(status);
  if (known) return { ...known, code: status };
  return {
    outcome: "temporary",
    code: status.slice(0, 60),
    detail: `ClickSend did not take the message: ${message || status}`,
  };
}

/** True for a word that says more than the HTTP status it came with. */
export function isKnownStatus(status: string): boolean {
  return lookUp(status) !== undefined;
}

/** True for a refusal that stays until the operator acts: credentials, credit, activation. */
export function isOperatorsTask(result: SendResult): result is Extract<Refused, { outcome: "temporary" }> {
  const known = result.outcome === "temporary" ? lookUp(result.code ?? "") : undefined;
  return known?.outcome === "temporary" && known.retryAfterSeconds === undefined;
}

/** Reads an HTTP status other than 2xx; 401 and 403 are our own settings, 5xx theirs. */
export function readHttpStatus(status: number): Refused {
  const code = String(status);
  if (status === 401) return readStatus("UNAUTHORIZED", "");
  if (status === 403) return readStatus("FORBIDDEN", "");
  if (status === 429) return readStatus("TOO_MANY_REQUESTS", "");
  if (status >= 500)
    return { outcome: "temporary", code, detail: `ClickSend is out of order (HTTP ${status})` };
  return {
    outcome: "temporary",
    code,
    detail: `ClickSend answered HTTP ${status}: check the address in LOQUET_SMS_URL`,
  };
}

/** `Retry-After` in seconds, from seconds or a date (RFC 9110 §10.2.3); undefined when absent or unreadable. */
export function readRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : Math.ceil((Date.parse(header) - now) / 1000);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 86_400) : undefined;
}
