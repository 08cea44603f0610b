import type PDFDocument from "pdfkit";
import { encode } from "uqr";
import { createLetGo } from "./let-go.ts";
import type { Letter } from "./letter.ts";
import type { LetterWords } from "./letter-words.ts";
import type { Line, TextStyle, Typesetter } from "./typesetting.ts";

/**
 * One letter on one page of A4, in millimetres from its upper left corner. Folded in three it shows its address in
 * the window of a DL envelope, folded in two in that of a C5 (NF Z 10-011: 35 × 100 mm, 20 mm from the right and
 * lower edges). However the sheet slides in its envelope, 55 to 79 mm from its top and 110 to 190 mm from its left
 * stay in the window, and nothing else may stand between 44 and 92 mm from its top there.
 */
const mm = 72 / 25.4;
const left = 20;
const right = 190;
const window = { left: 110, right: 190, top: 55, bottom: 79 };
const senderBottom = 50;
const senderRight = 88;
const sortingBottom = 43;
const bodyTop = 97;
const bodyBottom = 287;
/** Where the sheet is folded: in three for a DL, in two for a C5. */
const folds = [99, 148.5, 198];
const addressLinesAtMost = 6;
const qrSide = 36;
const gap = 6;
/** From the most comfortable to what still fits with the longest of names, schools and addresses. */
const bodySizes = [11.5, 10.5, 9.5, 8.5];

const ink = "#17202b";
const accent = "#8a93a0";

type Doc = InstanceType<typeof PDFDocument>;
type QrCode = ReturnType<typeof encode>;

interface Kit {
  doc: Doc;
  set: Typesetter;
  qrCodeOf(text: string): QrCode;
}

/** What is drawn with, and the part of the document's structure that the letter is. */
interface Sheet extends Kit {
  part: ReturnType<Doc["struct"]>;
}

/** Something that takes room on the page: its height, and how it is drawn from there on (millimetres). */
interface Block {
  height: number;
  draw(top: number): void;
}

/** Draws letters into one document, each on a page of its own. */
export function createLetterPainter(doc: Doc, set: Typesetter) {
  /** All letters of a portal lead to one page: what was drawn last is drawn next. */
  let last: { text: string; code: QrCode } | null = null;
  const qrCodeOf = (text: string): QrCode => {
    if (last?.text !== text) last = { text, code: encode(text, { ecc: "M", border: 0 }) };
    return last.code;
  };
  const letGo = createLetGo(doc);
  return (letter: Letter, words: LetterWords) => letGo(drawLetter({ doc, set, qrCodeOf }, letter, words));
}

/** Answers the part of the document's structure that the letter is. */
function drawLetter(kit: Kit, letter: Letter, words: LetterWords): Sheet["part"] {
  const { doc, set } = kit;
  doc.addPage({ size: "A4", margin: 0 });
  doc.fillColor(ink);
  drawFoldMarks(doc);
  const part = doc.struct("Part", { lang: words.locale, title: words.title });
  doc.addStructure(part);
  drawSender({ ...kit, part }, letter, words);
  drawRecipient({ doc, set, part }, letter);
  drawBody({ ...kit, part }, letter, words);
  part.end();
  return part;
}

/** What is no text, for those who hear the page: left out. */
function drawFoldMarks(doc: Doc): void {
  doc.markContent("Artifact", { type: "Layout" });
  doc.lineWidth(0.4).strokeColor(accent);
  for (const y of folds) doc.moveTo(4 * mm, y * mm).lineTo((y === 148.5 ? 7 : 9) * mm, y * mm);
  doc.stroke();
  doc.endMarkedContent();
}

const leadingOf = ({ size, dir }: TextStyle) => (size * (dir === "rtl" ? 1.62 : 1.42)) / mm;
/** From the top of a line to where its letters stand. */
const ascentOf = ({ size, dir }: TextStyle) => (size * (dir === "rtl" ? 1.15 : 1)) / mm;

/** Lines drawn under each other; reading programs get them as one paragraph in the order of reading. */
function textBlock(
  { doc, set, part }: Sheet,
  text: string,
  style: TextStyle,
  place: { left: number; right: number; tag?: string; lines?: Line[] },
): Block {
  const lines = place.lines ?? set.lines(text, style, (place.right - place.left) * mm);
  const actual = lines[0]?.style ?? style;
  return {
    height: lines.length * leadingOf(actual),
    draw(top) {
      if (lines.length === 0) return;
      const edge = style.dir === "rtl" ? { right: place.right * mm } : { left: place.left * mm };
      part.add(
        doc.struct(place.tag ?? "P", style.dir === "rtl" ? { actual: text } : {}, () => {
          lines.forEach((line, index) => {
            set.draw(line, edge, (top + ascentOf(actual) + index * leadingOf(actual)) * mm);
          });
        }),
      );
    },
  };
}

