import { foldWords } from "../../../store/words.ts";
import { Unreadable } from "./record.ts";

export interface CsvLine {
  cells: string[];
  /** Where it begins. */
  line: number;
}

const longestRecord = 64 * 1024;
const separators = [";", ",", "\t"];

/** The separator of a file, by its first line: the one that stands there most. */
export function guessSeparator(firstLine: string): string {
  const counted = separators.map((separator) => firstLine.split(separator).length);
  return separators[counted.indexOf(Math.max(...counted))] as string;
}

/** A column's name as it is compared: without accents, capitals and what parts its words. */
export const columnName = (text: string) => foldWords(text).join("_");

/**
 * The lines of a CSV file (RFC 4180) with any of the usual separators and line ends; empty ones are left out. A quote
 * inside of a cell that does not begin with one is a letter like others. Refused: a quote that never closes, or that
 * closes before the end of its cell, and a record of more than 64 K characters.
 */
export async function* csvLines(pieces: AsyncIterable<string>, separator: string): AsyncGenerator<CsvLine> {
  let rest = "";
  let line = 1;
  for await (const piece of withPlainLineEnds(pieces)) {
    const text = rest === "" ? piece : rest + piece;
    let at = 0;
    for (;;) {
      const found = readRecord(text, at, separator, line, false);
      if (!found) break;
      if (!isEmpty(found.cells)) yield { cells: found.cells, line };
      line += found.lines;
      at = found.end;
    }
    rest = text.slice(at);
    if (rest.length > longestRecord) throw new Unreadable("csv-too-long", line);
  }
  const last = rest === "" ? null : readRecord(rest, 0, separator, line, true);
  if (last && !isEmpty(last.cells)) yield { cells: last.cells, line };
}

const isEmpty = (cells: string[]) => cells.every((cell) => cell.trim() === "");

interface FoundRecord {
  cells: string[];
  /** Behind its line end. */
  end: number;
  lines: number;
}

/** The record that begins at `at`; null where more of the file is needed to tell. */
function readRecord(
  text: string,
  at: number,
  separator: string,
  line: number,
  isLast: boolean,
): FoundRecord | null {
  const newline = text.indexOf("\n", at);
  if (newline === -1 && !isLast) return null;
  const end = newline === -1 ? text.length : newline;
  const whole = text.slice(at, end);
  if (whole.length > longestRecord) throw new Unreadable("csv-too-long", line);
  if (!whole.includes('"')) return { cells: whole.split(separator), end: end + 1, lines: 1 };
  return readQuoted(text, at, separator, line, isLast);
}

function readQuoted(
  text: string,
  from: number,
  separator: string,
  line: number,
  isLast: boolean,
): FoundRecord | null {
  const cells: string[] = [];
  let lines = 1;
  let at = from;
  for (;;) {
    let end: number;
    if (text[at] === '"') {
      const close = closingQuote(text, at + 1);
      if (close === -1) {
        if (isLast) throw new Unreadable("csv-quotes", line);
        return null;
      }
      const cell = text.slice(at + 1, close);
      lines += cell.split("\n").length - 1;
      cells.push(cell.replaceAll('""', '"'));
      end = close + 1;
      if (end === text.length && !isLast) return null;
      if (end < text.length && text[end] !== separator && text[end] !== "\n") {
        throw new Unreadable("csv-quotes", line + lines - 1, text.slice(at, at + 80));
      }
    } else {
      const newline = text.indexOf("\n", at);
      if (newline === -1 && !isLast) return null;
      const stop = newline === -1 ? text.length : newline;
      const next = text.indexOf(separator, at);
      end = next !== -1 && next < stop ? next : stop;
      cells.push(text.slice(at, end));
    }
    if (end - from > longestRecord) throw new Unreadable("csv-too-long", line);
    if (text[end] !== separator) return { cells, end: end + 1, lines };
    at = end + 1;
  }
}

/** A quote that is doubled is a letter; -1 where the text ends before. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}

/** `\r\n` and a lone `\r` as `\n`, also where two pieces part them. */
async function* withPlainLineEnds(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let held = "";
  for await (const piece of pieces) {
    const text = held + piece;
    held = text.endsWith("\r") ? "\r" : "";
    yield plain(held === "" ? text : text.slice(0, -1));
  }
  if (held !== "") yield "\n";
}

const plain = (text: string) =>
  text.includes("\r") ? text.replaceAll("\r\n", "\n").replaceAll("\r", "\n") : text;
