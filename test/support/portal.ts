import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { type CapturedMessage, listCaptured } from "../../src/channels/capture.ts";
import { compose, type Portal } from "../../src/compose.ts";
import { type Config, readConfig } from "../../src/config/config.ts";
import { limitNames } from "../../src/config/preset.ts";
import { findProjectRoot } from "../../src/kernel/root.ts";
import { createMigratedDatabase } from "./postgres.ts";
import { findFreePort } from "./postgres-server.ts";
import { copyMigratedSqlite } from "./sqlite.ts";
import { seededRandom, TestClock } from "./world.ts";

export interface TestPortal {
  portal: Portal;
  config: Config;
  url: string;
  clock: TestClock;
  /** Resolves what was asked and sends what is due, at the clock's present time. */
  settle(): Promise<void>;
  /** Captured messages, newest first; of one recipient when given. */
  messages(to?: string): Promise<CapturedMessage[]>;
  /** Waits for and answers the newest message to `to`. */
  messageTo(to: string): Promise<CapturedMessage>;
  close(): Promise<void>;
}

export interface TestPortalOptions {
  preset?: "school" | "community" | "service";
  engine?: "sqlite" | "postgres";
  /** Settings of the environment, such as SMTP_URL. */
  environment?: Record<string, string>;
  /** Changes to the configuration after it was read. */
  change?: (config: Config) => Config;
  demo?: boolean;
  /** One test file is one source: what is counted by source hardly counts, unless the test is about that. */
  wideSources?: boolean;
  /** Lets the worker run by itself, as it does for people; default false: `settle` runs it. */
  worker?: boolean;
  seed?: number;
}

function withWideSources(config: Config): Config {
  const limits = { ...config.preset.limits };
  for (const name of limitNames) {
    if (name.endsWith("per-source")) limits[name] = { max: 1_000_000, perSeconds: 60 };
  }
  return { ...config, preset: { ...config.preset, limits } };
}

/** A whole portal on a loopback port: real store, real pages, captured messages, a clock that stands still. */
export async function startPortal(options: TestPortalOptions = {}): Promise<TestPortal> {
  const root = findProjectRoot();
  const folder = mkdtempSync(join(tmpdir(), "loquet-test-"));
  const port = await findFreePort();
  const database = options.engine === "postgres" ? await createMigratedDatabase() : null;
  if (!database) await copyMigratedSqlite(join(folder, "loquet.sqlite"));
  const read = readConfig(
    {
      PORT: String(port),
      LOQUET_DATA: folder,
      LOQUET_PRESET: options.preset ?? "community",
      LOQUET_DEMO: options.demo ? "1" : "0",
      LOQUET_SECRET: "a-master-secret-that-only-tests-know-0123456789",
      LOQUET_LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? "silent",
      ...(database ? { DATABASE_URL: database.url } : {}),
      ...options.environment,
    },
    root,
  );
  if (!read.ok) throw new Error(read.faults.join("\n"));
  const widened = options.wideSources ? withWideSources(read.config) : read.config;
  const config = options.change ? options.change(widened) : widened;
  const clock = new TestClock();
  const faults: unknown[] = [];
  const portal = await compose({
    config,
    root,
    clock,
    random: seededRandom(options.seed ?? 1),
    log: pino({ level: config.logLevel }),
    // Cheap on purpose: what is tested is not the strength of argon2.
    hashParameters: { memoryKib: 64, passes: 1, parallelism: 1 },
    requestDelay: { from: 0, to: 0 },
    onFault: (cause) => faults.push(cause),
  });
  await portal.app.listen({ host: config.host, port: config.port });
  if (options.worker) portal.worker.start();

  const messages = async (to?: string) =>
    (await listCaptured(portal.store)).filter((message) => to === undefined || message.to === to);

  /** A fault of the worker is a bug, and fails the test that met it. */
  async function settle(): Promise<void> {
    await portal.worker.settle();
    if (faults.length > 0) throw faults[0];
  }

  return {
    portal,
    config,
    url: config.url,
    clock,
    settle,
    messages,
    async messageTo(to) {
      await settle();
      const [newest] = await messages(to);
      if (!newest) throw new Error(`No message to ${to} was sent.`);
      return newest;
    },
    async close() {
      await portal.close();
      await database?.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
