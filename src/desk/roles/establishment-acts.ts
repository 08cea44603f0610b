import { createDayOf } from "../../i18n/moment.ts";
import type { Journal, JournalEntry } from "../../journal/journal.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { boundsOfDay } from "./days.ts";
import * as rows from "./establishment-acts.store.ts";

/**
 * What staff did for the people of an establishment, so that its head sees it (promise 7): every act of any staff on a
 * person leaves a line in the journal of that person, and here one for each establishment to which they belong then. What
 * is done about a role at an establishment is listed there alone.
 *
 * Tables: establishment_acts; reads journal, memberships, establishments, accounts. Settings: retention.journalDays.
 * Act: staff.acts.
 */

/**
 * Writes a line on the side of a person, and notes it for their establishments. Of the operator's command line, which
 * is nobody, whoever records says so by this; of staff the journal below sees it by itself.
 */
export type RecordAct = (tx: Tx, entry: JournalEntry & { accountId: string }) => Promise<void>;

interface ActJournalDeps {
  journal: Journal;
  ids: Ids;
  clock: Clock;
}

/** Writes a line, and lists it for the heads of those whom it is about. */
function createListed({ journal, ids, clock }: ActJournalDeps) {
  return async (tx: Tx, entry: JournalEntry, about: { account_id: string; placeId: string | null }) => {
    const id = ids.uuid();
    await journal.record(tx, { ...entry, id });
    await rows.insertAct(tx, { at: clock.now(), journal_id: id, staff_id: entry.actor.id, ...about });
  };
}

export function createRecordAct(deps: ActJournalDeps): RecordAct {
  const list = createListed(deps);
  return (tx, entry) => list(tx, entry, { account_id: entry.accountId, placeId: entry.placeId ?? null });
}

/** What staff did to an establishment, and to nobody in particular: on their own side, and for its head. */
export function createRecordActAt(deps: ActJournalDeps) {
  const list = createListed(deps);
  return (tx: Tx, establishmentId: string, entry: JournalEntry): Promise<void> =>
    list(tx, entry, { account_id: "", placeId: establishmentId });
}

/** The same journal, which notes by itself what staff do to others: the one place that every such act goes through. */
export function createActJournal(deps: ActJournalDeps): Journal {
  const recordAct = createRecordAct(deps);
  return {
    async record(tx, entry) {
      const { accountId, actor } = entry;
      const isAct = actor.kind === "staff" && accountId !== null && actor.id !== accountId;
      await (isAct ? recordAct(tx, { ...entry, accountId }) : deps.journal.record(tx, entry));
    },
  };
}

/** One act as the list shows it. */
export interface SeenAct {
  id: string;
  at: number;
  event: string;
  params: Record<string, string | number>;
  /** Null: the operator's command line, or an account that is gone (`isByStaff`). */
  by: { id: string; name: string } | null;
  isByStaff: boolean;
  /** Null: the account is gone. Of an act about the establishment itself: empty. */
  person: string | null;
  personId: string;
  reason: string | null;
}

export interface ActsFilter {
  /** Whose acts; "" for everybody's. */
  by: string;
  /** Such as 2026-11-29, in the portal's time zone; "" for every day. */
  day: string;
  /** What was done; "" for everything. */
  kind: ActKind | "";
}

/** What staff do, by the beginnings of its events. */
const eventsOfKind = {
  contacts: ["people.contact-", "registry-import.kept"],
  access: ["people.unlocked", "people.recovery-sent", "people.activation-sent", "people.browser-approved"],
  letters: ["letters.", "desk.letters-"],
  families: ["families."],
  cases: ["cases."],
  accounts: [
    "people.closed",
    "people.deleted-mistyped",
    "people.invited",
    "registry-import.",
    "desk.registry-",
    "operate.account-",
  ],
  roles: ["staff.", "second-factor.", "operate.role-", "operate.second-factor-"],
} as const satisfies Record<string, readonly string[]>;

