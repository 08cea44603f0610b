/** One cell: a number stays one, null is an empty cell. */
export type CsvCell = string | number | null;

/**
 * What a spreadsheet program would run as a formula (OWASP, CSV injection): the characters that begin one, their
 * full-width twins, and what such programs skip before they look.
 */
const startsFormula = /^[=+\-@\t\r\n＝＋－＠]|^\s+[=+\-@＝＋－＠]/;

/** What spreadsheet programs need to read UTF-8 as such. */
const byteOrderMark = "\uFEFF";

/**
 * Rows as CSV (RFC 4180: commas, CRLF, quotes doubled), for a file. A text that a spreadsheet program could take for a
 * formula gets an apostrophe in front: it is shown, and not run. Numbers must be finite.
 */
export function renderCsv(rows: readonly (readonly CsvCell[])[]): string {
  return byteOrderMark + rows.map(csvLine).join("");
}

/** One row with its line end, for what is written piece by piece. */
export function csvLine(cells: readonly CsvCell[]): string {
  return `${cells.map(csvCell).join(",")}\r\n`;
}

function csvCell(cell: CsvCell): string {
  if (cell === null) return "";
  if (typeof cell === "number") return String(cell);
  const text = cell.replaceAll("\0", "");
  const harmless = startsFormula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) || harmless !== harmless.trim()
    ? `"${harmless.replaceAll('"', '""')}"`
    : harmless;
}
