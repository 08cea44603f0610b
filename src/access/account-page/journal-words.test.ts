import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createTranslations } from "../../i18n/translations.ts";
import { findProjectRoot } from "../../kernel/root.ts";
import { eventWords } from "./event-words.ts";

const root = findProjectRoot();
const eventShape = /^[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*$/;

/** Every event that a room records, where its name stands as a whole: after `event:`, or handed to `record(`. */
function recordedEvents(code: string): string[] {
  const named = [...code.matchAll(/\bevent:\s*([^\n]+)/g)].map((match) => match[1] as string);
  const handed = [...code.matchAll(/\brecord\(\s*tx,([^;]*?)\);/g)].map((match) =>
    (match[1] as string).replaceAll(/\b(?:reason|template|purpose):[^,}]*/g, ""),
  );
  return [...named, ...handed]
    .flatMap((text) => [...text.matchAll(/["`]([^"`]+)["`]/g)].map((match) => match[1] as string))
    .flatMap((text) =>
      text.includes("${")
        ? ["email", "sms"].map((channel) => text.replace(/\$\{[^}]*channel\}/, channel))
        : [text],
    )
    .filter((text) => eventShape.test(text));
}

const events = new Set(
  globSync("src/{access,school,desk,help,sso,trial,operate,command-line}/**/*.{ts,tsx}", { cwd: root })
    .filter((path) => !/\.test\.tsx?$/.test(path))
    .map((path) => readFileSync(join(root, path), "utf8"))
    .filter((code) => code.includes("record(") || /\bevent:/.test(code))
    .flatMap(recordedEvents),
);

describe("the words of the journal", () => {
  test("are found where they are recorded", () => {
    expect(events.size).toBeGreaterThan(20);
    for (const event of ["contacts.removed", "account.password-changed", "sign-in.done", "contacts.added"]) {
      expect(events).toContain(event);
    }
  });

  test.each(["fr", "en", "ar"])("exist in %s for every event that any room records", (language) => {
    const words: Record<string, string> = JSON.parse(
      readFileSync(join(root, "locales", `${language}.json`), "utf8"),
    );
    expect([...events].filter((event) => words[`journal.${event}`] === undefined).sort()).toEqual([]);
  });

  test("say something of an event that has none, as a newer version may have written", () => {
    const t = createTranslations(root, "Europe/Paris").to("fr");
    expect(eventWords(t, "future.thing-done", {})).toBe("Une autre action sur votre compte");
    expect(eventWords(t, "contacts.added", { contact: "l•••@example.org" })).toContain("l•••@example.org");
    expect(eventWords(t, "contacts.added", {})).toBe("Une autre action sur votre compte");
  });
});
