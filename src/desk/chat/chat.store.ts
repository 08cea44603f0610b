import { sql } from "kysely";
import type { Kind } from "../../config/preset.ts";
import type { Symptom } from "../../config/symptoms.ts";
import { holding } from "../../store/abilities.ts";
import type { Db, Tx } from "../../store/store.ts";

export type ChatStatus = "waiting" | "open" | "ended";

/** Why a conversation is over. */
export type EndedBy =
  /** The person said that all is settled. */
  | "person"
  /** The person prefers to be answered by mail. */
  | "by-mail"
  /** The person no longer needs an answer. */
  | "dropped"
  | "staff"
  /** Staff go on with it as a request. */
  | "staff-case"
  /** Nobody was there any more to take it. */
  | "nobody"
  /** Whoever answered is gone, and nobody else is there. */
  | "staff-left"
  | "person-left"
  /** Nothing was said for long. */
  | "rested"
  /** Everybody was busy for too long. */
  | "waited-long"
  /** Its writer signed out of the account that they wrote from. */
  | "signed-out";

export interface ChatRow {
  id: string;
  browser_digest: string;
  status: ChatStatus;
  name: string;
  email: string | null;
  email_key: string | null;
  kind: Kind | null;
  establishment: string | null;
  symptom: Symptom;
  /** The account that its writer was signed in to. */
  account_id: string | null;
  /** In this session; null once it has ended. */
  session_id: string | null;
  locale: string;
  /** What came with it by itself, as JSON. */
  evidence: string;
  incident: string | null;
  staff_id: string | null;
  staff_name: string | null;
  last_seq: number;
  asked_at: number;
  taken_at: number | null;
  waits_since: number | null;
  alone_since: number | null;
  last_message_at: number;
  person_seen_at: number;
  ended_at: number | null;
  ended_by: EndedBy | null;
  case_id: string | null;
  case_number: string | null;
  answer_by: number | null;
  /** 1: its end sent the person a mail. */
  is_mailed: number;
}

export interface ChatMessageRow {
  chat_id: string;
  seq: number;
  id: string;
  kind: "person" | "staff" | "system";
  author_id: string | null;
  author_name: string | null;
  /** Plain text; of `system`, the key of its words. */
  body: string;
  /** Values for the words of `system`, as JSON. */
  params: string | null;
  at: number;
  client_key: string | null;
}

export interface PresenceRow {
  staff_id: string;
  session_id: string;
  name: string;
  /** 1: takes new conversations. */
  is_open: number;
  takes_at_once: number;
  seen_until: number;
}

interface ChatTables {
  chats: ChatRow;
  chat_messages: ChatMessageRow;
  chat_presence: PresenceRow;
}

const of = (db: Db) => db.tables<ChatTables>();
/** Written out, so that both engines take the partial indexes. */
const isWaiting = sql<boolean>`status = 'waiting'`;
const isEnded = sql<boolean>`status = 'ended'`;
const isLive = sql<boolean>`status <> 'ended'`;

