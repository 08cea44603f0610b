import { randomBytes } from "node:crypto";
import pg from "pg";

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

/** A database of one test file's own, so that files may run side by side. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = postgresUrl();
  if (!server) throw new Error('No PostgreSQL is running: name the test with needs("postgres").');
  const name = `test_${randomBytes(8).toString("hex")}`;
  await run(server, `create database "${name}"`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(server, `drop database if exists "${name}" with (force)`) };
}

async function run(server: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
