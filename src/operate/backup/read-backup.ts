import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { Fault } from "../../kernel/fault.ts";
import type { BackupHeader, BackupLine } from "./format.ts";

/**
 * The lines of a backup, one after the other. A file that is cut, altered or no backup at all ends in a `Fault`
 * whose message is for the operator: gzip's checksum covers every byte, and the last line covers the rest.
 */
export async function* readLines(file: string): AsyncGenerator<BackupLine> {
  const gunzip = createGunzip();
  const bytes = createReadStream(file).on("error", (cause) => gunzip.destroy(cause));
  bytes.pipe(gunzip).setEncoding("utf8");
  let isWhole = false;
  try {
    let begun = "";
    for await (const piece of gunzip) {
      const [first = "", ...texts] = (piece as string).split("\n");
      begun += first;
      for (const text of texts) {
        const line = parse(begun, file);
        yield line;
        isWhole = !Array.isArray(line) && "end" in line;
        begun = text;
      }
    }
  } catch (cause) {
    throw cause instanceof Fault ? cause : explain(file, cause);
  } finally {
    bytes.destroy();
    gunzip.destroy();
  }
  if (!isWhole) throw new Fault(`${file} is cut: its end is missing. Nothing was changed.`);
}

function parse(text: string, file: string): BackupLine {
  try {
    return JSON.parse(text) as BackupLine;
  } catch (cause) {
    throw new Fault(`${file} is damaged, or is no backup of Loquet. Nothing was changed.`, { cause });
  }
}

function explain(file: string, cause: unknown): Fault {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
  if (code === "ENOENT") return new Fault(`${file} does not exist.`, { cause });
  if (code === "EACCES" || code === "EISDIR")
    return new Fault(`${file} cannot be read (${code}).`, { cause });
  if (code === "Z_BUF_ERROR")
    return new Fault(`${file} is cut: its end is missing. Nothing was changed.`, { cause });
  return new Fault(`${file} is damaged, or is no backup of Loquet. Nothing was changed.`, { cause });
}

/** Reads the whole file once and answers its header; a `Fault` if anything in it is not as it was written. */
export async function verifyBackup(file: string): Promise<BackupHeader> {
  let header: BackupHeader | null = null;
  let rows = 0;
  let files = 0;
  for await (const line of readLines(file)) {
    if (header === null) header = headerOf(line, file);
    else if (Array.isArray(line)) rows++;
    else if ("file" in line) files++;
    else if ("end" in line && (line.rows !== rows || line.files !== files)) {
      throw new Fault(`${file} is damaged: it holds other rows than it says. Nothing was changed.`);
    }
  }
  if (header === null) throw new Fault(`${file} is empty.`);
  return header;
}

function headerOf(line: BackupLine, file: string): BackupHeader {
  if (Array.isArray(line) || !("format" in line) || line.format !== "loquet-backup") {
    throw new Fault(`${file} is no backup of Loquet. Nothing was changed.`);
  }
  if (line.version !== 1) {
    throw new Fault(`${file} was written by a newer version of Loquet: restore it with that version.`);
  }
  return line;
}