const latin = (size: number, weight: TextStyle["weight"] = 400): TextStyle => ({
  size,
  weight,
  dir: "ltr",
  isOwn: true,
});

function drawSender(sheet: Sheet, { sender }: Letter, words: LetterWords): void {
  const place = { left, right: senderRight };
  let top = 15;
  const blocks = [
    textBlock(sheet, sender.name, { ...latin(11, 700), isOwn: false }, place),
    ...[...sender.lines, ...(sender.contact === null ? [] : [sender.contact])].map((line) =>
      textBlock(sheet, line, { ...latin(9.5), isOwn: false }, place),
    ),
  ];
  for (const block of blocks) {
    if (top + block.height > senderBottom) break;
    block.draw(top);
    top += block.height;
  }
  // Above the window, for whoever sorts the letters to hand them over.
  let sortingTop = 15;
  for (const text of words.sorting) {
    const style: TextStyle = { size: 10, weight: 700, dir: words.sortingDir, isOwn: true };
    const block = textBlock(sheet, text, style, window);
    if (sortingTop + block.height > sortingBottom) continue;
    block.draw(sortingTop);
    sortingTop += block.height;
  }
}

/** In Latin letters whatever the language: the post reads them. */
function drawRecipient({ doc, set, part }: Omit<Sheet, "qrCodeOf">, { name, postal }: Letter): void {
  const width = (window.right - window.left) * mm;
  const style = latin(10.5);
  const named = set.lines(name, style, width).slice(0, 2);
  const rest = postal
    .flatMap((line) => set.lines(line, style, width))
    .slice(-(addressLinesAtMost - named.length));
  const lines = [...named, ...rest].slice(0, addressLinesAtMost);
  // Of letters of this size, what stands above the first line and hangs below the last lies in the window, too.
  const [above, below] = [4.1, 1];
  const leading = Math.min(4.6, (window.bottom - window.top - above - below) / (lines.length - 1));
  part.add(
    doc.struct("P", {}, () => {
      lines.forEach((line, index) => {
        set.draw(line, { left: window.left * mm }, (window.top + above + index * leading) * mm);
      });
    }),
  );
}

function drawBody(sheet: Sheet, letter: Letter, words: LetterWords): void {
  let blocks: Block[] = [];
  for (const size of bodySizes) {
    blocks = bodyBlocks(sheet, letter, words, size);
    const height = blocks.reduce((sum, block) => sum + block.height, 0);
    if (bodyTop + height <= bodyBottom) break;
  }
  let top = bodyTop;
  for (const block of blocks) {
    block.draw(top);
    top += block.height;
  }
}

const space = (height: number): Block => ({ height, draw: () => undefined });

function bodyBlocks(sheet: Sheet, letter: Letter, words: LetterWords, size: number): Block[] {
  const { dir } = words;
  const plain: TextStyle = { size, weight: 400, dir };
  const strong: TextStyle = { size, weight: 700, dir };
  const whole = { left, right };
  return [
    textBlock(sheet, words.date, plain, dir === "rtl" ? { left, right: 100 } : { left: window.left, right }),
    space(4),
    textBlock(sheet, words.title, { size: size * 1.4, weight: 700, dir }, { ...whole, tag: "H1" }),
    space(2.5),
    textBlock(sheet, words.greeting, { ...plain, isOwn: true }, whole),
    space(1.5),
    ...words.paragraphs.flatMap((text) => [textBlock(sheet, text, plain, whole), space(1)]),
    space(2.5),
    credentials(sheet, letter, words, size),
    space(5),
    steps(sheet, letter, words, size),
    space(3.5),
    textBlock(sheet, words.until, strong, whole),
    space(2),
    textBlock(sheet, words.neverAsked, strong, whole),
    space(2),
    ...words.notes.flatMap((text) => [textBlock(sheet, text, plain, whole), space(1)]),
  ];
}

