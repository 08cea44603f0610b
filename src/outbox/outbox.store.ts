import { skippingTaken } from "../store/abilities.ts";
import type { Db, Tx } from "../store/store.ts";

export type MessageChannel = "email" | "sms";
/** Each on its own: the index of what waits begins with the channel. */
export const messageChannels: MessageChannel[] = ["email", "sms"];

/** `queued` waits or will be tried again; `sending` is leased; the others are final, and hold no secret. */
export type MessageStatus = "queued" | "sending" | "held" | "sent" | "failed" | "given-up" | "cancelled";

export interface MessageRow {
  id: string;
  correlation_id: string;
  account_id: string | null;
  contact_point_id: string | null;
  challenge_id: string | null;
  channel: MessageChannel;
  route: string;
  recipient: string;
  recipient_key: string;
  template: string;
  locale: string;
  params: string;
  secrets: string | null;
  priority: number;
  status: MessageStatus;
  status_at: number;
  queued_at: number;
  due_at: number;
  useful_until: number;
  lease_until: number | null;
  lease_owner: string | null;
  tries: number;
  left_at: number | null;
  provider_id: string | null;
}

export interface AttemptRow {
  id: string;
  message_id: string;
  route: string;
  started_at: number;
  ended_at: number;
  outcome: string;
  code: string | null;
  detail: string;
}

interface OutboxTables {
  messages: MessageRow;
  message_attempts: AttemptRow;
  suppressions: { recipient_key: string; channel: string; reason: string; since: number };
}

export async function insert(tx: Tx, row: MessageRow): Promise<void> {
  await tx.tables<OutboxTables>().insertInto("messages").values(row).execute();
}

/** Leases up to `limit` due messages of a channel to `owner`, the most urgent first. */
export async function claim(
  tx: Tx,
  channel: MessageChannel,
  now: number,
  owner: string,
  leaseUntil: number,
  limit: number,
): Promise<MessageRow[]> {
  const tables = tx.tables<OutboxTables>();
  const due = await skippingTaken(
    tx,
    tables
      .selectFrom("messages")
      .select("id")
      .where("channel", "=", channel)
      .where("status", "in", ["queued", "sending"])
      .where("due_at", "<=", now)
      .where((is) => is.or([is("status", "=", "queued"), is("lease_until", "<=", now)]))
      .orderBy("priority")
      .orderBy("due_at")
      .limit(limit),
  ).execute();
  if (due.length === 0) return [];
  const claimed = await tables
    .updateTable("messages")
    .set((set) => ({
      status: "sending" as const,
      status_at: now,
      lease_until: leaseUntil,
      lease_owner: owner,
      tries: set("tries", "+", 1),
    }))
    .where(
      "id",
      "in",
      due.map((row) => row.id),
    )
    .returningAll()
    .execute();
  // An update answers in any order.
  return claimed.sort((a, b) => a.priority - b.priority || a.due_at - b.due_at);
}

/**
 * Ends or requeues a message that `owner` holds; false if the lease was lost meanwhile. One that was cancelled while
 * it was being sent may have left, or been refused for good; otherwise it stays cancelled.
 */
export async function settle(
  tx: Tx,
  id: string,
  owner: string,
  change: Partial<Pick<MessageRow, "status" | "due_at" | "left_at" | "provider_id" | "secrets">>,
  now: number,
): Promise<boolean> {
  const free = { lease_until: null, lease_owner: null };
  const held = tx
    .tables<OutboxTables>()
    .updateTable("messages")
    .where("id", "=", id)
    .where("lease_owner", "=", owner);
  const isSaid = change.status === "sent" || change.status === "failed";
  const settled = await held
    .set({ ...change, status_at: now, ...free })
    .where("status", "in", isSaid ? ["sending", "cancelled"] : ["sending"])
    .executeTakeFirst();
  if (settled.numUpdatedRows === 1n) return true;
  const stayed = await held.set(free).where("status", "=", "cancelled").executeTakeFirst();
  return stayed.numUpdatedRows === 1n;
}

export async function recordAttempt(tx: Tx, row: AttemptRow): Promise<void> {
  await tx.tables<OutboxTables>().insertInto("message_attempts").values(row).execute();
}

