import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { Fault } from "../kernel/fault.ts";
import { createTranslations, type MessageKey } from "./translations.ts";

const root = mkdtempSync(join(tmpdir(), "loquet-i18n-"));
afterAll(() => rmSync(root, { recursive: true }));
mkdirSync(join(root, "locales"));
const write = (code: string, words: Record<string, string>) =>
  writeFileSync(join(root, "locales", `${code}.json`), JSON.stringify(words));
write("fr", {
  "language.name": "Français",
  tries: "{count, plural, one {# essai} other {# essais}}",
  when: "le {at, date, long} à {at, time, short}",
  only: "Bonjour {name}",
  broken: "{name",
});
write("en", { "language.name": "English", tries: "{count, plural, one {# try} other {# tries}}" });
write("ar", { "language.name": "العربية" });

const key = (text: string) => text as MessageKey;
const translations = createTranslations(root, "Europe/Paris");

describe("translations", () => {
  test("speak each language with its own plurals", () => {
    expect(translations.to("fr")(key("tries"), { count: 0 })).toBe("0 essai");
    expect(translations.to("en")(key("tries"), { count: 0 })).toBe("0 tries");
  });

  test("fall back to French where a message is missing", () => {
    expect(translations.to("en")(key("only"), { name: "Zoé" })).toBe("Bonjour Zoé");
  });

  test("serve a region with its language, and an unknown language with the first offered", () => {
    expect(translations.to("en-AU")(key("language.name"))).toBe("English");
    expect(translations.to("xx")(key("language.name"))).toBe("Français");
  });

  test("write dates of messages in the time zone of the service", () => {
    const at = new Date("2026-11-21T23:30:00Z");
    expect(translations.to("fr")(key("when"), { at })).toBe("le 22 novembre 2026 à 00:30");
  });

  test("leave what a person typed as it is", () => {
    expect(translations.to("fr")(key("only"), { name: "<b>{x} 'a'</b>" })).toBe("Bonjour <b>{x} 'a'</b>");
  });

  test("name each language in itself and know its direction", () => {
    expect(translations.languages.map(({ name }) => name)).toEqual(["Français", "العربية", "English"]);
    expect(["fr", "en", "ar"].map(translations.direction)).toEqual(["ltr", "ltr", "rtl"]);
  });

  test("offer only what the preset offers and a file exists for, in its order", () => {
    const some = createTranslations(root, "Europe/Paris", ["en", "de", "fr"]);
    expect(some.languages.map(({ code }) => code)).toEqual(["en", "fr"]);
    expect(some.to("ar")(key("language.name"))).toBe("English");
    expect(() => createTranslations(root, "Europe/Paris", ["de"])).toThrow(Fault);
  });

  test("treat a missing value, an unknown key and a broken message as bugs", () => {
    const t = translations.to("fr");
    expect(() => t(key("only"))).toThrow(Fault);
    expect(() => t(key("only"), { name: undefined as unknown as string })).toThrow(Fault);
    expect(() => t(key("nowhere"))).toThrow(Fault);
    expect(() => t(key("broken"), { name: "x" })).toThrow(Fault);
  });
});
