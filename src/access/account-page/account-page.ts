import type { Account, ContactPoint, Identifier } from "../../accounts/accounts.ts";
import type { Actor, Journal } from "../../journal/journal.ts";
import type { Caller, Person } from "../../kernel/caller.ts";
import type { Db, Store, Tx } from "../../store/store.ts";

/**
 * The account page: who I am, what reaches me, where I am signed in, what happened to my account, my language.
 *
 * Tables: none of its own. Settings: languages.offered.
 * Refusals: account.signed-out, account.no-such-device, account.no-such-language.
 */
export interface Device {
  id: string;
  browser: string | null;
  since: number;
  lastSeenAt: number;
  isThisOne: boolean;
}

/** What somebody asked to be reached by and has not answered yet; whether it is another's is not told. */
export interface WaitingContact {
  channel: "email" | "sms";
  address: string;
  askedAt: number;
}

export interface Activity {
  id: string;
  at: number;
  event: string;
  params: Record<string, string | number>;
  browser: string | null;
  by: "you" | "somebody-else" | "staff" | "stranger" | "system";
}

interface SessionSeen {
  id: string;
  browser: string | null;
  created_at: number;
  last_seen_at: number;
}

interface JournalLine {
  id: string;
  at: number;
  event: string;
  actor_kind: string;
  actor_id: string | null;
  params: string;
  browser: string | null;
}

const linesAPage = 30;

export type AccountPage = ReturnType<typeof createAccountPage>;

export function createAccountPage(deps: {
  store: Store;
  journal: Journal;
  languages: string[];
  accounts: {
    findById(db: Db, id: string): Promise<Account | null>;
    identifiersOf(db: Db, accountId: string): Promise<Identifier[]>;
    contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
    updateAccount(tx: Tx, id: string, change: Partial<Account>): Promise<void>;
  };
  /** True for the contact point that must stay. */
  isLastContact: (points: ContactPoint[], point: ContactPoint) => boolean;
  waitingContacts: (db: Db, accountId: string) => Promise<WaitingContact[]>;
  sessionsOf: (db: Db, accountId: string) => Promise<SessionSeen[]>;
  /** False if the session is not one of this account's. */
  endSession: (tx: Tx, accountId: string, sessionId: string) => Promise<boolean>;
  endOtherSessions: (tx: Tx, accountId: string, keptSessionId: string) => Promise<number>;
  journalOf: (
    db: Db,
    accountId: string,
    limit: number,
    before?: { at: number; id: string },
  ) => Promise<JournalLine[]>;
}) {
  const { store, accounts, journal } = deps;

  async function show(person: Person) {
    const account = await accounts.findById(store, person.accountId);
    if (!account) return null;
    const points = await accounts.contactPointsOf(store, account.id);
    return {
      account,
      identifiers: await accounts.identifiersOf(store, account.id),
      contacts: points.map((point) => ({ point, isLast: deps.isLastContact(points, point) })),
      waiting: await deps.waitingContacts(store, account.id),
    };
  }

  async function devices(person: Person): Promise<Device[]> {
    const sessions = await deps.sessionsOf(store, person.accountId);
    const listed = sessions.map((session) => ({
      id: session.id,
      browser: session.browser,
      since: session.created_at,
      lastSeenAt: session.last_seen_at,
      isThisOne: session.id === person.sessionId,
    }));
    return [...listed.filter((one) => one.isThisOne), ...listed.filter((one) => !one.isThisOne)];
  }

  async function signOutDevice(caller: Caller, person: Person, sessionId: string): Promise<boolean> {
    return store.transact(async (tx) => {
      const isEnded = await deps.endSession(tx, person.accountId, sessionId);
      if (isEnded) await record(tx, caller, person, "account.device-signed-out");
      return isEnded;
    });
  }

  /** Answers how many were signed out. */
  async function signOutOthers(caller: Caller, person: Person): Promise<number> {
    return store.transact(async (tx) => {
      const ended = await deps.endOtherSessions(tx, person.accountId, person.sessionId);
      if (ended > 0) await record(tx, caller, person, "account.others-signed-out", { count: ended });
      return ended;
    });
  }

  /** The newest lines of the journal, or those older than `before`, a cursor that an earlier page answered. */
  async function activity(
    person: Person,
    before: string,
  ): Promise<{ lines: Activity[]; older: string | null }> {
    const cursor = readCursor(before);
    const lines = await deps.journalOf(store, person.accountId, linesAPage + 1, cursor);
    const shown = lines.slice(0, linesAPage);
    const last = shown.at(-1);
    return {
      lines: shown.map((line) => ({
        id: line.id,
        at: line.at,
        event: line.event,
        params: JSON.parse(line.params) as Activity["params"],
        browser: line.browser,
        by: actorSeenBy(person.accountId, line),
      })),
      older: lines.length > linesAPage && last ? `${last.at}.${last.id}` : null,
    };
  }

  /** The language of the messages to come; false if it is not offered. */
  async function chooseLanguage(caller: Caller, person: Person, language: string): Promise<boolean> {
    if (!deps.languages.includes(language)) return false;
    await store.transact(async (tx) => {
      await accounts.updateAccount(tx, person.accountId, { locale: language });
      await record(tx, caller, person, "account.language-chosen");
    });
    return true;
  }

  function record(
    tx: Tx,
    caller: Caller,
    person: Person,
    event: string,
    params: Record<string, string | number> = {},
  ): Promise<void> {
    const actor: Actor = { kind: "person", id: person.accountId };
    return journal.record(tx, { event, accountId: person.accountId, actor, caller, params });
  }

  return { show, devices, signOutDevice, signOutOthers, activity, chooseLanguage };
}

function actorSeenBy(accountId: string, line: JournalLine): Activity["by"] {
  switch (line.actor_kind) {
    case "person":
      return line.actor_id === accountId ? "you" : "somebody-else";
    case "staff":
      return line.actor_id === accountId ? "you" : "staff";
    case "stranger":
      return "stranger";
    default:
      return "system";
  }
}

/** What a stranger wrote into the address line is no cursor: the list simply begins at the newest. */
function readCursor(text: string): { at: number; id: string } | undefined {
  const match = /^(\d{1,15})\.([0-9a-f-]{36})$/.exec(text);
  return match ? { at: Number(match[1]), id: match[2] as string } : undefined;
}
