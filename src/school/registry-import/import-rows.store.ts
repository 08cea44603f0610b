import { among, insertingMany, listed } from "../../store/many-rows.ts";
import type { Asked, Tx } from "../../store/store.ts";
import type { RegistryKind } from "./read/record.ts";

/** What the files of an import say, row by row, and what would be done with each. */
export type PersonAction = "new" | "changed" | "moved" | "returned" | "same" | "gone";
export type LinkAction = "new" | "changed" | "same" | "gone" | "unmatched";

export interface PersonRow {
  import_id: string;
  establishment_id: string;
  kind: RegistryKind;
  record_id: string;
  file: number;
  line: number;
  /** JSON: `PersonData`. */
  data: string;
  digest: string;
  address_id: string | null;
  /** `refused`: nothing is known of them but that a line is theirs, so that they are not gone. */
  action: PersonAction | "refused";
  account_id: string | null;
  /** JSON: `Change[]`. */
  changes: string | null;
}

export interface LinkRow {
  import_id: string;
  establishment_id: string;
  guardian_record_id: string;
  pupil_record_id: string;
  file: number;
  line: number;
  level: number;
  kinship: string | null;
  /** `refused`: whom this guardian answers for could not be read, so that none of it is gone; of no pupil. */
  action: LinkAction | "refused";
}

export interface DetailRow {
  import_id: string;
  kind: "class" | "address";
  file: number;
  ref: string;
  /** JSON. */
  value: string;
}

const personColumns = {
  import_id: "text",
  establishment_id: "text",
  kind: "text",
  record_id: "text",
  file: "integer",
  line: "bigint",
  data: "text",
  digest: "text",
  address_id: "text",
  action: "text",
  account_id: "text",
  changes: "text",
} as const;

const linkColumns = {
  import_id: "text",
  establishment_id: "text",
  guardian_record_id: "text",
  pupil_record_id: "text",
  file: "integer",
  line: "bigint",
  level: "integer",
  kinship: "text",
  action: "text",
} as const;

export const insertPeople = insertingMany<PersonRow>("import_people", personColumns);

/** People of refused lines; who stands elsewhere in the files as well is taken from there. */
export const insertRefused = insertingMany<PersonRow>(
  "import_people",
  personColumns,
  "on conflict do nothing",
);

/** Puts rows in the place of those that stand there under the same keys. */
export const replacePeople = insertingMany<PersonRow>(
  "import_people",
  personColumns,
  `on conflict (import_id, establishment_id, kind, record_id) do update set data = excluded.data,
    digest = excluded.digest, action = excluded.action, account_id = excluded.account_id, changes = excluded.changes`,
);

/** Of two lines that say the same tie, the first counts. */
export const insertLinks = insertingMany<LinkRow>("import_links", linkColumns, "on conflict do nothing");

export const replaceLinks = insertingMany<LinkRow>(
  "import_links",
  linkColumns,
  `on conflict (import_id, establishment_id, guardian_record_id, pupil_record_id) do update set
    action = excluded.action`,
);

export const insertDetails = insertingMany<DetailRow>(
  "import_details",
  { import_id: "text", kind: "text", file: "integer", ref: "text", value: "text" },
  "on conflict do nothing",
);

/**
 * Tells PostgreSQL what stands in the tables now. They were filled a moment ago: until it looks by itself, it takes them
 * for empty, and reads them whole for each question. SQLite plans by the keys alone.
 */
export async function tellPlanner(tx: Tx): Promise<void> {
  if (tx.engine !== "postgres") return;
  await tx.ask("analyze import_people, import_links, import_details, registry_records, registry_links", []);
}

export interface Place {
  import_id: string;
  establishment_id: string;
  kind: RegistryKind;
}

const personFields = Object.keys(personColumns).join(", ");
const linkFields = Object.keys(linkColumns).join(", ");

/** Those of these records that an import has a line of already. */
export async function findStaged(
  db: Asked,
  place: Place,
  recordIds: string[],
): Promise<Map<string, PersonRow>> {
  if (recordIds.length === 0) return new Map();
  const rows = await db.ask<PersonRow>(
    `select ${personFields} from import_people
      where import_id = ? and establishment_id = ? and kind = ? and record_id in ${among(db)}`,
    [place.import_id, place.establishment_id, place.kind, listed(db, recordIds)],
  );
  return new Map(rows.map((row) => [row.record_id, row]));
}

