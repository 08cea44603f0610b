import type { Db, Tx } from "../../store/store.ts";

export type CorrectionStatus = "waiting" | "done" | "approved" | "cancelled";

/** A contact point that staff added, or put in another's place. */
export interface CorrectionRow {
  id: string;
  account_id: string;
  contact_point_id: string;
  /** The contact point that it replaces once it serves; null when it is one more. */
  replaces_id: string | null;
  /** Staff account. */
  made_by: string;
  made_at: number;
  /** From when on it serves; null when it served at once. */
  usable_from: number | null;
  status: CorrectionStatus;
  status_at: number;
  /** The second staff account, which approved it. */
  approved_by: string | null;
}

interface PeopleTables {
  contact_corrections: CorrectionRow;
}

const of = (db: Db) => db.tables<PeopleTables>();

export async function insertCorrection(tx: Tx, row: CorrectionRow): Promise<void> {
  await of(tx).insertInto("contact_corrections").values(row).execute();
}

/** What waits for an account: corrected contact points that do not serve yet. */
export async function waitingOf(db: Db, accountId: string): Promise<CorrectionRow[]> {
  return of(db)
    .selectFrom("contact_corrections")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("status", "=", "waiting")
    .orderBy("made_at")
    .execute();
}

/** Ends a correction that still waits; false for all but one of those who try at once. */
export async function endCorrection(
  tx: Tx,
  id: string,
  change: { status: Exclude<CorrectionStatus, "waiting">; status_at: number; approved_by?: string },
): Promise<boolean> {
  const updated = await of(tx)
    .updateTable("contact_corrections")
    .set(change)
    .where("id", "=", id)
    .where("status", "=", "waiting")
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

/** What waits for an account, and what came to an end since a moment, in the order in which it was made. */
export async function correctionsSince(db: Db, accountId: string, since: number): Promise<CorrectionRow[]> {
  return of(db)
    .selectFrom("contact_corrections")
    .selectAll()
    .where("account_id", "=", accountId)
    .where((is) => is.or([is("status", "=", "waiting"), is("status_at", ">=", since)]))
    .orderBy("made_at")
    .orderBy("id")
    .execute();
}

/** Takes a correction back, also one that served. */
export async function cancelCorrection(tx: Tx, id: string, at: number): Promise<void> {
  await of(tx)
    .updateTable("contact_corrections")
    .set({ status: "cancelled", status_at: at })
    .where("id", "=", id)
    .execute();
}

/** Corrections whose waiting time is over. */
export async function dueCorrections(db: Db, now: number, limit: number): Promise<CorrectionRow[]> {
  return of(db)
    .selectFrom("contact_corrections")
    .selectAll()
    .where("status", "=", "waiting")
    .where("usable_from", "<=", now)
    .orderBy("usable_from")
    .limit(limit)
    .execute();
}

export async function forgetCorrections(tx: Tx, endedBefore: number): Promise<void> {
  await of(tx)
    .deleteFrom("contact_corrections")
    .where("status", "!=", "waiting")
    .where("status_at", "<", endedBefore)
    .execute();
}
