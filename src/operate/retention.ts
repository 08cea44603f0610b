import type { Preset } from "../config/preset.ts";
import { type Clock, day, second } from "../kernel/clock.ts";
import type { Store, Tx } from "../store/store.ts";

/** What each room forgets; times are the moment before which something is too old. */
export interface Forgetters {
  journal: (tx: Tx, addressesBefore: number, linesBefore: number) => Promise<void>;
  messages: (tx: Tx, before: number) => Promise<void>;
  suppressions: (tx: Tx, before: number) => Promise<void>;
  requests: (tx: Tx, before: number) => Promise<void>;
  challenges: (tx: Tx, before: number, addressesBefore: number) => Promise<void>;
  sessions: (tx: Tx, endedBefore: number, addressesBefore: number) => Promise<void>;
  knownBrowsers: (tx: Tx, endedBefore: number) => Promise<void>;
  budgets: (tx: Tx, before: number) => Promise<void>;
  lockoutCounters: (tx: Tx) => Promise<void>;
  removedAddresses: (tx: Tx, before: number) => Promise<void>;
  closedAccounts: (tx: Tx, closedBefore: number) => Promise<void>;
}

/**
 * Forgets what is too old (DESIGN §9), each kind in a transaction of its own so that nobody waits for all of it.
 *
 * Settings: retention.*, and limits.*: a budget is kept as long as the longest period that any is counted in.
 */
export function createRetention(deps: {
  store: Store;
  clock: Clock;
  preset: Pick<Preset, "retention" | "limits">;
  forget: Forgetters;
  /** Of rooms that know by themselves how long they keep what. */
  more: ((tx: Tx) => Promise<void>)[];
}) {
  const { store, clock, forget } = deps;
  const { journalDays, messagesDays, addressesDays, challengesDays } = deps.preset.retention;
  const longestPeriod = Math.max(...Object.values(deps.preset.limits).map(({ perSeconds }) => perSeconds));

  return async function forgetOld(): Promise<void> {
    const now = clock.now();
    const before = (days: number) => now - days * day;
    const addresses = before(addressesDays);
    const steps: ((tx: Tx) => Promise<void>)[] = [
      (tx) => forget.journal(tx, addresses, before(journalDays)),
      (tx) => forget.messages(tx, before(messagesDays)),
      (tx) => forget.suppressions(tx, before(messagesDays)),
      (tx) => forget.requests(tx, before(challengesDays)),
      (tx) => forget.challenges(tx, before(challengesDays), addresses),
      (tx) => forget.sessions(tx, now, addresses),
      (tx) => forget.knownBrowsers(tx, now),
      (tx) => forget.budgets(tx, now - longestPeriod * second),
      (tx) => forget.lockoutCounters(tx),
      // It says that an address once asked for an account: kept no longer than the request itself.
      (tx) => forget.removedAddresses(tx, before(challengesDays)),
      (tx) => forget.closedAccounts(tx, before(journalDays)),
      ...deps.more,
    ];
    for (const step of steps) await store.transact(step);
  };
}
