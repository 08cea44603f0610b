const fields = {
  year: "numeric",
  month: "2-digit",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
} as const;

/** `2027-03-02T09:00` in the time zone: what a field of the type `datetime-local` holds. */
export function toLocalTime(ms: number, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-CA", { ...fields, timeZone }).formatToParts(ms);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}T${part("hour")}:${part("minute")}`;
}

/**
 * The moment of a local time; null for what is none. An hour that the clocks skip in spring is read as the one after
 * it; of the hour that comes twice in autumn the first is meant.
 */
export function fromLocalTime(text: string, timeZone: string): number | null {
  const read = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::\d{2})?$/.exec(text.trim());
  if (!read) return null;
  const [year, month, day, hours, minutes] = read.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const asUtc = Date.UTC(year, month - 1, day, hours, minutes);
  const isReal =
    new Date(asUtc).getUTCDate() === day && month >= 1 && month <= 12 && hours < 24 && minutes < 60;
  if (!isReal || year < 2000 || year > 2200) return null;
  const offsetAt = (ms: number) =>
    Date.parse(`${toLocalTime(ms, timeZone)}:00Z`) - Math.floor(ms / 60_000) * 60_000;
  const guesses = [asUtc - offsetAt(asUtc - 86_400_000), asUtc - offsetAt(asUtc + 86_400_000)];
  const exact = guesses.filter((guess) => asUtc - guess === offsetAt(guess));
  return exact.length > 0 ? Math.min(...exact) : Math.max(...guesses);
}
