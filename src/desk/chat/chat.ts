import type { Budgets } from "../../access/budgets/budgets.ts";
import type { Preset } from "../../config/preset.ts";
import { type Clock, day } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Keys } from "../../kernel/keys.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Store, Tx } from "../../store/store.ts";
import { forget } from "./chat.store.ts";
import { createEnding, type EndingDeps } from "./chat-ending.ts";
import { createFollow } from "./chat-follow.ts";
import { createLive, type SignalsHeard } from "./chat-live.ts";
import { expectedMinutes, isSomebodyThere, mayJoin } from "./chat-queue.ts";
import { createStaffRules } from "./chat-staff.ts";
import { createTalk } from "./chat-talk.ts";
import { createVisitorRules, type VisitorDeps } from "./chat-visitor.ts";

export type { ChatMessageRow as ChatMessage, ChatRow as Chat, EndedBy } from "./chat.store.ts";
export type { ChatEvidence, ChatToRecord, RecordedChat } from "./chat-ending.ts";

/**
 * Chat: a conversation with staff who are there, begun without account and found again by the browser's binding cookie.
 * The rules stand in parts beside this file: chat-visitor, chat-staff, chat-queue (who waits, and for how long),
 * chat-follow (what happens when somebody leaves), chat-ending (what becomes of it), chat-live (what pages hear).
 *
 * Whoever chats is nobody until proved: nothing that is said tells whether an account exists (promise 2). Every
 * conversation ends as a request for help that holds all of it, so that nothing is lost (promise 3).
 *
 * Tables: chats, chat_messages, chat_presence. Signals: `chat <id>`, `chat-desk`, `chat-staff <id>`.
 * Settings: support.hasChat, kinds, messages.noticeUsefulForSeconds, limits "chat.per-source",
 * "chat-message.per-conversation", "case-acknowledgement.per-address".
 * Refusals: chat.none, .nobody, .too-many, .too-fast, .text.missing, .text.too-long, .not-found, .taken, .over, .not-yours,
 * .colleague-gone.
 * Messages: chat.transcript.
 */
export interface ChatDeps
  extends Pick<EndingDeps, "recordChat" | "caseLinkToken" | "replyAddress" | "relayName">,
    Pick<VisitorDeps, "addToCase"> {
  store: Store;
  clock: Clock;
  ids: Ids;
  keys: Keys;
  preset: Pick<Preset, "support" | "messages">;
  budgets: Budgets;
  outbox: Outbox;
  signals: SignalsHeard & { raise(tx: Tx, topic: string): Promise<void> };
  /** Told what failed in what runs by itself. */
  onFault: (cause: unknown, what: string) => void;
}

/** Whether one can chat just now, for pages that offer it. */
export interface ChatState {
  /** Somebody is there, and there is room in the queue. */
  isOpen: boolean;
  isSomebodyThere: boolean;
  /** Expected wait; 0: less than two; null where nobody is there. */
  minutes: number | null;
}

/** All of it stands in the request that it became; here it only says how long conversations take. */
const endedKeptFor = 7 * day;
const forgottenAtOnce = 500;

export type ChatRules = ReturnType<typeof createChat>;

export function createChat(deps: ChatDeps) {
  const { store, clock, ids, signals, preset, onFault } = deps;
  const raise = signals.raise;
  const live = createLive({ store, clock, signals });
  const talk = createTalk({ clock, ids, raise });
  const ending = createEnding({ ...deps, talk, raise });
  const visitor = createVisitorRules({ ...deps, talk, ending, live, raise });
  const staff = createStaffRules({ store, clock, talk, ending, live, raise });
  const { follow } = createFollow({ store, clock, talk, ending, live, raise, onFault });

  async function state(): Promise<ChatState> {
    if (!preset.support.hasChat) return { isOpen: false, isSomebodyThere: false, minutes: null };
    const queue = await live.queue();
    return {
      isOpen: mayJoin(queue),
      isSomebodyThere: isSomebodyThere(queue),
      minutes: expectedMinutes(queue, queue.waiting + 1),
    };
  }

  return {
    visitor,
    staff,
    live,
    follow,
    state,
    /** Sessions that ended: their staff are no longer there, and conversations written in them are over. */
    async sessionsEnded(tx: Tx, sessionIds: string[]): Promise<void> {
      await staff.sessionsEnded(tx, sessionIds);
      await visitor.sessionsEnded(tx, sessionIds);
    },
    forget: (tx: Tx) => forget(tx, clock.now() - endedKeptFor, forgottenAtOnce),
  };
}