export async function hasRefused(db: Asked, place: Place): Promise<boolean> {
  const rows = await db.ask(
    `select record_id from import_people
      where import_id = ? and establishment_id = ? and kind = ? and action = 'refused' limit 1`,
    [place.import_id, place.establishment_id, place.kind],
  );
  return rows.length > 0;
}

/** Of these people a line came that can be read. */
export async function deleteRefused(tx: Tx, place: Place, recordIds: string[]): Promise<void> {
  if (recordIds.length === 0) return;
  await tx.ask(
    `delete from import_people where import_id = ? and establishment_id = ? and kind = ? and action = 'refused'
      and record_id in ${among(tx)}`,
    [place.import_id, place.establishment_id, place.kind, listed(tx, recordIds)],
  );
}

export async function countPeople(db: Asked, place: Place): Promise<number> {
  const [row] = await db.ask<{ people: number }>(
    `select count(*) as people from import_people
      where import_id = ? and establishment_id = ? and kind = ? and action <> 'refused'`,
    [place.import_id, place.establishment_id, place.kind],
  );
  return Number(row?.people ?? 0);
}

/** The next people of one kind in one school whom the files tell of, in the order of their keys. */
export async function listPeople(
  db: Asked,
  place: Place,
  page: { after: string; limit: number },
): Promise<PersonRow[]> {
  return db.ask(
    `select ${personFields} from import_people
      where import_id = ? and establishment_id = ? and kind = ? and record_id > ? and action <> 'refused'
      order by record_id limit ${Math.trunc(page.limit)}`,
    [place.import_id, place.establishment_id, place.kind, page.after],
  );
}

export interface ComparedRow {
  record_id: string;
  digest: string;
  account_id: string | null;
  known_digest: string | null;
  gone_at: number | null;
  account_status: string | null;
}

/** The same, each beside what the registry said the last time. */
export async function comparePeople(
  db: Asked,
  place: Place,
  page: { after: string; limit: number },
): Promise<ComparedRow[]> {
  return db.ask(
    `select p.record_id, p.digest, r.account_id, r.digest as known_digest, r.gone_at, a.status as account_status
      from import_people p
      left join registry_records r
        on r.establishment_id = p.establishment_id and r.kind = p.kind and r.record_id = p.record_id
      left join accounts a on a.id = r.account_id
      where p.import_id = ? and p.establishment_id = ? and p.kind = ? and p.record_id > ? and p.action <> 'refused'
      order by p.record_id limit ${Math.trunc(page.limit)}`,
    [place.import_id, place.establishment_id, place.kind, page.after],
  );
}

export async function markSame(tx: Tx, place: Place, recordIds: string[]): Promise<void> {
  if (recordIds.length === 0) return;
  await tx.ask(
    `update import_people set action = 'same'
      where import_id = ? and establishment_id = ? and kind = ? and record_id in ${among(tx)}`,
    [place.import_id, place.establishment_id, place.kind, listed(tx, recordIds)],
  );
}

export interface PersonKey {
  establishment_id: string;
  kind: string;
  record_id: string;
}
export const beforeEveryPerson: PersonKey = { establishment_id: "", kind: "", record_id: "" };

/** The next people of an import of whom something is to be done. */
export async function listDue(
  db: Asked,
  importId: string,
  actions: readonly PersonAction[],
  after: PersonKey,
  limit: number,
): Promise<PersonRow[]> {
  return db.ask(
    `select ${personFields} from import_people
      where import_id = ? and (establishment_id, kind, record_id) > (?, ?, ?)
        and action in (${actions.map(() => "?").join(", ")})
      order by establishment_id, kind, record_id limit ${Math.trunc(limit)}`,
    [importId, after.establishment_id, after.kind, after.record_id, ...actions],
  );
}

