import { inspect } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { seededRandom, TestClock } from "../../test/support/world.ts";
import { createIds, lowestUuidAt } from "./ids.ts";
import { createKeys, equalInConstantTime } from "./keys.ts";
import { drawCrockford, drawDigits, drawToken, systemRandom } from "./random.ts";
import { Secret } from "./secret.ts";

const random = seededRandom(3);
const keysOf = (master: string, previous?: string) =>
  createKeys(random, new Secret(master), previous === undefined ? null : new Secret(previous));

test("a secret refuses to be printed in every way a log prints", () => {
  const secret = new Secret("do-not-tell");
  const printed = [
    String(secret),
    `${secret}`,
    JSON.stringify({ secret }),
    inspect({ secret }, { depth: 9 }),
  ];
  expect(printed.join()).not.toContain("do-not-tell");
  expect(secret.reveal()).toBe("do-not-tell");
});

test("identifiers are UUIDv7 and sort by the time they were made, within a millisecond too", () => {
  const clock = new TestClock();
  const ids = createIds(clock, random);
  const made = Array.from({ length: 6000 }, (_, index) => {
    if (index % 5000 === 4999) clock.advance(1);
    return ids.uuid();
  });
  expect(
    made.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
  ).toBe(true);
  expect(made.toSorted()).toEqual(made);
  expect(new Set(made).size).toBe(made.length);
});

test("the lowest identifier of a moment sorts after all made before it, and before all made since", () => {
  const clock = new TestClock();
  const ids = createIds(clock, random);
  const before = ids.uuid();
  clock.advance(1);
  const lowest = lowestUuidAt(clock.now());
  const since = Array.from({ length: 100 }, () => ids.uuid());
  expect(before < lowest).toBe(true);
  expect(since.every((id) => lowest < id)).toBe(true);
});

test("random bytes are as many as asked for, and none are given twice", () => {
  const lengths = [1, 16, 4095, 16, 4096, 4097, 12, 0, 10_000, 16];
  const drawn = lengths.map((length) => systemRandom.bytes(length));
  expect(drawn.map((bytes) => bytes.length)).toEqual(lengths);
  const tokens = Array.from({ length: 2000 }, () => drawToken(systemRandom));
  expect(new Set(tokens).size).toBe(tokens.length);
  const first = systemRandom.bytes(16);
  const kept = first.toString("hex");
  for (let draw = 0; draw < 1000; draw++) systemRandom.bytes(16);
  expect(first.toString("hex")).toBe(kept);
});

test("references and letters' codes hold nothing that is misread aloud", () => {
  const ids = createIds(new TestClock(), random);
  expect(ids.reference()).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
  expect(drawCrockford(random, 500)).not.toMatch(/[ILOU]/);
  expect(drawDigits(random, 8)).toMatch(/^\d{8}$/);
  expect(drawToken(random)).toMatch(/^[A-Za-z0-9_-]{22}$/);
});

test("what is sealed opens for its purpose only, and not when a letter of it was changed", () => {
  const keys = keysOf("one-master-secret-of-the-kernel-test");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.nat(), (plain, place) => {
      const sealed = keys.seal("outbox", plain);
      expect(keys.open("outbox", sealed)).toBe(plain);
      expect(keys.open("notice", sealed)).toBeNull();
      const bytes = Buffer.from(sealed, "base64url");
      const at = place % bytes.length;
      bytes[at] = (bytes[at] as number) ^ 1;
      expect(keys.open("outbox", bytes.toString("base64url"))).toBeNull();
    }),
  );
  expect(keys.open("outbox", "")).toBeNull();
  expect(keys.open("outbox", "%%%")).toBeNull();
});

test("after a rotation the previous secret still reads, and never writes", () => {
  const before = keysOf("the-old-master-secret-of-the-kernel-test");
  const after = keysOf(
    "the-new-master-secret-of-the-kernel-test",
    "the-old-master-secret-of-the-kernel-test",
  );
  expect(after.open("outbox", before.seal("outbox", "text"))).toBe("text");
  expect(before.open("outbox", after.seal("outbox", "text"))).toBeNull();
  expect(after.digests("session", "token")).toContain(before.digest("session", "token"));
  expect(after.digest("session", "token")).not.toBe(before.digest("session", "token"));
});

test("digests of one text differ by purpose", () => {
  const keys = keysOf("one-master-secret-of-the-kernel-test");
  expect(keys.digest("a", "text")).not.toBe(keys.digest("b", "text"));
  expect(equalInConstantTime(keys.digest("a", "text"), keys.digest("a", "text"))).toBe(true);
  expect(equalInConstantTime("a", "ab")).toBe(false);
});
