import type { Asked, Db } from "../../store/store.ts";
import type {
  AccountRow,
  AccountStatus,
  AccountTables,
  ContactPointRow,
  IdentifierRow,
} from "../accounts.store.ts";
import type { PeopleWordTables } from "./people-words.store.ts";
import type { Range } from "./search-query.ts";

/** A part of a statement, with what stands for its question marks. */
export interface Piece {
  statement: string;
  parameters: unknown[];
}

/** Whom a search may find inside the walls of an establishment. */
export interface Inside {
  kinds: string[];
  /** A condition: the account whose id stands in this column belongs there now. */
  belongs: (column: string) => Piece;
  /** A query of one column, `account_id`: everybody who belongs there now. */
  members: Piece;
}

/** Whom a search may find: the one predicate of every statement here. */
export interface Whom {
  /** Found wherever they are. */
  kinds: string[];
  /** Found inside these walls alone. */
  inside: Inside[];
  status: AccountStatus | null;
}

/** Where a list goes on: the word by which the last person was found, and that person. */
export interface After {
  word: string;
  id: string;
}

const places = (values: readonly unknown[]) => values.map(() => "?").join(", ");

/**
 * Asked of each row that a statement comes by, and never turned round by a planner: a question of its own inside
 * the statement is answered row by row, and only until the list is full.
 */
function isAmong(whom: Whom, id: string): Piece {
  const reached = reachOf(whom, "a");
  const ofStatus = whom.status === null ? "" : " and a.status = ?";
  return {
    statement: `(select 1 from accounts a where a.id = ${id} and ${reached.statement}${ofStatus}) is not null`,
    parameters: [...reached.parameters, ...(whom.status === null ? [] : [whom.status])],
  };
}

/** That an account is of a kind that is found everywhere, or belongs where its kind is found. */
function reachOf(whom: Whom, account: string): Piece {
  const everywhere: Piece[] =
    whom.kinds.length === 0
      ? []
      : [{ statement: `${account}.kind in (${places(whom.kinds)})`, parameters: whom.kinds }];
  const walled = whom.inside.map(({ kinds, belongs }): Piece => {
    const there = belongs(`${account}.id`);
    return {
      statement: `(${account}.kind in (${places(kinds)}) and ${there.statement})`,
      parameters: [...kinds, ...there.parameters],
    };
  });
  const pieces = [...everywhere, ...walled];
  return {
    statement: pieces.length === 0 ? "1 = 0" : `(${pieces.map(({ statement }) => statement).join(" or ")})`,
    parameters: pieces.flatMap(({ parameters }) => parameters),
  };
}

/** Beyond this, going through the words of everybody is quicker than through those of each member. */
const membersAtMost = 15_000;

/**
 * Everybody who may be found, where that is nobody outside some walls and few enough within: a query of `account_id`.
 * Null where the words of the whole portal have to be gone through.
 */
export async function membersAlone(db: Asked, whom: Whom): Promise<Piece | null> {
  if (whom.kinds.length > 0 || whom.inside.length === 0) return null;
  const members: Piece = {
    statement: whom.inside.map(({ members: one }) => one.statement).join(" union "),
    parameters: whom.inside.flatMap(({ members: one }) => one.parameters),
  };
  const [row] = await db.ask<{ found: number }>(
    `select count(*) as found from (select 1 as one from (${members.statement}) m limit ${membersAtMost + 1}) counted`,
    members.parameters,
  );
  return Number(row?.found ?? 0) > membersAtMost ? null : members;
}

/**
 * The same as `findPeople`, gone through member by member: what a name is like elsewhere costs nothing. With a word in
 * one of `drives`; where there are several, a person can come more than once.
 */