/** The next people of an import who were new, with the accounts that were made for them. */
export async function listAccountsOf(
  db: Asked,
  importId: string,
  after: PersonKey,
  limit: number,
): Promise<(PersonKey & { account_id: string })[]> {
  return db.ask(
    `select p.establishment_id, p.kind, p.record_id, r.account_id
      from import_people p
      join registry_records r
        on r.establishment_id = p.establishment_id and r.kind = p.kind and r.record_id = p.record_id
      where p.import_id = ? and (p.establishment_id, p.kind, p.record_id) > (?, ?, ?)
        and p.action in ('new', 'returned')
      order by p.establishment_id, p.kind, p.record_id limit ${Math.trunc(limit)}`,
    [importId, after.establishment_id, after.kind, after.record_id],
  );
}

export interface LinkKey {
  establishment_id: string;
  guardian_record_id: string;
  pupil_record_id: string;
}
export const beforeEveryLink: LinkKey = { establishment_id: "", guardian_record_id: "", pupil_record_id: "" };

export async function listLinks(
  db: Asked,
  importId: string,
  actions: readonly LinkAction[],
  after: LinkKey,
  limit: number,
): Promise<LinkRow[]> {
  return db.ask(
    `select ${linkFields} from import_links
      where import_id = ? and (establishment_id, guardian_record_id, pupil_record_id) > (?, ?, ?)
        and action in (${actions.map(() => "?").join(", ")})
      order by establishment_id, guardian_record_id, pupil_record_id limit ${Math.trunc(limit)}`,
    [importId, after.establishment_id, after.guardian_record_id, after.pupil_record_id, ...actions],
  );
}

export interface ComparedLink extends LinkRow {
  known_level: number | null;
  known_kinship: string | null;
  known_tied: number | null;
  is_pupil_known: number;
  is_guardian_known: number;
}

/** Links of an import beside what the registry said the last time, and whether both people are known by now. */
export async function compareLinks(
  db: Asked,
  importId: string,
  after: LinkKey,
  limit: number,
): Promise<ComparedLink[]> {
  const known = (kind: string, column: string) => `case when exists (
      select 1 from registry_records r where r.establishment_id = l.establishment_id and r.kind = '${kind}'
        and r.record_id = l.${column} and r.gone_at is null)
    or exists (
      select 1 from import_people p where p.import_id = l.import_id and p.establishment_id = l.establishment_id
        and p.kind = '${kind}' and p.record_id = l.${column} and p.action not in ('gone', 'refused')) then 1 else 0 end`;
  const fields = Object.keys(linkColumns).map((column) => `l.${column}`);
  return db.ask(
    `select ${fields.join(", ")}, k.level as known_level, k.kinship as known_kinship, k.is_tied as known_tied,
        ${known("pupil", "pupil_record_id")} as is_pupil_known,
        ${known("guardian", "guardian_record_id")} as is_guardian_known
      from import_links l
      left join registry_links k on k.establishment_id = l.establishment_id
        and k.guardian_record_id = l.guardian_record_id and k.pupil_record_id = l.pupil_record_id
      where l.import_id = ? and (l.establishment_id, l.guardian_record_id, l.pupil_record_id) > (?, ?, ?)
        and l.action <> 'refused'
      order by l.establishment_id, l.guardian_record_id, l.pupil_record_id limit ${Math.trunc(limit)}`,
    [importId, after.establishment_id, after.guardian_record_id, after.pupil_record_id],
  );
}

/** Links of these guardians. */
export async function linksOfGuardians(
  db: Asked,
  place: Place,
  guardianRecordIds: string[],
): Promise<LinkRow[]> {
  return db.ask(
    `select ${linkFields} from import_links
      where import_id = ? and establishment_id = ? and guardian_record_id in ${among(db)}`,
    [place.import_id, place.establishment_id, listed(db, guardianRecordIds)],
  );
}

/** Links to pupils whom the file names without a number, the next after `after`. */
export async function listNamedLinks(
  db: Asked,
  importId: string,
  after: LinkKey,
  limit: number,
): Promise<LinkRow[]> {
  return db.ask(
    `select ${linkFields} from import_links
      where import_id = ? and (establishment_id, guardian_record_id, pupil_record_id) > (?, ?, ?)
        and pupil_record_id >= 'name:' and pupil_record_id < 'name;'
      order by establishment_id, guardian_record_id, pupil_record_id limit ${Math.trunc(limit)}`,
    [importId, after.establishment_id, after.guardian_record_id, after.pupil_record_id],
  );
}

