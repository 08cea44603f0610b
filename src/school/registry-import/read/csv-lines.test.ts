import { expect, test } from "vitest";
import { csvLines, guessSeparator } from "./csv-lines.ts";

async function read(text: string, pieceLength: number): Promise<{ cells: string[]; line: number }[]> {
  async function* pieces() {
    for (let at = 0; at < text.length; at += pieceLength) yield text.slice(at, at + pieceLength);
  }
  const lines: { cells: string[]; line: number }[] = [];
  for await (const line of csvLines(pieces(), ";")) lines.push(line);
  return lines;
}

const whole = 'a;b\r\n1;"x;""y"""\r\n\r\n"two\r\nlines";2\r\n ; \r\n5" pipe;"";\r\n"";"last"';
const seen = [
  { cells: ["a", "b"], line: 1 },
  { cells: ["1", 'x;"y"'], line: 2 },
  { cells: ["two\nlines", "2"], line: 4 },
  { cells: ['5" pipe', "", ""], line: 7 },
  { cells: ["", "last"], line: 8 },
];

test.each([1, 2, 3, 7, 1000])("cells, quotes and lines are the same in pieces of %i", async (pieceLength) => {
  expect(await read(whole, pieceLength)).toEqual(seen);
});

test.each([
  ["\n", "a\nb\n"],
  ["\r", "a\rb\r"],
  ["\r\n", "a\r\nb"],
])("lines end with %j", async (_, text) => {
  expect(await read(text, 1)).toEqual([
    { cells: ["a"], line: 1 },
    { cells: ["b"], line: 2 },
  ]);
});

test.each([
  ['a\n"b', "csv-quotes 2"],
  ['a\n"b"c\n', "csv-quotes 2"],
  [`a\n"${"b\n".repeat(40_000)}"`, "csv-too-long 2"],
  [`a\n${"b".repeat(70_000)}\n`, "csv-too-long 2"],
  [`a\n${"b".repeat(70_000)}`, "csv-too-long 2"],
])("%j is refused", async (text, what) => {
  await expect(read(text, 5000)).rejects.toThrow(what);
});

test("the separator is the one that the header has most of", () => {
  expect(["a;b;c,d", "a,b", "a\tb\tc;d", "a"].map(guessSeparator)).toEqual([";", ",", "\t", ";"]);
});
