import type { SmppAddress } from "../config/smpp-url.ts";
import type { SmppPdu } from "./smpp-package.ts";

/** What a network says in the end of an SMS that was taken; `on-its-way` is news before the end. */
export type ReceiptOutcome = "delivered" | "not-delivered" | "on-its-way";
export type ReceiptReason = "expired" | "deleted" | "undeliverable" | "rejected" | "skipped" | "unknown";

export interface DeliveryReceipt {
  /** By what the provider's answer to `submit_sm` named the message, or one part of it. */
  providerId: string;
  outcome: ReceiptOutcome;
  /** Why it was not delivered; null otherwise. */
  reason: ReceiptReason | null;
  /** The network's own code, as it came: up to 20 printable characters; null when it gave none. */
  code: string | null;
}

type Read = Pick<DeliveryReceipt, "outcome" | "reason">;
const delivered: Read = { outcome: "delivered", reason: null };
const onItsWay: Read = { outcome: "on-its-way", reason: null };
const not = (reason: ReceiptReason): Read => ({ outcome: "not-delivered", reason });

/** `message_state` (SMPP 3.4 §5.2.28, and 0 and 9 of version 5). */
const states: Record<number, Read> = {
  0: onItsWay,
  1: onItsWay,
  2: delivered,
  3: not("expired"),
  4: not("deleted"),
  5: not("undeliverable"),
  6: onItsWay,
  7: not("unknown"),
  8: not("rejected"),
  9: not("skipped"),
};

/** The words of the text form (SMPP 3.4, appendix B). `ACCEPTD` is a message read by somebody on the person's behalf. */
const words: Record<string, Read> = {
  SCHEDULED: onItsWay,
  ENROUTE: onItsWay,
  DELIVRD: delivered,
  EXPIRED: not("expired"),
  DELETED: not("deleted"),
  UNDELIV: not("undeliverable"),
  ACCEPTD: onItsWay,
  UNKNOWN: not("unknown"),
  REJECTD: not("rejected"),
  SKIPPED: not("skipped"),
};

const wordOf = (word: string): Read | undefined => (Object.hasOwn(words, word) ? words[word] : undefined);

/** Bits 5 to 2 of `esm_class` (§5.2.12): a delivery receipt, or a notice before the end. */
const receiptKinds = [0x04, 0x20];

export type ReceiptIds = SmppAddress["receiptIds"];

/** An id as it was given. One that would have to be cut could be another message's: it counts as none. */
function tidyId(id: unknown): string | null {
  const tidied = typeof id === "string" ? id.trim() : "";
  return /^[\x21-\x7e]{1,100}$/.test(tidied) ? tidied : null;
}

const decimalOf = (id: string): string => (/^\d+$/.test(id) ? BigInt(id).toString() : id);
const decimalOfHex = (id: string): string => (/^[0-9a-f]+$/i.test(id) ? BigInt(`0x${id}`).toString() : id);

/** By what id, as receipts write it, the answer to `submit_sm` names the message; null where it gives none. */
export function idOfAnswer(messageId: string | undefined, ids: ReceiptIds): string | null {
  const id = tidyId(messageId);
  return id !== null && ids === "hex" ? decimalOfHex(id) : id;
}

/** The field repeats the answer (SMPP 3.4 §5.3.2.12), the text has a form of its own (appendix B). */
function idOfReceipt(inField: unknown, inText: string | undefined, ids: ReceiptIds): string | null {
  const [field, text] = [tidyId(inField), tidyId(inText)];
  if (ids === "same") return field ?? text;
  if (text !== null) return decimalOf(text);
  return field === null ? null : decimalOfHex(field);
}

function textOf({ short_message: short, message_payload: payload }: SmppPdu): string {
  const message = [short?.message, payload?.message].find((one) => typeof one === "string" && one !== "");
  return typeof message === "string" ? message.slice(0, 500) : "";
}

/** `network_error_code`: one byte of network type, two of the code (§5.3.2.31). */
function networkCode(bytes: unknown): string | null {
  if (!Buffer.isBuffer(bytes) || bytes.length !== 3) return null;
  return String(bytes.readUInt16BE(1));
}

/**
 * Reads a `deliver_sm` or `data_sm` as a delivery receipt, in both forms: the fields `receipted_message_id` and
 * `message_state`, or the text `id:… stat:DELIVRD err:000`; where both are there, the fields count, save that `ids` says how they name it. Null for anything
 * else: what a telephone sent is no receipt whatever it says, so the text is believed only where `esm_class`, which
 * the provider sets, calls it one.
 */
export function readReceipt(pdu: SmppPdu, ids: ReceiptIds): DeliveryReceipt | null {
  const isCalledOne = receiptKinds.includes(Number(pdu.esm_class ?? 0) & 0x3c);
  const text = isCalledOne ? textOf(pdu) : "";
  const [, idInText] = /\bid: *(\S+)/i.exec(text) ?? [];
  const [, wordInText] = /\bstat: *([a-z]+)/i.exec(text) ?? [];
  const [, codeInText] = /\berr: *([\x21-\x7e]{1,20})/i.exec(text) ?? [];
  const providerId = idOfReceipt(pdu.receipted_message_id, idInText, ids);
  const read =
    (typeof pdu.message_state === "number" ? states[pdu.message_state] : undefined) ??
    (wordInText === undefined ? undefined : wordOf(wordInText.toUpperCase()));
  if (providerId === null || read === undefined) return null;
  const code = codeInText ?? networkCode(pdu.network_error_code);
  return { providerId, ...read, code: code === null || /^0+$/.test(code) ? null : code };
}
