import type { DayOfWeek, Preset } from "../../config/preset.ts";
import { day, hour, minute, second } from "../../kernel/clock.ts";

/**
 * Working time of a relay: what it promises and what is measured counts only while somebody is there. Days are
 * those of a time zone, so that two of a year have 23 and 25 hours; hours of the clock that a change skips do not
 * exist, and those that it repeats count twice.
 */
export type WorkingHours = Preset["relays"][number]["hours"];

/** When somebody is there, as a relay says it. Null hours: on every day that is not closed, at any time. */
export interface Calendar {
  hours: WorkingHours;
  /** Days on which nobody is there, such as `2026-12-25`. */
  closedOn: readonly string[];
  /** IANA name. */
  timezone: string;
}

interface Stretch {
  from: number;
  to: number;
}

const daysOfWeek: DayOfWeek[] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
/** Who is not there on any day of two years is there at no time at all: then all of it counts. */
const daysLookedAt = 750;

/** The moment at which `seconds` of working time have passed since `from`. Times in milliseconds. */
export function addWorkingSeconds(
  hours: WorkingHours,
  closedOn: readonly string[],
  timezone: string,
  from: number,
  seconds: number,
): number {
  let left = seconds * second;
  for (const { from: opens, to: closes } of stretchesFrom({ hours, closedOn, timezone }, from)) {
    const length = closes - opens;
    if (left <= length) return opens + left;
    left -= length;
  }
  return from + seconds * second;
}

/** How many seconds of working time lie between two moments; 0 when `to` is not after `from`. */
export function workingSecondsBetween(
  hours: WorkingHours,
  closedOn: readonly string[],
  timezone: string,
  from: number,
  to: number,
): number {
  let passed = 0;
  for (const { from: opens, to: closes } of stretchesFrom({ hours, closedOn, timezone }, from, to)) {
    passed += Math.min(closes, to) - opens;
  }
  return passed / second;
}

/** When somebody is there next: `from` itself while somebody is; null when nobody ever is. */
export function nextOpening(
  hours: WorkingHours,
  closedOn: readonly string[],
  timezone: string,
  from: number,
): number | null {
  for (const { from: opens } of stretchesFrom({ hours, closedOn, timezone }, from)) return opens;
  return null;
}

/** The working stretches after `from` in their order, the first cut where it has begun already. */
function* stretchesFrom(
  calendar: Calendar,
  from: number,
  until = Number.POSITIVE_INFINITY,
): Generator<Stretch> {
  const { timezone } = calendar;
  const closed = new Set(calendar.closedOn);
  const first = dayNumberAt(from, timezone);
  let isEverOpen = false;
  for (let number = first; isEverOpen || number < first + daysLookedAt; number++) {
    if (startOfDay(number, timezone) >= until) return;
    for (const stretch of stretchesOf(calendar.hours, closed, number, timezone)) {
      isEverOpen = true;
      if (stretch.to <= from) continue;
      if (stretch.from >= until) return;
      yield { from: Math.max(stretch.from, from), to: stretch.to };
    }
  }
}

function stretchesOf(
  hours: WorkingHours,
  closed: ReadonlySet<string>,
  number: number,
  timezone: string,
): Stretch[] {
  const noon = new Date(number * day + 12 * hour);
  if (closed.has(noon.toISOString().slice(0, 10))) return [];
  const written = hours === null ? ["00:00-24:00"] : hours[daysOfWeek[noon.getUTCDay()] as DayOfWeek];
  return written
    .map((text) => {
      const [from = "", to = ""] = text.split("-");
      return {
        from: momentOf(number, minutesOf(from), timezone),
        to: momentOf(number, minutesOf(to), timezone),
      };
    })
    .filter(({ from, to }) => from < to)
    .sort((one, other) => one.from - other.from);
}

function minutesOf(text: string): number {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return hours * 60 + minutes;
}

/** A time of the clock on a day (counted from 1970-01-01), as the moment when clocks there show it first. */
function momentOf(number: number, minutes: number, timezone: string): number {
  const start = startOfDay(number, timezone);
  const end = startOfDay(number + 1, timezone);
  const plain = start + minutes * minute;
  // All but two days of a year have no change of the clock.
  if (end - start === day) return plain;
  return minutes === 24 * 60 ? end : readAs(number * day + minutes * minute, timezone);
}

// Asking a calendar costs a hundred times as much as counting; a report asks the same days thousands of times.
const starts = new Map<string, number>();

/** Midnight at which a day begins there. */
function startOfDay(number: number, timezone: string): number {
  const name = `${number} ${timezone}`;
  let found = starts.get(name);
  if (found === undefined) {
    if (starts.size > 20_000) starts.clear();
    found = readAs(number * day, timezone);
    starts.set(name, found);
  }
  return found;
}

function dayNumberAt(ms: number, timezone: string): number {
  return Math.floor((ms + offsetAt(ms, timezone)) / day);
}

/** The moment at which clocks there show what `wall` shows as UTC; the earlier of two, the next where there is none. */
function readAs(wall: number, timezone: string): number {
  const candidates = [wall - day, wall + day].map((near) => wall - offsetAt(near, timezone));
  const shown = candidates.filter((ms) => ms + offsetAt(ms, timezone) === wall);
  return shown.length > 0 ? Math.min(...shown) : Math.max(...candidates);
}

const clocks = new Map<string, Intl.DateTimeFormat>();

/** How far clocks there are ahead of UTC, in milliseconds. */
function offsetAt(ms: number, timezone: string): number {
  let clock = clocks.get(timezone);
  if (!clock) {
    const two = "2-digit";
    clock = new Intl.DateTimeFormat("en-US-u-ca-gregory-nu-latn", {
      timeZone: timezone,
      hourCycle: "h23",
      year: "numeric",
      month: two,
      day: two,
      hour: two,
      minute: two,
      second: two,
    });
    clocks.set(timezone, clock);
  }
  const part: Record<string, number> = {};
  for (const { type, value } of clock.formatToParts(ms)) part[type] = Number(value);
  const { year = 1970, month = 1, day: date = 1, hour: hours, minute: minutes, second: seconds } = part;
  const shown = Date.UTC(year, month - 1, date, hours, minutes, seconds);
  return shown - Math.floor(ms / second) * second;
}
