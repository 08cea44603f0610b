import { sql } from "kysely";
import { lowestUuidAt } from "../kernel/ids.ts";
import { inserting } from "../store/abilities.ts";
import type { Db, Tx } from "../store/store.ts";

export interface JournalRow {
  id: string;
  account_id: string | null;
  event: string;
  actor_kind: string;
  actor_id: string | null;
  at: number;
  incident: string | null;
  params: string;
  reason: string | null;
  browser: string | null;
  source_address: string | null;
}

interface JournalTables {
  journal: JournalRow;
}

export const insert = inserting<JournalRow>("journal", [
  "id",
  "account_id",
  "event",
  "actor_kind",
  "actor_id",
  "at",
  "incident",
  "params",
  "reason",
  "browser",
  "source_address",
]);

/** The newest lines of one account, at most `limit`; with `before`, those older than that line. */
export async function listOfAccount(
  db: Db,
  accountId: string,
  limit: number,
  before?: { at: number; id: string },
): Promise<JournalRow[]> {
  let query = db
    .tables<JournalTables>()
    .selectFrom("journal")
    .selectAll()
    .where("account_id", "=", accountId);
  if (before !== undefined) {
    query = query.where((is) =>
      is.or([is("at", "<", before.at), is.and([is("at", "=", before.at), is("id", "<", before.id)])]),
    );
  }
  return query.orderBy("at", "desc").orderBy("id", "desc").limit(limit).execute();
}

/** The newest line of an account about one of these events; null if there is none. */
export async function newestOf(db: Db, accountId: string, events: string[]): Promise<JournalRow | null> {
  const row = await db
    .tables<JournalTables>()
    .selectFrom("journal")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("event", "in", events)
    .orderBy("at", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** The lines of an account about one event since a moment. */
export async function linesSince(
  db: Db,
  accountId: string,
  event: string,
  since: number,
): Promise<JournalRow[]> {
  return db
    .tables<JournalTables>()
    .selectFrom("journal")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("at", ">", since)
    .where("event", "=", event)
    .execute();
}

/** Accounts that were locked since a moment, the latest first. */
export async function lockedSince(db: Db, since: number, limit: number): Promise<string[]> {
  const lines = await db
    .tables<JournalTables>()
    .selectFrom("journal")
    .select("account_id")
    .where("event", "=", sql.lit("lockout.locked"))
    .where("id", ">=", lowestUuidAt(since))
    .where("account_id", "is not", null)
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return [...new Set(lines.flatMap(({ account_id: id }) => id ?? []))];
}

/** Forgets network addresses older than `addressesBefore` and lines older than `linesBefore`. */
export async function forget(tx: Tx, addressesBefore: number, linesBefore: number): Promise<void> {
  const tables = tx.tables<JournalTables>();
  // Ids sort by the time they were made: no index of times is kept beside theirs.
  await tables.deleteFrom("journal").where("id", "<", lowestUuidAt(linesBefore)).execute();
  await tables
    .updateTable("journal")
    .set({ source_address: null })
    .where("id", "<", lowestUuidAt(addressesBefore))
    .where("source_address", "is not", null)
    .execute();
}
