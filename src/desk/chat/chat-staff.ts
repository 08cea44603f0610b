import type { Staff } from "../../kernel/caller.ts";
import { type Clock, minute, second } from "../../kernel/clock.ts";
import { done, type Outcome, refused } from "../../kernel/outcome.ts";
import type { Store, Tx } from "../../store/store.ts";
import {
  type ChatMessageRow,
  type ChatRow,
  findChat,
  findPresence,
  hasKey,
  holdChat,
  listAgents,
  listOfStaff,
  listWaiting,
  messagesAfter,
  newestMessages,
  type PresenceRow,
  putPresence,
  removePresence,
  renewPresence,
} from "./chat.store.ts";
import type { Ending } from "./chat-ending.ts";
import type { Live } from "./chat-live.ts";
import { longestText, readKey, readText, type Talk, topics } from "./chat-talk.ts";

export type StaffRefusal =
  | "chat.not-found"
  | "chat.taken"
  | "chat.over"
  | "chat.not-yours"
  | "chat.colleague-gone"
  | "chat.text.missing"
  | "chat.text.too-long";

/** What the desk's list of conversations shows to one of the staff. */
export interface DeskChats {
  waiting: ChatRow[];
  mine: ChatRow[];
  /** Who else is there. */
  colleagues: { staffId: string; name: string; isOpen: boolean; talksWith: number }[];
  /** Null: not there, as far as visitors go. */
  me: { isOpen: boolean; takesAtOnce: number } | null;
}

export interface StaffDeps {
  store: Store;
  clock: Clock;
  talk: Talk;
  ending: Ending;
  live: Live;
  raise: (tx: Tx, topic: string) => Promise<void>;
}

/** Whoever is not heard of for so long is no longer there. Their page says that they are every quarter of a minute. */
export const presenceLasts = 75 * second;
/** Without script nothing speaks for the page: staff are there for so long after each press. */
const presenceWithoutScript = 5 * minute;
const takesUsually = 4;
const takesAtMost = 20;
const listedAtMost = 100;
const messagesShown = 500;

