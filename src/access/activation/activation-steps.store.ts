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
  /** Until when the browser that began may go on; a later act there moves it. */
  browser_until: number;
  /** Until when the link of a message may open the account: never before `browser_until`. */
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
  change: Pick<ActivationRow, "browser_until" | "expires_at"> & { password_hash: string },
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
export async function prolong(
  tx: Tx,
  id: string,
  until: Pick<ActivationRow, "browser_until" | "expires_at">,
): Promise<void> {
  await of(tx)
    .updateTable("activations")
    .set(until)
    .where("id", "=", id)
    .where("status", "=", "begun")
    .execute();
}

/** This browser goes on with nothing that it began; what is on its way to somebody's mailbox still serves. */
export async function letGoOf(tx: Tx, browserDigests: string[], now: number): Promise<void> {
  await of(tx)
    .updateTable("activations")
    .set({ browser_until: now })
    .where("browser_digest", "in", browserDigests)
    .where("status", "=", "begun")
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

/** Ends what was begun for an account: everywhere, or in one browser. */
export async function endOfAccount(tx: Tx, accountId: string, browserDigests?: string[]): Promise<void> {
  let update = of(tx)
    .updateTable("activations")
    .set({ status: "ended", password_hash: null })
    .where("account_id", "=", accountId)
    .where("status", "=", "begun");
  if (browserDigests !== undefined) update = update.where("browser_digest", "in", browserDigests);
  await update.execute();
}

/** Forgets what came to nothing, with the passwords chosen there. */
export async function forget(tx: Tx, expiredBefore: number): Promise<void> {
  await of(tx).deleteFrom("activations").where("expires_at", "<", expiredBefore).execute();
}
