import type { Budgets } from "../../access/budgets/budgets.ts";
import type { Kind, Preset } from "../../config/preset.ts";
import type { Symptom } from "../../config/symptoms.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Tx } from "../../store/store.ts";
import { type ChatMessageRow, type ChatRow, type EndedBy, messagesAfter } from "./chat.store.ts";
import { type Talk, topics } from "./chat-talk.ts";

/** What came with a conversation by itself; what the room of cases keeps as evidence. */
export interface ChatEvidence {
  at: number;
  path?: string;
  incident?: string;
  browser?: string;
  device?: string;
  articlesRead?: string[];
  diagnosis?: { question: string; answer: string }[];
}

/** A conversation as the room of cases is given it. */
export interface ChatToRecord {
  id: string;
  locale: string;
  symptom: Symptom;
  kind: Kind | null;
  name: string;
  email: { address: string; key: string } | null;
  establishment: string | null;
  evidence: ChatEvidence;
  /** The account that its writer was signed in to. */
  accountId: string | null;
  askedAt: number;
  /** In its order; the first is the person's. */
  said: { by: "person" | "staff"; staffId: string | null; name: string | null; body: string; at: number }[];
  /** False: somebody here must go on with it. */
  isSolved: boolean;
  assigneeId: string | null;
  /** Whether the person is told its number and by when they will be answered. */
  isAcknowledged: boolean;
  /** How it ended, for the words of what happened. */
  endedBy: EndedBy;
}

export interface RecordedChat {
  id: string;
  number: string;
  relay: string;
  /** Null: whoever typed the address may not own the mailbox. */
  email_confirmed_at: number | null;
  /** By when an answer is announced; null where none is awaited. */
  expected_at: number | null;
}

export interface EndingDeps {
  clock: Clock;
  preset: Pick<Preset, "messages">;
  outbox: Pick<Outbox, "enqueue">;
  budgets: Pick<Budgets, "spend" | "look">;
  talk: Talk;
  raise: (tx: Tx, topic: string) => Promise<void>;
  /** Makes a request for help of it, with all that was said. */
  recordChat: (tx: Tx, chat: ChatToRecord) => Promise<RecordedChat>;
  caseLinkToken: (caseId: string) => string;
  /** Where answers to the request's mails go; null where mails cannot be answered. */
  replyAddress: (number: string) => string | null;
  relayName: (relayId: string, locale: string) => string;
}

/** A line of the transcript that is mailed. */
export interface TranscriptLine {
  at: number;
  /** Null: the person themselves. */
  by: string | null;
  text: string;
}

/** What the mail with the conversation is given. */
export interface TranscriptParams {
  caseId: string;
  number: string;
  /** Only once the address is known to be theirs: until then no word of theirs is mailed (promise 2). */
  name: string | null;
  relay: string;
  replyTo: string | null;
  /** True: what both said. False: what staff said. */
  isWhole: boolean;
  lines: TranscriptLine[];
  /** The rest is read by the link. */
  isCut: boolean;
  /** By when somebody answers what is still open; null where nothing is. */
  expectedAt: number | null;
}

const allMessages = 10_000;
/** A mail is no book: the rest is read by its link. */
const mailedCharacters = 30_000;

/** Endings that leave something for staff to do, whatever was said. */
const goesOn: EndedBy[] = ["by-mail", "staff-case", "nobody", "staff-left", "waited-long"];
/** Endings by somebody who said that nothing is left to do. */
const isSettled: EndedBy[] = ["person", "dropped", "staff"];

/** Whether somebody must go on with a conversation that ends so. */
export function isUnfinished(row: Pick<ChatRow, "waits_since">, how: EndedBy): boolean {
  return goesOn.includes(how) || (!isSettled.includes(how) && row.waits_since !== null);
}

/**
 * How a conversation ends: whatever the reason, in one transaction it becomes a request for help that holds all that was
 * said, and the person gets it by mail. A reply to that mail goes on with it.
 */
