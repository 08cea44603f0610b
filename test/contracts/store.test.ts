import { afterEach, beforeEach, expect, test } from "vitest";
import * as budgetRows from "../../src/access/budgets/budgets.store.ts";
import { findProjectRoot } from "../../src/kernel/root.ts";
import { isUniqueViolation } from "../../src/store/abilities.ts";
import { appliedMigrations, knownMigrations, migrate } from "../../src/store/migrate.ts";
import type { Asked, Store, Tx } from "../../src/store/store.ts";
import { onEachEngine, openTestStore } from "../support/engines.ts";
import { has } from "../support/needs.ts";
import { TestClock } from "../support/world.ts";

interface MarkTables {
  marks: { name: string; value: string };
  migrations: { name: string; applied_at: number };
}

onEachEngine("the store", (engine) => {
  let store: Store;
  let close: () => Promise<void>;
  beforeEach(async () => {
    ({ store, close } = await openTestStore(engine));
  });
  afterEach(() => close());

  const mark = (name: string, value: string) =>
    store.transact((tx) => tx.tables<MarkTables>().insertInto("marks").values({ name, value }).execute());
  const marks = () => store.tables<MarkTables>().selectFrom("marks").selectAll().orderBy("name").execute();

  test("commits what a transaction wrote, and says so only afterwards", async () => {
    const told: string[] = [];
    await store.transact(async (tx) => {
      await tx.tables<MarkTables>().insertInto("marks").values({ name: "a", value: "1" }).execute();
      tx.afterCommit(() => told.push("committed"));
      expect(told).toEqual([]);
      expect(await marks()).toEqual([]);
    });
    expect(told).toEqual(["committed"]);
    expect(await marks()).toEqual([{ name: "a", value: "1" }]);
  });

  test("rolls everything back when the work throws, and tells nobody", async () => {
    const told: string[] = [];
    const failing = store.transact(async (tx) => {
      await tx.tables<MarkTables>().insertInto("marks").values({ name: "a", value: "1" }).execute();
      tx.afterCommit(() => told.push("committed"));
      throw new Error("half-way");
    });
    await expect(failing).rejects.toThrow("half-way");
    expect(await marks()).toEqual([]);
    expect(told).toEqual([]);
  });

  test("goes on after a refused statement inside another transaction", async () => {
    await mark("a", "1");
    await expect(mark("a", "2")).rejects.toThrow();
    await mark("b", "2");
    expect((await marks()).map((row) => row.name)).toEqual(["a", "b"]);
  });

  test.each(["transact", "transactLightly"] as const)(
    "what is asked at once in %s fails together, and what would have followed is refused",
    async (kind) => {
      await mark("a", "1");
      const late: Promise<unknown>[] = [];
      const insert = (tx: Tx, name: string) =>
        tx.tables<MarkTables>().insertInto("marks").values({ name, value: "2" }).execute();
      const writeOn = async (tx: Tx) => {
        for (const name of ["b", "c", "d", "e"]) await insert(tx, name);
        for (const name of ["f", "g"])
          await tx.ask("insert into marks (name, value) values (?, ?)", [name, "2"]);
      };
      const failing = store[kind](async (tx) => {
        const goesOn = writeOn(tx);
        late.push(goesOn.catch(() => {}));
        await Promise.all([goesOn, insert(tx, "a")]);
      });
      const other = mark("other", "1");
      await expect(failing).rejects.toSatisfy(isUniqueViolation);
      await Promise.all([...late, other]);
      expect((await marks()).map((row) => row.name)).toEqual(["a", "other"]);
    },
  );

  test("a transaction that is over can be asked nothing more", async () => {
    let kept: Tx | undefined;
    await store.transact(async (tx) => {
      kept = tx;
    });
    expect(() => kept?.tables<MarkTables>()).toThrow("over");
    await expect(kept?.ask("select 1", [])).rejects.toThrow("over");
  });

  test("asks a written statement inside and outside a transaction, and answers what it returns", async () => {
    const returned = await store.transact((tx) =>
      tx.ask("insert into marks (name, value) values (?, ?) returning value", ["a", "1"]),
    );
    expect(returned).toEqual([{ value: "1" }]);
    expect(await store.transact((tx) => tx.ask("delete from marks where name = ?", ["none"]))).toEqual([]);
    expect(await store.ask("select name from marks where value = ?", ["1"])).toEqual([{ name: "a" }]);
  });

  test("a statement that failed fails the whole, or leaves no trace: never half a commit that looks whole", async () => {
    await mark("a", "1");
    const told: string[] = [];
    const swallowing = store.transact(async (tx) => {
      tx.afterCommit(() => told.push("committed"));
      await tx.ask("insert into marks (name, value) values (?, ?)", ["b", "2"]);
      await tx.ask("insert into marks (name, value) values (?, ?)", ["a", "2"]).catch(() => {});
    });
    const isWhole = await swallowing.then(
      () => true,
      () => false,
    );
    expect(told).toEqual(isWhole ? ["committed"] : []);
    expect((await marks()).map((row) => row.name)).toEqual(isWhole ? ["a", "b"] : ["a"]);
  });

  test("without a transaction each statement stands alone, and joins no transaction that is open", async () => {
    const put = (db: Asked, name: string) =>
      db.ask("insert into marks (name, value) values (?, ?)", [name, "1"]);
    const failing = store.withoutTransaction(async (db) => {
      await put(db, "a");
      await put(db, "a");
    });
    await expect(failing).rejects.toSatisfy(isUniqueViolation);
    let alone: Promise<unknown> | undefined;
    const undone = store.transact(async (tx) => {
      await put(tx, "b");
      alone = store.withoutTransaction((db) => put(db, "c"));
      await new Promise((resolve) => setTimeout(resolve, 50));
      throw new Error("half-way");
    });
    await expect(undone).rejects.toThrow("half-way");
    await alone;
    expect((await marks()).map((row) => row.name)).toEqual(["a", "c"]);
  });

  test("a snapshot reads one unchanging state, whichever way it is asked", async () => {
    await mark("a", "1");
    const seen = await store.snapshot(async (db) => {
      const before = await db.tables<MarkTables>().selectFrom("marks").select("name").execute();
      await mark("b", "1");
      const after = await db.tables<MarkTables>().selectFrom("marks").select("name").execute();
      return [before, after, await db.ask("select name from marks", [])];
    });
    expect(seen).toEqual([[{ name: "a" }], [{ name: "a" }], [{ name: "a" }]]);
  });

  test("reads times as numbers, to the millisecond", async () => {
    const [row] = await store.tables<MarkTables>().selectFrom("migrations").selectAll().execute();
    expect(row?.applied_at).toBe(new TestClock().now());
  });

  test("a hundred transactions at once spend a budget a hundred times, none lost", async () => {
    const spent = await Promise.all(
      Array.from({ length: 100 }, () =>
        store.transact((tx) => budgetRows.spend(tx, "test", "key", 1000, 60_000)),
      ),
    );
    expect(new Set(spent.map((row) => row.spent)).size).toBe(100);
    expect(await budgetRows.read(store, "test", "key")).toEqual({ spent: 100, windowStartedAt: 1000 });
  });

  test("migrates once, and a second time changes nothing", async () => {
    expect(await appliedMigrations(store)).toEqual(knownMigrations(findProjectRoot()));
    expect(await migrate(store, findProjectRoot(), new TestClock())).toEqual([]);
  });

  test("two nodes that migrate at once do it once", async () => {
    const fresh = await openTestStore(engine, { migrated: false });
    const both = await Promise.all([
      migrate(fresh.store, findProjectRoot(), new TestClock()),
      migrate(fresh.store, findProjectRoot(), new TestClock()),
    ]);
    expect(both.flat()).toEqual(knownMigrations(findProjectRoot()));
    await fresh.close();
  });

  test("refuses a database written by a newer version", async () => {
    await store.transact((tx) =>
      tx
        .tables<MarkTables>()
        .insertInto("migrations")
        .values({ name: "2999-01-01-far", applied_at: 1 })
        .execute(),
    );
    await expect(migrate(store, findProjectRoot(), new TestClock())).rejects.toThrow(
      /newer version.*2999-01-01-far/,
    );
  });
});

test.skipIf(!has("postgres"))(
  "PostgreSQL that ends a connection fails its transaction, not the process",
  async () => {
    const { store, close } = await openTestStore("postgres");
    const cut = store.transact(async (tx) => {
      await tx.ask("insert into marks (name, value) values (?, ?)", ["a", "1"]);
      await tx.ask("select pg_terminate_backend(pg_backend_pid())", []);
    });
    await expect(cut).rejects.toThrow();
    expect(await store.ask("select name from marks", [])).toEqual([]);
    await close();
  },
);

test("SQLite refuses to write outside a transaction", async () => {
  const { store, close } = await openTestStore("sqlite");
  const writing = store.tables<MarkTables>().insertInto("marks").values({ name: "a", value: "1" }).execute();
  await expect(writing).rejects.toThrow(/readonly/);
  await close();
});
