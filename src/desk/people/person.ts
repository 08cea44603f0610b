import type { Account, ContactPoint, Identifier, Kind } from "../../accounts/accounts.ts";
import type { StaffAct } from "../../config/acts.ts";
import type { Preset } from "../../config/preset.ts";
import type { JournalRow } from "../../journal/journal.store.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Caller, Staff } from "../../kernel/caller.ts";
import { type Clock, minute, second } from "../../kernel/clock.ts";
import type { AttemptRow, SentRow } from "../../outbox/outbox.store.ts";
import type { MessageReceipt } from "../../outbox/receipts.store.ts";
import { oneAtATime } from "../../store/abilities.ts";
import type { Db, Store } from "../../store/store.ts";
import type { CorrectionRow } from "./people.store.ts";

/**
 * One person, as staff who may help them see them: state and why, contact points and where they come from, and one
 * timeline of what happened and of every message with its attempts. Never a word, code or link of a message.
 *
 * Whose role does not allow "people.journal" sees neither private reasons nor who acted, and contact points masked.
 */
export interface Lock {
  identifier: string;
  isKnownBrowser: boolean;
  failures: number;
  since: number;
  until: number;
}

/** Who did something, and when; `name` is null where that is not for this role, or nobody's. */
export interface Doer {
  at: number;
  by: "person" | "staff" | "stranger" | "system";
  name: string | null;
}

export interface ContactSeen {
  point: ContactPoint;
  /** Masked where the role does not allow more. */
  shown: string;
  /** Set while it waits. */
  correction: { usableFrom: number | null; isYours: boolean; replaces: string | null } | null;
}

/** A case of this person, as the list beside shows it. */
export interface PersonCase {
  id: string;
  title: string;
  /** In the language of the page. */
  state: string;
  at: number;
}

export interface PersonSeen {
  account: Account;
  identifiers: string[];
  contacts: ContactSeen[];
  locks: Lock[];
  /** When an unfinished sign-up is removed; null where none is. */
  removedAt: number | null;
  disabled: Doer | null;
  closed: Doer | null;
  frozenUntil: number | null;
  sessions: number;
  knownBrowsers: number;
  lastSignInAt: number | null;
  /** Contact points that a recovery can be sent to. */
  ways: { id: string; channel: "email" | "sms"; shown: string }[];
  isUnused: boolean;
  /** Whether this role sees addresses and private reasons in full. */
  seesAll: boolean;
  may: ReadonlySet<StaffAct>;
  now: number;
}

export type TimelineEntry =
  | {
      kind: "event";
      id: string;
      at: number;
      event: string;
      params: Record<string, string | number>;
      doer: Doer;
      reason: string | null;
      browser: string | null;
      incident: string | null;
    }
  | {
      kind: "message";
      id: string;
      at: number;
      message: SentRow;
      shown: string;
      attempts: AttemptRow[];
      /** What the network said in the end; null where it said nothing. */
      receipt: MessageReceipt | null;
    };

export interface Timeline {
  entries: TimelineEntry[];
  /** Cursor of what is older; null at the end. */
  older: string | null;
}

const linesAPage = 30;
const lookLasts = 15 * minute;

export type PersonRules = ReturnType<typeof createPerson>;

