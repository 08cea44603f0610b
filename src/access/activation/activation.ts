import type { Account, Accounts, ContactPoint, Identifier } from "../../accounts/accounts.ts";
import { rankContactPoints } from "../../accounts/reach.ts";
import type { ChannelKind, Preset } from "../../config/preset.ts";
import type { Journal } from "../../journal/journal.ts";
import { system } from "../../journal/journal.ts";
import type { Caller } from "../../kernel/caller.ts";
import { day, second } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import { done } from "../../kernel/outcome.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { everybody, spendRequest } from "../budgets/budgets.ts";
import type { SmsBudgets } from "../budgets/sms-ceilings.ts";
import type { Challenge, Challenges, LinkCondition } from "../challenges/challenges.ts";

/**
 * Activation by invitation: somebody made the account; its person opens it by choosing a password behind the link
 * of the invitation. Ends on sign-in: no browser began it (promise 5). An account that a registry made and nobody
 * invited opens otherwise, by its letter or by mobile number and birth date: no form of ours may send around those.
 *
 * Tables: none of its own; challenges (purpose "activate"). Settings: password.minLength, limits "request.*".
 * Conditions of a link: open, expired, used, replaced, unknown. Refusals: activation.too-many, password.rule.*.
 * Messages: activation.invite, .open, .by-letter.
 */
export interface Invitation {
  challenge: Challenge;
  account: Account;
  identifiers: Identifier[];
  contactPoint: ContactPoint;
}

export type InvitationCondition = Exclude<LinkCondition, "refused">;

export type InvitationLook =
  | ({ condition: "open" } & Invitation)
  | { condition: Exclude<InvitationCondition, "open"> };

export type ActivateOutcome =
  | { ok: true; identifier: string }
  | { ok: false; refusal: "activation.password"; failedRules: string[]; invitation: Invitation }
  | { ok: false; refusal: "activation.link"; condition: Exclude<InvitationCondition, "open"> };

export type AgainOutcome =
  | { ok: true }
  | { ok: false; refusal: "activation.unknown" }
  | { ok: false; refusal: "activation.too-many"; until: number };

/** How an account is activated that nobody invited. */
export type OpensBy = "letter" | "letter-or-mobile";

/** When, from where and in what language a message was asked for. */
export interface InvitationAsked {
  locale: string;
  askedAt: number;
  browser: string | null;
  sourceKey: string;
}

export type ActivationAccounts = Pick<Accounts, "activate" | "replacePassword" | "usable"> & {
  findById(db: Db, id: string): Promise<Account | null>;
  identifiersOf(db: Db, accountId: string): Promise<Identifier[]>;
  contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
};

export type Activation = ReturnType<typeof createActivation>;

/** Long enough for a fortnight's absence; letters, which take longer, have codes of their own. */
export const invitationLastsForSeconds = (14 * day) / second;

