import type { Kind } from "../../config/preset.ts";
import type { Symptom } from "../../config/symptoms.ts";
import { among, listed } from "../../store/many-rows.ts";
import type { Db, Tx } from "../../store/store.ts";
import type { Scope, WalledRelay } from "./case-walls.ts";
import type { CasePlace, CaseRow } from "./cases.store.ts";
import type { InboxCursor, InboxOrder, ListedStatus } from "./inbox-filter.ts";

/** A line of the list. */
export interface InboxRow
  extends Pick<
    CaseRow,
    | "id"
    | "number"
    | "status"
    | "relay"
    | "assignee_id"
    | "symptom"
    | "name"
    | "email"
    | "subject"
    | "account_id"
    | "identity_proved_at"
    | "opened_at"
    | "last_message_at"
    | "person_wrote_at"
    | "waits_for"
    | "escalation_step"
    | "establishment_id"
    | "academy_id"
  > {
  /** What is due next; `neverDue` when nothing is. */
  due: number;
}

export const neverDue = Number.MAX_SAFE_INTEGER;

/** Stands in the migration word for word: only so is the index taken. */
const due = `case when first_answer_due_at < resolution_due_at then first_answer_due_at
    else coalesce(resolution_due_at, first_answer_due_at, 9007199254740991) end`;

const columns = `id, number, status, relay, assignee_id, symptom, name, email, subject, account_id,
  identity_proved_at, opened_at, last_message_at, person_wrote_at, waits_for, escalation_step,
  establishment_id, academy_id, ${due} as due`;

/**
 * SQLite takes a partial index only where its condition stands in the statement, written out. PostgreSQL sees it in
 * `status = 'open'`, and would take both for two conditions and expect next to nothing.
 */
const liveIndex = (db: Db) => (db.engine === "sqlite" ? ["status in ('open', 'waiting')"] : []);

/** Which cases: each slice of these is one short walk in an index. */
export interface Slices {
  statuses: ListedStatus[];
  /** Cases of these relays, everywhere or inside establishments; or everything assigned to one member of staff. */
  of: Scope | { assignee: string };
  isUnassigned?: boolean;
}

/** What else must be true of a case; null: anything. */
export interface Narrowing {
  /** Cases outside are left out. */
  scope: Scope | null;
  /** For each of these lists: cases that stand outside its establishments are left out. */
  inside: (readonly string[])[];
  relay: string | null;
  symptom: Symptom | null;
  kind: Kind | null;
  assignee: string | null;
  /** Due before this moment. */
  dueBefore: number | null;
}

type Piece = { text: string; values: (string | number)[] };

function narrow(narrowing: Narrowing): Piece {
  const text: string[] = [];
  const values: (string | number)[] = [];
  const add = (condition: string, ...given: (string | number)[]) => {
    text.push(` and ${condition}`);
    values.push(...given);
  };
  const { scope, inside, relay, symptom, kind, assignee, dueBefore } = narrowing;
  if (scope !== null) {
    const groups = Map.groupBy(scope.within, ({ relay, column }) => `${column} ${relay}`);
    const walled = [...groups.values()].map((group): Piece => {
      const [{ column, relay }] = group as [WalledRelay];
      const ids = group.map(({ establishmentId }) => establishmentId);
      return { text: ` or relay = ? and ${column} in (${places(ids)})`, values: [relay, ...ids] };
    });
    add(
      `(relay in (${places(scope.relays)})${walled.map((one) => one.text).join("")})`,
      ...scope.relays,
      ...walled.flatMap((one) => one.values),
    );
  }
  for (const ids of inside) {
    add(`(establishment_id in (${places(ids)}) or academy_id in (${places(ids)}))`, ...ids, ...ids);
  }
  if (relay !== null) add("relay = ?", relay);
  if (symptom !== null) add("symptom = ?", symptom);
  if (kind !== null) add("kind = ?", kind);
  if (assignee !== null) add("assignee_id = ?", assignee);
  if (dueBefore !== null) add(`${due} < ?`, dueBefore);
  return { text: text.join(""), values };
}

const places = (values: readonly unknown[]) =>
  values.length === 0 ? "null" : values.map(() => "?").join(", ");

