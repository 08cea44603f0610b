import type { Account, AccountAtTheDoor, ContactPoint } from "../../accounts/accounts.ts";
import { type Clock, day } from "../../kernel/clock.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { frozenUntil } from "./contacts.ts";

/**
 * Keeps contact points true: one that is unverified or dead is asked about after a sign-in, once a week at most; not
 * one that is about to be replaced.
 */
const askedEvery = 7 * day;

export const checkContactsPath = "/account/check-contacts";

export type CheckContacts = ReturnType<typeof createCheckContacts>;

export function createCheckContacts(deps: {
  store: Store;
  clock: Clock;
  hasSms: boolean;
  accounts: {
    findById(db: Db, id: string): Promise<Account | null>;
    doubtfulContactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
    updateContactPoint(tx: Tx, id: string, change: Partial<ContactPoint>): Promise<void>;
  };
  /** Contact points of an account in whose place another waits to come. */
  beingReplaced: (db: Db, accountId: string) => Promise<string[]>;
}) {
  const { store, clock, accounts } = deps;

  /** Contact points of an account that nobody has proved, or that no longer answer. */
  async function doubtful(accountId: string): Promise<ContactPoint[]> {
    const account = await accounts.findById(store, accountId);
    return account ? doubtfulOf(store, account) : [];
  }

  async function doubtfulOf(db: Db, account: AccountAtTheDoor): Promise<ContactPoint[]> {
    if (frozenUntil(account, clock.now()) !== null) return [];
    const points = await accounts.doubtfulContactPointsOf(db, account.id);
    const served = points.filter((point) => point.channel === "email" || deps.hasSms);
    if (served.length === 0) return [];
    const leaving = await deps.beingReplaced(db, account.id);
    return served.filter(({ id }) => !leaving.includes(id));
  }

  /**
   * Where a person who signs in is to stop on the way: the path of a page, or null. That it was asked is noted
   * here, since opening the page changes nothing.
   */
  async function afterSignIn(tx: Tx, account: AccountAtTheDoor): Promise<string | null> {
    const now = clock.now();
    const due = (await doubtfulOf(tx, account)).filter(
      (point) => point.asked_at === null || point.asked_at + askedEvery <= now,
    );
    for (const point of due) await accounts.updateContactPoint(tx, point.id, { asked_at: now });
    return due.length > 0 ? checkContactsPath : null;
  }

  return { doubtful, afterSignIn };
}
