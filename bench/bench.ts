import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hash } from "@node-rs/argon2";
import pg from "pg";
import type * as accountRows from "../src/accounts/accounts.store.ts";
import { defaultHashParameters } from "../src/accounts/passwords/password-hash.ts";
import { addWords } from "../src/accounts/search/people-words.store.ts";
import { wordsOfPerson } from "../src/accounts/search/search-words.ts";
import { systemClock } from "../src/kernel/clock.ts";
import { createIds } from "../src/kernel/ids.ts";
import { systemRandom } from "../src/kernel/random.ts";
import { findProjectRoot } from "../src/kernel/root.ts";
import { Secret } from "../src/kernel/secret.ts";
import { migrate } from "../src/store/migrate.ts";
import { openPostgres } from "../src/store/postgres.ts";
import { openSqlite } from "../src/store/sqlite.ts";
import type { Store } from "../src/store/store.ts";
import { findFreePort } from "../test/support/postgres-server.ts";
import { nameOf } from "./people-names.ts";

export interface Bench {
  /** How many accounts the database holds. */
  accounts: number;
  /** Those to be measured, in this order. */
  engines: Engine[];
  postgresUrl: string;
  say(line: string): void;
  result(measure: string, figure: string, asked: string, holds: boolean): void;
}

export type Engine = "sqlite" | "postgres";

export const benchSecret = "a-master-secret-that-only-the-bench-knows-0123";
export const password = "quatre-vingts-lanternes-bleues";
export const emailOf = (index: number) => `person${index}@bench.example`;

export interface BenchServer {
  url: string;
  port: number;
  process: ChildProcess;
  /** Milliseconds from the start of the process to its first answer. */
  startedIn: number;
  /** Null on SQLite. Given to another server as DATABASE_URL, both are nodes of one portal. */
  databaseUrl: string | null;
  stop(): Promise<void>;
}

/** Limits far beyond what one source asks in earnest: a bench is one source. */
function wideLimits() {
  const wide = { max: 100_000_000, perSeconds: 3600 };
  const names = [
    "sign-in.failures-per-source",
    "sign-in.tries-per-identifier-while-locked",
    "request.per-source",
    "request.per-account",
    "request.service-wide",
    "sign-up.per-source",
    "code.wrong-per-source",
    "letter-code.wrong-per-source",
    "sms.per-source",
    "sms.per-country-day",
    "sms.service-wide",
    "truth.per-source",
    "truth.service-wide",
    "case.per-source",
    "case.service-wide",
    "chat.per-source",
    "chat-message.per-conversation",
  ];
  return { limits: Object.fromEntries(names.map((name) => [name, wide])) };
}

