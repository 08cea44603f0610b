import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { type Clock, day, second } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Keys } from "../../kernel/keys.ts";
import { done, type Outcome } from "../../kernel/outcome.ts";
import type { Db, Tx } from "../../store/store.ts";
import { type PictureRefusal, redrawPicture } from "./pictures.ts";

/** A picture that was drawn anew and waits for the form it came with to be sent. */
export interface KeptPicture {
  id: string;
  name: string;
  type: string;
  bytes: number;
  extension: string;
}

/** A picture of a case, as its row says it. */
export interface AttachmentRow {
  id: string;
  case_id: string;
  message_id: string | null;
  name: string;
  type: string;
  bytes: number;
  file: string;
  at: number;
}

export interface AttachmentsDeps {
  clock: Clock;
  ids: Ids;
  keys: Keys;
  /** Where people's files lie. */
  uploadsFolder: string;
  insert: (tx: Tx, row: AttachmentRow) => Promise<void>;
  find: (db: Db, id: string) => Promise<AttachmentRow | null>;
  listOf: (db: Db, caseIds: string[]) => Promise<AttachmentRow[]>;
  /** Which of these ids are cases. */
  existingCases: (ids: string[]) => Promise<Set<string>>;
}

const sealedFor = "contact-pictures";
const waitingFor = day;
const plainName = /^[0-9a-f-]{36}\.(?:png|jpg|webp)$/;

/**
 * Pictures of cases: drawn anew, kept as files that only this program reads, in `uploads/cases/<case>/`. One that
 * came with a form that had a mistake waits in `uploads/waiting/` for a day, so that it need not be sent again.
 *
 * Tables: none of its own; the rows are the room of cases'. A file without row is removed by `sweep`.
 */
export function createAttachments(deps: AttachmentsDeps) {
  const { clock, ids, keys } = deps;
  const waitingFolder = join(deps.uploadsFolder, "waiting");
  const casesFolder = join(deps.uploadsFolder, "cases");

  /** Draws a picture anew and lets it wait. */
  async function receive(
    bytes: Buffer,
    filename: string,
  ): Promise<Outcome<{ kept: KeptPicture }, PictureRefusal>> {
    const picture = await redrawPicture(bytes);
    if (!picture.ok) return picture;
    const kept: KeptPicture = {
      id: ids.uuid(),
      name: nameFor(filename, picture.extension),
      type: picture.type,
      bytes: picture.bytes.length,
      extension: picture.extension,
    };
    await mkdir(waitingFolder, { recursive: true, mode: 0o700 });
    const path = join(waitingFolder, fileOf(kept));
    await write(path, picture.bytes);
    await stamp(path);
    return { ...done, kept };
  }

  /** What a form carries of its pictures until it is sent, readable by nobody else. */
  function carry(pictures: KeptPicture[], browserId: string): string {
    return pictures.length === 0 ? "" : keys.seal(sealedFor, JSON.stringify({ pictures, browserId }));
  }

  function readCarried(sealed: string, browserId: string): KeptPicture[] {
    const opened = sealed === "" ? null : keys.open(sealedFor, sealed);
    if (opened === null) return [];
    const carried = JSON.parse(opened) as { pictures: KeptPicture[]; browserId: string };
    return carried.browserId === browserId ? carried.pictures : [];
  }

  /**
   * Puts waiting pictures where those of the case lie, before the transaction that names them; answers their rows, and
   * how to take that back when it fails. One that was swept meanwhile is left out.
   */
  async function place(
    caseId: string,
    pictures: KeptPicture[],
  ): Promise<{ rows: Omit<AttachmentRow, "message_id" | "case_id">[]; takeBack: () => Promise<void> }> {
    const folder = join(casesFolder, caseId);
    if (pictures.length > 0) await mkdir(folder, { recursive: true, mode: 0o700 });
    const placed: KeptPicture[] = [];
    for (const picture of pictures) {
      const isPlaced = await rename(join(waitingFolder, fileOf(picture)), join(folder, fileOf(picture))).then(
        () => true,
        (cause: NodeJS.ErrnoException) => {
          if (cause.code === "ENOENT") return false;
          throw cause;
        },
      );
      if (isPlaced) placed.push(picture);
    }
    if (placed.length > 0) await stamp(folder);
    return {
      rows: placed.map((picture) => ({
        id: picture.id,
        name: picture.name,
        type: picture.type,
        bytes: picture.bytes,
        file: `cases/${caseId}/${fileOf(picture)}`,
        at: clock.now(),
      })),
      async takeBack() {
        for (const picture of placed) {
          await rename(join(folder, fileOf(picture)), join(waitingFolder, fileOf(picture)));
        }
      },
    };
  }

  /** Age is counted by the portal's own clock. */
  function stamp(path: string): Promise<void> {
    return utimes(path, clock.now() / second, clock.now() / second);
  }

  /** A picture of one of these cases, to be read; null for any other, and for one whose file is gone. */
  async function read(
    db: Db,
    id: string,
    caseIds: string[],
  ): Promise<{ row: AttachmentRow; body: Readable } | null> {
    if (!/^[0-9a-f-]{36}$/.test(id)) return null;
    const row = await deps.find(db, id);
    if (!row || !caseIds.includes(row.case_id)) return null;
    const path = join(deps.uploadsFolder, row.file);
    if (!(await exists(path))) return null;
    return { row, body: createReadStream(path) };
  }

  /** Removes pictures of cases that are forgotten, or never came to be, and those that waited too long. */
  async function sweep(): Promise<void> {
    const before = clock.now() - waitingFor;
    for (const name of await list(waitingFolder)) {
      if (plainName.test(name)) await removeOld(join(waitingFolder, name), before);
    }
    const folders = await list(casesFolder);
    for (let from = 0; from < folders.length; from += 200) {
      const some = folders.slice(from, from + 200);
      const known = await deps.existingCases(some);
      for (const name of some) if (!known.has(name)) await removeOld(join(casesFolder, name), before);
    }
  }

  return { receive, carry, readCarried, place, read, sweep, insert: deps.insert, listOf: deps.listOf };
}

export type Attachments = ReturnType<typeof createAttachments>;

const fileOf = ({ id, extension }: Pick<KeptPicture, "id" | "extension">) => `${id}.${extension}`;

/** The sender's own name for it, without what could lead elsewhere, and with the ending of what it has become. */
function nameFor(filename: string, extension: string): string {
  const stem = filename
    .normalize("NFC")
    .replace(/\.[^.]*$/, "")
    .replaceAll(/[^\p{L}\p{M}\p{N} ._-]+/gu, " ")
    .replace(/^[\s._-]+/, "")
    .trim()
    .slice(0, 60);
  return `${stem || "image"}.${extension}`;
}

async function write(path: string, bytes: Buffer): Promise<void> {
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function list(folder: string): Promise<string[]> {
  return readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT") return [];
    throw cause;
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function removeOld(path: string, before: number): Promise<void> {
  const found = await stat(path).catch(() => null);
  if (found && found.mtimeMs < before) await rm(path, { recursive: true, force: true });
}
