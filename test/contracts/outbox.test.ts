import { afterEach, beforeEach, expect, test } from "vitest";
import type { SendResult } from "../../src/channels/channel.ts";
import { minute, second } from "../../src/kernel/clock.ts";
import { createIds } from "../../src/kernel/ids.ts";
import { createKeys } from "../../src/kernel/keys.ts";
import { Secret } from "../../src/kernel/secret.ts";
import * as rows from "../../src/outbox/outbox.store.ts";
import { createOutbox, type NewMessage, type ReadyMessage } from "../../src/outbox/outbox.ts";
import { createRequests } from "../../src/outbox/requests.ts";
import type { Store } from "../../src/store/store.ts";
import { onEachEngine, openTestStore } from "../support/engines.ts";
import { seededRandom, TestClock } from "../support/world.ts";

const accepted: SendResult = { outcome: "accepted", providerId: "q1", detail: "250 ok" };
const unanswered: SendResult = {
  outcome: "temporary",
  code: "ETIMEDOUT",
  detail: "no answer",
  mayHaveArrived: true,
};
const later: SendResult = { outcome: "temporary", code: "4.3.2", detail: "come back" };

const message: NewMessage = {
  template: "recovery.reset",
  channel: "email",
  to: "lea@example.fr",
  toKey: "lea@example.fr",
  accountId: "account",
  contactPointId: "point",
  challengeId: "challenge",
  locale: "fr",
  params: { name: "Léa" },
  secrets: { codePlain: "12345678", linkPlain: "a-link-that-opens" },
  usefulForSeconds: 3600,
  priority: "urgent",
};

interface MessageTables {
  messages: rows.MessageRow;
  message_attempts: rows.AttemptRow;
}

