import type { Kind } from "../../config/preset.ts";
import type { Symptom } from "../../config/symptoms.ts";
import type { Db, Tx } from "../../store/store.ts";
import type { CaseRow } from "./cases.store.ts";
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
  > {
  /** What is due next; `neverDue` when nothing is. */
  due: number;
}

export const neverDue = Number.MAX_SAFE_INTEGER;

/** Stands in the migration word for word: only so is the index taken. */
const due = `case when first_answer_due_at < resolution_due_at then first_answer_due_at
    else coalesce(resolution_due_at, first_answer_due_at, 9007199254740991) end`;

const columns = `id, number, status, relay, assignee_id, symptom, name, email, subject, account_id,
  identity_proved_at, opened_at, last_message_at, person_wrote_at, waits_for, escalation_step, ${due} as due`;

/**
 * SQLite takes a partial index only where its condition stands in the statement, written out. PostgreSQL sees it in
 * `status = 'open'`, and would take both for two conditions and expect next to nothing.
 */
const liveIndex = (db: Db) => (db.engine === "sqlite" ? ["status in ('open', 'waiting')"] : []);

/** Which cases: each slice of these is one short walk in an index. */
export interface Slices {
  statuses: ListedStatus[];
  /** Cases of these relays, or everything that is assigned to one member of staff. */
  of: { relays: string[] } | { assignee: string };
  isUnassigned?: boolean;
}

/** What else must be true of a case; null: anything. */
export interface Narrowing {
  /** Cases of other relays are left out. */
  relays: string[] | null;
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
  const { relays, symptom, kind, assignee, dueBefore } = narrowing;
  if (relays !== null) add(`relay in (${places(relays)})`, ...relays);
  if (symptom !== null) add("symptom = ?", symptom);
  if (kind !== null) add("kind = ?", kind);
  if (assignee !== null) add("assignee_id = ?", assignee);
  if (dueBefore !== null) add(`${due} < ?`, dueBefore);
  return { text: text.join(""), values };
}

const places = (values: readonly unknown[]) =>
  values.length === 0 ? "null" : values.map(() => "?").join(", ");

/** The conditions of each slice: a relay, or a member of staff, and a state. */
function slicesOf(db: Db, slices: Slices, order: InboxOrder): Piece[] {
  const [column, members] =
    "relays" in slices.of ? ["relay", slices.of.relays] : ["assignee_id", [slices.of.assignee]];
  return members.flatMap((member) =>
    slices.statuses.map((status): Piece => {
      const conditions = [`${column} = ?`, `status = '${status}'`];
      if (order === "due") conditions.push(...liveIndex(db));
      if (slices.isUnassigned) conditions.push("assignee_id is null");
      // `assignee_id = ?` alone does not tell SQLite that the index of assigned cases holds them all.
      if (column === "assignee_id") conditions.push("assignee_id is not null");
      return { text: conditions.join(" and "), values: [member] };
    }),
  );
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
  const listed = order === "due" ? "due, id" : "last_message_at desc, id desc";
  return db.ask<InboxRow>(
    `select * from (${pieces.map(({ text }) => text).join(" union all ")}) as listed
     order by ${listed} limit ${limit}`,
    pieces.flatMap(({ values }) => values),
  );
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
  return {
    text: `select count(*) from (
      select one from (${pieces.map(({ text }) => text).join(" union all ")}) as every limit ${atMost}) as counted`,
    values: pieces.flatMap(({ values }) => values),
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
  extends Pick<CaseRow, "id" | "status" | "relay" | "symptom" | "kind" | "assignee_id"> {
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
    `select c.id, c.status, c.relay, c.symptom, c.kind, c.assignee_id, ${due} as due
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

/** The active accounts that have one of these roles, by name. */
export async function staffOfRoles(
  db: Db,
  roles: string[],
  now: number,
): Promise<{ accountId: string; name: string; locale: string }[]> {
  if (roles.length === 0) return [];
  return db.ask(
    `select a.id as "accountId", a.name, a.locale from accounts a
     where a.status = 'active' and a.id in (
       select g.account_id from staff_grants g
       where g.role in (${places(roles)}) and (g.expires_at is null or g.expires_at > ?)
     ) order by a.name, a.id limit 500`,
    [...roles, now],
  );
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
