import { formatClockTime, formatDay, regional } from "../../i18n/moment.ts";
import type { Locale, MessageKey, Translate } from "../../i18n/translations.ts";
import { minute } from "../../kernel/clock.ts";
import { daysAlike, daysOfWeek, type OpeningHours } from "./opening-hours.ts";

/** What the pages say of an establishment, in the words of a language. */

/** A Monday. */
const someMonday = Date.UTC(2024, 0, 1);

export function dayName(locale: Locale, day: (typeof daysOfWeek)[number]): string {
  const format = new Intl.DateTimeFormat(regional(locale), { weekday: "long", timeZone: "UTC" });
  return format.format(someMonday + daysOfWeek.indexOf(day) * 24 * 60 * minute);
}

/** « lundi, mardi et jeudi » with « 09:00–12:00 et 14:00–17:00 », days that are alike together. */
export function hoursRows(
  t: Translate,
  locale: Locale,
  hours: OpeningHours,
): { label: string; value: string }[] {
  if (hours === null) return [{ label: t("establishments.hours"), value: t("establishments.hours.always") }];
  const list = new Intl.ListFormat(regional(locale), { type: "conjunction" });
  return daysAlike(hours).map(({ days, stretches }) => ({
    label: list.format(days.map((day) => dayName(locale, day))),
    value:
      stretches.length === 0
        ? t("establishments.hours.closed")
        : list.format(
            stretches.map((stretch) => {
              const [from, to] = stretch.split("-").map((text) => clockTimeIn(locale, text));
              return t("establishments.hours.stretch", { from: from as string, to: to as string });
            }),
          ),
  }));
}

/** 24:00 is said so: as 00:00 it would look like the morning. */
function clockTimeIn(locale: Locale, text: string): string {
  const [hours, minutes] = text.split(":").map(Number) as [number, number];
  return hours === 24 ? text : formatClockTime(locale, "UTC", (hours * 60 + minutes) * minute);
}

export const dayIn = (locale: Locale, day: string): string => formatDay(locale, "UTC", Date.parse(day));

/** Days as they are typed, one a line: `2027-05-01` or `01/05/2027`. Null where one cannot be read. */
export function parseDays(typed: string): string[] | null {
  const days = typed
    .split(/[\s,;]+/)
    .filter((text) => text !== "")
    .map((text) => {
      const [, day, month, year] = /^(\d{1,2})[/.](\d{1,2})[/.](\d{4})$/.exec(text) ?? [];
      const iso = year ? `${year}-${month?.padStart(2, "0")}-${day?.padStart(2, "0")}` : text;
      // A day that the calendar does not have comes back as another, or not at all.
      const at = /^\d{4}-\d{2}-\d{2}$/.test(iso) ? Date.parse(iso) : Number.NaN;
      return !Number.isNaN(at) && new Date(at).toISOString().startsWith(iso) ? iso : null;
    });
  return days.includes(null) || days.length > 400 ? null : [...new Set(days as string[])].sort();
}

export const typeWord = (t: Translate, type: "academy" | "school" | "class"): string =>
  t(`establishments.type.${type}`);

/** Refusals of rules are the keys of their words. */
export const refusalWords = (t: Translate, refusal: string): string => t(refusal as MessageKey);