onEachEngine("the outbox", (engine) => {
  let store: Store;
  let close: () => Promise<void>;
  const clock = new TestClock();
  const random = seededRandom(7);
  const ids = createIds(clock, random);
  const keys = createKeys(random, new Secret("a-secret-of-the-outbox-test-0123456789"), null);
  let sent: ReadyMessage[];
  let left: string[];
  let dead: string[];
  let servesFor: number | null;
  let answer: (ready: ReadyMessage) => SendResult | Promise<SendResult>;

  const outboxOf = () =>
    createOutbox({
      store,
      clock,
      random,
      ids,
      keys,
      routeOf: () => "test",
      servesFor: async () => servesFor,
      deliver: async (ready) => {
        sent.push(ready);
        return answer(ready);
      },
      messageLeft: async (_tx, ready) => {
        left.push(ready.id);
      },
      addressRefused: async (_tx, contactPointId) => {
        dead.push(contactPointId);
      },
      receipts: { taken: async () => {} },
      wake: () => {},
      onFault: () => {},
    });

  beforeEach(async () => {
    ({ store, close } = await openTestStore(engine));
    sent = [];
    left = [];
    dead = [];
    servesFor = null;
    answer = () => accepted;
  });
  afterEach(() => close());

  const put = (changes: Partial<NewMessage> = {}) =>
    store.transact((tx) => outboxOf().enqueue(tx, { ...message, ...changes }));
  const stored = async () =>
    await store.tables<MessageTables>().selectFrom("messages").selectAll().executeTakeFirstOrThrow();
  const attempts = () =>
    store.tables<MessageTables>().selectFrom("message_attempts").selectAll().orderBy("started_at").execute();

  async function sendAll(outbox = outboxOf()): Promise<void> {
    while ((await outbox.sendDue("email")) > 0);
  }

  test("sends what was committed, and forgets its secrets once it has left", async () => {
    await put();
    expect((await stored()).secrets).not.toContain("12345678");
    await sendAll();
    expect(sent[0]?.secrets).toEqual({ codePlain: "12345678", linkPlain: "a-link-that-opens" });
    expect(await stored()).toMatchObject({
      status: "sent",
      secrets: null,
      provider_id: "q1",
      left_at: clock.now(),
    });
    expect(left).toHaveLength(1);
    expect(await attempts()).toMatchObject([{ outcome: "accepted", detail: "250 ok" }]);
  });

  test("sends nothing of a transaction that was rolled back", async () => {
    const failing = store.transact(async (tx) => {
      await outboxOf().enqueue(tx, message);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    await sendAll();
    expect(sent).toEqual([]);
  });

  test("tries again with growing pauses for as long as it is useful, then gives up", async () => {
    answer = () => later;
    await put({ usefulForSeconds: 20 * 60 });
    const pauses: number[] = [];
    for (let last = clock.now(); (await stored()).status === "queued"; ) {
      await sendAll();
      const row = await stored();
      if (row.status !== "queued") break;
      pauses.push(row.due_at - last);
      clock.advance(row.due_at - clock.now());
      last = clock.now();
    }
    expect(pauses.length).toBeGreaterThan(3);
    expect(pauses.every((pause, index) => index === 0 || pause > (pauses[index - 1] as number))).toBe(true);
    expect(await stored()).toMatchObject({ status: "given-up", secrets: null });
    expect(left).toEqual([]);
  });

  test("gives up at the third try after which nobody knows whether it was taken, whatever came between", async () => {
    const answers = [unanswered, later, unanswered, later, later, unanswered];
    answer = () => answers.shift() ?? accepted;
    await put({ usefulForSeconds: 72 * 3600 });
    for (let tries = 0; (await stored()).status === "queued" && tries < 10; tries++) {
      clock.advance((await stored()).due_at - clock.now());
      await sendAll();
    }
    expect(sent).toHaveLength(6);
    expect(await stored()).toMatchObject({ status: "given-up", secrets: null });
    expect((await attempts()).filter(({ outcome }) => outcome === "unanswered")).toHaveLength(3);
  });

  test("what is of no use any more is not sent", async () => {
    servesFor = 0;
    await put();
    await sendAll();
    expect(sent).toEqual([]);
    expect(await stored()).toMatchObject({ status: "cancelled", secrets: null, lease_owner: null });
    expect(await attempts()).toEqual([]);
  });

  test("waits as long as the provider asks", async () => {
    answer = () => ({ ...later, retryAfterSeconds: 600 }) as SendResult;
    await put();
    await sendAll();
    expect((await stored()).due_at).toBe(clock.now() + 600 * second);
  });

  test("an address that refuses for good is remembered, and nothing is tried again", async () => {
    answer = () => ({ outcome: "permanent", code: "5.1.1", detail: "no such user", reason: "address" });
    await put();
    await sendAll();
    expect(await stored()).toMatchObject({ status: "failed", secrets: null });
    expect(dead).toEqual(["point"]);
    expect(await rows.isSuppressed(store, "lea@example.fr")).toBe(true);
  });

  test("what has not left of a replaced challenge will not leave", async () => {
    await put();
    await store.transact((tx) => outboxOf().cancel(tx, "challenge"));
    await sendAll();
    expect(sent).toEqual([]);
    expect(await stored()).toMatchObject({ status: "cancelled", secrets: null });
  });

  test.each([
    ["later", later, "cancelled"],
    ["unanswered", unanswered, "cancelled"],
    ["accepted", accepted, "sent"],
  ] as const)(
    "what is cancelled while the answer is awaited does not come back: %s",
    async (_, came, status) => {
      let say: (result: SendResult) => void = () => {};
      answer = () =>
        new Promise((resolve) => {
          say = resolve;
        });
      await put();
      const outbox = outboxOf();
      const sending = outbox.sendDue("email");
      while (sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
      await store.transact((tx) => outbox.cancel(tx, "challenge"));
      say(came);
      await sending;
      expect(await stored()).toMatchObject({ status, secrets: null, lease_owner: null });
      expect(await attempts()).toHaveLength(1);
      clock.advance(20 * minute);
      await sendAll();
      expect(sent).toHaveLength(1);
    },
  );

  test("the most urgent goes first, whatever the order of asking", async () => {
    await put({ priority: "last", to: "c@example.fr" });
    await put({ priority: "usual", to: "b@example.fr" });
    await put({ priority: "urgent", to: "a@example.fr" });
    const outbox = outboxOf();
    while ((await outbox.sendDue("email")) > 0);
    expect(sent.map((ready) => ready.to)).toEqual(["a@example.fr", "b@example.fr", "c@example.fr"]);
  });

  test("five nodes together send each of a hundred messages once", async () => {
    await Promise.all(Array.from({ length: 100 }, (_, index) => put({ to: `p${index}@example.fr` })));
    answer = () => new Promise((resolve) => setTimeout(() => resolve(accepted), 1));
    await Promise.all(Array.from({ length: 5 }, () => sendAll(outboxOf())));
    expect(sent).toHaveLength(100);
    expect(new Set(sent.map((ready) => ready.id)).size).toBe(100);
  });

  test("what a dead node was sending is sent by another once its lease has run out", async () => {
    await put();
    answer = () => new Promise(() => {});
    void outboxOf().sendDue("email");
    while (sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    answer = () => accepted;
    await sendAll();
    expect(sent).toHaveLength(1);
    clock.advance(4 * minute);
    await sendAll();
    expect(sent).toHaveLength(2);
    expect((await stored()).status).toBe("sent");
  });

  test("a message sealed under a secret that is gone fails, and holds nobody up", async () => {
    await put();
    const others = createKeys(random, new Secret("another-secret-of-the-outbox-test-987"), null);
    const outbox = createOutbox({
      store,
      clock,
      random,
      ids,
      keys: others,
      routeOf: () => "test",
      servesFor: async () => null,
      deliver: async () => accepted,
      messageLeft: async () => {},
      addressRefused: async () => {},
      receipts: { taken: async () => {} },
      wake: () => {},
      onFault: () => {},
    });
    await sendAll(outbox);
    expect((await stored()).status).toBe("failed");
  });

  test("a request is resolved once, though many workers look, and its payload is erased", async () => {
    const resolved: string[] = [];
    const requests = () =>
      createRequests({
        store,
        clock,
        random,
        ids,
        keys,
        delay: { from: 0, to: 0 },
        resolvers: () => ({
          test: async (_tx, payload: { who: string }) => {
            resolved.push(payload.who);
            return "done";
          },
        }),
        wake: () => {},
        onFault: () => {},
      });
    await store.transact((tx) =>
      requests().commit(tx, { kind: "test", payload: { who: "lea" }, incident: null }),
    );
    await Promise.all(Array.from({ length: 8 }, () => requests().resolveDue()));
    expect(resolved).toEqual(["lea"]);
    const [row] = await store
      .tables<{ requests: { payload: string | null; result: string | null } }>()
      .selectFrom("requests")
      .selectAll()
      .execute();
    expect(row).toMatchObject({ payload: null, result: "done" });
  });

  test("a resolver that fails leaves nothing half done, and is asked again later", async () => {
    let fails = true;
    const requests = createRequests({
      store,
      clock,
      random,
      ids,
      keys,
      delay: { from: 0, to: 0 },
      resolvers: () => ({
        test: async (tx) => {
          await outboxOf().enqueue(tx, message);
          if (fails) throw new Error("the database hiccuped");
          return "done";
        },
      }),
      wake: () => {},
      onFault: () => {},
    });
    await store.transact((tx) => requests.commit(tx, { kind: "test", payload: {}, incident: null }));
    await requests.resolveDue();
    expect(await store.tables<MessageTables>().selectFrom("messages").selectAll().execute()).toEqual([]);
    fails = false;
    clock.advance(minute);
    await requests.resolveDue();
    expect(await store.tables<MessageTables>().selectFrom("messages").selectAll().execute()).toHaveLength(1);
  });
});
