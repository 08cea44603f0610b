import type { Kind } from "../../config/preset.ts";
import { isUniqueViolation } from "../../store/abilities.ts";
import { among, insertingMany, listed } from "../../store/many-rows.ts";
import type { Asked, Db, Tx } from "../../store/store.ts";
import { foldWords } from "../../store/words.ts";

/** The tree of establishments, who belongs to which of them, and what a registry says of people. */

/** From the top of the tree down. */
export const establishmentTypes = ["academy", "school", "class"] as const;
export type EstablishmentType = (typeof establishmentTypes)[number];

export interface EstablishmentRow {
  id: string;
  parent_id: string | null;
  type: EstablishmentType;
  /** An academy's own, a school's UAI, or that of a class within its school. */
  code: string;
  name: string;
  /** IANA; null: that of what stands above, at last the portal's. */
  timezone: string | null;
  /** JSON: `EstablishmentDetails`. */
  details: string;
  created_at: number;
  closed_at: number | null;
}

export interface MembershipRow {
  account_id: string;
  /** A school; of those who work there also an academy. */
  establishment_id: string;
  kind: Kind;
  class_id: string | null;
  since: number;
  left_at: number | null;
}

export interface SchoolPersonRow {
  account_id: string;
  surname: string;
  first_name: string;
  /** Such as 2012-05-31. */
  birth_date: string | null;
  /** JSON: the lines of the address for letters. */
  postal: string | null;
  /** 0 or 1: whether they agreed to be told things by SMS; null where no registry says. */
  accepts_sms: number | null;
}

export interface EstablishmentTables {
  establishments: EstablishmentRow;
  establishments_above: { establishment_id: string; above_id: string };
  establishment_words: { word: string; establishment_id: string };
  memberships: MembershipRow;
  school_people: SchoolPersonRow;
}

const of = (db: Db) => db.tables<EstablishmentTables>();
const asIndexed = <Row extends { id: string }>(found: Row[]) => new Map(found.map((row) => [row.id, row]));

export const establishmentColumns =
  "id, parent_id, type, code, name, timezone, details, created_at, closed_at";

export async function findEstablishment(db: Db, id: string): Promise<EstablishmentRow | null> {
  const row = await of(db).selectFrom("establishments").selectAll().where("id", "=", id).executeTakeFirst();
  return row ?? null;
}

/** By id; those that do not exist are left out. */
export async function findEstablishments(
  db: Asked,
  ids: readonly string[],
): Promise<Map<string, EstablishmentRow>> {
  if (ids.length === 0) return new Map();
  const found = await db.ask<EstablishmentRow>(
    `select ${establishmentColumns} from establishments where id in ${among(db)}`,
    [listed(db, ids)],
  );
  return asIndexed(found);
}

/** The academy or school of this code, closed or not; never a class, whose code is only its school's. */
export async function findByCode(db: Db, code: string): Promise<EstablishmentRow | null> {
  const row = await of(db)
    .selectFrom("establishments")
    .selectAll()
    .where("code", "=", code)
    .where("type", "<>", "class")
    .executeTakeFirst();
  return row ?? null;
}

/** Academies and schools by their codes; those that do not exist are left out. */
export async function findByCodes(
  db: Asked,
  codes: readonly string[],
): Promise<Map<string, EstablishmentRow>> {
  if (codes.length === 0) return new Map();
  const found = await db.ask<EstablishmentRow>(
    `select ${establishmentColumns} from establishments where type <> 'class' and code in ${among(db)}`,
    [listed(db, codes)],
  );
  return new Map(found.map((row) => [row.code, row]));
}

/** A class of a school by its code, closed or not. */
export async function findClass(db: Db, schoolId: string, code: string): Promise<EstablishmentRow | null> {
  const row = await of(db)
    .selectFrom("establishments")
    .selectAll()
    .where("parent_id", "=", schoolId)
    .where("code", "=", code)
    .where("type", "=", "class")
    .executeTakeFirst();
  return row ?? null;
}

/** The classes of a school by code, without closed ones. */
export function classesOf(db: Db, schoolId: string): Promise<EstablishmentRow[]> {
  return of(db)
    .selectFrom("establishments")
    .selectAll()
    .where("parent_id", "=", schoolId)
    .where("type", "=", "class")
    .where("closed_at", "is", null)
    .orderBy("code")
    .execute();
}

