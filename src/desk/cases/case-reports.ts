import type { Preset } from "../../config/preset.ts";
import type { Staff } from "../../kernel/caller.ts";
import { type Clock, day, hour } from "../../kernel/clock.ts";
import type { Store, Tx } from "../../store/store.ts";
import type { CaseDayRow, ReportedCase } from "./case-reports.store.ts";
import * as rows from "./case-reports.store.ts";
import {
  addDuration,
  type DayRead,
  type Durations,
  type Figures,
  readDay,
  sumFigures,
} from "./report-figures.ts";
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
    if (first === null) return [];
    const found = new Set<string>();
    for (let at = first; at < now + day; at += day) found.add(dayOf(Math.min(at, now)));
    return [...found];
  }

  async function daysTouched(since: number): Promise<string[]> {
    return [...new Set((await rows.openedOfTouched(store, since)).map(dayOf))].sort();
  }

  async function countDay(name: string): Promise<void> {
    // The day of any time zone lies within these hours; those of its neighbours are left out by name.
    const from = Date.parse(`${name}T00:00:00Z`) - 15 * hour;
    const until = from + 54 * hour;
    const [found, closedThemselves, escalations] = await Promise.all([
      rows.casesOpened(store, from, until),
      rows.casesWithEvent(store, closedThemselvesEvent, from, until),
      rows.escalationsOf(store, from, until),
    ]);
    const cells = new Map<string, Cell>();
    const ofDay = found.filter((one) => dayOf(one.opened_at) === name);
    for (const one of ofDay) count(cellOf(cells, one.relay, one.symptom), one, closedThemselves.has(one.id));
    const symptoms = new Map(ofDay.map((one) => [one.id, one.symptom]));
    for (const { case_id, from_relay } of escalations) {
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
    await store.transact((tx) => rows.replaceDay(tx, name, written));
  }

  function count({ row, firstAnswers, resolutions }: Cell, one: ReportedCase, isByItself: boolean): void {
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
    if (isByItself) row.closed_themselves += 1;
    if (one.satisfaction === 3) row.satisfied += 1;
    if (one.satisfaction === 2) row.partly_satisfied += 1;
    if (one.satisfaction === 1) row.unsatisfied += 1;
  }

  /** The figures of the last `period` days, today included, of one relay or of all that they may see. */
  async function report(staff: Staff, period: Period, relay: string | null): Promise<Report> {
    const reach = deps.reach(staff);
    const relays = relay === null ? reach : reach.filter((id) => id === relay);
    const days = lastDays(dayOf(clock.now()), period);
    const found = (await rows.daysBetween(store, days[0] as string, days.at(-1) as string, relays)).map(
      readDay,
    );
    const countedAt = await rows.readCountedAt(store);
    return {
      countedAt,
      all: sumFigures(found),
      byRelay: figuresBy(found, "relay"),
      bySymptom: figuresBy(found, "symptom"),
      overTime: overTime(found, days, period),
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

/** The most of what was opened first. */
function figuresBy(found: DayRead[], column: "relay" | "symptom") {
  const groups = Map.groupBy(found, (row) => row[column]);
  return [...groups]
    .map(([id, group]) => ({ id, figures: sumFigures(group) }))
    .sort((a, b) => b.figures.opened - a.figures.opened || (a.id < b.id ? -1 : 1));
}

/** By day up to a month, by week up to a quarter, by month beyond. */
function overTime(found: DayRead[], days: string[], period: Period): Report["overTime"] {
  const daysEach = period <= 30 ? 1 : period <= 90 ? 7 : null;
  const begins = days.filter((name, index) =>
    daysEach === null ? index === 0 || name.endsWith("-01") : index % daysEach === 0,
  );
  const sums = begins.map((from) => ({ from, opened: 0, solved: 0 }));
  for (const row of found) {
    const sum = sums.findLast(({ from }) => from <= row.day);
    if (!sum) continue;
    sum.opened += row.opened;
    sum.solved += row.solved;
  }
  return sums;
}

/** The names of `count` days, the last of which is `last`. */
export function lastDays(last: string, count: number): string[] {
  const end = Date.parse(`${last}T12:00:00Z`);
  return Array.from({ length: count }, (_, index) =>
    new Date(end - (count - 1 - index) * day).toISOString().slice(0, 10),
  );
}

/** The day that calendars of a time zone show at a moment, such as `2027-03-02`. */
export function createDayOf(timezone: string): (ms: number) => string {
  const format = new Intl.DateTimeFormat("en-CA-u-ca-gregory-nu-latn", {
    timeZone: timezone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  return (ms) => format.format(ms);
}
