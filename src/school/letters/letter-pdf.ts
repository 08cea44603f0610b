import { Readable } from "node:stream";
import PDFDocument from "pdfkit";
import type { Translations } from "../../i18n/translations.ts";
import type { Letter } from "./letter.ts";
import type { LetterFonts } from "./letter-fonts.ts";
import { createLetterPainter } from "./letter-page.ts";
import { writeLetter } from "./letter-words.ts";
import { createTypesetter } from "./typesetting.ts";

export interface LetterPdfDeps {
  translations: Translations;
  fonts: LetterFonts;
  brandName: string;
}

/**
 * Letters as one PDF, one page each, tagged for reading programs (PDF/UA-1: language, title, order of reading). Each
 * page leaves before the next letter is asked for, as fast as whoever reads takes it: two letters and two thousand
 * take the same memory. Who stops reading stops the asking.
 */
export function writeLetters(
  { translations, fonts, brandName }: LetterPdfDeps,
  letters: AsyncIterable<Letter>,
  about: {
    title: string;
    /** Of whoever prints, and sorts what is printed. */
    locale: string;
    at: number;
  },
): Readable {
  return Readable.from(pages(), { objectMode: false });

  async function* pages(): AsyncGenerator<Buffer> {
    const doc = new PDFDocument({
      autoFirstPage: false,
      size: "A4",
      margin: 0,
      // None of its own: what is not embedded looks different on every printer.
      font: "",
      pdfVersion: "1.7",
      // pdfkit has it; its types do not know yet.
      subset: "PDF/UA" as never,
      tagged: true,
      lang: about.locale,
      displayTitle: true,
      info: {
        Title: about.title,
        Author: brandName,
        Creator: brandName,
        CreationDate: new Date(about.at),
      },
    });
    const draw = createLetterPainter(doc, createTypesetter(doc, fonts));
    for await (const letter of letters) {
      draw(letter, writeLetter(translations, letter, { brand: brandName, sortingLocale: about.locale }));
      const written: Buffer | null = doc.read();
      if (written) yield written;
    }
    doc.end();
    for await (const rest of doc) yield rest as Buffer;
  }
}
