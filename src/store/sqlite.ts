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
  if (!options.readonly) {
    database.pragma("journal_mode = WAL");
    // A message committed to the outbox must survive a power cut (promise 3).
    database.pragma("synchronous = FULL");
  }
  // biome-ignore lint/suspicious/noExplicitAny: rooms name their own tables when they ask.
  const kysely = new Kysely<any>({
    dialect: new SqliteDialect({ database: withPreparedOnce(database) as never }),
  });
  return kysely;
}

/**
 * Opens `file`, making it and its folder if needed. Two connections: one writes, in one transaction at a time;
 * the other reads beside it (WAL), so that a page never waits for a transaction.
 */
export function openSqlite(file: string): Store {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const writer = openConnection(file, { readonly: false });
  const reader = openConnection(file, { readonly: true });

  async function transact<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    const afterCommit: (() => void)[] = [];
    const result = await writer.connection().execute(async (connection) => {
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
    tables: <Tables>() => reader as unknown as Kysely<Tables>,
    transact,
    async close() {
      await reader.destroy();
      await writer.destroy();
    },
  };
}
