import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readPreset } from "../../config/read-preset.ts";
import { createTranslations } from "../../i18n/translations.ts";
import { findProjectRoot } from "../../kernel/root.ts";
import { readArticleFiles } from "./article-files.ts";
import { checkArticleFiles, explainFileFault } from "./check-articles.ts";

const root = findProjectRoot();
const inEnglish = createTranslations(root, "Europe/Paris").to("en");
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function presetOf(name: string) {
  const faults: string[] = [];
  const preset = readPreset(root, name, null, faults);
  if (!preset) throw new Error(faults.join("\n"));
  return preset;
}

test.each(["school", "community", "service"])("the articles are without fault in %s", async (name) => {
  const faults = await checkArticleFiles(root, presetOf(name));
  expect(faults.map((fault) => explainFileFault(inEnglish, fault))).toEqual([]);
});

test("every article stands in French and in English", async () => {
  const files = await readArticleFiles(root);
  const slugsIn = (locale: string) => files.filter((file) => file.locale === locale).map(({ slug }) => slug);
  expect(slugsIn("en")).toEqual(slugsIn("fr"));
  expect(slugsIn("fr").length).toBeGreaterThan(20);
});

test("a faulty article is told by file and line, and the others are read", async () => {
  const folder = mkdtempSync(join(tmpdir(), "loquet-help-"));
  folders.push(folder);
  mkdirSync(join(folder, "help", "fr"), { recursive: true });
  const article = (changes: string) =>
    `---\ntitle: Un\nsummary: Deux\ncategory: messages\nupdated: 2026-11-22\n${changes}action: { label: Aller, href: /sign-in }\n---\n\nTexte.\n`;
  writeFileSync(join(folder, "help", "fr", "good.md"), article(""));
  writeFileSync(
    join(folder, "help", "fr", "faulty.md"),
    article("related: [nowhere]\n").replace("Texte.", ":::figure x"),
  );
  writeFileSync(join(folder, "help", "fr", "Bad Name.md"), "Bonjour");
  const faults = await checkArticleFiles(folder, presetOf("school"));
  expect(faults.map((fault) => explainFileFault(inEnglish, fault))).toEqual([
    "help/fr/Bad Name.md, line 1: The article must begin with a line “---” and its fields.",
    expect.stringContaining("help/fr/Bad Name.md, line 1: The name “Bad Name” is not possible"),
    "help/fr/faulty.md, line 10: The block “figure” is not closed by a line “:::”.",
    "help/fr/faulty.md, line 10: The picture “x” has no line “alt:” that describes it.",
    "help/fr/faulty.md, line 10: There is no picture “x”.",
    "help/fr/faulty.md, line 2: There is no related article “nowhere”.",
  ]);
});

test("a house without help is no fault", async () => {
  const folder = mkdtempSync(join(tmpdir(), "loquet-help-"));
  folders.push(folder);
  expect(await checkArticleFiles(folder, presetOf("school"))).toEqual([]);
});
