import { everybody } from "../../access/budgets/budgets.ts";
import type { SmsBudgets } from "../../access/budgets/sms-ceilings.ts";
import type { Challenges } from "../../access/challenges/challenges.ts";
import type { Truth } from "../../access/truth/truth.ts";
import type { Account } from "../../accounts/accounts.ts";
import { mayBeTold, nameFor } from "../../accounts/reach.ts";
import type { Preset } from "../../config/preset.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Tx } from "../../store/store.ts";
import type { StateAccounts, StateRequest } from "./account-state.ts";

/**
 * Resolves what « Voir l’état de mon compte » asked for. Answers a private word. Runs in the transaction that marks
 * the request resolved; nobody waits for it.
 */
export function createStateResolver(deps: {
  clock: Clock;
  preset: Preset;
  hasSms: boolean;
  outbox: Outbox;
  budgets: SmsBudgets;
  challenges: Challenges;
  truth: Truth;
  accounts: StateAccounts;
  /** By what an account is activated to which nobody invited its person: it is not told whose it is. */
  opensBy: (db: Db, account: Account) => Promise<string | null>;
}) {
  const { clock, preset, budgets, challenges } = deps;

  return async function resolveState(tx: Tx, request: StateRequest): Promise<string> {
    const challenge = await challenges.find(tx, request.challengeId);
    if (challenge?.status !== "open") return "replaced before it was resolved";
    const { channel, address, addressKey } = request.context;
    if (channel === "sms" && !deps.hasSms) return "SMS is off";
    const points = await deps.accounts.contactPointsAt(tx, addressKey);
    const told = points.filter((point) => mayBeTold(point, channel, { preset, now: clock.now() }));
    const [first] = told;
    const { requested_at: askedAt, browser, locale } = challenge;
    if (!first) {
      if (channel === "sms") return "no account at this number";
      return deps.truth.tellUnknown(tx, {
        email: address,
        emailKey: addressKey,
        locale,
        sourceKey: request.sourceKey,
        askedAt,
        browser,
        about: "see-state",
      });
    }
    // Counted by the address, which is what receives it: a family's accounts must not use up each other's.
    if (!(await budgets.spend(tx, "request.per-account", addressKey)).ok) return "over the address's limit";
    if (!(await budgets.spend(tx, "request.service-wide", everybody)).ok) return "over the service's limit";
    if (channel === "sms") {
      const spent = await budgets.spendSms(tx, { number: first.address, sourceKey: request.sourceKey });
      if (!spent.ok) return `over the limits of SMS: ${spent.refusal}`;
    }
    // Bound to the oldest account of a mailbox that several share: what it opens shows all of them.
    await challenges.attach(tx, challenge.id, { accountId: first.account_id, contactPointId: first.id });
    const isOnlyOne = told.length === 1;
    const isNamed = isOnlyOne && (await deps.opensBy(tx, first.account)) === null;
    await deps.outbox.enqueue(tx, {
      template: "account-state.link",
      channel,
      to: first.address,
      toKey: first.address_key,
      accountId: isOnlyOne ? first.account_id : null,
      contactPointId: isOnlyOne ? first.id : null,
      challengeId: challenge.id,
      locale,
      params: {
        name: isNamed ? nameFor(first, first.account) : null,
        askedAt,
        browser,
        validForSeconds: preset.messages.codeValidForSeconds,
      },
      secrets: { codePlain: request.codePlain, linkPlain: request.linkPlain },
      usefulForSeconds: preset.messages.resetUsefulForSeconds,
      priority: "urgent",
    });
    return `sent by ${channel}, ${told.length} accounts`;
  };
}
