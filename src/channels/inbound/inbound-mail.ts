import type { Tx } from "../../store/store.ts";

/** How somebody sent it: MAIL FROM (empty for `<>`) and every RCPT TO that we took. */
export interface Envelope {
  from: string;
  to: string[];
  /** Network address that it came from. */
  source: string;
}

/** A mail that was accepted, with its bytes as they came. */
export interface InboundMail {
  id: string;
  /** The address that it was accepted for, in lower case. */
  recipient: string;
  /** Empty for `<>`. */
  envelopeFrom: string;
  /** Milliseconds. */
  receivedAt: number;
  raw: Uint8Array;
}

/** What became of it. `reason` is a word from a closed list: it is counted, and never holds what somebody wrote. */
export interface InboundEnd {
  status: "done" | "ignored";
  reason: string;
}

/** Too much came at once: it is read again then, and nothing was done with it yet. */
export interface InboundLater {
  status: "later";
  until: number;
}

/** A part of the portal that takes mail. Later ones, such as for bounces, are further lines of the same list. */
export interface InboundRecipient {
  /** Stands in the table of mails and in the metrics. */
  name: string;
  /** Whether it takes mail for this address, in lower case. */
  accepts(address: string): boolean;
  /** Of several addresses of one mail that it accepts, those that mean something apart; never empty. */
  choose?(addresses: string[]): string[];
  /**
   * Reads the mail, outside any transaction; answers what is then done in the one transaction that ends it. A throw
   * of either means: again later.
   */
  receive(mail: InboundMail): Promise<(tx: Tx) => Promise<InboundEnd | InboundLater>>;
}
