import type { Logger } from "pino";

/** What a channel says to the log: never an address, a text, a code or a password. */
export type ChannelLog = Pick<Logger, "warn">;

/** What only the trial mailbox reads: the page `/_trial` shows it beside the message. */
export interface TrialDetails {
  locale: string;
  code: string | null;
  links: string[];
  queuedAt: number;
}

export interface OutgoingEmail {
  /** The message's id in our outbox; becomes the left side of `Message-ID`. */
  messageId: string;
  /** `Name <address>` or a bare address; empty: the sender that the channel was made with. */
  from: string;
  to: string;
  subject: string;
  text: string;
  html: string;
  /** Where answers go, a bare address; null or absent: to `from`. */
  replyTo?: string | null;
  /** Only those that `smtp-headers.ts` allows; others are refused. */
  headers?: Record<string, string>;
  /** Comes back in delivery reports (ENVID, RFC 3461 §4.4): up to 100 printable ASCII characters. */
  envelopeId: string;
  trial?: TrialDetails;
}

export interface OutgoingSms {
  /** The message's id in our outbox; the provider repeats it in its reports. */
  messageId: string;
  /** E.164, with its `+`. */
  to: string;
  text: string;
  /** How long it is of use from now, in seconds; null where that has no end. */
  validForSeconds: number | null;
  trial?: TrialDetails;
}

/**
 * What became of one attempt. "temporary": try again later (outage, 4xx, throttled, no credit, our own settings).
 * `mayHaveArrived`: nobody knows whether it was taken, so that another try may send it twice.
 * "permanent": will never work; "address" when the address itself is bad. `code` is the enhanced status code of
 * RFC 3463, else the reply's three digits, else the provider's or the network's own word. `detail` is one line of
 * at most 300 characters and never holds a code, a link or the text of the message.
 */
export type SendResult =
  | { outcome: "accepted"; providerId: string | null; detail: string }
  | {
      outcome: "temporary";
      code: string | null;
      detail: string;
      retryAfterSeconds?: number;
      mayHaveArrived?: true;
    }
  | { outcome: "permanent"; code: string | null; detail: string; reason: "address" | "policy" | "content" };

/** Moves bytes, decides nothing: makes one attempt a call, and never throws for trouble outside. */
interface Channel<Outgoing> {
  readonly route: string;
  send(outgoing: Outgoing): Promise<SendResult>;
  /** Null when all is well, else one clear sentence for the operator. */
  check(): Promise<string | null>;
  close(): Promise<void>;
}

export type EmailChannel = Channel<OutgoingEmail>;
export type SmsChannel = Channel<OutgoingSms>;
