import { minute } from "../../kernel/clock.ts";
import { isWorse, type PartState } from "./judge.ts";
import { historyMs, slotMs } from "./service-status.ts";

/** The columns of the picture: each a quarter of an hour. */
const columnMs = 15 * minute;
export const columnCount = historyMs / columnMs;

export interface Stretch {
  from: number;
  /** Exclusive. */
  until: number;
  state: PartState;
}

/** The worst state of each quarter of an hour of the last day, the oldest first; "unknown" where none was measured. */
export function columnsOf(states: { at: number; state: PartState }[], now: number): PartState[] {
  const start = firstColumn(now);
  const columns: PartState[] = Array.from({ length: columnCount }, () => "unknown");
  for (const { at, state } of states) {
    const index = Math.floor((at - start) / columnMs);
    const there = columns[index];
    if (there !== undefined && (there === "unknown" || isWorse(state, there))) columns[index] = state;
  }
  return columns;
}

export const firstColumn = (now: number) => (Math.floor(now / columnMs) + 1) * columnMs - historyMs;

/** The same day as stretches of one state, for the table: what was measured, and between it what was not. */
export function stretchesOf(states: { at: number; state: PartState }[], now: number): Stretch[] {
  const stretches: Stretch[] = [];
  for (const { at, state } of states) {
    const last = stretches.at(-1);
    if (last && at > last.until) stretches.push({ from: last.until, until: at, state: "unknown" });
    const before = stretches.at(-1);
    if (before?.state === state) before.until = at + slotMs;
    else stretches.push({ from: at, until: at + slotMs, state });
  }
  const last = stretches.at(-1);
  if (last && last.until > now) last.until = now;
  return stretches;
}