/** False where this browser has a living conversation already, or the same page was sent twice. */
export async function insertChat(tx: Tx, row: ChatRow): Promise<boolean> {
  const inserted = await of(tx)
    .insertInto("chats")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

export async function findChat(db: Db, id: string): Promise<ChatRow | null> {
  const [row] = await db.ask<ChatRow>("select * from chats where id = ?", [id]);
  return row ?? null;
}

/** The conversation as it is now, which nobody else changes until the transaction ends. */
export async function holdChat(tx: Tx, id: string): Promise<ChatRow | null> {
  const query = of(tx).selectFrom("chats").selectAll().where("id", "=", id);
  return (await holding(tx, query).executeTakeFirst()) ?? null;
}

/** The living conversation of a browser; else the one that ended last, if that was after `endedAfter`. */
export async function findOfBrowser(db: Db, digests: string[], endedAfter: number): Promise<ChatRow | null> {
  const places = digests.map(() => "?").join(", ");
  const [live] = await db.ask<ChatRow>(
    `select * from chats where browser_digest in (${places}) and status <> 'ended' limit 1`,
    digests,
  );
  if (live) return live;
  const [ended] = await db.ask<ChatRow>(
    `select * from chats where browser_digest in (${places}) and status = 'ended' and ended_at > ?
      order by ended_at desc limit 1`,
    [...digests, endedAfter],
  );
  return ended ?? null;
}

export async function updateChat(tx: Tx, id: string, change: Partial<ChatRow>): Promise<void> {
  await of(tx).updateTable("chats").set(change).where("id", "=", id).execute();
}

export async function insertMessage(tx: Tx, row: ChatMessageRow): Promise<void> {
  await tx.ask(
    `insert into chat_messages (chat_id, seq, id, kind, author_id, author_name, body, params, at, client_key)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      row.chat_id,
      row.seq,
      row.id,
      row.kind,
      row.author_id,
      row.author_name,
      row.body,
      row.params,
      row.at,
      row.client_key,
    ],
  );
}

/** Whether the page has sent this already. */
export async function hasKey(db: Db, chatId: string, clientKey: string): Promise<boolean> {
  const found = await db.ask("select 1 from chat_messages where chat_id = ? and client_key = ?", [
    chatId,
    clientKey,
  ]);
  return found.length > 0;
}

/** What was said after `seq`, in its order; at most `limit`. */
export async function messagesAfter(
  db: Db,
  chatId: string,
  seq: number,
  limit: number,
): Promise<ChatMessageRow[]> {
  return db.ask("select * from chat_messages where chat_id = ? and seq > ? order by seq limit ?", [
    chatId,
    seq,
    limit,
  ]);
}

/** The last `limit` messages, in their order. */
export async function newestMessages(db: Db, chatId: string, limit: number): Promise<ChatMessageRow[]> {
  const found = await db.ask<ChatMessageRow>(
    "select * from chat_messages where chat_id = ? order by seq desc limit ?",
    [chatId, limit],
  );
  return found.reverse();
}

/** Those that wait, the first that asked before the others. */
export async function listWaiting(db: Db, limit: number): Promise<ChatRow[]> {
  return of(db)
    .selectFrom("chats")
    .selectAll()
    .where(isWaiting)
    .orderBy("asked_at")
    .orderBy("id")
    .limit(limit)
    .execute();
}

export async function countWaiting(db: Db): Promise<number> {
  const [row] = await db.ask<{ count: number }>(
    "select count(*) as count from chats where status = 'waiting'",
    [],
  );
  return Number(row?.count ?? 0);
}

/** How many asked before this one and wait still. */
export async function countBefore(db: Db, row: Pick<ChatRow, "id" | "asked_at">): Promise<number> {
  const [found] = await db.ask<{ count: number }>(
    "select count(*) as count from chats where status = 'waiting' and (asked_at < ? or (asked_at = ? and id < ?))",
    [row.asked_at, row.asked_at, row.id],
  );
  return Number(found?.count ?? 0);
}

/** Open conversations of one of the staff, those that wait for an answer first. */
export async function listOfStaff(db: Db, staffId: string, limit: number): Promise<ChatRow[]> {
  return db.ask(
    `select * from chats where status = 'open' and staff_id = ?
      order by case when waits_since is null then 1 else 0 end, waits_since, taken_at limit ?`,
    [staffId, limit],
  );
}

/** Living conversations that may need something done by themselves, seen from what is overdue. */
export async function listOverdue(
  db: Db,
  before: { seen: number; answered: number; said: number },
  limit: number,
): Promise<ChatRow[]> {
  return of(db)
    .selectFrom("chats")
    .selectAll()
    .where(isLive)
    .where((is) =>
      is.or([
        isWaiting,
        is.and([is("account_id", "is not", null), is("session_id", "is", null)]),
        is("person_seen_at", "<=", before.seen),
        is("waits_since", "<=", before.answered),
        is("last_message_at", "<=", before.said),
      ]),
    )
    .orderBy("person_seen_at")
    .limit(limit)
    .execute();
}

/** How long the last conversations took, from the first answer to the end, in milliseconds. */
export async function recentLengths(db: Db, limit: number): Promise<number[]> {
  const found = await db.ask<{ ended_at: number; taken_at: number }>(
    `select ended_at, taken_at from chats
      where status = 'ended' and taken_at is not null order by ended_at desc limit ?`,
    [limit],
  );
  return found.map((row) => row.ended_at - row.taken_at);
}

export interface AgentRow extends PresenceRow {
  talks_with: number;
}

/** Who of the staff is there, with how many each talks. */
export async function listAgents(db: Db, now: number): Promise<AgentRow[]> {
  const found = await db.ask<AgentRow>(
    `select p.*, (select count(*) from chats c where c.status = 'open' and c.staff_id = p.staff_id) as talks_with
      from chat_presence p where p.seen_until > ? order by p.name, p.staff_id`,
    [now],
  );
  return found.map((row) => ({ ...row, talks_with: Number(row.talks_with) }));
}

export async function findPresence(db: Db, staffId: string): Promise<PresenceRow | null> {
  const [row] = await db.ask<PresenceRow>("select * from chat_presence where staff_id = ?", [staffId]);
  return row ?? null;
}

export async function putPresence(tx: Tx, row: PresenceRow): Promise<void> {
  const { staff_id: _, ...change } = row;
  await of(tx)
    .insertInto("chat_presence")
    .values(row)
    .onConflict((conflict) => conflict.column("staff_id").doUpdateSet(change))
    .execute();
}

/** They are still there; whoever signed out, or was last there before `since`, is not brought back. */
export async function renewPresence(
  tx: Tx,
  staffIds: string[],
  { since, until }: { since: number; until: number },
): Promise<void> {
  if (staffIds.length === 0) return;
  await of(tx)
    .updateTable("chat_presence")
    .set({ seen_until: until })
    .where("staff_id", "in", staffIds)
    .where("seen_until", ">", since)
    .where("seen_until", "<", until)
    .execute();
}

/** Whoever signed out is no longer there. Answers whose presence ended. */
export async function removePresence(tx: Tx, sessionIds: string[]): Promise<string[]> {
  if (sessionIds.length === 0) return [];
  const removed = await of(tx)
    .deleteFrom("chat_presence")
    .where("session_id", "in", sessionIds)
    .returning("staff_id")
    .execute();
  return removed.map(({ staff_id }) => staff_id);
}

/** Whoever wrote in these sessions is no longer signed in. Answers the conversations that are theirs. */
export async function leaveSessions(tx: Tx, sessionIds: string[]): Promise<string[]> {
  if (sessionIds.length === 0) return [];
  const left = await of(tx)
    .updateTable("chats")
    .set({ session_id: null })
    .where("session_id", "in", sessionIds)
    .returning("id")
    .execute();
  return left.map(({ id }) => id);
}

/** The pages of these conversations are open now. */
export async function touchSeen(tx: Tx, ids: string[], now: number): Promise<void> {
  if (ids.length === 0) return;
  await of(tx)
    .updateTable("chats")
    .set({ person_seen_at: now })
    .where("id", "in", ids)
    .where("person_seen_at", "<", now)
    .execute();
}

/** Removes what ended long ago: it stands in the requests that came of it. */
export async function forget(tx: Tx, endedBefore: number, limit: number): Promise<void> {
  const old = await of(tx)
    .selectFrom("chats")
    .select("id")
    .where(isEnded)
    .where("ended_at", "<", endedBefore)
    .limit(limit)
    .execute();
  const ids = old.map(({ id }) => id);
  if (ids.length > 0) await of(tx).deleteFrom("chats").where("id", "in", ids).execute();
  await of(tx).deleteFrom("chat_presence").where("seen_until", "<", endedBefore).execute();
}
