import { createDayOf } from "../../i18n/moment.ts";
import { hour } from "../../kernel/clock.ts";

/** The longest day of any calendar, with room: clocks go back by an hour, and a few zones once changed sides. */
const longestDay = 50 * hour;

/** The moment at which the day began that calendars of a time zone (IANA) show at `now`. Times in milliseconds. */
export function dayBeginsAt(timezone: string, now: number): number {
  const dayOf = createDayOf(timezone);
  const today = dayOf(now);
  let [before, since] = [now - longestDay, now];
  while (since - before > 1) {
    const middle = Math.floor((before + since) / 2);
    if (dayOf(middle) >= today) since = middle;
    else before = middle;
  }
  return since;
}