/** Every class of these schools, closed or not. */
export async function classesOfMany(db: Asked, schoolIds: readonly string[]): Promise<EstablishmentRow[]> {
  if (schoolIds.length === 0) return [];
  return db.ask<EstablishmentRow>(
    `select ${establishmentColumns} from establishments where type = 'class' and parent_id in ${among(db)}`,
    [listed(db, schoolIds)],
  );
}

/** How many open ones stand right below each of these. */
export async function countOpenBelow(db: Asked, parentIds: readonly string[]): Promise<Map<string, number>> {
  if (parentIds.length === 0) return new Map();
  const found = await db.ask<{ id: string; below: number }>(
    `select parent_id as id, count(*) as below from establishments
      where closed_at is null and parent_id in ${among(db)} group by parent_id`,
    [listed(db, parentIds)],
  );
  return new Map(found.map(({ id, below }) => [id, Number(below)]));
}

/** The establishment and what stands above it: itself first, the top last. Empty where it does not exist. */
export async function lineOf(db: Asked, id: string): Promise<EstablishmentRow[]> {
  const found = await db.ask<EstablishmentRow>(
    `select ${establishmentColumns} from establishments where id in
      (select above_id from establishments_above where establishment_id = ?)`,
    [id],
  );
  return found.sort((a, b) => depthOf(b.type) - depthOf(a.type));
}

const depthOf = (type: EstablishmentType): number => establishmentTypes.indexOf(type);

/** Ids of the schools that are one of these establishments, or lie within one. */
export async function schoolsWithin(db: Asked, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const found = await db.ask<{ id: string }>(
    `select distinct e.id as id from establishments_above a join establishments e on e.id = a.establishment_id
      where e.type = 'school' and a.above_id in ${among(db)}`,
    [listed(db, ids)],
  );
  return found.map(({ id }) => id);
}

/** Whether an establishment is one of these or lies within one. */
export async function isWithin(
  db: Asked,
  establishmentId: string,
  aboveIds: readonly string[],
): Promise<boolean> {
  return (await thoseWithin(db, [establishmentId], aboveIds)).has(establishmentId);
}

/** Which of the establishments are one of `aboveIds` or lie within one. */
export async function thoseWithin(
  db: Asked,
  establishmentIds: readonly string[],
  aboveIds: readonly string[],
): Promise<Set<string>> {
  if (establishmentIds.length === 0 || aboveIds.length === 0) return new Set();
  const found = await db.ask<{ id: string }>(
    `select distinct establishment_id as id from establishments_above
      where establishment_id in ${among(db)} and above_id in ${among(db)}`,
    [listed(db, establishmentIds), listed(db, aboveIds)],
  );
  return new Set(found.map(({ id }) => id));
}

/** Of these, the ones that lie within none of the others: the tops of what somebody may see. */
export async function topsOf(db: Asked, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const found = await db.ask<{ id: string }>(
    `select distinct establishment_id as id from establishments_above
      where establishment_id <> above_id and establishment_id in ${among(db)} and above_id in ${among(db)}`,
    [listed(db, ids), listed(db, ids)],
  );
  const covered = new Set(found.map(({ id }) => id));
  return [...new Set(ids)].filter((id) => !covered.has(id));
}

// ── Writing ──────────────────────────────────────────────────────────────────────────────────────────────────

const putRows = insertingMany<EstablishmentRow>(
  "establishments",
  {
    id: "text",
    parent_id: "text",
    type: "text",
    code: "text",
    name: "text",
    timezone: "text",
    details: "text",
    created_at: "bigint",
    closed_at: "bigint",
  },
  `on conflict (id) do update set parent_id = excluded.parent_id, name = excluded.name, code = excluded.code,
    timezone = excluded.timezone, details = excluded.details, closed_at = excluded.closed_at`,
);
const putWords = insertingMany<EstablishmentTables["establishment_words"]>(
  "establishment_words",
  { word: "text", establishment_id: "text" },
  "on conflict do nothing",
);

/**
 * Puts establishments as they are given, new or known by their ids, each id once; what stands above each, and by
 * which words it is found, is written with them. Parents stand there already or are among the rows.
 */
