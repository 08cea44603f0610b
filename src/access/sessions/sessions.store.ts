import { inserting } from "../../store/abilities.ts";
import type { Db, Store, Tx } from "../../store/store.ts";

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
  second_factor_at: number | null;
}

interface SessionTables {
  sessions: SessionRow;
}

const of = (db: Db) => db.tables<SessionTables>();

export const insert = inserting<SessionRow>("sessions", [
  "id",
  "digest",
  "account_id",
  "known_browser_id",
  "created_at",
  "last_seen_at",
  "idle_until",
  "absolute_until",
  "is_remembered",
  "browser",
  "source_address",
  "second_factor_at",
]);

export interface LiveSession {
  id: string;
  digest: string;
  account_id: string;
  last_seen_at: number;
  is_remembered: number;
  absolute_until: number;
  name: string;
  locale: string;
  kind: string;
  nickname: string | null;
  username: string | null;
  second_factor_at: number | null;
}

const liveSession = `select s.id, s.digest, s.account_id, s.last_seen_at, s.is_remembered, s.absolute_until,
  s.second_factor_at, a.name, a.locale, a.kind, a.nickname,
  (select i.shown from identifiers i where i.account_id = a.id and i.kind = 'username' limit 1) as username
  from sessions s join accounts a on a.id = s.account_id
  where a.status = 'active' and s.idle_until > ? and s.absolute_until > ?`;

/**
 * Live sessions by digest, with who is signed in. Asked at every request: the statement is written out, since
 * building it costs more than the database takes to answer it.
 */
export async function findLive(store: Store, digests: string[], now: number): Promise<LiveSession[]> {
  return store.engine === "postgres"
    ? store.ask(`${liveSession} and s.digest = any(cast(? as text[]))`, [now, now, digests])
    : store.ask(`${liveSession} and s.digest in (select value from json_each(?))`, [
        now,
        now,
        JSON.stringify(digests),
      ]);
}

export async function touch(tx: Tx, id: string, now: number, idleUntil: number): Promise<void> {
  await of(tx)
    .updateTable("sessions")
    .set({ last_seen_at: now, idle_until: idleUntil })
    .where("id", "=", id)
    .execute();
}

/** Gives a session a new cookie; null if it has ended. */
export async function renew(
  tx: Tx,
  id: string,
  change: { digest: string; second_factor_at?: number },
): Promise<SessionRow | null> {
  const row = await of(tx)
    .updateTable("sessions")
    .set(change)
    .where("id", "=", id)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** No session of the account counts as proved by a second factor any more. */
export async function forgetProofs(tx: Tx, accountId: string): Promise<void> {
  await of(tx)
    .updateTable("sessions")
    .set({ second_factor_at: null })
    .where("account_id", "=", accountId)
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

/** Signs everybody out, after a restore. */
export async function removeAll(tx: Tx): Promise<void> {
  await of(tx).deleteFrom("sessions").execute();
}