export function createEnding(deps: EndingDeps) {
  const { clock, talk } = deps;

  /** Ends a living conversation, which must be held; answers it as it is then. */
  async function end(tx: Tx, row: ChatRow, how: EndedBy): Promise<ChatRow> {
    const said = (await messagesAfter(tx, row.id, 0, allMessages)).filter(({ kind }) => kind !== "system");
    const hasStaffWords = said.some(({ kind }) => kind === "staff");
    const isSolved = !isUnfinished(row, how);
    const isAcknowledged = !hasStaffWords && how !== "dropped" && (await mayAcknowledge(tx, row));
    const recorded = await deps.recordChat(tx, {
      id: row.id,
      locale: row.locale,
      symptom: row.symptom,
      kind: row.kind,
      name: row.name,
      email: row.email !== null && row.email_key !== null ? { address: row.email, key: row.email_key } : null,
      establishment: row.establishment,
      evidence: JSON.parse(row.evidence) as ChatEvidence,
      accountId: row.account_id,
      askedAt: row.asked_at,
      said: said.map((message) => ({
        by: message.kind === "staff" ? "staff" : "person",
        staffId: message.author_id,
        name: message.author_name,
        body: message.body,
        at: message.at,
      })),
      isSolved,
      // Whoever is gone cannot go on with it.
      assigneeId: how === "staff-left" ? null : row.staff_id,
      isAcknowledged,
      endedBy: how,
    });
    const isMailed = hasStaffWords ? await mailTranscript(tx, row, said, recorded) : isAcknowledged;
    const ended = await talk.happen(
      tx,
      row,
      `chat.system.ended.${how}`,
      { name: row.staff_name ?? "" },
      {
        status: "ended",
        ended_at: clock.now(),
        ended_by: how,
        case_id: recorded.id,
        case_number: recorded.number,
        answer_by: recorded.expected_at,
        is_mailed: isMailed ? 1 : 0,
      },
    );
    await deps.raise(tx, topics.desk);
    if (row.staff_id !== null) await deps.raise(tx, topics.staff(row.staff_id));
    return ended;
  }

  /** Anybody can type anybody's address: beyond its limit the request is made, and no mail says so. */
  async function mayAcknowledge(tx: Tx, row: ChatRow): Promise<boolean> {
    if (row.email_key === null) return false;
    return (await deps.budgets.look(tx, "case-acknowledgement.per-address", row.email_key)).ok;
  }

  /** Commits the mail with what was said; false where none may be sent. */
  async function mailTranscript(
    tx: Tx,
    row: ChatRow,
    said: ChatMessageRow[],
    recorded: RecordedChat,
  ): Promise<boolean> {
    if (row.email === null || row.email_key === null) return false;
    const isProved = recorded.email_confirmed_at !== null;
    // Anybody can type anybody's address: it is not written to more often than an acknowledgement would be.
    if (!isProved) {
      const mayMail = await deps.budgets.spend(tx, "case-acknowledgement.per-address", row.email_key);
      if (!mayMail.ok) return false;
    }
    const mailed = said.filter(({ kind }) => isProved || kind === "staff");
    const { lines, isCut } = cutTranscript(mailed);
    const params: TranscriptParams = {
      caseId: recorded.id,
      number: recorded.number,
      name: isProved ? row.name : null,
      relay: deps.relayName(recorded.relay, row.locale),
      replyTo: deps.replyAddress(recorded.number),
      isWhole: isProved,
      lines,
      isCut,
      expectedAt: recorded.expected_at,
    };
    await deps.outbox.enqueue(tx, {
      template: "chat.transcript",
      channel: "email",
      to: row.email,
      toKey: row.email_key,
      accountId: row.account_id,
      contactPointId: null,
      challengeId: null,
      locale: row.locale,
      params: { ...params },
      secrets: { codePlain: null, linkPlain: deps.caseLinkToken(recorded.id) },
      usefulForSeconds: deps.preset.messages.noticeUsefulForSeconds,
      priority: "usual",
    });
    return true;
  }

  return { end };
}

export type Ending = ReturnType<typeof createEnding>;

function cutTranscript(said: ChatMessageRow[]): { lines: TranscriptLine[]; isCut: boolean } {
  const lines: TranscriptLine[] = [];
  let length = 0;
  for (const { kind, author_name, body, at } of said) {
    length += body.length;
    if (length > mailedCharacters) return { lines, isCut: true };
    lines.push({ at, by: kind === "staff" ? author_name : null, text: body });
  }
  return { lines, isCut: false };
}