/** The conditions of each slice: a relay, a relay inside an establishment, or a member of staff; and a state. */
function slicesOf(db: Db, slices: Slices, order: InboxOrder): Piece[] {
  const members: { text: string; values: string[]; also: string[] }[] =
    "assignee" in slices.of
      ? [
          {
            text: "assignee_id = ?",
            values: [slices.of.assignee],
            // `assignee_id = ?` alone does not tell SQLite that the index of assigned cases holds them all.
            also: ["assignee_id is not null"],
          },
        ]
      : [
          ...slices.of.relays.map((relay) => ({ text: "relay = ?", values: [relay], also: [] })),
          ...slices.of.within.map(({ relay, column, establishmentId }) => ({
            text: `${column} = ? and relay = ?`,
            values: [establishmentId, relay],
            also: [`${column} is not null`],
          })),
        ];
  return members.flatMap(({ text, values, also }) =>
    slices.statuses.map((status): Piece => {
      const conditions = [text, `status = '${status}'`];
      if (order === "due") conditions.push(...liveIndex(db));
      if (slices.isUnassigned) conditions.push("assignee_id is null");
      conditions.push(...also);
      return { text: conditions.join(" and "), values };
    }),
  );
}

/** SQLite puts no more than 500 queries together; a search in many schools has more slices than that. */
const unitedAtMost = 200;

/** These queries as one: in groups of groups, where there are many. */
function unite(pieces: Piece[], column: string): Piece {
  if (pieces.length <= unitedAtMost) {
    return {
      text: pieces.map(({ text }) => text).join(" union all "),
      values: pieces.flatMap(({ values }) => values),
    };
  }
  const groups: Piece[] = [];
  for (let at = 0; at < pieces.length; at += unitedAtMost) {
    const { text, values } = unite(pieces.slice(at, at + unitedAtMost), column);
    groups.push({ text: `select ${column} from (${text}) as part`, values });
  }
  return unite(groups, column);
}

/**
 * One page of the inbox. Every slice (a relay and a state) is read from its own place in an index, `limit` rows at
 * most, and the few that were read are put in order: the page costs the same however many cases there are.
 */
export async function listCases(
  db: Db,
  slices: Slices,
  narrowing: Narrowing,
  order: InboxOrder,
  after: InboxCursor | null,
  limit: number,
): Promise<InboxRow[]> {
  const key = order === "due" ? due : "last_message_at";
  const [sign, direction] = order === "due" ? [">", ""] : ["<", " desc"];
  const rest = narrow(narrowing);
  const pieces = slicesOf(db, slices, order).map((slice): Piece => {
    const conditions = [slice.text];
    const values = [...slice.values];
    if (after !== null) {
      // The first condition is where the walk begins; the second leaves out what the page before had.
      conditions.push(`${key} ${sign}= ?`, `(${key} ${sign} ? or id ${sign} ?)`);
      values.push(after.key, after.key, after.id);
    }
    return {
      text: `select * from (select ${columns} from cases where ${conditions.join(" and ")}${rest.text}
        order by ${key}${direction}, id${direction} limit ${limit}) as slice`,
      values: [...values, ...rest.values],
    };
  });
  if (pieces.length === 0) return [];
  const inOrder = order === "due" ? "due, id" : "last_message_at desc, id desc";
  const { text, values } = unite(pieces, "*");
  return db.ask<InboxRow>(`select * from (${text}) as listed order by ${inOrder} limit ${limit}`, values);
}

/** What is counted of one view. */
export interface Counted {
  slices: Slices;
  narrowing: Narrowing;
  order: InboxOrder;
}

/** How many cases there are in each of these, in their order; counting stops at `atMost`. One question for all. */
export async function countCases(db: Db, counted: Counted[], atMost: number): Promise<number[]> {
  const pieces = counted.map((one) => countPiece(db, one, atMost));
  const [row] = await db.ask<Record<string, number>>(
    `select ${pieces.map(({ text }, index) => `(${text}) as c${index}`).join(", ")}`,
    pieces.flatMap(({ values }) => values),
  );
  return counted.map((_, index) => Number(row?.[`c${index}`] ?? 0));
}

