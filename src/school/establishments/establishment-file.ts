import { type CsvError, parse } from "csv-parse/sync";
import { foldWords } from "../../store/words.ts";
import { parseCode } from "./establishment-codes.ts";
import {
  parseAddresses,
  parseEmail,
  parseName,
  parsePhone,
  parsePostal,
  parseTimezone,
  type Read,
  type RelayDetails,
  relayShape,
} from "./establishment-details.ts";
import { type EstablishmentType, establishmentTypes } from "./establishments.store.ts";

/**
 * A file of establishments, as it was read. Two forms:
 *
 * CSV, one establishment a line, with a first line of headings in any order (`type`, `code`, `name`, `parent`,
 * `timezone`, `phone`, `email`, `postal`, `addresses`, or their French words below), parted by semicolons, commas or
 * tabs. `parent`: the code of what it stands in. `postal`: lines parted by `|`. `addresses`: ranges parted by spaces
 * or `|`. A column that is not there changes nothing; an empty cell empties.
 *
 * JSON: `{ "establishments": [ { "type", "code", "name", "parent", … , "relays": { "<relay>": { "hours", "closedOn",
 * "lines" } } } ] }`, where what is left out changes nothing, and null empties. `postal` and `addresses` are lists.
 *
 * UTF-8, or what office programs of Western Europe write (windows-1252). Either everything in it is sound, or nothing
 * of it is used.
 */
export interface FileEntry {
  line: number;
  type: EstablishmentType;
  code: string;
  name: string;
  /** Code of what it stands in; null at the top. */
  parent: string | null;
  timezone?: string | null;
  phone?: string | null;
  email?: string | null;
  postal?: string[];
  addresses?: string[];
  /** Null: what the establishment says of that relay, or of all of them, is dropped. */
  relays?: Record<string, RelayDetails | null> | null;
}

export interface FileFault {
  line: number;
  /** Key of its words. */
  refusal: string;
  /** Heading of the column, or what the words name. */
  what?: string;
}

export type FileRead = { ok: true; entries: FileEntry[] } | { ok: false; faults: FileFault[] };

export const longestFileBytes = 16 * 1024 * 1024;
const mostEntries = 100_000;
const mostCells = 50;

/** Headings that mean the same, as `foldWords` joins them. */
const headings = new Map<string, Heading>(
  Object.entries({
    type: "type",
    code: "code",
    uai: "code",
    rne: "code",
    name: "name",
    nom: "name",
    parent: "parent",
    rattachement: "parent",
    timezone: "timezone",
    "fuseau horaire": "timezone",
    fuseau: "timezone",
    phone: "phone",
    telephone: "phone",
    tel: "phone",
    email: "email",
    "e mail": "email",
    mel: "email",
    courriel: "email",
    postal: "postal",
    adresse: "postal",
    "adresse postale": "postal",
    addresses: "addresses",
    "adresses reseau": "addresses",
    reseau: "addresses",
  }),
);
type Heading = "type" | "code" | "name" | "parent" | "timezone" | "phone" | "email" | "postal" | "addresses";
const neededHeadings = ["type", "code", "name", "parent"] as const;

const typeWords = new Map<string, EstablishmentType>(
  Object.entries({
    academy: "academy",
    academie: "academy",
    school: "school",
    etablissement: "school",
    ecole: "school",
    college: "school",
    lycee: "school",
    class: "class",
    classe: "class",
    division: "class",
  }),
);

const fault = (line: number, refusal: string, what?: string): FileFault => ({
  line,
  refusal: `establishments.file.${refusal}`,
  ...(what !== undefined && { what }),
});
const only = (one: FileFault): FileRead => ({ ok: false, faults: [one] });

/** After so many entries, whoever else waits has their turn. */
const givesWayAfter = 500;
export const giveWay = (count: number): Promise<void> | undefined =>
  count % givesWayAfter === 0 ? new Promise((resolve) => setImmediate(resolve)) : undefined;

