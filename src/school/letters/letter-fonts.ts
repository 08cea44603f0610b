import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { create, type Font } from "fontkit";
import { unpackWoff } from "./woff.ts";

/**
 * The typefaces of letters. Of the variable font of the pages no piece can be embedded, so letters use its static
 * cut (docs/decisions/letters.md). A text is set in the first face that has its characters.
 */
export const faces = ["latin", "latin-ext", "arabic"] as const;
export type Face = (typeof faces)[number];
export type Weight = 400 | 700;

export interface LetterFonts {
  file(face: Face, weight: Weight): Buffer;
  /** Null where no face has it. */
  faceOf(codePoint: number): Face | null;
}

const fileOf = (face: Face, weight: Weight) =>
  face === "arabic"
    ? `@fontsource/noto-naskh-arabic/files/noto-naskh-arabic-arabic-${weight}-normal.woff`
    : `@fontsource/atkinson-hyperlegible-next/files/atkinson-hyperlegible-next-${face}-${weight}-normal.woff`;

/** Reads the files that the packages brought; `root` is the folder of the project. */
export function readLetterFonts(root: string): LetterFonts {
  const { resolve } = createRequire(join(root, "package.json"));
  const files = new Map<string, Buffer>();
  const file = (face: Face, weight: Weight): Buffer => {
    const path = fileOf(face, weight);
    const known = files.get(path) ?? unpackWoff(readFileSync(resolve(path)));
    files.set(path, known);
    return known;
  };
  const fonts = faces.map((face) => [face, create(file(face, 400)) as Font] as const);
  const known = new Map<number, Face | null>();
  return {
    file,
    faceOf(codePoint) {
      const found =
        known.get(codePoint) ?? fonts.find(([, font]) => font.hasGlyphForCodePoint(codePoint))?.[0] ?? null;
      known.set(codePoint, found);
      return found;
    },
  };
}
