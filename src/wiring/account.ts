import { createAccountPage } from "../access/account-page/account-page.ts";
import { createChangePassword } from "../access/account-page/change-password.ts";
import { createPasswordAgain } from "../access/account-page/password-again.ts";
import { createCheckContacts } from "../access/contacts/check-contacts.ts";
import { createContacts, isLast } from "../access/contacts/contacts.ts";
import { createVerifyResolver } from "../access/contacts/contacts.worker.ts";
import { createNotMe } from "../access/contacts/not-me.ts";
import { createProveContact } from "../access/contacts/prove-contact.ts";
import { createWarnContacts } from "../access/contacts/warn-contacts.ts";
import * as accountRows from "../accounts/accounts.store.ts";
import { waitingOf as correctionsOf } from "../desk/people/people.store.ts";
import { createStopCorrections } from "../desk/people/stop-corrections.ts";
import { listOfAccount as journalOf } from "../journal/journal.store.ts";
import type { Person } from "../kernel/caller.ts";
import * as outboxRows from "../outbox/outbox.store.ts";
import type { Tx } from "../store/store.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";

export type AccountParts = ReturnType<typeof wireAccount>;

/** What people do with their own account: contacts, the account page, the password and "it was not me". */
export function wireAccount(ground: Ground, foundations: Foundations) {
  const { preset, clock, store, hasSms, hashing, failedPasswordRules, journal } = ground;
  const { accounts, allAccounts, budgets, outbox, challenges, requests } = foundations;
  const { sessions, knownBrowsers } = foundations;

  /** The account of a session that still lives, held until the transaction ends. */
  const holdSignedIn = async (tx: Tx, person: Person) => {
    const account = await accountRows.hold(tx, person.accountId);
    const isLive = (await sessions.list(tx, person.accountId)).some(({ id }) => id === person.sessionId);
    return account?.status === "active" && isLive ? account : null;
  };
  const identifierOf = async (accountId: string) =>
    (await accountRows.identifiersOf(store, accountId))[0]?.shown ?? "";
  const passwordAgain = createPasswordAgain({
    store,
    journal,
    budgets,
    verifyPassword: hashing.verify,
    passwordHashOf: async (db, accountId) =>
      (await accountRows.findById(db, accountId))?.password_hash ?? null,
  });

  const warn = createWarnContacts({
    clock,
    preset,
    hasSms,
    outbox,
    budgets,
    challenges,
    accounts: accountRows,
  });
  const contacts = createContacts({
    store,
    clock,
    preset,
    hasSms,
    journal,
    requests,
    budgets,
    challenges,
    accounts: accountRows,
    passwordAgain,
    holdSignedIn,
    warnContacts: warn.warnContacts,
  });
  const resolveVerify = createVerifyResolver({
    clock,
    preset,
    journal,
    outbox,
    budgets,
    challenges,
    emailIdentifies: accounts.emailIdentifies,
    accounts: accountRows,
  });
  const proveContact = createProveContact({
    store,
    clock,
    journal,
    challenges,
    accounts: allAccounts,
    unsuppress: outboxRows.unsuppress,
    warnContacts: warn.warnContacts,
  });
  const notMe = createNotMe({
    store,
    clock,
    journal,
    challenges,
    hold: accountRows.hold,
    updateAccount: accountRows.updateAccount,
    endSessions: sessions.endOfAccount,
    forgetKnownBrowsers: knownBrowsers.forgetAll,
    stopCorrections: createStopCorrections({ clock, accounts: allAccounts }),
    tellContacts: warn.tellContacts,
  });
  const checkContacts = createCheckContacts({
    store,
    clock,
    hasSms,
    accounts: accountRows,
    beingReplaced: async (db, accountId) =>
      (await correctionsOf(db, accountId)).flatMap(({ replaces_id: id }) => (id === null ? [] : [id])),
  });

  const accountPage = createAccountPage({
    store,
    journal,
    languages: preset.languages.offered,
    accounts: accountRows,
    isLastContact: isLast,
    waitingContacts: contacts.waiting,
    sessionsOf: sessions.list,
    endSession: sessions.endOther,
    endOtherSessions: sessions.endOfAccount,
    journalOf,
  });
  const changePassword = createChangePassword({
    store,
    journal,
    challenges,
    passwordAgain,
    hashPassword: hashing.hash,
    failedPasswordRules,
    accounts: allAccounts,
    holdSignedIn,
    renewSession: sessions.renew,
    endOtherSessions: sessions.endOfAccount,
    tellContacts: warn.tellContacts,
  });

  return {
    identifierOf,
    holdSignedIn,
    tellContacts: warn.tellContacts,
    tellReached: warn.tellReached,
    warn: warn.warn,
    contacts,
    resolveVerify,
    proveContact,
    notMe,
    checkContacts,
    accountPage,
    changePassword,
  };
}
