import type { Account, Accounts, ContactPoint, Identifier } from "../../accounts/accounts.ts";
import { parseEmailAddress } from "../../accounts/addresses/email-address.ts";
import { parseMobileNumber } from "../../accounts/addresses/phone-number.ts";
import { nameFor, rankContactPoints } from "../../accounts/reach.ts";
import type { ChannelKind, Preset } from "../../config/preset.ts";
import { type Journal, stranger } from "../../journal/journal.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Tx } from "../../store/store.ts";
import { everybody } from "../budgets/budgets.ts";
import type { SmsBudgets } from "../budgets/sms-ceilings.ts";
import type { Challenge, Challenges } from "../challenges/challenges.ts";
import type { RecoveryRequest } from "./recovery.ts";

/** When, from where and in what language a message was asked for. */
export interface Asked {
  askedAt: number;
  browser: string | null;
  locale: string;
  sourceKey: string;
}

export type RecoveryAccounts = Pick<Accounts, "usable"> & {
  findByIdentifier(db: Db, key: string): Promise<Account | null>;
  contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
  identifiersOf(db: Db, accountId: string): Promise<Identifier[]>;
};

/**
 * Resolves what « Mot de passe oublié ? » asked for. Answers a private word. Runs in the transaction that marks
 * the request resolved; nobody waits for it.
 */
