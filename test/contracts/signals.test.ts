import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createIds } from "../../src/kernel/ids.ts";
import { Secret } from "../../src/kernel/secret.ts";
import { listenOn } from "../../src/store/listen.ts";
import { openPostgres } from "../../src/store/postgres.ts";
import { createSignals } from "../../src/store/signals.ts";
import type { Store } from "../../src/store/store.ts";
import { onEachEngine, openTestStore } from "../support/engines.ts";
import { has } from "../support/needs.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres.ts";
import { seededRandom, TestClock } from "../support/world.ts";

/** A way to the database on which what is open at a moment can fall silent, as behind a firewall that forgot it. */
async function startLine(databasePort: number) {
  const open = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(databasePort, "127.0.0.1");
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => open.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    goSilent() {
      for (const socket of open) socket.unpipe().pause();
    },
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const nodeOn = (store: Store, seed: number) =>
  createSignals({ store, ids: createIds(new TestClock(), seededRandom(seed)) });

onEachEngine("a signal", (engine) => {
  let store: Store;
  let close: () => Promise<void>;
  beforeEach(async () => {
    ({ store, close } = await openTestStore(engine, { migrated: false }));
  });
  afterEach(() => close());

  test("is heard once its transaction is committed, by those who listen to its topic, until they stop", async () => {
    const signals = nodeOn(store, 1);
    let heard = 0;
    let others = 0;
    const stop = signals.on("chat a", () => heard++);
    signals.on("chat b", () => others++);
    // What may have been missed before the connection heard anything is told once, to everybody.
    await new Promise((resolve) => setTimeout(resolve, engine === "postgres" ? 400 : 0));
    heard = 0;
    others = 0;
    await store.transact(async (tx) => {
      await signals.raise(tx, "chat a");
      expect(heard).toBe(0);
    });
    expect(heard).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect([heard, others]).toEqual([1, 0]);
    stop();
    await store.transact((tx) => signals.raise(tx, "chat a"));
    expect(heard).toBe(1);
  });

  test("is never heard when its transaction is rolled back", async () => {
    const signals = nodeOn(store, 1);
    let heard = 0;
    signals.on("chat a", () => heard++);
    await new Promise((resolve) => setTimeout(resolve, engine === "postgres" ? 400 : 0));
    heard = 0;
    await expect(
      store.transact(async (tx) => {
        await signals.raise(tx, "chat a");
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(heard).toBe(0);
  });
});

describe.skipIf(!has("postgres"))("signals between nodes", () => {
  let database: TestDatabase;
  let stores: Store[];
  beforeEach(async () => {
    database = await createTestDatabase();
    stores = [1, 2].map(() => openPostgres(new Secret(database.url), { connections: 3 }));
  });
  afterEach(async () => {
    for (const store of stores) await store.close();
    await database.drop();
  });

  test("reach the other node, also after its connection was cut", async () => {
    const [here, there] = stores as [Store, Store];
    let heard = 0;
    nodeOn(there, 2).on("chat a", () => heard++);
    await expect.poll(() => heard).toBe(1);
    const signals = nodeOn(here, 1);
    await here.transact((tx) => signals.raise(tx, "chat a"));
    await expect.poll(() => heard).toBe(2);

    await here.ask(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = ? and datname = current_database()",
      ["loquet signals"],
    );
    // Connected again, it tells that something may have been missed.
    await expect.poll(() => heard, { timeout: 5000 }).toBe(3);
    await here.transact((tx) => signals.raise(tx, "chat a"));
    await expect.poll(() => heard).toBe(4);
  });

  test("are heard again after a connection died without a word", async () => {
    const line = await startLine(Number(new URL(database.url).port));
    const url = new URL(database.url);
    url.port = String(line.port);
    let heard = 0;
    const care = { askEveryMs: 200, answersWithinMs: 300 };
    const stop = listenOn(new Secret(url.href), "loquet_signals", () => heard++, care);
    await expect.poll(() => heard).toBe(1);
    line.goSilent();
    // Heard anew over another connection, which tells that something may have been missed.
    await expect.poll(() => heard, { timeout: 5000 }).toBe(2);
    stop();
    await line.close();
  });
});
