import PDFDocument from "pdfkit";
import { expect, test } from "vitest";
import { findProjectRoot } from "../../kernel/root.ts";
import { readLetterFonts } from "./letter-fonts.ts";
import { createTypesetter, type TextStyle } from "./typesetting.ts";

const fonts = readLetterFonts(findProjectRoot());
const set = createTypesetter(new PDFDocument({ autoFirstPage: false, font: "" }), fonts);
const french: TextStyle = { size: 11, weight: 400, dir: "ltr" };
const arabic: TextStyle = { size: 11, weight: 400, dir: "rtl" };
const shown = (text: string, style: TextStyle, width = 1000) =>
  set.lines(text, style, width).map(({ runs }) => runs.map((run) => run.text).join(""));

test("lines break between words, within words that are too long, and never at a no-break space", () => {
  expect(shown("un deux trois", french, 45)).toEqual(["un deux", "trois"]);
  expect(shown("Besoin d’aide\u202f? Oui", french, 60)).toEqual(["Besoin", "d’aide\u00a0? Oui"]);
  const long = shown("x".repeat(200), french, 100);
  expect(long.length).toBeGreaterThan(5);
  expect(long.join("")).toBe("x".repeat(200));
  for (const line of set.lines("Marie-Antoinette ".repeat(20), french, 150))
    expect(line.width).toBeLessThanOrEqual(150);
});

test("from left to right, words of both directions stand where a reader of Arabic looks for them", () => {
  expect(shown("حسابكم في Portail scolaire جاهز (12)", arabic)).toEqual([
    "(12) جاهز Portail scolaire في حسابكم",
  ]);
  expect(shown("مرحبًا Paul، أهلا", arabic)).toEqual(["أهلا ،Paul مرحبًا"]);
});

test("a text of one person alone is set as a whole, and shaped in the order of reading", () => {
  expect(shown("محمد علي", { ...arabic, isOwn: true })).toEqual(["محمد علي"]);
});

test("what no face has loses its marks, or becomes a question mark; what reorders text is left out", () => {
  expect(set.printable("Đặng Łukasz Œuf")).toBe("Đạng Łukasz Œuf".replace("ạ", "a"));
  expect(set.printable("阮 👩‍👧")).toBe("? ??");
  expect(set.printable("a\u202eb\u0000c\u200fd")).toBe("abcd");
  expect(set.printable("a\tb\nc\u202f!")).toBe("a b c\u00a0!");
});
