import type { Account } from "../../accounts/accounts.ts";
import { type Actor, type Journal, stranger, system } from "../../journal/journal.ts";
import type { Caller, Person, Staff } from "../../kernel/caller.ts";
import { type Clock, day } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Keys } from "../../kernel/keys.ts";
import { drawToken, type Random } from "../../kernel/random.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import * as rows from "./second-factor.store.ts";

/**
 * A second factor that was lost with its recovery codes: somebody of a higher role takes it away, never their own.
 * It takes 24 hours, and every contact point is told with a link that keeps it, so that nobody is talked out of
 * theirs over the telephone (ASVS 5.0 §6.4.4; NIST SP 800-63B-4 §4.2). The highest role asks the operator's command
 * line, which does it at once: whoever has the shell has the database.
 *
 * Tables: second_factor_resets. Messages: second-factor.reset-asked, .reset-kept, .reset. Refusals: second-factor-reset.*.
 */
export const resetAfter = day;

export type SecondFactorReset = ReturnType<typeof createSecondFactorReset>;

export type AskResetOutcome =
  | { ok: true; effectiveAt: number }
  | {
      ok: false;
      refusal: "second-factor-reset.not-yours" | "second-factor-reset.none" | "second-factor-reset.waiting";
    };

/** `done`: it is too late, the second factor is gone; `kept`: it was kept already. */
export type KeepCondition = "open" | "done" | "kept" | "unknown";

