import { createHash } from "node:crypto";
import { Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import type { Secret } from "../kernel/secret.ts";
import type { Store, Tx } from "./store.ts";

const int8 = 20;

/** Times and counts are `bigint` columns; all of ours fit a JavaScript number exactly (below 2^53). */
const types = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    if (oid === int8) return Number;
    return pg.types.getTypeParser(oid, format as "text");
  },
};

const names = new Map<string, string>();

function nameOf(text: string): string {
  let name = names.get(text);
  if (!name) {
    name = createHash("sha256").update(text).digest("base64url").slice(0, 20);
    if (names.size >= 1000) names.clear();
    names.set(text, name);
  }
  return name;
}

/** `?` becomes `$1`, `$2`, …; our own statements hold no other question mark. */
function numbered(statement: string): string {
  let count = 0;
  return statement.replaceAll("?", () => `$${++count}`);
}

/** Statements are named, so that PostgreSQL parses and plans each once per connection. */
function withNamedStatements(pool: pg.Pool): pg.Pool {
  const wrapped = {
    async connect() {
      const client = await pool.connect();
      return {
        query(text: string | { text: string }, values?: unknown[]) {
          if (typeof text !== "string") return client.query(text as never);
          if (!values || values.length === 0) return client.query(text);
          return client.query({ name: nameOf(text), text, values });
        },
        release: (cause?: Error) => client.release(cause),
      };
    },
    end: () => pool.end(),
  };
  return wrapped as unknown as pg.Pool;
}

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
  });
  // An idle connection that breaks is replaced at its next use; without a listener it would end the process.
  pool.on("error", () => {});
  // biome-ignore lint/suspicious/noExplicitAny: rooms name their own tables when they ask.
  const kysely = new Kysely<any>({ dialect: new PostgresDialect({ pool: withNamedStatements(pool) }) });

  async function attempt<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    const afterCommit: (() => void)[] = [];
    const result = await kysely.transaction().execute((transaction) =>
      work({
        engine: "postgres",
        tables: <Tables>() => transaction as unknown as Kysely<Tables>,
        afterCommit: (run) => afterCommit.push(run),
      }),
    );
    for (const run of afterCommit) run();
    return result;
  }

  async function transact<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
    for (let tries = 1; ; tries++) {
      try {
        return await attempt(work);
      } catch (cause) {
        if (tries >= 5 || !retried.has(codeOf(cause))) throw cause;
      }
    }
  }

  return {
    engine: "postgres",
    tables: <Tables>() => kysely as unknown as Kysely<Tables>,
    transact,
    // PostgreSQL waits for its disk without holding up anybody else, and gathers commits.
    transactLightly: transact,
    async ask<Row>(statement: string, parameters: readonly unknown[]) {
      const text = numbered(statement);
      return (await pool.query({ name: nameOf(text), text, values: [...parameters] })).rows as Row[];
    },
    snapshot: (work) =>
      kysely
        .transaction()
        .setIsolationLevel("repeatable read")
        .setAccessMode("read only")
        .execute((transaction) =>
          work({
            engine: "postgres",
            tables: <Tables>() => transaction as unknown as Kysely<Tables>,
          }),
        ),
    close: () => kysely.destroy(),
  };
}
