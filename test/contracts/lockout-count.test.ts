import { afterEach, beforeEach, expect, test } from "vitest";
import * as rows from "../../src/access/lockout/lockout.store.ts";
import { second } from "../../src/kernel/clock.ts";
import type { Store } from "../../src/store/store.ts";
import { onEachEngine, openTestStore } from "../support/engines.ts";
import { TestClock } from "../support/world.ts";

const lockForMs = 3600 * second;

onEachEngine("the count of wrong passwords", (engine) => {
  let store: Store;
  let close: () => Promise<void>;
  let clock: TestClock;
  let locks = 0;

  beforeEach(async () => {
    ({ store, close } = await openTestStore(engine));
    clock = new TestClock();
  });
  afterEach(() => close());

  const charge = () =>
    store.transact((tx) =>
      rows.charge(tx, "k", {
        now: clock.now(),
        countsFrom: clock.now() - 24 * lockForMs,
        triesBeforeLock: 3,
        lockedUntil: clock.now() + lockForMs,
        lockId: `lock-${++locks}`,
      }),
    );

  test("the last try locks in the statement that charges it", async () => {
    expect(await charge()).toMatchObject({ failures: 1, locked_until: null });
    expect(await charge()).toMatchObject({ failures: 2, locked_until: null });
    expect(await charge()).toMatchObject({ failures: 3, locked_until: clock.now() + lockForMs });
    expect(await charge()).toBeNull();
    clock.advance(lockForMs);
    expect(await charge()).toMatchObject({ failures: 1, locked_until: null, lock_id: null });
  });

  test("tries at once are charged one by one", async () => {
    const charged = await Promise.all(Array.from({ length: 20 }, charge));
    expect(charged.filter((row) => row !== null)).toHaveLength(3);
  });

  test("a try given back takes its own lock with it, and nobody else's", async () => {
    await charge();
    const second_ = await charge();
    const last = await charge();
    await store.transact((tx) => rows.refund(tx, "k", second_?.lock_id ?? null));
    expect(await charge()).toBeNull();
    await store.transact((tx) => rows.refund(tx, "k", last?.lock_id ?? null));
    expect(await charge()).toMatchObject({ failures: 3 });
  });
});