/** Reads a whole file; every fault in it is named with its line. */
export async function readEstablishmentFile(bytes: Buffer): Promise<FileRead> {
  if (bytes.length > longestFileBytes) return only(fault(1, "too-large"));
  const text = decode(bytes);
  // A zip, an office document, a picture: never text.
  if (/\0/.test(text) || text.startsWith("PK\u0003")) return only(fault(1, "not-text"));
  if (text.trim() === "") return only(fault(1, "empty"));
  return /^\s*[{[]/.test(text) ? readJson(text) : readCsv(text);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

// ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────

interface CsvLine {
  record: string[];
  info: { lines: number };
}

async function readCsv(text: string): Promise<FileRead> {
  const firstLine = text.slice(0, text.search(/\r|\n|$/));
  const delimiter = [";", "\t", ","].find((sign) => firstLine.includes(sign)) ?? ";";
  let lines: CsvLine[];
  try {
    lines = parse(text, {
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: 20_000,
      to: mostEntries + 2,
    }) as unknown as CsvLine[];
  } catch (cause) {
    const { lines: line } = cause as CsvError & { lines?: number };
    return only(fault(line ?? 1, "unreadable"));
  }
  const [head, ...rest] = lines;
  if (!head) return only(fault(1, "empty"));
  if (rest.length > mostEntries) return only(fault(mostEntries + 2, "too-many"));
  const columns = new Map<Heading, number>();
  const faults: FileFault[] = [];
  for (const [index, title] of head.record.slice(0, mostCells).entries()) {
    const heading = headings.get(foldWords(title).join(" "));
    if (title === "" && !rest.some(({ record }) => (record[index] ?? "") !== "")) continue;
    if (heading === undefined) faults.push(fault(1, "unknown-column", title.slice(0, 40)));
    else if (columns.has(heading)) faults.push(fault(1, "repeated-column", title));
    else columns.set(heading, index);
  }
  for (const heading of neededHeadings)
    if (!columns.has(heading)) faults.push(fault(1, "missing-column", heading));
  if (faults.length > 0) return { ok: false, faults };

  const entries: FileEntry[] = [];
  let before = head.info.lines;
  for (const [index, { record, info }] of rest.entries()) {
    await giveWay(index);
    // `lines` counts to the end of the record; where a cell has line ends, it begins further up.
    const line = Math.min(before + 1, info.lines);
    before = info.lines;
    if (record.every((cell) => cell === "")) continue;
    if (record.slice(head.record.length).some((cell) => cell !== "")) {
      faults.push(fault(info.lines, "too-many-cells"));
      continue;
    }
    const cell = (heading: Heading): string | undefined => {
      const index = columns.get(heading);
      return index === undefined ? undefined : (record[index] ?? "");
    };
    const listOf = (heading: Heading, sign: RegExp) => cell(heading)?.split(sign);
    entries.push(
      ...readEntry(
        {
          line: record.some((one) => one.includes("\n")) ? line : info.lines,
          type: cell("type"),
          code: cell("code"),
          name: cell("name"),
          parent: cell("parent"),
          timezone: cell("timezone"),
          phone: cell("phone"),
          email: cell("email"),
          postal: listOf("postal", /[|\r\n]+/),
          addresses: listOf("addresses", /[\s|,]+/),
        },
        faults,
      ),
    );
  }
  return judge(entries, faults);
}

// ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────

const jsonFields = [
  "type",
  "code",
  "name",
  "parent",
  "timezone",
  "phone",
  "email",
  "postal",
  "addresses",
  "relays",
] as const;

async function readJson(text: string): Promise<FileRead> {
  let whole: unknown;
  try {
    whole = JSON.parse(text);
  } catch (cause) {
    const position = Number(/position (\d+)/.exec((cause as Error).message)?.[1] ?? text.length);
    return only(fault(lineAt(text, position), "unreadable"));
  }
  const listed = isGroup(whole) && Object.keys(whole).length === 1 ? whole.establishments : null;
  if (!Array.isArray(listed)) return only(fault(1, "json-shape"));
  if (listed.length > mostEntries) return only(fault(1, "too-many"));
  const lines = linesOfItems(text);
  const faults: FileFault[] = [];
  const entries: FileEntry[] = [];
  for (const [index, item] of listed.entries()) {
    await giveWay(index);
    entries.push(...readItem(item, lines[index] ?? 1, faults));
  }
  return judge(entries, faults);
}

function readItem(item: unknown, line: number, faults: FileFault[]): FileEntry[] {
  const refuse = (refusal: string, what?: string) => {
    faults.push(fault(line, refusal, what));
    return [];
  };
  if (!isGroup(item)) return refuse("json-shape");
  const unknown = Object.keys(item).find((key) => !(jsonFields as readonly string[]).includes(key));
  if (unknown !== undefined) return refuse("unknown-column", unknown.slice(0, 40));
  const wrong = jsonFields.find((field) => !hasJsonShape(field, item[field]));
  if (wrong) return refuse("json-value", wrong);
  const textOf = (field: "type" | "code" | "name" | "parent" | "timezone" | "phone" | "email") =>
    item[field] === null ? "" : (item[field] as string | undefined);
  const listOf = (field: "postal" | "addresses") =>
    item[field] === null ? [] : (item[field] as string[] | undefined);
  return readEntry(
    {
      line,
      type: textOf("type"),
      code: textOf("code"),
      name: textOf("name"),
      parent: textOf("parent"),
      timezone: textOf("timezone"),
      phone: textOf("phone"),
      email: textOf("email"),
      postal: listOf("postal"),
      addresses: listOf("addresses"),
      relays: item.relays as Record<string, unknown> | null | undefined,
    },
    faults,
  );
}

const isGroup = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function hasJsonShape(field: (typeof jsonFields)[number], value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (field === "relays") return isGroup(value);
  if (field === "postal" || field === "addresses")
    return Array.isArray(value) && value.every((one) => typeof one === "string");
  return typeof value === "string";
}

const lineAt = (text: string, position: number): number => text.slice(0, position).split("\n").length;

/** The line on which each item of the one list begins; the text is known to be JSON. */
function linesOfItems(text: string): number[] {
  const found: number[] = [];
  let line = 1;
  let depth = 0;
  let isItemDue = false;
  for (const [sign] of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},\n]|[^\s"[\]{},:]+/g)) {
    if (sign === "\n") {
      line++;
      continue;
    }
    const isOpening = sign === "{" || sign === "[";
    if (isItemDue && depth === 2 && sign !== "]") found.push(line);
    isItemDue = (depth === 2 && sign === ",") || (depth === 1 && sign === "[");
    if (isOpening) depth++;
    else if (sign === "}" || sign === "]") depth--;
  }
  return found;
}

// ── One establishment ────────────────────────────────────────────────────────────────────────────────────────

/** What a line says, before it is judged. Undefined: nothing is said. */
interface Given {
  line: number;
  type: string | undefined;
  code: string | undefined;
  name: string | undefined;
  parent: string | undefined;
  timezone: string | undefined;
  phone: string | undefined;
  email: string | undefined;
  postal: string[] | undefined;
  addresses: string[] | undefined;
  relays?: Record<string, unknown> | null;
}

/** The entry, or none and what is wrong with it. */
function readEntry(given: Given, faults: FileFault[]): FileEntry[] {
  const { line } = given;
  const before = faults.length;
  const type = typeWords.get(foldWords(given.type ?? "").join(" "));
  if (!type) {
    faults.push(fault(line, "type"));
    return [];
  }
  const take = <Value>(read: Read<Value>): Value | undefined => {
    if (read.ok) return read.value;
    faults.push({ line, refusal: read.refusal });
    return undefined;
  };
  const maybe = <From, Value>(
    from: From | undefined,
    parse: (from: From) => Read<Value>,
  ): Value | undefined => (from === undefined ? undefined : take(parse(from)));

  const code = parseCode(type, given.code ?? "");
  if (!code.ok) faults.push({ line, refusal: code.refusal });
  const name = take(parseName(given.name ?? ""));
  const parent = readParent(type, given.parent ?? "");
  if (parent === undefined)
    faults.push({ line, refusal: "establishments.parent.unknown", what: given.parent });
  const details = {
    timezone: maybe(given.timezone, parseTimezone),
    phone: maybe(given.phone, parsePhone),
    email: maybe(given.email, parseEmail),
    postal: maybe(given.postal, parsePostal),
    addresses: maybe(given.addresses, parseAddresses),
    relays: given.relays && readRelays(given.relays, line, faults),
  };
  if (type === "class" && Object.values(details).some((value) => value !== undefined && hasContent(value)))
    faults.push(fault(line, "class-details"));
  if (faults.length > before || !code.ok || name === undefined || parent === undefined) return [];
  return [{ line, type, code: code.code, name, parent, ...(type === "class" ? {} : withoutUnsaid(details)) }];
}

const hasContent = (value: unknown): boolean =>
  Array.isArray(value) ? value.length > 0 : isGroup(value) ? Object.keys(value).length > 0 : value !== null;

const withoutUnsaid = <Group extends object>(group: Group): Group =>
  Object.fromEntries(Object.entries(group).filter(([, value]) => value !== undefined)) as Group;

/** The code of what it stands in, read as a code of the type above; undefined where that cannot be one. */
function readParent(type: EstablishmentType, typed: string): string | null | undefined {
  const above = establishmentTypes[establishmentTypes.indexOf(type) - 1];
  if (above === undefined) return typed.trim() === "" ? null : undefined;
  const parsed = parseCode(above, typed);
  return parsed.ok ? parsed.code : undefined;
}

function readRelays(
  given: Record<string, unknown>,
  line: number,
  faults: FileFault[],
): Record<string, RelayDetails | null> {
  const read: [string, RelayDetails | null][] = [];
  for (const [id, said] of Object.entries(given)) {
    const parsed = said === null ? null : relayShape.safeParse(said);
    if (parsed === null) read.push([id, null]);
    else if (parsed.success) read.push([id, parsed.data]);
    else {
      const path = [id, ...(parsed.error.issues[0]?.path ?? [])].map(String).join(".");
      faults.push(fault(line, "relay", path.slice(0, 80)));
    }
  }
  return Object.fromEntries(read);
}

/** What no line shows by itself: the same establishment twice. */
function judge(entries: FileEntry[], faults: FileFault[]): FileRead {
  const seen = new Map<string, number>();
  for (const { line, type, code, parent } of entries) {
    const key = type === "class" ? `${parent} ${code}` : code;
    const earlier = seen.get(key);
    if (earlier !== undefined) faults.push(fault(line, "twice", String(earlier)));
    seen.set(key, line);
  }
  if (faults.length > 0) return { ok: false, faults: faults.sort((a, b) => a.line - b.line) };
  if (entries.length === 0) return only(fault(1, "empty"));
  return { ok: true, entries };
}
