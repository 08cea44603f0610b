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

export async function insert(tx: Tx, row: JournalRow): Promise<void> {
  await tx.tables<JournalTables>().insertInto("journal").values(row).execute();
}

/** The newest lines of one account, at most `limit`, older than `before` when given. */
export async function listOfAccount(
  db: Db,
  accountId: string,
  limit: number,
  before?: number,
): Promise<JournalRow[]> {
  let query = db
    .tables<JournalTables>()
    .selectFrom("journal")
    .selectAll()
    .where("account_id", "=", accountId);
  if (before !== undefined) query = query.where("at", "<", before);
  return query.orderBy("at", "desc").orderBy("id", "desc").limit(limit).execute();
}

/** Forgets network addresses older than `addressesBefore` and lines older than `linesBefore`. */
export async function forget(tx: Tx, addressesBefore: number, linesBefore: number): Promise<void> {
  const tables = tx.tables<JournalTables>();
  await tables.deleteFrom("journal").where("at", "<", linesBefore).execute();
  await tables
    .updateTable("journal")
    .set({ source_address: null })
    .where("at", "<", addressesBefore)
    .where("source_address", "is not", null)
    .execute();
}
