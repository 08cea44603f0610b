import { afterEach, beforeEach, expect, test } from "vitest";
import { createBudgets, everybody, type MeasuredBudgets } from "../../src/access/budgets/budgets.ts";
import { createChallenges, type Purpose } from "../../src/access/challenges/challenges.ts";
import { readConfig } from "../../src/config/config.ts";
import type { Preset } from "../../src/config/preset.ts";
import type { Caller } from "../../src/kernel/caller.ts";
import { hour, minute, second } from "../../src/kernel/clock.ts";
import { createIds } from "../../src/kernel/ids.ts";
import { createKeys } from "../../src/kernel/keys.ts";
import { findProjectRoot } from "../../src/kernel/root.ts";
import { Secret } from "../../src/kernel/secret.ts";
import type { Store } from "../../src/store/store.ts";
import { onEachEngine, openTestStore } from "../support/engines.ts";
import { seededRandom, TestClock } from "../support/world.ts";

function communityPreset(): Preset {
  const environment = { LOQUET_PRESET: "community", LOQUET_SECRET: "x".repeat(40), LOQUET_DEMO: "0" };
  const read = readConfig(environment, findProjectRoot());
  if (!read.ok) throw new Error(read.faults.join());
  return read.config.preset;
}

const callerWith = (browserId: string, more: Partial<Caller> = {}): Caller => ({
  incident: "TEST-0001",
  locale: "fr",
  browser: "Firefox (Linux)",
  browserId: browserId.padEnd(22, "x"),
  knownCookie: null,
  sourceAddress: "192.0.2.7",
  sourceKey: `192.0.2.7/${browserId}`,
  isSlowed: false,
  ...more,
});

