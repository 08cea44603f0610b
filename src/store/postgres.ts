import { createHash } from "node:crypto";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { Fault } from "../kernel/fault.ts";
import type { Secret } from "../kernel/secret.ts";
import { GatheringSocket } from "./gathering-socket.ts";
import { listenOn } from "./listen.ts";
import { type Store, type Tx, untilOver } from "./store.ts";

const int8 = 20;

/** Times and counts are `bigint` columns; all of ours fit a JavaScript number exactly (below 2^53). */
const types = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    if (oid === int8) return Number;
    return pg.types.getTypeParser(oid, format as "text");
  },
};

interface Named {
  name: string;
  text: string;
}
const named = new Map<string, Named>();

/**
 * Statements are named, so that PostgreSQL parses and plans each once per connection. `?` becomes `$1`, `$2`, …;
 * our own statements hold no other question mark.
 */
function nameOf(statement: string): Named {
  let found = named.get(statement);
  if (!found) {
    let count = 0;
    const text = statement.replaceAll("?", () => `$${++count}`);
    found = { name: createHash("sha256").update(text).digest("base64url").slice(0, 20), text };
    if (named.size >= 1000) named.clear();
    named.set(statement, found);
  }
  return found;
}

function query(client: pg.PoolClient | pg.Pool, statement: string, values: readonly unknown[]) {
  if (values.length === 0) return client.query(statement);
  const { name, text } = nameOf(statement);
  return client.query({ name, text, values: values as unknown[] });
}

async function rowsOf<Row>(answer: Promise<pg.QueryResult>): Promise<Row[]> {
  return (await answer).rows;
}

/** What a builder of statements sends them by. */
interface Line {
  query(text: string, values?: readonly unknown[]): Promise<pg.QueryResult>;
  release(cause?: Error): void;
}

function buildOn(connect: () => Promise<Line>): Kysely<unknown> {
  const pool = { connect, end: async () => {} } as unknown as pg.Pool;
  return new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) });
}

/** How a transaction begins. One that is not waited for goes with the first statement: a round trip less. */
interface Begin {
  statement: string;
  isWaitedFor: boolean;
}
// What must not be lost is not sent before the transaction stands.
const fully: Begin = { statement: "begin; set local synchronous_commit to default", isWaitedFor: true };
const lightly: Begin = { statement: "begin", isWaitedFor: false };
const unchanging: Begin = { statement: "begin isolation level repeatable read read only", isWaitedFor: true };

const retried = new Set(["40001", "40P01"]);

function codeOf(cause: unknown): string {
  return typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
}

/** Opens a pool of connections to `url`. Several nodes may share the database. */
export function openPostgres(url: Secret, options: { connections: number }): Store {
  const pool = new pg.Pool({
    connectionString: url.reveal(),
    max: options.connections,
    types: types as never,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    application_name: "loquet",
    // What is asked at once is sent at once, and answered in order.
    pipeline: true,
    stream: () => new GatheringSocket(),
  });
  // A connection that breaks fails what is asked of it, and is replaced at its next use; without a listener it
  // would end the process.
  pool.on("error", () => {});
  pool.on("connect", (client) => {
    client.on("error", () => {});
    // Light work does not wait for the disk. What must not be lost asks for what the operator set. Statements are short
    // here: to compile one takes longer than to answer it.
    client.query("set synchronous_commit to off; set jit to off").catch(() => {});
  });

  let ended: Promise<void> | undefined;
  const listeners = new Set<() => void>();

  const outside = buildOn(async () => {
    const client = await pool.connect();
    return {
      query: (text, values = []) => query(client, text, values),
      release: (cause) => client.release(cause),
    };
  });

  /** Connections with an open transaction, and what builds the statements of each connection. */
  const open = new WeakSet<pg.PoolClient>();
  const builders = new WeakMap<pg.PoolClient, Kysely<unknown>>();

  /** Refused at the last moment: a statement under way when its transaction was rolled back must not run alone. */
  function queryInside(client: pg.PoolClient, text: string, values: readonly unknown[] = []) {
    return open.has(client)
      ? query(client, text, values)
      : Promise.reject(new Fault("This transaction is over."));
  }

  function builderOf(client: pg.PoolClient): Kysely<unknown> {
    let builder = builders.get(client);
    if (!builder) {
      builder = buildOn(async () => ({
        query: (text, values) => queryInside(client, text, values),
        release: () => {},
      }));
      builders.set(client, builder);
    }
    return builder;
  }

  async function attempt<Result>(begin: Begin, work: (tx: Tx) => Promise<Result>): Promise<Result> {
    const afterCommit: (() => void)[] = [];
    const client = await pool.connect();
    const { tx, end } = untilOver<Tx>({
      engine: "postgres",
      tables: <Tables>() => builderOf(client) as unknown as Kysely<Tables>,
      ask: <Row>(statement: string, parameters: readonly unknown[]) =>
        rowsOf<Row>(queryInside(client, statement, parameters)),
      afterCommit: (run) => afterCommit.push(run),
    });
    let broken: Error | undefined;
    let committed: Result;
    try {
      open.add(client);
      const begun = client.query(begin.statement);
      if (begin.isWaitedFor) await begun;
      const [returned] = await Promise.all([work(tx), begun]);
      end();
      open.delete(client);
      const { command } = await client.query("commit");
      // PostgreSQL answers so, without an error, when a statement failed and `work` went on as if it had not.
      if (command !== "COMMIT") throw new Fault("A transaction with a failed statement was not committed.");
      committed = returned;
    } catch (cause) {
      end();
      open.delete(client);
      // Answered after everything that was sent before it.
      await client.query("rollback").catch((failed: Error) => {
        broken = failed;
      });
      throw cause;
    } finally {
      client.release(broken);
    }
    for (const run of afterCommit) run();
    return committed;
  }

  async function transact<Result>(begin: Begin, work: (tx: Tx) => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries++) {
      try {
        return await attempt(begin, work);
      } catch (cause) {
        if (tries >= 5 || !retried.has(codeOf(cause))) throw cause;
      }
    }
  }

  return {
    engine: "postgres",
    tables: <Tables>() => outside as unknown as Kysely<Tables>,
    ask: <Row>(statement: string, parameters: readonly unknown[]) =>
      rowsOf<Row>(query(pool, statement, parameters)),
    transact: (work) => transact(fully, work),
    transactLightly: (work) => transact(lightly, work),
    async withoutTransaction(work) {
      const client = await pool.connect();
      try {
        return await work({
          engine: "postgres",
          ask: <Row>(statement: string, parameters: readonly unknown[]) =>
            rowsOf<Row>(query(client, statement, parameters)),
        });
      } finally {
        client.release();
      }
    },
    snapshot: (work) => attempt(unchanging, work),
    listen(channel, heard) {
      const stop = listenOn(url, channel, heard);
      listeners.add(stop);
      return () => {
        listeners.delete(stop);
        stop();
      };
    },
    // May be called again: what shuts down after a fault does not know how far it came.
    close() {
      for (const stop of listeners) stop();
      ended ??= pool.end();
      return ended;
    },
  };
}