function countPiece(db: Db, { slices, narrowing, order }: Counted, atMost: number): Piece {
  const key = order === "due" ? due : "last_message_at";
  const rest = narrow(narrowing);
  // Asked for its order, SQLite walks the right index; PostgreSQL finds it, and without order reads nothing else.
  const inOrder = db.engine === "sqlite" ? ` order by ${key}, id` : "";
  const pieces = slicesOf(db, slices, order).map(
    ({ text, values }): Piece => ({
      text: `select 1 as one from (
      select id from cases where ${text}${rest.text}${inOrder} limit ${atMost}) as slice`,
      values: [...values, ...rest.values],
    }),
  );
  if (pieces.length === 0) return { text: "select 0", values: [] };
  const { text, values } = unite(pieces, "one");
  return {
    text: `select count(*) from (
      select one from (${text}) as every limit ${atMost}) as counted`,
    values,
  };
}

/** The same lines by id, in no order. */
export async function casesById(db: Db, ids: string[]): Promise<InboxRow[]> {
  if (ids.length === 0) return [];
  return db.ask<InboxRow>(`select ${columns} from cases where id in (${places(ids)})`, ids);
}

/** Ids of the cases with this number, this incident reference or this address, the newest first. */
export async function findExactly(
  db: Db,
  named: { reference: string | null; emailKey: string | null },
  limit: number,
): Promise<string[]> {
  const pieces: Piece[] = [];
  if (named.reference !== null) {
    pieces.push({ text: "number = ?", values: [named.reference] });
    pieces.push({ text: "incident = ? and incident is not null", values: [named.reference] });
  }
  if (named.emailKey !== null) pieces.push({ text: "email_key = ?", values: [named.emailKey] });
  if (pieces.length === 0) return [];
  const rows = await db.ask<{ id: string }>(
    `select id from (${pieces
      .map(
        ({ text }) =>
          `select id from (select id from cases where ${text} order by id desc limit ${limit}) as one`,
      )
      .join(" union ")}) as found order by id desc limit ${limit}`,
    pieces.flatMap(({ values }) => values),
  );
  return rows.map(({ id }) => id);
}

/** Nothing that begins with `word` comes after this, letter by letter. */
const endOf = (word: string) => `${word}\u{10ffff}`;

/** Words of cases that begin so, at most `limit`: hops from word to word instead of reading every row. */
export async function wordsBeginning(db: Db, beginning: string, limit: number): Promise<string[]> {
  const rows = await db.ask<{ word: string }>(
    `with recursive found(word) as (
       select (select min(word) from case_words where word >= ? and word < ?)
       union all
       select (select min(w.word) from case_words w where w.word > found.word and w.word < ?)
       from found where found.word is not null
     )
     select word from found where word is not null limit ${limit}`,
    [beginning, endOf(beginning), endOf(beginning)],
  );
  return rows.map(({ word }) => word);
}

/** How many rows there are of these words; counting stops at `atMost`. */
export async function countWords(db: Db, words: string[], atMost: number): Promise<number> {
  const [row] = await db.ask<{ count: number }>(
    `select count(*) as count from (
       select 1 from case_words where word in (${places(words)}) limit ${atMost}
     ) as counted`,
    words,
  );
  return Number(row?.count ?? 0);
}

/** What a search decides by, before the whole line is read. */
export interface FoundCase
  extends Pick<CaseRow, "id" | "status" | "relay" | "symptom" | "kind" | "assignee_id" | "account_id">,
    CasePlace {
  due: number;
}

/**
 * Cases that have one of `words`, and for each of `beginnings` a word that begins so: the newest `limit` opened before
 * the case `before`.
 */
