import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import { listTables } from "../../store/catalogue.ts";
import { readRows } from "../../store/copy-rows.ts";
import { appliedMigrations } from "../../store/migrate.ts";
import type { Db, Store } from "../../store/store.ts";
import type { BackupLine } from "./format.ts";

export interface BackupCount {
  rows: number;
  files: number;
}

/** Where people's files lie, in the data folder. */
export const uploadsOf = (config: { dataFolder: string }) => join(config.dataFolder, "uploads");

/**
 * Writes the whole database, as it is at one moment, and the uploads into `file`; the server goes on meanwhile.
 * Refuses to replace a file. Readable by its owner only: it holds everything but the master secret.
 */
export async function writeBackup(asked: {
  store: Store;
  file: string;
  clock: Clock;
  uploadsFolder: string;
}): Promise<BackupCount> {
  const { store, file } = asked;
  if (existsSync(file)) throw new Fault(`${file} exists already: name another file.`);
  if ((await appliedMigrations(store)).length === 0)
    throw new Fault("The database is empty: nothing to back up.");
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.part`;
  const count = { rows: 0, files: 0 };
  try {
    await store.snapshot((db) =>
      pipeline(
        Readable.from(linesOf(db, asked.clock, asked.uploadsFolder, count)),
        createGzip(),
        createWriteStream(draft, { mode: 0o600 }),
      ),
    );
    await sync(draft);
    await rename(draft, file);
    await sync(dirname(file));
  } catch (cause) {
    await rm(draft, { force: true });
    throw cause;
  }
  return count;
}

async function* linesOf(db: Db, clock: Clock, uploads: string, count: BackupCount): AsyncGenerator<string> {
  const write = (line: BackupLine) => `${JSON.stringify(line)}\n`;
  yield write({
    format: "loquet-backup",
    version: 1,
    migrations: await appliedMigrations(db),
    madeAt: clock.now(),
  });
  for (const table of await listTables(db)) {
    yield write({ table: table.name, columns: table.columns });
    for await (const rows of readRows(db, table)) {
      count.rows += rows.length;
      yield rows.map(write).join("");
    }
  }
  for await (const path of listFiles(uploads)) {
    // Moved or forgotten since the folder was listed.
    if (!existsSync(join(uploads, path))) continue;
    yield write({ file: path });
    count.files++;
    for await (const chunk of createReadStream(join(uploads, path), { highWaterMark: 96 * 1024 })) {
      yield write({ chunk: (chunk as Buffer).toString("base64") });
    }
  }
  yield write({ end: true, ...count });
}

async function* listFiles(folder: string): AsyncGenerator<string> {
  if (!existsSync(folder)) return;
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isFile()) yield entry.name;
    if (!entry.isDirectory()) continue;
    for await (const path of listFiles(join(folder, entry.name))) yield `${entry.name}/${path}`;
  }
}

/** Without this, a power cut could leave a backup that is only a name. */
async function sync(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  await handle.sync();
  await handle.close();
}
