import type { Preset } from "../../config/preset.ts";
import type { Locale } from "../../i18n/locale.ts";
import { type Clock, day } from "../../kernel/clock.ts";
import type { Store, Tx } from "../../store/store.ts";
import { foldWords } from "../../store/words.ts";
import * as rows from "./articles.store.ts";

/**
 * What is searched for in the help, as counted words: so that staff see what no article answers. A search is a GET
 * and changes nothing: it is counted in memory, and a turn of the worker writes the counts down. Nothing is kept of
 * who searched, and nothing that looks like an address, a number or a code.
 *
 * Tables: help_searches. Settings: retention.addressesDays.
 */
export type HelpSearches = ReturnType<typeof createHelpSearches>;

const longestQuery = 80;
/** A flood of made-up words fills neither the memory nor the table. */
const waitingAtMost = 1000;
const queriesADay = 5000;
const listedAtMost = 200;
const shownDays = 30;

export interface CountedSearch {
  locale: Locale;
  query: string;
  uses: number;
  results: number;
  lastDay: number;
}

/** The words as they are counted; null for what might say who somebody is. */
export function countableQuery(typed: string): string | null {
  if (typed.includes("@") || /\p{Nd}(?:[\s.-]?\p{Nd}){3}/u.test(typed)) return null;
  const query = foldWords(typed).join(" ");
  return query === "" || query.length > longestQuery ? null : query;
}

export function createHelpSearches(deps: { store: Store; clock: Clock; preset: Pick<Preset, "retention"> }) {
  const { store, clock } = deps;
  let waiting = new Map<string, rows.SearchRow>();
  const today = () => Math.floor(clock.now() / day) * day;

  function count(typed: string, locale: Locale, results: number): void {
    const query = countableQuery(typed);
    if (query === null) return;
    const key = `${today()} ${locale} ${query}`;
    const known = waiting.get(key);
    if (!known && waiting.size >= waitingAtMost) return;
    waiting.set(key, { day: today(), locale, query, results, uses: (known?.uses ?? 0) + 1 });
  }

  /** A turn of the worker: writes the counts down. */
  async function writeDown(): Promise<number> {
    if (waiting.size === 0) return 0;
    const taken = waiting;
    waiting = new Map();
    await store.transact(async (tx) => {
      for (const row of taken.values()) await rows.countSearch(tx, row, queriesADay);
    });
    return 0;
  }

  return {
    count,
    writeDown,
    /** What was asked most in the last 30 days; those that found nothing, or all. */
    list: (onlyVain: boolean): Promise<CountedSearch[]> =>
      rows.listSearches(store, { since: today() - shownDays * day, onlyVain, limit: listedAtMost }),
    forgetOld: (tx: Tx) => rows.forgetSearches(tx, clock.now() - deps.preset.retention.addressesDays * day),
  };
}
