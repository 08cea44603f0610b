import type { Preset } from "../../config/preset.ts";
import { type Clock, day, hour, minute, second } from "../../kernel/clock.ts";
import type { Db, Store } from "../../store/store.ts";
import { type Incident, isOver, readIncidents } from "./incidents.ts";
import {
  type Believed,
  believe,
  isInDoubt,
  isTrouble,
  isWorse,
  judgeAnswer,
  judgeSending,
  type Measured,
  type PartState,
  type Seen,
} from "./judge.ts";
import type { PartName } from "./parts.ts";
import * as rows from "./service-status.store.ts";

/**
 * The state of the service, from real measurements: how late messages leave, whether their routes take them, whether
 * the sign-in page, the database and the worker answer. A job measures each minute; pages read what it left, and
 * keep the last they knew for when the database is slow. Nothing about persons is in it.
 *
 * Tables: status_parts, status_history; status_incidents and status_updates are written by `incidents`.
 * Settings: serviceStatus.
 */
export interface PartStatus {
  part: PartName;
  state: PartState;
  since: number | null;
  delaySeconds: number | null;
}

export interface ServiceState {
  parts: PartStatus[];
  incidents: Incident[];
  /** When the last measure was made; null before the first. */
  measuredAt: number | null;
  /** False while the database does not answer: then it is what was last known. */
  isFresh: boolean;
  /** When it was read. */
  readAt: number;
}

/** The worst state of a part in each stretch of a day. */
export interface PartHistory {
  part: PartName;
  states: { at: number; state: PartState }[];
}

export interface SendingNow {
  delaysMs: number[];
  waitingSince: number[];
  takenMessages: number;
  putOffMessages: number;
}

/** Where the figures come from. */
export interface Gauges {
  sending(db: Db, channel: "email" | "sms", since: number): Promise<SendingNow>;
  /** What a route says when it is asked whether it takes messages: null when well, else one sentence. */
  routeFault(channel: "email" | "sms"): Promise<string | null>;
  /** How long the sign-in page takes, in milliseconds; null when it does not answer. */
  signInTookMs(): Promise<number | null>;
  /** Whether mails to support can come in; null where nothing listens for them. */
  isMailInOpen(): boolean | null;
  /** Milliseconds of a clock that never jumps. */
  stopwatch(): number;
}

export const slotMs = 5 * minute;
export const historyMs = day;
const keptFreshFor = 5 * second;
const pageWaitsFor = 1.5 * second;
const noticeWaitsFor = 0.3 * second;
const readingHangsAfter = 30 * second;
const routeAnswersWithin = 3 * second;
/** The job comes each minute: after this it is the worker that is late. */
const measuresAreOldAfter = 3 * minute + 30 * second;
const incidentsShownFor = 90 * day;

export type ServiceStatus = ReturnType<typeof createServiceStatus>;

