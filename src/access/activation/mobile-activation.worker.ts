import type { Preset } from "../../config/preset.ts";
import { type Journal, stranger } from "../../journal/journal.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Tx } from "../../store/store.ts";
import { everybody } from "../budgets/budgets.ts";
import type { SmsBudgets } from "../budgets/sms-ceilings.ts";
import type { Challenges } from "../challenges/challenges.ts";
import type { GuardianAtNumber, MobileRequest } from "./mobile-activation.ts";

/**
 * Resolves the number of a guardian who activates alone. Answers a private word. Runs in the transaction that marks
 * the request resolved; nobody waits for it.
 */
export function createMobileActivationResolver(deps: {
  preset: Preset;
  hasSms: boolean;
  journal: Journal;
  outbox: Outbox;
  budgets: SmsBudgets;
  challenges: Challenges;
  guardiansAt: (db: Db, numberKey: string) => Promise<GuardianAtNumber[]>;
}) {
  const { budgets, challenges, preset } = deps;

  return async function resolveMobile(tx: Tx, request: MobileRequest): Promise<string> {
    if (!deps.hasSms) return "SMS is off";
    const challenge = await challenges.find(tx, request.challengeId);
    if (challenge?.status !== "open") return "replaced before it was resolved";
    const { e164 } = request.context;
    const guardians = await deps.guardiansAt(tx, e164);
    // Counted by the number, which is what receives it: a family's accounts must not use up each other's.
    const [first] = guardians;
    if (!first) return "no guardian at this number";
    if (!(await budgets.spend(tx, "request.per-account", e164)).ok) return "over the number's limit";
    if (!(await budgets.spend(tx, "request.service-wide", everybody)).ok) return "over the service's limit";
    const sms = await budgets.spendSms(tx, { number: e164, sourceKey: request.sourceKey });
    if (!sms.ok) return `over the limit of SMS: ${sms.refusal}`;
    const pending = guardians.find(({ status }) => status === "pending");
    // The code proves the number, whoever of a family reads it: whom it stands for is known from the birth date on.
    const about = pending ?? first;
    const isAlready = pending === undefined;
    if (!isAlready) {
      const to = { accountId: about.id, contactPointId: about.contactPointId };
      await challenges.attach(tx, challenge.id, to);
    }
    await deps.outbox.enqueue(tx, {
      template: isAlready ? "activation.already" : "activation.mobile",
      channel: "sms",
      to: e164,
      toKey: e164,
      accountId: about.id,
      contactPointId: about.contactPointId,
      challengeId: isAlready ? null : challenge.id,
      locale: challenge.locale,
      params: {},
      secrets: isAlready ? null : { codePlain: request.codePlain, linkPlain: null },
      usefulForSeconds: preset.messages.resetUsefulForSeconds,
      priority: "urgent",
    });
    await deps.journal.record(tx, {
      event: "activation.sent-by-sms",
      accountId: about.id,
      actor: stranger,
      caller: {
        incident: request.incident,
        browser: challenge.browser,
        sourceAddress: challenge.source_address,
      },
    });
    return isAlready ? "told that it is active" : "code sent";
  };
}
