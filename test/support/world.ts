import { createHash } from "node:crypto";
import type { Clock } from "../../src/kernel/clock.ts";
import type { Random } from "../../src/kernel/random.ts";

/** A clock that only moves when told. Starts on Tuesday 2 March 2027 at 09:00 in Paris. */
export class TestClock implements Clock {
  #now: number;
  constructor(now = Date.UTC(2027, 2, 2, 8, 0, 0)) {
    this.#now = now;
  }
  now(): number {
    return this.#now;
  }
  /** Lets `ms` milliseconds pass. */
  advance(ms: number): void {
    this.#now += ms;
  }
}

/** The same chance for the same seed: SHA-256 of a counter. */
export function seededRandom(seed: number): Random {
  let counter = 0;
  let pool = Buffer.alloc(0);
  function bytes(length: number): Buffer {
    while (pool.length < length) {
      pool = Buffer.concat([pool, createHash("sha256").update(`${seed}:${counter++}`).digest()]);
    }
    const drawn = Buffer.from(pool.subarray(0, length));
    pool = pool.subarray(length);
    return drawn;
  }
  return { bytes, below: (limit) => bytes(6).readUIntBE(0, 6) % limit };
}
