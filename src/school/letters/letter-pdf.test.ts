import { expect, test } from "vitest";
import { createTranslations } from "../../i18n/translations.ts";
import { findProjectRoot } from "../../kernel/root.ts";
import type { Letter } from "./letter.ts";
import { readLetterFonts } from "./letter-fonts.ts";
import { writeLetters } from "./letter-pdf.ts";

const root = findProjectRoot();
const deps = {
  translations: createTranslations(root, "Europe/Paris"),
  fonts: readLetterFonts(root),
  brandName: "Portail scolaire",
};
const about = { title: "Lettres d’activation", locale: "fr", at: Date.UTC(2027, 2, 2, 8) };

const letter = (change: Partial<Letter> = {}): Letter => ({
  locale: "fr",
  timezone: "Europe/Paris",
  sender: {
    name: "Collège Jean-Moulin",
    lines: ["12 rue des Écoles", "69003 LYON"],
    contact: "04 72 00 00 00",
  },
  name: "Léa Martin",
  postal: ["14 allée des Marronniers", "69100 VILLEURBANNE"],
  className: null,
  isForGuardian: true,
  identifier: "l.martin12",
  codePlain: "7K2M-0QXR-14ZD",
  printedAt: about.at,
  lastDay: Date.UTC(2027, 5, 2, 8),
  url: "https://acces.example.org/activate",
  ...change,
});

async function* each(letters: Letter[]) {
  yield* letters;
}

async function written(letters: Letter[]): Promise<string> {
  return Buffer.concat(await writeLetters(deps, each(letters), about).toArray()).toString("latin1");
}

const pagesOf = (pdf: string) => pdf.split(/\/Type \/Page\n/).length - 1;

test("a letter is one page of A4, tagged, in the language of whom it is written to", async () => {
  const pdf = await written([letter(), letter({ locale: "ar" })]);
  expect(pdf.startsWith("%PDF-1.7")).toBe(true);
  expect(pagesOf(pdf)).toBe(2);
  expect(pdf).toContain("[0 0 595.28 841.89]");
  expect(pdf).toMatch(/\/Marked true/);
  expect(pdf).toMatch(/\/DisplayDocTitle true/);
  expect(pdf).toMatch(/\/Lang \(fr\)/);
  expect(pdf).toMatch(/\/Lang \(ar\)/);
  // Of each page the list of its parts, by its number: what is written is not kept.
  const [, first, second] = /\/Nums \[\s+0 (\d+) 0 R\s+1 (\d+) 0 R/.exec(pdf) ?? [];
  for (const list of [first, second])
    expect(pdf).toMatch(new RegExp(`\n${list} 0 obj\n\\[\\d+ 0 R[^\\]n]*\\]`));
  expect(pdf.trimEnd().endsWith("%%EOF")).toBe(true);
});

test("whatever the names and addresses, no letter needs a second page", async () => {
  const long = "Marie-Antoinette-Élisabeth-Joséphine ".repeat(6).slice(0, 200);
  const odd = [
    letter({
      name: long,
      identifier: "m".repeat(63),
      sender: { name: long, lines: [long, long], contact: long },
    }),
    letter({ name: "x".repeat(200), postal: Array.from({ length: 12 }, () => "y".repeat(120)) }),
    letter({ name: "É", postal: [], className: "6e B" }),
    letter({ name: "Łukasz Đặng 阮 محمد 👩‍👩‍👧 \u202e\u0000", locale: "ar" }),
    letter({ name: "", identifier: "", sender: { name: "", lines: [], contact: null } }),
    letter({ url: `https://${"tres-long-".repeat(20)}nom.example.org/activate` }),
  ];
  expect(pagesOf(await written(odd))).toBe(odd.length);
});

test("the next letter is asked for only when the pages before have been taken", async () => {
  let asked = 0;
  let isOver = false;
  async function* endless() {
    try {
      for (;;) {
        asked++;
        yield letter();
      }
    } finally {
      isOver = true;
    }
  }
  const pdf = writeLetters(deps, endless(), about);
  for await (const chunk of pdf) {
    expect((chunk as Buffer).length).toBeGreaterThan(0);
    if (asked > 5) break;
  }
  expect(asked).toBeLessThan(30);
  expect(isOver).toBe(true);
});
