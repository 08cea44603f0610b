import { parseEmailAddress } from "../../accounts/addresses/email-address.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Store } from "../../store/store.ts";
import { foldWords } from "../../store/words.ts";
import type { CaseWalls, Scope, Walled } from "./case-walls.ts";
import { placeWord } from "./cases.store.ts";
import * as rows from "./inbox.store.ts";
import { type InboxCursor, type InboxFilter, statusesOf } from "./inbox-filter.ts";

/**
 * Search of cases: by number, incident reference or e-mail address as a whole; else by words, each by its beginning, in
 * any order. It goes from the newest case back, and stops after a bounded number of them: a page of results costs no
 * more where everybody writes the same words. Inside schools it begins with the cases of those, where they are fewer.
 */
const wordsAtMost = 8;
const spellingsAtMost = 20;
const countedAtMost = 2000;
const casesARound = 500;
const roundsAtMost = 6;

const reference = /^[0-9A-HJKMNP-TV-Z]{4}-?[0-9A-HJKMNP-TV-Z]{4}$/;

export function createInboxSearch(deps: {
  store: Store;
  clock: Clock;
  walls: Pick<CaseWalls, "isInside" | "wallsOf">;
}) {
  const { store, clock, walls } = deps;

  /** `next` is null at the end; a page may be short, or empty, and still have a next one. */
  async function find(
    staff: Staff,
    scope: Scope,
    filter: InboxFilter,
    limit: number,
  ): Promise<{ rows: rows.InboxRow[]; next: InboxCursor | null }> {
    const exact = await rows.findExactly(store, readName(filter.words), limit);
    if (exact.length > 0) {
      const found = await rows.casesById(store, exact);
      const visible = found.filter((row) => isVisible(staff, scope, filter, row));
      if (visible.length > 0) return { rows: newestFirst(visible), next: null };
    }
    return findByWords(staff, scope, filter, limit);
  }

  async function findByWords(staff: Staff, scope: Scope, filter: InboxFilter, limit: number) {
    const plan = await planOf(filter.words, schoolsOf(staff, scope, filter));
    if (plan === null) return { rows: [], next: null };
    const found: rows.FoundCase[] = [];
    let before = filter.after?.id ?? null;
    for (let round = 0; round < roundsAtMost && found.length <= limit; round++) {
      const end = await rows.endOfWords(store, plan.words, before, casesARound);
      const candidates = await rows.casesWithWords(store, plan.words, plan.also, before, casesARound);
      found.push(...candidates.filter((one) => matches(staff, scope, filter, one)));
      before = end.count < casesARound ? null : end.id;
      if (before === null) break;
    }
    const shown = found.slice(0, limit).map(({ id }) => id);
    const last = found.length > limit ? (shown.at(-1) as string) : before;
    return {
      rows: newestFirst(await rows.casesById(store, shown)),
      next: last === null ? null : { key: 0, id: last },
    };
  }

  /** The schools that all they may see stands at; null where some of it may stand elsewhere. */
  function schoolsOf(staff: Staff, scope: Scope, { establishment }: InboxFilter): string[] | null {
    const schools = [...new Set(scope.within.map(({ establishmentId }) => establishmentId))];
    const isElsewhere = scope.relays.length > 0 || scope.within.some(({ column }) => column === "academy_id");
    if (isElsewhere || schools.length === 0 || schools.length > spellingsAtMost) return null;
    const own = establishment === null ? walls.wallsOf(staff, "cases.see") : schools;
    return own?.every((id) => schools.includes(id)) ? schools : null;
  }

  /** The word that the fewest cases have is looked up; the others are checked on what it finds. */
  async function planOf(
    typed: string,
    schools: string[] | null,
  ): Promise<{ words: string[]; also: string[] } | null> {
    const all = [...new Set(foldWords(typed))];
    const beginnings = (all.some((word) => word.length > 1) ? all.filter((word) => word.length > 1) : all)
      // « martin » beside « mart » asks for nothing more.
      .filter((word, _, words) => !words.some((other) => other !== word && other.startsWith(word)))
      .slice(0, wordsAtMost);
    const looked = await Promise.all(
      beginnings.map(async (beginning) => {
        const words = await rows.wordsBeginning(store, beginning, spellingsAtMost);
        const count = await rows.countWords(store, words, countedAtMost);
        // More spellings than are looked up: only if nothing else is there to begin with.
        const isWhole = words.length < spellingsAtMost;
        return { beginning, words, weight: isWhole ? count : countedAtMost + 1 };
      }),
    );
    if (looked.length === 0 || looked.some(({ words }) => words.length === 0)) return null;
    const [first, ...others] = looked.toSorted((a, b) => a.weight - b.weight);
    const atSchools = schools?.map(placeWord) ?? [];
    // Fewer cases stand there than have any of the words: each of those is asked for all of them.
    if (
      first &&
      schools !== null &&
      (await rows.countWords(store, atSchools, countedAtMost)) < first.weight
    ) {
      return { words: atSchools, also: looked.map(({ beginning }) => beginning) };
    }
    return first ? { words: first.words, also: others.map(({ beginning }) => beginning) } : null;
  }

  /** In the scope, or theirs inside their walls; where an establishment is chosen, there alone. */
  function isVisible(
    staff: Staff,
    scope: Scope,
    { establishment }: InboxFilter,
    row: Omit<Walled, "account_id">,
  ): boolean {
    const isThere = (id: string) => row.establishment_id === id || row.academy_id === id;
    if (establishment !== null && !isThere(establishment)) return false;
    const isInScope =
      scope.relays.includes(row.relay) ||
      scope.within.some((one) => one.relay === row.relay && isThere(one.establishmentId));
    return isInScope || (row.assignee_id === staff.accountId && walls.isInside(staff, "cases.see", row));
  }

  function matches(staff: Staff, scope: Scope, filter: InboxFilter, found: rows.FoundCase): boolean {
    const { view, relay, symptom, kind, assignee } = filter;
    const statuses: string[] = statusesOf(filter);
    return (
      isVisible(staff, scope, filter, found) &&
      (view !== "mine" || found.assignee_id === staff.accountId) &&
      (view !== "unassigned" || found.assignee_id === null) &&
      (view !== "late" || found.due < clock.now()) &&
      statuses.includes(found.status) &&
      (relay === null || found.relay === relay) &&
      (symptom === null || found.symptom === symptom) &&
      (kind === null || found.kind === kind) &&
      (assignee === null || found.assignee_id === assignee)
    );
  }

  return { find };
}

/** What names a case as a whole: a reference, typed with or without its hyphen, or an address. */
export function readName(typed: string): { reference: string | null; emailKey: string | null } {
  const text = typed.trim();
  const upper = text.toUpperCase();
  const isReference = reference.test(upper);
  const plain = upper.replace("-", "");
  const email = parseEmailAddress(text);
  return {
    reference: isReference ? `${plain.slice(0, 4)}-${plain.slice(4)}` : null,
    emailKey: email.ok ? email.key : null,
  };
}

const newestFirst = (found: rows.InboxRow[]) => found.toSorted((a, b) => (a.id < b.id ? 1 : -1));
