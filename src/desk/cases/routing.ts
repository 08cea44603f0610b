import type { Kind, Preset } from "../../config/preset.ts";
import type { Symptom } from "../../config/symptoms.ts";
import { type Clock, day, minute } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Db } from "../../store/store.ts";
import { type CasePlace, countUnanswered, nowhere, recentFirstAnswers, type Team } from "./cases.store.ts";
import { addWorkingSeconds, type Calendar, workingSecondsBetween } from "./working-time.ts";

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

/**
 * The relay that a case goes to. One that stands nowhere would be seen by nobody where only roles with walls answer its
 * relay: it goes along `escalatesTo` to the first relay that a role which reaches everybody answers. A role that holds
 * every relay is meant to see all and to answer the last: it counts for none before the end of the chain.
 */
export function relayAt(
  preset: Pick<Preset, "relays" | "roles">,
  relay: string,
  place: Pick<CasePlace, "establishment_id">,
): string {
  if (place.establishment_id !== null) return relay;
  const answering = (id: string) =>
    preset.roles.filter((role) => role.may.includes("cases.answer") && role.relays.includes(id));
  const holdsAll = (role: Preset["roles"][number]) =>
    preset.relays.every(({ id }) => role.relays.includes(id));
  const isOnlyInside = (id: string) =>
    answering(id).some(({ reach }) => reach === "establishment") &&
    !answering(id).some((role) => role.reach === "everybody" && !holdsAll(role));
  let at = relay;
  for (let steps = 0; isOnlyInside(at) && steps < preset.relays.length; steps++) {
    const next = preset.relays.find(({ id }) => id === at)?.escalatesTo ?? null;
    if (next === null) break;
    at = next;
  }
  return at;
}

const measuredOver = 30 * day;
const answersLookedAt = 50;
const rememberedFor = minute;
const rememberedAtMost = 5000;
/** Nobody is told a wait of months: by then somebody will have looked. */
const longestTold = 100 * 3600;
/** The pace of a relay is that of its busiest stretch of so many answers: in quiet hours it answers what there is. */
const paceOver = 10;

/**
 * Relays, what they promise, and what can honestly be expected of them: everywhere, or at the establishment at which a
 * case stands, by its own hours, closing days and time zone.
 *
 * Settings: caseRouting, roles, relays[].hours, closedOn, firstAnswerWithinSeconds, resolveWithinSeconds, escalatesTo.
 */
export function createRouting(deps: {
  clock: Clock;
  preset: Pick<Preset, "caseRouting" | "relays" | "roles">;
  timezone: string;
  /** When a relay is there at an establishment; null where the portal knows none. */
  calendarAt: ((db: Db, establishmentId: string, relayId: string) => Promise<Calendar | null>) | null;
  /** Whether somebody answers this relay at that establishment itself. */
  isAnsweredAt: (db: Db, relayId: string, establishmentId: string) => Promise<boolean>;
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

  /** When a relay is there, for a case that stands there. */
  async function calendarOf(db: Db, relay: Relay, { establishment_id }: CasePlace): Promise<Calendar> {
    const own =
      establishment_id === null || deps.calendarAt === null
        ? null
        : await deps.calendarAt(db, establishment_id, relay.id);
    return own ?? { hours: relay.hours, closedOn: relay.closedOn, timezone };
  }

  const after = ({ hours, closedOn, timezone: zone }: Calendar, from: number, seconds: number) =>
    addWorkingSeconds(hours, closedOn, zone, from, seconds);

  /** Until when the relay has promised an answer, and a solution, to what comes in there at `from`. */
  async function dueTimes(
    db: Db,
    relayId: string,
    place: CasePlace,
    from = clock.now(),
  ): Promise<{ answer: number; resolution: number }> {
    const relay = relayOf(relayId);
    const calendar = await calendarOf(db, relay, place);
    return {
      answer: after(calendar, from, relay.firstAnswerWithinSeconds),
      resolution: after(calendar, from, relay.resolveWithinSeconds),
    };
  }

  const remembered = new Map<string, { until: number; seconds: number }>();

  /** Whose pace it is: that of those who answer at the school, else of its academy, else of everybody. */
  async function teamOf(db: Db, relay: string, place: CasePlace): Promise<Team> {
    const { establishment_id: here, academy_id: academy } = place;
    if (here !== null && here !== academy && (await deps.isAnsweredAt(db, relay, here))) {
      return { relay, at: { column: "establishment_id", id: here } };
    }
    const isInAcademy = academy !== null && (await deps.isAnsweredAt(db, relay, academy));
    return { relay, at: isInAcademy ? { column: "academy_id", id: academy } : null };
  }

  /**
   * Working seconds that a first answer takes just now: never less than the relay promises; more when answers took
   * longer lately, or when so many wait that the pace of late does not reach them in time.
   */
  async function measure(db: Db, relay: Relay, calendar: Calendar, team: Team): Promise<number> {
    const now = clock.now();
    const promised = relay.firstAnswerWithinSeconds;
    const waiting = await countUnanswered(db, team);
    const answered = await recentFirstAnswers(db, team, now - measuredOver, answersLookedAt);
    const worked = (from: number, to: number) =>
      workingSecondsBetween(calendar.hours, calendar.closedOn, calendar.timezone, from, to);
    const waits = answered
      .map((row) => worked(row.opened_at, row.first_answered_at))
      .sort((one, other) => one - other);
    const median = waits[Math.floor(waits.length / 2)] ?? 0;
    const moments = answered.map((row) => row.first_answered_at);
    const expected = Math.max(promised, median, waiting * paceOf(moments, worked));
    return Math.min(expected, Math.max(promised, longestTold));
  }

  /** By when a case that comes in there now can expect its first answer. The load is measured once a minute. */
  async function expectedAnswer(db: Db, relayId: string, place: CasePlace = nowhere): Promise<number> {
    const relay = relayOf(relayId);
    const now = clock.now();
    const calendar = await calendarOf(db, relay, place);
    const key = `${relay.id} ${place.establishment_id ?? ""}`;
    let known = remembered.get(key);
    if (!known || known.until <= now) {
      const team = await teamOf(db, relay.id, place);
      known = { until: now + rememberedFor, seconds: await measure(db, relay, calendar, team) };
      if (remembered.size >= rememberedAtMost) remembered.clear();
      remembered.set(key, known);
    }
    return roundUp(after(calendar, now, known.seconds));
  }

  return {
    route: (symptom: Symptom, kind: Kind | null) => routeCase(preset, symptom, kind),
    relayAt: (relay: string, place: Pick<CasePlace, "establishment_id">) => relayAt(preset, relay, place),
    relayOf,
    calendarOf,
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
