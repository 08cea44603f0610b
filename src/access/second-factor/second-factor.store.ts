import { holding } from "../../store/abilities.ts";
import type { Db, Tx } from "../../store/store.ts";

export interface SecondFactorRow {
  account_id: string;
  /** The shared secret, sealed. */
  secret: string;
  set_up_at: number;
  /** The last step whose code was taken. */
  last_step: number;
  codes_made_at: number;
  /** When the person said that they had kept their recovery codes; null until they did. */
  codes_kept_at: number | null;
}

export type ResetStatus = "waiting" | "kept" | "done";

export interface ResetRow {
  id: string;
  account_id: string;
  asked_by: string;
  asked_at: number;
  effective_at: number;
  keep_digest: string;
  status: ResetStatus;
  status_at: number;
}

interface SecondFactorTables {
  second_factors: SecondFactorRow;
  second_factor_codes: { digest: string; account_id: string; used_at: number | null };
  second_factor_resets: ResetRow;
}

const of = (db: Db) => db.tables<SecondFactorTables>();

export async function find(db: Db, accountId: string): Promise<SecondFactorRow | null> {
  const row = await of(db)
    .selectFrom("second_factors")
    .selectAll()
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return row ?? null;
}

export async function insert(tx: Tx, row: SecondFactorRow): Promise<void> {
  await of(tx).insertInto("second_factors").values(row).execute();
}

/** Takes it away with its recovery codes; false if there was none. */
export async function remove(tx: Tx, accountId: string): Promise<boolean> {
  const removed = await of(tx)
    .deleteFrom("second_factors")
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return removed.numDeletedRows === 1n;
}

/**
 * Takes a step that is later than every one taken before: of those who show the same code, one gets through.
 * `secret`: sealed anew, so that a secret in use outlives the rotation of the master secret.
 */
export async function takeStep(tx: Tx, accountId: string, step: number, secret: string): Promise<boolean> {
  const taken = await of(tx)
    .updateTable("second_factors")
    .set({ last_step: step, secret })
    .where("account_id", "=", accountId)
    .where("last_step", "<", step)
    .executeTakeFirst();
  return taken.numUpdatedRows === 1n;
}

/** Puts these recovery codes in the place of all others. */
export async function replaceCodes(tx: Tx, accountId: string, digests: string[], now: number): Promise<void> {
  await of(tx).deleteFrom("second_factor_codes").where("account_id", "=", accountId).execute();
  await of(tx)
    .insertInto("second_factor_codes")
    .values(digests.map((digest) => ({ digest, account_id: accountId, used_at: null })))
    .execute();
  await of(tx)
    .updateTable("second_factors")
    .set({ codes_made_at: now, codes_kept_at: null })
    .where("account_id", "=", accountId)
    .execute();
}

export async function markCodesKept(tx: Tx, accountId: string, now: number): Promise<void> {
  await of(tx)
    .updateTable("second_factors")
    .set({ codes_kept_at: now })
    .where("account_id", "=", accountId)
    .where("codes_kept_at", "is", null)
    .execute();
}

/** Spends a recovery code: of those who show the same one, one gets through. */
export async function spendCode(tx: Tx, accountId: string, digests: string[], now: number): Promise<boolean> {
  const spent = await of(tx)
    .updateTable("second_factor_codes")
    .set({ used_at: now })
    .where("account_id", "=", accountId)
    .where("digest", "in", digests)
    .where("used_at", "is", null)
    .executeTakeFirst();
  return spent.numUpdatedRows === 1n;
}

export async function countCodesLeft(db: Db, accountId: string): Promise<number> {
  const row = await of(db)
    .selectFrom("second_factor_codes")
    .select((select) => select.fn.countAll().as("left"))
    .where("account_id", "=", accountId)
    .where("used_at", "is", null)
    .executeTakeFirst();
  return Number(row?.left ?? 0);
}

/** False while another reset of this account waits already. */
export async function insertReset(tx: Tx, row: ResetRow): Promise<boolean> {
  const inserted = await of(tx)
    .insertInto("second_factor_resets")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

export async function waitingReset(db: Db, accountId: string): Promise<ResetRow | null> {
  const row = await of(db)
    .selectFrom("second_factor_resets")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("status", "=", "waiting")
    .executeTakeFirst();
  return row ?? null;
}

export async function findResetByLink(db: Db, digests: string[]): Promise<ResetRow | null> {
  const row = await of(db)
    .selectFrom("second_factor_resets")
    .selectAll()
    .where("keep_digest", "in", digests)
    .executeTakeFirst();
  return row ?? null;
}

/** What waits no longer, at most 50 at once, held until the transaction ends. */
export async function dueResets(tx: Tx, now: number): Promise<ResetRow[]> {
  const query = of(tx)
    .selectFrom("second_factor_resets")
    .selectAll()
    .where("status", "=", "waiting")
    .where("effective_at", "<=", now)
    .orderBy("effective_at")
    .limit(50);
  return holding(tx, query).execute();
}

/** Ends a reset that waits; false if somebody else did. */
export async function endReset(
  tx: Tx,
  id: string,
  status: Exclude<ResetStatus, "waiting">,
  now: number,
): Promise<boolean> {
  const ended = await of(tx)
    .updateTable("second_factor_resets")
    .set({ status, status_at: now })
    .where("id", "=", id)
    .where("status", "=", "waiting")
    .executeTakeFirst();
  return ended.numUpdatedRows === 1n;
}

/** After a restore: what was asked for then may have been refused since. */
export async function endWaitingResets(tx: Tx, now: number): Promise<void> {
  await of(tx)
    .updateTable("second_factor_resets")
    .set({ status: "kept", status_at: now })
    .where("status", "=", "waiting")
    .execute();
}

/** Closed accounts open no desk. */
export async function forgetOfClosed(tx: Tx): Promise<void> {
  await tx.ask(
    "delete from second_factors where account_id in (select id from accounts where status = 'closed')",
    [],
  );
}

export async function forgetResets(tx: Tx, endedBefore: number): Promise<void> {
  await of(tx)
    .deleteFrom("second_factor_resets")
    .where("status", "!=", "waiting")
    .where("status_at", "<", endedBefore)
    .execute();
}
