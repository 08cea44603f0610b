import { sql } from "kysely";
import type { DeliveryReceipt } from "../channels/smpp-receipt.ts";
import { day } from "../kernel/clock.ts";
import type { Db, Tx } from "../store/store.ts";
import type { MessageRow } from "./outbox.store.ts";

/** What a receipt needs to know of the message that it is about. */
export type ReceiptedMessage = Pick<
  MessageRow,
  "id" | "channel" | "route" | "recipient_key" | "contact_point_id" | "queued_at"
>;

interface ReceiptTables {
  messages: ReceiptedMessage & Pick<MessageRow, "provider_id">;
  message_parts: { route: string; provider_id: string; message_id: string };
  message_receipts: {
    route: string;
    provider_id: string;
    outcome: DeliveryReceipt["outcome"];
    reason: DeliveryReceipt["reason"];
    code: string | null;
    received_at: number;
  };
}

/** What became of a message that a route took: of all its parts together. */
export interface MessageReceipt {
  outcome: "delivered" | "not-delivered" | "on-its-way";
  /** Why it was not delivered; null otherwise. */
  reason: DeliveryReceipt["reason"];
  /** The network's own code. */
  code: string | null;
  /** When the last receipt came. */
  at: number;
}

/** Providers count their ids round: after so long the same id is another message. */
const idsLastFor = 7 * day;
/** From when a message is asked for until its last receipt: tries, then the time that networks take. */
const receiptsComeFor = idsLastFor + 4 * day;

const isOf = ({ queued_at: queuedAt }: { queued_at: number }, receivedAt: number): boolean =>
  receivedAt >= queuedAt && receivedAt <= queuedAt + receiptsComeFor;

/**
 * Keeps a receipt; false where it says nothing new. The first that says the end stays: providers repeat them, in any
 * order. The message may not be recorded as sent yet.
 */
export async function keepReceipt(
  tx: Tx,
  route: string,
  { providerId, outcome, reason, code }: DeliveryReceipt,
  now: number,
): Promise<boolean> {
  const row = { route, provider_id: providerId, outcome, reason, code, received_at: now };
  const kept = await tx
    .tables<ReceiptTables>()
    .insertInto("message_receipts")
    .values(row)
    .onConflict((conflict) =>
      conflict
        .columns(["route", "provider_id"])
        .doUpdateSet({ outcome, reason, code, received_at: now })
        .where(
          sql<boolean>`message_receipts.outcome = 'on-its-way' or message_receipts.received_at < ${now - idsLastFor}`,
        ),
    )
    .executeTakeFirst();
  return kept.numInsertedOrUpdatedRows === 1n;
}

/** By what id a route knows a message, or a part of it; an id that it gives out again is the newest's. */
export async function keepPart(
  tx: Tx,
  part: { route: string; provider_id: string; message_id: string },
): Promise<void> {
  await tx
    .tables<ReceiptTables>()
    .insertInto("message_parts")
    .values(part)
    .onConflict((conflict) =>
      conflict.columns(["route", "provider_id"]).doUpdateSet({ message_id: part.message_id }),
    )
    .execute();
}

/** The message that a receipt of `receivedAt` is about; null where none is recorded as sent under its id. */
export async function messageOfPart(
  db: Db,
  route: string,
  providerId: string,
  receivedAt: number,
): Promise<ReceiptedMessage | null> {
  const found = await db
    .tables<ReceiptTables>()
    .selectFrom("message_parts")
    .innerJoin("messages", "messages.id", "message_parts.message_id")
    .select([
      "messages.id",
      "messages.channel",
      "messages.route",
      "messages.recipient_key",
      "messages.contact_point_id",
      "messages.queued_at",
    ])
    .where("message_parts.route", "=", route)
    .where("message_parts.provider_id", "=", providerId)
    .executeTakeFirst();
  return found && isOf(found, receivedAt) ? found : null;
}

/** The receipt that came for a message, or a part of it, before it was recorded as sent; null without any. */
export async function earlierReceipt(
  db: Db,
  message: ReceiptedMessage,
  providerId: string,
): Promise<DeliveryReceipt | null> {
  const found = await db
    .tables<ReceiptTables>()
    .selectFrom("message_receipts")
    .selectAll()
    .where("route", "=", message.route)
    .where("provider_id", "=", providerId)
    .executeTakeFirst();
  if (!found || !isOf(message, found.received_at)) return null;
  const { outcome, reason, code } = found;
  return { providerId, outcome, reason, code };
}

/**
 * Whether networks said of an SMS before this one, too, that its number cannot be reached, and of none since that it
 * was delivered.
 */
export async function wasUnreachable(db: Db, message: ReceiptedMessage): Promise<boolean> {
  const [said] = await db.ask<{ failed_at: number | null; arrived_at: number | null }>(
    `select max(case when r.reason = 'undeliverable' and m.id <> ? then r.received_at end) as failed_at,
      max(case when r.outcome = 'delivered' then r.received_at end) as arrived_at
      from messages m join message_parts p on p.message_id = m.id
      join message_receipts r on r.route = p.route and r.provider_id = p.provider_id
      where m.recipient_key = ? and r.received_at >= m.queued_at and r.received_at <= m.queued_at + ?`,
    [message.id, message.recipient_key, receiptsComeFor],
  );
  const failedAt = said?.failed_at ?? null;
  return failedAt !== null && (said?.arrived_at ?? 0) < failedAt;
}

/** The receipts of these messages, by message id; a message without any is not among them. */
export async function receiptsOf(db: Db, messageIds: string[]): Promise<Map<string, MessageReceipt>> {
  const found = new Map<string, MessageReceipt>();
  if (messageIds.length === 0) return found;
  const tables = db.tables<ReceiptTables>();
  const messages = await tables
    .selectFrom("messages")
    .select(["id", "route", "provider_id", "queued_at"])
    .where("id", "in", messageIds)
    .where("provider_id", "is not", null)
    .execute();
  const ids = messages.flatMap(({ provider_id: id }) => id?.split(" ") ?? []);
  if (ids.length === 0) return found;
  const receipts = await tables
    .selectFrom("message_receipts")
    .selectAll()
    .where("route", "in", [...new Set(messages.map(({ route }) => route))])
    .where("provider_id", "in", ids)
    .execute();
  for (const message of messages) {
    const parts = (message.provider_id ?? "").split(" ");
    const own = receipts.filter(
      ({ route, provider_id: id, received_at: at }) =>
        route === message.route && parts.includes(id) && isOf(message, at),
    );
    const whole = wholeOf(own, parts.length);
    if (whole) found.set(message.id, whole);
  }
  return found;
}

/** A long text has arrived when every part has; it has not when one has not. */
function wholeOf(receipts: ReceiptTables["message_receipts"][], parts: number): MessageReceipt | null {
  if (receipts.length === 0) return null;
  const at = Math.max(...receipts.map(({ received_at }) => received_at));
  const failed = receipts.find(({ outcome }) => outcome === "not-delivered");
  if (failed) return { outcome: "not-delivered", reason: failed.reason, code: failed.code, at };
  const arrived = receipts.filter(({ outcome }) => outcome === "delivered").length;
  return { outcome: arrived >= parts ? "delivered" : "on-its-way", reason: null, code: null, at };
}

export async function forgetReceipts(tx: Tx, before: number): Promise<void> {
  await tx.tables<ReceiptTables>().deleteFrom("message_receipts").where("received_at", "<", before).execute();
}
