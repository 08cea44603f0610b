import { gsmCodes } from "./gsm-alphabet.ts";

/** One short message on its way: what `data_coding` says of it, its header, and its bytes. */
export interface SmsPart {
  /** 0: the GSM 7-bit alphabet, one code a byte. 8: UCS-2, that is UTF-16 with the high byte first. */
  coding: 0 | 8;
  /** The user data header that joins the parts; null where there is one part. */
  header: Buffer | null;
  body: Buffer;
}

/** A header of 6 bytes leaves 153 places of 7 bits, or 67 of 16 (3GPP TS 23.040 §9.2.3.24.1). */
const lengths = { 0: { whole: 160, part: 153 }, 8: { whole: 140, part: 134 } } as const;

/** The parts of a concatenation are counted in one byte. */
export const partsAtMost = 255;

function encode(text: string): { coding: 0 | 8; units: Buffer[] } {
  const characters = [...text];
  const codes = characters.map(gsmCodes);
  if (codes.every((each) => each !== null))
    return { coding: 0, units: codes.map((each) => Buffer.from(each)) };
  return { coding: 8, units: characters.map((character) => Buffer.from(character, "utf16le").swap16()) };
}

/** Characters are never split between two parts: neither an escape and its letter, nor a surrogate pair. */
function pack(units: Buffer[], longest: number): Buffer[] {
  const parts: Buffer[][] = [[]];
  let used = 0;
  for (const unit of units) {
    if (used + unit.length > longest) {
      parts.push([]);
      used = 0;
    }
    parts.at(-1)?.push(unit);
    used += unit.length;
  }
  return parts.map((part) => Buffer.concat(part));
}

/** The whole text in one piece, for `message_payload`: whoever takes it splits it. */
export function toPayload(text: string): SmsPart {
  const { coding, units } = encode(text);
  return { coding, header: null, body: Buffer.concat(units) };
}

/**
 * Splits a text into the parts it travels in: GSM 7-bit where every character is in that alphabet, else UCS-2.
 * `reference` (0 to 255) joins the parts; the same message sent again has the same, so that a telephone that has
 * a part already does not show it twice.
 */
export function toParts(text: string, reference: number): SmsPart[] {
  const { coding, units } = encode(text);
  const { whole, part } = lengths[coding];
  const body = Buffer.concat(units);
  if (body.length <= whole) return [{ coding, header: null, body }];
  const bodies = pack(units, part);
  return bodies.map((piece, index) => ({
    coding,
    header: Buffer.from([5, 0, 3, reference & 0xff, bodies.length & 0xff, (index + 1) & 0xff]),
    body: piece,
  }));
}

/** The reference of a message's parts, from its id. */
export function referenceOf(messageId: string): number {
  return [...messageId].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) & 0xff, 7);
}