/** How many tries of a message ended without anybody knowing whether it was taken. */
export async function countUnanswered(db: Db, messageId: string): Promise<number> {
  const row = await db
    .tables<OutboxTables>()
    .selectFrom("message_attempts")
    .select((select) => select.fn.countAll<number>().as("count"))
    .where("message_id", "=", messageId)
    .where("outcome", "=", "unanswered")
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

/** What has not left yet for this challenge will not leave; what is leaving now is not tried again. */
export async function cancelOfChallenge(tx: Tx, challengeId: string, now: number): Promise<void> {
  await tx
    .tables<OutboxTables>()
    .updateTable("messages")
    .set({ status: "cancelled", status_at: now, secrets: null })
    .where("challenge_id", "=", challengeId)
    .where("status", "in", ["queued", "held", "sending"])
    .execute();
}

/** For the only process of a database: what a killed predecessor was sending is to be sent again. */
export async function releaseAll(tx: Tx): Promise<void> {
  await tx
    .tables<OutboxTables>()
    .updateTable("messages")
    .set({ status: "queued", lease_until: null, lease_owner: null })
    .where("channel", "in", messageChannels)
    .where("status", "=", "sending")
    .execute();
}

/** Messages held by a restore leave after all; answers how many. */
export async function releaseHeld(tx: Tx, now: number): Promise<number> {
  const updated = await tx
    .tables<OutboxTables>()
    .updateTable("messages")
    .set({ status: "queued", status_at: now, due_at: now })
    .where("channel", "in", messageChannels)
    .where("status", "=", "held")
    .executeTakeFirst();
  return Number(updated.numUpdatedRows);
}

/** Whether anything waits for `claim`: a look that takes no lock. */
export async function hasDue(db: Db, channel: MessageChannel, now: number): Promise<boolean> {
  const row = await db
    .tables<OutboxTables>()
    .selectFrom("messages")
    .select("id")
    .where("channel", "=", channel)
    .where("status", "in", ["queued", "sending"])
    .where("due_at", "<=", now)
    .where((is) => is.or([is("status", "=", "queued"), is("lease_until", "<=", now)]))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** When the oldest message that is due but not sent became due; null when none waits. */
export async function oldestWaiting(db: Db, now: number): Promise<number | null> {
  const row = await db
    .tables<OutboxTables>()
    .selectFrom("messages")
    .select((select) => select.fn.min("queued_at").as("queued_at"))
    .where("channel", "in", messageChannels)
    .where("status", "in", ["queued", "sending"])
    .where("queued_at", "<=", now)
    .executeTakeFirst();
  return row?.queued_at ?? null;
}

export async function listUnsent(db: Db, limit: number): Promise<MessageRow[]> {
  return db
    .tables<OutboxTables>()
    .selectFrom("messages")
    .selectAll()
    .where("channel", "in", messageChannels)
    .where("status", "in", ["queued", "sending", "held"])
    .orderBy("queued_at")
    .limit(limit)
    .execute();
}

/** What the words of these messages were given, as JSON: a reply names the message that it answers. */
export async function paramsOf(db: Db, ids: string[]): Promise<{ id: string; params: string }[]> {
  if (ids.length === 0) return [];
  return db
    .tables<OutboxTables>()
    .selectFrom("messages")
    .select(["id", "params"])
    .where("id", "in", ids)
    .execute();
}

/** What a timeline shows of a message: never its words, its code or its link. */
export type SentRow = Pick<
  MessageRow,
  | "id"
  | "account_id"
  | "channel"
  | "recipient"
  | "template"
  | "locale"
  | "status"
  | "status_at"
  | "queued_at"
  | "due_at"
  | "useful_until"
  | "tries"
  | "left_at"
>;

const sentColumns = [
  "id",
  "account_id",
  "channel",
  "recipient",
  "template",
  "locale",
  "status",
  "status_at",
  "queued_at",
  "due_at",
  "useful_until",
  "tries",
  "left_at",
] as const;

/** The newest messages of an account; with `before`, those older than that moment and id. */
export async function listOfAccount(
  db: Db,
  accountId: string,
  limit: number,
  before?: { at: number; id: string },
): Promise<SentRow[]> {
  let query = db
    .tables<OutboxTables>()
    .selectFrom("messages")
    .select(sentColumns)
    .where("account_id", "=", accountId);
  if (before !== undefined) {
    query = query.where((is) =>
      is.or([
        is("queued_at", "<", before.at),
        is.and([is("queued_at", "=", before.at), is("id", "<", before.id)]),
      ]),
    );
  }
  return query.orderBy("queued_at", "desc").orderBy("id", "desc").limit(limit).execute();
}

/** The newest messages to an address or number, whoever they were about. */
export async function listOfRecipient(db: Db, recipientKey: string, limit: number): Promise<SentRow[]> {
  return db
    .tables<OutboxTables>()
    .selectFrom("messages")
    .select(sentColumns)
    .where("recipient_key", "=", recipientKey)
    .orderBy("queued_at", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
}

/** Every attempt to send these messages, the first first. */
export async function attemptsOf(db: Db, messageIds: string[]): Promise<AttemptRow[]> {
  if (messageIds.length === 0) return [];
  return db
    .tables<OutboxTables>()
    .selectFrom("message_attempts")
    .selectAll()
    .where("message_id", "in", messageIds)
    .orderBy("started_at")
    .orderBy("id")
    .execute();
}

/** Why and since when nothing unasked is sent to an address; null where that is not so. */
export async function findSuppression(
  db: Db,
  recipientKey: string,
): Promise<{ reason: string; since: number } | null> {
  const row = await db
    .tables<OutboxTables>()
    .selectFrom("suppressions")
    .select(["reason", "since"])
    .where("recipient_key", "=", recipientKey)
    .executeTakeFirst();
  return row ?? null;
}

/** What came of the newest attempt to send a message; null before the first. */
export async function lastAttempt(db: Db, messageId: string): Promise<AttemptRow | null> {
  const row = await db
    .tables<OutboxTables>()
    .selectFrom("message_attempts")
    .selectAll()
    .where("message_id", "=", messageId)
    .orderBy("started_at", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

export async function suppress(
  tx: Tx,
  row: { recipient_key: string; channel: string; reason: string; since: number },
): Promise<void> {
  await tx
    .tables<OutboxTables>()
    .insertInto("suppressions")
    .values(row)
    .onConflict((conflict) => conflict.column("recipient_key").doNothing())
    .execute();
}

export async function isSuppressed(db: Db, recipientKey: string): Promise<boolean> {
  const row = await db
    .tables<OutboxTables>()
    .selectFrom("suppressions")
    .select("since")
    .where("recipient_key", "=", recipientKey)
    .executeTakeFirst();
  return row !== undefined;
}

/** Something is sent there again; with `reason`, only where that is what the reason began with. */
export async function unsuppress(tx: Tx, recipientKey: string, reason = ""): Promise<void> {
  await tx
    .tables<OutboxTables>()
    .deleteFrom("suppressions")
    .where("recipient_key", "=", recipientKey)
    .where("reason", "like", `${reason}%`)
    .execute();
}

export async function forget(tx: Tx, before: number): Promise<void> {
  await tx
    .tables<OutboxTables>()
    .deleteFrom("messages")
    .where("queued_at", "<", before)
    .where("status", "not in", ["queued", "sending", "held"])
    .execute();
}

/** An address that refused long ago may work again by now. */
export async function forgetSuppressions(tx: Tx, before: number): Promise<void> {
  await tx.tables<OutboxTables>().deleteFrom("suppressions").where("since", "<", before).execute();
}

/** What has not been sent, by what it waits for and the way it takes. */
export async function countUnsent(
  db: Db,
): Promise<{ status: MessageStatus; channel: string; route: string; count: number }[]> {
  const rows = await db
    .tables<OutboxTables>()
    .selectFrom("messages")
    .select((select) => ["status", "channel", "route", select.fn.countAll<number>().as("count")])
    .where("channel", "in", messageChannels)
    .where("status", "in", ["queued", "sending", "held"])
    .groupBy(["status", "channel", "route"])
    .execute();
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}

/** After a restore: nothing leaves until the operator says so. */
export async function holdAll(tx: Tx, now: number): Promise<void> {
  await tx
    .tables<OutboxTables>()
    .updateTable("messages")
    .set({ status: "held", status_at: now, lease_until: null, lease_owner: null })
    .where("channel", "in", messageChannels)
    .where("status", "in", ["queued", "sending"])
    .execute();
}

export async function countHeld(db: Db): Promise<number> {
  const row = await db
    .tables<OutboxTables>()
    .selectFrom("messages")
    .select((select) => select.fn.countAll<number>().as("count"))
    .where("channel", "in", messageChannels)
    .where("status", "=", "held")
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}