export async function putEstablishments(tx: Tx, rows: readonly EstablishmentRow[]): Promise<void> {
  if (rows.length === 0) return;
  const known = await findEstablishments(
    tx,
    rows.map(({ id }) => id),
  );
  const unlike = (row: EstablishmentRow) => {
    const before = known.get(row.id);
    return { isNew: !before, isMoved: before !== undefined && before.parent_id !== row.parent_id };
  };
  for (const type of establishmentTypes) {
    const ofType = rows.filter((row) => row.type === type);
    await putRows(tx, ofType);
    await placeNew(
      tx,
      ofType.filter((row) => unlike(row).isNew).map(({ id }) => id),
    );
  }
  for (const row of rows.filter((one) => unlike(one).isMoved)) await placeAnew(tx, row.id);
  await writeWords(
    tx,
    rows.filter(({ type }) => type !== "class"),
  );
}

/** One establishment; false where another has this code already. */
export async function putEstablishment(tx: Tx, row: EstablishmentRow): Promise<boolean> {
  if (row.type !== "class") {
    const same = await findByCode(tx, row.code);
    if (same && same.id !== row.id) return false;
  } else if (row.parent_id !== null) {
    const same = await findClass(tx, row.parent_id, row.code);
    if (same && same.id !== row.id) return false;
  }
  await putEstablishments(tx, [row]);
  return true;
}

/** Whether a write was refused because somebody else gave the code at the same moment. */
export const isCodeTaken = isUniqueViolation;

export async function closeEstablishment(tx: Tx, id: string, closedAt: number | null): Promise<void> {
  await of(tx).updateTable("establishments").set({ closed_at: closedAt }).where("id", "=", id).execute();
}

async function placeNew(tx: Tx, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.ask(
    `insert into establishments_above (establishment_id, above_id)
      select e.id, e.id from establishments e where e.id in ${among(tx)}
      union all
      select e.id, a.above_id from establishments e join establishments_above a on a.establishment_id = e.parent_id
      where e.id in ${among(tx)}`,
    [listed(tx, ids), listed(tx, ids)],
  );
}

/** After a move: what stood above it stands no more above all that lies within it, and what does now, does. */
async function placeAnew(tx: Tx, id: string): Promise<void> {
  const within = (
    await tx.ask<{ id: string }>(
      "select establishment_id as id from establishments_above where above_id = ?",
      [id],
    )
  ).map((row) => row.id);
  await tx.ask(
    `delete from establishments_above
      where establishment_id in ${among(tx)} and above_id not in ${among(tx)}`,
    [listed(tx, within), listed(tx, within)],
  );
  await tx.ask(
    `insert into establishments_above (establishment_id, above_id)
      select w.establishment_id, a.above_id from establishments e
      join establishments_above w on w.above_id = e.id
      join establishments_above a on a.establishment_id = e.parent_id
      where e.id = ?`,
    [id],
  );
}

async function writeWords(tx: Tx, rows: readonly EstablishmentRow[]): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map(({ id }) => id);
  await tx.ask(`delete from establishment_words where establishment_id in ${among(tx)}`, [listed(tx, ids)]);
  await putWords(
    tx,
    rows.flatMap(({ id, name, code }) =>
      [...new Set(foldWords(`${name} ${code}`))].map((word) => ({ word, establishment_id: id })),
    ),
  );
}

/** A class as a registry names it. */
export interface NamedClass {
  schoolId: string;
  code: string;
  name: string;
}

/** The key of a class among `ensureClasses`. */
export const classKey = (schoolId: string, code: string): string => `${schoolId} ${code}`;

/**
 * Makes the classes that are not there yet, opens closed ones again and names them as given; answers their ids by
 * `classKey(schoolId, code)`.
 */
export async function ensureClasses(
  tx: Tx,
  classes: readonly NamedClass[],
  made: { uuid: () => string; now: number },
): Promise<Map<string, string>> {
  const wanted = new Map(classes.map((one) => [classKey(one.schoolId, one.code), one]));
  const schools = [...new Set(classes.map(({ schoolId }) => schoolId))];
  const there = new Map(
    (await classesOfMany(tx, schools)).map((row) => [classKey(row.parent_id as string, row.code), row]),
  );
  const changed: EstablishmentRow[] = [];
  for (const [key, { schoolId, code, name }] of wanted) {
    const known = there.get(key);
    if (known?.name === name && known.closed_at === null) continue;
    const row: EstablishmentRow = known
      ? { ...known, name, closed_at: null }
      : {
          id: made.uuid(),
          parent_id: schoolId,
          type: "class",
          code,
          name,
          timezone: null,
          details: "{}",
          created_at: made.now,
          closed_at: null,
        };
    there.set(key, row);
    changed.push(row);
  }
  await putEstablishments(tx, changed);
  return new Map([...wanted.keys()].map((key) => [key, (there.get(key) as EstablishmentRow).id]));
}

