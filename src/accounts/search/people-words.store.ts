import { sql } from "kysely";
import { holding } from "../../store/abilities.ts";
import { among, insertingMany, listed } from "../../store/many-rows.ts";
import type { Db, Tx } from "../../store/store.ts";
import { distinct, type SearchedPerson, type SearchWord, wordsOfPerson } from "./search-words.ts";

/**
 * By what people are found: kept in the transaction of every change of names, identifiers and contact points.
 *
 * Tables: people_words, people_lexicon, people_index.
 */
export interface PeopleWordTables {
  people_words: { word: string; account_id: string };
  people_lexicon: { word: string; reversed: string; unused_since: number | null };
  people_index: { name: string; after_id: string | null; is_done: number };
}

/** What is read of the accounts' own tables. */
interface PersonTables {
  accounts: { id: string; name: string; nickname: string | null };
  identifiers: { account_id: string; kind: "username" | "email"; key: string };
  contact_points: { account_id: string; channel: "email" | "sms"; address_key: string; state: string };
}

const of = (db: Db) => db.tables<PeopleWordTables>();

// Below what a statement of either engine may have of parameters.
const rowsAtOnce = 500;

const insertWords = insertingMany<PeopleWordTables["people_words"]>(
  "people_words",
  { word: "text", account_id: "text" },
  "on conflict do nothing",
);
const insertLexicon = insertingMany<PeopleWordTables["people_lexicon"]>(
  "people_lexicon",
  { word: "text", reversed: "text", unused_since: "bigint" },
  "on conflict do nothing",
);

const reverse = (word: string) => [...word].reverse().join("");

function* slices<Row>(rows: Row[]): Generator<Row[]> {
  for (let from = 0; from < rows.length; from += rowsAtOnce) yield rows.slice(from, from + rowsAtOnce);
}

/**
 * Adds words to the list of all that may be mistyped. Sorted: two who add the same words never wait in a circle.
 * A word that is there already is not locked, or everybody called Martin would wait for each other.
 */
async function learn(tx: Tx, words: string[]): Promise<void> {
  for (const slice of slices([...new Set(words)].sort())) {
    // First, so that a word which is about to be forgotten is either kept, or gone and learnt anew.
    await tx.ask(
      `update people_lexicon set unused_since = null where unused_since is not null and word in ${among(tx)}`,
      [listed(tx, slice)],
    );
    await insertLexicon(
      tx,
      slice.map((word) => ({ word, reversed: reverse(word), unused_since: null })),
    );
  }
}

/** Makes accounts be found by more words. */
export async function addWords(
  tx: Tx,
  added: { accountId: string; words: SearchWord[]; domains?: string[] }[],
): Promise<void> {
  const rows = added.flatMap(({ accountId, words }) =>
    distinct(words).map(({ word }) => ({ word, account_id: accountId })),
  );
  await insertWords(tx, rows);
  const spelled = added.flatMap(({ words, domains = [] }) => [
    ...words.filter((word) => word.isSpelled).map(({ word }) => word),
    ...domains,
  ]);
  await learn(tx, spelled);
}

async function readPeople(
  db: Db,
  accounts: { id: string; name: string; nickname: string | null }[],
): Promise<(SearchedPerson & { id: string })[]> {
  const ids = accounts.map(({ id }) => id);
  if (ids.length === 0) return [];
  const tables = db.tables<PersonTables>();
  const identifiers = await tables
    .selectFrom("identifiers")
    .select(["account_id", "kind", "key"])
    .where("account_id", "in", ids)
    .execute();
  const contacts = await tables
    .selectFrom("contact_points")
    .select(["account_id", "channel", "address_key"])
    .where("account_id", "in", ids)
    .where("state", "!=", "obsolete")
    .execute();
  return accounts.map((account) => ({
    ...account,
    identifiers: identifiers.filter((row) => row.account_id === account.id),
    contacts: contacts.filter((row) => row.account_id === account.id),
  }));
}

