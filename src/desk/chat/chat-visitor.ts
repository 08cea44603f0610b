import type { Budgets } from "../../access/budgets/budgets.ts";
import type { Kind } from "../../config/preset.ts";
import type { Symptom } from "../../config/symptoms.ts";
import type { Caller, Person } from "../../kernel/caller.ts";
import { type Clock, minute, second } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Keys } from "../../kernel/keys.ts";
import { oneAtATime } from "../../store/abilities.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import {
  type ChatMessageRow,
  type ChatRow,
  countBefore,
  findChat,
  findOfBrowser,
  hasKey,
  holdChat,
  insertChat,
  insertMessage,
  leaveSessions,
  messagesAfter,
  newestMessages,
  touchSeen,
  updateChat,
} from "./chat.store.ts";
import { type ChatEvidence, type Ending, isUnfinished } from "./chat-ending.ts";
import type { Live } from "./chat-live.ts";
import { expectedMinutes, isSomebodyThere, mayJoin, readQueue } from "./chat-queue.ts";
import { isSignedOut, longestText, readKey, readText, type Talk, topics } from "./chat-talk.ts";

/** A form that was sent to begin a conversation, read. */
export interface ChatRequest {
  /** Of the form: what is sent twice makes one conversation. */
  id: string;
  name: string;
  email: { address: string; key: string } | null;
  kind: Kind | null;
  establishment: string;
  symptom: Symptom;
  text: string;
  evidence: ChatEvidence;
}

export type BeginOutcome =
  | { ok: true; row: ChatRow }
  | { ok: false; refusal: "chat.nobody" | "chat.too-many" };

export type SayOutcome =
  | { ok: true; row: ChatRow }
  | { ok: false; refusal: "chat.none" | "chat.text.missing" | "chat.text.too-long" }
  | { ok: false; refusal: "chat.too-fast"; until: number };

/** What the person's page shows beside what was said. */
export interface Standing {
  row: ChatRow;
  isSomebodyThere: boolean;
  /** 1: the next; null when it is not waiting. */
  position: number | null;
  /** Null where that is not known. */
  minutes: number | null;
  /** Whether the last word is the person's. */
  isUnanswered: boolean;
}

export interface VisitorDeps {
  store: Store;
  clock: Clock;
  ids: Ids;
  keys: Keys;
  budgets: Pick<Budgets, "spend">;
  talk: Talk;
  ending: Ending;
  live: Live;
  raise: (tx: Tx, topic: string) => Promise<void>;
  /** Adds to the request that a conversation has become; false where there is none any more. */
  addToCase: (tx: Tx, caseId: string, body: string) => Promise<boolean>;
}

/** What ended stays to be read in its browser for so long; others may sit there afterwards. */
const endedShownFor = 30 * minute;
/** A page that is open is not written down more often. */
const touchedEvery = 15 * second;
const messagesShown = 500;
const browserPurpose = "chat.browser";