/** The same for one class; answers its id. */
export async function ensureClass(
  tx: Tx,
  one: NamedClass,
  made: { uuid: () => string; now: number },
): Promise<string> {
  const ids = await ensureClasses(tx, [one], made);
  return ids.get(classKey(one.schoolId, one.code)) as string;
}

// ── Who belongs where ────────────────────────────────────────────────────────────────────────────────────────

const membershipColumns = "account_id, establishment_id, kind, class_id, since, left_at";

/** Where a person belongs now; with `left` also where they belonged. */
export async function membershipsOf(db: Asked, accountId: string): Promise<MembershipRow[]> {
  return db.ask(
    `select ${membershipColumns} from memberships where account_id = ? and left_at is null order by since, establishment_id`,
    [accountId],
  );
}

/** The same of many people, those who left included: what an import compares with. */
export async function everyMembershipOf(db: Asked, accountIds: readonly string[]): Promise<MembershipRow[]> {
  if (accountIds.length === 0) return [];
  return db.ask(`select ${membershipColumns} from memberships where account_id in ${among(db)}`, [
    listed(db, accountIds),
  ]);
}

const putMembershipRows = insertingMany<MembershipRow>(
  "memberships",
  {
    account_id: "text",
    establishment_id: "text",
    kind: "text",
    class_id: "text",
    since: "bigint",
    left_at: "bigint",
  },
  `on conflict (account_id, establishment_id) do update set kind = excluded.kind, class_id = excluded.class_id,
    since = case when memberships.left_at is null then memberships.since else excluded.since end,
    left_at = null`,
);

/** A membership to be put: from `since` on, unless the person belongs there already. */
export type NewMembership = Omit<MembershipRow, "left_at">;

/**
 * Puts people into schools, moves them between classes, and takes back those who had left. `since` of those who
 * belong there already stays. Of two rows for the same person and school the last counts.
 */
export async function putMemberships(tx: Tx, rows: readonly NewMembership[]): Promise<void> {
  const once = new Map(rows.map((row) => [`${row.account_id} ${row.establishment_id}`, row]));
  await putMembershipRows(
    tx,
    [...once.values()].map((row) => ({ ...row, left_at: null })),
  );
}

export const putMembership = (tx: Tx, row: NewMembership): Promise<void> => putMemberships(tx, [row]);

/** Ends what these people have in one school; those who left already left when they did. */
export async function leaveMemberships(
  tx: Tx,
  establishmentId: string,
  accountIds: readonly string[],
  at: number,
): Promise<void> {
  if (accountIds.length === 0) return;
  await tx.ask(
    `update memberships set left_at = ?, class_id = null
      where establishment_id = ? and left_at is null and account_id in ${among(tx)}`,
    [at, establishmentId, listed(tx, accountIds)],
  );
}

export const leaveMembership = (tx: Tx, accountId: string, establishmentId: string, at: number) =>
  leaveMemberships(tx, establishmentId, [accountId], at);

/** The people of one establishment itself, of one class where it is named, in order of their ids. */
export async function listMembers(
  db: Asked,
  asked: {
    establishmentId: string;
    kind: Kind;
    classId?: string;
    afterId?: string;
    limit: number;
  },
): Promise<MembershipRow[]> {
  const ofClass = asked.classId === undefined ? "" : " and class_id = ?";
  return db.ask(
    `select ${membershipColumns} from memberships where establishment_id = ? and kind = ? and left_at is null
      and account_id > ?${ofClass} order by account_id limit ${Math.trunc(asked.limit)}`,
    [
      asked.establishmentId,
      asked.kind,
      asked.afterId ?? "",
      ...(asked.classId === undefined ? [] : [asked.classId]),
    ],
  );
}

/** Whether a person belongs to one of these establishments, or to one within. */
export async function isMemberWithin(
  db: Asked,
  accountId: string,
  aboveIds: readonly string[],
): Promise<boolean> {
  return (await membersWithin(db, [accountId], aboveIds)).has(accountId);
}

