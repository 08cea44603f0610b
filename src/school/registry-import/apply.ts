import { indexManyAccounts } from "../../accounts/bulk-accounts.store.ts";
import { insertManyLines } from "../../journal/bulk-journal.store.ts";
import { oneAtATime } from "../../store/abilities.ts";
import type { Store, Tx } from "../../store/store.ts";
import { endLinks, tieLinks } from "./apply-links.ts";
import { type ApplyPeopleDeps, applyPeople } from "./apply-people.ts";
import {
  beforeEveryLink,
  beforeEveryPerson,
  type LinkKey,
  type LinkRow,
  linkName,
  listAccountsOf,
  listDue,
  listLinks,
  type PersonKey,
  type PersonRow,
  saidOfLinks,
  saidOfPeople,
} from "./import-rows.store.ts";
import {
  holdApplying,
  type ImportRow,
  isAnyApplying,
  listLater,
  type Phase,
  schoolsOf,
  updateImport,
} from "./imports.store.ts";
import { findRecords, listWaitingLinks, markGone, stillThere, untie } from "./registry.store.ts";

export interface ApplyDeps extends ApplyPeopleDeps {
  store: Store;
}

const peopleAtOnce = 500;
/** The more at once, the more of them lie side by side in the index. */
const foundAtOnce = 1000;
const linksAtOnce = 500;
const phases: Phase[] = ["people", "search", "links", "waiting-links", "gone", "gone-links", "done"];

/** What one step did: `next` is where the phase goes on, null at its end. */
interface Step {
  rows: number;
  next: object | null;
}

/**
 * Applies an import step by step: some hundred rows and the cursor behind them in one transaction. Killed in between, it
 * goes on behind the last one that was committed; no row is applied twice.
 */
