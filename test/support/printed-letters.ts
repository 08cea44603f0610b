import { inflateSync } from "node:zlib";

/** What stands on paper: a code that is printed stands nowhere else. */
export interface PrintedLetter {
  /** All of its words, a run a line, in the order in which they are drawn. */
  text: string;
  identifier: string;
  code: string;
}

const runs = /\/(F\d+) \S+ Tf|\[([^\]]*)\] TJ/g;

/** Reads letters as whoever takes them from the printer: glyph by glyph, through what the file says of its fonts. */
export function readPrintedLetters(pdf: Buffer): PrintedLetter[] {
  const file = pdf.toString("latin1");
  const objects = new Map<string, string>();
  for (const [, number = "", body = ""] of file.matchAll(/(?:^|\n)(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) {
    objects.set(number, body);
  }
  const streamOf = (number = "") => {
    const [, packed = ""] = (objects.get(number) ?? "").split(/stream\n([\s\S]*)\nendstream/);
    return inflateSync(Buffer.from(packed, "latin1")).toString("latin1");
  };
  const namedIn = (text: string, name: string) => new RegExp(`/${name} (\\d+) 0 R`).exec(text)?.[1];
  const letters = [...objects.values()].filter((body) => /\/Type \/Page\n/.test(body));

  return letters.map((page) => {
    const fonts = new Map<string, string[]>();
    for (const [, name = "", font = ""] of (objects.get(namedIn(page, "Resources") ?? "") ?? "").matchAll(
      /\/(F\d+) (\d+) 0 R/g,
    )) {
      fonts.set(name, glyphsOf(streamOf(namedIn(objects.get(font) ?? "", "ToUnicode"))));
    }
    let glyphs: string[] = [];
    const lines: string[] = [];
    for (const [, font, shown = ""] of streamOf(namedIn(page, "Contents")).matchAll(runs)) {
      if (font !== undefined) glyphs = fonts.get(font) ?? [];
      else
        lines.push([...shown.matchAll(/<([0-9a-f]+)>/g)].map(([, hex = ""]) => read(hex, glyphs)).join(""));
    }
    // In the frame: a label, the identifier, a label, the code.
    const at = lines.findIndex((line) => /^\w{4}-\w{4}-\w{4}$/.test(line));
    return { text: lines.join("\n"), identifier: lines[at - 2] ?? "", code: lines[at] ?? "" };
  });
}

const read = (hex: string, glyphs: string[]) =>
  (hex.match(/.{4}/g) ?? []).map((glyph) => glyphs[Number.parseInt(glyph, 16)] ?? "?").join("");

/** What each glyph says, in the order of their numbers. */
function glyphsOf(map: string): string[] {
  return [...map.matchAll(/\[([^\]]*)\]/g)].flatMap(([, list = ""]) =>
    [...list.matchAll(/<([^>]*)>/g)].map(([, units = ""]) =>
      String.fromCharCode(...(units.match(/[0-9a-f]{4}/g) ?? []).map((unit) => Number.parseInt(unit, 16))),
    ),
  );
}
