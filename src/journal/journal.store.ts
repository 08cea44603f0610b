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