export function createRecoveryResolver(deps: {
  preset: Preset;
  hasSms: boolean;
  journal: Journal;
  outbox: Outbox;
  budgets: SmsBudgets;
  challenges: Challenges;
  accounts: RecoveryAccounts;
  /** The account that this one became one with, and since when; null where it did with none. */
  joinedWith: (db: Db, accountId: string) => Promise<{ identifier: string; at: number } | null>;
  /** A sign-up that was never confirmed: its activation message once more. */
  resendActivation: (tx: Tx, account: Account, asked: Asked) => Promise<string>;
  /** An invitation that was never taken up, once more; where nobody was invited, how the account is activated. */
  inviteAgain: (tx: Tx, account: Account, chosen: ChannelKind, asked: Asked) => Promise<string>;
  /** What was typed names no account, but may be an address or number of some: tells their identifiers there. */
  recall: (
    tx: Tx,
    asked: Asked & { channel: ChannelKind; address: string; addressKey: string; about: "reset" },
  ) => Promise<string>;
}) {
  const { preset, budgets, challenges, accounts } = deps;

  return async function resolveRecovery(tx: Tx, request: RecoveryRequest): Promise<string> {
    const challenge = await challenges.find(tx, request.challengeId);
    if (challenge?.status !== "open") return "replaced before it was resolved";
    const asked: Asked = {
      askedAt: challenge.requested_at,
      browser: challenge.browser,
      locale: challenge.locale,
      sourceKey: request.sourceKey,
    };
    const account = await accounts.findByIdentifier(tx, request.context.identifierKey);
    if (!account) return recallInstead(tx, request, asked);
    if (!(await budgets.spend(tx, "request.per-account", account.id)).ok) return "over the account's limit";
    if (!(await budgets.spend(tx, "request.service-wide", everybody)).ok) return "over the service's limit";
    switch (account.status) {
      case "pending":
        return account.password_hash === null
          ? deps.inviteAgain(tx, account, request.context.channel, asked)
          : deps.resendActivation(tx, account, asked);
      case "disabled":
      case "closed":
        return tellUnavailable(tx, request, account, asked);
      case "active":
        return sendReset(tx, request, challenge, account, asked);
    }
  };

  function recallInstead(tx: Tx, request: RecoveryRequest, asked: Asked): Promise<string> {
    const { typed } = request.context;
    const email = parseEmailAddress(typed);
    if (email.ok) {
      const { address, key } = email;
      return deps.recall(tx, { ...asked, channel: "email", address, addressKey: key, about: "reset" });
    }
    const number = parseMobileNumber(typed, preset.phoneCountry);
    if (!number.ok) return Promise.resolve("no-account");
    const { e164 } = number;
    return deps.recall(tx, { ...asked, channel: "sms", address: e164, addressKey: e164, about: "reset" });
  }

  /** Where a message can go now; an SMS over its limits gives way to the next contact point. */
  async function choosePoint(
    tx: Tx,
    account: Account,
    chosen: ChannelKind,
    sourceKey: string,
  ): Promise<{ point: ContactPoint; instead: "none" | "limit" | null } | null> {
    const ranked = rankContactPoints(await accounts.contactPointsOf(tx, account.id), {
      usable: accounts.usable,
      channels: preset.recoveryChannels[account.kind].filter((channel) => channel !== "sms" || deps.hasSms),
      chosen,
      acceptsDeclared: preset.recoverWithDeclared,
    });
    let isOverLimit = false;
    for (const point of ranked) {
      if (point.channel === "sms" && !(await budgets.spendSms(tx, { number: point.address, sourceKey })).ok) {
        isOverLimit = true;
        continue;
      }
      return { point, instead: point.channel === chosen ? null : isOverLimit ? "limit" : "none" };
    }
    return null;
  }

  async function sendReset(
    tx: Tx,
    request: RecoveryRequest,
    challenge: Challenge,
    account: Account,
    asked: Asked,
  ): Promise<string> {
    const chosen = await choosePoint(tx, account, request.context.channel, asked.sourceKey);
    if (!chosen) return "no contact point that may receive it";
    const { point, instead } = chosen;
    const [identifier] = await accounts.identifiersOf(tx, account.id);
    await challenges.attach(tx, challenge.id, { accountId: account.id, contactPointId: point.id });
    await deps.outbox.enqueue(tx, {
      template: "recovery.reset",
      channel: point.channel,
      to: point.address,
      toKey: point.address_key,
      accountId: account.id,
      contactPointId: point.id,
      challengeId: challenge.id,
      locale: asked.locale,
      params: {
        name: nameFor(point, account),
        identifier: identifier?.shown ?? "",
        askedAt: asked.askedAt,
        browser: asked.browser,
        validForSeconds: preset.messages.codeValidForSeconds,
        instead,
      },
      secrets: { codePlain: request.codePlain, linkPlain: request.linkPlain },
      usefulForSeconds: preset.messages.resetUsefulForSeconds,
      priority: "urgent",
    });
    await deps.journal.record(tx, {
      event: `recovery.sent-by-${point.channel}`,
      accountId: account.id,
      actor: stranger,
      ...(instead ? { reason: `the other channel: ${instead}` } : {}),
      caller: {
        incident: request.incident,
        browser: challenge.browser,
        sourceAddress: challenge.source_address,
      },
    });
    return `sent by ${point.channel}`;
  }

  /** Said to the mailbox only: to the page it is as if nothing were there (promise 2). */
  async function tellUnavailable(
    tx: Tx,
    request: RecoveryRequest,
    account: Account,
    asked: Asked,
  ): Promise<string> {
    const chosen = await choosePoint(tx, account, request.context.channel, asked.sourceKey);
    if (!chosen) return `${account.status}, no contact point`;
    const [identifier] = await accounts.identifiersOf(tx, account.id);
    await deps.outbox.enqueue(tx, {
      template: "recovery.unavailable",
      channel: chosen.point.channel,
      to: chosen.point.address,
      toKey: chosen.point.address_key,
      accountId: account.id,
      contactPointId: chosen.point.id,
      challengeId: null,
      locale: asked.locale,
      params: {
        status: account.status,
        joinedWith: await deps.joinedWith(tx, account.id),
        name: nameFor(chosen.point, account),
        identifier: identifier?.shown ?? "",
        askedAt: asked.askedAt,
        browser: asked.browser,
        relays: preset.relays.filter((relay) => relay.isShown && relay.for.includes(account.kind)),
      },
      secrets: null,
      usefulForSeconds: preset.messages.noticeUsefulForSeconds,
      priority: "usual",
    });
    return account.status;
  }
}
