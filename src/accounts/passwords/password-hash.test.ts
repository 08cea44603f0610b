import { hash as argon2Hash, verify as argon2Verify } from "@node-rs/argon2";
import { describe, expect, test } from "vitest";
import { Fault } from "../../kernel/fault.ts";
import { createPasswordHashing, HashingOverloaded } from "./password-hash.ts";

const cheap = { memoryKib: 8, passes: 1, parallelism: 1 };
const fixedClock = { now: () => 0 };
/** Each look at this clock finds it so much later: every hash seems to have taken `step`. */
const steppingClock = (step: number) => {
  let now = 0;
  return { now: () => (now += step) };
};

describe("password hashing", () => {
  const hashing = createPasswordHashing({ clock: fixedClock, parameters: cheap });

  test("makes an argon2id hash that only its password opens", async () => {
    const hash = await hashing.hash("cheval batterie agrafe");
    expect(hash).toMatch(/^\$argon2id\$v=19\$m=8,t=1,p=1\$/);
    expect(await argon2Verify(hash, "cheval batterie agrafe")).toBe(true);
    expect(await hashing.verify(hash, "cheval batterie agrafe")).toBe(true);
    expect(await hashing.verify(hash, "cheval batterie agrafes")).toBe(false);
  });

  test("takes the same password from every keyboard", async () => {
    const hash = await hashing.hash("vélo № 2");
    expect(await hashing.verify(hash, "ve\u0301lo No 2")).toBe(true);
  });

  test("says no without an account, even to the empty password", async () => {
    expect(await hashing.verify(null, "")).toBe(false);
    expect(await hashing.verify(null, "cheval")).toBe(false);
  });

  test("takes any text", async () => {
    const hash = await hashing.hash("x");
    for (const text of ["", "\0", "\ud800", "x".repeat(10_000), "ﷺ".repeat(4096), `x${"\0".repeat(5000)}`]) {
      expect(await hashing.verify(hash, text)).toBe(false);
    }
  });

  test("asks for a new hash when the parameters have changed", async () => {
    const hash = await hashing.hash("x");
    const stronger = createPasswordHashing({ clock: fixedClock, parameters: { ...cheap, passes: 2 } });
    expect(hashing.needsRehash(hash)).toBe(false);
    expect(stronger.needsRehash(hash)).toBe(true);
    expect(await stronger.verify(hash, "x")).toBe(true);
    expect(
      hashing.needsRehash(await argon2Hash("x", { ...{ memoryCost: 8, timeCost: 1 }, algorithm: 1 })),
    ).toBe(true);
    expect(hashing.needsRehash("nonsense")).toBe(true);
  });

  test("treats a stored hash that is none as a fault", async () => {
    await expect(hashing.verify("nonsense", "x")).rejects.toThrow(Fault);
  });
});

describe("the queue of passwords", () => {
  const create = () =>
    createPasswordHashing({ clock: steppingClock(500), parameters: cheap, lanes: 2, waitLimitMs: 2000 });

  test("refuses at once, with the time to come back, when the wait would be too long", async () => {
    const hashing = create();
    await hashing.prepare();
    expect(hashing.expectedWaitMs()).toBe(0);
    const accepted = Array.from({ length: 9 }, () => hashing.hash("x"));
    expect(hashing.expectedWaitMs()).toBe(2000);
    expect(hashing.isOverloaded()).toBe(false);
    accepted.push(hashing.hash("x"));
    expect(hashing.isOverloaded()).toBe(true);
    const refusal = await Promise.race([hashing.verify(null, "x").catch((error) => error), accepted[0]]);
    expect(refusal).toBeInstanceOf(HashingOverloaded);
    expect(refusal).toBeInstanceOf(Fault);
    expect(refusal.retryAfterSeconds).toBe(3);
    await Promise.all(accepted);
  });

  test("takes people again when it has emptied, and serves them in their order", async () => {
    const hashing = create();
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 10 }, (_, place) => hashing.hash("x").then(() => order.push(place))),
    );
    expect(order.slice(-1)[0]).toBeGreaterThanOrEqual(8);
    expect(hashing.expectedWaitMs()).toBe(0);
    expect(await hashing.verify(null, "x")).toBe(false);
  });

  test("goes on after a failure", async () => {
    const hashing = createPasswordHashing({ clock: fixedClock, parameters: cheap, lanes: 1 });
    const failing = hashing.verify("nonsense", "x").catch((error) => error);
    const following = hashing.hash("x");
    expect(await failing).toBeInstanceOf(Fault);
    expect(await following).toMatch(/^\$argon2id/);
  });

  test("recovers from a clock that jumped", async () => {
    let now = 0;
    const hashing = createPasswordHashing({ clock: { now: () => now }, parameters: cheap, lanes: 1 });
    const during = hashing.hash("x");
    now = 3_600_000;
    await during;
    const running = hashing.hash("x");
    expect(hashing.expectedWaitMs()).toBeLessThanOrEqual(5_000);
    await running;
    expect(hashing.isOverloaded()).toBe(false);
  });
});
