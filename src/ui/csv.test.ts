import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvLine, renderCsv } from "./csv.ts";

/** Reads one CSV text back, as RFC 4180 §2 says. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let isQuoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at] as string;
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text[++at];
      else isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === ",") {
      row.push(cell);
      cell = "";
    } else if (text.startsWith("\r\n", at)) {
      rows.push([...row, cell]);
      row = [];
      cell = "";
      at++;
    } else cell += character;
  }
  return rows;
}

describe("CSV", () => {
  test("begins with a byte order mark, and ends each row with CRLF", () => {
    expect(renderCsv([["a", 1, null]])).toBe("\uFEFFa,1,\r\n");
    expect(renderCsv([])).toBe("\uFEFF");
  });

  test("quotes what holds a comma, a quote or a line end", () => {
    expect(csvLine(['say "yes", then\ngo'])).toBe('"say ""yes"", then\ngo"\r\n');
  });

  test.each([
    "=1+1",
    "+33612345678",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "＝1",
    '=HYPERLINK("https://example.org")',
  ])("never lets a spreadsheet program run %j", (text) => {
    const [[cell] = []] = parse(csvLine([text]));
    expect(cell).toBe(`'${text}`);
  });

  test("leaves numbers alone, negative ones too, and ordinary texts", () => {
    expect(csvLine([-5, 1.5, "a-b", "l’été = chaud"])).toBe("-5,1.5,a-b,l’été = chaud\r\n");
  });

  test("reads back as it was written, but for the apostrophes", () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.string(), { minLength: 1 })), (rows) => {
        const read = parse(renderCsv(rows).slice(1));
        const plain = (text: string) => text.replace(/^'/, "").replaceAll("\0", "");
        expect(read.map((row) => row.map(plain))).toEqual(rows.map((row) => row.map(plain)));
        for (const cell of read.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r\n]/);
      }),
    );
  });
});
