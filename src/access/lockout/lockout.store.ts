import type { Asked, Db, Tx } from "../../store/store.ts";

export interface CounterRow {
  key: string;
  failures: number;
  last_failure_at: number;
  locked_until: number | null;
  lock_id: string | null;
}

interface LockoutTables {
  lockout_counters: CounterRow;
}

const of = (db: Db) => db.tables<LockoutTables>();

export type Charged = Pick<CounterRow, "failures" | "locked_until" | "lock_id">;

const isOver =
  "(lockout_counters.last_failure_at <= ? or lockout_counters.locked_until <= excluded.last_failure_at)";
const isLast = "lockout_counters.failures + 1 >= ?";
const chargeStatement = `insert into lockout_counters (key, failures, last_failure_at, locked_until, lock_id)
  values (?, 1, ?, null, null)
  on conflict (key) do update set
    failures = case when ${isOver} then 1 else lockout_counters.failures + 1 end,
    last_failure_at = excluded.last_failure_at,
    locked_until = case when ${isOver} then null when ${isLast} then cast(? as bigint) else null end,
    lock_id = case when ${isOver} then null when ${isLast} then cast(? as text) else null end
  where lockout_counters.locked_until is null or lockout_counters.locked_until <= excluded.last_failure_at
  returning failures, locked_until, lock_id`;

/**
 * Charges one try in one conditional statement; null while the counter is locked. The try that uses up the limit
 * locks the counter in the same statement, so that no other can slip in before it is judged. A count that is old,
 * or whose lock is over, starts again.
 */
export async function charge(
  db: Asked,
  key: string,
  rule: { now: number; countsFrom: number; triesBeforeLock: number; lockedUntil: number; lockId: string },
): Promise<Charged | null> {
  const { now, countsFrom, triesBeforeLock, lockedUntil, lockId } = rule;
  const lockedUntilIf = [countsFrom, triesBeforeLock, lockedUntil];
  const lockIdIf = [countsFrom, triesBeforeLock, lockId];
  const [row] = await db.ask<Charged>(chargeStatement, [key, now, countsFrom, ...lockedUntilIf, ...lockIdIf]);
  return row ?? null;
}

export async function find(db: Asked, key: string): Promise<CounterRow | null> {
  const [row] = await db.ask<CounterRow>("select * from lockout_counters where key = ?", [key]);
  return row ?? null;
}

/** Gives a try back that was charged and never judged; the lock that it made goes with it, and no other. */
export async function refund(tx: Tx, key: string, lockId: string | null): Promise<void> {
  let update = of(tx)
    .updateTable("lockout_counters")
    .set((set) => ({ failures: set("failures", "-", 1), locked_until: null, lock_id: null }))
    .where("key", "=", key)
    .where("failures", ">", 0);
  update = lockId === null ? update.where("lock_id", "is", null) : update.where("lock_id", "=", lockId);
  await update.execute();
}

export async function remove(tx: Tx, keys: string[]): Promise<void> {
  const places = keys.map(() => "?").join(", ");
  if (keys.length > 0) await tx.ask(`delete from lockout_counters where key in (${places})`, keys);
}

/** Those of these counters that are locked now. */
export async function listLocked(db: Db, keys: string[], now: number): Promise<CounterRow[]> {
  if (keys.length === 0) return [];
  return of(db)
    .selectFrom("lockout_counters")
    .selectAll()
    .where("key", "in", keys)
    .where("locked_until", ">", now)
    .orderBy("locked_until", "desc")
    .execute();
}

/** Until when the last of these locks lasts; null when none is locked. */
export async function lockedUntil(db: Db, keys: string[], now: number): Promise<number | null> {
  if (keys.length === 0) return null;
  const row = await of(db)
    .selectFrom("lockout_counters")
    .select((select) => select.fn.max("locked_until").as("until"))
    .where("key", "in", keys)
    .where("locked_until", ">", now)
    .executeTakeFirst();
  return row?.until ?? null;
}

export async function forget(tx: Tx, before: number, now: number): Promise<void> {
  await of(tx)
    .deleteFrom("lockout_counters")
    .where("last_failure_at", "<", before)
    .where((is) => is.or([is("locked_until", "is", null), is("locked_until", "<", now)]))
    .execute();
}
