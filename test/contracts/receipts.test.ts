import { afterEach, beforeEach, expect, test } from "vitest";
import type { DeliveryReceipt } from "../../src/channels/smpp-receipt.ts";
import { day, minute } from "../../src/kernel/clock.ts";
import * as outbox from "../../src/outbox/outbox.store.ts";
import { forgetReceipts, keepReceipt, receiptsOf } from "../../src/outbox/receipts.store.ts";
import type { Store } from "../../src/store/store.ts";
import { onEachEngine, openTestStore } from "../support/engines.ts";

onEachEngine("delivery receipts", (engine) => {
  let store: Store;
  let close: () => Promise<void>;
  const now = Date.UTC(2027, 2, 2, 8, 0, 0);
  beforeEach(async () => {
    ({ store, close } = await openTestStore(engine));
  });
  afterEach(() => close());

  const aMessage = (id: string, providerId: string | null, route = "smpp", queuedAt = now) =>
    store.transact((tx) =>
      outbox.insert(tx, {
        id,
        correlation_id: id,
        account_id: null,
        contact_point_id: null,
        challenge_id: null,
        channel: "sms",
        route,
        recipient: "+33612345678",
        recipient_key: "+33612345678",
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
  const keep = (receipt: DeliveryReceipt, at = now + minute, route = "smpp") =>
    store.transact((tx) => keepReceipt(tx, route, receipt, at));
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
  });

  test("old ones are forgotten", async () => {
    await aMessage("one", "m-1");
    await keep(delivered("m-1"));
    await store.transact((tx) => forgetReceipts(tx, now + day));
    expect(await of("one")).toBeNull();
  });
});
