import type { LimitName, Preset } from "../../config/preset.ts";
import type { Caller } from "../../kernel/caller.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import type { Keys } from "../../kernel/keys.ts";
import { done } from "../../kernel/outcome.ts";
import type { Asked, Tx } from "../../store/store.ts";
import * as rows from "./budgets.store.ts";

/**
 * How much of something may happen in a time: the `limits` table of the configuration, and nothing else.
 *
 * Tables: budgets. Settings: limits. Keys are stored as digests: an address or identifier is never readable here.
 */
export interface Budgets {
  /** Spends one. Not ok beyond the limit, and then until when. Commits with the transaction. */
  spend(tx: Tx, name: LimitName, key: string): Promise<Spent>;
  /** Whether one more could be spent now, without spending it. */
  look(db: Asked, name: LimitName, key: string): Promise<Spent>;
}

export type Spent = { ok: true } | { ok: false; until: number };

/** The same, with how far a budget is spent: for whoever watches them. */
export interface MeasuredBudgets extends Budgets {
  /** What was tried in the present period, beyond the limit too, and when that ends; null where none has begun. */
  measure(db: Asked, name: LimitName, key: string): Promise<{ spent: number; until: number } | null>;
}

/** Not of the whole service, and yet nobody's own: it should never be reached. */
const alarmingForEachKey: LimitName[] = ["sms.per-country-day"];

/** The key of limits that count for the whole service. */
export const everybody = "everybody";

/** Spends one request of its source's. A whole school behind one address is slowed, never blocked (promise 6). */
export async function spendRequest(
  budgets: Pick<Budgets, "spend">,
  tx: Tx,
  { sourceKey, isSlowed }: Pick<Caller, "sourceKey" | "isSlowed">,
): Promise<Spent> {
  return isSlowed ? done : budgets.spend(tx, "request.per-source", sourceKey);
}

export function createBudgets(deps: {
  clock: Clock;
  keys: Keys;
  limits: Preset["limits"];
  /** A limit of the whole service is reached: somebody should look. */
  alarm: (name: LimitName) => void;
}): MeasuredBudgets {
  const { clock, keys, limits } = deps;
  const digest = (name: LimitName, key: string) => keys.digest(`budget.${name}`, key);

  return {
    async spend(tx, name, key) {
      const { max, perSeconds } = limits[name];
      const row = await rows.spend(tx, name, digest(name, key), clock.now(), perSeconds * second);
      if (row.spent <= max) return { ok: true };
      const isAlarming = key === everybody || alarmingForEachKey.includes(name);
      if (isAlarming && row.spent === max + 1) deps.alarm(name);
      return { ok: false, until: row.windowStartedAt + perSeconds * second };
    },
    async look(db, name, key) {
      const { max, perSeconds } = limits[name];
      const row = await rows.read(db, name, digest(name, key));
      const until = row ? row.windowStartedAt + perSeconds * second : 0;
      if (!row || until <= clock.now() || row.spent < max) return { ok: true };
      return { ok: false, until };
    },
    async measure(db, name, key) {
      const row = await rows.read(db, name, digest(name, key));
      const until = row ? row.windowStartedAt + limits[name].perSeconds * second : 0;
      return row && until > clock.now() ? { spent: row.spent, until } : null;
    },
  };
}
