import { createActivation } from "../access/activation/activation.ts";
import { createIdentifierRecall } from "../access/identifier-recall/identifier-recall.ts";
import { createRecallResolver } from "../access/identifier-recall/identifier-recall.worker.ts";
import { createPasswordReplacement } from "../access/recovery/password-replacement.ts";
import { createRecovery } from "../access/recovery/recovery.ts";
import { createRecoveryResolver } from "../access/recovery/recovery.worker.ts";
import { createActivationResend } from "../access/registration/registration.worker.ts";
import * as accountRows from "../accounts/accounts.store.ts";
import { offeredChannels } from "../accounts/reach.ts";
import * as journalRows from "../journal/journal.store.ts";
import * as outboxRows from "../outbox/outbox.store.ts";
import type { Door } from "./door.ts";
import type { FamiliesPart } from "./families.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";

export type Recovery = ReturnType<typeof wireRecovery>;

/** For who cannot sign in: a forgotten password or identifier, an invitation to an account made for them. */
export function wireRecovery(
  ground: Ground,
  foundations: Foundations,
  { lockout, joinedWith }: Pick<Door, "lockout"> & { joinedWith: FamiliesPart["wentInto"] },
) {
  const { preset, clock, store, hasSms, hashing, failedPasswordRules, journal } = ground;
  const { accounts, allAccounts, budgets, outbox, challenges, requests, truth } = foundations;
  const { sessions, knownBrowsers } = foundations;

  const activation = createActivation({
    store,
    preset,
    hasSms,
    journal,
    outbox,
    budgets,
    challenges,
    accounts: allAccounts,
    hashPassword: hashing.hash,
    failedPasswordRules,
    unsuppress: outboxRows.unsuppress,
    hasLetters: preset.kinds.includes("pupil"),
    wasInvited: async (db, accountId) =>
      (await journalRows.newestOf(db, accountId, ["activation.invited"])) !== null,
  });
  const recall = createIdentifierRecall({
    store,
    clock,
    preset,
    channels: offeredChannels(preset.recallChannels, preset, hasSms),
    journal,
    requests,
    budgets,
    challenges,
  });
  const recallResolver = createRecallResolver({
    clock,
    preset,
    hasSms,
    journal,
    outbox,
    budgets,
    challenges,
    truth,
    accounts: accountRows,
    joinedWith,
    opensBy: activation.opensBy,
    tellHow: activation.tellHow,
  });
  const recovery = createRecovery({
    store,
    clock,
    preset,
    channels: offeredChannels(preset.recoveryChannels, preset, hasSms),
    journal,
    requests,
    budgets,
    challenges,
  });
  const resolveRecovery = createRecoveryResolver({
    preset,
    hasSms,
    journal,
    outbox,
    budgets,
    challenges,
    accounts: allAccounts,
    joinedWith,
    resendActivation: createActivationResend({ preset, outbox, challenges, accounts }),
    inviteAgain: activation.inviteAgain,
    recall: recallResolver.recall,
  });
  const replacement = createPasswordReplacement({
    store,
    clock,
    preset,
    hasSms,
    journal,
    outbox,
    budgets,
    challenges,
    accounts: allAccounts,
    hashPassword: hashing.hash,
    isPassword: hashing.verify,
    failedPasswordRules,
    unsuppress: outboxRows.unsuppress,
    clearLockout: lockout.clearOfAccount,
    endSessions: sessions.endOfAccount,
    forgetKnownBrowsers: knownBrowsers.forgetAll,
    makeBrowserKnown: (tx, caller, accountId) =>
      knownBrowsers.makeKnown(tx, caller, accountId, caller.knownCookie),
  });

  return {
    activation,
    recall,
    recovery,
    replacement,
    resolveRecall: recallResolver.resolveRecall,
    resolveRecovery,
  };
}
