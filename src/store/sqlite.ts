import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { CompiledQuery, Kysely, SqliteDialect } from "kysely";
import type { Store, Tx } from "./store.ts";

/** Statements are prepared once and kept: preparing costs more than most of our reads. */
function withPreparedOnce(database: Database.Database) {
  const prepared = new Map<string, Database.Statement>();
  return {
    close: () => database.close(),
    prepare(sql: string) {
      let statement = prepared.get(sql);
      if (!statement) {
        if (prepared.size >= 500) prepared.clear();
        statement = database.prepare(sql);
        prepared.set(sql, statement);
      }
      return statement;
    },
  };
}

function openConnection(file: string, options: { readonly: boolean }) {
  const database = new Database(file, { ...options, timeout: 5000 });
  database.pragma("foreign_keys = ON");
  database.pragma("temp_store = MEMORY");
  // Reads come from the system's own cache instead of a copy of it.
  database.pragma("mmap_size = 268435456");
  if (!options.readonly) {
    database.pragma("journal_mode = WAL");
    // Moving the log into the file waits for the disk: rather seldom and more at once (about 16 MB of log).
    database.pragma("wal_autocheckpoint = 4000");
  }
  const prepared = withPreparedOnce(database);
  // biome-ignore lint/suspicious/noExplicitAny: rooms name their own tables when they ask.
  const kysely = new Kysely<any>({ dialect: new SqliteDialect({ database: prepared as never }) });
  return { database, kysely, prepare: prepared.prepare };
}

/**
 * A message committed to the outbox must survive a power cut (promise 3): `synchronous` is FULL but for what says
 * that it may be lost.
 *
 * Opens `file`, making it and its folder if needed. Two connections: one writes, in one transaction at a time;
 * the other reads beside it (WAL), so that a page never waits for a transaction.
 */
export function openSqlite(file: string): Store {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const writer = openConnection(file, { readonly: false });
  const reader = openConnection(file, { readonly: true });

  let current: "full" | "normal" | null = null;

  async function transact<Result>(
    work: (tx: Tx) => Promise<Result>,
    synchronous: "full" | "normal",
  ): Promise<Result> {
    const afterCommit: (() => void)[] = [];
    const result = await writer.kysely.connection().execute(async (connection) => {
      if (synchronous !== current) {
        // Takes effect when it is compiled, so it cannot be one of the statements that are prepared once.
        writer.database.pragma(`synchronous = ${synchronous}`);
        current = synchronous;
      }
      await connection.executeQuery(CompiledQuery.raw("begin immediate"));
      try {
        const returned = await work({
          engine: "sqlite",
          tables: <Tables>() => connection as unknown as Kysely<Tables>,
          afterCommit: (run) => afterCommit.push(run),
        });
        await connection.executeQuery(CompiledQuery.raw("commit"));
        return returned;
      } catch (cause) {
        await connection.executeQuery(CompiledQuery.raw("rollback")).catch(() => {});
        throw cause;
      }
    });
    for (const run of afterCommit) run();
    return result;
  }

  return {
    engine: "sqlite",
    tables: <Tables>() => reader.kysely as unknown as Kysely<Tables>,
    transact: (work) => transact(work, "full"),
    transactLightly: (work) => transact(work, "normal"),
    ask: async <Row>(statement: string, parameters: readonly unknown[]) =>
      reader.prepare(statement).all(parameters) as Row[],
    async snapshot(work) {
      // A connection of its own: pages go on reading through theirs.
      const aside = openConnection(file, { readonly: true });
      try {
        return await aside.kysely.connection().execute(async (connection) => {
          await connection.executeQuery(CompiledQuery.raw("begin"));
          return work({
            engine: "sqlite",
            tables: <Tables>() => connection as unknown as Kysely<Tables>,
          });
        });
      } finally {
        await aside.kysely.destroy();
      }
    },
    async close() {
      await reader.kysely.destroy();
      await writer.kysely.destroy();
    },
  };
}
