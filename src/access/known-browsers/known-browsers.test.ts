import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openTestStore } from "../../../test/support/engines.ts";
import { seededRandom, TestClock } from "../../../test/support/world.ts";
import * as accountRows from "../../accounts/accounts.store.ts";
import { second } from "../../kernel/clock.ts";
import { createIds } from "../../kernel/ids.ts";
import { createKeys } from "../../kernel/keys.ts";
import { Secret } from "../../kernel/secret.ts";
import type { Store } from "../../store/store.ts";
import { createKnownBrowsers, type KnownBrowsers } from "./known-browsers.ts";

const keptForSeconds = 180 * 86_400;
const caller = { browser: "Firefox (Linux)" };

describe("known browsers", () => {
  let store: Store;
  let close: () => Promise<void>;
  let clock: TestClock;
  let known: KnownBrowsers;

  beforeEach(async () => {
    ({ store, close } = await openTestStore("sqlite"));
    clock = new TestClock();
    const random = seededRandom(7);
    const keys = createKeys(random, new Secret("k".repeat(40)), null);
    known = createKnownBrowsers({ clock, random, ids: createIds(clock, random), keys, keptForSeconds });
    await store.transact(async (tx) => {
      for (let index = 0; index < 10; index++) await accountRows.insertAccount(tx, accountNamed(`a${index}`));
    });
  });
  afterEach(() => close());

  const make = (accountId: string, cookie: string | null) =>
    store.transact((tx) => known.makeKnown(tx, caller, accountId, cookie));

  test("a browser is known to the account that made it so, and to no other", async () => {
    const made = await make("a0", null);
    expect(await known.recognise(store, made.cookieValue, "a0")).toBe(made.knownBrowserId);
    expect(await known.recognise(store, made.cookieValue, "a1")).toBeNull();
    expect(await known.recognise(store, made.cookieValue, null)).toBeNull();
    expect(await known.recognise(store, null, "a0")).toBeNull();
  });

  test("it is renewed, not added to, each time it is made known again", async () => {
    const first = await make("a0", null);
    clock.advance((keptForSeconds - 10) * second);
    const again = await make("a0", first.cookieValue);
    expect(again).toMatchObject({
      knownBrowserId: first.knownBrowserId,
      cookieValue: first.cookieValue,
    });
    clock.advance(20 * second);
    expect(await known.recognise(store, first.cookieValue, "a0")).toBe(first.knownBrowserId);
    expect(await known.list(store, "a0")).toHaveLength(1);
  });

  test("it is forgotten after its time", async () => {
    const made = await make("a0", null);
    clock.advance(keptForSeconds * second);
    expect(await known.recognise(store, made.cookieValue, "a0")).toBeNull();
  });

  test("a family's computer is known to eight; the one of longest ago gives way", async () => {
    let cookie: string | null = null;
    for (let index = 0; index < 9; index++) cookie = (await make(`a${index}`, cookie)).cookieValue;
    expect(cookie?.split(".")).toHaveLength(8);
    expect(await known.recognise(store, cookie, "a0")).toBeNull();
    for (let index = 1; index < 9; index++) {
      expect(await known.recognise(store, cookie, `a${index}`)).not.toBeNull();
    }
  });

  test("what is forgotten is forgotten for that account alone", async () => {
    const one = await make("a0", null);
    const both = await make("a1", one.cookieValue);
    await store.transact((tx) => known.forgetAll(tx, "a0"));
    expect(await known.recognise(store, both.cookieValue, "a0")).toBeNull();
    expect(await known.recognise(store, both.cookieValue, "a1")).toBe(both.knownBrowserId);
  });

  test("a cookie that is cut, padded or endless knows nobody, and does no harm", async () => {
    const made = await make("a0", null);
    const { cookieValue } = made;
    for (const bad of ["", ".", "x".repeat(5000), cookieValue.slice(1), `${cookieValue}A`, "'; --"]) {
      expect(await known.recognise(store, bad, "a0")).toBeNull();
      expect((await make("a0", bad)).cookieValue).toMatch(/^[A-Za-z0-9_-]{22}$/);
    }
  });
});

function accountNamed(id: string): accountRows.AccountRow {
  return {
    id,
    kind: "member",
    status: "active",
    name: id,
    nickname: null,
    locale: "fr",
    password_hash: null,
    password_changed_at: null,
    contacts_frozen_until: null,
    created_at: 0,
    activated_at: 0,
    closed_at: null,
    reminded_at: null,
  };
}
