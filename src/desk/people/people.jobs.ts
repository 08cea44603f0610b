import { indexNext, readProgress, tidyLexicon } from "../../accounts/search/people-words.store.ts";
import { type Clock, day, minute } from "../../kernel/clock.ts";
import type { Store } from "../../store/store.ts";

const accountsAtOnce = 500;
const wordsAtOnce = 1000;
/** Well within the lease of a job: what is not done by then goes on in the next run. */
const runsFor = 5 * minute;

/** What the search of people does by itself. */
export function createPeopleJobs(deps: {
  store: Store;
  clock: Clock;
  settleCorrections: () => Promise<void>;
}) {
  const { store, clock } = deps;

  /**
   * Gives the accounts that were there before the index their words, some hundred in a transaction: it can be killed
   * and goes on where it was, and may be done twice. Afterwards a run only reads that it is done.
   */
  async function fillIndex(): Promise<void> {
    const until = clock.now() + runsFor;
    for (;;) {
      const progress = await readProgress(store);
      if (progress?.isDone || clock.now() > until) return;
      await store.transact((tx) => indexNext(tx, progress?.afterId ?? "", accountsAtOnce));
    }
  }

  /** Forgets words that nobody has had for a day: names of people who are gone. */
  async function forgetWords(): Promise<void> {
    const until = clock.now() + runsFor;
    let next: string | null = "";
    while (next !== null && clock.now() <= until) {
      const afterWord: string = next;
      const now = clock.now();
      next = await store.transact((tx) =>
        tidyLexicon(tx, { afterWord, limit: wordsAtOnce, now, markedBefore: now - day }),
      );
    }
  }

  return [
    { name: "people.fill-index", everySeconds: 300, run: fillIndex },
    { name: "people.contacts-due", everySeconds: 60, run: deps.settleCorrections },
    { name: "people.forget-words", everySeconds: 86_400, run: forgetWords },
  ];
}
