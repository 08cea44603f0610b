import type { Budgets } from "../../access/budgets/budgets.ts";
import type { Challenge, Challenges } from "../../access/challenges/challenges.ts";
import type { Account, ContactPoint, Identifier } from "../../accounts/accounts.ts";
import type { Caller, Staff } from "../../kernel/caller.ts";
import { type Clock, minute } from "../../kernel/clock.ts";
import { done } from "../../kernel/outcome.ts";
import { oneAtATime } from "../../store/abilities.ts";
import type { Db, Tx } from "../../store/store.ts";
import {
  type About,
  type ActOnPerson,
  type ActOutcome,
  type Asked,
  invalid,
  notPossible,
} from "./act-on-person.ts";

/**
 * Letting a caller in by the pairing number that their own page shows (promise 7). Staff never see a password, a
 * code or a link: they approve one browser, which then chooses a new password by itself. It must have asked for this
 * very account within half an hour, and it is never the browser of whoever approves.
 *
 * Limits: "staff-act.per-staff", "pairing.wrong-per-staff". Messages: people.browser-approved.
 */
export interface Pairing {
  /** What the browser calls itself: to be asked of the caller. */
  browser: string | null;
  askedAt: number;
}

export type PairingOutcome = ActOutcome<{ step: "confirm" | "approved"; pairing: Pairing }>;

const askedWithin = 30 * minute;

const pairingOf = ({ browser, requested_at: askedAt }: Challenge): Pairing => ({ browser, askedAt });

export type ApproveBrowser = ReturnType<typeof createApproveBrowser>;

export function createApproveBrowser(deps: {
  clock: Clock;
  budgets: Budgets;
  challenges: Challenges;
  accounts: {
    identifiersOf(db: Db, accountId: string): Promise<Identifier[]>;
    contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
  };
  onPerson: ActOnPerson;
  /** Tells these contact points, with the link by which the person says no. */
  warn: (
    tx: Tx,
    about: { account: Account; caller: Caller },
    points: ContactPoint[],
    browser: string | null,
  ) => Promise<void>;
}) {
  const { clock, challenges, onPerson } = deps;

  /** What the same member of staff has approved already: a press that comes twice failed in nothing. */
  const approvedBefore = (tx: Tx, { account, staff }: About, number: string): Promise<Challenge | null> =>
    challenges.approvedBy(tx, {
      number,
      accountId: account.id,
      staffId: staff.accountId,
      askedAfter: clock.now() - askedWithin,
    });

  async function find(tx: Tx, { account }: About, number: string): Promise<Challenge | null> {
    const identifiers = await deps.accounts.identifiersOf(tx, account.id);
    return challenges.findByPairingNumber(tx, {
      number,
      accountId: account.id,
      identifierKeys: identifiers.map(({ key }) => key),
      askedAfter: clock.now() - askedWithin,
    });
  }

  /**
   * Finds the request behind the number; a wrong one is charged. One at a time for each member of staff, so that of
   * many wrong ones at once no more than the limit are judged.
   */
  async function judge(tx: Tx, about: About, number: string): Promise<ActOutcome<{ challenge: Challenge }>> {
    const { staff, account, caller } = about;
    await oneAtATime(tx, `pairing ${staff.accountId}`);
    const left = await deps.budgets.look(tx, "pairing.wrong-per-staff", staff.accountId);
    if (!left.ok) return { ok: false, refusal: "people.too-many", until: left.until };
    if (account.status !== "active") return notPossible("people.not-active");
    const challenge = await find(tx, about, number);
    if (!challenge) {
      await deps.budgets.spend(tx, "pairing.wrong-per-staff", staff.accountId);
      return invalid({ field: "number", refusal: "people.pairing.wrong" });
    }
    if (challenges.isOwnBrowser(challenge, caller.browserId)) {
      return invalid({ field: "number", refusal: "people.pairing.own-browser" });
    }
    return { ...done, challenge };
  }

  async function approve(tx: Tx, about: About, challenge: Challenge): Promise<ActOutcome> {
    const { account, staff } = about;
    if (!(await challenges.approve(tx, challenge, { accountId: account.id, staffId: staff.accountId }))) {
      return invalid({ field: "number", refusal: "people.pairing.wrong" });
    }
    const browser = challenge.browser ?? "?";
    await onPerson.record(tx, about, "people.browser-approved", "desk.browser-approved", { browser });
    const points = await deps.accounts.contactPointsOf(tx, account.id);
    // One that staff corrected and that waits may be somebody else's.
    const listening = points.filter(({ usable_from: from }) => from === null || from <= clock.now());
    await deps.warn(tx, about, listening, challenge.browser);
    return done;
  }

  /**
   * First shows whose browser it is, so that it can be asked of the caller; approves once that is confirmed. The
   * number is judged both times.
   */
  return function approveBrowser(
    caller: Caller,
    staff: Staff,
    asked: Asked & { number: string; isConfirmed: boolean },
  ): Promise<PairingOutcome> {
    const number = asked.number.replaceAll(/[\s.-]/gu, "");
    const otherFields = /^\d{6}$/.test(number)
      ? []
      : [{ field: "number", refusal: "people.pairing.malformed" }];
    const act = "browser.approve" as const;
    return onPerson.act(
      caller,
      staff,
      { ...asked, act, otherFields },
      async (tx, about): Promise<PairingOutcome> => {
        const before = await approvedBefore(tx, about, number);
        if (before) return { ...done, step: "approved", pairing: pairingOf(before) };
        const judged = await judge(tx, about, number);
        if (!judged.ok) return judged;
        const pairing = pairingOf(judged.challenge);
        if (!asked.isConfirmed) return { ...done, step: "confirm", pairing };
        const approved = await approve(tx, about, judged.challenge);
        return approved.ok ? { ...done, step: "approved", pairing } : approved;
      },
    );
  };
}
