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

/** Whether a line has as many cells as the header; empty ones at its end are a spreadsheet's. */
export function fits(cells: string[], header: string[]): boolean {
  return cells.length === header.length || cells.slice(header.length).every((cell) => cell.trim() === "")
    ? cells.length >= header.length
    : false;
}