export async function findMembers(
  db: Asked,
  asked: {
    members: Piece;
    drives: [Range, ...Range[]];
    others: Range[][];
    whom: Whom;
    after: After | null;
    limit: number;
  },
): Promise<After[]> {
  const { members, drives, after } = asked;
  const [drive] = drives;
  const conditions = conditionsOf({ ...asked, drive: drives.length === 1 ? drive : null });
  const inDrives = (words: string) =>
    `(${drives.map(() => `${words}.word >= ? and ${words}.word <= ?`).join(" or ")})
      and (${words}.word, ${words}.account_id) > (?, ?)`;
  // Said to each engine in its own way, as neither sees it by itself: the members first, then the words of each.
  const join =
    db.engine === "sqlite"
      ? `cross join people_words d on d.account_id = m.account_id and ${inDrives("d")}`
      : `cross join lateral (select w.word as word, w.account_id as account_id from people_words w
          where w.account_id = m.account_id and ${inDrives("w")} offset 0) d`;
  return db.ask<After>(
    `select d.word as word, d.account_id as id from (${members.statement}) m
    ${join}
    where ${conditions.map(({ statement }) => statement).join(" and ")}
    order by d.word, d.account_id limit ${Math.trunc(asked.limit)}`,
    [
      ...members.parameters,
      ...drives.flatMap(({ low, high }) => [low, high]),
      after?.word ?? "",
      after?.id ?? "",
      ...conditions.flatMap(({ parameters }) => parameters),
    ],
  );
}

/** How many rows of the index lie in a range; counted no further than `atMost`. */
export async function countWithin(db: Asked, range: Range, atMost: number): Promise<number> {
  const [row] = await db.ask<{ found: number }>(
    `select count(*) as found from (
      select 1 as one from people_words where word >= ? and word <= ? limit ${Math.trunc(atMost)}
    ) counted`,
    [range.low, range.high],
  );
  return Number(row?.found ?? 0);
}

/**
 * What must be true of a row `d` of people_words: the other terms, whom one may find, and, where it is one range that is
 * gone through, each person only once.
 */
function conditionsOf({
  drive,
  others,
  whom,
}: {
  drive: Range | null;
  others: Range[][];
  whom: Whom;
}): Piece[] {
  const probes = others.map(
    (ranges): Piece => ({
      statement: `(select 1 from people_words p where p.account_id = d.account_id
      and (${ranges.map(() => "p.word >= ? and p.word <= ?").join(" or ")}) limit 1) is not null`,
      parameters: ranges.flatMap(({ low, high }) => [low, high]),
    }),
  );
  const isFirst: Piece[] =
    drive === null || drive.low === drive.high
      ? []
      : [
          {
            statement: `(select 1 from people_words e where e.account_id = d.account_id
      and e.word >= ? and e.word < d.word limit 1) is null`,
            parameters: [drive.low],
          },
        ];
  return [...probes, isAmong(whom, "d.account_id"), ...isFirst];
}

/**
 * People with a word in `drive` and one of each of `others`, ordered by that word; of `drive` no more than
 * `scanAtMost` rows are looked at. Each person once, by the first word that fits.
 */
export async function findPeople(
  db: Asked,
  asked: {
    drive: Range;
    others: Range[][];
    whom: Whom;
    after: After | null;
    scanAtMost: number;
    limit: number;
  },
): Promise<After[]> {
  const { drive, after } = asked;
  const conditions = conditionsOf(asked);
  return db.ask<After>(
    `select d.word as word, d.account_id as id from (
      select word, account_id from people_words where (word, account_id) > (?, ?) and word <= ?
      order by word, account_id limit ${Math.trunc(asked.scanAtMost)}
    ) d
    where ${conditions.map(({ statement }) => statement).join(" and ")}
    order by d.word, d.account_id limit ${Math.trunc(asked.limit)}`,
    [
      after?.word ?? drive.low,
      after?.id ?? "",
      drive.high,
      ...conditions.flatMap(({ parameters }) => parameters),
    ],
  );
}

/** The row at which `findPeople` stopped looking; null where it came to the end of the range. */
export async function lastScanned(
  db: Asked,
  asked: { drive: Range; after: After | null; scanAtMost: number },
): Promise<After | null> {
  const { drive, after } = asked;
  const [row] = await db.ask<After>(
    `select word, account_id as id from people_words where (word, account_id) > (?, ?) and word <= ?
      order by word, account_id limit 1 offset ${Math.trunc(asked.scanAtMost) - 1}`,
    [after?.word ?? drive.low, after?.id ?? "", drive.high],
  );
  return row ?? null;
}

