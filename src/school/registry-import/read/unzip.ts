import type { Readable } from "node:stream";
import { type Entry, fromBufferPromise, openPromise, type ZipFile } from "yauzl";
import { Unreadable } from "./record.ts";
import type { Source } from "./source.ts";

export interface UnzipLimits {
  /** Of what comes out, counted as it does. */
  inflatedBytesAtMost: number;
}

/** What comes out may be this many times what is in the archive, once it is more than `ratioFromBytes`. */
const ratioAtMost = 200;
const ratioFromBytes = 8 * 1024 * 1024;
const entriesAtMost = 100;

export function isZip(source: Source): boolean {
  const head = source.head(4);
  // The second: an archive of nothing.
  return head.length === 4 && [0x04034b50, 0x06054b50].includes(head.readUInt32LE(0));
}

/**
 * The one file in an archive, whatever it and its folders are called: nothing is ever written under a name out of it.
 * What it says of its sizes is not believed (zip bombs): what comes out is counted. Refused: archives that hold no XML
 * or CSV file or several, encrypted or broken ones, and archives in archives.
 */
export async function unzipped(source: Source, limits: UnzipLimits): Promise<Source> {
  const entry = await inArchive(source, findOnly);
  let head: Buffer | null = null;
  const open = () => inflate(source, entry.index, limits);
  for await (const piece of open()) {
    head = Buffer.from(piece.subarray(0, 4096));
    break;
  }
  const first = head ?? Buffer.alloc(0);
  return {
    name: source.name,
    size: entry.size,
    head: (length) => first.subarray(0, length),
    open,
    whole: source.whole,
  };
}

async function openArchive(source: Source): Promise<ZipFile> {
  // Names are not decoded: whatever they are, they lead nowhere.
  const options = { lazyEntries: true, decodeStrings: false, validateEntrySizes: true, autoClose: false };
  return "path" in source.whole
    ? openPromise(source.whole.path, options)
    : fromBufferPromise(source.whole.bytes, options);
}

async function inArchive<Result>(
  source: Source,
  work: (archive: ZipFile, source: Source) => Promise<Result>,
): Promise<Result> {
  try {
    const archive = await openArchive(source);
    try {
      return await work(archive, source);
    } finally {
      archive.close();
    }
  } catch (cause) {
    throw asUnreadable(cause);
  }
}

const asUnreadable = (cause: unknown) =>
  cause instanceof Unreadable
    ? cause
    : new Unreadable("zip-broken", null, cause instanceof Error ? cause.message : "");

/** Names as bytes: only their last letters are looked at. */
const nameOf = (entry: Entry) => (entry.fileNameRaw as Buffer).toString("latin1");
const isRegistry = (entry: Entry) =>
  /\.(xml|csv|txt)$/i.test(nameOf(entry)) && !/(^|\/)(__MACOSX\/|\._)/.test(nameOf(entry));

async function findOnly(archive: ZipFile, source: Source): Promise<{ index: number; size: number }> {
  if (archive.entryCount > entriesAtMost)
    throw new Unreadable("zip-several", null, String(archive.entryCount));
  const found: { index: number; size: number }[] = [];
  let index = 0;
  for await (const entry of archive.eachEntry()) {
    // A spreadsheet is an archive too.
    if (/^(\[Content_Types\]\.xml|mimetype)$/.test(nameOf(entry)))
      throw new Unreadable("unknown-format", null, source.name);
    if (isRegistry(entry)) found.push({ index, size: entry.uncompressedSize });
    index++;
  }
  if (found.length === 0) throw new Unreadable("zip-nothing");
  if (found.length > 1) throw new Unreadable("zip-several", null, String(found.length));
  return found[0] as { index: number; size: number };
}

async function* inflate(source: Source, index: number, limits: UnzipLimits): AsyncGenerator<Buffer> {
  let archive: ZipFile | null = null;
  let stream: Readable | null = null;
  let bytes = 0;
  try {
    archive = await openArchive(source);
    let at = 0;
    for await (const entry of archive.eachEntry()) {
      if (at++ < index) continue;
      stream = await archive.openReadStreamPromise(entry);
      const atMost = Math.min(
        limits.inflatedBytesAtMost,
        Math.max(ratioFromBytes, entry.compressedSize * ratioAtMost),
      );
      for await (const piece of stream as AsyncIterable<Buffer>) {
        bytes += piece.length;
        if (bytes > atMost) throw new Unreadable("zip-bomb");
        yield piece;
      }
      return;
    }
  } catch (cause) {
    throw asUnreadable(cause);
  } finally {
    stream?.destroy();
    archive?.close();
  }
}
