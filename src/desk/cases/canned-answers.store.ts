import type { Db, Tx } from "../../store/store.ts";

export interface CannedRow {
  id: string;
  /** Null: for every relay. */
  relay: string | null;
  locale: string;
  title: string;
  body: string;
  changed_at: number;
  changed_by: string;
}

interface CannedTables {
  canned_answers: CannedRow;
}

const of = (db: Db) => db.tables<CannedTables>();

/** All of them, by title. There are dozens, not thousands. */
export async function listCanned(db: Db): Promise<CannedRow[]> {
  return of(db).selectFrom("canned_answers").selectAll().orderBy("title").orderBy("id").execute();
}

export async function findCanned(db: Db, id: string): Promise<CannedRow | null> {
  return (
    (await of(db).selectFrom("canned_answers").selectAll().where("id", "=", id).executeTakeFirst()) ?? null
  );
}

export async function insertCanned(tx: Tx, row: CannedRow): Promise<void> {
  await of(tx).insertInto("canned_answers").values(row).execute();
}

export async function updateCanned(tx: Tx, id: string, change: Omit<CannedRow, "id">): Promise<void> {
  await of(tx).updateTable("canned_answers").set(change).where("id", "=", id).execute();
}

export async function removeCanned(tx: Tx, id: string): Promise<void> {
  await of(tx).deleteFrom("canned_answers").where("id", "=", id).execute();
}
