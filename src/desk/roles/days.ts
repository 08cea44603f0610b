import { createDayOf } from "../../i18n/moment.ts";
import { day, second } from "../../kernel/clock.ts";

/** Days as forms name them, `2026-11-29`, in a time zone (IANA). */

/** The first moment of the day after: what ends with a day ends then. Null for what is no day. */
export function endOfDay(name: string, timezone: string): number | null {
  const inUtc = /^\d{4}-\d{2}-\d{2}$/.test(name) ? Date.parse(`${name}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(inUtc) || createDayOf("UTC")(inUtc) !== name) return null;
  const dayOf = createDayOf(timezone);
  // No zone is further from UTC than this.
  let [earlier, later] = [inUtc - day, inUtc + 3 * day];
  while (later - earlier > second) {
    const between = Math.floor((earlier + later) / 2 / second) * second;
    if (dayOf(between) > name) later = between;
    else earlier = between;
  }
  return later;
}

/** From the first moment of a day until the first of the next. Null for what is no day. */
export function boundsOfDay(name: string, timezone: string): { from: number; until: number } | null {
  const until = endOfDay(name, timezone);
  if (until === null) return null;
  const before = createDayOf("UTC")(Date.parse(`${name}T00:00:00Z`) - day);
  return { from: endOfDay(before, timezone) as number, until };
}
