import type { Clock } from "../../kernel/clock.ts";
import type { Tx } from "../../store/store.ts";
import { type Budgets, everybody } from "./budgets.ts";
import { countSms } from "./sms-counts.store.ts";

/**
 * The ceilings against toll fraud: somebody who earns by SMS to numbers of their own, and has them sent by a public
 * form. Every SMS that anybody asks for or causes goes through `spendSms`, and through nothing else: by country, by
 * number and hour, by number and day, by source, by country and day, and in all. Of these the number's day and the
 * source are spent by strangers only: what they have used up takes neither the office's help nor a warning away.
 *
 * Tables: sms_counts, budgets. Settings: smsCountries, limits "sms.*".
 */
export interface SmsAsked {
  /** E.164. */
  number: string;
  /**
   * Whose request causes it, as `caller.sourceKey`; null where no stranger asks: for staff, who have limits of their
   * own and share an address, and for what the portal tells by itself.
   */
  sourceKey: string | null;
}

/** Why an SMS may not leave: its country is none of ours, or a ceiling is reached. */
export type SmsRefusal = "not-served" | "number" | "source" | "country" | "service";
export type SmsOutcome = "passed" | SmsRefusal;

/** `until` is null where no wait helps. */
export type SmsSpent = { ok: true } | { ok: false; refusal: SmsRefusal; until: number | null };

/** The budgets of whoever sends SMS. */
export interface SmsBudgets extends Budgets {
  /** Spends one SMS. Not ok: it must not be sent. Commits with the transaction; a refused one spends no wider ceiling. */
  spendSms(tx: Tx, asked: SmsAsked): Promise<SmsSpent>;
}

/** Stands for numbers that belong to no country: satellites, international networks. */
export const noCountry = "ZZ";

export function createSmsCeilings(deps: {
  clock: Clock;
  budgets: Budgets;
  /** Where SMS may go (ISO 3166-1 alpha-2). */
  countries: readonly string[];
  countryOf: (e164: string) => string | null;
  /** A whole school behind one address is slowed elsewhere, never blocked (promise 6). */
  isSlowed: (sourceKey: string) => boolean;
  dayOf: (ms: number) => string;
  /** Called once it is committed. */
  counted: (country: string, outcome: SmsOutcome) => void;
}): Pick<SmsBudgets, "spendSms"> {
  const { clock, budgets, countries } = deps;

  /** The narrowest first: what one number or one source has used up must not eat into everybody's share. */
  async function judge(tx: Tx, { number, sourceKey }: SmsAsked, country: string): Promise<SmsSpent> {
    if (!countries.includes(country)) return { ok: false, refusal: "not-served", until: null };
    const limits = [
      // Of its own, so that no stranger silences a warning, nor the help of staff (promise 6).
      ["number", "sms.per-number", sourceKey === null ? `own ${number}` : number],
      ...(sourceKey ? [["number", "sms.per-number-day", number] as const] : []),
      ...(sourceKey && !deps.isSlowed(sourceKey) ? [["source", "sms.per-source", sourceKey] as const] : []),
      ["country", "sms.per-country-day", country],
      ["service", "sms.service-wide", everybody],
    ] as const;
    for (const [refusal, name, key] of limits) {
      const spent = await budgets.spend(tx, name, key);
      if (!spent.ok) return { ok: false, refusal, until: spent.until };
    }
    return { ok: true };
  }

  return {
    async spendSms(tx, asked) {
      const country = deps.countryOf(asked.number) ?? noCountry;
      const spent = await judge(tx, asked, country);
      const outcome = spent.ok ? "passed" : spent.refusal;
      await countSms(tx, deps.dayOf(clock.now()), country, outcome);
      tx.afterCommit(() => deps.counted(country, outcome));
      return spent;
    },
  };
}
