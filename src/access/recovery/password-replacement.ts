import type { Account, Accounts, ContactPoint, Identifier } from "../../accounts/accounts.ts";
import { nameFor } from "../../accounts/reach.ts";
import type { Preset } from "../../config/preset.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Caller, KnownBrowser } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import type { SmsBudgets } from "../budgets/sms-ceilings.ts";
import type { Challenge, Challenges, LinkCondition } from "../challenges/challenges.ts";

/** What a link or a proved code leads to; `unavailable`: the account is disabled or closed by now. */
export type ResetCondition = Exclude<LinkCondition, "refused"> | "unavailable";

export interface ResetSubject {
  challenge: Challenge;
  account: Account;
  /** The first is the one that people use: a username before an e-mail address. */
  identifiers: Identifier[];
  contactPoints: ContactPoint[];
}

export type ResetLook =
  | ({ condition: "open" } & ResetSubject)
  | { condition: Exclude<ResetCondition, "open">; challenge: Challenge | null };

export type ReplaceOutcome =
  | { ok: true; accountId: string; identifier: string; known: KnownBrowser }
  | { ok: false; refusal: "recovery.password"; failedRules: string[]; subject: ResetSubject }
  | { ok: false; refusal: "recovery.too-many-passwords"; until: number }
  | { ok: false; refusal: "recovery.link"; condition: Exclude<ResetCondition, "open"> };

export type ReplacementAccounts = Pick<Accounts, "replacePassword" | "verifyContactPoint"> & {
  findById(db: Db, id: string): Promise<Account | null>;
  /** The same, held until the transaction ends: two links of one account do not race each other. */
  hold(tx: Tx, id: string): Promise<Account | null>;
  identifiersOf(db: Db, accountId: string): Promise<Identifier[]>;
  contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
};

export type PasswordReplacement = ReturnType<typeof createPasswordReplacement>;

/**
 * Clean recovery (promise 5): with a link, or with what this browser proved by its code, a new password is chosen
 * and everything older ends, in one transaction. Never signs in.
 *
 * Settings: password.minLength, limits "new-password.per-challenge".
 */
