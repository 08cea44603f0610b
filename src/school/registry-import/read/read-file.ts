import { type CsvLine, csvLines, guessSeparator } from "./csv-lines.ts";
import { createDetails, type Details, type ReadSettings } from "./details.ts";
import { type Bytes, decoded, type Encoding, guessEncoding, lookThrough } from "./encoding.ts";
import { ondeFormat, readOndeGuardians, readOndePupils } from "./onde-csv.ts";
import { readPlainCsv } from "./plain-csv.ts";
import { type ReadEvent, Unreadable } from "./record.ts";
import { readSiecle } from "./siecle.ts";
import type { Source } from "./source.ts";
import { isZip, unzipped } from "./unzip.ts";

export interface ReadLimits {
  /** Of the text that is read, unpacked. */
  bytesAtMost: number;
}

/**
 * Reads a registry's file, whatever it is: SIECLE (XML), ONDE or the plain format (CSV), zipped or not. What it is shows
 * in its content, never in its name. In constant memory, however long the file. A file that cannot be read to its end
 * ends with one `refused`, whatever was read before: nothing of it may then be taken over.
 */
export async function* readRegistryFile(
  source: Source,
  settings: ReadSettings,
  limits: ReadLimits,
): AsyncGenerator<ReadEvent> {
  try {
    yield* readAny(source, settings, limits);
  } catch (cause) {
    if (!(cause instanceof Unreadable)) throw cause;
    yield { type: "refused", line: cause.line, reason: cause.reason, what: cause.what };
  }
}

async function* readAny(
  given: Source,
  settings: ReadSettings,
  limits: ReadLimits,
): AsyncGenerator<ReadEvent> {
  if (given.size === 0) throw new Unreadable("empty");
  const source = isZip(given) ? await unzipped(given, { inflatedBytesAtMost: limits.bytesAtMost }) : given;
  if (source === given && given.size > limits.bytesAtMost) throw new Unreadable("too-large");
  const head = source.head(512);
  if (head.length === 0) throw new Unreadable("empty");
  // UTF-16, with its mark: what a spreadsheet calls « Texte Unicode ».
  const mark = head.length >= 2 ? head.readUInt16BE(0) : 0;
  if (mark === 0xfffe || mark === 0xfeff) throw new Unreadable("encoding-unknown", 1, "UTF-16");
  const bytes = await lookThrough(source);
  if (bytes.hasNul) throw new Unreadable("unknown-format", null, source.name);
  const details = createDetails(settings);
  if (/^(?:\xef\xbb\xbf)?\s*</.test(head.toString("latin1"))) {
    const encoding = xmlEncoding(head, bytes, details);
    yield* readSiecle(decoded(source, encoding), details, settings);
  } else yield* readCsv(source, guessEncoding(bytes), details);
}

const xmlEncodings = new Map<string, Encoding>([
  ["utf-8", "utf-8"],
  ["utf8", "utf-8"],
  ["us-ascii", "utf-8"],
  ["iso-8859-15", "iso-8859-15"],
  ["latin-9", "iso-8859-15"],
  // What says ISO-8859-1 is Windows-1252 in practice (WHATWG, Encoding).
  ["iso-8859-1", "windows-1252"],
  ["latin1", "windows-1252"],
  ["windows-1252", "windows-1252"],
  ["cp1252", "windows-1252"],
]);

/**
 * What the file says, except where its bytes say otherwise beyond doubt: text with accents that reads as UTF-8 from end
 * to end is UTF-8, and nobody's name is « Ã©lodie ». The other way round, nothing tells which encoding it is: refused
 * where it is read.
 */
function xmlEncoding(head: Buffer, bytes: Bytes, details: Details): Encoding {
  const said = /<\?xml[^>]*\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(head.toString("latin1"))?.[1];
  const encoding = said === undefined ? "utf-8" : xmlEncodings.get(said.toLowerCase());
  if (!encoding) throw new Unreadable("encoding-unknown", 1, said);
  if (encoding !== "utf-8" && bytes.isUtf8 && bytes.isBeyondAscii) {
    details.note(1, "encoding-corrected", `${said} → UTF-8`);
    return "utf-8";
  }
  if (encoding === "iso-8859-15" && bytes.hasWindowsLetters && !bytes.isUtf8) {
    details.note(1, "encoding-corrected", `${said} → Windows-1252`);
    return "windows-1252";
  }
  return encoding;
}

async function* readCsv(source: Source, encoding: Encoding, details: Details): AsyncGenerator<ReadEvent> {
  const firstLine =
    source
      .head(4096)
      .toString("latin1")
      .split(/[\r\n]/)[0] ?? "";
  const lines = csvLines(decoded(source, encoding), guessSeparator(firstLine));
  try {
    const first = await lines.next();
    if (first.done) throw new Unreadable("empty");
    const header: CsvLine = first.value;
    const onde = ondeFormat(header.cells);
    if (onde === "onde-pupils") yield* readOndePupils(header, lines, details);
    else if (onde === "onde-guardians") yield* readOndeGuardians(header, lines, details);
    // One column is no table: a letter, a page, anything.
    else if (header.cells.length < 2) throw new Unreadable("unknown-format", null, source.name);
    else yield* readPlainCsv(header, lines, details);
  } finally {
    await lines.return(undefined);
  }
}
