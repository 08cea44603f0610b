import { sql } from "kysely";
import { skippingTaken } from "../../store/abilities.ts";
import type { Db, Tx } from "../../store/store.ts";

export interface InboundMailRow {
  id: string;
  recipient: string;
  handler: string;
  fingerprint: string;
  envelope_from: string;
  bytes: number;
  received_at: number;
  /** `waiting` until it was read; the others are final. */
  status: "waiting" | "done" | "ignored" | "unreadable";
  result: string | null;
  due_at: number;
  lease_until: number | null;
  lease_owner: string | null;
  tries: number;
  ended_at: number | null;
}

interface InboundTables {
  inbound_mails: InboundMailRow;
  inbound_mail_parts: { mail_id: string; position: number; sealed: string };
}

const of = (db: Db) => db.tables<InboundTables>();

/** False when the same mail was accepted before: it is here already. */
export async function insert(tx: Tx, row: InboundMailRow, parts: string[]): Promise<boolean> {
  const inserted = await of(tx)
    .insertInto("inbound_mails")
    .values(row)
    .onConflict((conflict) => conflict.column("fingerprint").doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows !== 1n) return false;
  for (const [position, sealed] of parts.entries()) {
    await of(tx).insertInto("inbound_mail_parts").values({ mail_id: row.id, position, sealed }).execute();
  }
  return true;
}

/** Leases the mail that has waited longest to `owner`; null when none is due. */
export async function claim(
  tx: Tx,
  now: number,
  owner: string,
  leaseUntil: number,
): Promise<InboundMailRow | null> {
  const due = await skippingTaken(
    tx,
    of(tx)
      .selectFrom("inbound_mails")
      .select("id")
      .where("status", "=", sql.lit("waiting"))
      .where("due_at", "<=", now)
      .where((is) => is.or([is("lease_until", "is", null), is("lease_until", "<=", now)]))
      .orderBy("due_at")
      .orderBy("id")
      .limit(1),
  ).executeTakeFirst();
  if (!due) return null;
  const claimed = await of(tx)
    .updateTable("inbound_mails")
    .set((set) => ({ lease_until: leaseUntil, lease_owner: owner, tries: set("tries", "+", 1) }))
    .where("id", "=", due.id)
    .returningAll()
    .executeTakeFirst();
  return claimed ?? null;
}

/** Erases the bytes of a mail that was read: what it caused stands elsewhere, and its row says what became of it. */
export async function eraseParts(tx: Tx, mailId: string): Promise<void> {
  await of(tx).deleteFrom("inbound_mail_parts").where("mail_id", "=", mailId).execute();
}

/** The sealed pieces of a mail, in order. */
export async function partsOf(db: Db, mailId: string): Promise<string[]> {
  const rows = await of(db)
    .selectFrom("inbound_mail_parts")
    .select("sealed")
    .where("mail_id", "=", mailId)
    .orderBy("position")
    .execute();
  return rows.map(({ sealed }) => sealed);
}

/** True for the one caller that may end it now. */
export async function end(tx: Tx, id: string, owner: string, now: number): Promise<boolean> {
  const updated = await of(tx)
    .updateTable("inbound_mails")
    .set({ status: "done", ended_at: now, lease_until: null, lease_owner: null })
    .where("id", "=", id)
    .where("lease_owner", "=", owner)
    .where("status", "=", "waiting")
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

export async function setResult(
  tx: Tx,
  id: string,
  result: Pick<InboundMailRow, "status" | "result">,
): Promise<void> {
  await of(tx).updateTable("inbound_mails").set(result).where("id", "=", id).execute();
}

/** It waits again, inside the transaction that was to end it. */
export async function putBack(tx: Tx, id: string, dueAt: number): Promise<void> {
  await of(tx)
    .updateTable("inbound_mails")
    .set({ status: "waiting", due_at: dueAt, ended_at: null })
    .where("id", "=", id)
    .execute();
}

export async function postpone(tx: Tx, id: string, owner: string, dueAt: number): Promise<void> {
  await of(tx)
    .updateTable("inbound_mails")
    .set({ due_at: dueAt, lease_until: null, lease_owner: null })
    .where("id", "=", id)
    .where("lease_owner", "=", owner)
    .execute();
}

/** Whether anything waits for `claim`: a look that takes no lock. */
export async function hasDue(db: Db, now: number): Promise<boolean> {
  const row = await of(db)
    .selectFrom("inbound_mails")
    .select("id")
    .where("status", "=", sql.lit("waiting"))
    .where("due_at", "<=", now)
    .where((is) => is.or([is("lease_until", "is", null), is("lease_until", "<=", now)]))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** For the only process of a database: what a killed predecessor was reading is free again. */
export async function releaseAll(tx: Tx): Promise<void> {
  await of(tx)
    .updateTable("inbound_mails")
    .set({ lease_until: null, lease_owner: null })
    .where("status", "=", sql.lit("waiting"))
    .execute();
}

/** Removes mails that ended before; what still waits is kept for as long as it takes. */
export async function forget(tx: Tx, endedBefore: number): Promise<void> {
  await of(tx).deleteFrom("inbound_mails").where("ended_at", "<", endedBefore).execute();
}

/** How many wait, their bytes, and since when the oldest does. */
export async function countWaiting(db: Db): Promise<{ count: number; bytes: number; since: number | null }> {
  const row = await of(db)
    .selectFrom("inbound_mails")
    .select((select) => [
      select.fn.countAll<number>().as("count"),
      select.fn.sum<number | null>("bytes").as("bytes"),
      select.fn.min("received_at").as("since"),
    ])
    .where("status", "=", sql.lit("waiting"))
    .executeTakeFirst();
  return { count: Number(row?.count ?? 0), bytes: Number(row?.bytes ?? 0), since: row?.since ?? null };
}