/** People in a state that is not the usual one, the newest first. */
export async function listByStatus(
  db: Asked,
  asked: { whom: Whom & { status: AccountStatus }; before: string | null; limit: number },
): Promise<string[]> {
  const { whom, before, limit } = asked;
  const members = await membersAlone(db, whom);
  const reached = reachOf(whom, "a");
  // Said twice, so that a planner sees that the small index of unusual states has them all.
  const unusual = whom.status === "active" ? "" : "a.status <> 'active' and ";
  const among = members === null ? "" : `a.id in (${members.statement}) and `;
  const rows = await db.ask<{ id: string }>(
    `select a.id as id from accounts a where ${among}${unusual}a.status = ? and a.id < ? and ${reached.statement}
      order by a.id desc limit ${Math.trunc(limit)}`,
    // Above every id that there can be.
    [...(members?.parameters ?? []), whom.status, before ?? "g", ...reached.parameters],
  );
  return rows.map(({ id }) => id);
}

export interface FoundPerson {
  account: AccountRow;
  identifiers: IdentifierRow[];
  contacts: ContactPointRow[];
}

/** The people themselves, in the order of `ids`. */
export async function readFound(db: Db, ids: string[]): Promise<FoundPerson[]> {
  if (ids.length === 0) return [];
  const tables = db.tables<AccountTables>();
  const [accounts, identifiers, contacts] = await Promise.all([
    tables.selectFrom("accounts").selectAll().where("id", "in", ids).execute(),
    tables
      .selectFrom("identifiers")
      .selectAll()
      .where("account_id", "in", ids)
      .orderBy("kind", "desc")
      .orderBy("key")
      .execute(),
    tables
      .selectFrom("contact_points")
      .selectAll()
      .where("account_id", "in", ids)
      .where("state", "!=", "obsolete")
      .orderBy("created_at", "desc")
      .execute(),
  ]);
  return ids.flatMap((id) => {
    const account = accounts.find((row) => row.id === id);
    return account === undefined
      ? []
      : [
          {
            account,
            identifiers: identifiers.filter((row) => row.account_id === id),
            contacts: contacts.filter((row) => row.account_id === id),
          },
        ];
  });
}

/** Of these accounts, those that a search may find. */
export async function keepWhom(db: Asked, ids: string[], whom: Whom): Promise<string[]> {
  if (ids.length === 0) return [];
  const among = isAmong(whom, "k.id");
  const rows = await db.ask<{ id: string }>(
    `select k.id as id from accounts k where k.id in (${places(ids)}) and ${among.statement}`,
    [...ids, ...among.parameters],
  );
  const kept = new Set(rows.map(({ id }) => id));
  return ids.filter((id) => kept.has(id));
}

const rowsOfLexicon = 2500;

/**
 * Words of the lexicon that begin with one text, or end with another, and are about as long: what a near spelling
 * can be among. Both as far as some thousand words, so that a common beginning costs no more than a rare one.
 */
export async function listNear(
  db: Asked,
  ends: { beginning: string; end: string; shortest: number; longest: number },
): Promise<string[]> {
  const { shortest, longest } = ends;
  const last = "\u{10ffff}";
  const reversedEnd = [...ends.end].reverse().join("");
  const [forwards, backwards] = await Promise.all([
    db.ask<{ word: string }>(
      `select word from (
        select word from people_lexicon where word >= ? and word <= ? limit ${rowsOfLexicon}
      ) near where length(word) between ? and ?`,
      [ends.beginning, ends.beginning + last, shortest, longest],
    ),
    db.ask<{ word: string }>(
      `select word from (
        select word from people_lexicon where reversed >= ? and reversed <= ? limit ${rowsOfLexicon}
      ) near where length(word) between ? and ?`,
      [reversedEnd, reversedEnd + last, shortest, longest],
    ),
  ]);
  return [...new Set([...forwards, ...backwards].map(({ word }) => word))];
}

/** Those of these words that somebody has. */
export async function keepKnown(db: Asked, words: string[]): Promise<string[]> {
  if (words.length === 0) return [];
  const rows = await db.ask<{ word: string }>(
    `select word from people_lexicon where word in (${places(words)})`,
    words,
  );
  return rows.map(({ word }) => word);
}

/** Accounts that are found by exactly one of these words, at most `limit`. */
export async function findExactly(
  db: Db,
  words: string[],
  limit: number,
): Promise<{ word: string; account_id: string }[]> {
  if (words.length === 0) return [];
  return db
    .tables<PeopleWordTables>()
    .selectFrom("people_words")
    .selectAll()
    .where("word", "in", words)
    .limit(limit)
    .execute();
}
