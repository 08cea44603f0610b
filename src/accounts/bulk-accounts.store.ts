import { heldRows } from "../store/abilities.ts";
import { among, insertingMany, listed } from "../store/many-rows.ts";
import type { Tx } from "../store/store.ts";
import type { AccountRow, ContactPointRow, IdentifierRow } from "./accounts.store.ts";
import { addWords } from "./search/people-words.store.ts";
import { wordsOfPerson } from "./search/search-words.ts";

/** Accounts of a whole registry: some hundred at once, by few statements. */
export interface MadeAccount {
  account: AccountRow;
  identifiers: IdentifierRow[];
  contacts: ContactPointRow[];
}

const insertAccounts = insertingMany<AccountRow>("accounts", {
  id: "text",
  kind: "text",
  status: "text",
  name: "text",
  nickname: "text",
  locale: "text",
  password_hash: "text",
  password_changed_at: "bigint",
  contacts_frozen_until: "bigint",
  created_at: "bigint",
  activated_at: "bigint",
  closed_at: "bigint",
  reminded_at: "bigint",
});

const insertIdentifiers = insertingMany<IdentifierRow>("identifiers", {
  key: "text",
  account_id: "text",
  kind: "text",
  shown: "text",
});

const insertContactPoints = insertingMany<Omit<ContactPointRow, "retired_by">>("contact_points", {
  id: "text",
  account_id: "text",
  channel: "text",
  address: "text",
  address_key: "text",
  state: "text",
  origin: "text",
  usable_from: "bigint",
  created_at: "bigint",
  verified_at: "bigint",
  obsolete_at: "bigint",
  dead_since: "bigint",
  dead_reason: "text",
  asked_at: "bigint",
});

/**
 * Nobody else changes these accounts until the transaction ends. In the order of their ids, as everybody holds several:
 * two who do never wait for each other.
 */
export async function holdManyAccounts(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.ask(`select id from accounts where id in ${among(tx)} order by id${heldRows(tx)}`, [
    listed(tx, [...ids]),
  ]);
}

/**
 * Puts new accounts with what names and reaches them. Nobody finds them by a search before `indexManyAccounts`. Throws
 * where an identifier names somebody already: the caller draws identifiers that do not.
 */
export async function insertManyAccounts(tx: Tx, made: readonly MadeAccount[]): Promise<void> {
  await insertAccounts(
    tx,
    made.map(({ account }) => account),
  );
  await insertIdentifiers(
    tx,
    made.flatMap(({ identifiers }) => identifiers),
  );
  await insertContactPoints(
    tx,
    made.flatMap(({ contacts }) => contacts),
  );
}

interface FoundBy {
  account_id: string;
  kind: string;
  key: string;
}

/**
 * Makes accounts be found by what they have now; may be done twice. In the order of the words: what is side by side in
 * the index is written at once, where each account's own words lie all over it.
 */
export async function indexManyAccounts(tx: Tx, accountIds: readonly string[]): Promise<void> {
  if (accountIds.length === 0) return;
  const ids = listed(tx, accountIds);
  const accounts = await tx.ask<{ id: string; name: string; nickname: string | null }>(
    `select id, name, nickname from accounts where id in ${among(tx)}`,
    [ids],
  );
  const identifiers = byAccount(
    await tx.ask<FoundBy>(`select account_id, kind, key from identifiers where account_id in ${among(tx)}`, [
      ids,
    ]),
  );
  const contacts = byAccount(
    await tx.ask<FoundBy>(
      `select account_id, channel as kind, address_key as key from contact_points
        where account_id in ${among(tx)} and state <> 'obsolete'`,
      [ids],
    ),
  );
  const found = accounts.map(({ id, name, nickname }) => ({
    accountId: id,
    ...wordsOfPerson({
      name,
      nickname,
      identifiers: (identifiers.get(id) ?? []).map(({ kind, key }) => ({ kind: kind as "username", key })),
      contacts: (contacts.get(id) ?? []).map(({ kind, key }) => ({
        channel: kind as "email",
        address_key: key,
      })),
    }),
  }));
  const words = found.flatMap(({ accountId, words: own }) =>
    own.map((word) => ({ accountId, words: [word] })),
  );
  const wordOf = ({ words: [only] }: (typeof words)[number]) => only?.word ?? "";
  words.sort((a, b) => (wordOf(a) < wordOf(b) ? -1 : 1));
  const domains = [...new Set(found.flatMap((person) => person.domains))];
  await addWords(tx, [...words, { accountId: "", words: [], domains }]);
}

function byAccount(rows: FoundBy[]): Map<string, FoundBy[]> {
  const found = new Map<string, FoundBy[]>();
  for (const row of rows) {
    const own = found.get(row.account_id);
    if (own) own.push(row);
    else found.set(row.account_id, [row]);
  }
  return found;
}
