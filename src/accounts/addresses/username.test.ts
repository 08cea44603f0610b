import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { normaliseIdentifier } from "./username.ts";

describe("an identifier", () => {
  test.each([
    ["l.martin12", "l.martin12"],
    ["  L.Martin12\t", "l.martin12"],
    ["l.mar\u200btin12\u2060", "l.martin12"],
    ["l.martin12\0", "l.martin12"],
    ["Ｌ.ｍａｒｔｉｎ１２", "l.martin12"],
    ["e\u0301lodie", "élodie"],
    ["Lucie@Example.ORG", "lucie@example.org"],
    ["lucie+a.b@École.example", "lucie+a.b@xn--cole-9oa.example"],
    ["not@an@address", "not@an@address"],
    ["", ""],
    [" \u200b\ufeff ", ""],
  ])("%j is looked up as %j", (typed, key) => {
    expect(normaliseIdentifier(typed)).toBe(key);
  });

  test("has at most 320 characters, however long what was typed", () => {
    expect(normaliseIdentifier("x".repeat(10_000))).toHaveLength(320);
    expect(normaliseIdentifier("ﷺ".repeat(10_000)).length).toBeLessThanOrEqual(320);
  });

  test("is folded once and for all, and never throws", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 400 }),
      fc.string({ unit: "grapheme", maxLength: 400 }),
      fc.emailAddress(),
      fc
        .array(
          fc.constantFrom(
            "\ud800",
            "\udc00",
            "\0",
            "İ",
            "ß",
            "ͅ",
            " ",
            "\u200b",
            "@",
            "\u0301",
            "K",
            ".",
            "ǆ",
          ),
        )
        .map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(texts, (typed) => {
        const once = normaliseIdentifier(typed);
        expect(normaliseIdentifier(once)).toBe(once);
        expect(normaliseIdentifier(` ${typed}\n`)).toBe(once);
      }),
      { numRuns: 1000 },
    );
  });
});
