import type { Locale } from "./locale.ts";

const dayFields = { day: "numeric", month: "long", year: "numeric" } as const;
const timeFields = { hour: "2-digit", minute: "2-digit" } as const;

/**
 * Date and time with the zone's name: `21 novembre 2026 à 23:05 (heure d’Europe centrale)`.
 * `timezone` is an IANA name, `ms` milliseconds since 1970 UTC; likewise below.
 */
export function formatMoment(locale: Locale, timezone: string, ms: number): string {
  return `${formatter(locale, timezone, { ...dayFields, ...timeFields }).format(ms)} (${zoneName(locale, timezone, ms)})`;
}

/** Time of day with the zone's name: `23:05 (heure d’Europe centrale)`. For what happens within the hour. */
export function formatTime(locale: Locale, timezone: string, ms: number): string {
  return `${formatter(locale, timezone, timeFields).format(ms)} (${zoneName(locale, timezone, ms)})`;
}

/** Time of day alone, for a list whose caption names the zone: `23:05`. */
export function formatClockTime(locale: Locale, timezone: string, ms: number): string {
  return formatter(locale, timezone, timeFields).format(ms);
}

/** The day alone: `21 novembre 2026`. For delays of days, where the hour would only be noise. */
export function formatDay(locale: Locale, timezone: string, ms: number): string {
  return formatter(locale, timezone, dayFields).format(ms);
}

const units = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/**
 * A length of time in its two largest units: `15 minutes`, `1 heure et 30 minutes`, `7 jours`.
 * Rounded up to a whole second, and up where a smaller unit is left out: a wait is never announced shorter than it is.
 * Negative or not a number: zero seconds.
 */
export function formatDuration(locale: Locale, seconds: number): string {
  let rest = seconds > 0 ? Math.ceil(seconds) : 0;
  const largest = units.find(([, size]) => rest >= size) ?? units[3];
  const second = units[units.indexOf(largest) + 1];
  if (second) rest = Math.ceil(rest / second[1]) * second[1];
  const shown: string[] = [];
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || (size === 1 && shown.length === 0)) shown.push(unitFormat(locale, unit).format(count));
  }
  return shown.length === 1 ? (shown[0] as string) : listFormat(locale).format(shown);
}

const zoneNames = ["longGeneric", "long"] as const;

/** What a time zone is called then: `heure d’Europe centrale`. */
export function zoneName(locale: Locale, timezone: string, ms: number): string {
  let name = "";
  for (const timeZoneName of zoneNames) {
    const parts = formatter(locale, timezone, { timeZoneName }).formatToParts(ms);
    name = parts.find((part) => part.type === "timeZoneName")?.value ?? timezone;
    // Some zones, UTC among them, have no generic name and come back as an offset.
    if (!/\d/.test(name)) return name;
  }
  return name;
}

/** English is read here beside French: the European order of day and month, and 24 hours, for both. */
export function regional(locale: Locale): Locale {
  return locale === "en" ? "en-GB" : locale;
}

// Making a formatter costs a hundred times as much as using it. Few languages and zones exist in one installation.
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(
  locale: Locale,
  timeZone: string,
  fields: Intl.DateTimeFormatOptions,
): Intl.DateTimeFormat {
  const name = `${locale} ${timeZone} ${Object.entries(fields).join()}`;
  let found = formatters.get(name);
  if (!found) {
    found = new Intl.DateTimeFormat(regional(locale), { ...fields, timeZone });
    formatters.set(name, found);
  }
  return found;
}

const unitFormat = (locale: Locale, unit: string) =>
  new Intl.NumberFormat(regional(locale), { style: "unit", unit, unitDisplay: "long" });
const listFormat = (locale: Locale) =>
  new Intl.ListFormat(regional(locale), { style: "long", type: "conjunction" });

/** The day that calendars of a time zone show at a moment, such as `2027-03-02`. */
export function createDayOf(timezone: string): (ms: number) => string {
  const format = new Intl.DateTimeFormat("en-CA-u-ca-gregory-nu-latn", {
    timeZone: timezone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  return (ms) => format.format(ms);
}
