import { isUtf8 } from "node:buffer";
import { Unreadable } from "./record.ts";
import type { Source } from "./source.ts";

/** What a file holds, whatever it says of itself. */
export interface Bytes {
  isUtf8: boolean;
  /** Something beyond ASCII: else every encoding reads the same. */
  isBeyondAscii: boolean;
  /** A byte between 0x80 and 0x9F: letters in Windows-1252, controls that no text has in ISO-8859. */
  hasWindowsLetters: boolean;
  hasNul: boolean;
}

export type Encoding = "utf-8" | "iso-8859-15" | "iso-8859-1" | "windows-1252";

/** Looks through the whole file once: a byte that decides may stand in the last line. */
export async function lookThrough(source: Source): Promise<Bytes> {
  const seen: Bytes = { isUtf8: true, isBeyondAscii: false, hasWindowsLetters: false, hasNul: false };
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of source.open()) {
    const joined = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const cut = lastWhole(joined);
    rest = Buffer.from(joined.subarray(cut));
    if (seen.isUtf8 && !isUtf8(joined.subarray(0, cut))) seen.isUtf8 = false;
    for (const byte of piece) {
      if (byte >= 0x80) seen.isBeyondAscii = true;
      if (byte >= 0x80 && byte <= 0x9f) seen.hasWindowsLetters = true;
      if (byte === 0) seen.hasNul = true;
    }
  }
  if (rest.length > 0) seen.isUtf8 = false;
  return seen;
}

/** Up to where the bytes end with a whole character of UTF-8: at most three more belong to the next one. */
function lastWhole(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

/** The encoding of a text that does not say which it has. */
export function guessEncoding(bytes: Bytes): Encoding {
  if (bytes.isUtf8) return "utf-8";
  return bytes.hasWindowsLetters ? "windows-1252" : "iso-8859-15";
}

/** The text of a file, piece by piece, without its byte order mark; refused with its line where a byte means nothing. */
export async function* decoded(source: Source, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let line = 1;
  try {
    for await (const piece of source.open()) {
      const text = decoder.decode(piece, { stream: true });
      for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) line++;
      if (text !== "") yield text;
    }
    const end = decoder.decode();
    if (end !== "") yield end;
  } catch (cause) {
    if (cause instanceof TypeError) throw new Unreadable("encoding-wrong", line, encoding);
    throw cause;
  }
}
