import type { Db, Tx } from "../../store/store.ts";

export interface SessionRow {
  id: string;
  digest: string;
  account_id: string;
  known_browser_id: string | null;
  created_at: number;
  last_seen_at: number;
  idle_until: number;
  absolute_until: number;
  is_remembered: number;
  browser: string | null;
  source_address: string | null;
}

interface SessionTables {
  sessions: SessionRow;
  accounts: { id: string; name: string; locale: string; status: string };
}

const of = (db: Db) => db.tables<SessionTables>();

export async function insert(tx: Tx, row: SessionRow): Promise<void> {
  await of(tx).insertInto("sessions").values(row).execute();
}

/** Live sessions by digest, with who is signed in. */
export async function findLive(db: Db, digests: string[], now: number) {
  return of(db)
    .selectFrom("sessions")
    .innerJoin("accounts", "accounts.id", "sessions.account_id")
    .select([
      "sessions.id",
      "sessions.digest",
      "sessions.account_id",
      "sessions.last_seen_at",
      "sessions.is_remembered",
      "sessions.absolute_until",
      "accounts.name",
      "accounts.locale",
    ])
    .where("sessions.digest", "in", digests)
    .where("sessions.idle_until", ">", now)
    .where("sessions.absolute_until", ">", now)
    .where("accounts.status", "=", "active")
    .execute();
}

export async function touch(tx: Tx, id: string, now: number, idleUntil: number): Promise<void> {
  await of(tx)
    .updateTable("sessions")
    .set({ last_seen_at: now, idle_until: idleUntil })
    .where("id", "=", id)
    .execute();
}

export async function remove(tx: Tx, match: { id: string; accountId?: string }): Promise<boolean> {
  let query = of(tx).deleteFrom("sessions").where("id", "=", match.id);
  if (match.accountId !== undefined) query = query.where("account_id", "=", match.accountId);
  return (await query.executeTakeFirst()).numDeletedRows === 1n;
}

/** Ends all sessions of an account but `exceptId`; answers the ids of those ended. */
export async function removeOfAccount(tx: Tx, accountId: string, exceptId?: string): Promise<string[]> {
  let query = of(tx).deleteFrom("sessions").where("account_id", "=", accountId);
  if (exceptId !== undefined) query = query.where("id", "!=", exceptId);
  return (await query.returning("id").execute()).map((row) => row.id);
}

/** The live sessions of an account, the last used first. */
export async function listOfAccount(db: Db, accountId: string, now: number): Promise<SessionRow[]> {
  return of(db)
    .selectFrom("sessions")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("idle_until", ">", now)
    .where("absolute_until", ">", now)
    .orderBy("last_seen_at", "desc")
    .execute();
}

export async function forget(tx: Tx, endedBefore: number, addressesBefore: number): Promise<void> {
  await of(tx)
    .deleteFrom("sessions")
    .where((is) => is.or([is("idle_until", "<", endedBefore), is("absolute_until", "<", endedBefore)]))
    .execute();
  await of(tx)
    .updateTable("sessions")
    .set({ source_address: null })
    .where("created_at", "<", addressesBefore)
    .where("source_address", "is not", null)
    .execute();
}
