import { expect, test } from "vitest";
import { damerau, foldWords } from "./words.ts";

test.each([
  ["Léa  MARTIN-Dupré", ["lea", "martin", "dupre"]],
  ["Œuvre de Strauß, cæcum, Łódź, Øre", ["oeuvre", "de", "strauss", "caecum", "lodz", "ore"]],
  ["d’Alembert & O'Neill", ["d", "alembert", "o", "neill"]],
  ["İstanbul ısı", ["istanbul", "isi"]],
  ["ﬁn Ⅻ", ["fin", "xii"]],
  ["أحمد فاطمة مصطفى كـتـاب", ["احمد", "فاطمه", "مصطفي", "كتاب"]],
  ["٠٦ ۱۲", ["06", "12"]],
  ["l.martin12@example.org", ["l", "martin12", "example", "org"]],
  ["  !? ", []],
])("the words of « %s »", (text, words) => {
  expect(foldWords(text)).toEqual(words);
});

test("the two ways to write an accent are the same word", () => {
  expect(foldWords("e\u0301te")).toEqual(foldWords("éte"));
});

test("a word of any length is cut at forty characters", () => {
  expect(foldWords("a".repeat(300))).toEqual(["a".repeat(40)]);
});

test.each([
  ["martin", "martin", 0],
  ["martin", "matrin", 1],
  ["martin", "marti", 1],
  ["martin", "martine", 1],
  ["martin", "mardin", 1],
  ["martin", "amrtin", 1],
  ["martin", "martni", 1],
  ["fernandez", "fenrandes", 2],
  ["martin", "dupont", 3],
  ["ab", "abcdef", 3],
  ["", "ab", 2],
])("%s and %s are %i apart, counted to three at most", (left, right, edits) => {
  expect(damerau(left, right, 2)).toBe(edits);
  expect(damerau(right, left, 2)).toBe(edits);
});
