import type { DayOfWeek, Preset } from "../../config/preset.ts";

/** Opening hours as people write them and as they read them. */
export type OpeningHours = Preset["relays"][number]["hours"];

export const daysOfWeek: readonly DayOfWeek[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

const mostStretches = 6;
// Two digits that the next stretch begins with are not the minutes of this one.
const time = (next: string) => String.raw`(\d{1,2})\s*(?:[:hH.]\s*(\d{2}(?!\s*[${next}]))?)?(?:\s*min)?`;
const stretchPattern = new RegExp(
  String.raw`${time(":hH.")}\s*(?:-|–|—|à|to|إلى)\s*${time(":hH.–—-")}`,
  "gu",
);

/**
 * Reads the hours of one day: `9h-12h, 14h-17h30`, `09:00–12:00 14:00–17:30`. Empty: nobody is there. Null where they
 * cannot be read, overlap, or end before they begin.
 */
export function parseDayHours(typed: string): string[] | null {
  const found: { from: number; to: number }[] = [];
  const rest = typed.normalize("NFC").replaceAll(stretchPattern, (_, h1, m1, h2, m2) => {
    found.push({ from: minutesOf(h1, m1), to: minutesOf(h2, m2) });
    return "";
  });
  if (!/^(?:[\s,;/+&]|et|and|و)*$/u.test(rest) || found.length > mostStretches) return null;
  found.sort((a, b) => a.from - b.from);
  const isSound = found.every(
    ({ from, to }, index) => from < to && to <= 24 * 60 && from >= (found[index - 1]?.to ?? 0),
  );
  return isSound ? found.map(({ from, to }) => `${clockTime(from)}-${clockTime(to)}`) : null;
}

function minutesOf(hours: string, minutes: string | undefined): number {
  const [whole, part] = [Number(hours), Number(minutes ?? 0)];
  return part < 60 ? whole * 60 + part : Number.NaN;
}

const clockTime = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

/** Hours of one day as they stand in a field: `09:00-12:00, 14:00-17:00`. */
export const dayHoursAsTyped = (stretches: readonly string[]): string => stretches.join(", ");

/**
 * Hours as people read them: days that are alike stand together, in the order of the week. `stretches` is empty where
 * nobody is there.
 */
export function daysAlike(hours: NonNullable<OpeningHours>): { days: DayOfWeek[]; stretches: string[] }[] {
  const groups = new Map<string, { days: DayOfWeek[]; stretches: string[] }>();
  for (const day of daysOfWeek) {
    const key = hours[day].join();
    const group = groups.get(key) ?? { days: [], stretches: hours[day] };
    group.days.push(day);
    groups.set(key, group);
  }
  return [...groups.values()];
}
