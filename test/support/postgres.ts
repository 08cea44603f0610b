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

/**
 * The same with every table, and nothing in them. Making one takes longer than most tests: when a test is done with
 * it, it is emptied and kept for the next one, of this process or another.
 */
export async function createMigratedDatabase(): Promise<TestDatabase> {
  const server = theServer();
  template ??= makeTemplate(server);
  const from = await template;
  const [kept] = (
    await ask(server, (client) =>
      client.query<{ name: string }>(
        `delete from kept_databases where name = (
           select name from kept_databases where template = $1 limit 1 for update skip locked) returning name`,
        [from],
      ),
    )
  ).rows;
  const name = kept?.name ?? (await createFrom(server, from));
  return {
    url: urlOf(server, name),
    async drop() {
      if (!(await empty(server, name))) return drop(server, name);
      await ask(server, (client) => client.query("insert into kept_databases values ($1, $2)", [name, from]));
    },
  };
}

/** False where it is no longer as it was made: a test that changes tables has a database to itself. */
async function empty(server: string, name: string): Promise<boolean> {
  return ask(urlOf(server, name), async (client) => {
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()",
      [name],
    );
    const { rowCount } = await client.query(
      "select 1 where kept.shape() = obj_description('kept'::regnamespace)",
    );
    if (rowCount !== 1) return false;
    await client.query("select kept.empty()");
    return true;
  });
}

/**
 * What a database needs to become again as it was made: rows that migrations wrote, and whether a table, column or
 * index is younger than the rest.
 */
const keeping = `
  create schema kept;
  do $do$ declare name text; is_there boolean; begin
    for name in select tablename from pg_tables where schemaname = 'public' loop
      execute format('select exists (select 1 from public.%I)', name) into is_there;
      if is_there then execute format('create table kept.%I as table public.%I', name, name); end if;
    end loop;
  end $do$;
  create function kept.empty() returns void language plpgsql as $body$ declare name text; begin
    set local session_replication_role = replica;
    for name in select tablename from pg_tables where schemaname = 'public' loop
      execute format('delete from public.%I', name);
    end loop;
    for name in select tablename from pg_tables where schemaname = 'kept' loop
      execute format('insert into public.%I select * from kept.%I', name, name);
    end loop;
  end $body$;
  create function kept.shape() returns text language sql as $body$
    select md5(string_agg(what, ',' order by what)) from (
      select concat_ws(' ', c.oid, c.relname, a.attnum, a.attname, a.atttypid, a.attnotnull) as what
        from pg_class c left join pg_attribute a on a.attrelid = c.oid where c.relnamespace = 'public'::regnamespace
      union all select concat_ws(' ', oid, conname) from pg_constraint where connamespace = 'public'::regnamespace
      union all select concat_ws(' ', oid, tgname, tgenabled) from pg_trigger
      union all select concat_ws(' ', oid, proname) from pg_proc where pronamespace = 'public'::regnamespace
    ) as everything
  $body$;
  do $do$ begin execute format('comment on schema kept is %L', kept.shape()); end $do$;
`;

function theServer(): string {
  const server = postgresUrl();
  if (!server) throw new Error('No PostgreSQL is running: name the test with needs("postgres").');
  return server;
}

async function create(server: string, from: string): Promise<TestDatabase> {
  const name = await createFrom(server, from);
  return { url: urlOf(server, name), drop: () => drop(server, name) };
}

async function createFrom(server: string, from: string): Promise<string> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await ask(server, (client) => client.query(`create database "${name}" template "${from}"`));
  return name;
}

async function drop(server: string, name: string): Promise<void> {
  await ask(server, (client) => client.query(`drop database if exists "${name}" with (force)`));
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
    await ask(urlOf(server, making), (other) => other.query(keeping));
    await client.query("create table if not exists kept_databases (name text primary key, template text)");
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

async function ask<Answer>(server: string, work: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
