import { skippingTaken } from "../store/abilities.ts";
import type { Db, Tx } from "../store/store.ts";

export interface RequestRow {
  id: string;
  kind: string;
  payload: string | null;
  incident: string | null;
  requested_at: number;
  due_at: number;
  lease_until: number | null;
  lease_owner: string | null;
  tries: number;
  resolved_at: number | null;
  result: string | null;
}

interface RequestTables {
  requests: RequestRow;
}

export async function insert(tx: Tx, row: RequestRow): Promise<void> {
  await tx.tables<RequestTables>().insertInto("requests").values(row).execute();
}

/** Leases up to `limit` due requests to `owner`. */
export async function claim(
  tx: Tx,
  now: number,
  owner: string,
  leaseUntil: number,
  limit: number,
): Promise<RequestRow[]> {
  const tables = tx.tables<RequestTables>();
  const due = await skippingTaken(
    tx,
    tables
      .selectFrom("requests")
      .select("id")
      .where("resolved_at", "is", null)
      .where("due_at", "<=", now)
      .where((is) => is.or([is("lease_until", "is", null), is("lease_until", "<=", now)]))
      .orderBy("due_at")
      .limit(limit),
  ).execute();
  if (due.length === 0) return [];
  return tables
    .updateTable("requests")
    .set((set) => ({ lease_until: leaseUntil, lease_owner: owner, tries: set("tries", "+", 1) }))
    .where(
      "id",
      "in",
      due.map((row) => row.id),
    )
    .returningAll()
    .execute();
}

/** True for the one caller that may resolve it now; its payload is erased with it. */
export async function resolve(tx: Tx, id: string, owner: string, now: number): Promise<boolean> {
  const updated = await tx
    .tables<RequestTables>()
    .updateTable("requests")
    .set({ resolved_at: now, payload: null, lease_until: null, lease_owner: null })
    .where("id", "=", id)
    .where("lease_owner", "=", owner)
    .where("resolved_at", "is", null)
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

export async function setResult(tx: Tx, id: string, result: string): Promise<void> {
  await tx.tables<RequestTables>().updateTable("requests").set({ result }).where("id", "=", id).execute();
}

export async function postpone(tx: Tx, id: string, owner: string, dueAt: number): Promise<void> {
  await tx
    .tables<RequestTables>()
    .updateTable("requests")
    .set({ due_at: dueAt, lease_until: null, lease_owner: null })
    .where("id", "=", id)
    .where("lease_owner", "=", owner)
    .execute();
}

/** For the only process of a database: what a killed predecessor had taken is free again. */
export async function releaseAll(tx: Tx): Promise<void> {
  await tx
    .tables<RequestTables>()
    .updateTable("requests")
    .set({ lease_until: null, lease_owner: null })
    .where("resolved_at", "is", null)
    .execute();
}

/** Whether anything waits for `claim`: a look that takes no lock. */
export async function hasDue(db: Db, now: number): Promise<boolean> {
  const row = await db
    .tables<RequestTables>()
    .selectFrom("requests")
    .select("id")
    .where("resolved_at", "is", null)
    .where("due_at", "<=", now)
    .where((is) => is.or([is("lease_until", "is", null), is("lease_until", "<=", now)]))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function forget(tx: Tx, before: number): Promise<void> {
  await tx
    .tables<RequestTables>()
    .deleteFrom("requests")
    .where("resolved_at", "is not", null)
    .where("requested_at", "<", before)
    .execute();
}

/** After a restore: what was asked then is not asked now. */
export async function cancelAll(tx: Tx, now: number): Promise<void> {
  await tx
    .tables<RequestTables>()
    .updateTable("requests")
    .set({
      resolved_at: now,
      payload: null,
      result: "cancelled by a restore",
      lease_until: null,
      lease_owner: null,
    })
    .where("resolved_at", "is", null)
    .execute();
}
