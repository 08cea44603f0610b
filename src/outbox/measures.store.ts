import type { Db } from "../store/store.ts";
import type { AttemptRow, MessageRow } from "./outbox.store.ts";

interface OutboxTables {
  messages: MessageRow;
  message_attempts: AttemptRow;
}

/** How sending by one channel goes, from what was sent and tried lately. Nothing of a person is in it. */
export interface SendingMeasure {
  /** From queued to left, of the newest messages that left lately: milliseconds. */
  delaysMs: number[];
  /** Since when each of those waits that would leave next. */
  waitingSince: number[];
  /** Messages that the route took, and messages that it put off or did not answer, lately. */
  takenMessages: number;
  putOffMessages: number;
}

const sampled = 200;
/** Mails that are sent last on purpose say nothing of how sending goes. */
const lastPriority = 2;

/** Measures one channel over what happened since `since`; a sample, so that its cost does not grow with a backlog. */
export async function measureSending(
  db: Db,
  channel: "email" | "sms",
  since: number,
): Promise<SendingMeasure> {
  const tables = db.tables<OutboxTables>();
  const left = await tables
    .selectFrom("messages")
    .select(["queued_at", "left_at"])
    .where("left_at", ">=", since)
    .where("channel", "=", channel)
    .where("priority", "<", lastPriority)
    .orderBy("left_at", "desc")
    .limit(sampled)
    .execute();
  const waiting = await tables
    .selectFrom("messages")
    .select("queued_at")
    .where("status", "in", ["queued", "sending"])
    .where("channel", "=", channel)
    .where("priority", "<", lastPriority)
    .limit(sampled)
    .execute();
  const attempts = await tables
    .selectFrom("message_attempts")
    .innerJoin("messages", "messages.id", "message_attempts.message_id")
    .select(["message_attempts.message_id", "message_attempts.outcome"])
    .where("message_attempts.started_at", ">=", since)
    .where("messages.channel", "=", channel)
    .where("message_attempts.outcome", "in", ["accepted", "temporary", "unanswered"])
    .orderBy("message_attempts.started_at", "desc")
    .limit(5 * sampled)
    .execute();
  const taken = new Set(
    attempts.filter(({ outcome }) => outcome === "accepted").map((one) => one.message_id),
  );
  const tried = new Set(attempts.map(({ message_id }) => message_id));
  return {
    delaysMs: left.map(({ queued_at, left_at }) => Math.max(0, (left_at ?? queued_at) - queued_at)),
    waitingSince: waiting.map(({ queued_at }) => queued_at),
    takenMessages: taken.size,
    putOffMessages: tried.size - taken.size,
  };
}

/** The newest messages to one address or number, by the digest under which the outbox knows it. */
export async function listToRecipient(
  db: Db,
  recipientKey: string,
  since: number,
  limit: number,
): Promise<MessageRow[]> {
  return db
    .tables<OutboxTables>()
    .selectFrom("messages")
    .selectAll()
    .where("recipient_key", "=", recipientKey)
    .where("queued_at", ">=", since)
    .orderBy("queued_at", "desc")
    .limit(limit)
    .execute();
}
