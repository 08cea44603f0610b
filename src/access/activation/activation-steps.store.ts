import type { Db, Tx } from "../../store/store.ts";

/** `begun`: this browser proved who it is for, and goes on page by page; the others are final. */
export type ActivationStatus = "begun" | "opened" | "ended";

export interface ActivationRow {
  id: string;
  browser_digest: string;
  account_id: string;
  /** The code of a letter that was proved, and must stay live until the account is open. */
  letter_id: string | null;
  /** The mobile number that was proved. */
  contact_point_id: string | null;
  /** The password chosen; erased with the end. */
  password_hash: string | null;
  status: ActivationStatus;
  begun_at: number;
  expires_at: number;
}

interface ActivationTables {
  activations: ActivationRow;
}

const of = (db: Db) => db.tables<ActivationTables>();

export async function insert(tx: Tx, row: ActivationRow): Promise<void> {
  await of(tx).insertInto("activations").values(row).execute();
}

export async function findById(db: Db, id: string): Promise<ActivationRow | null> {
  return (await of(db).selectFrom("activations").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

/** The newest activation of this browser, whatever became of it. */
export async function latestOfBrowser(db: Db, browserDigests: string[]): Promise<ActivationRow | null> {
  const row = await of(db)
    .selectFrom("activations")
    .selectAll()
    .where("browser_digest", "in", browserDigests)
    .orderBy("begun_at", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** Keeps the password chosen; false if the activation is over. */
export async function keepPassword(
  tx: Tx,
  id: string,
  change: { password_hash: string; expires_at: number },
): Promise<boolean> {
  const updated = await of(tx)
    .updateTable("activations")
    .set(change)
    .where("id", "=", id)
    .where("status", "=", "begun")
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

/** Waits longer, for a message that is on its way. */
export async function prolong(tx: Tx, id: string, expiresAt: number): Promise<void> {
  await of(tx)
    .updateTable("activations")
    .set({ expires_at: expiresAt })
    .where("id", "=", id)
    .where("status", "=", "begun")
    .where("expires_at", "<", expiresAt)
    .execute();
}

/** Ends one activation; false for all but one of those who try at once. */
export async function end(tx: Tx, id: string, status: "opened" | "ended"): Promise<boolean> {
  const updated = await of(tx)
    .updateTable("activations")
    .set({ status, password_hash: null })
    .where("id", "=", id)
    .where("status", "=", "begun")
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

export async function endOfBrowser(tx: Tx, browserDigests: string[]): Promise<void> {
  await of(tx)
    .updateTable("activations")
    .set({ status: "ended", password_hash: null })
    .where("browser_digest", "in", browserDigests)
    .where("status", "=", "begun")
    .execute();
}

/** The account is open: what other browsers began for it leads nowhere. */
export async function endOfAccount(tx: Tx, accountId: string): Promise<void> {
  await of(tx)
    .updateTable("activations")
    .set({ status: "ended", password_hash: null })
    .where("account_id", "=", accountId)
    .where("status", "=", "begun")
    .execute();
}

/** Forgets what came to nothing, with the passwords chosen there. */
export async function forget(tx: Tx, expiredBefore: number): Promise<void> {
  await of(tx).deleteFrom("activations").where("expires_at", "<", expiredBefore).execute();
}