export async function deleteLink(tx: Tx, importId: string, key: LinkKey): Promise<void> {
  await tx.ask(
    `delete from import_links where import_id = ? and establishment_id = ? and guardian_record_id = ?
      and pupil_record_id = ?`,
    [importId, key.establishment_id, key.guardian_record_id, key.pupil_record_id],
  );
}

/** By what each file names things that stand elsewhere in it. */
export async function findDetails(
  db: Asked,
  asked: { importId: string; kind: DetailRow["kind"]; file: number; refs: string[] },
): Promise<Map<string, string>> {
  if (asked.refs.length === 0) return new Map();
  const rows = await db.ask<{ ref: string; value: string }>(
    `select ref, value from import_details where import_id = ? and kind = ? and file = ? and ref in ${among(db)}`,
    [asked.importId, asked.kind, asked.file, listed(db, asked.refs)],
  );
  return new Map(rows.map(({ ref, value }) => [ref, value]));
}

/** Classes of pupils whom the file does not list. */
export async function listStrayClasses(db: Asked, importId: string, limit: number): Promise<DetailRow[]> {
  return db.ask(
    `select import_id, kind, file, ref, value from import_details d
      where import_id = ? and kind = 'class' and not exists (
        select 1 from import_people p where p.import_id = d.import_id and p.kind = 'pupil' and p.record_id = d.ref)
      limit ${Math.trunc(limit)}`,
    [importId],
  );
}

export interface ShownPerson extends PersonRow {
  known_surname: string | null;
  known_first_name: string | null;
}

/** The people of whom something would be done, to be shown: with their names as they are known. */
export async function listShown(
  db: Asked,
  importId: string,
  action: PersonAction,
  after: PersonKey,
  limit: number,
): Promise<ShownPerson[]> {
  return db.ask(
    `select ${Object.keys(personColumns)
      .map((column) => `p.${column}`)
      .join(", ")}, s.surname as known_surname, s.first_name as known_first_name
      from import_people p left join school_people s on s.account_id = p.account_id
      where p.import_id = ? and p.action = ? and (p.establishment_id, p.kind, p.record_id) > (?, ?, ?)
      order by p.establishment_id, p.kind, p.record_id limit ${Math.trunc(limit)}`,
    [importId, action, after.establishment_id, after.kind, after.record_id],
  );
}

export interface UnmatchedLink extends LinkRow {
  guardian_surname: string | null;
  guardian_first_name: string | null;
}

/** Links that cannot be tied yet, to be shown: with the guardian's name where it is known, or in the files. */
export async function listUnmatched(
  db: Asked,
  importId: string,
  after: LinkKey,
  limit: number,
): Promise<UnmatchedLink[]> {
  const rows = await db.ask<
    LinkRow & { said: string | null; surname: string | null; first_name: string | null }
  >(
    `select ${Object.keys(linkColumns)
      .map((column) => `l.${column}`)
      .join(", ")}, p.data as said, s.surname, s.first_name
      from import_links l
      left join import_people p on p.import_id = l.import_id and p.establishment_id = l.establishment_id
        and p.kind = 'guardian' and p.record_id = l.guardian_record_id
      left join registry_records r on r.establishment_id = l.establishment_id and r.kind = 'guardian'
        and r.record_id = l.guardian_record_id
      left join school_people s on s.account_id = r.account_id
      where l.import_id = ? and (l.establishment_id, l.guardian_record_id, l.pupil_record_id) > (?, ?, ?)
        and l.action = 'unmatched'
      order by l.establishment_id, l.guardian_record_id, l.pupil_record_id limit ${Math.trunc(limit)}`,
    [importId, after.establishment_id, after.guardian_record_id, after.pupil_record_id],
  );
  return rows.map(({ said, surname, first_name, ...link }) => {
    const name = JSON.parse(said ?? "{}") as { surname?: string; firstName?: string };
    return {
      ...link,
      guardian_surname: name.surname ?? surname,
      guardian_first_name: name.firstName ?? first_name,
    };
  });
}
