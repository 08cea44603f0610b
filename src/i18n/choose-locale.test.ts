import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chooseLocale } from "./choose-locale.ts";

const offered = ["fr", "en", "ar", "pt-BR"];
const choose = (hints: object) => chooseLocale({ ...hints, offered, fallback: "fr" });

describe("the language of a page", () => {
  test("is what the switch says, else what the browser remembers, else what it prefers", () => {
    expect(choose({ query: "ar", cookie: "en", acceptLanguage: "fr" })).toBe("ar");
    expect(choose({ query: "xx", cookie: "en", acceptLanguage: "ar" })).toBe("en");
    expect(choose({ acceptLanguage: "ar" })).toBe("ar");
    expect(choose({})).toBe("fr");
  });

  test.each([
    ["en;q=0.4, ar;q=0.9", "ar"],
    ["de, en;q=0.8, fr;q=0.7", "en"],
    ["fr-CA, en;q=0.9", "fr"],
    ["EN-us", "en"],
    ["pt", "pt-BR"],
    ["de, *;q=0.5", "fr"],
    ["en;q=0, de", "fr"],
    ["en;q=2, ar;q=0.1", "ar"],
    ["en ; q=0.2 , ar ; q=0.3", "ar"],
    ["zh-Hant-TW", "fr"],
    ["", "fr"],
  ])("follows the weights of the preference %j", (acceptLanguage, expected) => {
    expect(choose({ acceptLanguage })).toBe(expected);
  });

  test("is always an offered one, whatever a stranger sends", () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (query, cookie, acceptLanguage) => {
        expect(offered).toContain(choose({ query, cookie, acceptLanguage }));
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 2000 }), (text) => {
        expect(offered).toContain(choose({ query: text, cookie: text, acceptLanguage: text }));
      }),
    );
  });
});
