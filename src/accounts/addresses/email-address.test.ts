import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maskEmail, parseEmailAddress, withDomain } from "./email-address.ts";

const anyText = fc.string({ unit: "binary", maxLength: 400 });
const local64 = "a".repeat(64);

describe("an e-mail address", () => {
  test.each([
    ["lucie@example.org", "lucie@example.org", "lucie@example.org"],
    [
      "  Lucie.Martin+Ecole@Example.ORG \n",
      "Lucie.Martin+Ecole@example.org",
      "lucie.martin+ecole@example.org",
    ],
    ["\u202alucie@example.org\u202c\u200b", "lucie@example.org", "lucie@example.org"],
    ["o'neil_{x}@sub.example.org", "o'neil_{x}@sub.example.org", "o'neil_{x}@sub.example.org"],
    ["zoe@École.example", "zoe@xn--cole-9oa.example", "zoe@xn--cole-9oa.example"],
    ["zoe@E\u0301cole.example", "zoe@xn--cole-9oa.example", "zoe@xn--cole-9oa.example"],
    ["a@موقع.test", "a@xn--4gbrim.test", "a@xn--4gbrim.test"],
    ["lea@orange.f", "lea@orange.f", "lea@orange.f"],
  ])("%j is read as %s", (typed, address, key) => {
    expect(parseEmailAddress(typed)).toEqual({ ok: true, address, key });
  });

  test.each(["", "  ", "\u200b\t"])("%j is missing", (typed) => {
    expect(parseEmailAddress(typed)).toEqual({ ok: false, refusal: "email.missing" });
  });

  test.each([
    "lucie",
    "@example.org",
    "lucie@",
    "lucie@localhost",
    "lucie@example",
    "lu cie@example.org",
    "lucie@exam ple.org",
    "lucie@@example.org",
    "a@b@example.org",
    ".lucie@example.org",
    "lu..cie@example.org",
    "lucie.@example.org",
    "lucie@.example.org",
    "lucie@example..org",
    "lucie@example.org.",
    "lucie@-example.org",
    "lucie@exa_mple.org",
    "lucie@[127.0.0.1]",
    "lucie@127.0.0.1",
    "lucie@0x7f.1",
    "lucie@%65xample.org",
    "lucie@example.org/x",
    "lucie@example.org:25",
    '"lucie martin"@example.org',
    "lucie@example.org,paul@example.org",
    "Lucie <lucie@example.org>",
    "lucie@example.org\r\nBcc: paul@example.org",
    "lucie\0@example.org",
    "lucie@exam\0ple.org",
    "élodie@example.org",
    "lu\u200bcie@example.org",
    "lucie\ud800@example.org",
    "lucie@\udfffexample.org",
    `lucie@${"a".repeat(64)}.org`,
  ])("%j is malformed", (typed) => {
    expect(parseEmailAddress(typed)).toEqual({ ok: false, refusal: "email.malformed" });
  });

  test.each([
    "a".repeat(10_000),
    `${"a".repeat(65)}@example.org`,
    `${local64}@${"b.".repeat(93)}example`,
    // Short as it is typed, longer in ASCII.
    `${local64}@${"éàüçè.".repeat(28)}example`,
  ])("is too long beyond 254 characters, or 64 before the @ (%#)", (typed) => {
    expect(parseEmailAddress(typed)).toEqual({ ok: false, refusal: "email.too-long" });
  });

  test("may have 254 characters", () => {
    const typed = `${local64}@${"b".repeat(60)}.${"c".repeat(60)}.${"d".repeat(59)}.example`;
    expect(typed).toHaveLength(254);
    expect(parseEmailAddress(typed).ok).toBe(true);
  });

  test("never throws, and is read the same again", () => {
    const nearly = fc
      .tuple(fc.string({ unit: "grapheme", maxLength: 20 }), fc.string({ unit: "grapheme", maxLength: 30 }))
      .map(([local, domain]) => `${local}@${domain}.org`);
    fc.assert(
      fc.property(fc.oneof(anyText, nearly, fc.emailAddress()), (typed) => {
        const read = parseEmailAddress(typed);
        if (!read.ok) return;
        expect(parseEmailAddress(read.address)).toEqual(read);
        expect(parseEmailAddress(read.key)).toEqual({ ok: true, address: read.key, key: read.key });
        expect(read.address).toMatch(/^[\x21-\x7e]+$/);
      }),
    );
  });

  test("is known to its owner by its first letter and its domain", () => {
    expect(maskEmail("lucie@example.org")).toBe("l•••@example.org");
    expect(maskEmail("lu@example.org")).toBe("•••@example.org");
  });

  test("keeps its first part when its domain is corrected", () => {
    expect(withDomain("Lucie@gmial.test", "gmail.test")).toBe("Lucie@gmail.test");
  });
});
