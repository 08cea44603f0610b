import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProjectRoot } from "../../src/kernel/root.ts";
import { migrate } from "../../src/store/migrate.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { TestClock } from "./world.ts";

let template: Promise<string> | undefined;

/** Puts a database with every table and nothing in them at `file`: a copy of one that this process migrated once. */
export async function copyMigratedSqlite(file: string): Promise<void> {
  template ??= makeTemplate();
  copyFileSync(await template, file);
}

async function makeTemplate(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "loquet-template-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "loquet.sqlite");
  const store = openSqlite(file);
  await migrate(store, findProjectRoot(), new TestClock());
  // Closing writes what stands beside the file into it.
  await store.close();
  return file;
}
