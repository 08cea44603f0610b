import { afterEach, beforeEach, expect, test } from "vitest";
import type { DeliveryReceipt } from "../../src/channels/smpp-receipt.ts";
import { day, minute } from "../../src/kernel/clock.ts";
import * as outbox from "../../src/outbox/outbox.store.ts";
import { forgetReceipts, receiptsOf } from "../../src/outbox/receipts.store.ts";
import { createReceipts } from "../../src/outbox/receipts.ts";
import type { Store } from "../../src/store/store.ts";
import { onEachEngine, openTestStore } from "../support/engines.ts";

onEachEngine("delivery receipts", (engine) => {
  let store: Store;
  let close: () => Promise<void>;
  const now = Date.UTC(2027, 2, 2, 8, 0, 0);
  const number = "+33612345678";
  let time: number;
  let dead: string[];
  let answered: string[];
  let counted: string[];
  const receipts = createReceipts({
    clock: { now: () => time },
    addressRefused: async (_tx, contactPointId, reason) => {
      dead.push(`${contactPointId}: ${reason}`);
    },
    addressAnswered: async (_tx, key) => {
      answered.push(key);
    },
    counted: ({ outcome, reason }) => counted.push(`${outcome} ${reason}`),
  });
  beforeEach(async () => {
    ({ store, close } = await openTestStore(engine));
    [dead, answered, counted] = [[], [], []];
  });
  afterEach(() => close());

  const aMessage = (id: string, providerId: string | null, route = "smpp", queuedAt = now) =>
    store.transact((tx) =>
      outbox.insert(tx, {
        id,
        correlation_id: id,
        account_id: null,
        contact_point_id: `point of ${id}`,
        challenge_id: null,
        channel: "sms",
        route,
        recipient: number,
        recipient_key: number,
        template: "recovery.reset",
        locale: "fr",
        params: "{}",
        secrets: null,
        priority: 0,
        status: "sent",
        status_at: queuedAt,
        queued_at: queuedAt,
        due_at: queuedAt,
        useful_until: queuedAt + day,
        lease_until: null,
        lease_owner: null,
        tries: 1,
        left_at: queuedAt,
        provider_id: providerId,
      }),
    );
  const delivered = (providerId: string): DeliveryReceipt => ({
    providerId,
    outcome: "delivered",
    reason: null,
    code: null,
  });
  const expired = (providerId: string): DeliveryReceipt => ({
    providerId,
    outcome: "not-delivered",
    reason: "expired",
    code: "069",
  });
  const unreachable = (providerId: string): DeliveryReceipt => ({
    ...expired(providerId),
    reason: "undeliverable",
  });
  const keep = (receipt: DeliveryReceipt, at = now + minute, route = "smpp") => {
    time = at;
    return store.transact((tx) => receipts.keep(tx, route, receipt));
  };
  /** Recorded as sent, as the outbox does it. */
  async function isTaken(id: string, providerId: string, queuedAt = now): Promise<void> {
    await aMessage(id, providerId, "smpp", queuedAt);
    const message = {
      id,
      channel: "sms",
      route: "smpp",
      recipient_key: number,
      contact_point_id: `point of ${id}`,
      queued_at: queuedAt,
    } as const;
    await store.transact((tx) => receipts.taken(tx, message, providerId));
  }
  const of = async (id: string) => (await receiptsOf(store, [id])).get(id) ?? null;

  test("a message without any has none", async () => {
    await aMessage("one", "m-1");
    await aMessage("unsent", null);
    expect(await receiptsOf(store, ["one", "unsent", "nobody"])).toEqual(new Map());
    expect(await receiptsOf(store, [])).toEqual(new Map());
  });

  test("one that came before the message was recorded counts all the same", async () => {
    await keep(delivered("m-1"));
    await aMessage("one", "m-1");
    expect(await of("one")).toEqual({ outcome: "delivered", reason: null, code: null, at: now + minute });
  });

  test("a repeated one, or a contrary one after the end, changes nothing", async () => {
    await aMessage("one", "m-1");
    await keep(expired("m-1"));
    await keep(expired("m-1"), now + 2 * minute);
    await keep(delivered("m-1"), now + 3 * minute);
    expect(await of("one")).toEqual({
      outcome: "not-delivered",
      reason: "expired",
      code: "069",
      at: now + minute,
    });
  });

  test("news on the way give place to the end, and never come after it", async () => {
    await aMessage("one", "m-1");
    const onItsWay: DeliveryReceipt = { ...delivered("m-1"), outcome: "on-its-way" };
    await keep(onItsWay);
    expect(await of("one")).toMatchObject({ outcome: "on-its-way" });
    await keep(delivered("m-1"), now + 2 * minute);
    await keep(onItsWay, now + 3 * minute);
    expect(await of("one")).toMatchObject({ outcome: "delivered", at: now + 2 * minute });
  });

  test("a long text has arrived once every part has, and has not when one has not", async () => {
    await aMessage("one", "m-1 m-2 m-3");
    await keep(delivered("m-1"));
    await keep(delivered("m-3"));
    expect(await of("one")).toMatchObject({ outcome: "on-its-way" });
    await keep(delivered("m-2"));
    expect(await of("one")).toMatchObject({ outcome: "delivered" });
    await aMessage("two", "m-4 m-5");
    await keep(delivered("m-4"));
    await keep(expired("m-5"));
    expect(await of("two")).toMatchObject({ outcome: "not-delivered", reason: "expired" });
  });

  test("another route's, or one from before the message, is not its own", async () => {
    await aMessage("one", "m-1");
    await keep(delivered("m-1"), now + minute, "elsewhere");
    await keep(delivered("m-1"), now - minute);
    expect(await of("one")).toBeNull();
  });

  test("an id that a provider gives out again is read anew", async () => {
    await keep(expired("m-1"), now - 30 * day);
    await aMessage("one", "m-1");
    expect(await of("one")).toBeNull();
    await keep(delivered("m-1"));
    expect(await of("one")).toMatchObject({ outcome: "delivered" });
    // Nor does it rewrite what became of the message that had it before.
    await keep(expired("m-1"), now + 30 * day);
    expect(await of("one")).toBeNull();
  });

  test.each(["receipt", "record"])(
    "the second message that cannot be delivered marks the number: %s last",
    async (last) => {
      const both = [() => isTaken("two", "m-2 m-3"), () => keep(unreachable("m-3"), now + 2 * minute)];
      await isTaken("one", "m-1");
      await keep(unreachable("m-1"));
      expect(await outbox.isSuppressed(store, number)).toBe(false);
      for (const step of last === "receipt" ? both : both.toReversed()) await step();
      expect(dead).toEqual(["point of two: receipt 069"]);
      expect(await outbox.findSuppression(store, number)).toMatchObject({ reason: "receipt 069" });
      // Said again, it is nothing new.
      await keep(unreachable("m-3"), now + 3 * minute);
      expect(dead).toHaveLength(1);
      expect(counted).toEqual(["not-delivered undeliverable", "not-delivered undeliverable"]);
      await isTaken("three", "m-4", now + 4 * minute);
      await keep(delivered("m-4"), now + 5 * minute);
      expect(answered).toEqual([number]);
      expect(await outbox.isSuppressed(store, number)).toBe(false);
      // Counted anew from there.
      await isTaken("four", "m-5", now + 6 * minute);
      await keep(unreachable("m-5"), now + 7 * minute);
      expect(dead).toHaveLength(1);
    },
  );

  test("receipt and record at once: whichever comes second judges", async () => {
    await isTaken("one", "m-1");
    await keep(unreachable("m-1"));
    for (const n of [2, 3, 4]) {
      await Promise.all([isTaken(`${n}`, `m-${n}`), keep(unreachable(`m-${n}`), now + n * minute)]);
    }
    expect(new Set(dead)).toEqual(new Set([2, 3, 4].map((n) => `point of ${n}: receipt 069`)));
  });

  test("a telephone that was off, a provider that refuses, two parts of one message: the number lives", async () => {
    await isTaken("one", "m-1 m-2");
    await keep(unreachable("m-1"));
    await keep(unreachable("m-2"), now + 2 * minute);
    await isTaken("two", "m-3");
    await keep(expired("m-3"), now + 3 * minute);
    await isTaken("three", "m-4");
    await keep({ ...expired("m-4"), reason: "rejected" }, now + 4 * minute);
    expect(dead).toEqual([]);
    // A refusal for good is not a receipt's to take back.
    const refused = { recipient_key: number, channel: "sms", reason: "ESME_RINVDSTADR", since: now };
    await store.transact((tx) => outbox.suppress(tx, refused));
    await isTaken("four", "m-5");
    await keep(delivered("m-5"), now + 5 * minute);
    expect(await outbox.isSuppressed(store, number)).toBe(true);
  });

  test("old ones are forgotten", async () => {
    await aMessage("one", "m-1");
    await keep(delivered("m-1"));
    await store.transact((tx) => forgetReceipts(tx, now + day));
    expect(await of("one")).toBeNull();
  });
});