/** Which of the people belong to one of these establishments, or to one within. */
export async function membersWithin(
  db: Asked,
  accountIds: readonly string[],
  aboveIds: readonly string[],
): Promise<Set<string>> {
  if (accountIds.length === 0 || aboveIds.length === 0) return new Set();
  const found = await db.ask<{ id: string }>(
    `select distinct m.account_id as id from memberships m
      join establishments_above a on a.establishment_id = m.establishment_id
      where m.left_at is null and m.account_id in ${among(db)} and a.above_id in ${among(db)}`,
    [listed(db, accountIds), listed(db, aboveIds)],
  );
  return new Set(found.map(({ id }) => id));
}

/** How many pupils each class of a school has. */
export async function countByClass(db: Asked, classIds: readonly string[]): Promise<Map<string, number>> {
  if (classIds.length === 0) return new Map();
  const found = await db.ask<{ id: string; people: number }>(
    `select class_id as id, count(*) as people from memberships
      where class_id is not null and left_at is null and class_id in ${among(db)} group by class_id`,
    [listed(db, classIds)],
  );
  return new Map(found.map(({ id, people }) => [id, Number(people)]));
}

/**
 * Whether somebody belongs to the establishment now, or to one of its classes: of those who work there, whoever has a
 * role there. Accounts that are closed keep nothing open.
 */
export async function hasMembers(db: Asked, establishmentId: string, now: number): Promise<boolean> {
  const isOpen = `m.left_at is null and exists (select 1 from accounts a where a.id = m.account_id and a.status <> 'closed')
    and (m.kind <> 'staff' or exists (select 1 from staff_grants g where g.account_id = m.account_id
      and g.establishment_id = m.establishment_id and (g.expires_at is null or g.expires_at > ?)))`;
  const found = await db.ask(
    `select 1 as one from memberships m where m.establishment_id = ? and ${isOpen}
      union all select 1 from memberships m where m.class_id is not null and m.class_id = ? and ${isOpen}
      limit 1`,
    [establishmentId, now, establishmentId, now],
  );
  return found.length > 0;
}

const putPeople = insertingMany<SchoolPersonRow>(
  "school_people",
  {
    account_id: "text",
    surname: "text",
    first_name: "text",
    birth_date: "text",
    postal: "text",
    accepts_sms: "integer",
  },
  `on conflict (account_id) do update set surname = excluded.surname, first_name = excluded.first_name,
    birth_date = excluded.birth_date, postal = excluded.postal, accepts_sms = excluded.accepts_sms`,
);

/** A person as somebody other than a registry brings them may leave out what only a registry says. */
export type NewSchoolPerson = Omit<SchoolPersonRow, "accepts_sms"> & { accepts_sms?: number | null };

/** What a registry says of these people, in place of what it said. Of two rows for one person the last counts. */
export async function putSchoolPeople(tx: Tx, rows: readonly NewSchoolPerson[]): Promise<void> {
  const once = new Map(rows.map((row) => [row.account_id, { ...row, accepts_sms: row.accepts_sms ?? null }]));
  await putPeople(tx, [...once.values()]);
}

export async function findSchoolPerson(db: Db, accountId: string): Promise<SchoolPersonRow | null> {
  const row = await of(db)
    .selectFrom("school_people")
    .selectAll()
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return row ?? null;
}

/** By account; people whom no registry knows are left out. */
export async function findSchoolPeople(
  db: Asked,
  accountIds: readonly string[],
): Promise<Map<string, SchoolPersonRow>> {
  if (accountIds.length === 0) return new Map();
  const found = await db.ask<SchoolPersonRow>(
    `select account_id, surname, first_name, birth_date, postal, accepts_sms from school_people
      where account_id in ${among(db)}`,
    [listed(db, accountIds)],
  );
  return new Map(found.map((row) => [row.account_id, row]));
}

/**
 * How many belong to an establishment or to one within it, by kind. In an academy, somebody of two schools counts in
 * each: telling them apart would cost a sort of everybody.
 */
export async function countPeopleWithin(db: Asked, id: string): Promise<Partial<Record<Kind, number>>> {
  const found = await db.ask<{ kind: Kind; people: number }>(
    `select m.kind as kind, count(*) as people
      from establishments_above a join memberships m on m.establishment_id = a.establishment_id
      where a.above_id = ? and m.left_at is null group by m.kind`,
    [id],
  );
  return Object.fromEntries(found.map(({ kind, people }) => [kind, Number(people)]));
}
