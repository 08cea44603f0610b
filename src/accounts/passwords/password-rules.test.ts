import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPasswordRules, passwordRules } from "./password-rules.ts";

const rules = createPasswordRules({ minLength: 10 });
const failed = async (plain: string, ...unlike: string[]) => (await rules.check(plain, { unlike })).failed;

describe("a new password", () => {
  test("has at least the length of the preset, in characters as people count them", async () => {
    expect(await failed("Xk29-vbT7")).toEqual(["length"]);
    expect(await failed("Xk29-vbT7q")).toEqual([]);
    expect(await failed("🐢k29-vbT7")).toContain("length");
    // Nine characters, one of them typed as a letter and an accent.
    expect(await failed("Xk29-ve\u0301T7")).toContain("length");
  });

  test("has at most 256 characters", async () => {
    const long = Array.from({ length: 64 }, (_, index) =>
      `k${(index * 7919) % 1000}é`.padEnd(4, "-").slice(0, 4),
    ).join("");
    expect(long).toHaveLength(256);
    expect(await failed(long)).toEqual([]);
    expect(await failed(`${long}x`)).toEqual(["too-long"]);
    expect(await failed("x".repeat(10_000))).toContain("too-long");
  });

  test("may have any letters, spaces and signs, and no composition is asked for", async () => {
    for (const plain of [
      "le vélo rouge de mamie",
      "مفتاح الباب الأزرق",
      "🐢🦊🌵🎻🧀🚲🪁🥝🪐🧭",
      "\\\"<script>&'%;--",
    ]) {
      expect(await failed(plain)).toEqual([]);
    }
  });

  test("is refused if it could not be typed again", async () => {
    expect(await failed("Xk29-vbT7q\0")).toEqual(["malformed"]);
    expect(await failed("Xk29-vbT7q\ud800")).toEqual(["malformed"]);
  });

  test.each([
    ["eloise-2009-vélos", "Éloïse"],
    ["ÉLOÏSE et le vélo", "eloise"],
    ["xx-jean.dupont-zz", "Jean Dupont"],
    ["le-dupont-volant", "Jean Dupont"],
    ["j.e.a.n.d.u.p.o.n.t", "Jean Dupont"],
    ["mon loetitia rouge", "Lœtitia"],
    ["lucie.martin/2741", "lucie.martin@example.org"],
    ["ce martin-là danse", "l.martin12"],
    ["Sorbonne-Violette", "sorbonne violette"],
  ])("%j is too like %j", async (plain, name) => {
    expect(await failed(plain, name)).toContain("unlike");
  });

  test.each([
    ["le vélo rouge de léa", "Léa"],
    ["le vélo rouge d'example", "lucie@example.org"],
    ["le vélo rouge de mamie", ""],
    ["le vélo rouge de mamie", "  -- "],
  ])("%j is not like %j", async (plain, name) => {
    expect(await failed(plain, name)).toEqual([]);
  });

  test("that is exactly a short name is unlike nothing but that", async () => {
    expect(await failed("Lé-a", "Léa")).toContain("unlike");
  });

  test("has its strength shown, low as long as a rule is broken", async () => {
    expect((await rules.check("le vélo rouge de mamie", { unlike: [] })).score).toBe(4);
    expect((await rules.check("le vélo rouge de mamie", { unlike: ["mamie"] })).score).toBe(1);
    expect((await rules.check("", { unlike: [] })).score).toBe(0);
  });

  test("that repeats itself at first is judged by its end as well", async () => {
    expect(await failed("a".repeat(100))).toEqual(["common"]);
    expect(await failed(`${"a".repeat(100)} le vélo rouge de mamie`)).toEqual([]);
  });

  test("is judged whatever it is, and every rule gets an answer", async () => {
    const texts = fc.oneof(fc.string({ unit: "binary", maxLength: 60 }), fc.string({ unit: "grapheme" }));
    await fc.assert(
      fc.asyncProperty(texts, fc.array(texts, { maxLength: 4 }), async (plain, unlike) => {
        const check = await rules.check(plain, { unlike });
        expect(Object.keys(check.rules).sort()).toEqual([...passwordRules].sort());
        expect(check.ok).toBe(check.failed.length === 0);
        if (!check.ok) expect(check.score).toBeLessThanOrEqual(1);
      }),
    );
  });
});
