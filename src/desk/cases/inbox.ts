import type { Preset } from "../../config/preset.ts";
import type { Staff } from "../../kernel/caller.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import { done, refused } from "../../kernel/outcome.ts";
import type { Store } from "../../store/store.ts";
import * as rows from "./inbox.store.ts";
import type { InboxCursor, InboxFilter, InboxView } from "./inbox-filter.ts";
import { inboxViews, orderOf, readFilter, statusesOf, writeFilter } from "./inbox-filter.ts";
import { createInboxSearch } from "./inbox-search.ts";

/**
 * The inbox: which cases staff see, in which order, and who has one open. A case is seen by those whose role has its
 * relay, by whoever it is assigned to, and by those who may see all.
 *
 * Tables: case_viewers, case_filters; reads cases and case_words. Settings: roles.relays.
 * Refusals: inbox.filter.name-missing, inbox.filter.too-many.
 */
export type Inbox = ReturnType<typeof createInbox>;

export interface InboxLine extends rows.InboxRow {
  /** Null: nobody. */
  assignedTo: string | null;
  /** The person wrote since this member of staff last had it open, and nobody has answered. */
  isUnread: boolean;
  isLate: boolean;
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

export function createInbox(deps: { store: Store; clock: Clock; ids: Ids; preset: Pick<Preset, "relays"> }) {
  const { store, clock, ids } = deps;
  const allRelays = deps.preset.relays.map(({ id }) => id);
  const search = createInboxSearch({ store, clock });

  /** The relays whose cases they may see. */
  const reach = (staff: Staff) => (staff.may.has("cases.see-all") ? allRelays : staff.relays);

  function slicesOf(staff: Staff, filter: InboxFilter): rows.Slices {
    const statuses = statusesOf(filter);
    if (filter.view === "mine") return { statuses, of: { assignee: staff.accountId } };
    const visible = filter.view === "all" ? reach(staff) : staff.relays;
    // What somebody has is read from their own place: most of a relay's cases are not theirs.
    if (filter.assignee !== null) return { statuses, of: { assignee: filter.assignee } };
    const relays = filter.relay === null ? visible : visible.filter((id) => id === filter.relay);
    return { statuses, of: { relays }, isUnassigned: filter.view === "unassigned" };
  }

  function narrowingOf(staff: Staff, filter: InboxFilter): rows.Narrowing {
    const byAssignee = filter.view !== "mine" && filter.assignee !== null;
    const visible = filter.view === "all" ? reach(staff) : staff.relays;
    const chosen = filter.relay === null ? null : [filter.relay];
    return {
      relays: byAssignee
        ? visible.filter((id) => chosen === null || chosen.includes(id))
        : filter.view === "mine"
          ? chosen
          : null,
      symptom: filter.symptom,
      kind: filter.kind,
      assignee: filter.view === "mine" ? filter.assignee : null,
      dueBefore: filter.view === "late" ? clock.now() : null,
    };
  }

  /** One page, with where the next one begins. */
  async function list(staff: Staff, filter: InboxFilter): Promise<InboxPage> {
    if (filter.words !== "") {
      const found = await search.find(staff, reach(staff), filter, linesAPage);
      return { lines: await linesOf(staff, found.rows), next: found.next };
    }
    const order = orderOf(filter);
    const found = await rows.listCases(
      store,
      slicesOf(staff, filter),
      narrowingOf(staff, filter),
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
    const [seen, names] = await Promise.all([
      rows.seenAt(store, staff.accountId, caseIds),
      rows.namesOf(store, assignees),
    ]);
    return found.map((row) => ({
      ...row,
      assignedTo: row.assignee_id === null ? null : (names.get(row.assignee_id) ?? null),
      isUnread: row.waits_for === "staff" && row.person_wrote_at > (seen.get(row.id) ?? 0),
      isLate: row.status === "open" && row.due < now,
    }));
  }

  /** How many cases each view holds, up to `countedAtMost` + 1. */
  async function counts(staff: Staff): Promise<ViewCounts> {
    const asked = inboxViews.map((view) => {
      const filter = readFilter((name) => (name === "view" ? view : ""));
      return {
        slices: slicesOf(staff, filter),
        narrowing: narrowingOf(staff, filter),
        order: orderOf(filter),
      };
    });
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

  return { list, counts, deskCounts, reach, filters, saveFilter, removeFilter, lookAt };
}