/** The staff's side: who is there, who takes whom, what is answered, and how it ends. */
export function createStaffRules(deps: StaffDeps) {
  const { store, clock, talk, live } = deps;

  /** Nobody answers themselves (promise 7): their own conversation is not there for them. */
  const maySee = (staff: Staff, row: ChatRow | null): row is ChatRow =>
    row !== null && row.account_id !== staff.accountId;

  async function hold(tx: Tx, staff: Staff, id: string): Promise<ChatRow | null> {
    const row = await holdChat(tx, id);
    return maySee(staff, row) ? row : null;
  }

  const isThere = (presence: PresenceRow | null): presence is PresenceRow =>
    presence !== null && presence.seen_until > clock.now();

  /** Changes what is known of somebody's being there; `isLive` where their page will go on saying so. */
  async function appear(
    tx: Tx,
    staff: Staff,
    change: { isOpen?: boolean; takesAtOnce?: number; isLive: boolean },
  ): Promise<void> {
    const known = await findPresence(tx, staff.accountId);
    const lasts = change.isLive ? presenceLasts : presenceWithoutScript;
    await putPresence(tx, {
      staff_id: staff.accountId,
      session_id: staff.sessionId,
      name: staff.name,
      is_open: (change.isOpen ?? (isThere(known) && known.is_open === 1)) ? 1 : 0,
      takes_at_once: change.takesAtOnce ?? known?.takes_at_once ?? takesUsually,
      seen_until: Math.max(clock.now() + lasts, known?.seen_until ?? 0),
    });
    await deps.raise(tx, topics.desk);
  }

  /** « Je suis disponible », or no longer. Conversations that are under way go on. */
  function setAvailable(
    staff: Staff,
    asked: { isOpen: boolean; takesAtOnce: number; isLive: boolean },
  ): Promise<void> {
    const takesAtOnce = Math.min(takesAtMost, Math.max(1, Math.round(asked.takesAtOnce) || takesUsually));
    return store.transact((tx) => appear(tx, staff, { ...asked, takesAtOnce }));
  }

  /** A page of the desk is open still. Brings nobody back who had gone. */
  async function ping(staff: Staff): Promise<{ isThere: boolean; waiting: number; unanswered: number }> {
    const now = clock.now();
    const presence = await findPresence(store, staff.accountId);
    if (!isThere(presence)) return { isThere: false, waiting: 0, unanswered: 0 };
    if (presence.seen_until - now < presenceLasts - 10 * second) {
      await store.transactLightly((tx) =>
        renewPresence(tx, [staff.accountId], { since: now, until: now + presenceLasts }),
      );
    }
    const { waiting } = await live.queue();
    const mine = await listOfStaff(store, staff.accountId, listedAtMost);
    return { isThere: true, waiting, unanswered: mine.filter((row) => row.waits_since !== null).length };
  }

  /** Who else is there. */
  async function colleagues(staff: Staff): Promise<DeskChats["colleagues"]> {
    const { agents } = await live.queue();
    return agents.filter(({ staffId }) => staffId !== staff.accountId);
  }

  async function list(staff: Staff): Promise<DeskChats> {
    const [others, waiting, mine, presence] = await Promise.all([
      colleagues(staff),
      listWaiting(store, listedAtMost),
      listOfStaff(store, staff.accountId, listedAtMost),
      findPresence(store, staff.accountId),
    ]);
    return {
      waiting: waiting.filter((row) => maySee(staff, row)),
      mine,
      colleagues: others,
      me: isThere(presence) ? { isOpen: presence.is_open === 1, takesAtOnce: presence.takes_at_once } : null,
    };
  }

  /** Conversations of a colleague, to look after them when that colleague is gone. */
  async function ofColleague(staff: Staff, staffId: string): Promise<ChatRow[]> {
    const found = await listOfStaff(store, staffId, listedAtMost);
    return found.filter((row) => maySee(staff, row));
  }

  /**
   * Takes a conversation that waits, or one whose colleague is no longer there. Of two who press at once one has it, and
   * the other is told so (`chat.taken`).
   */
  function take(
    staff: Staff,
    id: string,
    options: { isLive: boolean },
  ): Promise<Outcome<{ row: ChatRow }, StaffRefusal>> {
    return store.transact(async (tx): Promise<Outcome<{ row: ChatRow }, StaffRefusal>> => {
      const row = await hold(tx, staff, id);
      if (!row) return refused("chat.not-found");
      if (row.status === "ended") return refused("chat.over");
      if (row.staff_id === staff.accountId) return { ...done, row };
      if (row.staff_id !== null) {
        const isColleagueThere = (await listAgents(tx, clock.now())).some(
          ({ staff_id }) => staff_id === row.staff_id,
        );
        if (isColleagueThere) return refused("chat.taken");
        await deps.raise(tx, topics.staff(row.staff_id));
      }
      const taken = await talk.happen(
        tx,
        row,
        "chat.system.taken",
        { name: staff.name },
        {
          status: "open",
          staff_id: staff.accountId,
          staff_name: staff.name,
          taken_at: row.taken_at ?? clock.now(),
          alone_since: null,
        },
      );
      await appear(tx, staff, options);
      await deps.raise(tx, topics.staff(staff.accountId));
      return { ...done, row: taken };
    });
  }

  /** Answers. Only whoever has taken it does: two never answer past each other. */
  function say(
    staff: Staff,
    id: string,
    said: { text: string; key: string },
  ): Promise<Outcome<{ row: ChatRow }, StaffRefusal>> {
    const text = readText(said.text);
    const key = readKey(said.key);
    if (text === "") return Promise.resolve(refused("chat.text.missing"));
    if (text.length > longestText) return Promise.resolve(refused("chat.text.too-long"));
    return store.transact(async (tx): Promise<Outcome<{ row: ChatRow }, StaffRefusal>> => {
      const row = await hold(tx, staff, id);
      if (!row) return refused("chat.not-found");
      if (key !== null && (await hasKey(tx, id, key))) return { ...done, row };
      if (row.status === "ended") return refused("chat.over");
      if (row.staff_id !== staff.accountId) return refused("chat.not-yours");
      if (row.waits_since !== null) await deps.raise(tx, topics.staff(staff.accountId));
      const answered = await talk.add(
        tx,
        row,
        {
          kind: "staff",
          author_id: staff.accountId,
          author_name: staff.name,
          body: text,
          client_key: key,
        },
        { waits_since: null },
      );
      return { ...done, row: answered };
    });
  }

  /** Gives a conversation to a colleague who is there. */
  function handOver(staff: Staff, id: string, toId: string): Promise<Outcome<{ to: string }, StaffRefusal>> {
    return store.transact(async (tx): Promise<Outcome<{ to: string }, StaffRefusal>> => {
      const row = await hold(tx, staff, id);
      if (!row) return refused("chat.not-found");
      if (row.status === "ended") return refused("chat.over");
      if (row.staff_id !== staff.accountId) return refused("chat.not-yours");
      const agents = await listAgents(tx, clock.now());
      const to = agents.find(({ staff_id }) => staff_id === toId && staff_id !== staff.accountId);
      // Whose own conversation it is cannot be whom it is given to.
      if (!to || to.staff_id === row.account_id) return refused("chat.colleague-gone");
      await talk.happen(
        tx,
        row,
        "chat.system.handed-over",
        { name: to.name },
        { staff_id: to.staff_id, staff_name: to.name },
      );
      for (const topic of [topics.desk, topics.staff(staff.accountId), topics.staff(to.staff_id)]) {
        await deps.raise(tx, topic);
      }
      return { ...done, to: to.name };
    });
  }

  /** Ends it: all is said, or it goes on as a request. */
  function end(
    staff: Staff,
    id: string,
    how: "staff" | "staff-case",
  ): Promise<Outcome<{ row: ChatRow }, StaffRefusal>> {
    return store.transact(async (tx): Promise<Outcome<{ row: ChatRow }, StaffRefusal>> => {
      const row = await hold(tx, staff, id);
      if (!row) return refused("chat.not-found");
      if (row.status === "ended") return refused("chat.over");
      if (row.staff_id !== staff.accountId) return refused("chat.not-yours");
      return { ...done, row: await deps.ending.end(tx, row, how) };
    });
  }

  async function read(staff: Staff, id: string): Promise<ChatRow | null> {
    const row = await findChat(store, id);
    return maySee(staff, row) ? row : null;
  }

  return {
    setAvailable,
    ping,
    list,
    colleagues,
    ofColleague,
    take,
    say,
    handOver,
    end,
    read,
    /** What was said after `after`; without it, what was said last. */
    messages: (row: ChatRow, after: number | null = null): Promise<ChatMessageRow[]> =>
      after === null
        ? newestMessages(store, row.id, messagesShown)
        : messagesAfter(store, row.id, after, messagesShown),
    /** Whoever signs out is no longer there. */
    async sessionsEnded(tx: Tx, sessionIds: string[]): Promise<void> {
      const gone = await removePresence(tx, sessionIds);
      if (gone.length > 0) await deps.raise(tx, topics.desk);
    },
  };
}

export type StaffRules = ReturnType<typeof createStaffRules>;
