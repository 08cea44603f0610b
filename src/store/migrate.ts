import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sql } from "kysely";
import type { Clock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { oneAtATime } from "./abilities.ts";
import type { Db, Store, Tx } from "./store.ts";

interface MigrationTables {
  migrations: { name: string; applied_at: number };
}

const folderOf = (root: string) => join(root, "src", "store", "migrations");

/** The names of all migrations that this program knows, oldest first. */
export function knownMigrations(root: string): string[] {
  return readdirSync(folderOf(root), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function hasMigrationTable(db: Db): Promise<boolean> {
  const found =
    db.engine === "postgres"
      ? await sql`select 1 from pg_tables where tablename = 'migrations' and schemaname = current_schema()`.execute(
          db.tables(),
        )
      : await sql`select 1 from sqlite_master where type = 'table' and name = 'migrations'`.execute(
          db.tables(),
        );
  return found.rows.length > 0;
}

export async function appliedMigrations(db: Db): Promise<string[]> {
  if (!(await hasMigrationTable(db))) return [];
  const rows = await db
    .tables<MigrationTables>()
    .selectFrom("migrations")
    .select("name")
    .orderBy("name")
    .execute();
  return rows.map((row) => row.name);
}

/** When the newest migration was applied, in milliseconds; null for an empty database. */
export async function newestMigrationAt(db: Db): Promise<number | null> {
  if (!(await hasMigrationTable(db))) return null;
  const row = await db
    .tables<MigrationTables>()
    .selectFrom("migrations")
    .select((select) => select.fn.max("applied_at").as("at"))
    .executeTakeFirst();
  return row?.at ?? null;
}

/** Statements end with a semicolon at the end of a line; comments are whole lines. */
function statementsOf(text: string): string[] {
  const withoutComments = text.replaceAll(/^\s*--.*$/gm, "");
  return withoutComments
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== "");
}

function readMigration(root: string, name: string, engine: string): string[] {
  const files = ["up.sql", `up.${engine}.sql`].map((file) => join(folderOf(root), name, file));
  return files.filter((file) => existsSync(file)).flatMap((file) => statementsOf(readFileSync(file, "utf8")));
}

/**
 * Brings the database to this program's schema; answers the names applied now. A database with migrations that
 * this program does not know was written by a newer one, and is refused.
 */
export async function migrate(store: Store, root: string, clock: Clock, upTo?: string): Promise<string[]> {
  const known = knownMigrations(root).filter((name) => upTo === undefined || name <= upTo);
  return store.transact(async (tx) => {
    await oneAtATime(tx, "loquet-migrate");
    await sql`create table if not exists migrations (name text primary key, applied_at bigint not null)`.execute(
      tx.tables(),
    );
    const applied = await appliedMigrations(tx);
    const unknown = applied.filter((name) => !knownMigrations(root).includes(name));
    if (unknown.length > 0) {
      throw new Fault(
        `The database was written by a newer version of Loquet (it has ${unknown.join(", ")}): start that version instead.`,
      );
    }
    const missing = known.filter((name) => !applied.includes(name));
    for (const name of missing) await apply(tx, root, name, clock);
    return missing;
  });
}

async function apply(tx: Tx, root: string, name: string, clock: Clock): Promise<void> {
  for (const statement of readMigration(root, name, tx.engine)) await sql.raw(statement).execute(tx.tables());
  await tx
    .tables<MigrationTables>()
    .insertInto("migrations")
    .values({ name, applied_at: clock.now() })
    .execute();
}
