import { indexManyAccounts } from "../../accounts/bulk-accounts.store.ts";
import { insertManyLines } from "../../journal/bulk-journal.store.ts";
import { minute, second } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import { oneAtATime } from "../../store/abilities.ts";
import type { Store, Tx } from "../../store/store.ts";
import { endLinks, tieLinks } from "./apply-links.ts";
import { type ApplyPeopleDeps, applyPeople } from "./apply-people.ts";
import {
  beforeEveryLink,
  beforeEveryPerson,
  type LinkKey,
  listAccountsOf,
  listDue,
  listLinks,
  type PersonKey,
  type PersonRow,
} from "./import-rows.store.ts";
import {
  closedSchoolsOf,
  holdDue,
  type ImportFault,
  type ImportRow,
  importsLock,
  isAnyDue,
  lastTurn,
  type Phase,
  schoolsOf,
  updateImport,
  updateWhereItStood,
} from "./imports.store.ts";
import { findRecords, listWaitingLinks, markGone, stillThere, untie } from "./registry.store.ts";

export interface ApplyDeps extends ApplyPeopleDeps {
  store: Store;
  /** Told of what a step threw; `what` holds the incident that the page shows. */
  onFault(cause: unknown, what: string): void;
}

const peopleAtOnce = 500;
/** The more at once, the more of them lie side by side in the index. */
const foundAtOnce = 1000;
const linksAtOnce = 500;
/** Of one step, some ten minutes in all: longer than a database needs to start again. */
const attemptsAtMost = 8;
const retriesFrom = 5 * second;
const retriesWithin = 5 * minute;
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
    if (due.length > 0) await applyPeople(deps, tx, row, due);
    return { rows: due.length, next: personKey(due.at(-1)) };
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

  /** The same for those who were made before an import stopped: it may never come to that phase. */
  async function indexMade(row: ImportRow): Promise<void> {
    let after: object | null = beforeEveryPerson;
    while (after !== null) {
      const from = after as PersonKey;
      after = (await store.transactLightly((tx) => stepSearch(tx, row, from))).next;
    }
  }

  async function stepLinks(tx: Tx, row: ImportRow, after: LinkKey): Promise<Step> {
    const due = await listLinks(tx, row.id, ["new", "changed", "unmatched"], after, linksAtOnce);
    await tieLinks(tx, due, clock.now());
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
    for (const people of byPlace(due)) await leave(tx, row, people);
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
        actor_kind: row.applied_by === null ? "system" : "staff",
        actor_id: row.applied_by,
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
    await endLinks(tx, due, clock.now());
    return { rows: due.length, next: linkKey(due.at(-1)) };
  }

  /**
   * One step of the import `id`, or of the oldest that is due; answers 0 where there is none, or it threw. Then the import
   * waits, longer each time, and others go on meanwhile; one that throws every time stops until staff decide.
   */
  async function applyNext(id: string | null = null): Promise<number> {
    const due = { id, now: clock.now() };
    if (!(await isAnyDue(store, due))) return 0;
    const held: { row: ImportRow | null } = { row: null };
    try {
      // A power cut may lose the last steps, with the cursor that committed with them: they are made again.
      return await store.transactLightly(async (tx) => {
        // Two imports of one school at once would make the same people twice.
        await oneAtATime(tx, importsLock);
        const row = await holdDue(tx, due);
        held.row = row;
        return row ? goOn(tx, row) : 0;
      });
    } catch (cause) {
      if (held.row === null) throw cause;
      const incident = deps.ids.reference();
      deps.onFault(cause, `registry import, phase ${held.row.phase}, incident ${incident}`);
      await stopOrWait(held.row, incident, cause instanceof SchoolClosed);
      return 0;
    }
  }

  async function goOn(tx: Tx, row: ImportRow): Promise<number> {
    if ((await closedSchoolsOf(tx, row.id)).length > 0) throw new SchoolClosed();
    const { rows, next } = await step(tx, row);
    const phase = next === null ? (phases[phases.indexOf(row.phase) + 1] ?? "done") : row.phase;
    await updateImport(tx, row.id, {
      phase,
      cursor: next === null ? null : JSON.stringify(next),
      done: row.done + rows,
      attempts: 0,
      retry_at: null,
      fault: null,
      ...(phase === "done"
        ? { status: "applied", status_at: clock.now(), turn: (await lastTurn(tx)) + 1 }
        : {}),
    });
    return Math.max(1, rows);
  }

  /** After a step that threw, in a transaction of its own, unless somebody has gone on since. */
  async function stopOrWait(row: ImportRow, incident: string, isOver: boolean): Promise<void> {
    const attempts = row.attempts + 1;
    const isStopped = isOver || attempts >= attemptsAtMost;
    const now = clock.now();
    const fault: ImportFault = { incident, phase: row.phase };
    const pause = Math.min(retriesFrom * 2 ** (attempts - 1), retriesWithin);
    try {
      await store.transact(async (tx) => {
        await oneAtATime(tx, importsLock);
        await updateWhereItStood(tx, row, {
          attempts,
          fault: JSON.stringify(fault),
          ...(isStopped
            ? { status: "failed", status_at: now, retry_at: null, turn: (await lastTurn(tx)) + 1 }
            : { retry_at: now + pause }),
        });
      });
      if (isStopped && row.phase === "people") await indexMade(row);
    } catch {
      // The database is away: then nothing of the import is lost either, and what threw first says more.
    }
  }

  return { applyNext };
}

/** Nobody is put into a school that was closed meanwhile, however often it is tried. */
class SchoolClosed extends Fault {
  constructor() {
    super("A school of this import is closed.");
  }
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
