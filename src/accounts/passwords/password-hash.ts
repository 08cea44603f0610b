import { availableParallelism } from "node:os";
import { hash as argon2Hash, verify as argon2Verify, parseOptions } from "@node-rs/argon2";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import { longestPasswordTyped, normalisePassword } from "./password-text.ts";

/** Argon2id (RFC 9106). The defaults are the OWASP minimum: 19 MiB, two passes, one lane. */
export interface HashParameters {
  memoryKib: number;
  passes: number;
  parallelism: number;
}
export const defaultHashParameters: HashParameters = { memoryKib: 19_456, passes: 2, parallelism: 1 };

/** Too many people sign in at once: answer 503 with Retry-After instead of letting everybody wait. */
export class HashingOverloaded extends Fault {
  readonly retryAfterSeconds: number;
  constructor(retryAfterSeconds: number) {
    super(`Password hashing is overloaded; retry in ${retryAfterSeconds} s.`);
    this.name = "HashingOverloaded";
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface PasswordHashing {
  /** A PHC string `$argon2id$v=19$m=…`. Rejects with `HashingOverloaded`; refuses nothing: rules are elsewhere. */
  hash(plain: string): Promise<string>;
  /**
   * Whether `plain` is the password of `hash`. Without a hash (unknown account) it does the same work and says no
   * (promise "Neutral"). Rejects with `HashingOverloaded`, and with `Fault` if the stored hash is no PHC string.
   */
  verify(hash: string | null, plain: string): Promise<boolean>;
  /** Whether the hash was made with other parameters than today's: hash again after the next right password. */
  needsRehash(hash: string): boolean;
  /** How long a password given now would wait for its turn, in milliseconds. */
  expectedWaitMs(): number;
  /** Whether `hash` and `verify` would be refused now. */
  isOverloaded(): boolean;
  /** Makes the dummy hash and the first measure. Call it before listening, or the first unknown account is slow. */
  prepare(): Promise<void>;
}

/**
 * Hashes on libuv's pool, `lanes` at once and first come, first served, so that a crowd does not fill the memory
 * (19 MiB a hash). `bin/loquet.js` gives the pool one thread for each core; twice as many lanes keep the next hash
 * ready in the pool, so that a core never waits for the main thread.
 */
export function createPasswordHashing({
  clock,
  parameters = defaultHashParameters,
  lanes = 2 * availableParallelism(),
  waitLimitMs = 2000,
}: {
  clock: Clock;
  parameters?: HashParameters;
  /** Hashes under way or next in the pool; twice as many as there are cores. */
  lanes?: number;
  waitLimitMs?: number;
}): PasswordHashing {
  const turns = createTurns(clock, lanes, waitLimitMs);
  const options = {
    memoryCost: parameters.memoryKib,
    timeCost: parameters.passes,
    parallelism: parameters.parallelism,
  };
  let dummy: Promise<string> | null = null;

  function dummyHash(): Promise<string> {
    dummy ??= argon2Hash("", options).catch((cause) => {
      dummy = null;
      throw new Fault("Argon2 could not make the dummy hash.", { cause });
    });
    return dummy;
  }

  return {
    hash: (plain) => turns.take(() => argon2Hash(normalisePassword(plain), options)),

    async verify(hash, plain) {
      const isTooLong = plain.length > longestPasswordTyped;
      const target = hash === null || isTooLong ? await dummyHash() : hash;
      const text = isTooLong ? "" : normalisePassword(plain);
      const matches = await turns.take(() =>
        argon2Verify(target, text).catch((cause) => {
          throw new Fault("A stored password hash cannot be read.", { cause });
        }),
      );
      return matches && target === hash;
    },

    needsRehash(hash) {
      try {
        const made = parseOptions(hash);
        return (
          !hash.startsWith("$argon2id$") ||
          made.memoryCost !== parameters.memoryKib ||
          made.timeCost !== parameters.passes ||
          made.parallelism !== parameters.parallelism
        );
      } catch {
        return true;
      }
    },

    expectedWaitMs: turns.expectedWaitMs,
    isOverloaded: () => turns.expectedWaitMs() > waitLimitMs,
    async prepare() {
      await dummyHash();
      await turns.take(async () => argon2Verify(await dummyHash(), ""));
    },
  };
}

// Until the first measure: a slow machine's guess. After it, each new measure counts for a tenth.
const firstGuessMs = 50;
const weightOfNewest = 0.1;
// A clock that jumps must not make the queue look hours long.
const longestBelievableMs = 5_000;

function createTurns(clock: Clock, lanes: number, waitLimitMs: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  let averageMs = firstGuessMs;
  let hasMeasured = false;

  function expectedWaitMs(): number {
    return running < lanes ? 0 : ((waiting.length + 1) * averageMs) / lanes;
  }

  async function take<R>(work: () => Promise<R>): Promise<R> {
    const waitMs = expectedWaitMs();
    if (waitMs > waitLimitMs) throw new HashingOverloaded(Math.ceil(waitMs / 1000));
    if (running < lanes) running++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    const startedAt = clock.now();
    try {
      return await work();
    } finally {
      const tookMs = Math.min(Math.max(clock.now() - startedAt, 0), longestBelievableMs);
      averageMs = hasMeasured ? averageMs + (tookMs - averageMs) * weightOfNewest : tookMs;
      hasMeasured = true;
      const next = waiting.shift();
      // The lane is handed over, never free in between: nobody overtakes the queue.
      if (next) next();
      else running--;
    }
  }

  return { take, expectedWaitMs };
}
