import { everybody, type MeasuredBudgets } from "../../access/budgets/budgets.ts";
import type { SmsOutcome, SmsRefusal } from "../../access/budgets/sms-ceilings.ts";
import { forgetSmsCounts, smsCountsSince } from "../../access/budgets/sms-counts.store.ts";
import type { LimitName, Preset } from "../../config/preset.ts";
import { type Clock, day } from "../../kernel/clock.ts";
import type { Store, Tx } from "../../store/store.ts";

/**
 * How many SMS go to which country, and how far the ceilings against toll fraud are used: for the operator, and for
 * whatever reads the metrics. Nothing of a person, and no number, is in it.
 *
 * Tables: sms_counts, budgets (reads). Settings: smsCountries, limits "sms.*", retention.messagesDays.
 */
export interface CeilingSeen {
  /** In the present period, what was refused beyond it included. */
  spent: number;
  max: number;
  /** When the period ends; null where none has begun. */
  until: number | null;
}

export interface SmsSeen {
  /** Those that SMS go to, and those that somebody asked for today; the most sent first. */
  countries: {
    country: string;
    isServed: boolean;
    passed: number;
    refused: number;
    ceiling: CeilingSeen | null;
  }[];
  whole: CeilingSeen;
  /** Today, by reason; only reasons that occurred. */
  refusals: { refusal: SmsRefusal; count: number }[];
  days: { day: string; passed: number; refused: number }[];
  limits: Pick<
    Preset["limits"],
    "sms.per-number" | "sms.per-number-day" | "sms.per-source" | "sms.per-country-day" | "sms.service-wide"
  >;
}

export const daysShown = 14;

export type SmsWatch = ReturnType<typeof createSmsWatch>;

export function createSmsWatch(deps: {
  store: Store;
  clock: Clock;
  preset: Pick<Preset, "limits" | "retention">;
  /** Where SMS may go (ISO 3166-1 alpha-2). */
  countries: readonly string[];
  measure: MeasuredBudgets["measure"];
  dayOf: (ms: number) => string;
}) {
  const { store, clock, countries, dayOf } = deps;
  const { limits } = deps.preset;

  async function ceiling(name: LimitName, key: string): Promise<CeilingSeen> {
    const measured = await deps.measure(store, name, key);
    return { spent: measured?.spent ?? 0, max: limits[name].max, until: measured?.until ?? null };
  }

  const ofCountry = (country: string) => ceiling("sms.per-country-day", country);
  const ofAll = () => ceiling("sms.service-wide", everybody);

  async function see(): Promise<SmsSeen> {
    const now = clock.now();
    const today = dayOf(now);
    const days = [
      ...new Set(Array.from({ length: daysShown }, (_, ago) => dayOf(now - ago * day))),
    ].reverse();
    const counts = await smsCountsSince(store, days[0] as string);
    const sum = (of: { day: string; country?: string }, isIn: (outcome: SmsOutcome) => boolean) =>
      counts
        .filter((row) => row.day === of.day && (of.country === undefined || row.country === of.country))
        .filter((row) => isIn(row.outcome as SmsOutcome))
        .reduce((total, { count }) => total + count, 0);
    const passed = (of: { day: string; country?: string }) => sum(of, (outcome) => outcome === "passed");
    const refused = (of: { day: string; country?: string }) => sum(of, (outcome) => outcome !== "passed");
    const asked = counts.filter((row) => row.day === today).map(({ country }) => country);
    const listed = [...new Set([...countries, ...asked])].map(async (country) => {
      const isServed = countries.includes(country);
      const of = { day: today, country };
      return {
        country,
        isServed,
        passed: passed(of),
        refused: refused(of),
        ceiling: isServed ? await ofCountry(country) : null,
      };
    });
    const refusals = (["not-served", "number", "source", "country", "service"] as const).map((refusal) => ({
      refusal,
      count: sum({ day: today }, (outcome) => outcome === refusal),
    }));
    return {
      countries: (await Promise.all(listed)).sort((a, b) => b.passed - a.passed || b.refused - a.refused),
      whole: await ofAll(),
      refusals: refusals.filter(({ count }) => count > 0),
      days: days.map((name) => ({
        day: name,
        passed: passed({ day: name }),
        refused: refused({ day: name }),
      })),
      limits,
    };
  }

  /** For the metrics: how much of each ceiling is used, 1 when it is reached. */
  async function shares(): Promise<{ limit: string; country: string; share: number }[]> {
    const share = ({ spent, max }: CeilingSeen) => Math.min(1, spent / max);
    const byCountry = countries.map(async (country) => ({
      limit: "sms.per-country-day",
      country,
      share: share(await ofCountry(country)),
    }));
    const whole = { limit: "sms.service-wide", country: "all", share: share(await ofAll()) };
    return [...(await Promise.all(byCountry)), whole];
  }

  const forget = (tx: Tx): Promise<void> =>
    forgetSmsCounts(tx, dayOf(clock.now() - deps.preset.retention.messagesDays * day));

  return { see, shares, forget };
}
