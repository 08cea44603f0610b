import type { SendResult } from "./channel.ts";

type Refused = Exclude<SendResult, { outcome: "accepted" }>;
type WithoutCode<Result> = Result extends { code: unknown } ? Omit<Result, "code"> : never;

/** What `command_status` says (SMPP 3.4 §5.1.3), by the standard's own names. Only what we answer to is listed. */
const names: Record<number, string> = {
  1: "ESME_RINVMSGLEN",
  2: "ESME_RINVCMDLEN",
  3: "ESME_RINVCMDID",
  4: "ESME_RINVBNDSTS",
  5: "ESME_RALYBND",
  8: "ESME_RSYSERR",
  10: "ESME_RINVSRCADR",
  11: "ESME_RINVDSTADR",
  13: "ESME_RBINDFAIL",
  14: "ESME_RINVPASWD",
  15: "ESME_RINVSYSID",
  20: "ESME_RMSGQFUL",
  21: "ESME_RINVSERTYP",
  67: "ESME_RINVESMCLASS",
  69: "ESME_RSUBMITFAIL",
  72: "ESME_RINVSRCTON",
  73: "ESME_RINVSRCNPI",
  80: "ESME_RINVDSTTON",
  81: "ESME_RINVDSTNPI",
  83: "ESME_RINVSYSTYP",
  88: "ESME_RTHROTTLED",
  98: "ESME_RINVEXPIRY",
  100: "ESME_RX_T_APPN",
  101: "ESME_RX_P_APPN",
  102: "ESME_RX_R_APPN",
  196: "ESME_RINVOPTPARAMVAL",
  255: "ESME_RUNKNOWNERR",
};

export const throttled = 88;
export const queueFull = 20;
/** "Temporary application error": the provider keeps what it sent us, and sends it again. */
export const tryAgain = 100;

/** The name of a status; one that the standard does not know keeps its number, as providers document theirs. */
export function statusName(status: number): string {
  return names[status] ?? `0x${status.toString(16).padStart(8, "0").toUpperCase()}`;
}

/**
 * How refusals of a message read. What the operator or the provider can put right (sender, credit, coding) is
 * temporary: the person's number is not to blame, and a message is never given up on a guess.
 */
const refusals: Record<string, WithoutCode<Refused>> = {
  ESME_RINVDSTADR: {
    outcome: "permanent",
    reason: "address",
    detail: "The number is not one that can receive an SMS",
  },
  ESME_RINVMSGLEN: { outcome: "permanent", reason: "content", detail: "The message is too long" },
  ESME_RX_P_APPN: {
    outcome: "permanent",
    reason: "policy",
    detail: "The SMPP provider refuses this message for good",
  },
  ESME_RTHROTTLED: {
    outcome: "temporary",
    detail: "The SMPP provider asks us to slow down",
    retryAfterSeconds: 30,
  },
  ESME_RMSGQFUL: {
    outcome: "temporary",
    detail: "The SMPP provider's queue is full",
    retryAfterSeconds: 60,
  },
  ESME_RINVSRCADR: { outcome: "temporary", detail: "The SMPP provider refuses our sender" },
  ESME_RINVSRCTON: { outcome: "temporary", detail: "The SMPP provider refuses our sender" },
  ESME_RINVSRCNPI: { outcome: "temporary", detail: "The SMPP provider refuses our sender" },
  ESME_RINVEXPIRY: {
    outcome: "temporary",
    detail: "The SMPP provider takes no validity period: add validity=off to LOQUET_SMS_URL",
  },
  ESME_RINVPASWD: {
    outcome: "temporary",
    detail: "The SMPP provider refuses the password of LOQUET_SMS_URL",
  },
  ESME_RINVSYSID: {
    outcome: "temporary",
    detail: "The SMPP provider refuses the system id of LOQUET_SMS_URL",
  },
  ESME_RBINDFAIL: {
    outcome: "temporary",
    detail: "The SMPP provider refuses to let us in with the system id and password of LOQUET_SMS_URL",
  },
  ESME_RINVSYSTYP: {
    outcome: "temporary",
    detail: "The SMPP provider refuses the system type of LOQUET_SMS_URL",
  },
  ESME_RALYBND: { outcome: "temporary", detail: "The SMPP provider says that we are connected already" },
  ESME_RSYSERR: { outcome: "temporary", detail: "The SMPP provider is out of order" },
  ESME_RX_T_APPN: { outcome: "temporary", detail: "The SMPP provider is out of order" },
};

/** Whether a refusal stays until the operator acts. */
const operatorsTasks = new Set([
  "ESME_RINVPASWD",
  "ESME_RINVSYSID",
  "ESME_RBINDFAIL",
  "ESME_RINVSYSTYP",
  "ESME_RINVSRCADR",
  "ESME_RINVSRCTON",
  "ESME_RINVSRCNPI",
  "ESME_RINVEXPIRY",
]);

/** Reads a status other than 0. */
export function readSmppStatus(status: number): Refused {
  const code = statusName(status);
  const known = Object.hasOwn(refusals, code) ? refusals[code] : undefined;
  if (known) return { ...known, code };
  return { outcome: "temporary", code, detail: `The SMPP provider did not take the message (${code})` };
}

export function isOperatorsTask(status: number): boolean {
  return operatorsTasks.has(statusName(status));
}