export function createPerson(deps: {
  store: Store;
  clock: Clock;
  preset: Preset;
  journal: Journal;
  /** What staff may do to this person; nothing where they may not help them. */
  actsFor: (db: Db, staff: Staff, accountId: string) => Promise<ReadonlySet<StaffAct>>;
  /** Whether staff see whole what others see masked, wherever they may see somebody of this kind. */
  seesWhole: (staff: Staff, kind: Kind) => boolean;
  accounts: {
    findById(db: Db, id: string): Promise<Account | null>;
    identifiersOf(db: Db, accountId: string): Promise<Identifier[]>;
    contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
  };
  mask: (contact: { channel: ContactPoint["channel"]; address: string }) => string;
  showNumber: (e164: string) => string;
  frozenUntil: (account: Account, now: number) => number | null;
  correctionsOf: (db: Db, accountId: string) => Promise<CorrectionRow[]>;
  locksOf: (db: Db, accountId: string) => Promise<Lock[]>;
  sessionsOf: (db: Db, accountId: string) => Promise<object[]>;
  knownBrowsersOf: (db: Db, accountId: string) => Promise<object[]>;
  waysOf: (db: Db, account: Account) => Promise<ContactPoint[]>;
  isUnused: (db: Db, account: Account) => Promise<boolean>;
  newestOf: (db: Db, accountId: string, events: string[]) => Promise<JournalRow | null>;
  journalOf: (
    db: Db,
    accountId: string,
    limit: number,
    before?: { at: number; id: string },
  ) => Promise<JournalRow[]>;
  /** The lines of an account about one event since a moment. */
  linesSince: (db: Db, accountId: string, event: string, since: number) => Promise<JournalRow[]>;
  messagesOf: (
    db: Db,
    accountId: string,
    limit: number,
    before?: { at: number; id: string },
  ) => Promise<SentRow[]>;
  attemptsOf: (db: Db, messageIds: string[]) => Promise<AttemptRow[]>;
  receiptsOf: (db: Db, messageIds: string[]) => Promise<Map<string, MessageReceipt>>;
}) {
  const { store, clock, accounts } = deps;

  /** By a role that helps this kind of person: not by another, which helps others. */
  const seesAllOf = (staff: Staff, { kind }: { kind: Kind | null }) =>
    kind !== null && deps.seesWhole(staff, kind);

  /** A contact point of this person as this member of staff may see it. */
  function shownTo(
    staff: Staff,
    account: { kind: Kind | null },
    contact: { channel: ContactPoint["channel"]; address: string },
  ): string {
    if (!seesAllOf(staff, account)) return deps.mask(contact);
    return contact.channel === "email" ? contact.address : deps.showNumber(contact.address);
  }

  /** The person, or null for nobody whom this member of staff may see. */
  async function find(
    staff: Staff,
    accountId: string,
    act: StaffAct = "people.see",
  ): Promise<Account | null> {
    const may = await deps.actsFor(store, staff, accountId);
    return may.has(act) ? accounts.findById(store, accountId) : null;
  }

  function doerOf(line: JournalRow, seesAll: boolean, names: Map<string, string>): Doer {
    const by = line.actor_kind as Doer["by"];
    const isNamed = by === "staff" && seesAll;
    return { at: line.at, by, name: isNamed ? (names.get(line.actor_id ?? "") ?? null) : null };
  }

  /** Names of the staff who acted. */
  async function namesOf(lines: JournalRow[]): Promise<Map<string, string>> {
    const ids = new Set(lines.flatMap((line) => (line.actor_kind === "staff" ? (line.actor_id ?? []) : [])));
    const found = await Promise.all([...ids].map((id) => accounts.findById(store, id)));
    return new Map(found.flatMap((account) => (account ? [[account.id, account.name] as const] : [])));
  }

  async function doer(staff: Staff, account: Account, events: string[], at: number | null) {
    const line = await deps.newestOf(store, account.id, events);
    if (line) return doerOf(line, seesAllOf(staff, account), await namesOf([line]));
    return at === null ? null : { at, by: "system" as const, name: null };
  }

  async function contactsOf(staff: Staff, account: Account): Promise<ContactSeen[]> {
    const points = await accounts.contactPointsOf(store, account.id);
    const corrections = await deps.correctionsOf(store, account.id);
    return points.map((point) => {
      const correction = corrections.find(({ contact_point_id: id }) => id === point.id);
      const replaced = points.find(({ id }) => id === correction?.replaces_id);
      return {
        point,
        shown: shownTo(staff, account, point),
        correction: correction
          ? {
              usableFrom: correction.usable_from,
              isYours: correction.made_by === staff.accountId,
              replaces: replaced ? shownTo(staff, account, replaced) : null,
            }
          : null,
      };
    });
  }

  async function see(staff: Staff, accountId: string): Promise<PersonSeen | null> {
    const account = await find(staff, accountId);
    if (!account) return null;
    const { unfinishedKeptForSeconds } = deps.preset.registration;
    const isUnfinished = account.status === "pending" && account.password_hash !== null;
    const signIn = await deps.newestOf(store, account.id, ["sign-in.done"]);
    const identifiers = await accounts.identifiersOf(store, account.id);
    return {
      account,
      identifiers: identifiers.map(({ kind, shown }) =>
        kind === "email" ? shownTo(staff, account, { channel: "email", address: shown }) : shown,
      ),
      contacts: await contactsOf(staff, account),
      locks: await deps.locksOf(store, account.id),
      removedAt: isUnfinished ? account.created_at + unfinishedKeptForSeconds * second : null,
      disabled:
        account.status === "disabled"
          ? await doer(staff, account, ["operate.account-disabled", "families.joined-into"], null)
          : null,
      closed:
        account.status === "closed"
          ? await doer(
              staff,
              account,
              ["people.closed", "operate.account-closed", "registry-import.closed", "families.settled"],
              account.closed_at,
            )
          : null,
      frozenUntil: deps.frozenUntil(account, clock.now()),
      sessions: (await deps.sessionsOf(store, account.id)).length,
      knownBrowsers: (await deps.knownBrowsersOf(store, account.id)).length,
      lastSignInAt: signIn?.at ?? null,
      ways: (await deps.waysOf(store, account)).map((point) => ({
        id: point.id,
        channel: point.channel,
        shown: shownTo(staff, account, point),
      })),
      isUnused: await deps.isUnused(store, account),
      seesAll: seesAllOf(staff, account),
      may: await deps.actsFor(store, staff, account.id),
      now: clock.now(),
    };
  }

  /** Whether this member of staff looked at this person a moment ago. */
  async function hasLooked(db: Db, staff: Staff, account: Account): Promise<boolean> {
    const lines = await deps.linesSince(db, staff.accountId, "desk.person-seen", clock.now() - lookLasts);
    return lines.some(({ params }) => (JSON.parse(params) as { person?: string }).person === account.id);
  }

  /**
   * That somebody looked: on the side of whoever did, never on the person's, for a look is no act. Once a quarter of
   * an hour, however many pages of the person are opened.
   */
  async function recordLook(caller: Caller, staff: Staff, account: Account): Promise<void> {
    if (await hasLooked(store, staff, account)) return;
    await store.transactLightly(async (tx) => {
      await oneAtATime(tx, `looks ${staff.accountId}`);
      if (await hasLooked(tx, staff, account)) return;
      await deps.journal.record(tx, {
        event: "desk.person-seen",
        accountId: staff.accountId,
        actor: { kind: "staff", id: staff.accountId },
        params: { name: account.name, person: account.id },
        caller,
      });
    });
  }

  /** Opens a page about a person, which leaves a line; null for nobody whom this member of staff may do that to. */
  async function open(
    caller: Caller,
    staff: Staff,
    accountId: string,
    act: StaffAct = "people.see",
  ): Promise<PersonSeen | null> {
    const seen = (await find(staff, accountId, act)) && (await see(staff, accountId));
    if (seen) await recordLook(caller, staff, seen.account);
    return seen;
  }

  /** What happened and what was sent, the newest first. */
  async function timeline(staff: Staff, account: Account, before: string): Promise<Timeline> {
    const cursor = readCursor(before);
    const seesAll = seesAllOf(staff, account);
    const [lines, messages] = await Promise.all([
      deps.journalOf(store, account.id, linesAPage + 1, cursor),
      deps.messagesOf(store, account.id, linesAPage + 1, cursor),
    ]);
    const merged = [
      ...lines.map((line) => ({ at: line.at, id: line.id, line, message: null })),
      ...messages.map((message) => ({ at: message.queued_at, id: message.id, line: null, message })),
    ].sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
    const shown = merged.slice(0, linesAPage);
    const last = shown.at(-1);
    const names = await namesOf(shown.flatMap(({ line }) => line ?? []));
    const messageIds = shown.flatMap(({ message }) => message?.id ?? []);
    const attempts = await deps.attemptsOf(store, messageIds);
    const receipts = await deps.receiptsOf(store, messageIds);
    return {
      entries: shown.map(({ at, id, line, message }): TimelineEntry => {
        if (line) {
          return {
            kind: "event",
            id,
            at,
            event: line.event,
            params: JSON.parse(line.params) as Record<string, string | number>,
            doer: doerOf(line, seesAll, names),
            reason: seesAll ? line.reason : null,
            browser: line.browser,
            incident: line.incident,
          };
        }
        const own = attempts.filter(({ message_id: messageId }) => messageId === id);
        const { channel, recipient } = message as SentRow;
        const receipt = receipts.get(id) ?? null;
        return {
          kind: "message",
          id,
          at,
          message: message as SentRow,
          shown: shownTo(staff, account, { channel, address: recipient }),
          attempts: seesAll ? own : own.map((attempt) => ({ ...attempt, code: null, detail: "" })),
          receipt: receipt === null || seesAll ? receipt : { ...receipt, code: null },
        };
      }),
      older: merged.length > linesAPage && last ? `${last.at}.${last.id}` : null,
    };
  }

  return { see, open, timeline, shownTo };
}

/** What somebody wrote into the address line is no cursor: the list simply begins at the newest. */
function readCursor(text: string): { at: number; id: string } | undefined {
  const match = /^(\d{1,15})\.([0-9a-f-]{36})$/.exec(text);
  return match ? { at: Number(match[1]), id: match[2] as string } : undefined;
}