export type ActKind = keyof typeof eventsOfKind;
export const actKinds = Object.keys(eventsOfKind) as ActKind[];

const actsAPage = 50;
const actsInAPart = 500;

export type EstablishmentActs = ReturnType<typeof createEstablishmentActs>;

export function createEstablishmentActs(deps: {
  store: Store;
  /** The portal's (IANA). */
  timezone: string;
  wallsFor: (staff: Staff, act: "staff.acts") => string[] | null;
  mayHelp: (db: Db, staff: Staff, accountId: string, act: "people.see") => Promise<boolean>;
}) {
  const { store, timezone } = deps;
  const wallsOf = (staff: Staff) => deps.wallsFor(staff, "staff.acts");

  const askedOf = (staff: Staff, { by, day, kind }: ActsFilter) => ({
    walls: wallsOf(staff),
    events: kind === "" ? null : eventsOfKind[kind],
    staffId: by === "" ? null : by,
    between: day === "" ? null : boundsOfDay(day, timezone),
  });

  /** One page, the newest first; `before` is where the page before ended. */
  async function list(
    staff: Staff,
    filter: ActsFilter,
    before: string,
  ): Promise<{ acts: SeenAct[]; older: string | null }> {
    const found = await rows.listActs(store, {
      ...askedOf(staff, filter),
      before: readCursor(before),
      limit: actsAPage + 1,
    });
    const shown = found.slice(0, actsAPage);
    const last = shown.at(-1);
    return {
      acts: shown.map(toAct),
      older: found.length > actsAPage && last ? `${last.at}.${last.journal_id}` : null,
    };
  }

  /** All of them, a part at a time. */
  async function* all(staff: Staff, filter: ActsFilter): AsyncGenerator<SeenAct[]> {
    let before: rows.ActsAsked["before"] = null;
    for (;;) {
      const found: rows.ListedActRow[] = await rows.listActs(store, {
        ...askedOf(staff, filter),
        before,
        limit: actsInAPart,
      });
      if (found.length > 0) yield found.map(toAct);
      const last = found.at(-1);
      if (found.length < actsInAPart || !last) return;
      before = { at: last.at, journalId: last.journal_id };
    }
  }

  /** Those of the people of these acts whose page is the viewer's to open. */
  async function helpedAmong(staff: Staff, acts: SeenAct[]): Promise<ReadonlySet<string>> {
    const ids = [...new Set(acts.map(({ personId }) => personId).filter((id) => id !== ""))];
    const helped = await Promise.all(ids.map((id) => deps.mayHelp(store, staff, id, "people.see")));
    return new Set(ids.filter((_, index) => helped[index]));
  }

  return {
    list,
    all,
    helpedAmong,
    /** Who acted there, by name. */
    doers: (staff: Staff) => rows.listDoers(store, wallsOf(staff)),
    /** Whether a day is one, so that a filter is not silently left out. */
    isDay: (name: string) => boundsOfDay(name, timezone) !== null,
    dayOf: createDayOf(timezone),
    forget: rows.forgetActs,
  };
}

function toAct(row: rows.ListedActRow): SeenAct {
  const params = JSON.parse(row.params) as SeenAct["params"];
  return {
    id: row.journal_id,
    at: row.at,
    event: row.event,
    params,
    by: row.staff_id === null || row.staff_name === null ? null : { id: row.staff_id, name: row.staff_name },
    isByStaff: row.staff_id !== null,
    person: row.account_id === "" ? "" : row.person_name,
    personId: row.account_id,
    // What the command line writes there is about itself; of acts on staff the person may read it among the words.
    reason: row.staff_id === null ? null : (row.reason ?? params.why?.toString() ?? null),
  };
}

/** What somebody wrote into the address line is no cursor: the list simply begins at the newest. */
function readCursor(text: string): rows.ActsAsked["before"] {
  const match = /^(\d{1,15})\.([0-9a-f-]{36})$/.exec(text);
  return match ? { at: Number(match[1]), journalId: match[2] as string } : null;
}