export async function casesWithWords(
  db: Db,
  words: string[],
  beginnings: string[],
  before: string | null,
  limit: number,
): Promise<FoundCase[]> {
  const older = before === null ? "" : " and case_id < ?";
  const pieces = words.map(
    (word): Piece => ({
      text: `select case_id from (
      select case_id from case_words where word = ?${older} order by case_id desc limit ${limit}) as one`,
      values: before === null ? [word] : [word, before],
    }),
  );
  const also = beginnings.map(
    (beginning): Piece => ({
      // Not `exists`: PostgreSQL would read every row of the word first. This is asked of each candidate alone.
      text: ` and (select 1 from case_words w
      where w.case_id = c.id and w.word >= ? and w.word < ? limit 1) is not null`,
      values: [beginning, endOf(beginning)],
    }),
  );
  const having = pieces.map(({ text }) => text).join(" union ");
  return db.ask<FoundCase>(
    `select c.id, c.status, c.relay, c.symptom, c.kind, c.assignee_id, c.account_id, c.establishment_id,
       c.academy_id, ${due} as due
     from (select case_id from (${having}) as every order by case_id desc limit ${limit}) as candidate
     join cases c on c.id = candidate.case_id
     where true${also.map(({ text }) => text).join("")}
     order by c.id desc`,
    [...pieces, ...also].flatMap(({ values }) => values),
  );
}

/** The oldest of the newest `limit` cases with one of these words: where a search of them ends. */
export async function endOfWords(
  db: Db,
  words: string[],
  before: string | null,
  limit: number,
): Promise<{ id: string | null; count: number }> {
  const older = before === null ? "" : " and case_id < ?";
  const pieces = words.map(
    () => `select case_id from (
      select case_id from case_words where word = ?${older} order by case_id desc limit ${limit}) as one`,
  );
  const [row] = await db.ask<{ id: string | null; count: number }>(
    `select min(case_id) as id, count(*) as count from (
       select case_id from (${pieces.join(" union ")}) as every order by case_id desc limit ${limit}
     ) as candidate`,
    words.flatMap((word) => (before === null ? [word] : [word, before])),
  );
  return { id: row?.id ?? null, count: Number(row?.count ?? 0) };
}

interface InboxTables {
  case_viewers: { case_id: string; staff_id: string; seen_at: number };
  case_filters: FilterRow;
}

export interface FilterRow {
  id: string;
  staff_id: string;
  name: string;
  query: string;
}

const of = (db: Db) => db.tables<InboxTables>();

/** When this member of staff last had each of these cases open; those never opened are not in the map. */
export async function seenAt(db: Db, staffId: string, caseIds: string[]): Promise<Map<string, number>> {
  if (caseIds.length === 0) return new Map();
  const rows = await of(db)
    .selectFrom("case_viewers")
    .select(["case_id", "seen_at"])
    .where("case_id", "in", caseIds)
    .where("staff_id", "=", staffId)
    .execute();
  return new Map(rows.map((row) => [row.case_id, row.seen_at]));
}

/** Somebody has the case open at this moment. */
export async function markSeen(tx: Tx, caseId: string, staffId: string, now: number): Promise<void> {
  await of(tx)
    .insertInto("case_viewers")
    .values({ case_id: caseId, staff_id: staffId, seen_at: now })
    .onConflict((conflict) => conflict.columns(["case_id", "staff_id"]).doUpdateSet({ seen_at: now }))
    .execute();
}

/** Staff other than `staffId` who had the case open at `since` or later. */
export async function othersSince(db: Db, caseId: string, staffId: string, since: number): Promise<string[]> {
  const rows = await of(db)
    .selectFrom("case_viewers")
    .select("staff_id")
    .where("case_id", "=", caseId)
    .where("staff_id", "!=", staffId)
    .where("seen_at", ">=", since)
    .orderBy("staff_id")
    .execute();
  return rows.map((row) => row.staff_id);
}

export async function filtersOf(db: Db, staffId: string): Promise<FilterRow[]> {
  return of(db)
    .selectFrom("case_filters")
    .selectAll()
    .where("staff_id", "=", staffId)
    .orderBy("name")
    .orderBy("id")
    .execute();
}

export async function insertFilter(tx: Tx, row: FilterRow): Promise<void> {
  await of(tx).insertInto("case_filters").values(row).execute();
}

/** True if the filter was this member's. */
export async function removeFilter(tx: Tx, staffId: string, id: string): Promise<boolean> {
  const removed = await of(tx)
    .deleteFrom("case_filters")
    .where("id", "=", id)
    .where("staff_id", "=", staffId)
    .executeTakeFirst();
  return removed.numDeletedRows === 1n;
}

/** Roles that end at walls, given at one of these establishments, or `within` one of those. */
interface Inside {
  roles: string[];
  at: string[];
  within: string[];
}

