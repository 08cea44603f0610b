import bidiFactory from "bidi-js";
import type PDFDocument from "pdfkit";
import type { Face, LetterFonts, Weight } from "./letter-fonts.ts";

/**
 * Lines of text in both directions: pdfkit shapes Arabic letters, but sets one word after the other from left to
 * right. Lines are broken here, and their runs put in the order of the Unicode bidirectional algorithm (UAX #9).
 */
export interface TextStyle {
  /** In points. */
  size: number;
  weight: Weight;
  /** Which way the paragraph runs. */
  dir: "ltr" | "rtl";
  /** The same in every letter, or of one person alone: what is alone is not kept for the next. */
  isOwn?: boolean;
}

export interface Line {
  style: TextStyle;
  /** From left to right. */
  runs: Run[];
  width: number;
}

interface Run {
  text: string;
  face: Face;
  width: number;
}

type Doc = InstanceType<typeof PDFDocument>;

// Its types describe a default export; the module itself is the function.
const bidi = (bidiFactory as unknown as typeof bidiFactory.default)();
/** Naskh is drawn smaller than Latin letters of the same size. */
const arabicScale = 1.15;
const keptAtMost = 500;
/** Neither a place to break nor a character that every face has. */
const noBreakSpaces = /[\u00a0\u202f\u2007]/;
const hyphens = /[\u2010\u2011]/g;
// Controls, and marks that order text: a name that holds one must not reorder the letter.
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}]/gu;

/** Known to pdfkit, if not to its types: otherwise it measures again, for underlines that no letter has. */
const measured = (textWidth: number): object => ({ textWidth, wordCount: 1 });

export type Typesetter = ReturnType<typeof createTypesetter>;