/** The person's side of a conversation. It is theirs by the binding cookie of the browser that began it. */
export function createVisitorRules(deps: VisitorDeps) {
  const { store, clock, ids, keys, talk, live } = deps;

  /** What an account wrote is read and gone on with by that account: not by whoever sits there once it signed out. */
  const isTheirs = (row: ChatRow, person: Person | null) =>
    row.account_id === null || person?.accountId === row.account_id;

  function ofBrowser(db: Db, caller: Caller): Promise<ChatRow | null> {
    return findOfBrowser(db, keys.digests(browserPurpose, caller.browserId), clock.now() - endedShownFor);
  }

  /** The conversation of this browser: the living one, or the one that has just ended; null when there is none. */
  async function mine(caller: Caller, person: Person | null, db: Db = store): Promise<ChatRow | null> {
    const row = await ofBrowser(db, caller);
    return row && isTheirs(row, person) ? row : null;
  }

  /** The same, held. */
  async function holdMine(tx: Tx, caller: Caller, person: Person | null): Promise<ChatRow | null> {
    const found = await mine(caller, person, tx);
    return found && holdChat(tx, found.id);
  }

  async function isAlreadySaid(tx: Tx, row: ChatRow, text: string): Promise<boolean> {
    return (await newestMessages(tx, row.id, messagesShown)).some(
      ({ kind, body }) => kind === "person" && body === text,
    );
  }

  /**
   * Begins a conversation. Where one lives in this browser already, what was typed is added to it. Refused when nobody is
   * there or too many wait (`chat.nobody`), and beyond the limit of this source: then it is better written.
   */
  async function begin(caller: Caller, person: Person | null, request: ChatRequest): Promise<BeginOutcome> {
    // When a thousand come at once, most are told so without a transaction each.
    if (!mayJoin(await live.queue()) && (await ofBrowser(store, caller)) === null) {
      return { ok: false, refusal: "chat.nobody" };
    }
    return store.transact(async (tx): Promise<BeginOutcome> => {
      // The length of the queue is looked at and added to by one at a time.
      await oneAtATime(tx, "chats");
      const found = await ofBrowser(tx, caller);
      const earlier = found && found.status !== "ended" ? await holdChat(tx, found.id) : null;
      if (earlier && earlier.status !== "ended") {
        if (isTheirs(earlier, person)) {
          if (await isAlreadySaid(tx, earlier, request.text)) return { ok: true, row: earlier };
          if (!(await maySay(tx, earlier)).ok) return { ok: false, refusal: "chat.too-many" };
          return {
            ok: true,
            row: await talk.personSays(tx, earlier, { text: request.text, key: null, locale: caller.locale }),
          };
        }
        await deps.ending.end(tx, earlier, "person-left");
      }
      if (found?.id === request.id && isTheirs(found, person)) {
        if (await isAlreadySaid(tx, found, request.text)) return { ok: true, row: found };
        // What it says anew is added to what the conversation has become.
        if (!(await maySay(tx, found)).ok) return { ok: false, refusal: "chat.too-many" };
        const added = await addToEnded(tx, found, { text: request.text, key: null });
        if (added) return { ok: true, row: added };
      }
      if (!mayJoin(await readQueue(tx, clock))) return { ok: false, refusal: "chat.nobody" };
      // A whole school writes from one address: slowed by the others' limits, never blocked by its own (promise 6).
      if (!caller.isSlowed) {
        const spent = await deps.budgets.spend(tx, "chat.per-source", caller.sourceKey);
        if (!spent.ok) return { ok: false, refusal: "chat.too-many" };
      }
      // What was begun from this form is over, and no longer shown here: this is another conversation.
      const id = (await findChat(tx, request.id)) === null ? request.id : ids.uuid();
      const row = newChat(caller, person, { ...request, id });
      if (!(await insertChat(tx, row))) return { ok: false, refusal: "chat.nobody" };
      await insertMessage(tx, {
        chat_id: row.id,
        seq: 1,
        id: row.id,
        kind: "person",
        author_id: null,
        author_name: row.name,
        body: request.text,
        params: null,
        at: row.asked_at,
        client_key: null,
      });
      await deps.raise(tx, topics.desk);
      return { ok: true, row };
    });
  }

  const maySay = (tx: Tx, row: ChatRow) => deps.budgets.spend(tx, "chat-message.per-conversation", row.id);

  /** Adds to the request that a conversation has become, and to the page that still shows it; null where none is. */
  async function addToEnded(
    tx: Tx,
    row: ChatRow,
    said: { text: string; key: string | null },
  ): Promise<ChatRow | null> {
    if (row.case_id === null || !(await deps.addToCase(tx, row.case_id, said.text))) return null;
    return talk.add(tx, row, {
      kind: "person",
      author_name: row.name,
      body: said.text,
      client_key: said.key,
    });
  }

  function newChat(caller: Caller, person: Person | null, request: ChatRequest): ChatRow {
    const now = clock.now();
    return {
      id: request.id,
      browser_digest: keys.digest(browserPurpose, caller.browserId),
      status: "waiting",
      name: request.name,
      email: request.email?.address ?? null,
      email_key: request.email?.key ?? null,
      kind: request.kind,
      establishment: request.establishment || null,
      symptom: request.symptom,
      account_id: person?.accountId ?? null,
      session_id: person?.sessionId ?? null,
      locale: caller.locale,
      evidence: JSON.stringify(request.evidence),
      incident: request.evidence.incident ?? null,
      staff_id: null,
      staff_name: null,
      last_seq: 1,
      asked_at: now,
      taken_at: null,
      waits_since: now,
      alone_since: null,
      last_message_at: now,
      person_seen_at: now,
      ended_at: null,
      ended_by: null,
      case_id: null,
      case_number: null,
      answer_by: null,
      is_mailed: 0,
    };
  }

  /**
   * The person says something. What comes when the conversation has just ended is added to the request that it became:
   * nothing typed is lost. `key` is the page's: the same one twice is said once.
   */
  function say(
    caller: Caller,
    person: Person | null,
    said: { text: string; key: string },
  ): Promise<SayOutcome> {
    const text = readText(said.text);
    const key = readKey(said.key);
    if (text === "") return Promise.resolve({ ok: false, refusal: "chat.text.missing" });
    if (text.length > longestText) return Promise.resolve({ ok: false, refusal: "chat.text.too-long" });
    return store.transact(async (tx): Promise<SayOutcome> => {
      const row = await holdMine(tx, caller, person);
      if (!row) return { ok: false, refusal: "chat.none" };
      if (key !== null && (await hasKey(tx, row.id, key))) return { ok: true, row };
      const spent = await maySay(tx, row);
      if (!spent.ok) return { ok: false, refusal: "chat.too-fast", until: spent.until };
      if (row.status !== "ended")
        return { ok: true, row: await talk.personSays(tx, row, { text, key, locale: caller.locale }) };
      const added = await addToEnded(tx, row, { text, key });
      return added ? { ok: true, row: added } : { ok: false, refusal: "chat.none" };
    });
  }

  /** The person ends it; answers false when there was nothing to end. */
  function end(
    caller: Caller,
    person: Person | null,
    how: "person" | "by-mail" | "dropped",
  ): Promise<boolean> {
    return store.transact(async (tx) => {
      const row = await holdMine(tx, caller, person);
      if (!row || row.status === "ended") return false;
      await deps.ending.end(tx, row, how);
      return true;
    });
  }

  /** Nobody reads it in this browser any more: for a computer that others use, too. */
  function close(caller: Caller, person: Person | null): Promise<void> {
    return store.transact(async (tx) => {
      const row = await holdMine(tx, caller, person);
      if (row?.status === "ended") await updateChat(tx, row.id, { browser_digest: `closed ${row.id}` });
    });
  }

  /** Notes that the page is open; a page that is looked at often is written down now and then. */
  async function touch(row: ChatRow): Promise<void> {
    const now = clock.now();
    if (row.status === "ended" || now - row.person_seen_at < touchedEvery) return;
    await store.transactLightly((tx) => touchSeen(tx, [row.id], now));
  }

  /** Where the conversation stands, in what the page says of it. */
  async function standing(row: ChatRow): Promise<Standing> {
    const isUnanswered = isUnfinished(row, "person-left");
    if (row.status !== "waiting")
      return { row, isSomebodyThere: true, position: null, minutes: null, isUnanswered };
    const queue = await live.queue();
    const position = (await countBefore(store, row)) + 1;
    return {
      row,
      isSomebodyThere: isSomebodyThere(queue),
      position,
      minutes: expectedMinutes(queue, position),
      isUnanswered,
    };
  }

  return {
    mine,
    begin,
    say,
    end,
    close,
    touch,
    /** The same conversation as it is now; null once it was closed in its browser, or its writer has signed out. */
    async again(row: ChatRow): Promise<ChatRow | null> {
      const now = await findChat(store, row.id);
      return now?.browser_digest === row.browser_digest && !isSignedOut(now) ? now : null;
    },
    /** Whoever signs out leaves their conversations: those that live are ended at the next look. */
    async sessionsEnded(tx: Tx, sessionIds: string[]): Promise<void> {
      for (const id of await leaveSessions(tx, sessionIds)) await deps.raise(tx, topics.chat(id));
    },
    standing,
    /** What was said after `after`; without it, what was said last. */
    messages: (row: ChatRow, after: number | null = null): Promise<ChatMessageRow[]> =>
      after === null
        ? newestMessages(store, row.id, messagesShown)
        : messagesAfter(store, row.id, after, messagesShown),
  };
}

export type VisitorRules = ReturnType<typeof createVisitorRules>;
