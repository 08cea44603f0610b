import type { CaseDayRow } from "./case-reports.store.ts";

/** How many durations there were, by working seconds, rounded. */
export type Durations = Record<string, number>;

/** What a report says of some cases. Durations in working seconds; null where there was none. */
export interface Figures {
  opened: number;
  solved: number;
  reopened: number;
  escalated: number;
  closedThemselves: number;
  satisfied: number;
  partlySatisfied: number;
  unsatisfied: number;
  firstAnswerMedian: number | null;
  firstAnswerNinetieth: number | null;
  resolutionMedian: number | null;
  resolutionNinetieth: number | null;
}

/** Up to how many seconds durations are rounded to what: never by more than a fortieth beyond an hour. */
const steps = [
  { upTo: 7_200, to: 60 },
  { upTo: 36_000, to: 300 },
  { upTo: 144_000, to: 1_800 },
  { upTo: Number.POSITIVE_INFINITY, to: 7_200 },
];

/** So that a year of durations adds up to a few hundred numbers. */
export function roundDuration(seconds: number): number {
  const { to } = steps.find(({ upTo }) => seconds < upTo) as (typeof steps)[number];
  return Math.round(Math.max(0, seconds) / to) * to;
}

export function addDuration(durations: Durations, seconds: number, count = 1): void {
  const key = String(roundDuration(seconds));
  durations[key] = (durations[key] ?? 0) + count;
}

/** The duration that `share` of all did not exceed (the nearest rank); null for none. */
export function percentile(durations: Durations, share: number): number | null {
  const sorted = Object.entries(durations)
    .map(([seconds, count]) => [Number(seconds), count] as const)
    .sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  const rank = Math.max(1, Math.ceil(total * share));
  let passed = 0;
  for (const [seconds, count] of sorted) {
    passed += count;
    if (passed >= rank) return seconds;
  }
  return null;
}

/** Adds up the figures of days, each handed over once. */
export function createSums() {
  const firstAnswers: Durations = {};
  const resolutions: Durations = {};
  const sums = { opened: 0, solved: 0, reopened: 0, escalated: 0, closedThemselves: 0 };
  const judged = { satisfied: 0, partlySatisfied: 0, unsatisfied: 0 };
  const merge = (to: Durations, from: Durations) => {
    for (const seconds in from) to[seconds] = (to[seconds] ?? 0) + (from[seconds] as number);
  };
  return {
    add({ row, firstAnswers: answers, resolutions: solutions }: DayRead): void {
      sums.opened += row.opened;
      sums.solved += row.solved;
      sums.reopened += row.reopened;
      sums.escalated += row.escalated;
      sums.closedThemselves += row.closed_themselves;
      judged.satisfied += row.satisfied;
      judged.partlySatisfied += row.partly_satisfied;
      judged.unsatisfied += row.unsatisfied;
      merge(firstAnswers, answers);
      merge(resolutions, solutions);
    },
    figures: (): Figures => ({
      ...sums,
      ...judged,
      firstAnswerMedian: percentile(firstAnswers, 0.5),
      firstAnswerNinetieth: percentile(firstAnswers, 0.9),
      resolutionMedian: percentile(resolutions, 0.5),
      resolutionNinetieth: percentile(resolutions, 0.9),
    }),
  };
}

/** A day with its durations read. */
export interface DayRead {
  row: CaseDayRow;
  firstAnswers: Durations;
  resolutions: Durations;
}

export const readDay = (row: CaseDayRow): DayRead => ({
  row,
  firstAnswers: JSON.parse(row.first_answers) as Durations,
  resolutions: JSON.parse(row.resolutions) as Durations,
});