/** Identifier and code side by side in a frame: what the letter is about. */
function credentials(sheet: Sheet, letter: Letter, words: LetterWords, size: number): Block {
  const { doc, set } = sheet;
  const { dir } = words;
  const half = (right - left) / 2;
  const columns = [
    { label: words.identifier, value: letter.identifier },
    { label: words.code, value: letter.codePlain },
  ].map(({ label, value }, index) => {
    const isLeft = (index === 0) === (dir === "ltr");
    const from = isLeft ? left + gap : left + half + gap / 2;
    const to = from + half - 1.5 * gap;
    const fitting = set.largestFitting(value, latin(20, 700), (to - from) * mm, [20, 17, 14, 11]);
    return {
      label: textBlock(sheet, label, { size: size - 1, weight: 400, dir }, { left: from, right: to }),
      lines: fitting,
      value,
      from,
      to,
    };
  });
  const valueHeight = Math.max(
    ...columns.map(({ lines }) => lines.length * leadingOf(lines[0]?.style ?? latin(20))),
  );
  const labelHeight = Math.max(...columns.map(({ label }) => label.height));
  const height = 4 + labelHeight + 1 + valueHeight + 3.5;
  return {
    height,
    draw(top) {
      doc.markContent("Artifact", { type: "Layout" });
      doc
        .lineWidth(1)
        .strokeColor(ink)
        .roundedRect(left * mm, top * mm, (right - left) * mm, height * mm, 2.5 * mm)
        .stroke();
      doc.endMarkedContent();
      for (const { label, lines, value, from, to } of columns) {
        label.draw(top + 4);
        const place = { left: from, right: to, lines };
        // Set from left to right in every language, at the side where its label begins.
        const block = textBlock(sheet, value, { ...latin(20, 700), dir }, place);
        block.draw(top + 4 + labelHeight + 1);
      }
    },
  };
}

/** What to do, in its order, beside a square that a telephone reads. */
function steps(sheet: Sheet, letter: Letter, words: LetterWords, size: number): Block {
  const { set } = sheet;
  const { dir } = words;
  const text =
    dir === "ltr"
      ? { left, right: right - qrSide - gap, indent: left + 7 }
      : { left: left + qrSide + gap, right, indent: right - 7 };
  const inner =
    dir === "ltr" ? { left: text.indent, right: text.right } : { left: text.left, right: text.indent };
  const style: TextStyle = { size, weight: 400, dir };
  const address = set.largestFitting(
    words.address,
    { ...latin(size * 1.15, 700), isOwn: false },
    (inner.right - inner.left) * mm,
    [size * 1.15, size, size * 0.9],
  );
  const blocks = words.steps.flatMap((step, index) => [
    numbered(sheet, String(index + 1), style, text, textBlock(sheet, step, style, inner)),
    ...(index === 0
      ? [space(0.8), textBlock(sheet, words.address, { ...style, weight: 700 }, { ...inner, lines: address })]
      : []),
    space(2.2),
  ]);
  const height = blocks.reduce((sum, block) => sum + block.height, 0);
  return {
    height: Math.max(height, qrSide + 2),
    draw(top) {
      let at = top;
      for (const block of blocks) {
        block.draw(at);
        at += block.height;
      }
      // In the language of the letter: what is behind it keeps it.
      drawQrCode(
        sheet,
        `${letter.url}?lang=${letter.locale}`,
        words.qrCode,
        dir === "ltr" ? right - qrSide : left,
        top,
      );
    },
  };
}

function numbered(
  sheet: Sheet,
  number: string,
  style: TextStyle,
  place: { left: number; right: number },
  block: Block,
): Block {
  return {
    height: block.height,
    draw(top) {
      textBlock(sheet, `${number}.`, { ...style, weight: 700 }, place).draw(top);
      block.draw(top);
    },
  };
}

/** Drawn, not a picture: sharp on every printer. Rows of dark modules are joined, so that no hair line parts them. */
function drawQrCode({ doc, part, qrCodeOf }: Sheet, text: string, alt: string, x: number, y: number): void {
  const { size, data } = qrCodeOf(text);
  const module = (qrSide * mm) / size;
  part.add(
    doc.struct("Figure", { alt }, () => {
      for (const [rowIndex, row] of data.entries()) {
        for (let start = 0; start < size; start++) {
          if (!row[start]) continue;
          let end = start;
          while (row[end]) end++;
          doc.rect(
            x * mm + start * module,
            y * mm + rowIndex * module,
            (end - start) * module,
            module * 1.02,
          );
          start = end;
        }
      }
      doc.fill("#000000").fillColor(ink);
    }),
  );
}
