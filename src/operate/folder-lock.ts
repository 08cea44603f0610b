import { mkdirSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";

/** Held until `release`, or until the process ends in whatever way. */
export interface FolderLock {
  release(): void;
}

/**
 * Takes the data folder for this process alone: two servers on one SQLite file would send each message twice.
 * The lock is the operating system's own, on a small database beside the real one, so that a killed process
 * leaves it free. Null when another process has it after `waitMs`.
 */
export function lockFolder(folder: string, waitMs = 0): FolderLock | null {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const database = new Database(join(folder, "lock.sqlite"), { timeout: waitMs });
  try {
    // With a rollback journal an exclusive transaction keeps even readers out (sqlite.org/lockingv3.html).
    database.pragma("journal_mode = DELETE");
    database.exec("begin exclusive");
    return { release: () => database.close() };
  } catch (cause) {
    database.close();
    if (cause instanceof Database.SqliteError && cause.code.startsWith("SQLITE_BUSY")) return null;
    throw cause;
  }
}
