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

/** Whom a search may find: the one predicate of every statement here. */
export interface Whom {
  kinds: string[];
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
function isAmong(whom: Whom, id: string): { statement: string; parameters: unknown[] } {
  const ofStatus = whom.status === null ? "" : " and a.status = ?";
  return {
    statement: `(select 1 from accounts a where a.id = ${id} and a.kind in (${places(whom.kinds)})${ofStatus}) is not null`,
    parameters: [...whom.kinds, ...(whom.status === null ? [] : [whom.status])],
  };
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
  const { drive, others, after } = asked;
  const whom = isAmong(asked.whom, "d.account_id");
  const probes = others.map((ranges) => ({
    statement: `(select 1 from people_words p where p.account_id = d.account_id
      and (${ranges.map(() => "p.word >= ? and p.word <= ?").join(" or ")}) limit 1) is not null`,
    parameters: ranges.flatMap(({ low, high }) => [low, high]),
  }));
  const isFirst =
    drive.low === drive.high
      ? null
      : {
          statement: `(select 1 from people_words e where e.account_id = d.account_id
      and e.word >= ? and e.word < d.word limit 1) is null`,
          parameters: [drive.low],
        };
  const conditions = [...probes, whom, ...(isFirst ? [isFirst] : [])];
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
  const { kinds, status } = asked.whom;
  // Said twice, so that a planner sees that the small index of unusual states has them all.
  const unusual = status === "active" ? "" : "status <> 'active' and ";
  const rows = await db.ask<{ id: string }>(
    `select id from accounts where ${unusual}status = ? and id < ? and kind in (${places(kinds)})
      order by id desc limit ${Math.trunc(asked.limit)}`,
    // Above every id that there can be.
    [status, asked.before ?? "g", ...kinds],
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
