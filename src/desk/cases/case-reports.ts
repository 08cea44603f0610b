import type { Preset } from "../../config/preset.ts";
import { createDayOf } from "../../i18n/moment.ts";
import type { Staff } from "../../kernel/caller.ts";
import { type Clock, day, hour } from "../../kernel/clock.ts";
import type { Store, Tx } from "../../store/store.ts";
import type { CaseDayRow, ReportedCase } from "./case-reports.store.ts";
import * as rows from "./case-reports.store.ts";
import { addDuration, createSums, type Durations, type Figures, readDay } from "./report-figures.ts";
import type { Routing } from "./routing.ts";
import { workingSecondsBetween } from "./working-time.ts";

/**
 * Reports on cases: how many were opened, how soon they were first answered and solved in working time, how many came
 * back, went on to another relay, or closed by themselves, and what people said of it.
 *
 * A case counts on the day on which it was opened. Once an hour the figures of each day to whose cases something
 * happened are counted anew and kept (`case_days`): a report adds up days, and never reads the cases.
 *
 * Tables: case_days; reads cases, case_messages, case_escalations. Settings: retention.casesDays, relays.hours.
 */
export type CaseReports = ReturnType<typeof createCaseReports>;

export const periods = [7, 30, 90, 365] as const;
export type Period = (typeof periods)[number];

export interface Report {
  /** The figures are those of this moment; null before the first count. */
  countedAt: number | null;
  all: Figures;
  byRelay: { id: string; figures: Figures }[];
  bySymptom: { id: string; figures: Figures }[];
  /** Over time, the oldest first; `from` is the first day of each. */
  overTime: { from: string; opened: number; solved: number }[];
}

/** The events of `cases.event.*` by which a case closes without anybody of the staff. */
export const closedThemselvesEvent = "cases.event.signed-in";
/** Something that was still being written when days were counted last is counted the next time. */
const lookBackFor = 2 * hour;
const casesAtOnce = 100;
const daysAtOnce = 20;
const reportsKept = 100;

export function createCaseReports(deps: {
  store: Store;
  clock: Clock;
  preset: Pick<Preset, "retention" | "relays">;
  timezone: string;
  relayOf: Routing["relayOf"];
  reach: (staff: Staff) => string[];
}) {
  const { store, clock, timezone } = deps;
  const dayOf = createDayOf(timezone);

  /** Counts anew each day to whose cases something happened since the last time. For a job. */
  async function countDays(): Promise<void> {
    const now = clock.now();
    const last = await rows.readCountedAt(store);
    const stale = last === null ? await everyDay(now) : await daysTouched(last - lookBackFor);
    // Some of what was opened before has been forgotten: what was counted then stays.
    const oldest = dayOf(now - deps.preset.retention.casesDays * day);
    for (const name of stale) if (name > oldest) await countDay(name);
    await store.transact((tx) => rows.writeCountedAt(tx, now));
  }

  async function everyDay(now: number): Promise<string[]> {
    const first = await rows.firstOpened(store);
    return first === null ? [] : daysFromTo(dayOf(first), dayOf(now));
  }

  async function daysTouched(since: number): Promise<string[]> {
    return [...new Set((await rows.openedOfTouched(store, since)).map(dayOf))].sort();
  }

  /** In pieces: on SQLite, whoever reads much at once makes everybody wait. */
  async function countDay(name: string): Promise<void> {
    const { from, until } = boundsOf(name);
    const cells = new Map<string, Cell>();
    const symptoms = new Map<string, string>();
    let after = { opened_at: from, id: "" };
    for (;;) {
      const found = await rows.casesOpened(store, after, until, closedThemselvesEvent, casesAtOnce);
      for (const one of found) {
        symptoms.set(one.id, one.symptom);
        count(cellOf(cells, one.relay, one.symptom), one);
      }
      const last = found.at(-1);
      if (!last || found.length < casesAtOnce) break;
      after = { opened_at: last.opened_at, id: last.id };
      await aTurnForOthers();
    }
    for (const { case_id, from_relay } of await rows.escalationsOf(store, from, until)) {
      const symptom = symptoms.get(case_id);
      // It counts against the relay that did not help in time, not against the one that did.
      if (symptom !== undefined) cellOf(cells, from_relay, symptom).row.escalated += 1;
    }
    const written = [...cells.values()].map(({ row, firstAnswers, resolutions }) => ({
      ...row,
      day: name,
      first_answers: JSON.stringify(firstAnswers),
      resolutions: JSON.stringify(resolutions),
    }));
    await store.transactLightly((tx) => rows.replaceDay(tx, name, written));
  }

  /** When a day begins and ends there: the first moments that the calendar calls it so, and no longer. */
  function boundsOf(name: string): { from: number; until: number } {
    const noon = Date.parse(`${name}T12:00:00Z`);
    return { from: firstMoment(name, noon), until: firstMoment(dayOf(noon + day), noon + day) };
  }

  /** The first moment whose day is `name` or later, less than two days away from `near`. */
  function firstMoment(name: string, near: number): number {
    let [before, from] = [near - 2 * day, near + 2 * day];
    while (from - before > 1) {
      const middle = Math.floor((before + from) / 2);
      if (dayOf(middle) >= name) from = middle;
      else before = middle;
    }
    return from;
  }

  function count({ row, firstAnswers, resolutions }: Cell, one: ReportedCase): void {
    const { hours, closedOn } = deps.relayOf(one.relay);
    const worked = (until: number) => workingSecondsBetween(hours, closedOn, timezone, one.opened_at, until);
    const solvedAt = one.solved_at ?? one.closed_at;
    row.opened += 1;
    if (one.first_answered_at !== null) addDuration(firstAnswers, worked(one.first_answered_at));
    if (solvedAt !== null) {
      row.solved += 1;
      addDuration(resolutions, worked(solvedAt));
    }
    if (one.reopened > 0) row.reopened += 1;
    if (one.by_itself === 1) row.closed_themselves += 1;
    if (one.satisfaction === 3) row.satisfied += 1;
    if (one.satisfaction === 2) row.partly_satisfied += 1;
    if (one.satisfaction === 1) row.unsatisfied += 1;
  }

  /** The same report is asked for by everybody, and changes when days are counted. */
  const made = new Map<string, Promise<Report>>();

  /** The figures of the last `period` days, today included, of one relay or of all that they may see. */
  async function report(staff: Staff, period: Period, relay: string | null): Promise<Report> {
    const reach = deps.reach(staff);
    const relays = (relay === null ? reach : reach.filter((id) => id === relay)).toSorted();
    const today = dayOf(clock.now());
    const countedAt = await rows.readCountedAt(store);
    const name = `${countedAt} ${today} ${period} ${relays.join()}`;
    let found = made.get(name);
    if (!found) {
      if (made.size >= reportsKept) made.clear();
      found = make(lastDays(today, period), period, relays, countedAt);
      made.set(name, found);
      found.catch(() => made.delete(name));
    }
    return found;
  }

  async function make(
    days: string[],
    period: Period,
    relays: string[],
    countedAt: number | null,
  ): Promise<Report> {
    const all = createSums();
    const byRelay = new Map<string, Sums>();
    const bySymptom = new Map<string, Sums>();
    const steps = beginsOf(days, period).map((from) => ({ from, opened: 0, solved: 0 }));
    for (let at = 0; at < days.length; at += daysAtOnce) {
      const some = days.slice(at, at + daysAtOnce);
      const found = await rows.daysBetween(store, some[0] as string, some.at(-1) as string, relays);
      for (const read of found.map(readDay)) {
        all.add(read);
        sumsOf(byRelay, read.row.relay).add(read);
        sumsOf(bySymptom, read.row.symptom).add(read);
        const step = steps.findLast(({ from }) => from <= read.row.day);
        if (step) {
          step.opened += read.row.opened;
          step.solved += read.row.solved;
        }
      }
      await aTurnForOthers();
    }
    return {
      countedAt,
      all: all.figures(),
      byRelay: mostFirst(byRelay),
      bySymptom: mostFirst(bySymptom),
      overTime: steps,
    };
  }

  const forget = (tx: Tx) =>
    rows.forgetDays(tx, dayOf(clock.now() - 2 * deps.preset.retention.casesDays * day));

  return { countDays, report, forget };
}

