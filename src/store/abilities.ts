import { type SelectQueryBuilder, sql } from "kysely";
import type { Db, Tx } from "./store.ts";

/**
 * Where the engines differ, by the name of what is wanted. SQLite has one writer, so a row chosen inside a
 * transaction is already nobody else's.
 */

/** Takes rows that no other node is taking at this moment: the outbox's claim. */
export function skippingTaken<Tables, Table extends keyof Tables, Row>(
  db: Db,
  query: SelectQueryBuilder<Tables, Table, Row>,
): SelectQueryBuilder<Tables, Table, Row> {
  return db.engine === "postgres" ? query.forUpdate().skipLocked() : query;
}

/** Holds the chosen rows until the transaction ends. */
export function holding<Tables, Table extends keyof Tables, Row>(
  db: Db,
  query: SelectQueryBuilder<Tables, Table, Row>,
): SelectQueryBuilder<Tables, Table, Row> {
  return db.engine === "postgres" ? query.forUpdate() : query;
}

/** The same for a statement that was written out: what it ends with. */
export function heldRows(db: Db): string {
  return db.engine === "postgres" ? " for update" : "";
}

/** Inserts one row by a statement that is written out once: for what is written at every sign-in. */
export function inserting<Row extends object>(
  table: string,
  columns: readonly (keyof Row & string)[],
): (tx: Tx, row: Row) => Promise<void> {
  const places = columns.map(() => "?").join(", ");
  const statement = `insert into ${table} (${columns.join(", ")}) values (${places})`;
  return async (tx, row) => {
    await tx.ask(
      statement,
      columns.map((column) => row[column]),
    );
  };
}

/** One at a time for everybody who names the same `name`, until the transaction ends. */
export async function oneAtATime(tx: Tx, name: string): Promise<void> {
  if (tx.engine === "postgres") {
    await sql`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`.execute(tx.tables());
  }
}

/** True when a write was refused because the key is already there. */
export function isUniqueViolation(cause: unknown): boolean {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
  return code === "23505" || code === "SQLITE_CONSTRAINT_PRIMARYKEY" || code === "SQLITE_CONSTRAINT_UNIQUE";
}