/** Starts the built program as an operator would, on a folder of its own; `accounts` are put in first. */
export async function startServer(options: {
  engine: Engine;
  accounts: number;
  postgresUrl: string;
  preset?: string;
  environment?: Record<string, string>;
  /** Puts in what else the measure needs, after the accounts. */
  prepare?: (store: Store) => Promise<void>;
}): Promise<BenchServer> {
  const root = findProjectRoot();
  const folder = mkdtempSync(join(tmpdir(), "loquet-bench-"));
  const databaseUrl = options.engine === "postgres" ? await createDatabase(options.postgresUrl) : null;
  if (options.accounts > 0) await seed(folder, databaseUrl, options.accounts, options.prepare);
  const overrides = join(folder, "bench.json");
  writeFileSync(overrides, JSON.stringify(wideLimits()));
  const port = await findFreePort();
  const url = `http://127.0.0.1:${port}`;
  const startedAt = performance.now();
  const child = spawn(process.execPath, [join(root, "bin", "loquet.js"), "serve"], {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      LOQUET_DATA: folder,
      LOQUET_PRESET: options.preset ?? "service",
      LOQUET_CONFIG: overrides,
      LOQUET_DEMO: "0",
      LOQUET_LOG_LEVEL: "error",
      LOQUET_SECRET: benchSecret,
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
      ...options.environment,
    },
  });
  while (!(await answers(url))) {
    if (child.exitCode !== null) throw new Error("The server ended before it answered.");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const startedIn = performance.now() - startedAt;
  return {
    url,
    port,
    process: child,
    startedIn,
    databaseUrl,
    async stop() {
      child.kill("SIGTERM");
      await new Promise((resolve) => child.once("exit", resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/healthz`)).ok;
  } catch {
    return false;
  }
}

async function createDatabase(postgresUrl: string): Promise<string> {
  const name = `bench_${Date.now()}_${Math.round(Math.random() * 1e6)}`;
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** A migrated database with so many people in it. */
export async function openSeeded(options: {
  engine: Engine;
  accounts: number;
  postgresUrl: string;
}): Promise<{ store: Store; close(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "loquet-bench-"));
  const databaseUrl = options.engine === "postgres" ? await createDatabase(options.postgresUrl) : null;
  await seed(folder, databaseUrl, options.accounts);
  const store = databaseUrl
    ? openPostgres(new Secret(databaseUrl), { connections: 10 })
    : openSqlite(join(folder, "loquet.sqlite"));
  return {
    store,
    async close() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function seed(
  folder: string,
  databaseUrl: string | null,
  count: number,
  prepare?: (store: Store) => Promise<void>,
): Promise<void> {
  const store: Store = databaseUrl
    ? openPostgres(new Secret(databaseUrl), { connections: 2 })
    : openSqlite(join(folder, "loquet.sqlite"));
  await migrate(store, findProjectRoot(), systemClock);
  const { memoryKib, passes, parallelism } = defaultHashParameters;
  const passwordHash = await hash(password, { memoryCost: memoryKib, timeCost: passes, parallelism });
  const ids = createIds(systemClock, systemRandom);
  for (let from = 0; from < count; from += 1000) {
    const indexes = Array.from({ length: Math.min(1000, count - from) }, (_, offset) => from + offset);
    await store.transact((tx) => insertMany(tx, indexes, ids, passwordHash));
  }
  await prepare?.(store);
  // As in a database that has lived for a while: no great tidying begins beside what is measured.
  if (store.engine === "postgres") await store.ask("vacuum analyze", []);
  await store.close();
}

async function insertMany(
  tx: Parameters<Parameters<Store["transact"]>[0]>[0],
  indexes: number[],
  ids: ReturnType<typeof createIds>,
  passwordHash: string,
): Promise<void> {
  const now = systemClock.now();
  const people = indexes.map((index) => ({ id: ids.uuid(), email: emailOf(index), index }));
  const tables = tx.tables<accountRows.AccountTables>();
  await tables
    .insertInto("accounts")
    .values(
      people.map(({ id, index }) => ({
        id,
        kind: "member" as const,
        status: "active" as const,
        name: nameOf(index),
        nickname: null,
        locale: "fr",
        password_hash: passwordHash,
        password_changed_at: now,
        contacts_frozen_until: null,
        created_at: now,
        activated_at: now,
        closed_at: null,
        reminded_at: null,
      })),
    )
    .execute();
  await tables
    .insertInto("identifiers")
    .values(
      people.map(({ id, email }) => ({ key: email, account_id: id, kind: "email" as const, shown: email })),
    )
    .execute();
  await tables
    .insertInto("contact_points")
    .values(
      people.map(({ id, email }) => ({
        id: ids.uuid(),
        account_id: id,
        channel: "email" as const,
        address: email,
        address_key: email,
        state: "verified" as const,
        origin: "person" as const,
        usable_from: null,
        created_at: now,
        verified_at: now,
        obsolete_at: null,
        dead_since: null,
        dead_reason: null,
        asked_at: null,
      })),
    )
    .execute();
  await addWords(
    tx,
    people.map(({ id, email, index }) => ({
      accountId: id,
      ...wordsOfPerson({
        name: nameOf(index),
        nickname: null,
        identifiers: [{ kind: "email", key: email }],
        contacts: [],
      }),
    })),
  );
}

export const median = (figures: number[]) =>
  figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] as number;
