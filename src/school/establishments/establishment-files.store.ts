import type { Db, Tx } from "../../store/store.ts";

/** Files of establishments that were read and not applied yet. */
export interface EstablishmentFileRow {
  id: string;
  filename: string;
  /** JSON: `FileEntry[]`. */
  body: string;
  loaded_by: string;
  loaded_at: number;
}

interface FileTables {
  establishment_files: EstablishmentFileRow;
}

const of = (db: Db) => db.tables<FileTables>();

export async function insertFile(tx: Tx, row: EstablishmentFileRow): Promise<void> {
  await of(tx).insertInto("establishment_files").values(row).execute();
}

/** A file that this member of staff loaded. */
export async function findFile(db: Db, id: string, loadedBy: string): Promise<EstablishmentFileRow | null> {
  const row = await of(db)
    .selectFrom("establishment_files")
    .selectAll()
    .where("id", "=", id)
    .where("loaded_by", "=", loadedBy)
    .executeTakeFirst();
  return row ?? null;
}

/** Takes the file away; false where somebody took it already. */
export async function takeFile(tx: Tx, id: string, loadedBy: string): Promise<boolean> {
  const taken = await of(tx)
    .deleteFrom("establishment_files")
    .where("id", "=", id)
    .where("loaded_by", "=", loadedBy)
    .executeTakeFirst();
  return taken.numDeletedRows === 1n;
}

/** One file at a time waits for each member of staff. */
export async function dropFilesOf(tx: Tx, loadedBy: string): Promise<void> {
  await of(tx).deleteFrom("establishment_files").where("loaded_by", "=", loadedBy).execute();
}

export async function forgetFiles(tx: Tx, before: number): Promise<void> {
  await of(tx).deleteFrom("establishment_files").where("loaded_at", "<", before).execute();
}
