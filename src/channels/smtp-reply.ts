import type { NodemailerError } from "nodemailer";
import type { SendResult } from "./channel.ts";
import { tidyDetail } from "./detail.ts";

type Refused = Exclude<SendResult, { outcome: "accepted" }>;
type Reason = Extract<SendResult, { outcome: "permanent" }>["reason"];

/** What went wrong, read once: a reply of the server, or trouble on the way to it. */
interface Trouble {
  /** The reply's three digits; null when the network failed. */
  replyCode: number | null;
  /** RFC 3463, such as 5.1.1; null when the server gives none. */
  enhanced: string | null;
  command: string;
  text: string;
}

function readTrouble(error: NodemailerError): Trouble {
  const reply = typeof error.response === "string" ? error.response : "";
  const enhanced = /^\d{3}[ -]([245]\.\d{1,3}\.\d{1,3})\b/.exec(reply)?.[1] ?? null;
  const text =
    reply === "" ? error.message : reply.replaceAll(/^\d{3}(?:[ -]|$)(?:[245]\.\d{1,3}\.\d{1,3}\s*)?/gm, "");
  return { replyCode: error.responseCode || null, enhanced, command: error.command ?? "", text };
}

/** The queue id that the server's 250 names, as the usual servers write it; null if it names none. */
export function readQueueId(reply: string): string | null {
  const patterns = [
    /\bqueued as <?([\w.@-]+)>?/i, // Postfix, Exchange Online's front, Haraka
    /\bid=([\w-]+)/i, // Exim
    /\bInternalId=(\d+)/i, // Exchange
    /^250 2\.0\.0 ([A-Za-z0-9]{8,}) Message accepted/i, // Sendmail
    /^250 (?:2\.0\.0 )?Ok:? ([0-9a-f][0-9a-f-]{19,})$/i, // Amazon SES
    /\bOK\s+\d+ ([\w.-]+) - gsmtp/i, // Google
  ];
  for (const pattern of patterns) {
    const found = pattern.exec(reply.trim())?.[1];
    if (found) return found;
  }
  return null;
}

/**
 * A refusal of our own settings, not of the person's address: connection, greeting, encryption, sign-in, sender, or
 * a relay that does not know us. It is retried, because the operator can put it right (promise 3).
 */
function ourOwnFault({ command, enhanced, replyCode, text }: Trouble): string | null {
  if (command.startsWith("AUTH")) return "The mail server refuses the user name or password of SMTP_URL";
  if (command === "MAIL FROM") return "The mail server refuses our sender address";
  if (command === "STARTTLS") return "The mail server could not begin encryption";
  if (!["RCPT TO", "DATA"].includes(command)) return "The mail server refuses our connection";
  if (replyCode === 530 || replyCode === 503) return "The mail server wants us to sign in first";
  if (enhanced === "5.1.7" || enhanced === "5.1.8") return "The mail server refuses our sender address";
  if (command === "RCPT TO" && /\brelay/i.test(text)) return "The mail server does not relay messages for us";
  return null;
}

/** RFC 3463 §3: the second number is the subject (1 address, 2 mailbox, 3 system, 4 routing, 6 content, 7 policy). */
function reasonOf({ enhanced, command, replyCode }: Trouble): Reason {
  if (enhanced === "5.3.4" || enhanced === "5.2.3") return "content"; // too big for them
  if (enhanced === "5.2.2") return "policy"; // full: the address is right
  const subject = enhanced?.split(".")[1];
  if (subject === "1" || subject === "2" || subject === "4") return "address";
  if (subject === "6") return "content";
  if (subject === "7" || subject === "3" || subject === "5") return "policy";
  // RFC 5321 §4.2.3: at RCPT, 550, 551 and 553 speak of the mailbox, 552 of its room.
  if (command === "RCPT TO") return replyCode === 552 || replyCode === 554 ? "policy" : "address";
  return replyCode === 550 ? "policy" : "content";
}

const networkTroubles: Record<string, string> = {
  ETIMEDOUT: "The mail server did not answer in time",
  EDNS: "The mail server's name cannot be resolved",
  ETLS: "The encrypted connection to the mail server failed",
  ENOAUTH: "The mail server wants a user name and password in SMTP_URL",
  EABORT: "The mail server took too long over this message",
};

function readNetworkTrouble(error: NodemailerError, text: string): Refused {
  if (error.code === "EMESSAGE" && error.command === "MAIL FROM") {
    return {
      outcome: "permanent",
      code: "5.3.4",
      detail: "The message is larger than the mail server accepts",
      reason: "content",
    };
  }
  const known = networkTroubles[error.code ?? ""] ?? "The mail server cannot be reached";
  return {
    outcome: "temporary",
    code: error.originalCode ?? error.code ?? null,
    detail: `${known}: ${text}`,
  };
}

/**
 * Reads what nodemailer threw as a `SendResult`. 4xx and network trouble are temporary, and so is every refusal of
 * our own settings; only a 5xx about this recipient or this message is permanent (RFC 5321 §4.2.1).
 */
export function readFailure(error: NodemailerError, sent: string): Refused & { isOurFault: boolean } {
  const trouble = readTrouble(error);
  const text = tidyDetail(trouble.text, sent);
  if (trouble.replyCode === null)
    return { ...readNetworkTrouble(error, text), isOurFault: error.command === "STARTTLS" };
  const code = trouble.enhanced ?? String(trouble.replyCode);
  if (trouble.replyCode < 500) return { outcome: "temporary", code, detail: text, isOurFault: false };
  const fault = ourOwnFault(trouble);
  if (fault)
    return {
      outcome: "temporary",
      code,
      detail: tidyDetail(`${fault}: ${trouble.text}`, sent),
      isOurFault: true,
    };
  return { outcome: "permanent", code, detail: text, reason: reasonOf(trouble), isOurFault: false };
}
