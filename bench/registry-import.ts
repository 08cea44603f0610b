import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { systemClock } from "../src/kernel/clock.ts";
import { createIds } from "../src/kernel/ids.ts";
import { systemRandom } from "../src/kernel/random.ts";
import { findProjectRoot } from "../src/kernel/root.ts";
import { Secret } from "../src/kernel/secret.ts";
import { putEstablishments } from "../src/school/establishments/establishments.store.ts";
import type { Counts } from "../src/school/registry-import/plan.ts";
import { listTables, type TableShape } from "../src/store/catalogue.ts";
import { readRows } from "../src/store/copy-rows.ts";
import { migrate } from "../src/store/migrate.ts";
import { openPostgres } from "../src/store/postgres.ts";
import { openSqlite } from "../src/store/sqlite.ts";
import type { Store } from "../src/store/store.ts";
import type { Bench, Engine } from "./bench.ts";
import { peopleOfSchool, schoolCode, writeRegistry } from "./registry-file.ts";

interface Loaded {
  seconds: number;
  ownMegabytes: number;
  allMegabytes: number;
  status: string;
  counts: Counts;
  /** By what it was spent on: reading with the plan, and each phase of applying. */
  spent: Record<string, number>;
}

/** What an import leaves of people: written once more, row by row, it is what the import is measured by. */
const written = [
  "establishments",
  "establishments_above",
  "accounts",
  "identifiers",
  "contact_points",
  "memberships",
  "school_people",
  "registry_records",
  "registry_links",
  "guardianships",
  "journal",
];
const rowsOfTransaction = 1000;

/**
 * A registry of so many people, loaded into an empty database and loaded again; beside it, the same rows by prepared
 * statements into bare tables with the same indexes (the search index apart: its phase is not counted).
 */
