import type { Logger } from "pino";
import type { HashParameters } from "../accounts/passwords/password-hash.ts";
import type { Config } from "../config/config.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Random } from "../kernel/random.ts";

/** What the world gives; tests give a clock that stands still and cheap hashes. */
export interface World {
  config: Config;
  root: string;
  clock: Clock;
  random: Random;
  log: Logger;
  hashParameters?: HashParameters;
  /** No other process works on this database: what a killed predecessor had taken is free again. */
  isAlone?: boolean;
  /** False beside a running server, under which the schema must not change; default true. */
  mayMigrate?: boolean;
  /** Told of every fault of the worker, beside the log. */
  onFault?: (cause: unknown) => void;
  /** Random wait before what a stranger asked is resolved, in milliseconds. */
  requestDelay?: { from: number; to: number };
}
