import { closeSync, createReadStream, openSync, readSync, statSync } from "node:fs";
import { basename } from "node:path";

/** A file to be read, from its beginning each time that it is opened: some readers look it through first. */
export interface Source {
  /** As its owner calls it: to show, never a path. */
  name: string;
  size: number;
  /** Its first bytes, at most `length`. */
  head(length: number): Buffer;
  open(): AsyncIterable<Buffer>;
  /** For what needs to go back and forth: a file on disk, or all of its bytes. */
  whole: { path: string } | { bytes: Buffer };
}

const pieceBytes = 64 * 1024;

export function sourceOfBytes(name: string, bytes: Buffer): Source {
  return {
    name,
    size: bytes.length,
    head: (length) => bytes.subarray(0, length),
    async *open() {
      for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
    },
    whole: { bytes },
  };
}

export function sourceOfFile(path: string): Source {
  return {
    name: basename(path),
    size: statSync(path).size,
    head(length) {
      const file = openSync(path, "r");
      try {
        const bytes = Buffer.alloc(length);
        return bytes.subarray(0, readSync(file, bytes, 0, length, 0));
      } finally {
        closeSync(file);
      }
    },
    open: () => createReadStream(path, { highWaterMark: pieceBytes }) as AsyncIterable<Buffer>,
    whole: { path },
  };
}
