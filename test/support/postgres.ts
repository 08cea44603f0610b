import { createHash, randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { findProjectRoot } from "../../src/kernel/root.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { migrate } from "../../src/store/migrate.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { TestClock } from "./world.ts";

export interface TestDatabase {
  /** `postgres://…` of a new, empty database. */
  url: string;
  /** Ends every connection to it and removes it. */
  drop(): Promise<void>;
}

/** The server that `npm test` started; null where none could be. Tests that need it say so with `needs("postgres")`. */
export function postgresUrl(): string | null {
  return process.env.LOQUET_TEST_POSTGRES || null;
}

/** An empty database of one's own, so that tests may run side by side. */
export function createTestDatabase(): Promise<TestDatabase> {
  return create(theServer(), "template1");
}

/** The same with every table: a copy of one that was migrated once on this server, which takes a tenth of the time. */
export async function createMigratedDatabase(): Promise<TestDatabase> {
  const server = theServer();
  template ??= makeTemplate(server);
  return create(server, await template);
}

function theServer(): string {
  const server = postgresUrl();
  if (!server) throw new Error('No PostgreSQL is running: name the test with needs("postgres").');
  return server;
}

async function create(server: string, from: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await ask(server, (client) => client.query(`create database "${name}" template "${from}"`));
  const drop = () => ask(server, (client) => client.query(`drop database if exists "${name}" with (force)`));
  return {
    url: urlOf(server, name),
    async drop() {
      await drop();
    },
  };
}

let template: Promise<string> | undefined;

/** Made by the first process that needs it; its name says of which tables it is. */
async function makeTemplate(server: string): Promise<string> {
  const name = `template_${migrationsDigest()}`;
  await ask(server, async (client) => {
    // Ends with the connection, also when the process is killed.
    await client.query("select pg_advisory_lock(7215)");
    const known = await client.query("select 1 from pg_database where datname = $1", [name]);
    if (known.rowCount !== 0) return;
    const making = `${name}_making`;
    await client.query(`drop database if exists "${making}" with (force)`);
    await client.query(`create database "${making}"`);
    const store = openPostgres(new Secret(urlOf(server, making)), { connections: 1 });
    try {
      await migrate(store, findProjectRoot(), new TestClock());
    } finally {
      await store.close();
    }
    await client.query(`alter database "${making}" rename to "${name}"`);
  });
  return name;
}

function migrationsDigest(): string {
  const folder = join(findProjectRoot(), "src", "store", "migrations");
  const hash = createHash("sha256");
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    if (file.endsWith(".sql")) hash.update(file).update(readFileSync(join(folder, file)));
  }
  return hash.digest("hex").slice(0, 16);
}

function urlOf(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

async function ask(server: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
