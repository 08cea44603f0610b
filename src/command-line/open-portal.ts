import type { Logger } from "pino";
import { compose, type Portal } from "../compose.ts";
import { type Config, readConfig } from "../config/config.ts";
import { systemClock } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { systemRandom } from "../kernel/random.ts";
import { findProjectRoot } from "../kernel/root.ts";
import { type FolderLock, lockFolder } from "../operate/folder-lock.ts";
import { createLog } from "../operate/log.ts";
import type { Terminal } from "./command.ts";

export interface Settings {
  config: Config;
  root: string;
  warnings: string[];
}

/** Reads the settings; null after every fault has been told. */
export function readSettings(terminal: Terminal): Settings | null {
  const root = findProjectRoot();
  const read = readConfig(terminal.environment, root);
  if (read.ok) return { config: read.config, root, warnings: read.warnings };
  terminal.complain("Loquet cannot start with these settings:");
  for (const fault of read.faults) terminal.complain(`  ${fault}`);
  return null;
}

/** Null where PostgreSQL lets several work at once, or, with SQLite, where another process has the folder. */
export function takeFolder(config: Config, waitMs = 0): FolderLock | null {
  return config.databaseUrl ? null : lockFolder(config.dataFolder, waitMs);
}

/** The whole portal, composed but neither listening nor working. */
export function openPortal(
  { config, root }: Settings,
  options: { log?: Logger; isAlone: boolean; mayMigrate: boolean },
): Promise<Portal> {
  const log = options.log ?? createLog({ ...config, logLevel: "error" });
  return compose({ config, root, clock: systemClock, random: systemRandom, ...options, log });
}

/**
 * Runs a command's work on the portal, beside a running server or without one. Messages that it causes are sent
 * by the server's worker; where there is none they are sent before the command ends.
 */
export async function withPortal(
  terminal: Terminal,
  causes: "messages" | "nothing",
  work: (portal: Portal, place: { isBesideServer: boolean }) => Promise<number>,
): Promise<number> {
  const settings = readSettings(terminal);
  if (!settings) return 1;
  const lock = takeFolder(settings.config);
  const isBesideServer = lock === null && settings.config.databaseUrl === null;
  try {
    const portal = await openPortal(settings, { isAlone: lock !== null, mayMigrate: !isBesideServer });
    try {
      const code = await work(portal, { isBesideServer });
      if (causes === "messages" && !isBesideServer) await portal.worker.settle();
      return code;
    } finally {
      await portal.close();
    }
  } finally {
    lock?.release();
  }
}

/** With SQLite, for what only one process may do; the sentence says who has the folder. */
export function takeFolderOrRefuse(config: Config, waitMs: number): FolderLock | null {
  const lock = takeFolder(config, waitMs);
  if (lock === null && config.databaseUrl === null) {
    throw new Fault(
      `Another Loquet is using the folder ${config.dataFolder}: stop it first, or name another folder with LOQUET_DATA.`,
    );
  }
  return lock;
}
