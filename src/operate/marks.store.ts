import type { Db, Tx } from "../store/store.ts";

/**
 * Facts about the database itself. `demo`: it holds invented people whose passwords are printed on a page.
 * `trial-people`, `trial-staff`, `trial-schools`: when those of a trial were loaded. `restored`: when a backup was put into it.
 */
export type Mark = "demo" | "trial-people" | "trial-staff" | "trial-schools" | "restored";

interface MarkTables {
  marks: { name: string; value: string };
}

export async function readMark(db: Db, name: Mark): Promise<string | null> {
  const row = await db
    .tables<MarkTables>()
    .selectFrom("marks")
    .select("value")
    .where("name", "=", name)
    .executeTakeFirst();
  return row?.value ?? null;
}

/** Sets a mark that is not set yet; false if it already was, so that two who try at once do the work once. */
export async function setMark(tx: Tx, name: Mark, value: string): Promise<boolean> {
  const inserted = await tx
    .tables<MarkTables>()
    .insertInto("marks")
    .values({ name, value })
    .onConflict((conflict) => conflict.column("name").doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

export async function replaceMark(tx: Tx, name: Mark, value: string): Promise<void> {
  await tx
    .tables<MarkTables>()
    .insertInto("marks")
    .values({ name, value })
    .onConflict((conflict) => conflict.column("name").doUpdateSet({ value }))
    .execute();
}
