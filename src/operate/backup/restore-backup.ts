import { existsSync } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import { listTables, type TableShape } from "../../store/catalogue.ts";
import { hasRows, insertRows, type Value } from "../../store/copy-rows.ts";
import { appliedMigrations, knownMigrations, migrate } from "../../store/migrate.ts";
import type { Store, Tx } from "../../store/store.ts";
import type { BackupHeader } from "./format.ts";
import { readLines, verifyBackup } from "./read-backup.ts";

export interface Restored {
  rows: number;
  files: number;
  madeAt: number;
}

const rowsAtOnce = 200;

/**
 * Puts a backup into an empty database, of either engine, and brings it to this version's schema. All of it is one
 * transaction, after the whole file has been read once: it is done, or nothing is. `afterwards` runs inside it.
 */
export async function restoreBackup(asked: {
  store: Store;
  file: string;
  root: string;
  clock: Clock;
  uploadsFolder: string;
  /** Ends what must not come back to life: challenges, sessions, requests; holds what is unsent. */
  afterwards: (tx: Tx) => Promise<void>;
}): Promise<Restored> {
  const { store, file, root, clock, uploadsFolder } = asked;
  const header = await verifyBackup(file);
  checkSchema(header, file, root);
  if (existsSync(uploadsFolder) && (await readdir(uploadsFolder)).length > 0) {
    throw new Fault(`The folder ${uploadsFolder} is not empty: restore into a new data folder.`);
  }
  const draft = `${uploadsFolder}.restoring`;
  await rm(draft, { recursive: true, force: true });
  try {
    const count = await store.transact(async (tx) => {
      // The transaction stands in for the store, so that the schema comes and goes with the rows.
      const within: Store = { ...store, ...tx, transact: (work) => work(tx) };
      if (await hasRows(tx, await listTables(tx))) {
        throw new Fault(
          "The database is not empty: restore into a new one, with another LOQUET_DATA or DATABASE_URL.",
        );
      }
      await migrate(within, root, clock, header.migrations.at(-1) ?? "");
      await checkApplied(tx, header, file);
      const copied = await copyIn(tx, file, draft);
      await migrate(within, root, clock);
      await asked.afterwards(tx);
      return copied;
    });
    if (existsSync(draft)) {
      await rm(uploadsFolder, { recursive: true, force: true });
      await rename(draft, uploadsFolder);
    }
    return { ...count, madeAt: header.madeAt };
  } catch (cause) {
    await rm(draft, { recursive: true, force: true });
    throw cause;
  }
}

function checkSchema(header: BackupHeader, file: string, root: string): void {
  const known = knownMigrations(root);
  const unknown = header.migrations.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw new Fault(
      `${file} was written by a newer version of Loquet (it has ${unknown.join(", ")}): restore it with that version.`,
    );
  }
}

/** A database that was opened before already has this version's schema, which may be later than the backup's. */
async function checkApplied(tx: Tx, header: BackupHeader, file: string): Promise<void> {
  const applied = await appliedMigrations(tx);
  const isSame =
    applied.length === header.migrations.length && applied.every((name) => header.migrations.includes(name));
  if (!isSame) {
    throw new Fault(
      `The empty database already has another schema than ${file}: restore into one that Loquet never opened.`,
    );
  }
}

async function copyIn(tx: Tx, file: string, draft: string): Promise<{ rows: number; files: number }> {
  const tables = await listTables(tx);
  const count = { rows: 0, files: 0 };
  let table: TableShape | null = null;
  let waiting: Value[][] = [];
  let upload: FileHandle | null = null;

  async function flush(): Promise<void> {
    if (table) await insertRows(tx, table, waiting);
    count.rows += waiting.length;
    waiting = [];
  }

  try {
    for await (const line of readLines(file)) {
      if (Array.isArray(line)) {
        waiting.push(line);
        if (waiting.length >= rowsAtOnce) await flush();
      } else if ("table" in line) {
        await flush();
        table = shapeFor(line, tables, file);
      } else if ("file" in line) {
        await upload?.close();
        upload = await openUpload(draft, line.file, file);
        count.files++;
      } else if ("chunk" in line) {
        await upload?.write(Buffer.from(line.chunk, "base64"));
      }
    }
    await flush();
    return count;
  } finally {
    await upload?.close();
  }
}

function shapeFor(
  line: { table: string; columns: string[] },
  tables: TableShape[],
  file: string,
): TableShape {
  const found = tables.find(({ name }) => name === line.table);
  const isSame =
    found?.columns.length === line.columns.length &&
    line.columns.every((column) => found.columns.includes(column));
  if (!found || !isSame) {
    throw new Fault(
      `${file} holds a table ${line.table} that its own schema does not have. Nothing was changed.`,
    );
  }
  return { ...found, columns: line.columns };
}

async function openUpload(draft: string, path: string, file: string): Promise<FileHandle> {
  const isInside =
    !/^[/\\]|\\|\0|^[A-Za-z]:/.test(path) && normalize(path) === path && !path.startsWith("..");
  if (!isInside) throw new Fault(`${file} names a file outside the uploads. Nothing was changed.`);
  const target = join(draft, path);
  await mkdir(dirname(target), { recursive: true, mode: 0o700 });
  return open(target, "wx", 0o600);
}
