import type { Account, Accounts, ContactPoint } from "../../accounts/accounts.ts";
import { parseEmailAddress } from "../../accounts/addresses/email-address.ts";
import type { Preset } from "../../config/preset.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Tx } from "../../store/store.ts";
import type { SmsBudgets } from "../budgets/sms-ceilings.ts";
import type { Challenge, Challenges } from "../challenges/challenges.ts";
import type { Truth } from "../truth/truth.ts";
import type { Lockout, UnlockRequest } from "./lockout.ts";

export interface UnlockAccounts extends Pick<Accounts, "usable" | "emailIdentifies"> {
  findByIdentifier(db: Db, key: string): Promise<(Account & { identifier_shown: string }) | null>;
  contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
}

type NamedAccount = Account & { identifier_shown: string };

/**
 * Resolves a lock (`lockout.locked`: one message a lock, three a day) and a request for its instructions
 * (`lockout.asked`). Answers a private word. Runs in the transaction that marks the request resolved.
 */
export function createLockoutResolvers(deps: {
  clock: Clock;
  preset: Preset;
  outbox: Outbox;
  budgets: SmsBudgets;
  challenges: Challenges;
  truth: Truth;
  lockout: Lockout;
  accounts: UnlockAccounts;
  isSmsOffered: boolean;
}) {
  const { preset, budgets, challenges, accounts, lockout } = deps;

  /** E-mail where there is one, else SMS where only a mobile exists. */
  async function findWay(tx: Tx, account: Account): Promise<ContactPoint | null> {
    const points = await accounts.contactPointsOf(tx, account.id);
    const use = { acceptsDeclared: preset.recoverWithDeclared || account.status === "pending" };
    const [email] = accounts.usable(points, "email", use);
    if (email || !deps.isSmsOffered) return email ?? null;
    return accounts.usable(points, "sms", use)[0] ?? null;
  }

  async function mayGoBy(tx: Tx, way: ContactPoint, sourceKey: string): Promise<boolean> {
    if (way.channel === "email") return true;
    return (await budgets.spendSms(tx, { number: way.address, sourceKey })).ok;
  }

  async function send(
    tx: Tx,
    request: UnlockRequest,
    challenge: Challenge,
    account: NamedAccount,
    about: { isAsked: boolean; lockedUntil: number | null },
  ): Promise<string> {
    const { lockedUntil } = about;
    const way = await findWay(tx, account);
    if (!way) return "no way to reach the person";
    if (!(await mayGoBy(tx, way, request.sourceKey))) return "over the limit of SMS";
    const isLocked = lockedUntil !== null;
    if (isLocked) {
      await challenges.attach(tx, challenge.id, { accountId: account.id, contactPointId: way.id });
    }
    await deps.outbox.enqueue(tx, {
      template: isLocked ? "lockout.locked" : "lockout.not-locked",
      channel: way.channel,
      to: way.address,
      toKey: way.address_key,
      accountId: account.id,
      contactPointId: way.id,
      challengeId: isLocked ? challenge.id : null,
      locale: account.locale,
      params: {
        identifier: account.identifier_shown,
        tries: preset.lockout.triesBeforeLock,
        at: challenge.requested_at,
        browser: challenge.browser,
        ...about,
      },
      secrets: isLocked ? { codePlain: request.codePlain, linkPlain: request.linkPlain } : null,
      usefulForSeconds:
        lockedUntil === null
          ? preset.messages.noticeUsefulForSeconds
          : Math.max(1, Math.ceil((lockedUntil - deps.clock.now()) / second)),
      priority: "urgent",
    });
    return isLocked ? "unlock sent" : "told that it is not locked";
  }

  async function resolveLocked(tx: Tx, request: UnlockRequest): Promise<string> {
    const challenge = await challenges.find(tx, request.challengeId);
    if (challenge?.status !== "open") return "replaced before it was resolved";
    const account = await accounts.findByIdentifier(tx, request.context.identifierKey);
    if (!account || account.status === "closed") return "no-account";
    const lockedUntil = await lockout.lockedUntil(tx, account.id);
    if (lockedUntil === null) return "not locked any more";
    if (!(await budgets.spend(tx, "lock-message.per-account", account.id)).ok) {
      return "lock messages used up for today";
    }
    return send(tx, request, challenge, account, { isAsked: false, lockedUntil });
  }

  async function resolveAsked(tx: Tx, request: UnlockRequest): Promise<string> {
    const challenge = await challenges.find(tx, request.challengeId);
    if (challenge?.status !== "open") return "replaced before it was resolved";
    const account = await accounts.findByIdentifier(tx, request.context.identifierKey);
    if (!account || account.status === "closed") return tellUnknown(tx, request, challenge);
    if (!(await budgets.spend(tx, "request.per-account", account.id)).ok) {
      return "over the account's limit";
    }
    const lockedUntil = await lockout.lockedUntil(tx, account.id);
    return send(tx, request, challenge, account, { isAsked: true, lockedUntil });
  }

  async function tellUnknown(tx: Tx, request: UnlockRequest, challenge: Challenge): Promise<string> {
    // Where addresses name no account, one may well be somebody's: nothing true could be told.
    const email = parseEmailAddress(request.context.identifier);
    if (!email.ok || !accounts.emailIdentifies) return "no-account";
    return deps.truth.tellUnknown(tx, {
      email: email.address,
      emailKey: email.key,
      locale: challenge.locale,
      sourceKey: request.sourceKey,
      askedAt: challenge.requested_at,
      browser: challenge.browser,
      about: "unlock",
    });
  }

  return { "lockout.locked": resolveLocked, "lockout.asked": resolveAsked };
}