export function createPasswordReplacement(deps: {
  store: Store;
  clock: Clock;
  preset: Preset;
  hasSms: boolean;
  journal: Journal;
  outbox: Outbox;
  budgets: SmsBudgets;
  challenges: Challenges;
  accounts: ReplacementAccounts;
  hashPassword: (plain: string) => Promise<string>;
  isPassword: (hash: string, plain: string) => Promise<boolean>;
  /** Ids of the password rules that are not met. */
  failedPasswordRules: (plain: string, unlike: string[]) => Promise<string[]>;
  /** Ends the lock and the failure counts of every identifier of the account. */
  clearLockout: (tx: Tx, accountId: string) => Promise<void>;
  endSessions: (tx: Tx, accountId: string) => Promise<unknown>;
  forgetKnownBrowsers: (tx: Tx, accountId: string) => Promise<void>;
  /** Messages reach this address after all. */
  unsuppress: (tx: Tx, addressKey: string) => Promise<void>;
  makeBrowserKnown: (tx: Tx, caller: Caller, accountId: string) => Promise<KnownBrowser>;
}) {
  const { store, challenges, accounts, preset } = deps;

  /** What stands behind a link, or without one behind this browser's proved code. Changes nothing (promise 4). */
  async function lookIn(db: Db, caller: Caller, linkPlain: string): Promise<ResetLook> {
    const { condition, challenge } =
      linkPlain === "" ? await readProved(db, caller) : await challenges.readLink(db, "reset", linkPlain);
    if (condition === "refused") return { condition: "unknown", challenge: null };
    if (condition !== "open" || !challenge?.account_id) {
      return { condition: condition === "open" ? "unknown" : condition, challenge };
    }
    const account = await accounts.findById(db, challenge.account_id);
    if (account?.status !== "active") return { condition: "unavailable", challenge };
    const contactPoints = await accounts.contactPointsOf(db, account.id);
    // An address that was given up since may be somebody else's by now. A browser that staff approved used none.
    if (
      challenge.approved_by === null &&
      !contactPoints.some((point) => point.id === challenge.contact_point_id)
    ) {
      return { condition: "unknown", challenge: null };
    }
    const identifiers = await accounts.identifiersOf(db, account.id);
    return { condition: "open", challenge, account, identifiers, contactPoints };
  }

  async function readProved(
    db: Db,
    caller: Caller,
  ): Promise<{ condition: LinkCondition; challenge: Challenge | null }> {
    const challenge = await challenges.provedOf(db, "reset", caller.browserId);
    if (challenge) return { condition: "open", challenge };
    const last = await challenges.latestOfBrowser(db, "reset", caller.browserId);
    if (last?.status === "proved") return { condition: "expired", challenge: last };
    return { condition: last?.status === "redeemed" ? "used" : "unknown", challenge: last };
  }

  function failedRules(subject: ResetSubject, plain: string): Promise<string[]> {
    const { account, identifiers, contactPoints } = subject;
    const emails = contactPoints.filter((point) => point.channel === "email").map((point) => point.address);
    const unlike = [
      account.name,
      account.nickname ?? "",
      ...identifiers.map(({ shown }) => shown),
      ...emails,
    ];
    return deps.failedPasswordRules(plain, unlike);
  }

  async function isPresentPassword({ account }: ResetSubject, plain: string): Promise<boolean> {
    return account.password_hash !== null && (await deps.isPassword(account.password_hash, plain));
  }

  /** Until when this link may not ask any more; of those who come too late because it was spent, only that is said. */
  async function tooManyPasswords(caller: Caller, linkPlain: string, until: number): Promise<ReplaceOutcome> {
    const { condition } = await lookIn(store, caller, linkPlain);
    return condition === "open"
      ? { ok: false, refusal: "recovery.too-many-passwords", until }
      : { ok: false, refusal: "recovery.link", condition };
  }

  function spend(tx: Tx, caller: Caller, linkPlain: string): Promise<Challenge | null> {
    if (linkPlain === "") return challenges.redeemProved(tx, "reset", caller.browserId);
    return challenges
      .redeemLink(tx, "reset", linkPlain)
      .then(({ condition, challenge }) => (condition === "open" ? challenge : null));
  }

  /**
   * Replaces the password. Refused: a link that serves no more, and a password that breaks a rule, which does not
   * spend the link. Judging and hashing come before the transaction; of those who come at once, one gets through.
   */
  async function replacePassword(caller: Caller, linkPlain: string, plain: string): Promise<ReplaceOutcome> {
    const look = await lookIn(store, caller, linkPlain);
    if (look.condition !== "open") return { ok: false, refusal: "recovery.link", condition: look.condition };
    const broken = (failedRules: string[]): ReplaceOutcome => ({
      ok: false,
      refusal: "recovery.password",
      failedRules,
      subject: look,
    });
    const failed = await failedRules(look, plain);
    if (failed.length > 0) return broken(failed);
    // Spent before anything is hashed: whoever holds a link must not guess the present password behind it.
    const budget = await store.transact((tx) =>
      deps.budgets.spend(tx, "new-password.per-challenge", look.challenge.id),
    );
    if (!budget.ok) return tooManyPasswords(caller, linkPlain, budget.until);
    if (await isPresentPassword(look, plain)) return broken(["different"]);
    const passwordHash = await deps.hashPassword(plain);
    return store.transact(async (tx): Promise<ReplaceOutcome> => {
      const subject = await lookIn(tx, caller, linkPlain);
      if (subject.condition !== "open")
        return { ok: false, refusal: "recovery.link", condition: subject.condition };
      const account = await accounts.hold(tx, subject.account.id);
      if (account?.status !== "active")
        return { ok: false, refusal: "recovery.link", condition: "unavailable" };
      const challenge = await spend(tx, caller, linkPlain);
      if (!challenge) return { ok: false, refusal: "recovery.link", condition: "used" };
      return recover(tx, caller, { ...subject, account, challenge }, passwordHash);
    });
  }

  /** Everything that a recovery means: the list of promise 5, in its order. */
  async function recover(
    tx: Tx,
    caller: Caller,
    subject: ResetSubject,
    passwordHash: string,
  ): Promise<ReplaceOutcome> {
    const { account, challenge, contactPoints, identifiers } = subject;
    await accounts.replacePassword(tx, account.id, passwordHash);
    await deps.clearLockout(tx, account.id);
    await deps.endSessions(tx, account.id);
    // Whoever was let in by telephone, or at a contact point that staff or a registry put in and nobody proved, may not
    // be the owner: the warning must still reach them, and their answer to it still count.
    const way = contactPoints.find((point) => point.id === challenge.contact_point_id);
    const isOthersWord = way?.state === "declared" && way.origin !== "person";
    const kept = challenge.approved_by === null && !isOthersWord ? {} : { exceptPurpose: "not-me" as const };
    await challenges.endOfAccount(tx, account.id, { exceptId: challenge.id, ...kept });
    await deps.forgetKnownBrowsers(tx, account.id);
    const known = await deps.makeBrowserKnown(tx, caller, account.id);
    // What a person received there proves the address, and that it is alive. Staff's approval proves none.
    const reached =
      challenge.approved_by === null
        ? contactPoints.find((point) => point.id === challenge.contact_point_id)
        : undefined;
    if (reached) {
      await deps.unsuppress(tx, reached.address_key);
      if (reached.state === "declared" || reached.dead_since !== null) {
        await accounts.verifyContactPoint(tx, reached.id);
      }
    }
    const identifier = identifiers[0]?.shown ?? "";
    for (const point of contactPoints) await tell(tx, caller, account, identifier, point);
    await deps.journal.record(tx, {
      event: "recovery.password-replaced",
      accountId: account.id,
      actor: { kind: "person", id: account.id },
      caller,
    });
    return { ok: true, accountId: account.id, identifier, known };
  }

  /** Every contact point is told, so that its owner learns of a recovery that somebody else made. */
  async function tell(
    tx: Tx,
    caller: Caller,
    account: Account,
    identifier: string,
    point: ContactPoint,
  ): Promise<void> {
    if (point.channel === "sms") {
      const { address: number } = point;
      if (!deps.hasSms || !(await deps.budgets.spendSms(tx, { number, sourceKey: null })).ok) return;
    }
    await deps.outbox.enqueue(tx, {
      template: "recovery.done",
      channel: point.channel,
      to: point.address,
      toKey: point.address_key,
      accountId: account.id,
      contactPointId: point.id,
      challengeId: null,
      locale: account.locale,
      params: {
        name: nameFor(point, account),
        identifier,
        changedAt: deps.clock.now(),
        browser: caller.browser,
      },
      secrets: null,
      usefulForSeconds: preset.messages.noticeUsefulForSeconds,
      priority: "usual",
    });
  }

  return {
    look: (caller: Caller, linkPlain: string) => lookIn(store, caller, linkPlain),
    replacePassword,
  };
}
