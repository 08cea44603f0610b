import { sql } from "kysely";
import type { DeliveryReceipt } from "../channels/smpp-receipt.ts";
import { day } from "../kernel/clock.ts";
import type { Db, Tx } from "../store/store.ts";
import type { MessageRow } from "./outbox.store.ts";

interface ReceiptTables {
  messages: Pick<MessageRow, "id" | "route" | "provider_id" | "queued_at">;
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

/**
 * Keeps a receipt. The first that says the end stays: providers repeat them, in any order. Nothing is asked of the
 * message, which may not be recorded as sent yet.
 */
export async function keepReceipt(
  tx: Tx,
  route: string,
  { providerId, outcome, reason, code }: DeliveryReceipt,
  now: number,
): Promise<void> {
  const row = { route, provider_id: providerId, outcome, reason, code, received_at: now };
  await tx
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
    .execute();
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
    .where("provider_id", "in", ids)
    .execute();
  for (const message of messages) {
    const parts = (message.provider_id ?? "").split(" ");
    const own = receipts.filter(
      ({ route, provider_id: id, received_at: at }) =>
        route === message.route && parts.includes(id) && at >= message.queued_at,
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