onEachEngine("challenges", (engine) => {
  let store: Store;
  let close: () => Promise<void>;
  let clock: TestClock;
  let challenges: ReturnType<typeof createChallenges>;
  let cancelled: string[];
  let budgets: MeasuredBudgets;

  beforeEach(async () => {
    ({ store, close } = await openTestStore(engine));
    clock = new TestClock();
    cancelled = [];
    const random = seededRandom(11);
    const keys = createKeys(random, new Secret("a-secret-of-the-challenge-test-0123456789"), null);
    const preset = communityPreset();
    budgets = createBudgets({ clock, keys, limits: preset.limits, alarm: () => {} });
    challenges = createChallenges({
      store,
      clock,
      random,
      ids: createIds(clock, random),
      keys,
      budgets,
      messages: preset.messages,
      cancelMessages: async (_tx, id) => {
        cancelled.push(id);
      },
    });
  });
  afterEach(() => close());

  const mine = callerWith("mine");
  const stranger = callerWith("stranger");
  const attach = (id: string, accountId: string) =>
    store.transact((tx) => challenges.attach(tx, id, { accountId, contactPointId: null }));
  const ask = (
    caller: Caller | null,
    account: string | null = "lea",
    { subject = account ?? "nobody", purpose = "reset" }: { subject?: string; purpose?: Purpose } = {},
  ) =>
    store.transact(async (tx) => {
      const opened = await challenges.open(tx, {
        purpose,
        subject,
        caller,
        locale: "fr",
        context: { typed: account },
        lastsForSeconds: 4 * 3600,
      });
      if (account) await challenges.attach(tx, opened.id, { accountId: account, contactPointId: null });
      return opened;
    });
  const redeem = (link: string) => store.transact((tx) => challenges.redeemLink(tx, "reset", link));
  const condition = async (link: string) => (await challenges.readLink(store, "reset", link)).condition;
  const wrong = (code: string) => (code === "00000000" ? "00000001" : "00000000");

  test("a link works once, in any browser", async () => {
    const asked = await ask(mine);
    expect(await condition(asked.linkPlain)).toBe("open");
    expect((await redeem(asked.linkPlain)).condition).toBe("open");
    // A second copy of the message, on its way after an answer that was lost, has no use any more.
    expect(cancelled).toEqual([asked.id]);
    expect((await redeem(asked.linkPlain)).condition).toBe("used");
  });

  test("fifty at once: exactly one redeems", async () => {
    const asked = await ask(mine);
    const all = await Promise.all(Array.from({ length: 50 }, () => redeem(asked.linkPlain)));
    expect(all.filter((one) => one.condition === "open")).toHaveLength(1);
    expect(all.filter((one) => one.condition === "used")).toHaveLength(49);
  });

  test("a code works only in the browser that asked, with spaces or without", async () => {
    const asked = await ask(mine);
    expect(await challenges.tryCode(stranger, "reset", asked.codePlain)).toMatchObject({
      refusal: "code.none",
    });
    const spaced = `${asked.codePlain.slice(0, 4)} ${asked.codePlain.slice(4)}`;
    expect((await challenges.tryCode(mine, "reset", spaced)).ok).toBe(true);
    const finish = () => store.transact((tx) => challenges.redeemProved(tx, "reset", mine.browserId));
    const all = await Promise.all(Array.from({ length: 20 }, finish));
    expect(all.filter((one) => one !== null)).toHaveLength(1);
  });

  test("a code that is spent with what it opens still works where that failed, and is answered twice for a minute", async () => {
    const asked = await ask(mine);
    const spend = (caller = mine, code = asked.codePlain) =>
      store.transact((tx) => challenges.redeemByCode(tx, caller, "reset", code));
    const broken = store.transact(async (tx) => {
      await challenges.redeemByCode(tx, mine, "reset", asked.codePlain);
      throw new Error("the power went");
    });
    await expect(broken).rejects.toThrow("the power went");
    const all = await Promise.all(Array.from({ length: 20 }, () => spend()));
    expect(all.every(({ ok }) => ok)).toBe(true);
    expect(all.filter(({ isRepeated }) => !isRepeated)).toHaveLength(1);
    expect(await spend(mine, wrong(asked.codePlain))).toMatchObject({ refusal: "code.ended" });
    expect(await spend(stranger)).toMatchObject({ refusal: "code.none" });
    clock.advance(minute);
    expect(await spend()).toMatchObject({ refusal: "code.ended" });
    expect(await condition(asked.linkPlain)).toBe("used");
  });

  test("a link that was spent leaves no code behind", async () => {
    const asked = await ask(mine);
    await redeem(asked.linkPlain);
    const typed = await store.transact((tx) => challenges.redeemByCode(tx, mine, "reset", asked.codePlain));
    expect(typed).toMatchObject({ refusal: "code.ended" });
  });

  test("five wrong codes end the code, never the link", async () => {
    const asked = await ask(mine);
    for (const left of [4, 3, 2, 1]) {
      const judged = await challenges.tryCode(mine, "reset", wrong(asked.codePlain));
      expect(judged).toEqual({ ok: false, refusal: "code.wrong", triesLeft: left });
    }
    expect(await challenges.tryCode(mine, "reset", wrong(asked.codePlain))).toMatchObject({
      refusal: "code.ended",
    });
    expect(await challenges.tryCode(mine, "reset", asked.codePlain)).toMatchObject({ refusal: "code.ended" });
    expect((await redeem(asked.linkPlain)).condition).toBe("open");
  });

  test("fifty wrong codes at once are judged five times", async () => {
    const asked = await ask(mine);
    const all = await Promise.all(
      Array.from({ length: 50 }, () => challenges.tryCode(mine, "reset", wrong(asked.codePlain))),
    );
    expect(all.filter((judged) => !judged.ok && judged.refusal === "code.wrong")).toHaveLength(4);
    expect(await challenges.tryCode(mine, "reset", asked.codePlain)).toMatchObject({ refusal: "code.ended" });
  });

  test("a decoy loses its tries alike, and even its own code opens nothing", async () => {
    const decoy = await ask(mine, null);
    for (const left of [4, 3, 2, 1]) {
      const judged = await challenges.tryCode(
        mine,
        "reset",
        left === 2 ? decoy.codePlain : wrong(decoy.codePlain),
      );
      expect(judged).toEqual({ ok: false, refusal: "code.wrong", triesLeft: left });
    }
    expect(await challenges.tryCode(mine, "reset", "1")).toMatchObject({ refusal: "code.ended" });
    expect(await condition(decoy.linkPlain)).toBe("unknown");
  });

  /** Fifteen wrong codes, five in each of three browsers. */
  const fifteenWrong = async (account: string | null, asked: Parameters<typeof ask>[2] = {}) => {
    const opened = [];
    for (let request = 0; request < 3; request++) {
      const browser = callerWith(`b${request}`);
      opened.push(await ask(browser, account, asked));
      const { codePlain } = opened.at(-1) ?? { codePlain: "" };
      for (let tries = 0; tries < 5; tries++) {
        await challenges.tryCode(browser, asked?.purpose ?? "reset", wrong(codePlain));
      }
    }
    return opened;
  };

  test("wrong codes are counted by what was typed, whether an account was found, and when", async () => {
    // Tried before anybody looked whether there is an account, which then was found.
    for (const { id } of await fifteenWrong(null, { subject: "lea" })) await attach(id, "lea");
    // And where a message left before, but over its limits never afterwards.
    await fifteenWrong("zoe");
    const later: [string | null, string][] = [
      ["lea", "lea"],
      [null, "lea"],
      ["zoe", "zoe"],
      [null, "zoe"],
    ];
    for (const [account, subject] of later) {
      const { codePlain } = await ask(mine, account, { subject });
      const judged = await challenges.tryCode(mine, "reset", wrong(codePlain));
      expect([account, subject, judged]).toEqual([account, subject, { ok: false, refusal: "code.budget" }]);
    }
    // Another name of the same account has its own: nothing tells that the two belong together.
    const other = await ask(mine, "lea", { subject: "lea@example.fr" });
    expect(await challenges.tryCode(mine, "reset", wrong(other.codePlain))).toMatchObject({ triesLeft: 4 });
  });

  test("a code that comes without link is never stopped for a day: strangers would keep its owner out", async () => {
    const purpose = "activate-mobile";
    await fifteenWrong("lea", { purpose });
    const asked = await ask(mine, "lea", { purpose });
    expect((await challenges.tryCode(mine, purpose, asked.codePlain)).ok).toBe(true);
  });

  test("a school behind one address is never stopped by its wrong codes, and stops nobody else by them", async () => {
    const pupil = (at: number) => callerWith(`pupil${at}`, { sourceKey: "a school", isSlowed: true });
    for (let at = 0; at < 14; at++) {
      const { codePlain } = await ask(pupil(at), `pupil ${at}`);
      for (let tries = 0; tries < 5; tries++) await challenges.tryCode(pupil(at), "reset", wrong(codePlain));
    }
    const last = await ask(pupil(99), "somebody");
    expect((await challenges.tryCode(pupil(99), "reset", last.codePlain)).ok).toBe(true);
    const ofAll = await budgets.measure(store, "code.wrong-service-wide", everybody);
    expect(ofAll?.spent).toBe(communityPreset().limits["code.wrong-per-source"].max);
  });

  test("fifteen wrong codes an account and day leave links only", async () => {
    await fifteenWrong("lea");
    const fresh = await ask(mine);
    expect(await challenges.tryCode(mine, "reset", fresh.codePlain)).toMatchObject({
      refusal: "code.budget",
    });
    expect(await condition(fresh.linkPlain)).toBe("open");
    clock.advance(25 * hour);
    const nextDay = await ask(mine);
    expect((await challenges.tryCode(mine, "reset", nextDay.codePlain)).ok).toBe(true);
  });

  test("a request replaces only its own browser's earlier one", async () => {
    const first = await ask(mine);
    const theirs = await ask(stranger);
    const second = await ask(mine);
    expect(await condition(first.linkPlain)).toBe("replaced");
    expect(cancelled).toEqual([first.id]);
    expect(await condition(theirs.linkPlain)).toBe("open");
    expect(await condition(second.linkPlain)).toBe("open");
  });

  test("three live at most: the newest message always works, and strangers learn nothing of the crowd", async () => {
    const asked = [];
    for (const name of ["a", "b", "c", "d"]) {
      asked.push(await ask(callerWith(name)));
      clock.advance(second);
    }
    const conditions = await Promise.all(asked.map(({ linkPlain }) => condition(linkPlain)));
    expect(conditions).toEqual(["replaced", "open", "open", "open"]);
    // The crowded-out browser sees what a decoy's would: a wrong code, tries left.
    expect(await challenges.tryCode(callerWith("a"), "reset", "00000000")).toEqual({
      ok: false,
      refusal: "code.wrong",
      triesLeft: 4,
    });
  });

  test("however many are asked for, none ends what a right code has proved", async () => {
    const proved = await ask(mine);
    await challenges.tryCode(mine, "reset", proved.codePlain);
    for (const name of ["a", "b", "c", "d"]) {
      clock.advance(second);
      await ask(callerWith(name));
    }
    expect((await challenges.provedOf(store, "reset", mine.browserId))?.id).toBe(proved.id);
  });

  test("its half hour starts when the message leaves", async () => {
    const asked = await ask(mine);
    clock.advance(2 * hour);
    expect(await condition(asked.linkPlain)).toBe("open");
    await store.transact((tx) => challenges.messageLeft(tx, asked.id, clock.now()));
    clock.advance(29 * minute);
    expect(await condition(asked.linkPlain)).toBe("open");
    clock.advance(2 * minute);
    expect(await condition(asked.linkPlain)).toBe("expired");
    expect((await redeem(asked.linkPlain)).condition).toBe("expired");
    expect(await challenges.tryCode(mine, "reset", asked.codePlain)).toMatchObject({
      refusal: "code.expired",
    });
  });

  test("a success ends all others of the account", async () => {
    const one = await ask(mine);
    const other = await ask(stranger);
    await redeem(one.linkPlain);
    await store.transact((tx) => challenges.endOfAccount(tx, "lea", { exceptId: one.id }));
    expect(await condition(other.linkPlain)).toBe("used");
    expect(cancelled).toContain(other.id);
  });

  test("a token cut, padded or made for another purpose is unknown", async () => {
    const { linkPlain } = await ask(mine);
    for (const token of ["", linkPlain.slice(1), `${linkPlain}A`, ` ${linkPlain}`, "x".repeat(10_000)]) {
      expect(await condition(token)).toBe("unknown");
    }
    expect((await challenges.readLink(store, "unlock", linkPlain)).condition).toBe("unknown");
  });

  test("no row holds a link or a code", async () => {
    const asked = await ask(mine);
    const rows = await store
      .tables<{ challenges: Record<string, unknown> }>()
      .selectFrom("challenges")
      .selectAll()
      .execute();
    const written = JSON.stringify(rows);
    expect(written).not.toContain(asked.linkPlain);
    expect(written).not.toContain(asked.codePlain);
    expect(written).not.toContain(mine.browserId);
  });
});
