import { columnName } from "./csv-lines.ts";

/** Where each column stands that a reader knows; what it does not know is passed over. */
export type Columns<Name extends string> = Partial<Record<Name, number>>;

/** `aliases`: the names under which each is known, as `columnName` writes them. The first that is there counts. */
export function findColumns<Name extends string>(
  header: string[],
  aliases: Record<Name, readonly string[]>,
): Columns<Name> {
  const names = header.map(columnName);
  const found: Columns<Name> = {};
  for (const name of Object.keys(aliases) as Name[]) {
    const at = aliases[name].map((alias) => names.indexOf(alias)).find((index) => index !== -1);
    if (at !== undefined) found[name] = at;
  }
  return found;
}

/** The cells of one line by name; undefined for a column that the file does not have. */
export function cellsBy<Name extends string>(columns: Columns<Name>, cells: string[]) {
  return (name: Name): string | undefined => {
    const at = columns[name];
    return at === undefined ? undefined : (cells[at] ?? "");
  };
}

/**
 * Tells whether a line has as many cells as the header. A spreadsheet puts empty ones behind the last, and then in every
 * line: where the first one has none, a cell too many moves those behind it, and none of them is what it says.
 */
export function createFits(header: string[]): (cells: string[]) => boolean {
  let width: number | null = null;
  return (cells) => {
    const isPadded = cells.length > header.length && cells.slice(header.length).every(isEmpty);
    width ??= isPadded ? cells.length : header.length;
    return cells.length === header.length || (isPadded && cells.length === width);
  };
}

const isEmpty = (cell: string) => cell.trim() === "";