export function createSecondFactorReset(deps: {
  store: Store;
  clock: Clock;
  random: Random;
  ids: Ids;
  keys: Keys;
  journal: Journal;
  hold: (tx: Tx, accountId: string) => Promise<Account | null>;
  /** Whether this account, now, is of a higher role than that one, and may reset second factors. */
  mayReset: (db: Db, byAccountId: string, accountId: string) => Promise<boolean>;
  endSessions: (tx: Tx, accountId: string) => Promise<number>;
  /** Tells every contact point of the account, with a link where `linkPlain` is given. */
  tellContacts: (
    tx: Tx,
    account: Account,
    message: { template: string; params: Record<string, string | number | null>; linkPlain?: string },
  ) => Promise<void>;
}) {
  const { store, clock, keys, journal } = deps;

  /** In one transaction with what else the act does, such as its journal line on the side of the staff. */
  async function ask(
    tx: Tx,
    caller: Caller,
    staff: Staff,
    asked: { accountId: string; reason: string },
  ): Promise<AskResetOutcome> {
    const account = await deps.hold(tx, asked.accountId);
    if (!account || !(await deps.mayReset(tx, staff.accountId, account.id))) {
      return { ok: false, refusal: "second-factor-reset.not-yours" };
    }
    if (!(await rows.find(tx, account.id))) return { ok: false, refusal: "second-factor-reset.none" };
    const now = clock.now();
    const linkPlain = drawToken(deps.random);
    const effectiveAt = now + resetAfter;
    const isAsked = await rows.insertReset(tx, {
      id: deps.ids.uuid(),
      account_id: account.id,
      asked_by: staff.accountId,
      asked_at: now,
      effective_at: effectiveAt,
      keep_digest: keys.digest("second-factor.keep", linkPlain),
      status: "waiting",
      status_at: now,
    });
    if (!isAsked) return { ok: false, refusal: "second-factor-reset.waiting" };
    await journal.record(tx, {
      event: "second-factor.reset-asked",
      accountId: account.id,
      actor: { kind: "staff", id: staff.accountId },
      caller,
      params: { by: staff.name, why: asked.reason },
    });
    await deps.tellContacts(tx, account, {
      template: "second-factor.reset-asked",
      params: { by: staff.name, effectiveAt },
      linkPlain,
    });
    return { ok: true, effectiveAt };
  }

  async function keep(tx: Tx, caller: Caller, waiting: rows.ResetRow, actor: Actor): Promise<boolean> {
    const account = await deps.hold(tx, waiting.account_id);
    if (!account || !(await rows.endReset(tx, waiting.id, "kept", clock.now()))) return false;
    await journal.record(tx, { event: "second-factor.reset-kept", accountId: account.id, actor, caller });
    await journal.record(tx, {
      event: "second-factor.reset-refused",
      accountId: waiting.asked_by,
      actor,
      caller,
      params: { name: account.name },
    });
    await deps.tellContacts(tx, account, { template: "second-factor.reset-kept", params: {} });
    return true;
  }

  const findByLink = (db: Db, linkPlain: string) =>
    /^[A-Za-z0-9_-]{22}$/.test(linkPlain)
      ? rows.findResetByLink(db, keys.digests("second-factor.keep", linkPlain))
      : Promise.resolve(null);

  const conditionOf = (found: rows.ResetRow | null): KeepCondition => {
    if (!found) return "unknown";
    return found.status === "waiting" ? "open" : found.status;
  };

  /** What the page behind the link shows; changes nothing (promise 4). */
  async function look(linkPlain: string): Promise<{ condition: KeepCondition; effectiveAt: number | null }> {
    const found = await findByLink(store, linkPlain);
    return { condition: conditionOf(found), effectiveAt: found?.effective_at ?? null };
  }

  /** Keeps the second factor, for whoever holds the link of a message. Opens nothing to anybody. */
  function keepByLink(caller: Caller, linkPlain: string): Promise<KeepCondition> {
    return store.transact(async (tx) => {
      const found = await findByLink(tx, linkPlain);
      if (found?.status !== "waiting") return conditionOf(found);
      if (await keep(tx, caller, found, stranger)) return "open";
      return conditionOf(await findByLink(tx, linkPlain));
    });
  }

  /** The same for the person themselves; false if nothing waits. */
  async function keepWaiting(tx: Tx, caller: Caller, accountId: string): Promise<boolean> {
    const waiting = await rows.waitingReset(tx, accountId);
    return waiting !== null && keep(tx, caller, waiting, { kind: "person", id: accountId });
  }

  /** And for staff who asked by mistake, or saw through somebody; false if nothing waits. */
  async function keepByStaff(tx: Tx, caller: Caller, staff: Staff, accountId: string): Promise<boolean> {
    if (!(await deps.mayReset(tx, staff.accountId, accountId))) return false;
    const waiting = await rows.waitingReset(tx, accountId);
    return waiting !== null && keep(tx, caller, waiting, { kind: "staff", id: staff.accountId });
  }

  /** What is left of a second factor is nothing: codes, sessions, waiting resets. */
  async function takeAway(tx: Tx, account: Account): Promise<boolean> {
    if (!(await rows.remove(tx, account.id))) return false;
    await deps.endSessions(tx, account.id);
    await deps.tellContacts(tx, account, { template: "second-factor.reset", params: {} });
    return true;
  }

  /** Whether it may be carried out: not if whoever asked has lost the right to ask, nor on one set up since. */
  async function isAllowedStill(tx: Tx, due: rows.ResetRow): Promise<boolean> {
    const present = await rows.find(tx, due.account_id);
    if (present !== null && present.set_up_at > due.asked_at) return false;
    return deps.mayReset(tx, due.asked_by, due.account_id);
  }

  /** Carries out what has waited its day. */
  async function carryOut(): Promise<void> {
    await store.transact(async (tx) => {
      for (const due of await rows.dueResets(tx, clock.now())) {
        const account = await deps.hold(tx, due.account_id);
        if (!account) continue;
        const isAllowed = await isAllowedStill(tx, due);
        if (!(await rows.endReset(tx, due.id, isAllowed ? "done" : "kept", clock.now()))) continue;
        const isTaken = isAllowed && (await takeAway(tx, account));
        const event = isTaken ? "second-factor.reset-done" : "second-factor.reset-lapsed";
        await journal.record(tx, { event, accountId: account.id, actor: system });
      }
    });
  }

  /** At once, for the operator's command line. False if there is no second factor. */
  async function resetNow(tx: Tx, account: Account): Promise<boolean> {
    const waiting = await rows.waitingReset(tx, account.id);
    if (waiting) await rows.endReset(tx, waiting.id, "done", clock.now());
    return takeAway(tx, account);
  }

  return {
    ask,
    look,
    keepByLink,
    keepWaiting,
    keepOwn: (caller: Caller, person: Person): Promise<boolean> =>
      store.transact((tx) => keepWaiting(tx, caller, person.accountId)),
    keepByStaff,
    carryOut,
    resetNow,
    /** When the reset that waits takes effect; null when none does. */
    waitingUntil: async (db: Db, accountId: string) =>
      (await rows.waitingReset(db, accountId))?.effective_at ?? null,
    async forgetOld(tx: Tx, endedBefore: number): Promise<void> {
      await rows.forgetOfClosed(tx);
      await rows.forgetResets(tx, endedBefore);
    },
  };
}
