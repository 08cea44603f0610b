import type { Staff } from "../../kernel/caller.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import { done, refused } from "../../kernel/outcome.ts";
import type { Store } from "../../store/store.ts";
import type { Establishments } from "./case-places.ts";
import type { CaseAct, CaseWalls, Place, Scope } from "./case-walls.ts";
import * as rows from "./inbox.store.ts";
import type { InboxCursor, InboxFilter, InboxView } from "./inbox-filter.ts";
import { inboxViews, orderOf, readFilter, statusesOf, writeFilter } from "./inbox-filter.ts";
import { createInboxSearch } from "./inbox-search.ts";

/**
 * The inbox: which cases staff see, in which order, and who has one open. Who sees which is said by `case-walls.ts`;
 * here it is listed: each relay, or each relay inside an establishment, is walked in an index of its own.
 *
 * Tables: case_viewers, case_filters; reads cases and case_words. Settings: roles.relays, roles.reach.
 * Refusals: inbox.filter.name-missing, inbox.filter.too-many.
 */
export type Inbox = ReturnType<typeof createInbox>;

export interface InboxLine extends rows.InboxRow {
  /** Null: nobody. */
  assignedTo: string | null;
  /** The person wrote since this member of staff last had it open, and nobody has answered. */
  isUnread: boolean;
  isLate: boolean;
  /** The name of where it stands, for those who see cases of more than one establishment. */
  standsAt: string | null;
}

export interface InboxPage {
  lines: InboxLine[];
  next: InboxCursor | null;
}

export type ViewCounts = Record<InboxView, number>;

export interface SavedFilter {
  id: string;
  name: string;
  query: string;
}

export const linesAPage = 30;
/** Counting stops here: whoever has a thousand cases knows enough. */
export const countedAtMost = 1000;
/** How long somebody counts as having a case open after their page last said so. */
export const openForSeconds = 60;
const filtersAtMost = 30;
const longestFilterName = 60;

/** A choice among so many schools is still one. */
const placesOffered = 300;