export function createServiceStatus(deps: {
  store: Store;
  clock: Clock;
  preset: Pick<Preset, "serviceStatus">;
  /** The parts that this portal has. */
  parts: PartName[];
  gauges: Gauges;
}) {
  const { store, clock, gauges, parts } = deps;
  const limits = deps.preset.serviceStatus;
  const unknown = (part: PartName): PartStatus => ({
    part,
    state: "unknown",
    since: null,
    delaySeconds: null,
  });
  let known: ServiceState = {
    parts: parts.map(unknown),
    incidents: [],
    measuredAt: null,
    isFresh: true,
    readAt: clock.now(),
  };
  let knownHistory: PartHistory[] = [];
  let reading: { done: Promise<void>; startedAt: number } | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;

  // ── Measuring ──────────────────────────────────────────────────────────────────────────────────────────────

  async function measureSending(channel: "email" | "sms"): Promise<Seen> {
    const now = clock.now();
    const measured = await gauges.sending(store, channel, now - limits.windowSeconds * second);
    const sending = {
      ...measured,
      waitingMs: measured.waitingSince.map((since) => Math.max(0, now - since)),
    };
    const fault = isInDoubt(sending)
      ? await within(gauges.routeFault(channel), routeAnswersWithin, "does not answer in time")
      : undefined;
    return judgeSending(sending, limits, fault);
  }

  async function see(part: PartName): Promise<Seen> {
    switch (part) {
      case "email":
      case "sms":
        return measureSending(part);
      case "sign-in":
        return judgeAnswer(await gauges.signInTookMs(), limits);
      case "mail-in":
        return judgeAnswer(gauges.isMailInOpen() === false ? null : 0, limits);
      case "database": {
        const startedAt = gauges.stopwatch();
        await store.ask("select 1 as one", []);
        return judgeAnswer(gauges.stopwatch() - startedAt, limits);
      }
      case "worker":
        return judgeAnswer(0, limits);
    }
  }

  /** What the job does each minute. Outside calls come first: the transaction only writes. */
  async function measure(): Promise<void> {
    const seen: { part: PartName; seen: Seen }[] = [];
    for (const part of parts) seen.push({ part, seen: await see(part) });
    const now = clock.now();
    const slot = Math.floor(now / slotMs) * slotMs;
    await store.transact(async (tx) => {
      const before = new Map((await rows.listParts(tx)).map((row) => [row.part, row]));
      for (const one of seen) {
        const row = before.get(one.part);
        const believed = believe(row ? believedOf(row, now) : null, one.seen.state, now, limits);
        await rows.savePart(tx, one.part, believed, {
          delaySeconds: isTrouble(believed.state)
            ? (one.seen.delaySeconds ?? row?.delay_seconds ?? null)
            : null,
          at: now,
        });
        const inSlot = await rows.findHistory(tx, one.part, slot);
        if (!inSlot || isWorse(believed.state, inSlot.state)) {
          await rows.saveHistory(tx, { part: one.part, at: slot, state: believed.state });
        }
      }
      await rows.removeOtherParts(tx, parts);
      await rows.forgetHistory(tx, now - historyMs - hour);
    });
    await readAgain();
  }

  /** A measure of long ago says nothing of what was since. */
  function believedOf(row: rows.PartRow, now: number): Believed | null {
    if (now - row.measured_at > limits.windowSeconds * second) return null;
    const { candidate, candidate_since: since } = row;
    return {
      state: row.state,
      since: row.since,
      candidate:
        candidate === null || since === null
          ? null
          : { state: candidate as Measured, since, seen: row.candidate_seen },
    };
  }

  // ── Reading ────────────────────────────────────────────────────────────────────────────────────────────────

  async function load(db: Db): Promise<{ state: ServiceState; history: PartHistory[] }> {
    const now = clock.now();
    const found = new Map((await rows.listParts(db)).map((row) => [row.part, row]));
    const measuredAt = Math.max(0, ...[...found.values()].map((row) => row.measured_at)) || null;
    const shown = parts.map((part): PartStatus => {
      const row = found.get(part);
      return row
        ? { part, state: row.state, since: row.since, delaySeconds: row.delay_seconds }
        : unknown(part);
    });
    const history = await rows.listHistory(db, now - historyMs);
    return {
      state: {
        parts: shown,
        incidents: await readIncidents(db, now - incidentsShownFor),
        measuredAt,
        isFresh: true,
        readAt: now,
      },
      history: parts.map((part) => ({
        part,
        states: history.filter((row) => row.part === part).map(({ at, state }) => ({ at, state })),
      })),
    };
  }

  /** Reads anew what is kept in memory; those who ask at once share one reading, unless it hangs. */
  function refresh(): Promise<void> {
    askedAt = clock.now();
    const startedAt = gauges.stopwatch();
    if (reading && startedAt - reading.startedAt < readingHangsAfter) return reading.done;
    const done = load(store)
      .then((loaded) => {
        known = loaded.state;
        knownHistory = loaded.history;
      })
      .finally(() => {
        if (reading?.done === done) reading = null;
      });
    reading = { done, startedAt };
    return done;
  }

  /** The same after a change: a reading that began before it does not count. */
  async function readAgain(): Promise<void> {
    await reading?.done.catch(() => {});
    await refresh();
  }

  /** Waits for a reading only so long: what was last known is better than a page that does not come. */
  async function freshen(waitsFor: number): Promise<void> {
    const isRead = await within(
      refresh().then(
        () => true,
        () => false,
      ),
      waitsFor,
      false,
    );
    if (!isRead) known = { ...known, isFresh: false };
  }

  /** The present truth from what is known: a job that stopped measuring is itself a trouble. */
  function present(): ServiceState {
    const now = clock.now();
    const { measuredAt } = known;
    const isOld = measuredAt !== null && now - measuredAt > measuresAreOldAfter;
    return {
      ...known,
      parts: known.parts.map((one) => {
        if (one.part === "database" && !known.isFresh) {
          return { ...one, state: "down" as const, since: known.readAt, delaySeconds: null };
        }
        return one.part === "worker" && isOld
          ? { ...one, state: "late" as const, since: measuredAt, delaySeconds: null }
          : one;
      }),
    };
  }

  return {
    measure,
    readAgain,

    /** For the page of the state of the service: with a day of it. */
    async read(): Promise<ServiceState & { history: PartHistory[] }> {
      await freshen(pageWaitsFor);
      return { ...present(), history: knownHistory };
    },

    /** For every other page: from memory, read anew when it is some seconds old. Never makes a page wait long. */
    async glance(): Promise<ServiceState> {
      if (clock.now() - askedAt >= keptFreshFor) await freshen(noticeWaitsFor);
      return present();
    },

    /** How a part is now, for who must decide something by it; "unknown" where it is not measured. */
    async stateOf(part: PartName): Promise<PartState> {
      const { parts: now } = await this.glance();
      return now.find((one) => one.part === part)?.state ?? "unknown";
    },

    /** What concerns everybody now: incidents that staff announced so. */
    concerning: (state: ServiceState): Incident[] =>
      state.incidents.filter(
        (incident) =>
          incident.isPublic &&
          incident.concernsEverybody &&
          incident.startsAt <= clock.now() &&
          !isOver(incident, clock.now()),
      ),
  };
}

/** The answer, or `instead` when it does not come in time. */
async function within<Result, Instead>(
  answer: Promise<Result>,
  ms: number,
  instead: Instead,
): Promise<Result | Instead> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Instead>((resolve) => {
    timer = setTimeout(resolve, ms, instead);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
