import { expect, test } from "vitest";
import { seededRandom, TestClock } from "../../test/support/world.ts";
import type { Preset } from "../config/preset.ts";
import { createIds } from "../kernel/ids.ts";
import { type Account, type ContactPoint, createAccounts } from "./accounts.ts";
import { mayBeTold, nameFor, offeredChannels, rankContactPoints } from "./reach.ts";

const clock = new TestClock();
const preset = { identifier: "username", sharedEmail: true } as Preset;
const { usable } = createAccounts({ clock, ids: createIds(clock, seededRandom(1)), preset });

function point(id: string, change: Partial<ContactPoint> = {}): ContactPoint {
  return {
    id,
    account_id: "a",
    channel: id.startsWith("sms") ? "sms" : "email",
    address: id,
    address_key: id,
    state: "verified",
    origin: "registry",
    usable_from: null,
    created_at: 0,
    verified_at: null,
    obsolete_at: null,
    dead_since: null,
    dead_reason: null,
    asked_at: null,
    ...change,
  };
}

const declared = { state: "declared" } as const;

function rank(points: ContactPoint[], change: Partial<Parameters<typeof rankContactPoints>[1]> = {}) {
  const by = {
    usable,
    channels: ["sms", "email"],
    chosen: "email",
    acceptsDeclared: true,
    ...change,
  } as const;
  return rankContactPoints(points, { ...by, channels: [...by.channels] }).map(({ id }) => id);
}

test("the chosen channel comes before the others", () => {
  const points = [point("sms"), point("email")];
  expect(rank(points)).toEqual(["email", "sms"]);
  expect(rank(points, { chosen: "sms" })).toEqual(["sms", "email"]);
});

test("a declared one counts alike on the usual channel, and elsewhere after everything proved", () => {
  expect(rank([point("sms", declared), point("email", declared)])).toEqual(["sms", "email"]);
  expect(rank([point("sms", declared), point("email")])).toEqual(["email", "sms"]);
  expect(rank([point("email", declared)])).toEqual(["email"]);
});

test("where declared ones are not accepted they are no way at all", () => {
  expect(rank([point("sms", declared), point("email", declared)], { acceptsDeclared: false })).toEqual([]);
});

test("one that refused messages is used only where there is no other", () => {
  const dead = { dead_since: 1 };
  expect(rank([point("email", dead), point("sms")])).toEqual(["sms", "email"]);
  expect(rank([point("email", dead), point("email-2", declared)])).toEqual(["email-2", "email"]);
  expect(rank([point("email", dead)])).toEqual(["email"]);
});

test("one whose waiting time runs, or of a channel that its kind does not have, is left out", () => {
  expect(rank([point("email", { usable_from: clock.now() + 1 }), point("sms")])).toEqual(["sms"]);
  expect(rank([point("email"), point("sms")], { channels: ["email"] })).toEqual(["email"]);
});

test("a name is said where it is proved or came from staff or a registry, never where only its asker wrote it", () => {
  const account = { name: "Léa" };
  expect(nameFor(point("email", { origin: "person" }), account)).toBe("Léa");
  expect(nameFor(point("email", { state: "declared", origin: "staff" }), account)).toBe("Léa");
  expect(nameFor(point("email", declared), account)).toBe("Léa");
  expect(nameFor(point("email", { state: "declared", origin: "person" }), account)).toBeNull();
});

test("what staff declared is told of its account once it has waited, what others declared only where all are", () => {
  const told = (change: Partial<ContactPoint>, recoverWithDeclared = false) =>
    mayBeTold(
      {
        ...point("email", { ...declared, ...change }),
        account: { kind: "member", status: "active" } as Account,
      },
      "email",
      { preset: { recallChannels: { member: ["email"] } as never, recoverWithDeclared }, now: clock.now() },
    );
  expect(told({ origin: "staff" })).toBe(true);
  expect(told({ origin: "staff", usable_from: clock.now() + 1 })).toBe(false);
  expect(told({ origin: "registry" })).toBe(false);
  expect(told({ origin: "person" })).toBe(false);
  expect(told({ origin: "registry" }, true)).toBe(true);
});

test("a page offers the channels of every kind of person in their order, and no SMS where it is off", () => {
  const perKind = { guardian: ["sms", "email"], pupil: ["email"], member: [], staff: ["email"] } as never;
  expect(offeredChannels(perKind, { kinds: ["guardian", "pupil"] }, true)).toEqual(["sms", "email"]);
  expect(offeredChannels(perKind, { kinds: ["pupil", "guardian"] }, true)).toEqual(["email", "sms"]);
  expect(offeredChannels(perKind, { kinds: ["guardian", "pupil"] }, false)).toEqual(["email"]);
});
