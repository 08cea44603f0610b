import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commonEmailDomains, editDistance, suggestDomain } from "./mistyped-domain.ts";

describe("a mistyped domain", () => {
  test.each([
    ["gmial.com", "gmail.com"],
    ["gamil.com", "gmail.com"],
    ["mgail.com", "gmail.com"],
    ["gmail.con", "gmail.com"],
    ["gmial.cmo", "gmail.com"],
    ["gmail.co", "gmail.com"],
    ["gmail.fr", "gmail.com"],
    ["hotmial.fr", "hotmail.fr"],
    ["hotmal.com", "hotmail.com"],
    ["orange.f", "orange.fr"],
    ["ornage.fr", "orange.fr"],
    ["laposte.ner", "laposte.net"],
    ["laposte.fr", "laposte.net"],
    ["yahoo.cmo", "yahoo.com"],
    ["yaho.fr", "yahoo.fr"],
    ["wanado.fr", "wanadoo.fr"],
    ["outlok.fr", "outlook.fr"],
    ["iclou.com", "icloud.com"],
    ["fre.fr", "free.fr"],
    ["fere.fr", "free.fr"],
    ["sfr.ff", "sfr.fr"],
    ["GMIAL.com", "gmail.com"],
  ])("%s was probably meant as %s", (typed, meant) => {
    expect(suggestDomain(`lucie@${typed}`)).toBe(meant);
  });

  test.each([
    ...commonEmailDomains,
    "gmx.de",
    "yahoo.de",
    "yahoo.co.uk",
    "hotmail.it",
    "outlook.es",
    "live.nl",
    "mail.com",
    "ymail.com",
    "email.com",
    "fred.fr",
    "tree.fr",
    "neuf.be",
    "ac-paris.fr",
    "ecole.example",
    "example.org",
    "grange.fr",
    "srf.fr",
    "online.fr",
    "mail.orange.fr",
  ])("%s is left alone", (typed) => {
    expect(suggestDomain(`lucie@${typed}`)).toBeNull();
  });

  test("is sought among the operator's domains when given", () => {
    expect(suggestDomain("lucie@exmaple.org", ["example.org"])).toBe("example.org");
  });

  test("never makes the search throw, and what it suggests is common", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const suggested = suggestDomain(text);
        if (suggested !== null) expect(commonEmailDomains).toContain(suggested);
      }),
    );
  });
});

test("the edit distance counts insertions, removals, replacements and swaps", () => {
  expect(editDistance("", "abc")).toBe(3);
  expect(editDistance("abc", "abc")).toBe(0);
  expect(editDistance("abcd", "bacd")).toBe(1);
  expect(editDistance("gmail", "gmailll")).toBe(2);
  expect(editDistance("kitten", "sitting")).toBe(3);
});
