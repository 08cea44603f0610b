import type { Clock } from "../kernel/clock.ts";
import type { Db, Store } from "../store/store.ts";
import type { EmailChannel, OutgoingEmail, OutgoingSms, SmsChannel } from "./channel.ts";

/**
 * The trial mailbox: instead of leaving, messages are kept for the page `/_trial`. It holds codes and links as plain
 * text, so it exists only while the portal is on loopback (design §6). Table: captured_messages.
 */
interface CaptureTables {
  captured_messages: {
    id: string;
    channel: "email" | "sms";
    recipient: string;
    locale: string;
    subject: string;
    body_text: string;
    body_html: string;
    /** JSON array of text. */
    links: string;
    code: string | null;
    queued_at: number;
    sent_at: number;
    reply_to: string | null;
  };
}

/** Times in milliseconds; an SMS has an empty subject and html. */
export interface CapturedMessage {
  id: string;
  channel: "email" | "sms";
  to: string;
  locale: string;
  subject: string;
  text: string;
  html: string;
  links: string[];
  code: string | null;
  queuedAt: number;
  sentAt: number;
  /** Where answers would go; null: to the sender. */
  replyTo: string | null;
}

async function keep(store: Store, row: CaptureTables["captured_messages"]): Promise<void> {
  // Sent again after a crash, a message is still one message: its id in the outbox is its id here.
  const { id, ...rest } = row;
  await store.transact(async (tx) => {
    await tx
      .tables<CaptureTables>()
      .insertInto("captured_messages")
      .values(row)
      .onConflict((conflict) => conflict.column("id").doUpdateSet(rest))
      .execute();
  });
}

function whatWasSent(outgoing: OutgoingEmail | OutgoingSms, now: number) {
  return {
    id: outgoing.messageId,
    recipient: outgoing.to,
    body_text: outgoing.text,
    locale: outgoing.trial?.locale ?? "",
    links: JSON.stringify(outgoing.trial?.links ?? []),
    code: outgoing.trial?.code ?? null,
    reply_to: "replyTo" in outgoing ? (outgoing.replyTo ?? null) : null,
    queued_at: outgoing.trial?.queuedAt ?? now,
    sent_at: now,
  };
}

const accepted = { outcome: "accepted", providerId: null, detail: "Kept in the trial mailbox" } as const;
const alwaysWell = { route: "capture", check: async () => null, close: async () => {} };

/** Keeps e-mails for `/_trial`; always accepts. */
export function createCaptureEmailChannel(store: Store, clock: Clock): EmailChannel {
  return {
    ...alwaysWell,
    async send(email) {
      const row = whatWasSent(email, clock.now());
      await keep(store, { ...row, channel: "email", subject: email.subject, body_html: email.html });
      return accepted;
    },
  };
}

/** Keeps SMS for `/_trial`; always accepts. */
export function createCaptureSmsChannel(store: Store, clock: Clock): SmsChannel {
  return {
    ...alwaysWell,
    async send(sms) {
      await keep(store, { ...whatWasSent(sms, clock.now()), channel: "sms", subject: "", body_html: "" });
      return accepted;
    },
  };
}

/** Everything captured, newest first, in the shape that design §6 promises; at most the newest 1,000. */
export async function listCaptured(db: Db): Promise<CapturedMessage[]> {
  const rows = await db
    .tables<CaptureTables>()
    .selectFrom("captured_messages")
    .selectAll()
    .orderBy("sent_at", "desc")
    .orderBy("queued_at", "desc")
    .orderBy("id", "desc")
    .limit(1000)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    channel: row.channel,
    to: row.recipient,
    locale: row.locale,
    subject: row.subject,
    text: row.body_text,
    html: row.body_html,
    links: JSON.parse(row.links) as string[],
    code: row.code,
    queuedAt: row.queued_at,
    sentAt: row.sent_at,
    replyTo: row.reply_to,
  }));
}

/** Empties the trial mailbox. */
export async function clearCaptured(store: Store): Promise<void> {
  await store.transact(async (tx) => {
    await tx.tables<CaptureTables>().deleteFrom("captured_messages").execute();
  });
}
