import type { Kind } from "../../accounts/accounts.ts";
import type { StaffAct } from "../../config/acts.ts";
import type { Preset } from "../../config/preset.ts";
import type { Staff } from "../../kernel/caller.ts";
import { type Clock, day, hour, second } from "../../kernel/clock.ts";
import type { MessageReceipt } from "../../outbox/receipts.store.ts";
import type { Asked, Db, Store } from "../../store/store.ts";
import { dayBeginsAt } from "./day-begins.ts";
import { type Figure, type Figures, noFigures, readFigures } from "./figures.ts";
import * as rows from "./statistics.store.ts";

/**
 * Statistics of an establishment: how many of its people got in, cannot be reached, or have just met a difficulty; by
 * class for a school, by school for an academy; and who they are, so that the office can act.
 *
 * A school is counted when its page is opened. An academy is not: a job counts its schools one after the other and
 * keeps the figures, and only the locks of today are read at once. A role that ends at walls sees the establishments
 * within; of a kind of person that it does not help there, it sees nothing, not even a total.
 *
 * Tables: school_figures; reads memberships, accounts, contact_points, letter_codes, challenges, guardianships, journal,
 * messages. Settings: recoveryChannels, recoverWithDeclared, lockout, LOQUET_TIMEZONE. Act: statistics.see.
 */
export const statisticsAct = "statistics.see" satisfies StaffAct;

export type Statistics = ReturnType<typeof createStatistics>;

/** An establishment, as far as this room needs it. */
export interface Place {
  id: string;
  type: "academy" | "school" | "class";
  code: string;
  name: string;
  /** IANA; null: that of what stands above. */
  timezone: string | null;
}

/** A place inside the walls of a member of staff, with whom they may see there. */
export interface PlaceSeen {
  place: Place;
  kinds: Kind[];
  /** The nearest place above that they may see as well. */
  above: Place | null;
  timezone: string;
  /** When the day began there: what « today » means. */
  todayFrom: number;
  /** When it was counted. */
  now: number;
  /** Kinds for which they print letters there. */
  prints: Kind[];
  /** Kinds whose people they may open. */
  opens: Kind[];
  mayImport: boolean;
}

export interface ClassFigures {
  /** Null: people of no class. */
  id: string | null;
  name: string | null;
  figures: Figures;
}

export interface KindReport {
  kind: Kind;
  all: Figures;
  classes: ClassFigures[];
}

export interface SchoolReport extends PlaceSeen {
  reports: KindReport[];
}

export interface SchoolFigures {
  id: string;
  name: string;
  code: string;
  /** Null: not yet. */
  countedAt: number | null;
  byKind: Partial<Record<Kind, Figures>>;
}

export interface AcademyReport extends PlaceSeen {
  /** By name. */
  schools: SchoolFigures[];
  /** When the school was counted that was counted longest ago; null before there is any. */
  countedFrom: number | null;
}

/** Which people of a figure: all of a kind, those of a class, or those of none. */
export type Group = rows.CountedGroup["of"];

export interface PeopleBehind extends PlaceSeen {
  kind: Kind;
  figure: Figure;
  of: Group;
  className: string | null;
  count: number;
  people: {
    id: string;
    name: string;
    status: rows.PersonBehind["status"];
    classes: string[];
    lockedUntil: number | null;
    /** Whether this member of staff may open their page. */
    isOpen: boolean;
  }[];
}

export const peopleAtOnce = 100;
const placesAtOnce = 100;
const failuresCountFor = 7 * day;
/** A lock is written down a moment after it began. */
const lockSlack = hour;
const locksAtMost = 20_000;
const askedAtOnce = 500;
/** What is kept of a school is counted anew when it is older; a run of the job ends after so long. */
const keptFor = hour;
const runsFor = 30 * second;
const schoolsAtOnce = 50;
/** In the order in which they are shown. */
const kindsInOrder: Kind[] = ["pupil", "guardian", "member", "staff"];

/** Inside which establishments, null: everywhere. */
type Walls = readonly string[] | null;

