import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { Kysely, SqliteDialect } from "kysely";
import { Fault } from "../kernel/fault.ts";
import { type Store, type Tx, untilOver } from "./store.ts";

/**
 * A parameter that SQLite does not look into while it plans. It would look into a bare one (built with STAT4, it
 * asks whether a value is 0 or 1) and then plan anew each time the parameter is bound: most of the cost of a
 * small read. `collate binary` is what our columns have anyway.
 */
const parameter = "(? collate binary)";

/** In milliseconds. */
const longestWithoutTurn = 20;

/**
 * Statements are prepared once and kept: preparing costs more than most of our reads. Our own statements hold no
 * question mark but those of their parameters.
 */
function withPreparedOnce(database: Database.Database) {
  const prepared = new Map<string, Database.Statement>();
  return {
    close: () => database.close(),
    prepare(sql: string) {
      let statement = prepared.get(sql);
      if (!statement) {
        if (prepared.size >= 500) prepared.clear();
        statement = database.prepare(sql.replaceAll("?", parameter));
        prepared.set(sql, statement);
      }
      return statement;
    },
    ask<Row>(sql: string, parameters: readonly unknown[]): Row[] {
      const statement = this.prepare(sql);
      if (statement.reader) return statement.all(parameters) as Row[];
      statement.run(parameters);
      return [];
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
  const guarded = {
    close: prepared.close,
    prepare(sql: string) {
      // A statement under way when its transaction was rolled back must not run alone.
      if (!options.readonly && !database.inTransaction) throw new Fault("This transaction is over.");
      return prepared.prepare(sql);
    },
  };
  // biome-ignore lint/suspicious/noExplicitAny: rooms name their own tables when they ask.
  const kysely = new Kysely<any>({ dialect: new SqliteDialect({ database: guarded as never }) });
  return { database, kysely, prepared };
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
  let turnedAt = 0;

  /**
   * Transactions that wait for each other follow without a pause: nothing here waits for anything outside the process.
   * In a rush nobody would be let in and nothing sent meanwhile, so that others have their turn every now and then.
   */
  async function giveWay(): Promise<void> {
    if (performance.now() - turnedAt < longestWithoutTurn) return;
    await new Promise((resolve) => setImmediate(resolve));
    turnedAt = performance.now();
  }

  function setSynchronous(wanted: "full" | "normal"): void {
    if (wanted === current) return;
    // Takes effect when it is compiled, so it cannot be one of the statements that are prepared once.
    writer.database.pragma(`synchronous = ${wanted}`);
    current = wanted;
  }

  const askWriter = async <Row>(statement: string, parameters: readonly unknown[]) =>
    writer.prepared.ask<Row>(statement, parameters);

  async function transact<Result>(
    work: (tx: Tx) => Promise<Result>,
    synchronous: "full" | "normal",
  ): Promise<Result> {
    const afterCommit: (() => void)[] = [];
    const result = await writer.kysely.connection().execute(async (connection) => {
      await giveWay();
      setSynchronous(synchronous);
      const { tx, end } = untilOver<Tx>({
        engine: "sqlite",
        tables: <Tables>() => connection as unknown as Kysely<Tables>,
        ask: askWriter,
        afterCommit: (run) => afterCommit.push(run),
      });
      writer.prepared.ask("begin immediate", []);
      try {
        const returned = await work(tx);
        end();
        writer.prepared.ask("commit", []);
        return returned;
      } catch (cause) {
        end();
        if (writer.database.inTransaction) writer.prepared.ask("rollback", []);
        // The next transaction begins once what was under way in this one has been refused.
        await new Promise((resolve) => setImmediate(resolve));
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
    ask: async (statement, parameters) => reader.prepared.ask(statement, parameters),
    withoutTransaction: (work) =>
      writer.kysely.connection().execute(async () => {
        setSynchronous("normal");
        return work({ engine: "sqlite", ask: askWriter });
      }),
    async snapshot(work) {
      // A connection of its own: pages go on reading through theirs.
      const aside = openConnection(file, { readonly: true });
      try {
        return await aside.kysely.connection().execute(async (connection) => {
          aside.prepared.ask("begin", []);
          return work({
            engine: "sqlite",
            tables: <Tables>() => connection as unknown as Kysely<Tables>,
            ask: async (statement, parameters) => aside.prepared.ask(statement, parameters),
          });
        });
      } finally {
        await aside.kysely.destroy();
      }
    },
    listen: () => () => {},
    async close() {
      await reader.kysely.destroy();
      await writer.kysely.destroy();
    },
  };
}