export function createActivation(deps: {
  store: Store;
  preset: Preset;
  hasSms: boolean;
  journal: Journal;
  outbox: Outbox;
  budgets: SmsBudgets;
  challenges: Challenges;
  accounts: ActivationAccounts;
  hashPassword: (plain: string) => Promise<string>;
  /** Ids of the password rules that are not met. */
  failedPasswordRules: (plain: string, unlike: string[]) => Promise<string[]>;
  /** Messages reach this address after all. */
  unsuppress: (tx: Tx, addressKey: string) => Promise<void>;
  /** Whether accounts are made by registries here, and activated by letter. */
  hasLetters: boolean;
  /** Whether an account was ever sent an invitation, as far as that is remembered. */
  wasInvited: (db: Db, accountId: string) => Promise<boolean>;
}) {
  const { store, preset, challenges, accounts, budgets } = deps;

  /**
   * Sends an invitation to choose a password. `caller`: who acts, or null for an act of the system. The link is
   * bound to no browser, and no code is sent: nobody but the invited person can use it (promise 7).
   */
  async function invite(
    tx: Tx,
    accountId: string,
    contactPointId: string,
    caller: Caller | null,
  ): Promise<void> {
    const account = await accounts.findById(tx, accountId);
    const point = (await accounts.contactPointsOf(tx, accountId)).find(({ id }) => id === contactPointId);
    if (account?.status !== "pending" || !point) {
      throw new Fault("Only a pending account can be invited, at a contact point of its own.");
    }
    const [identifier] = await accounts.identifiersOf(tx, accountId);
    const opened = await challenges.open(tx, {
      purpose: "activate",
      subject: accountId,
      caller: null,
      locale: account.locale,
      context: {},
      lastsForSeconds: invitationLastsForSeconds,
    });
    await challenges.attach(tx, opened.id, { accountId, contactPointId });
    await deps.outbox.enqueue(tx, {
      template: "activation.invite",
      channel: point.channel,
      to: point.address,
      toKey: point.address_key,
      accountId,
      contactPointId,
      challengeId: opened.id,
      locale: account.locale,
      params: {
        name: account.name,
        identifier: identifier?.shown ?? "",
        lastsForSeconds: invitationLastsForSeconds,
      },
      secrets: { codePlain: null, linkPlain: opened.linkPlain },
      usefulForSeconds: invitationLastsForSeconds,
      priority: "usual",
    });
    await deps.journal.record(tx, { event: "activation.invited", accountId, actor: system, caller });
  }

  /**
   * By what an account is activated that a registry made and to which nobody invited its person; null for every other.
   * A number or address that only a registry names proves nobody: it is not told whose the account is, and gets no link.
   */
  async function opensBy(db: Db, account: Account): Promise<OpensBy | null> {
    if (!deps.hasLetters || account.status !== "pending" || account.password_hash !== null) return null;
    if (await deps.wasInvited(db, account.id)) return null;
    return deps.hasSms && account.kind === "guardian" ? "letter-or-mobile" : "letter";
  }

  /** The best of some contact points, its SMS spent; `until` is null where there is none. */
  async function choosePoint(
    tx: Tx,
    points: ContactPoint[],
    chosen: ChannelKind,
    sourceKey: string,
  ): Promise<{ ok: true; point: ContactPoint } | { ok: false; until: number | null }> {
    const channels: ChannelKind[] = deps.hasSms ? ["email", "sms"] : ["email"];
    const [point] = rankContactPoints(points, {
      usable: accounts.usable,
      channels,
      chosen,
      acceptsDeclared: true,
    });
    if (!point) return { ok: false, until: null };
    if (point.channel === "sms") {
      const spent = await budgets.spendSms(tx, { number: point.address, sourceKey });
      if (!spent.ok) return spent;
    }
    return { ok: true, point };
  }

  /** The invitation once more, where it went before or where staff say that its person is: nowhere else. */
  async function sendAgain(tx: Tx, account: Account, chosen: ChannelKind, sourceKey: string) {
    const invitedAt = await challenges.sentTo(tx, account.id, "activate");
    const points = (await accounts.contactPointsOf(tx, account.id)).filter(
      ({ id, origin }) => origin === "staff" || invitedAt.includes(id),
    );
    const way = await choosePoint(tx, points, chosen, sourceKey);
    if (way.ok) await invite(tx, account.id, way.point.id, null);
    return way;
  }

  /** For a recovery that found its account never opened. Answers a private word. */
  async function inviteAgain(
    tx: Tx,
    account: Account,
    chosen: ChannelKind,
    asked: InvitationAsked,
  ): Promise<string> {
    const by = await opensBy(tx, account);
    const way =
      by === null
        ? await sendAgain(tx, account, chosen, asked.sourceKey)
        : await choosePoint(tx, await accounts.contactPointsOf(tx, account.id), chosen, asked.sourceKey);
    if (!way.ok) return way.until === null ? "never opened, no contact point" : "over the limit of SMS";
    if (by === null) return `invited again by ${way.point.channel}`;
    await tellHow(tx, way.point, account.id, by, asked);
    return `told by ${way.point.channel} how it is activated`;
  }

  /**
   * Tells a contact point how the account behind it is activated, in words that anybody may read: no name, no
   * identifier, no secret. `accountId`: for its timeline; null where there are several.
   */
  async function tellHow(
    tx: Tx,
    point: ContactPoint,
    accountId: string | null,
    by: OpensBy,
    { locale, askedAt, browser }: InvitationAsked,
  ): Promise<void> {
    await deps.outbox.enqueue(tx, {
      template: "activation.by-letter",
      channel: point.channel,
      to: point.address,
      toKey: point.address_key,
      accountId,
      contactPointId: accountId && point.id,
      challengeId: null,
      locale,
      params: { by, askedAt, browser },
      secrets: null,
      usefulForSeconds: preset.messages.noticeUsefulForSeconds,
      priority: "usual",
    });
  }

  async function lookIn(db: Db, linkPlain: string): Promise<InvitationLook> {
    const { condition, challenge } = await challenges.readLink(db, "activate", linkPlain);
    if (condition !== "open" || !challenge?.account_id) {
      return { condition: condition === "open" || condition === "refused" ? "unknown" : condition };
    }
    const account = await accounts.findById(db, challenge.account_id);
    if (!account || account.status === "closed" || account.status === "disabled")
      return { condition: "unknown" };
    if (account.status === "active") return { condition: "used" };
    const points = await accounts.contactPointsOf(db, account.id);
    const contactPoint = points.find(({ id }) => id === challenge.contact_point_id);
    if (!contactPoint) return { condition: "unknown" };
    const identifiers = await accounts.identifiersOf(db, account.id);
    return { condition: "open", challenge, account, identifiers, contactPoint };
  }

  function failedRules({ account, identifiers, contactPoint }: Invitation, plain: string): Promise<string[]> {
    const names = [account.name, account.nickname ?? "", ...identifiers.map(({ shown }) => shown)];
    return deps.failedPasswordRules(plain, [...names, contactPoint.address]);
  }

  /** Opens the account with the password chosen. A password that breaks a rule spends nothing. */
  async function activate(caller: Caller, linkPlain: string, plain: string): Promise<ActivateOutcome> {
    const look = await lookIn(store, linkPlain);
    if (look.condition !== "open")
      return { ok: false, refusal: "activation.link", condition: look.condition };
    const failed = await failedRules(look, plain);
    if (failed.length > 0)
      return { ok: false, refusal: "activation.password", failedRules: failed, invitation: look };
    const passwordHash = await deps.hashPassword(plain);
    return store.transact(async (tx): Promise<ActivateOutcome> => {
      const used = { ok: false, refusal: "activation.link", condition: "used" } as const;
      const invitation = await lookIn(tx, linkPlain);
      if (invitation.condition !== "open") return { ...used, condition: invitation.condition };
      const { condition } = await challenges.redeemLink(tx, "activate", linkPlain);
      if (condition !== "open") return used;
      const { account, contactPoint, challenge } = invitation;
      if (!(await accounts.activate(tx, account.id, contactPoint.id))) return used;
      await accounts.replacePassword(tx, account.id, passwordHash);
      await deps.unsuppress(tx, contactPoint.address_key);
      await challenges.endOfAccount(tx, account.id, { exceptId: challenge.id });
      const identifier = invitation.identifiers[0]?.shown ?? "";
      await confirm(tx, account, contactPoint, identifier);
      await deps.journal.record(tx, {
        event: "activation.opened",
        accountId: account.id,
        actor: { kind: "person", id: account.id },
        caller,
      });
      return { ok: true, identifier };
    });
  }

  async function confirm(tx: Tx, account: Account, point: ContactPoint, identifier: string): Promise<void> {
    if (point.channel === "sms") {
      const { address: number } = point;
      if (!deps.hasSms || !(await budgets.spendSms(tx, { number, sourceKey: null })).ok) return;
    }
    await deps.outbox.enqueue(tx, {
      template: "activation.open",
      channel: point.channel,
      to: point.address,
      toKey: point.address_key,
      accountId: account.id,
      contactPointId: point.id,
      challengeId: null,
      locale: account.locale,
      params: { name: account.name, identifier },
      secrets: null,
      usefulForSeconds: preset.messages.noticeUsefulForSeconds,
      priority: "usual",
    });
  }

  /** A new invitation in one press, for whoever holds an old one; it goes where the old one went. */
  async function askAgain(caller: Caller, linkPlain: string): Promise<AgainOutcome> {
    return store.transact(async (tx): Promise<AgainOutcome> => {
      const source = await spendRequest(budgets, tx, caller);
      if (!source.ok) return { ok: false, refusal: "activation.too-many", until: source.until };
      const { challenge } = await challenges.readLink(tx, "activate", linkPlain);
      const account = challenge?.account_id ? await accounts.findById(tx, challenge.account_id) : null;
      if (account?.status !== "pending") return { ok: false, refusal: "activation.unknown" };
      const own = await budgets.spend(tx, "request.per-account", account.id);
      if (!own.ok) return { ok: false, refusal: "activation.too-many", until: own.until };
      const all = await budgets.spend(tx, "request.service-wide", everybody);
      if (!all.ok) return { ok: false, refusal: "activation.too-many", until: all.until };
      const points = await accounts.contactPointsOf(tx, account.id);
      const same = points.find(({ id }) => id === challenge?.contact_point_id);
      const again = await sendAgain(tx, account, same?.channel ?? "email", caller.sourceKey);
      if (again.ok) return done;
      return again.until === null
        ? { ok: false, refusal: "activation.unknown" }
        : { ok: false, refusal: "activation.too-many", until: again.until };
    });
  }

  return {
    invite,
    inviteAgain,
    opensBy,
    tellHow,
    look: (linkPlain: string) => lookIn(store, linkPlain),
    activate,
    askAgain,
  };
}
