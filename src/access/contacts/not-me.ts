import type { Account } from "../../accounts/accounts.ts";
import type { Journal } from "../../journal/journal.ts";
import { stranger } from "../../journal/journal.ts";
import type { Caller } from "../../kernel/caller.ts";
import { type Clock, day } from "../../kernel/clock.ts";
import type { Store, Tx } from "../../store/store.ts";
import type { Challenges, LinkCondition } from "../challenges/challenges.ts";
import { type NotMeContext, notMeForDays } from "./warn-contacts.ts";

/**
 * "It wasn't me" (promise 7): freezes contact changes, takes back what staff put in lately, ends every session and every
 * pending request, forgets the known browsers, and never by itself gives access to anybody: what staff replaced comes
 * back only for after the freeze, what the person changed is not put back, and nobody is signed in.
 *
 * Conditions of its link: see challenges. Messages: contacts.frozen. Journal: contacts.frozen.
 */

/** How long contact changes stay frozen: as long as "it wasn't me" can be said, so that neither outlives the other. */
export const frozenFor = notMeForDays * day;

export type NotMe = ReturnType<typeof createNotMe>;

export function createNotMe(deps: {
  store: Store;
  clock: Clock;
  journal: Journal;
  challenges: Challenges;
  hold: (tx: Tx, accountId: string) => Promise<Account | null>;
  updateAccount: (tx: Tx, accountId: string, change: Partial<Account>) => Promise<void>;
  endSessions: (tx: Tx, accountId: string) => Promise<number>;
  forgetKnownBrowsers: (tx: Tx, accountId: string) => Promise<unknown>;
  /** What staff put in and what waits, or has served only since a moment, serves no more. */
  stopCorrections: (
    tx: Tx,
    account: Account,
    stopped: { since: number; until: number; contactPointId: string | null },
  ) => Promise<void>;
  tellContacts: (
    tx: Tx,
    account: Account,
    message: { template: string; params: Record<string, string | number | null> },
  ) => Promise<void>;
}) {
  const { store, clock, challenges } = deps;

  /** What the page behind a link shows; changes nothing (promise 4). */
  async function look(linkPlain: string) {
    const { condition, challenge } = await challenges.readLink(store, "not-me", linkPlain);
    const context = challenge && challenges.contextOf<NotMeContext>(challenge);
    return { condition: context ? condition : ("unknown" as const), context };
  }

  async function freeze(
    caller: Caller,
    linkPlain: string,
  ): Promise<{ ok: true; until: number } | { ok: false; condition: Exclude<LinkCondition, "open"> }> {
    return store.transact(async (tx) => {
      const read = await challenges.readLink(tx, "not-me", linkPlain);
      if (read.condition !== "open" || !read.challenge?.account_id) return spent(read.condition);
      // The account's row first, like every change of a contact point: one of the two is over before the other.
      const account = await deps.hold(tx, read.challenge.account_id);
      const { condition, challenge } = await challenges.redeemLink(tx, "not-me", linkPlain);
      if (condition !== "open" || !challenge || !account) return spent(condition);
      const now = clock.now();
      const until = now + frozenFor;
      await deps.updateAccount(tx, account.id, { contacts_frozen_until: until });
      await deps.endSessions(tx, account.id);
      await deps.forgetKnownBrowsers(tx, account.id);
      const contactPointId = challenges.contextOf<NotMeContext>(challenge)?.contactPointId ?? null;
      await deps.stopCorrections(tx, account, { since: now - frozenFor, until, contactPointId });
      // Reset links too: the last one asked for may have gone to a contact point that is not the owner's.
      await challenges.endOfAccount(tx, account.id, { exceptId: challenge.id });
      await deps.journal.record(tx, {
        event: "contacts.frozen",
        accountId: account.id,
        actor: stranger,
        caller,
      });
      await deps.tellContacts(tx, account, { template: "contacts.frozen", params: { until } });
      return { ok: true as const, until };
    });
  }

  return { look, freeze };
}

function spent(condition: LinkCondition) {
  return { ok: false as const, condition: condition === "open" ? ("used" as const) : condition };
}