export function createInbox(deps: {
  store: Store;
  clock: Clock;
  ids: Ids;
  walls: CaseWalls;
  /** Null where the portal knows none. */
  establishments: Pick<Establishments, "find" | "schoolsWithin"> | null;
}) {
  const { store, clock, ids, walls, establishments } = deps;
  const search = createInboxSearch({ store, clock, walls });

  /** Where the filter looks, if anywhere; an establishment that is not there holds no case. */
  async function placeOf(id: string | null): Promise<Place | null> {
    const found = id === null ? null : await establishments?.find([id]);
    const place = found?.get(id ?? "") ?? null;
    return place?.type === "class" ? null : place;
  }

  /** Which cases the view and the place of a filter leave to see. */
  async function scopeOf(staff: Staff, filter: Pick<InboxFilter, "view" | "establishment">): Promise<Scope> {
    const scope = await walls.scopeOf(staff, "cases.see", filter.view === "all");
    if (filter.establishment === null) return scope;
    const place = await placeOf(filter.establishment);
    return place ? walls.scopeInside(scope, place) : { relays: [], within: [] };
  }

  const ofRelay = ({ relays, within }: Scope, chosen: string | null): Scope => ({
    relays: chosen === null ? relays : relays.filter((id) => id === chosen),
    within: chosen === null ? within : within.filter(({ relay }) => relay === chosen),
  });

  function slicesOf(staff: Staff, filter: InboxFilter, scope: Scope): rows.Slices {
    const statuses = statusesOf(filter);
    if (filter.view === "mine") return { statuses, of: { assignee: staff.accountId } };
    // What somebody has is read from their own place: most of a relay's cases are not theirs.
    if (filter.assignee !== null) return { statuses, of: { assignee: filter.assignee } };
    return { statuses, of: ofRelay(scope, filter.relay), isUnassigned: filter.view === "unassigned" };
  }

  function narrowingOf(staff: Staff, filter: InboxFilter, scope: Scope): rows.Narrowing {
    const isMine = filter.view === "mine";
    const byAssignee = !isMine && filter.assignee !== null;
    const mine = walls.wallsOf(staff, "cases.see");
    const chosen = filter.establishment === null ? null : [filter.establishment];
    return {
      scope: byAssignee ? ofRelay(scope, filter.relay) : null,
      // What they have beyond their relays is theirs to see; beyond their walls it is not.
      inside: isMine ? [mine, chosen].filter((ids) => ids !== null) : [],
      relay: isMine ? filter.relay : null,
      symptom: filter.symptom,
      kind: filter.kind,
      assignee: isMine ? filter.assignee : null,
      dueBefore: filter.view === "late" ? clock.now() : null,
    };
  }

  /** One page, with where the next one begins. */
  async function list(staff: Staff, filter: InboxFilter): Promise<InboxPage> {
    const scope = await scopeOf(staff, filter);
    if (filter.words !== "") {
      const found = await search.find(staff, scope, filter, linesAPage);
      return { lines: await linesOf(staff, found.rows), next: found.next };
    }
    const order = orderOf(filter);
    const found = await rows.listCases(
      store,
      slicesOf(staff, filter, scope),
      narrowingOf(staff, filter, scope),
      order,
      filter.after,
      linesAPage + 1,
    );
    const shown = found.slice(0, linesAPage);
    const last = shown.at(-1);
    const next =
      found.length > linesAPage && last
        ? { key: order === "due" ? last.due : last.last_message_at, id: last.id }
        : null;
    return { lines: await linesOf(staff, shown), next };
  }

  /** Their own case is none of theirs to see (promise 7): it is left out of what was found. */
  async function linesOf(staff: Staff, all: rows.InboxRow[]): Promise<InboxLine[]> {
    const now = clock.now();
    const found = all.filter((row) => row.account_id !== staff.accountId);
    const caseIds = found.map(({ id }) => id);
    const assignees = [...new Set(found.flatMap(({ assignee_id }) => assignee_id ?? []))];
    const [seen, names, standing] = await Promise.all([
      rows.seenAt(store, staff.accountId, caseIds),
      rows.namesOf(store, assignees),
      namesOfPlaces(staff, found),
    ]);
    return found.map((row) => ({
      ...row,
      assignedTo: row.assignee_id === null ? null : (names.get(row.assignee_id) ?? null),
      isUnread: row.waits_for === "staff" && row.person_wrote_at > (seen.get(row.id) ?? 0),
      isLate: row.status === "open" && row.due < now,
      standsAt: standing.get(row.establishment_id ?? "")?.name ?? null,
    }));
  }

  /** Whoever works for one school alone need not be told which. */
  async function namesOfPlaces(staff: Staff, found: rows.InboxRow[]): Promise<Map<string, Place>> {
    const ids = [...new Set(found.flatMap(({ establishment_id }) => establishment_id ?? []))];
    if (establishments === null || ids.length === 0) return new Map();
    const own = walls.wallsOf(staff, "cases.see");
    const isOne = own?.length === 1 && ids.every((id) => id === own[0]);
    return isOne ? new Map() : establishments.find(ids);
  }

  /**
   * Where a case may stand that they see, to choose from: nothing for those who see all, who name a school, nor for
   * those of one school.
   */
  async function placesOf(staff: Staff, act: CaseAct): Promise<Place[]> {
    const own = walls.wallsOf(staff, act);
    if (own === null || establishments === null) return [];
    const all = await establishments.schoolsWithin(own, placesOffered);
    return all.length > 1 ? all : [];
  }

  /** The establishments at whose walls what they may ends; none for those who may everywhere. */
  async function wallsNamed(staff: Staff, act: CaseAct): Promise<Place[]> {
    const own = walls.wallsOf(staff, act) ?? [];
    const found = own.length === 0 ? null : await establishments?.find(own);
    return [...(found?.values() ?? [])].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** How many cases each view holds, up to `countedAtMost` + 1. */
  async function counts(staff: Staff): Promise<ViewCounts> {
    const asked = await Promise.all(
      inboxViews.map(async (view) => {
        const filter = readFilter((name) => (name === "view" ? view : ""));
        const scope = await scopeOf(staff, filter);
        return {
          slices: slicesOf(staff, filter, scope),
          narrowing: narrowingOf(staff, filter, scope),
          order: orderOf(filter),
        };
      }),
    );
    const counted = await rows.countCases(store, asked, countedAtMost + 1);
    return Object.fromEntries(inboxViews.map((view, index) => [view, counted[index] ?? 0])) as ViewCounts;
  }

  /** What waits, for the first page of the desk: each up to `countedAtMost` + 1. */
  async function deskCounts(staff: Staff): Promise<Omit<ViewCounts, "all">> {
    const { all: _, ...waiting } = await counts(staff);
    return waiting;
  }

  async function filters(staff: Staff): Promise<SavedFilter[]> {
    return (await rows.filtersOf(store, staff.accountId)).map(({ id, name, query }) => ({ id, name, query }));
  }

  /** Keeps a filter under a name, for this member of staff. */
  async function saveFilter(staff: Staff, name: string, filter: InboxFilter) {
    const shortened = name.trim().replaceAll(/\s+/g, " ").slice(0, longestFilterName);
    if (shortened === "") return refused("inbox.filter.name-missing");
    return store.transact(async (tx) => {
      if ((await rows.filtersOf(tx, staff.accountId)).length >= filtersAtMost) {
        return refused("inbox.filter.too-many");
      }
      await rows.insertFilter(tx, {
        id: ids.uuid(),
        staff_id: staff.accountId,
        name: shortened,
        query: writeFilter(filter, { after: null }),
      });
      return done;
    });
  }

  const removeFilter = (staff: Staff, id: string) =>
    store.transact((tx) => rows.removeFilter(tx, staff.accountId, id));

  /**
   * Says that this member of staff has the case open, and answers the names of the others who have. It may be lost: a
   * page that is open says it again.
   */
  async function lookAt(staff: Staff, caseId: string): Promise<string[]> {
    const now = clock.now();
    await store.transactLightly((tx) => rows.markSeen(tx, caseId, staff.accountId, now));
    const others = await rows.othersSince(store, caseId, staff.accountId, now - openForSeconds * second);
    return [...(await rows.namesOf(store, others)).values()].sort();
  }

  return {
    list,
    counts,
    deskCounts,
    scopeOf,
    placeOf,
    placesOf,
    wallsNamed,
    /** The relays of which they see any case. */
    reach: (staff: Staff) => walls.relaysSeen(staff),
    filters,
    saveFilter,
    removeFilter,
    lookAt,
  };
}
