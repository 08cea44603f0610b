import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Tx } from "../../store/store.ts";
import { type ChatMessageRow, type ChatRow, insertMessage, updateChat } from "./chat.store.ts";

/** Who is told that something they show has changed. */
export const topics = {
  /** One conversation: both sides of it. */
  chat: (id: string) => `chat ${id}`,
  /** Who waits and who is there: every page of staff, and those who wait. */
  desk: "chat-desk",
  /** The conversations of one of the staff. */
  staff: (id: string) => `chat-staff ${id}`,
};

export interface TalkDeps {
  clock: Clock;
  ids: Ids;
  raise: (tx: Tx, topic: string) => Promise<void>;
}

/** Longest text of one message, in characters. */
export const longestText = 4000;

/** Writes what is said. Its conversation must be held: the numbers of messages tell the order of their commits. */
export function createTalk({ clock, ids, raise }: TalkDeps) {
  /** Adds a message and changes the conversation with it; answers the conversation as it is then. */
  async function add(
    tx: Tx,
    row: ChatRow,
    said: Pick<ChatMessageRow, "kind" | "body"> &
      Partial<Pick<ChatMessageRow, "author_id" | "author_name" | "params" | "client_key">>,
    change: Partial<ChatRow> = {},
  ): Promise<ChatRow> {
    const now = clock.now();
    const changed: Partial<ChatRow> = {
      ...change,
      last_seq: row.last_seq + 1,
      ...(said.kind === "system" ? {} : { last_message_at: now }),
    };
    await updateChat(tx, row.id, changed);
    await insertMessage(tx, {
      chat_id: row.id,
      seq: row.last_seq + 1,
      id: ids.uuid(),
      kind: said.kind,
      author_id: said.author_id ?? null,
      author_name: said.author_name ?? null,
      body: said.body,
      params: said.params ?? null,
      at: now,
      client_key: said.client_key ?? null,
    });
    await raise(tx, topics.chat(row.id));
    return { ...row, ...changed };
  }

  /** What happened, told to both: `key` names its words in locales, `values` stand in them. */
  const happen = (
    tx: Tx,
    row: ChatRow,
    key: string,
    values: Record<string, string>,
    change: Partial<ChatRow> = {},
  ) => add(tx, row, { kind: "system", body: key, params: JSON.stringify(values) }, change);

  /** The person writes: somebody is to answer, since then. */
  async function personSays(
    tx: Tx,
    row: ChatRow,
    said: { text: string; key: string | null; locale: string },
  ): Promise<ChatRow> {
    const now = clock.now();
    if (row.waits_since === null && row.staff_id !== null) await raise(tx, topics.staff(row.staff_id));
    return add(
      tx,
      row,
      { kind: "person", author_name: row.name, body: said.text, client_key: said.key },
      // Mails follow in the language that the page has now.
      { waits_since: row.waits_since ?? now, person_seen_at: now, locale: said.locale },
    );
  }

  return { add, happen, personSays };
}

export type Talk = ReturnType<typeof createTalk>;

/** Whether its writer has signed out of the account that they wrote from: it is nobody's any more. */
export const isSignedOut = (row: Pick<ChatRow, "account_id" | "session_id">): boolean =>
  row.account_id !== null && row.session_id === null;

/** What somebody typed, as it is kept; "" where there is nothing in it. */
export const readText = (typed: string): string => typed.replaceAll("\r\n", "\n").trim();

/** Drawn by the page that sends it; null for whatever is none. */
export const readKey = (typed: string): string | null => (/^[A-Za-z0-9_-]{8,64}$/.test(typed) ? typed : null);