/** Makes an account be found by what it has now, and by nothing else. */
export async function reindex(tx: Tx, accountId: string): Promise<void> {
  // Held: whoever changes the same account at once waits, and then writes what is true last.
  const account = await holding(
    tx,
    tx
      .tables<PersonTables>()
      .selectFrom("accounts")
      .select(["id", "name", "nickname"])
      .where("id", "=", accountId),
  ).executeTakeFirst();
  if (!account) return;
  const [person] = await readPeople(tx, [account]);
  if (!person) return;
  const { words, domains } = wordsOfPerson(person);
  const present = await of(tx)
    .selectFrom("people_words")
    .select("word")
    .where("account_id", "=", accountId)
    .execute();
  const wanted = new Set(words.map(({ word }) => word));
  const gone = present.flatMap(({ word }) => (wanted.has(word) ? [] : [word]));
  if (gone.length > 0) {
    await of(tx)
      .deleteFrom("people_words")
      .where("account_id", "=", accountId)
      .where("word", "in", gone)
      .execute();
  }
  const known = new Set(present.map(({ word }) => word));
  const fresh = words.filter(({ word }) => !known.has(word));
  await addWords(tx, [{ accountId, words: fresh, domains }]);
}

/** Takes every word from accounts that nobody is to find any more. */
export async function removeWords(tx: Tx, accountIds: string[]): Promise<void> {
  if (accountIds.length === 0) return;
  await of(tx).deleteFrom("people_words").where("account_id", "in", accountIds).execute();
}

const indexName = "words";

/** How far the accounts that were there before the table have come; null before the first step. */
export async function readProgress(db: Db): Promise<{ afterId: string; isDone: boolean } | null> {
  const row = await of(db)
    .selectFrom("people_index")
    .selectAll()
    .where("name", "=", indexName)
    .executeTakeFirst();
  return row ? { afterId: row.after_id ?? "", isDone: row.is_done === 1 } : null;
}

/** Gives the next accounts after `afterId` their words; answers how many there were. */
export async function indexNext(tx: Tx, afterId: string, limit: number): Promise<number> {
  const accounts = await holding(
    tx,
    tx
      .tables<PersonTables>()
      .selectFrom("accounts")
      .select(["id", "name", "nickname"])
      .where("id", ">", afterId)
      .orderBy("id")
      .limit(limit),
  ).execute();
  const people = await readPeople(tx, accounts);
  await addWords(
    tx,
    people.map((person) => ({ accountId: person.id, ...wordsOfPerson(person) })),
  );
  const row = {
    name: indexName,
    after_id: accounts.at(-1)?.id ?? afterId,
    is_done: accounts.length < limit ? 1 : 0,
  };
  await of(tx)
    .insertInto("people_index")
    .values(row)
    .onConflict((conflict) => conflict.column("name").doUpdateSet(row))
    .execute();
  return accounts.length;
}

/** Domains stand in no account's words: they are kept for as long as anybody has an address there. */
const isDomain = sql<boolean>`substr(word, 1, 1) = '@'`;

/**
 * One step of tidying the list of words after `afterWord`: marks those that nobody has, forgets those marked before
 * `markedBefore` that still nobody has. In two steps, a day apart, so that a word which somebody is being given at
 * this moment stays. Answers the last word looked at; null at the end.
 */
export async function tidyLexicon(
  tx: Tx,
  step: { afterWord: string; limit: number; now: number; markedBefore: number },
): Promise<string | null> {
  const seen = await of(tx)
    .selectFrom("people_lexicon")
    .select((select) => [
      "word",
      "unused_since",
      select
        .exists(
          select
            .selectFrom("people_words")
            .select(sql<number>`1`.as("one"))
            .whereRef("people_words.word", "=", "people_lexicon.word"),
        )
        .as("is_used"),
    ])
    .where("word", ">", step.afterWord)
    .where((is) => is.not(isDomain))
    .orderBy("word")
    .limit(step.limit)
    .execute();
  const unused = seen.filter(({ is_used }) => !is_used);
  const marked = unused.filter(({ unused_since }) => unused_since === null).map(({ word }) => word);
  const over = unused
    .filter(({ unused_since }) => unused_since !== null && unused_since < step.markedBefore)
    .map(({ word }) => word);
  const usedAgain = seen.filter((row) => row.is_used && row.unused_since !== null).map(({ word }) => word);
  const mark = (words: string[], unusedSince: number | null) =>
    of(tx)
      .updateTable("people_lexicon")
      .set({ unused_since: unusedSince })
      .where("word", "in", words)
      .execute();
  if (marked.length > 0) await mark(marked, step.now);
  if (usedAgain.length > 0) await mark(usedAgain, null);
  if (over.length > 0) {
    await of(tx)
      .deleteFrom("people_lexicon")
      .where("word", "in", over)
      .where("unused_since", "is not", null)
      .execute();
  }
  return seen.length < step.limit ? null : (seen.at(-1)?.word ?? null);
}