interface Cell {
  row: Omit<CaseDayRow, "day" | "first_answers" | "resolutions">;
  firstAnswers: Durations;
  resolutions: Durations;
}

function cellOf(cells: Map<string, Cell>, relay: string, symptom: string): Cell {
  const key = `${relay} ${symptom}`;
  let cell = cells.get(key);
  if (!cell) {
    const judged = { satisfied: 0, partly_satisfied: 0, unsatisfied: 0 };
    const row = { opened: 0, solved: 0, reopened: 0, escalated: 0, closed_themselves: 0, ...judged };
    cell = { row: { relay, symptom, ...row }, firstAnswers: {}, resolutions: {} };
    cells.set(key, cell);
  }
  return cell;
}

type Sums = ReturnType<typeof createSums>;

function sumsOf(groups: Map<string, Sums>, id: string): Sums {
  let sums = groups.get(id);
  if (!sums) {
    sums = createSums();
    groups.set(id, sums);
  }
  return sums;
}

function mostFirst(groups: Map<string, Sums>): { id: string; figures: Figures }[] {
  return [...groups]
    .map(([id, sums]) => ({ id, figures: sums.figures() }))
    .sort((a, b) => b.figures.opened - a.figures.opened || (a.id < b.id ? -1 : 1));
}

/** By day up to a month, by week up to a quarter, by month beyond: the day on which each begins. */
function beginsOf(days: string[], period: Period): string[] {
  const daysEach = period <= 30 ? 1 : period <= 90 ? 7 : null;
  return days.filter((name, index) =>
    daysEach === null ? index === 0 || name.endsWith("-01") : index % daysEach === 0,
  );
}

const aTurnForOthers = () => new Promise<void>((resolve) => setImmediate(resolve));

/** The names of days from one to another, both included. */
export function daysFromTo(first: string, last: string): string[] {
  const length = Math.round((Date.parse(last) - Date.parse(first)) / day) + 1;
  return length > 0 ? lastDays(last, length) : [];
}

/** The names of `count` days, the last of which is `last`. */
export function lastDays(last: string, count: number): string[] {
  const end = Date.parse(`${last}T12:00:00Z`);
  return Array.from({ length: count }, (_, index) =>
    new Date(end - (count - 1 - index) * day).toISOString().slice(0, 10),
  );
}
