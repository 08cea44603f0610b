import type { Kind, Preset } from "../../config/preset.ts";
import type { Symptom } from "../../config/symptoms.ts";
import { type Clock, day, minute } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Db } from "../../store/store.ts";
import { countUnanswered, recentFirstAnswers } from "./cases.store.ts";
import { addWorkingSeconds, workingSecondsBetween } from "./working-time.ts";

export type Relay = Preset["relays"][number];

/** Whom a case goes to, by the lines of the preset: the first that fits. */
export function routeCase(preset: Pick<Preset, "caseRouting">, symptom: Symptom, kind: Kind | null): string {
  const line = preset.caseRouting.find(
    ({ symptoms, kinds }) =>
      (symptoms === null || symptoms.includes(symptom)) &&
      (kinds === null || (kind !== null && kinds.includes(kind))),
  );
  if (!line) throw new Fault("The last line of caseRouting must take every case.");
  return line.relay;
}

const measuredOver = 30 * day;
const answersLookedAt = 50;
const rememberedFor = minute;
/** Nobody is told a wait of months: by then somebody will have looked. */
const longestTold = 100 * 3600;
/** The pace of a relay is that of its busiest stretch of so many answers: in quiet hours it answers what there is. */
const paceOver = 10;

/**
 * Relays, what they promise, and what can honestly be expected of them.
 *
 * Settings: caseRouting, relays[].hours, closedOn, firstAnswerWithinSeconds, resolveWithinSeconds.
 */
export function createRouting(deps: {
  clock: Clock;
  preset: Pick<Preset, "caseRouting" | "relays">;
  timezone: string;
}) {
  const { clock, preset, timezone } = deps;

  /** A relay by its id; a case may name one that the preset has dropped since: then the last line's. */
  function relayOf(id: string): Relay {
    const fallback = preset.caseRouting.at(-1)?.relay;
    const relay =
      preset.relays.find((one) => one.id === id) ?? preset.relays.find((one) => one.id === fallback);
    if (!relay) throw new Fault("caseRouting names a relay that is not there.");
    return relay;
  }

  const after = ({ hours, closedOn }: Relay, from: number, seconds: number) =>
    addWorkingSeconds(hours, closedOn, timezone, from, seconds);

  /** Until when the relay has promised an answer, and a solution, to what comes in at `from`. */
  function dueTimes(relayId: string, from = clock.now()): { answer: number; resolution: number } {
    const relay = relayOf(relayId);
    return {
      answer: after(relay, from, relay.firstAnswerWithinSeconds),
      resolution: after(relay, from, relay.resolveWithinSeconds),
    };
  }

  const remembered = new Map<string, { until: number; seconds: number }>();

  /**
   * Working seconds that a first answer takes just now: never less than the relay promises; more when answers took
   * longer lately, or when so many wait that the pace of late does not reach them in time.
   */
  async function measure(db: Db, relay: Relay): Promise<number> {
    const now = clock.now();
    const promised = relay.firstAnswerWithinSeconds;
    const waiting = await countUnanswered(db, relay.id);
    const answered = await recentFirstAnswers(db, relay.id, now - measuredOver, answersLookedAt);
    const worked = (from: number, to: number) =>
      workingSecondsBetween(relay.hours, relay.closedOn, timezone, from, to);
    const waits = answered
      .map((row) => worked(row.opened_at, row.first_answered_at))
      .sort((one, other) => one - other);
    const median = waits[Math.floor(waits.length / 2)] ?? 0;
    const moments = answered.map((row) => row.first_answered_at);
    const expected = Math.max(promised, median, waiting * paceOf(moments, worked));
    return Math.min(expected, Math.max(promised, longestTold));
  }

  /** By when a case that comes in now can expect its first answer. The load is measured once a minute. */
  async function expectedAnswer(db: Db, relayId: string): Promise<number> {
    const relay = relayOf(relayId);
    const now = clock.now();
    let known = remembered.get(relay.id);
    if (!known || known.until <= now) {
      known = { until: now + rememberedFor, seconds: await measure(db, relay) };
      remembered.set(relay.id, known);
    }
    return roundUp(after(relay, now, known.seconds));
  }

  return {
    route: (symptom: Symptom, kind: Kind | null) => routeCase(preset, symptom, kind),
    relayOf,
    dueTimes,
    expectedAnswer,
  };
}

export type Routing = ReturnType<typeof createRouting>;

/** Working seconds from one answer to the next when there is much to answer; `moments` are the latest first. */
function paceOf(moments: number[], worked: (from: number, to: number) => number): number {
  const count = Math.min(paceOver, moments.length);
  if (count < 3) return 0;
  const paces = moments.slice(0, moments.length - count + 1).map((latest, index) => {
    return worked(moments[index + count - 1] as number, latest) / (count - 1);
  });
  return Math.min(...paces);
}

/** Nobody answers to the second: the next quarter of an hour. */
function roundUp(ms: number): number {
  const quarter = 15 * minute;
  return Math.ceil(ms / quarter) * quarter;
}

/** The name of a relay in a language, or in the first that it has. */
export function relayName(relay: Pick<Relay, "name">, locale: string): string {
  return relay.name[locale] ?? Object.values(relay.name)[0] ?? "";
}
