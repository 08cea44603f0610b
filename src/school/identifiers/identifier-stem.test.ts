import { expect, test } from "vitest";
import { identifierOf, identifierStem } from "./identifier-stem.ts";

test.each([
  ["Léa", "Martin", "l.martin"],
  ["Élodie", "Lefèvre", "e.lefevre"],
  ["Jean-Pierre", "de La Tour d’Auvergne", "j.delatourdauvergne"],
  ["Zoé", "O'Brien", "z.obrien"],
  ["Œuvrard", "Læss", "o.laess"],
  ["ẞophia", "Groß", "s.gross"],
  ["İpek", "Yılmaz", "i.yilmaz"],
  ["Nguyễn", "Đặng", "n.dang"],
  ["Łukasz", "Żółć", "l.zolc"],
  ["A", "O", "a.o"],
  ["ليلى", "حداد", "x.x"],
  ["Léa", "Martin 2", "l.martin"],
])("%s %s is %s", (firstName, surname, stem) => {
  expect(identifierStem(firstName, surname)).toBe(stem);
});

test("a very long name is cut, and a number behind it still fits", () => {
  const stem = identifierStem("Anne", "Wolfeschlegelsteinhausenbergerdorff-Saint-Amand".repeat(4));
  expect(stem).toBe("a.wolfeschlegelsteinhaus");
  expect(stem).toHaveLength(24);
  expect(identifierOf(stem, 12)).toBe("a.wolfeschlegelsteinhaus12");
});

test("the first of a name goes without a number", () => {
  expect([1, 2, 12].map((number) => identifierOf("l.martin", number))).toEqual([
    "l.martin",
    "l.martin2",
    "l.martin12",
  ]);
});