export async function measureRegistryImport(bench: Bench): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "loquet-registry-"));
  try {
    const path = join(folder, "registry.csv");
    await writeRegistry(path, bench.accounts);
    for (const engine of bench.engines) await measureOn(bench, engine, folder, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureOn(bench: Bench, engine: Engine, folder: string, path: string): Promise<void> {
  const database = await emptyDatabase(bench, engine, folder, "imported");
  const first = await load(database, path);
  const again = await load(database, path);
  bench.say(`seconds: ${JSON.stringify(first.spent)}, again: ${JSON.stringify(again.spent)}`);
  const share = again.seconds / first.seconds;
  bench.result(`the same registry again, ${engine}`, `${share.toFixed(2)} of the time`, "< 0.5", share < 0.5);
  const { same, others } = countSame(again.counts);
  const isSame = same === bench.accounts && others === 0;
  bench.result(`what it changes again, ${engine}`, `${same} same, ${others} not`, "all the same", isSame);
  const all = Math.max(first.allMegabytes, again.allMegabytes);
  const own = Math.max(first.ownMegabytes, again.ownMegabytes);
  // With what is mapped of the database's file, which the system takes back whenever it needs room.
  const figure = `${all.toFixed(0)} MB, ${own.toFixed(0)} of them its own`;
  bench.result(`memory of the import, ${engine}`, figure, "< 300 MB", all < 300);
  const bare = await emptyDatabase(bench, engine, folder, "bare");
  const { rows, seconds } = await writeBare(engine, database, bare);
  const search = first.spent.search ?? 0;
  const importedRate = bench.accounts / (first.seconds - search);
  const bareRate = bench.accounts / seconds;
  const ratio = importedRate / bareRate;
  bench.say(`${rows} rows of ${bench.accounts} people, ${importedRate.toFixed(0)} people/s`);
  bench.say(`bare inserts: ${bareRate.toFixed(0)} people/s`);
  bench.result(`registry import, ${engine}`, `${ratio.toFixed(2)} of bare inserts`, ">= 0.25", ratio >= 0.25);
}

/** People as they were, and whatever else is said of people or ties. */
function countSame({ pupil, guardian, links }: Counts): { same: number; others: number } {
  const sum = (counts: object) => Object.values(counts).reduce((all: number, one: number) => all + one, 0);
  const same = pupil.same + guardian.same;
  return { same, others: sum(pupil) + sum(guardian) - same + sum(links) - links.same };
}

const open = (database: string): Store =>
  database.startsWith("postgres")
    ? openPostgres(new Secret(database), { connections: 4 })
    : openSqlite(database);

/** Migrated, with the schools and nobody in them; answers its address. */
async function emptyDatabase(bench: Bench, engine: Engine, folder: string, name: string): Promise<string> {
  let database = join(folder, `${name}-${engine}.sqlite`);
  if (engine === "postgres") {
    const client = new pg.Client({ connectionString: bench.postgresUrl });
    await client.connect();
    await client.query(`drop database if exists registry_${name}`);
    await client.query(`create database registry_${name}`);
    await client.end();
    const url = new URL(bench.postgresUrl);
    url.pathname = `/registry_${name}`;
    database = url.href;
  }
  const store = open(database);
  await migrate(store, findProjectRoot(), systemClock);
  if (name === "imported") await addSchools(store, Math.ceil(bench.accounts / peopleOfSchool));
  await store.close();
  return database;
}

async function addSchools(store: Store, count: number): Promise<void> {
  const ids = createIds(systemClock, systemRandom);
  const schools = Array.from({ length: count }, (_, index) => ({
    id: ids.uuid(),
    parent_id: null,
    type: "school" as const,
    code: schoolCode(index),
    name: `École ${index}`,
    timezone: null,
    details: "{}",
    created_at: systemClock.now(),
    closed_at: null,
  }));
  await store.transact((tx) => putEstablishments(tx, schools));
}

async function load(database: string, path: string): Promise<Loaded> {
  const script = join(findProjectRoot(), "bench", "registry-load.ts");
  const child = spawn(process.execPath, [script, database, path], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const piece of child.stdout) said += piece;
  const loaded = JSON.parse(said) as Loaded;
  if (loaded.status !== "applied") throw new Error(`The registry was not loaded: ${said}`);
  return loaded;
}

async function writeBare(
  engine: Engine,
  from: string,
  to: string,
): Promise<{ rows: number; seconds: number }> {
  const source = open(from);
  const shapes = (await listTables(source)).filter(({ name }) => written.includes(name));
  const insert = engine === "sqlite" ? await bareSqlite(to) : await barePostgres(to);
  let rows = 0;
  let spent = 0;
  for (const shape of shapes.toSorted((a, b) => written.indexOf(a.name) - written.indexOf(b.name))) {
    // Parents stand before their children: ids are made in that order.
    for await (const part of readRows(source, shape)) {
      rows += part.length;
      const startedAt = performance.now();
      for (let at = 0; at < part.length; at += rowsOfTransaction) {
        await insert.write(shape, part.slice(at, at + rowsOfTransaction));
      }
      spent += performance.now() - startedAt;
    }
  }
  await insert.close();
  await source.close();
  return { rows, seconds: spent / 1000 };
}

const statementOf = (shape: TableShape, place: (index: number) => string) =>
  `insert into ${shape.name} (${shape.columns.join(", ")}) values (${shape.columns.map((_, index) => place(index)).join(", ")})`;

interface BareTables {
  write(shape: TableShape, rows: unknown[][]): Promise<void>;
  close(): Promise<void>;
}

async function bareSqlite(database: string): Promise<BareTables> {
  const { default: Database } = await import("better-sqlite3");
  const connection = new Database(database);
  connection.pragma("journal_mode = WAL");
  connection.pragma("synchronous = FULL");
  connection.pragma("foreign_keys = ON");
  connection.pragma("wal_autocheckpoint = 4000");
  return {
    async write(shape, rows) {
      const statement = connection.prepare(statementOf(shape, () => "?"));
      connection.transaction(() => {
        for (const row of rows) statement.run(row);
      })();
    },
    async close() {
      connection.close();
    },
  };
}

async function barePostgres(database: string): Promise<BareTables> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  return {
    async write(shape, rows) {
      const text = statementOf(shape, (index) => `$${index + 1}`);
      await client.query("begin");
      for (const values of rows) await client.query({ name: shape.name, text, values });
      await client.query("commit");
    },
    close: () => client.end(),
  };
}
