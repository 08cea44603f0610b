/** Why nobody is to answer a mail (RFC 3834 §2, RFC 2076 §3.9, and what robots have done since). */
export type AutomaticReason =
  | "report"
  | "loop"
  | "our-own"
  | "empty-sender"
  | "auto-submitted"
  | "auto-response"
  | "bulk"
  | "robot-sender";

/** A mail as it was understood. Nothing of it is proved: anybody may write anything into a mail. */
export interface ParsedMail {
  /** With its angle brackets; null where there is none that can be told apart. */
  messageId: string | null;
  /** `In-Reply-To` and `References` as they came, at most 20,000 characters. */
  repliesTo: string;
  /** From `From`; null when it names nobody, or more than one. */
  from: { name: string; address: string } | null;
  /** One line. */
  subject: string;
  /** `Content-Language` or `Accept-Language`, as it came. */
  language: string | null;
  /** What was written, as plain text, without what is quoted below it. */
  text: string;
  quoted: string | null;
  /** Something was left out because it was too much, or could not be read. */
  isCut: boolean;
  /** Images by what the mail says of them; whoever keeps them looks into the bytes. */
  pictures: { name: string; bytes: Uint8Array }[];
  /** Names of everything else that was attached. */
  otherAttachments: string[];
  /** Why it is taken for a robot's; null for a person's. */
  automatic: AutomaticReason | null;
}

/** What a mail is read against. */
export interface MailContext {
  /** As MAIL FROM named it; empty for `<>`. */
  envelopeFrom: string;
  /** Our own sender, and the address that people write to: mail from them is our own come back. */
  ownAddresses: string[];
}