export function createStatistics(deps: {
  store: Store;
  clock: Clock;
  preset: Pick<Preset, "recoveryChannels" | "recoverWithDeclared" | "lockout" | "kinds">;
  hasSms: boolean;
  /** The portal's own (IANA). */
  timezone: string;
  wallsFor: (staff: Staff, act: StaffAct) => Walls;
  /** Whom an act reaches: kinds everywhere, and kinds inside establishments. */
  reachFor: (
    staff: Staff,
    act: StaffAct,
  ) => { kinds: Kind[]; within: { kinds: Kind[]; establishmentId: string }[] };
  /** Those of these accounts that have a role. */
  staffAmong: (db: Asked, accountIds: string[]) => Promise<string[]>;
  /** The establishment itself first, the top last; empty where there is none. */
  lineOf: (db: Asked, id: string) => Promise<Place[]>;
  /** Every class of a school, closed ones too. */
  classesOf: (db: Asked, schoolId: string) => Promise<{ id: string; code: string; name: string }[]>;
  /** What stands highest inside the walls, and what a search finds there. */
  tops: (walls: Walls, page: { limit: number; offset: number }) => Promise<Place[]>;
  search: (typed: string, walls: Walls, limit: number) => Promise<Place[]>;
  /** Which of these identifiers are locked, and until when. */
  lockedIdentifiers: (db: Db, identifierKeys: string[]) => Promise<Map<string, number>>;
  receiptsOf: (db: Db, messageIds: string[]) => Promise<Map<string, MessageReceipt>>;
  onFault: (cause: unknown, what: string) => void;
}) {
  const { store, clock, preset } = deps;
  /** Schools that could not be counted, and until when they are passed over. */
  const passedOver = new Map<string, number>();
  const everyKind = kindsInOrder.filter((kind) => preset.kinds.includes(kind));

  /** The kinds whom an act reaches at a place: everywhere, or within what stands at it or above. */
  function kindsAt(staff: Staff, act: StaffAct, line: Place[]): Kind[] {
    const reach = deps.reachFor(staff, act);
    const here = reach.within.filter(({ establishmentId }) => line.some(({ id }) => id === establishmentId));
    const reached = new Set([...reach.kinds, ...here.flatMap(({ kinds }) => kinds)]);
    return everyKind.filter((kind) => reached.has(kind));
  }

  const isInside = (walls: Walls, line: Place[]) =>
    walls === null || line.some(({ id }) => walls.includes(id));

  /** A school or an academy that this member of staff may see; null for what is outside, as for what is nowhere. */
  async function see(staff: Staff, id: string): Promise<PlaceSeen | null> {
    const line = await deps.lineOf(store, id);
    const [place, ...above] = line;
    if (!place || place.type === "class") return null;
    const walls = deps.wallsFor(staff, statisticsAct);
    const kinds = kindsAt(staff, statisticsAct, line);
    if (!isInside(walls, line) || kinds.length === 0) return null;
    const timezone = line.find((one) => one.timezone !== null)?.timezone ?? deps.timezone;
    const now = clock.now();
    return {
      place,
      kinds,
      above: above.find((_, index) => isInside(walls, above.slice(index))) ?? null,
      timezone,
      now,
      todayFrom: dayBeginsAt(timezone, now),
      prints: kindsAt(staff, "letters.print", line),
      opens: kindsAt(staff, "people.see", line),
      mayImport: staff.may.has("registry.import") && isInside(deps.wallsFor(staff, "registry.import"), line),
    };
  }

  // ── Counting ───────────────────────────────────────────────────────────────────────────────────────────────

  const channelsFor = (kind: Kind) =>
    preset.recoveryChannels[kind].filter((channel) => channel !== "sms" || deps.hasSms);
  const channels = Object.fromEntries(kindsInOrder.map((kind) => [kind, channelsFor(kind)])) as Record<
    Kind,
    ReturnType<typeof channelsFor>
  >;

  async function counting(
    schoolId: string,
    more: Pick<rows.Counting, "now" | "todayFrom" | "stillLocked">,
  ): Promise<rows.Counting> {
    const failedFrom = more.now - failuresCountFor;
    return {
      ...more,
      failedFrom,
      channels,
      acceptsDeclared: preset.recoverWithDeclared,
      undelivered: await listUndelivered(schoolId, failedFrom),
    };
  }

  /** People of a school to whom an SMS left that did not arrive, as far as a network says so. */
  async function listUndelivered(schoolId: string, since: number): Promise<string[]> {
    if (!(await rows.hasReceiptsSince(store, since))) return [];
    const sent = await rows.listSmsSent(store, schoolId, since);
    const lost = new Set<string>();
    for (let at = 0; at < sent.length; at += askedAtOnce) {
      const some = sent.slice(at, at + askedAtOnce);
      const receipts = await deps.receiptsOf(
        store,
        some.map(({ id }) => id),
      );
      for (const { id, account_id } of some) {
        if (receipts.get(id)?.outcome === "not-delivered") lost.add(account_id);
      }
    }
    return [...lost];
  }

  /** Whoever was locked yesterday and still is: nobody but just after midnight, unless locks last for long. */
  async function listStillLocked(seen: Pick<PlaceSeen, "place" | "kinds" | "now" | "todayFrom">) {
    const since = seen.now - preset.lockout.lockForSeconds * second - lockSlack;
    if (since >= seen.todayFrom) return [];
    const before = await rows.listLockedBetween(store, {
      placeId: seen.place.id,
      kinds: seen.kinds,
      since,
      until: seen.todayFrom,
      limit: locksAtMost,
    });
    const locked = await lockedUntil(before.map(({ key }) => key));
    const found = before.filter(({ key }) => locked.has(key));
    return [...new Map(found.map((row) => [`${row.school_id} ${row.id}`, row])).values()];
  }

  async function lockedUntil(keys: string[]): Promise<Map<string, number>> {
    const all = new Map<string, number>();
    for (let at = 0; at < keys.length; at += askedAtOnce) {
      const some = await deps.lockedIdentifiers(store, keys.slice(at, at + askedAtOnce));
      for (const [key, until] of some) all.set(key, until);
    }
    return all;
  }

  async function countingNow(seen: PlaceSeen): Promise<rows.Counting> {
    const still = await listStillLocked(seen);
    const { now, todayFrom } = seen;
    return counting(seen.place.id, { now, todayFrom, stillLocked: still.map(({ id }) => id) });
  }

  async function schoolReport(seen: PlaceSeen): Promise<SchoolReport> {
    const { place, kinds } = seen;
    const [counted, classes] = await Promise.all([
      countingNow(seen).then((how) => rows.countSchool(store, place.id, kinds, how)),
      deps.classesOf(store, place.id),
    ]);
    const inOrder = new Map(
      classes.toSorted((a, b) => (a.code < b.code ? -1 : 1)).map((one, index) => [one.id, { ...one, index }]),
    );
    const placeOf = (id: string | null) =>
      (id === null ? undefined : inOrder.get(id)?.index) ?? classes.length;
    const reports = kinds.map((kind): KindReport => {
      const own = counted.filter((group) => group.kind === kind);
      return {
        kind,
        all: own.find(({ of }) => of === "all")?.figures ?? noFigures(),
        classes: own
          .flatMap(({ of, figures }) => (of === "all" ? [] : [{ id: of.classId, figures }]))
          .sort((a, b) => placeOf(a.id) - placeOf(b.id))
          .map(({ id, figures }) => ({
            id,
            name: id === null ? null : (inOrder.get(id)?.name ?? null),
            figures,
          })),
      };
    });
    return { ...seen, reports };
  }

  async function academyReport(seen: PlaceSeen): Promise<AcademyReport> {
    const { place, kinds, todayFrom } = seen;
    const [kept, locked, still] = await Promise.all([
      rows.keptOf(store, place.id),
      rows.countLockedSince(store, { placeId: place.id, kinds, since: todayFrom }),
      listStillLocked(seen),
    ]);
    const locks = new Map(locked.map((row) => [`${row.school_id} ${row.kind}`, row.people]));
    for (const { school_id, kind } of still) {
      const name = `${school_id} ${kind}`;
      locks.set(name, (locks.get(name) ?? 0) + 1);
    }
    const schools = kept.map(({ id, name, code, figures, counted_at }): SchoolFigures => {
      const read = figures === null ? {} : (JSON.parse(figures) as Partial<Record<Kind, Figures>>);
      const ofKind = (kind: Kind) => ({
        ...readFigures(read[kind]),
        locked: locks.get(`${id} ${kind}`) ?? 0,
      });
      return {
        id,
        name,
        code,
        countedAt: counted_at,
        byKind: Object.fromEntries(kinds.map((kind) => [kind, ofKind(kind)])),
      };
    });
    const times = schools.flatMap(({ countedAt }) => countedAt ?? []);
    return {
      ...seen,
      schools: schools.sort((a, b) => a.name.localeCompare(b.name) || (a.code < b.code ? -1 : 1)),
      countedFrom: times.length === 0 ? null : Math.min(...times),
    };
  }

  /** Counts a school for the page of its academy. Locks are of today, and not kept. */
  async function keepSchool(schoolId: string): Promise<void> {
    const now = clock.now();
    const how = await counting(schoolId, { now, todayFrom: Number.MAX_SAFE_INTEGER, stillLocked: [] });
    const counted = await rows.countSchool(store, schoolId, everyKind, how);
    const kept = counted.flatMap(({ kind, of, figures }) => (of === "all" ? [[kind, figures] as const] : []));
    await store.transactLightly((tx) => rows.keepFigures(tx, schoolId, Object.fromEntries(kept), now));
  }

  return {
    /** The establishments to choose among: those at the top of one's walls, or those that a search finds there. */
    async choose(
      staff: Staff,
      asked: { typed: string; page: number },
    ): Promise<{ found: Place[]; hasMore: boolean }> {
      const walls = deps.wallsFor(staff, statisticsAct);
      const found =
        asked.typed === ""
          ? await deps.tops(walls, { limit: placesAtOnce + 1, offset: asked.page * placesAtOnce })
          : await deps.search(asked.typed, walls, placesAtOnce + 1);
      return { found: found.slice(0, placesAtOnce), hasMore: found.length > placesAtOnce };
    },

    /** The figures of a school, counted now; of an academy, as its schools were counted last. */
    async report(
      staff: Staff,
      id: string,
    ): Promise<({ type: "school" } & SchoolReport) | ({ type: "academy" } & AcademyReport) | null> {
      const seen = await see(staff, id);
      if (!seen) return null;
      return seen.place.type === "school"
        ? { type: "school", ...(await schoolReport(seen)) }
        : { type: "academy", ...(await academyReport(seen)) };
    },

    /** Whom a figure of a school counts; null for what this member of staff may not see. */
    async people(
      staff: Staff,
      id: string,
      asked: { kind: string; figure: Figure; of: Group; page: number },
    ): Promise<PeopleBehind | null> {
      const seen = await see(staff, id);
      const kind = seen?.kinds.find((one) => one === asked.kind);
      if (!seen || !kind || seen.place.type !== "school") return null;
      const classes = new Map((await deps.classesOf(store, id)).map((one) => [one.id, one.name]));
      const { figure, of, page } = asked;
      const classId = of === "all" ? null : of.classId;
      if (classId !== null && !classes.has(classId)) return null;
      const how = await countingNow(seen);
      const { count, people } = await rows.listBehind(store, { schoolId: id, kind, figure, of }, how, {
        limit: peopleAtOnce,
        offset: page * peopleAtOnce,
      });
      const ids = people.map((person) => person.id);
      const [withRole, ofGuardians, locks] = await Promise.all([
        deps.staffAmong(store, ids),
        kind === "guardian" ? rows.classesOfGuardians(store, id, ids) : [],
        figure === "locked" ? locksOf(ids) : new Map<string, number>(),
      ]);
      const named = (classIds: (string | null)[]) =>
        classIds.flatMap((one) => (one === null ? [] : (classes.get(one) ?? []))).sort();
      return {
        ...seen,
        kind,
        figure,
        of,
        className: classId === null ? null : (classes.get(classId) ?? null),
        count,
        people: people.map((person) => ({
          id: person.id,
          name: person.name,
          status: person.status,
          classes: named([
            person.class_id,
            ...ofGuardians.flatMap((row) => (row.guardian_id === person.id ? [row.class_id] : [])),
          ]),
          lockedUntil: locks.get(person.id) ?? null,
          isOpen: seen.opens.includes(kind) && person.id !== staff.accountId && !withRole.includes(person.id),
        })),
      };
    },

    /**
     * Counts the schools of academies that were not counted for a while. For a job, which comes again at once while there
     * are more. One that cannot be counted keeps no other waiting.
     */
    async countDue(): Promise<"again" | null> {
      const started = clock.now();
      for (const [id, until] of passedOver) if (until <= started) passedOver.delete(id);
      for (;;) {
        const asked = { before: started - keptFor, except: [...passedOver.keys()], limit: schoolsAtOnce };
        const due = await rows.listDue(store, asked);
        if (due.length === 0) return null;
        for (const schoolId of due) {
          if (clock.now() - started > runsFor) return "again";
          try {
            await keepSchool(schoolId);
          } catch (cause) {
            deps.onFault(cause, `statistics of ${schoolId}`);
            passedOver.set(schoolId, started + keptFor);
          }
          await aTurnForOthers();
        }
      }
    },
  };

  /** Until when these people are locked, those who are. */
  async function locksOf(accountIds: string[]): Promise<Map<string, number>> {
    const identifiers = await rows.identifiersOf(store, accountIds);
    const locked = await lockedUntil(identifiers.map(({ key }) => key));
    return new Map(
      identifiers.flatMap(({ account_id, key }) => {
        const until = locked.get(key);
        return until === undefined ? [] : [[account_id, until] as const];
      }),
    );
  }
}

/** On SQLite whoever reads much at once makes everybody wait. */
const aTurnForOthers = () => new Promise<void>((resolve) => setImmediate(resolve));
