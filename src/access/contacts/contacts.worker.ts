import type { Account, ContactPoint } from "../../accounts/accounts.ts";
import type { Preset } from "../../config/preset.ts";
import type { Journal } from "../../journal/journal.ts";
import { stranger } from "../../journal/journal.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Tx } from "../../store/store.ts";
import type { SmsBudgets } from "../budgets/sms-ceilings.ts";
import type { Challenge, Challenges } from "../challenges/challenges.ts";
import type { VerifyRequest } from "./contacts.ts";

/**
 * Resolves what the contact pages asked for: sends link and code, or, where the address names another account,
 * the truth to that mailbox instead. Answers a private word.
 */
export function createVerifyResolver(deps: {
  clock: Clock;
  preset: Preset;
  journal: Journal;
  outbox: Outbox;
  budgets: SmsBudgets;
  challenges: Challenges;
  emailIdentifies: boolean;
  accounts: {
    findByIdentifier(db: Db, key: string): Promise<Account | null>;
    contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
  };
}) {
  const { preset, challenges, budgets } = deps;

  return async function resolveVerify(tx: Tx, request: VerifyRequest): Promise<string> {
    const challenge = await challenges.find(tx, request.challengeId);
    if (challenge?.status !== "open") return "replaced before it was resolved";
    const holder = await otherHolder(tx, request);
    const word = holder
      ? await tellHolder(tx, request, challenge, holder)
      : await send(tx, request, challenge);
    // What is not sent expires like what is: the asker's page must not tell the one from the other.
    if (word.startsWith("over")) await challenges.messageLeft(tx, challenge.id, deps.clock.now());
    return word;
  };

  /** The account that the address names, unless it is the asker's own or an unfinished sign-up. */
  async function otherHolder(tx: Tx, { accountId, context }: VerifyRequest): Promise<Account | null> {
    if (context.channel !== "email" || !deps.emailIdentifies) return null;
    const holder = await deps.accounts.findByIdentifier(tx, context.key);
    return holder && holder.id !== accountId && holder.status !== "pending" ? holder : null;
  }

  async function send(tx: Tx, request: VerifyRequest, challenge: Challenge): Promise<string> {
    const { context } = request;
    if (context.channel === "sms") {
      const spent = await budgets.spendSms(tx, { number: context.address, sourceKey: request.sourceKey });
      if (!spent.ok) return `over the limits of SMS: ${spent.refusal}`;
    }
    await deps.outbox.enqueue(tx, {
      template: "contacts.verify",
      channel: context.channel,
      to: context.address,
      toKey: context.key,
      accountId: request.accountId,
      contactPointId: context.contactPointId,
      challengeId: challenge.id,
      locale: challenge.locale,
      params: {
        askedAt: challenge.requested_at,
        browser: challenge.browser,
        validForSeconds: preset.messages.codeValidForSeconds,
      },
      secrets: { codePlain: request.codePlain, linkPlain: request.linkPlain },
      usefulForSeconds: preset.messages.resetUsefulForSeconds,
      priority: "urgent",
    });
    return "sent";
  }

  /** Says to the mailbox that it already has an account; the challenge stays one that nobody can meet. */
  async function tellHolder(
    tx: Tx,
    request: VerifyRequest,
    challenge: Challenge,
    holder: Account,
  ): Promise<string> {
    const points = await deps.accounts.contactPointsOf(tx, holder.id);
    const point = points.find(({ address_key }) => address_key === request.context.key);
    if (!point) return "over: another account's, which cannot be reached there";
    if (!(await budgets.spend(tx, "request.per-account", holder.id)).ok) {
      return "over the limit of the account that has it";
    }
    await deps.outbox.enqueue(tx, {
      template: "contacts.taken",
      channel: "email",
      to: point.address,
      toKey: point.address_key,
      accountId: holder.id,
      contactPointId: point.id,
      challengeId: challenge.id,
      locale: holder.locale,
      params: { askedAt: challenge.requested_at, browser: challenge.browser },
      secrets: null,
      usefulForSeconds: preset.messages.resetUsefulForSeconds,
      priority: "urgent",
    });
    await deps.journal.record(tx, { event: "contacts.taken", accountId: holder.id, actor: stranger });
    return "another account's, told";
  }
}
