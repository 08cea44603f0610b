import { type ExpressionBuilder, sql } from "kysely";
import type { TableShape } from "./catalogue.ts";
import type { Db, Tx } from "./store.ts";

/** A value as both engines keep it: our tables hold text, whole numbers and nothing else. */
export type Value = string | number | null;

type AnyTables = Record<string, Record<string, Value>>;

const atOnce = 500;

/** All rows of a table in the order of its key, `atOnce` at a time: memory does not grow with the table. */
export async function* readRows(db: Db, table: TableShape): AsyncGenerator<Value[][]> {
  let last: Value[] | null = null;
  for (;;) {
    let query = db.tables<AnyTables>().selectFrom(table.name).select(table.columns).limit(atOnce);
    for (const column of table.key) query = query.orderBy(column);
    if (last) query = query.where(isAfter(table.key, last));
    const rows = await query.execute();
    if (rows.length === 0) return;
    yield rows.map((row) => table.columns.map((column) => row[column] as Value));
    if (rows.length < atOnce) return;
    const end = rows.at(-1) as Record<string, Value>;
    last = table.key.map((column) => end[column] as Value);
  }
}

function isAfter(key: string[], last: Value[]) {
  return (_: ExpressionBuilder<AnyTables, string>) =>
    sql<boolean>`(${sql.join(key.map((column) => sql.ref(column)))}) > (${sql.join(last)})`;
}

/** Puts rows into a table, their values in the order of `table.columns`. */
export async function insertRows(tx: Tx, table: TableShape, rows: Value[][]): Promise<void> {
  if (rows.length === 0) return;
  const values = rows.map((row) =>
    Object.fromEntries(table.columns.map((column, at) => [column, row[at] as Value])),
  );
  await tx.tables<AnyTables>().insertInto(table.name).values(values).execute();
}

/** Whether any of the tables holds a row. */
export async function hasRows(db: Db, tables: TableShape[]): Promise<boolean> {
  for (const { name } of tables) {
    const row = await db
      .tables<AnyTables>()
      .selectFrom(name)
      .select(sql<number>`1`.as("one"))
      .limit(1)
      .executeTakeFirst();
    if (row) return true;
  }
  return false;
}
