import { createConfirmation } from "../access/confirmation/confirmation.ts";
import { createLockout } from "../access/lockout/lockout.ts";
import { createLockoutResolvers } from "../access/lockout/lockout.worker.ts";
import { createUnlock } from "../access/lockout/unlock.ts";
import { createRegistration } from "../access/registration/registration.ts";
import { createSignUpResolver } from "../access/registration/registration.worker.ts";
import { createSignIn, type SignInDeps } from "../access/sign-in/sign-in.ts";
import { createSlowLane } from "../access/sign-in/slow-lane.ts";
import * as accountRows from "../accounts/accounts.store.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";

export type Door = ReturnType<typeof wireDoor>;

/** How people come in: registration, confirmation, sign-in, and the lock after too many tries. */
export function wireDoor(
  ground: Ground,
  foundations: Foundations,
  neighbours: Pick<SignInDeps, "afterSignIn" | "isStaff" | "joinedWith">,
) {
  const { preset, clock, ids, keys, store, hashing, failedPasswordRules, journal } = ground;
  const { accounts, allAccounts, budgets, outbox, challenges, requests, truth } = foundations;
  const { sessions, knownBrowsers, startSession } = foundations;

  const registration = createRegistration({
    store,
    clock,
    preset,
    journal,
    requests,
    budgets,
    challenges,
    hashPassword: hashing.hash,
    failedPasswordRules,
    reserveNickname: accounts.reserveNickname,
    async isNicknameTaken(tx, key, browserId) {
      const holder = await accounts.holderOfNickname(tx, key);
      const asked = holder?.challenge_id ? await challenges.find(tx, holder.challenge_id) : null;
      return (
        holder !== null &&
        (holder.expires_at === null || !asked || !challenges.isOwnBrowser(asked, browserId))
      );
    },
  });
  const resolveSignUp = createSignUpResolver({
    preset,
    journal,
    outbox,
    budgets,
    challenges,
    truth,
    accounts: allAccounts,
    clock,
  });
  const confirmation = createConfirmation({
    store,
    preset,
    journal,
    outbox,
    challenges,
    accounts: allAccounts,
    startSession: (tx, caller, accountId) => startSession(tx, caller, accountId, false),
  });

  const lockout = createLockout({
    clock,
    ids,
    keys,
    preset,
    requests,
    challenges,
    accounts: accountRows,
    knownBrowsersOf: knownBrowsers.list,
  });
  const unlock = createUnlock({
    store,
    clock,
    journal,
    budgets,
    challenges,
    lockout,
    accounts: accountRows,
    makeKnown: knownBrowsers.makeKnown,
  });
  const lockoutResolvers = createLockoutResolvers({
    clock,
    preset,
    outbox,
    budgets,
    challenges,
    truth,
    lockout,
    accounts: allAccounts,
    isSmsOffered: ground.hasSms,
  });
  const signIn = createSignIn({
    store,
    journal,
    budgets,
    passwords: hashing,
    accounts: allAccounts,
    lockout: {
      ...lockout,
      commitLock: (tx, caller, context) =>
        lockout.commitUnlockRequest(tx, caller, context, { kind: "lockout.locked", resends: 0 }),
    },
    recognise: knownBrowsers.recognise,
    startSession,
    endSession: sessions.end,
    slowDown: createSlowLane(),
    afterSignIn: neighbours.afterSignIn,
    isStaff: neighbours.isStaff,
    joinedWith: neighbours.joinedWith,
  });

  return { registration, resolveSignUp, confirmation, lockout, unlock, lockoutResolvers, signIn };
}
