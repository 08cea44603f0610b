import type { Preset } from "../../config/preset.ts";
import { second } from "../../kernel/clock.ts";

/**
 * `quiet`: nothing was sent lately, and the route says that it would take a message; `well` is only said of what was
 * seen to work. `unknown` where there is no measure.
 */
export type PartState = "well" | "quiet" | "late" | "down" | "unknown";
export type Measured = Exclude<PartState, "unknown">;

const badness: Record<PartState, number> = { unknown: 0, well: 0, quiet: 0, late: 1, down: 2 };
export const isWorse = (one: PartState, other: PartState) => badness[one] > badness[other];
export const isTrouble = (state: PartState): state is "late" | "down" => badness[state] > 0;

export interface Seen {
  state: Measured;
  /** How late messages leave; null where nothing is late. */
  delaySeconds: number | null;
}

export interface Sending {
  delaysMs: number[];
  waitingMs: number[];
  takenMessages: number;
  putOffMessages: number;
}

function medianOf(values: number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** Whether the route itself has to be asked: nothing was sent, or what was tried was put off. */
export function isInDoubt({ takenMessages, putOffMessages }: Sending): boolean {
  return takenMessages === 0 || putOffMessages > 0;
}

/**
 * How sending goes. `routeFault`: what the route says when it is asked whether it takes messages; null when well,
 * undefined when it was not asked. One message that one mail server puts off is no trouble of the service, so what
 * waits counts beside what leaves.
 */
export function judgeSending(
  sending: Sending,
  limits: Preset["serviceStatus"],
  routeFault: string | null | undefined,
): Seen {
  const { delaysMs, waitingMs, takenMessages, putOffMessages } = sending;
  const lateAfter = limits.lateAfterSeconds * second;
  const usualMs = medianOf([...delaysMs, ...waitingMs]);
  const oldestMs = Math.max(0, ...waitingMs);
  const tried = takenMessages + putOffMessages;
  const share = tried === 0 ? 0 : (putOffMessages * 100) / tried;
  const isFailing = putOffMessages >= limits.failingMessages && share >= limits.failingPercent;
  if (typeof routeFault === "string" || isFailing) {
    return { state: "down", delaySeconds: oldestMs === 0 ? null : Math.round(oldestMs / second) };
  }
  // What left late, with nothing late behind it, is over.
  if (usualMs >= lateAfter && oldestMs >= lateAfter) {
    return { state: "late", delaySeconds: Math.round(usualMs / second) };
  }
  return { state: takenMessages === 0 ? "quiet" : "well", delaySeconds: null };
}

/** How something that answers goes, by the time it took; null when it did not answer. */
export function judgeAnswer(tookMs: number | null, limits: Preset["serviceStatus"]): Seen {
  if (tookMs === null) return { state: "down", delaySeconds: null };
  return { state: tookMs > limits.slowAnswerMs ? "late" : "well", delaySeconds: null };
}

/** What is said of a part, and what its last measures saw instead. */
export interface Believed {
  state: PartState;
  since: number;
  candidate: { state: Measured; since: number; seen: number } | null;
}

/**
 * What to believe after one more measure. A change is believed once it was seen several times in a row, and an
 * improvement more slowly than a turn for the worse: the page does not flap. It is then said since when it was
 * first seen.
 */
export function believe(
  before: Believed | null,
  seen: Measured,
  now: number,
  limits: Preset["serviceStatus"],
): Believed {
  if (before === null || before.state === "unknown") return { state: seen, since: now, candidate: null };
  if (badness[seen] === badness[before.state]) return { ...before, state: seen, candidate: null };
  const isSameTurn =
    before.candidate !== null &&
    isWorse(seen, before.state) === isWorse(before.candidate.state, before.state);
  const candidate = {
    state: seen,
    since: isSameTurn ? (before.candidate?.since ?? now) : now,
    seen: isSameTurn ? (before.candidate?.seen ?? 0) + 1 : 1,
  };
  const needed = isWorse(seen, before.state) ? limits.worseAfterMeasures : limits.betterAfterMeasures;
  return candidate.seen >= needed
    ? { state: seen, since: candidate.since, candidate: null }
    : { ...before, candidate };
}
