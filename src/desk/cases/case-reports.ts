import type { Preset } from "../../config/preset.ts";
import { createDayOf } from "../../i18n/moment.ts";
import type { Staff } from "../../kernel/caller.ts";
import { type Clock, day, hour } from "../../kernel/clock.ts";
import type { Store, Tx } from "../../store/store.ts";
import type { CaseDayRow, CasePlaceDayRow, ReportedCase } from "./case-reports.store.ts";
import * as rows from "./case-reports.store.ts";
import type { CaseWalls, Place, Scope } from "./case-walls.ts";
import { addDuration, createSums, type Durations, type Figures, readDay } from "./report-figures.ts";
import type { Routing } from "./routing.ts";
import { type Calendar, workingSecondsBetween } from "./working-time.ts";

/**
 * Reports on cases: how many were opened, how soon they were first answered and solved in working time, how many came
 * back, went on to another relay, or closed by themselves, and what people said of it.
 *
 * A case counts on the day on which it was opened. Once an hour the figures of each day to whose cases something
 * happened are counted anew and kept (`case_days`): a report adds up days, and never reads the cases. The same is kept
 * for each school and each academy (`case_place_days`): whose role ends there sees the figures of those alone. A school
 * that moves leaves to its old academy the days on which nothing happens any more.
 *
 * Tables: case_days, case_place_days; reads cases, case_messages, case_escalations.
 * Settings: retention.casesDays, relays.hours.
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
const placesAtOnce = 100;
const daysAtOnce = 20;
const reportsKept = 100;

export function createCaseReports(deps: {
  store: Store;
  clock: Clock;
  preset: Pick<Preset, "retention" | "relays">;
  timezone: string;
  routing: Pick<Routing, "relayOf" | "calendarOf">;
  walls: Pick<CaseWalls, "scopeOf" | "scopeInside">;
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
    calendars.clear();
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

  /** When each relay is there at each establishment, looked up once in a count. */
  const calendars = new Map<string, Promise<Calendar>>();

  function calendarOf(one: ReportedCase): Promise<Calendar> {
    const key = `${one.relay} ${one.establishment_id ?? ""}`;
    const known = calendars.get(key) ?? deps.routing.calendarOf(store, deps.routing.relayOf(one.relay), one);
    calendars.set(key, known);
    return known;
  }

  /** In pieces: on SQLite, whoever reads much at once makes everybody wait. */
  async function countDay(name: string): Promise<void> {
    const { from, until } = boundsOf(name);
    const cells = new Map<string, Cell>();
    const counted = new Map<string, { symptom: string; at: (string | null)[] }>();
    let after = { opened_at: from, id: "" };
    for (;;) {
      const found = await rows.casesOpened(store, after, until, closedThemselvesEvent, casesAtOnce);
      for (const one of found) {
        const at = placesCounted(one);
        counted.set(one.id, { symptom: one.symptom, at });
        const calendar = await calendarOf(one);
        for (const place of at) count(cellOf(cells, place, one.relay, one.symptom), one, calendar);
      }
      const last = found.at(-1);
      if (!last || found.length < casesAtOnce) break;
      after = { opened_at: last.opened_at, id: last.id };
      await aTurnForOthers();
    }
    for (const { case_id, from_relay } of await rows.escalationsOf(store, from, until)) {
      const of = counted.get(case_id);
      // It counts against the relay that did not help in time, not against the one that did.
      for (const place of of?.at ?? [])
        cellOf(cells, place, from_relay, of?.symptom ?? "").row.escalated += 1;
    }
    await keep(name, [...cells.values()]);
  }

  async function keep(name: string, cells: Cell[]): Promise<void> {
    const written = cells.map(({ place, row, firstAnswers, resolutions }) => ({
      place,
      row: {
        ...row,
        day: name,
        first_answers: JSON.stringify(firstAnswers),
        resolutions: JSON.stringify(resolutions),
      },
    }));
    const all = written.flatMap(({ place, row }) => (place === null ? [row] : []));
    await store.transactLightly((tx) => rows.replaceDay(tx, name, all));
    const byPlace = new Map<string, CasePlaceDayRow[]>();
    // A place that has no case of that day any more is emptied.
    for (const id of await rows.placesCountedOn(store, name)) byPlace.set(id, []);
    for (const { place, row } of written) {
      if (place === null) continue;
      const ofPlace = byPlace.get(place) ?? [];
      ofPlace.push({ establishment_id: place, ...row });
      byPlace.set(place, ofPlace);
    }
    const ids = [...byPlace.keys()];
    for (let at = 0; at < ids.length; at += placesAtOnce) {
      const some = ids.slice(at, at + placesAtOnce);
      const there = some.flatMap((id) => byPlace.get(id) ?? []);
      await store.transactLightly((tx) => rows.replacePlaceDays(tx, name, some, there));
      await aTurnForOthers();
    }
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

  function count({ row, firstAnswers, resolutions }: Cell, one: ReportedCase, calendar: Calendar): void {
    const { hours, closedOn, timezone: zone } = calendar;
    const worked = (until: number) => workingSecondsBetween(hours, closedOn, zone, one.opened_at, until);
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

  /**
   * The figures of the last `period` days, today included, of one relay or of all that they may see; at one
   * establishment, or wherever they may.
   */
  async function report(
    staff: Staff,
    period: Period,
    relay: string | null,
    place: Place | null = null,
  ): Promise<Report> {
    const whole = await deps.walls.scopeOf(staff, "cases.reports", true);
    const { relays, within } = place === null ? whole : deps.walls.scopeInside(whole, place);
    const scope = {
      relays: relays.filter((id) => relay === null || id === relay).toSorted(),
      within: within.filter((one) => relay === null || one.relay === relay),
    };
    const today = dayOf(clock.now());
    const countedAt = await rows.readCountedAt(store);
    const inside = scope.within.map((one) => `${one.relay}@${one.establishmentId}`).toSorted();
    const name = `${countedAt} ${today} ${period} ${scope.relays.join()} ${inside.join()}`;
    let found = made.get(name);
    if (!found) {
      if (made.size >= reportsKept) made.clear();
      found = make(lastDays(today, period), period, scope, countedAt);
      made.set(name, found);
      found.catch(() => made.delete(name));
    }
    return found;
  }

  /** Of relays that they see everywhere, what was counted for all; of the others, what was for each establishment. */
  async function daysBetween(first: string, last: string, { relays, within }: Scope): Promise<CaseDayRow[]> {
    const found = await rows.daysBetween(store, first, last, relays);
    const groups = new Map<string, { establishmentIds: string[]; relays: string[] }>();
    for (const [id, those] of Map.groupBy(within, ({ establishmentId }) => establishmentId)) {
      const ofThere = [...new Set(those.map(({ relay }) => relay))].toSorted();
      const group = groups.get(ofThere.join()) ?? { establishmentIds: [], relays: ofThere };
      group.establishmentIds.push(id);
      groups.set(ofThere.join(), group);
    }
    for (const group of groups.values())
      found.push(...(await rows.placeDaysBetween(store, first, last, group)));
    return found;
  }

  async function make(
    days: string[],
    period: Period,
    scope: Scope,
    countedAt: number | null,
  ): Promise<Report> {
    const all = createSums();
    const byRelay = new Map<string, Sums>();
    const bySymptom = new Map<string, Sums>();
    const steps = beginsOf(days, period).map((from) => ({ from, opened: 0, solved: 0 }));
    for (let at = 0; at < days.length; at += daysAtOnce) {
      const some = days.slice(at, at + daysAtOnce);
      const found = await daysBetween(some[0] as string, some.at(-1) as string, scope);
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
  /** The school or academy whose figures these are; null: everybody's. */
  place: string | null;
  row: Omit<CaseDayRow, "day" | "first_answers" | "resolutions">;
  firstAnswers: Durations;
  resolutions: Durations;
}

/** Everybody's, those of its school, and those of its academy. */
const placesCounted = ({ establishment_id, academy_id }: ReportedCase): (string | null)[] => [
  null,
  ...new Set([establishment_id, academy_id].filter((id) => id !== null)),
];

function cellOf(cells: Map<string, Cell>, place: string | null, relay: string, symptom: string): Cell {
  const key = `${place ?? ""} ${relay} ${symptom}`;
  let cell = cells.get(key);
  if (!cell) {
    const judged = { satisfied: 0, partly_satisfied: 0, unsatisfied: 0 };
    const row = { opened: 0, solved: 0, reopened: 0, escalated: 0, closed_themselves: 0, ...judged };
    cell = { place, row: { relay, symptom, ...row }, firstAnswers: {}, resolutions: {} };
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