const isGranted = "(g.expires_at is null or g.expires_at > ?)";

/** The active accounts that have one of these roles, or one inside such an establishment, by name. */
export async function staffOfRoles(
  db: Db,
  roles: string[],
  inside: Inside,
  now: number,
): Promise<{ accountId: string; name: string; locale: string }[]> {
  const pieces: { text: string; values: unknown[] }[] = [];
  if (roles.length > 0) {
    pieces.push({
      text: `select g.account_id from staff_grants g where g.role in (${places(roles)}) and ${isGranted}`,
      values: [...roles, now],
    });
  }
  const asked = (ids: string[]) => inside.roles.length > 0 && ids.length > 0;
  if (asked(inside.at)) {
    pieces.push({
      text: `select g.account_id from staff_grants g where g.role in (${places(inside.roles)})
        and g.establishment_id in ${among(db)} and ${isGranted}`,
      values: [...inside.roles, listed(db, inside.at), now],
    });
  }
  if (asked(inside.within)) {
    pieces.push({
      text: `select g.account_id from establishments_above b
        join staff_grants g on g.establishment_id = b.establishment_id and g.role in (${places(inside.roles)})
        where b.above_id in ${among(db)} and ${isGranted}`,
      values: [...inside.roles, listed(db, inside.within), now],
    });
  }
  if (pieces.length === 0) return [];
  return db.ask(
    `select a.id as "accountId", a.name, a.locale from accounts a
     where a.status = 'active' and a.id in (${pieces.map(({ text }) => text).join(" union all ")})
     order by a.name, a.id limit 500`,
    pieces.flatMap(({ values }) => values),
  );
}

/** Which of these roles the active ones of these accounts have now, and at which establishment. */
export async function grantsAmong(
  db: Db,
  accountIds: string[],
  roles: string[],
  now: number,
): Promise<{ accountId: string; role: string; establishmentId: string | null }[]> {
  if (accountIds.length === 0 || roles.length === 0) return [];
  return db.ask(
    `select g.account_id as "accountId", g.role, g.establishment_id as "establishmentId"
     from staff_grants g join accounts a on a.id = g.account_id and a.status = 'active'
     where g.account_id in ${among(db)} and g.role in (${places(roles)}) and ${isGranted}`,
    [listed(db, accountIds), ...roles, now],
  );
}

/** Whether one of these roles is given at an establishment itself. */
export async function hasGrantAt(
  db: Db,
  roles: string[],
  establishmentId: string,
  now: number,
): Promise<boolean> {
  if (roles.length === 0) return false;
  const found = await db.ask(
    `select 1 as one from staff_grants g
     where g.role in (${places(roles)}) and g.establishment_id = ? and ${isGranted} limit 1`,
    [...roles, establishmentId, now],
  );
  return found.length > 0;
}

/** The active accounts that have one of these roles, with null; and those that have one there, with where. */
export async function staffWithPlaces(
  db: Db,
  roles: string[],
  inside: Pick<Inside, "roles" | "at">,
  now: number,
): Promise<{ accountId: string; name: string; locale: string; establishmentId: string | null }[]> {
  const found: { accountId: string; name: string; locale: string; establishmentId: string | null }[] = [];
  for (const one of await staffOfRoles(db, roles, { roles: [], at: [], within: [] }, now)) {
    found.push({ ...one, establishmentId: null });
  }
  if (inside.roles.length === 0 || inside.at.length === 0) return found;
  const there = await db.ask<(typeof found)[number]>(
    `select distinct a.id as "accountId", a.name, a.locale, g.establishment_id as "establishmentId"
     from staff_grants g join accounts a on a.id = g.account_id and a.status = 'active'
     where g.role in (${places(inside.roles)}) and g.establishment_id in ${among(db)} and ${isGranted}`,
    [...inside.roles, listed(db, inside.at), now],
  );
  return [...found, ...there];
}

/** What these accounts are called; those that are gone are not in the map. */
export async function namesOf(db: Db, accountIds: string[]): Promise<Map<string, string>> {
  if (accountIds.length === 0) return new Map();
  const rows = await db.ask<{ id: string; name: string }>(
    `select id, name from accounts where id in (${places(accountIds)})`,
    accountIds,
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}
