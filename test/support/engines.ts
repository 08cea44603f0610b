import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe } from "vitest";
import { Secret } from "../../src/kernel/secret.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import type { Engine, Store } from "../../src/store/store.ts";
import { has } from "./needs.ts";
import { createMigratedDatabase, createTestDatabase } from "./postgres.ts";
import { copyMigratedSqlite } from "./sqlite.ts";

/** The same contract on each real engine. */
export function onEachEngine(name: string, tests: (engine: Engine) => void): void {
  for (const engine of ["sqlite", "postgres"] as const) {
    describe.skipIf(engine === "postgres" && !has("postgres"))(`${name} on ${engine}`, () => tests(engine));
  }
}

/** A migrated, empty database of its own; `close` removes it. */
export async function openTestStore(
  engine: Engine,
  options: { migrated?: boolean } = {},
): Promise<{ store: Store; close: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "loquet-store-"));
  const isMigrated = options.migrated !== false;
  const createDatabase = isMigrated ? createMigratedDatabase : createTestDatabase;
  const database = engine === "postgres" ? await createDatabase() : null;
  const file = join(folder, "loquet.sqlite");
  if (isMigrated && !database) await copyMigratedSqlite(file);
  const store = database ? openPostgres(new Secret(database.url), { connections: 10 }) : openSqlite(file);
  return {
    store,
    async close() {
      await store.close();
      await database?.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
