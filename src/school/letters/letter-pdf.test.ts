import { encode } from "uqr";
import { expect, test } from "vitest";
import { readPrintedLetters } from "../../../test/support/printed-letters.ts";
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
  pupils: [],
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

const printed = async (letters: Letter[]) =>
  Buffer.concat(await writeLetters(deps, each(letters), about).toArray());
const written = async (letters: Letter[]) => (await printed(letters)).toString("latin1");

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

test("the address stands where every envelope shows it, and nothing else does; the code leads to the page", async () => {
  const long = "Marie-Antoinette-Élisabeth-Joséphine ".repeat(6).slice(0, 200);
  const pupils = ["Hugo P.", "Zoé P.", long, "Tom P."].map((name) => ({ name, className: "6e A" }));
  const asked = [
    letter({ pupils, sender: { name: long, lines: [long, long, long], contact: long } }),
    letter({ name: long, postal: Array.from({ length: 12 }, () => long), pupils }),
    letter({ name: "ليلى حداد", locale: "ar" }),
    letter({ postal: [], pupils }),
  ];
  const letters = readPrintedLetters(await printed(asked));
  letters.forEach(({ runs, squares }, index) => {
    const inReach = [...runs, ...squares.map((square) => ({ ...square, text: "■" }))].filter(
      ({ left, right, top, bottom }) => right > 110 && left < 190 && bottom > 44 && top < 92,
    );
    for (const run of inReach) {
      expect(run.left, run.text).toBeGreaterThanOrEqual(109.99);
      expect(run.right, run.text).toBeLessThanOrEqual(190.01);
      expect(run.top, run.text).toBeGreaterThanOrEqual(55);
      expect(run.bottom, run.text).toBeLessThanOrEqual(79);
    }
    const { name, postal, locale } = asked[index] as Letter;
    const shown = inReach.map(({ text }) => text);
    if (locale === "fr") expect(name.startsWith(shown[0] as string)).toBe(true);
    if (postal.length === 2) expect(shown.slice(-2)).toEqual(postal);
    if (postal.length === 0) expect(shown).toEqual([name]);

    // Each square where the code of that address has it, and none elsewhere.
    const { data, size } = encode(`https://acces.example.org/activate?lang=${locale}`, {
      ecc: "M",
      border: 0,
    });
    const from = {
      x: Math.min(...squares.map(({ left }) => left)),
      y: Math.min(...squares.map(({ top }) => top)),
    };
    const isDark = (row: number, column: number) => {
      const [x, y] = [from.x + ((column + 0.5) * 36) / size, from.y + ((row + 0.5) * 36) / size];
      return squares.some(({ left, right, top, bottom }) => left < x && x < right && top < y && y < bottom);
    };
    const drawn = data.map((row, y) => row.map((_, x) => isDark(y, x)));
    expect(drawn).toEqual(data);
  });
  const sorting = letters.map(({ runs }) => runs.filter(({ left, bottom }) => left > 109 && bottom < 44));
  expect(sorting[0]?.map(({ text }) => text).slice(0, 2)).toEqual([
    "6e A · pour Hugo P.",
    "6e A · pour Zoé P.",
  ]);
  expect(sorting[2]).toEqual([]);
  expect(sorting[3]?.at(-1)?.text).toBe("À remettre en main propre");
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