export function createApply(deps: ApplyDeps) {
  const { store, clock } = deps;

  async function step(tx: Tx, row: ImportRow): Promise<Step> {
    const cursor = row.cursor === null ? null : JSON.parse(row.cursor);
    switch (row.phase) {
      case "people":
        return stepPeople(tx, row, cursor ?? beforeEveryPerson);
      case "search":
        return stepSearch(tx, row, cursor ?? beforeEveryPerson);
      case "links":
        return stepLinks(tx, row, cursor ?? beforeEveryLink);
      case "waiting-links":
        return stepWaiting(tx, row, cursor ?? beforeEveryLink);
      case "gone":
        return row.marks_gone ? stepGone(tx, row, cursor ?? beforeEveryPerson) : over;
      case "gone-links":
        return row.marks_gone ? stepGoneLinks(tx, row, cursor ?? beforeEveryLink) : over;
      case "done":
        return over;
    }
  }

  async function stepPeople(tx: Tx, row: ImportRow, after: PersonKey): Promise<Step> {
    const due = await listDue(tx, row.id, ["new", "changed", "moved", "returned"], after, peopleAtOnce);
    const now = await stillSaid(tx, row, due);
    if (now.length > 0) await applyPeople(deps, tx, row, now);
    return { rows: due.length, next: personKey(due.at(-1)) };
  }

  /**
   * Those of these people of whom no later files say anything. An import may be applied long after it was read, when
   * later ones have been: what those say counts, also that somebody is there whom this one would let go.
   */
  async function stillSaid(tx: Tx, row: ImportRow, people: PersonRow[]): Promise<PersonRow[]> {
    const later = people.length === 0 ? [] : await listLater(tx, row);
    if (later.length === 0) return people;
    const kept: PersonRow[] = [];
    for (const ofPlace of byPlace(people)) {
      const ids = ofPlace.map((person) => person.record_id);
      const said = await saidOfPeople(tx, later, ofPlace[0] as PersonRow, ids);
      kept.push(...ofPlace.filter((person) => !said.has(person.record_id)));
    }
    return kept;
  }

  async function stillTied(tx: Tx, row: ImportRow, links: LinkRow[]): Promise<LinkRow[]> {
    const later = links.length === 0 ? [] : await listLater(tx, row);
    if (later.length === 0) return links;
    const said = new Set<string>();
    for (const id of new Set(links.map((link) => link.establishment_id))) {
      const guardians = new Set(links.map((link) => link.guardian_record_id));
      for (const name of await saidOfLinks(tx, later, id, [...guardians])) said.add(name);
    }
    return links.filter((link) => !said.has(linkName(link)));
  }

  /** Those who are new are found by staff from here on. */
  async function stepSearch(tx: Tx, row: ImportRow, after: PersonKey): Promise<Step> {
    const due = await listAccountsOf(tx, row.id, after, foundAtOnce);
    await indexManyAccounts(
      tx,
      due.map((person) => person.account_id),
    );
    return { rows: due.length, next: personKey(due.at(-1)) };
  }

  async function stepLinks(tx: Tx, row: ImportRow, after: LinkKey): Promise<Step> {
    const due = await listLinks(tx, row.id, ["new", "changed", "unmatched"], after, linksAtOnce);
    await tieLinks(tx, await stillTied(tx, row, due), clock.now());
    return { rows: due.length, next: linkKey(due.at(-1)) };
  }

  /** Links of before that waited for somebody who may have come with this import. */
  async function stepWaiting(tx: Tx, row: ImportRow, after: LinkKey): Promise<Step> {
    const listed = await schoolsOf(tx, [row.id]);
    const schools = [...new Set(listed.map((one) => one.establishment_id))].sort();
    for (const id of schools.filter((one) => one >= after.establishment_id)) {
      const from = id === after.establishment_id ? after : beforeEveryLink;
      const waiting = await listWaitingLinks(tx, id, from, linksAtOnce);
      if (waiting.length === 0) continue;
      await tieLinks(tx, waiting, clock.now());
      return { rows: 0, next: linkKey(waiting.at(-1)) };
    }
    return over;
  }

  async function stepGone(tx: Tx, row: ImportRow, after: PersonKey): Promise<Step> {
    const due = await listDue(tx, row.id, ["gone"], after, peopleAtOnce);
    for (const people of byPlace(await stillSaid(tx, row, due))) await leave(tx, row, people);
    return { rows: due.length, next: personKey(due.at(-1)) };
  }

  /**
   * People of one kind and school who are not in its registry any more, as things stand now. Their accounts stay open for
   * a while.
   */
  async function leave(tx: Tx, row: ImportRow, people: PersonRow[]): Promise<void> {
    const { establishment_id, kind } = people[0] as PersonRow;
    const where = { establishment_id, kind };
    const now = clock.now();
    const known = await findRecords(
      tx,
      where,
      people.map((person) => person.record_id),
    );
    // Whom another import let go meanwhile left then; a number may be somebody else's by now.
    const going = [...known.values()].filter((record) => record.gone_at === null);
    const recordIds = going.map((record) => record.record_id);
    await markGone(tx, where, recordIds, now);
    const accountIds = [...new Set(going.map((record) => record.account_id))];
    // Found again under another number, they are still there.
    const there = await stillThere(tx, establishment_id, accountIds);
    const left = accountIds.filter((id) => !there.has(id));
    await deps.schools.leaveMemberships(tx, establishment_id, left, now);
    await untie(tx, where, { recordIds, accountIds: left, at: now });
    await insertManyLines(
      tx,
      left.map((accountId) => ({
        id: deps.ids.uuid(),
        account_id: accountId,
        event: "registry-import.gone",
        actor_kind: row.made_by === null ? "system" : "staff",
        actor_id: row.made_by,
        at: now,
        incident: null,
        params: "{}",
        reason: null,
        browser: null,
        source_address: null,
      })),
    );
  }

  async function stepGoneLinks(tx: Tx, row: ImportRow, after: LinkKey): Promise<Step> {
    const due = await listLinks(tx, row.id, ["gone"], after, linksAtOnce);
    await endLinks(tx, await stillTied(tx, row, due), clock.now());
    return { rows: due.length, next: linkKey(due.at(-1)) };
  }

  /** One step of the import `id`, or of the oldest that is being applied; answers 0 where there is none. */
  async function applyNext(id: string | null = null): Promise<number> {
    if (!(await isAnyApplying(store))) return 0;
    // A power cut may lose the last steps, with the cursor that committed with them: they are made again.
    return store.transactLightly(async (tx) => {
      // Two imports of one school at once would make the same people twice.
      await oneAtATime(tx, "registry-import");
      const row = await holdApplying(tx, id);
      if (!row) return 0;
      const { rows, next } = await step(tx, row);
      const done = row.done + rows;
      if (next !== null) {
        await updateImport(tx, row.id, { cursor: JSON.stringify(next), done });
      } else {
        const phase = phases[phases.indexOf(row.phase) + 1] ?? "done";
        const isOver = phase === "done";
        await updateImport(tx, row.id, {
          phase,
          cursor: null,
          done,
          ...(isOver ? { status: "applied", status_at: clock.now() } : {}),
        });
      }
      return Math.max(1, rows);
    });
  }

  return { applyNext };
}

function byPlace(people: PersonRow[]): PersonRow[][] {
  const places = new Map<string, PersonRow[]>();
  for (const person of people) {
    const name = `${person.establishment_id} ${person.kind}`;
    const place = places.get(name);
    if (place) place.push(person);
    else places.set(name, [person]);
  }
  return [...places.values()];
}

const over: Step = { rows: 0, next: null };

const personKey = (row: PersonKey | undefined): PersonKey | null =>
  row ? { establishment_id: row.establishment_id, kind: row.kind, record_id: row.record_id } : null;

const linkKey = (row: LinkKey | undefined): LinkKey | null =>
  row
    ? {
        establishment_id: row.establishment_id,
        guardian_record_id: row.guardian_record_id,
        pupil_record_id: row.pupil_record_id,
      }
    : null;
