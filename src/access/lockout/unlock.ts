import { normaliseIdentifier } from "../../accounts/addresses/username.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Caller, KnownBrowser } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import { done } from "../../kernel/outcome.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { type Budgets, everybody, spendRequest } from "../budgets/budgets.ts";
import type { Challenge, Challenges, LinkCondition } from "../challenges/challenges.ts";
import type { Lockout, LockoutAccounts, UnlockContext } from "./lockout.ts";

/**
 * Unlocking: by the link or the code of the message, or by waiting. It ends every count of the account, makes
 * this browser known, and never signs anybody in (promise 5).
 */
export type UnlockOutcome =
  | Unlocked
  | { ok: false; condition: Exclude<LinkCondition, "open">; identifier: string | null };

type Unlocked = { ok: true; identifier: string; known: KnownBrowser };

export type AskOutcome =
  | { ok: true }
  | { ok: false; refusal: "lockout.identifier.missing" | "lockout.nothing-to-send" }
  | { ok: false; refusal: "lockout.too-early" | "lockout.too-many"; until: number };

export type Unlock = ReturnType<typeof createUnlock>;

export function createUnlock(deps: {
  store: Store;
  clock: Clock;
  journal: Journal;
  budgets: Budgets;
  challenges: Challenges;
  lockout: Lockout;
  accounts: LockoutAccounts;
  makeKnown: (tx: Tx, caller: Caller, accountId: string, cookieValue: string | null) => Promise<KnownBrowser>;
}) {
  const { store, clock, budgets, challenges, lockout } = deps;

  /** What the page behind a link shows; changes nothing (promise 4). */
  async function look(linkPlain: string) {
    const { condition, challenge } = await challenges.readLink(store, "unlock", linkPlain);
    const identifier = challenge && (await identifierOf(store, challenge));
    return { condition, challenge, identifier };
  }

  /** The identifier as the account has it, and not as it was typed. */
  async function identifierOf(db: Db, challenge: Challenge): Promise<string | null> {
    const context = challenges.contextOf<UnlockContext>(challenge);
    const all = challenge.account_id ? await deps.accounts.identifiersOf(db, challenge.account_id) : [];
    const found = all.find(({ key }) => key === context?.identifierKey) ?? all[0];
    return found?.shown ?? null;
  }

  async function makeBrowserKnown(tx: Tx, caller: Caller, challenge: Challenge): Promise<Unlocked> {
    const accountId = challenge.account_id as string;
    const known = await deps.makeKnown(tx, caller, accountId, caller.knownCookie);
    return { ok: true, identifier: (await identifierOf(tx, challenge)) ?? "", known };
  }

  async function open(tx: Tx, caller: Caller, challenge: Challenge, by: "link" | "code"): Promise<Unlocked> {
    const accountId = challenge.account_id as string;
    await lockout.clearOfAccount(tx, accountId);
    await challenges.endOfAccount(tx, accountId, { purpose: "unlock", exceptId: challenge.id });
    await deps.journal.record(tx, {
      event: "lockout.unlocked",
      accountId,
      actor: { kind: "person", id: accountId },
      params: { by },
      caller,
    });
    return makeBrowserKnown(tx, caller, challenge);
  }

  async function unlockByLink(caller: Caller, linkPlain: string): Promise<UnlockOutcome> {
    return store.transact(async (tx): Promise<UnlockOutcome> => {
      const { condition, challenge } = await challenges.redeemLink(tx, "unlock", linkPlain);
      if (condition === "open" && challenge) return open(tx, caller, challenge, "link");
      return {
        ok: false,
        condition: condition === "open" ? "unknown" : condition,
        identifier: challenge && (await identifierOf(tx, challenge)),
      };
    });
  }

  /** With the code, in the browser that was locked or asked. */
  function unlockByCode(caller: Caller, typed: string) {
    return store.transact(async (tx) => {
      const judged = await challenges.redeemByCode(tx, caller, "unlock", typed);
      if (!judged.ok) return judged;
      // Of a press that came twice, the answer to the first may be lost, and its cookie with it.
      return judged.isRepeated
        ? makeBrowserKnown(tx, caller, judged.challenge)
        : open(tx, caller, judged.challenge, "code");
    });
  }

  /** This browser's latest request to unlock, decoy or not: what its waiting page shows. */
  async function latest(caller: Caller): Promise<{ challenge: Challenge; context: UnlockContext } | null> {
    const challenge = await challenges.latestOfBrowser(store, "unlock", caller.browserId);
    const context = challenge && challenges.contextOf<UnlockContext>(challenge);
    return challenge && context ? { challenge, context } : null;
  }

  /** Whether it still waits, as far as its browser may see: one that others ended waits like a decoy. */
  const isLive = (challenge: Challenge) =>
    challenge.status !== "redeemed" && challenge.expires_at > clock.now();

  /** When this browser may ask again for this identifier; null when it has not asked, and has no code to type. */
  async function resendAtFor(caller: Caller, typed: string): Promise<number | null> {
    const last = await latest(caller);
    if (!last || !isLive(last.challenge)) return null;
    return last.context.identifierKey === normaliseIdentifier(typed)
      ? (last.challenge.next_resend_at ?? 0)
      : null;
  }

  async function commit(caller: Caller, context: UnlockContext, resends: number): Promise<AskOutcome> {
    return store.transact(async (tx): Promise<AskOutcome> => {
      const ofSource = await spendRequest(budgets, tx, caller);
      if (!ofSource.ok) return { ok: false, refusal: "lockout.too-many", until: ofSource.until };
      const ofAll = await budgets.spend(tx, "request.service-wide", everybody);
      if (!ofAll.ok) return { ok: false, refusal: "lockout.too-many", until: ofAll.until };
      await lockout.commitUnlockRequest(tx, caller, context, { kind: "lockout.asked", resends });
      return done;
    });
  }

  /** Sends again, for the same identifier; refused before its time, which the page counts down. */
  async function resend(caller: Caller): Promise<AskOutcome> {
    const last = await latest(caller);
    if (!last) return { ok: false, refusal: "lockout.nothing-to-send" };
    const until = last.challenge.next_resend_at ?? 0;
    if (until > clock.now()) return { ok: false, refusal: "lockout.too-early", until };
    const isOver = last.context.lockedUntil !== null && last.context.lockedUntil <= clock.now();
    const context = isOver ? { ...last.context, lockedUntil: null } : last.context;
    return commit(caller, context, last.challenge.resends + 1);
  }

  /** « Vous n'avez pas reçu les instructions de déverrouillage ? »: from any browser, for any identifier. */
  async function ask(caller: Caller, typed: string): Promise<AskOutcome> {
    const identifierKey = normaliseIdentifier(typed);
    if (identifierKey === "") return { ok: false, refusal: "lockout.identifier.missing" };
    const last = await latest(caller);
    if (last && isLive(last.challenge) && last.context.identifierKey === identifierKey) return resend(caller);
    return commit(caller, { identifier: typed.trim().slice(0, 320), identifierKey, lockedUntil: null }, 0);
  }

  /** What became of this browser's request: unlocked, over by itself, or still waiting. */
  async function follow(caller: Caller): Promise<"waiting" | "unlocked" | "over"> {
    const last = await latest(caller);
    if (last?.challenge.status === "redeemed") return "unlocked";
    const until = last?.context.lockedUntil ?? null;
    return until !== null && until <= clock.now() ? "over" : "waiting";
  }

  return { look, unlockByLink, unlockByCode, latest, resendAtFor, resend, ask, follow };
}
