import { inflateSync } from "node:zlib";

/** What stands on paper: a code that is printed stands nowhere else. */
export interface PrintedLetter {
  /** All of its words, a run a line, in the order in which they are drawn. */
  text: string;
  identifier: string;
  code: string;
  /** Each run where it stands. */
  runs: (Placed & { text: string })[];
  /** Filled rectangles: those of the QR code. */
  squares: Placed[];
}

/** Something on the page: millimetres from its upper left corner. */
export interface Placed {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

interface Font {
  glyphs: string[];
  /** Thousandths of the font's size. */
  widths: number[];
}

const mm = 72 / 25.4;
const pageHeight = 841.89;
const marks = /1 0 0 1 (\S+) (\S+) Tm|\/(F\d+) (\S+) Tf|\[([^\]]*)\] TJ|^(\S+) (\S+) (\S+) (\S+) re$/gm;

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
    const fonts = new Map<string, Font>();
    for (const [, name = "", font = ""] of (objects.get(namedIn(page, "Resources") ?? "") ?? "").matchAll(
      /\/(F\d+) (\d+) 0 R/g,
    )) {
      const body = objects.get(font) ?? "";
      const [, kept = ""] = /\/DescendantFonts \[(\d+) 0 R/.exec(body) ?? [];
      const [, widths = ""] = /\/W \[0 \[([^\]]*)\]/.exec(objects.get(kept) ?? "") ?? [];
      fonts.set(name, {
        glyphs: glyphsOf(streamOf(namedIn(body, "ToUnicode"))),
        widths: widths.split(" ").map(Number),
      });
    }
    const runs: PrintedLetter["runs"] = [];
    const squares: Placed[] = [];
    let [x, baseline, size] = [0, 0, 0];
    let font: Font = { glyphs: [], widths: [] };
    for (const mark of streamOf(namedIn(page, "Contents")).matchAll(marks)) {
      const [, toX, toY, fontName, toSize, shown, ...rectangle] = mark;
      if (toX !== undefined) [x, baseline] = [Number(toX), pageHeight - Number(toY)];
      else if (fontName !== undefined) {
        font = fonts.get(fontName) ?? font;
        size = Number(toSize);
      } else if (shown !== undefined) {
        const width = (widthOf(shown, font) * size) / 1000;
        const text = [...shown.matchAll(/<([0-9a-f]+)>/g)].map(([, hex = ""]) => read(hex, font.glyphs));
        // As high as a capital with its accent, as deep as a g.
        const [top, bottom] = [baseline - 0.95 * size, baseline + 0.25 * size];
        runs.push({ text: text.join(""), ...inMm(x, x + width, top, bottom) });
        x += width;
      } else {
        const [left = 0, top = 0, width = 0, height = 0] = rectangle.map(Number);
        squares.push(inMm(left, left + width, top, top + height));
      }
    }
    const lines = runs.map(({ text }) => text);
    // In the frame: a label, the identifier, a label, the code.
    const at = lines.findIndex((line) => /^\w{4}-\w{4}-\w{4}$/.test(line));
    return {
      text: lines.join("\n"),
      identifier: lines[at - 2] ?? "",
      code: lines[at] ?? "",
      runs,
      squares,
    };
  });
}

const inMm = (left: number, right: number, top: number, bottom: number): Placed => ({
  left: left / mm,
  right: right / mm,
  top: top / mm,
  bottom: bottom / mm,
});

/** Of glyphs and what is taken back between them, in thousandths of the font's size. */
function widthOf(shown: string, { widths }: Font): number {
  const ofGlyphs = (hex: string) =>
    (hex.match(/.{4}/g) ?? []).reduce((sum, glyph) => sum + (widths[Number.parseInt(glyph, 16)] ?? 0), 0);
  return [...shown.matchAll(/<([0-9a-f]+)>|(-?[\d.]+)/g)].reduce(
    (sum, [, hex, back]) => sum + (hex === undefined ? -Number(back) : ofGlyphs(hex)),
    0,
  );
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
