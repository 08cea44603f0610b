import fc from "fast-check";
import { expect, test } from "vitest";
import { diffLines, foldDiff } from "./line-diff.ts";

const text = fc
  .array(fc.constantFrom("a", "b", "c", "", "d e"), { maxLength: 12 })
  .map((lines) => lines.join("\n"));

test("what is the same and what was removed is the older text, what is the same and what was added the newer", () => {
  fc.assert(
    fc.property(text, text, (older, newer) => {
      const lines = diffLines(older, newer);
      const side = (...kinds: string[]) =>
        lines.flatMap((line) => (kinds.includes(line.kind) ? line.text : [])).join("\n");
      expect(side("same", "removed")).toBe(older);
      expect(side("same", "added")).toBe(newer);
    }),
  );
});

test("equal texts have no difference", () => {
  expect(foldDiff(diffLines("a\nb", "a\nb"))).toEqual([]);
});

test("far lines that did not change are left out, and counted", () => {
  const older = Array.from({ length: 20 }, (_, index) => `ligne ${index}`);
  const newer = older.with(10, "autre");
  const [part, ...rest] = foldDiff(diffLines(older.join("\n"), newer.join("\n")));
  expect(rest).toEqual([]);
  expect(part?.skipped).toBe(8);
  expect(part?.lines.map(({ kind }) => kind)).toEqual(["same", "same", "removed", "added", "same", "same"]);
});

test("two whole books are compared in a moment", () => {
  const book = (word: string) => Array.from({ length: 5000 }, (_, index) => `${word} ${index}`).join("\n");
  expect(diffLines(book("a"), book("b"))).toHaveLength(10_000);
});