export function createTypesetter(doc: Doc, fonts: LetterFonts) {
  /** What can be printed of a text: characters that no face has lose their marks, or become a question mark. */
  function printable(text: string): string {
    const clean = text
      .normalize("NFC")
      .replaceAll(/\s/g, (space) => (noBreakSpaces.test(space) ? "\u00a0" : " "))
      .replaceAll(hyphens, "-")
      .replaceAll(unseen, "");
    return Array.from(clean, (character) => {
      if (has(character)) return character;
      const [bare = "?"] = character.normalize("NFKD");
      return has(bare) ? bare : "?";
    }).join("");
  }

  const has = (character: string) =>
    character.length === 1 && fonts.faceOf(character.codePointAt(0) as number) !== null;

  function setFont(face: Face, style: TextStyle): Doc {
    const name = `${face}-${style.weight}`;
    if (!registered.has(name)) {
      doc.registerFont(name, fonts.file(face, style.weight));
      registered.add(name);
    }
    return doc.font(name).fontSize(face === "arabic" ? style.size * arabicScale : style.size);
  }
  const registered = new Set<string>();
  /** Lines of texts that stand in every letter. */
  const kept = new Map<string, Line[]>();

  /** With features, be they none, pdfkit sets a whole run at once and keeps nothing of it; else word by word. */
  const howToSet = ({ isOwn }: TextStyle) => (isOwn ? { features: [] } : {});

  function widthOf(text: string, face: Face, style: TextStyle): number {
    return setFont(face, style).widthOfString(text, { lineBreak: false, ...howToSet(style) });
  }

  /** The face of each character; spaces go with what stands before them. */
  function facesOf(text: string): Face[] {
    let last: Face = "latin";
    return Array.from(text, (character) => {
      if (character !== " " && character !== "\u00a0") {
        last = fonts.faceOf(character.codePointAt(0) as number) ?? "latin";
      }
      return last;
    });
  }

  function measure(text: string, facesOfText: Face[], style: TextStyle, from: number, to: number): number {
    let width = 0;
    for (let start = from; start < to; ) {
      let end = start + 1;
      while (end < to && facesOfText[end] === facesOfText[start]) end++;
      width += widthOf(text.slice(start, end), facesOfText[start] as Face, style);
      start = end;
    }
    return width;
  }

  /** Where lines begin and end: between words, and within a word that is longer than a line. */
  function breakLines(text: string, facesOfText: Face[], style: TextStyle, width: number) {
    const lines: { start: number; end: number }[] = [];
    const fits = (start: number, end: number) => measure(text, facesOfText, style, start, end) <= width;
    let start = 0;
    while (start < text.length) {
      let end = start;
      let lineWidth = 0;
      for (let next = start; next < text.length; ) {
        const space = text.indexOf(" ", next);
        const wordEnd = space < 0 ? text.length : space;
        lineWidth += measure(text, facesOfText, style, end, wordEnd);
        if (lineWidth > width) break;
        end = wordEnd;
        next = wordEnd + 1;
      }
      if (end === start) {
        end = start + 1;
        while (end < text.length && text[end] !== " " && fits(start, end + 1)) end++;
      }
      lines.push({ start, end });
      start = end;
      while (text[start] === " ") start++;
    }
    return lines;
  }

  /** One line's runs from left to right. */
  function order(
    text: string,
    facesOfText: Face[],
    levels: ReturnType<typeof bidi.getEmbeddingLevels>,
    style: TextStyle,
    { start, end }: { start: number; end: number },
  ): Run[] {
    const mirrored = bidi.getMirroredCharactersMap(text, levels.levels, start, end - 1);
    const runs: { at: number[]; face: Face; isBackwards: boolean }[] = [];
    // Answers the whole text, in which only this line is put in order.
    for (const at of bidi.getReorderedIndices(text, levels, start, end - 1).slice(start, end)) {
      const face = facesOfText[at] as Face;
      const isBackwards = (levels.levels[at] as number) % 2 === 1;
      const last = runs.at(-1);
      const isNext = last?.at.at(-1) === (isBackwards ? at + 1 : at - 1);
      if (last && isNext && last.face === face && last.isBackwards === isBackwards) last.at.push(at);
      else runs.push({ at: [at], face, isBackwards });
    }
    return runs.flatMap(({ at, face, isBackwards }) => {
      // Arabic is shaped in the order of reading, and turned round by whoever shapes it: as a whole, or word by word.
      const isTurned = face === "arabic" && isBackwards;
      const indices = isTurned ? at.toReversed() : at;
      const read = indices.map((index) => mirrored.get(index) ?? text[index]).join("");
      const parts = isTurned && !style.isOwn ? read.split(/( )/).filter(Boolean).toReversed() : [read];
      return parts.map((part) => ({ text: part, face, width: widthOf(part, face, style) }));
    });
  }

  /** A paragraph in lines no wider than `width` (points). A text without anything printable has no lines. */
  function lines(typed: string, style: TextStyle, width: number): Line[] {
    if (style.isOwn) return breakAndOrder(typed, style, width);
    const name = `${style.size} ${style.weight} ${style.dir} ${width} ${typed}`;
    const known = kept.get(name) ?? breakAndOrder(typed, style, width);
    if (kept.size >= keptAtMost) kept.clear();
    kept.set(name, known);
    return known;
  }

  function breakAndOrder(typed: string, style: TextStyle, width: number): Line[] {
    const text = printable(typed).trim();
    if (text === "") return [];
    const facesOfText = facesOf(text);
    const levels = bidi.getEmbeddingLevels(text, style.dir);
    return breakLines(text, facesOfText, style, width).map((line) => {
      const runs = order(text, facesOfText, levels, style, line);
      return { style, runs, width: runs.reduce((sum, run) => sum + run.width, 0) };
    });
  }

  /** Draws a line with its left or right end there; `baseline` is counted from the top of the page, in points. */
  function draw(line: Line, edge: { left: number } | { right: number }, baseline: number): void {
    let x = "left" in edge ? edge.left : edge.right - line.width;
    for (const { text, face, width } of line.runs) {
      setFont(face, line.style).text(text, x, baseline, {
        lineBreak: false,
        baseline: 0,
        ...measured(width),
        ...howToSet(line.style),
      });
      x += width;
    }
  }

  /** The greatest of these sizes at which a text needs no more than one line; the smallest where none does. */
  function largestFitting(text: string, style: TextStyle, width: number, sizes: number[]): Line[] {
    for (const size of sizes) {
      const set = lines(text, { ...style, size }, width);
      if (set.length <= 1) return set;
    }
    return lines(text, { ...style, size: sizes.at(-1) as number }, width);
  }

  return { lines, draw, largestFitting, printable };
}
