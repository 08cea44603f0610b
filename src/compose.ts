import type { Logger } from "pino";
import { accountPageMessages } from "./access/account-page/account-page.messages.tsx";
import { accountPageRoutes } from "./access/account-page/account-page.routes.tsx";
import { createAccountPage } from "./access/account-page/account-page.ts";
import { createChangePassword } from "./access/account-page/change-password.ts";
import { createPasswordAgain } from "./access/account-page/password-again.ts";
import * as budgetRows from "./access/budgets/budgets.store.ts";
import { activationMessages } from "./access/activation/activation.messages.tsx";
import { activationRoutes } from "./access/activation/activation.routes.tsx";
import { createActivation } from "./access/activation/activation.ts";
import { createBudgets } from "./access/budgets/budgets.ts";
import * as challengeRows from "./access/challenges/challenges.store.ts";
import { createChallenges } from "./access/challenges/challenges.ts";
import { confirmationMessages } from "./access/confirmation/confirmation.messages.tsx";
import { confirmationRoutes } from "./access/confirmation/confirmation.routes.tsx";
import { createConfirmation } from "./access/confirmation/confirmation.ts";
import { createCheckContacts } from "./access/contacts/check-contacts.ts";
import { contactsMessages } from "./access/contacts/contacts.messages.tsx";
import { contactsRoutes } from "./access/contacts/contacts.routes.tsx";
import { createContacts } from "./access/contacts/contacts.ts";
import { createVerifyResolver } from "./access/contacts/contacts.worker.ts";
import { notMeRoutes } from "./access/contacts/not-me.routes.tsx";
import { createNotMe } from "./access/contacts/not-me.ts";
import { createProveContact } from "./access/contacts/prove-contact.ts";
import { createWarnContacts } from "./access/contacts/warn-contacts.ts";
import { recallMessages } from "./access/identifier-recall/identifier-recall.messages.tsx";
import { recallRoutes } from "./access/identifier-recall/identifier-recall.routes.tsx";
import { createIdentifierRecall } from "./access/identifier-recall/identifier-recall.ts";
import { createRecallResolver } from "./access/identifier-recall/identifier-recall.worker.ts";
import { createKnownBrowsers } from "./access/known-browsers/known-browsers.ts";
import { lockoutMessages } from "./access/lockout/lockout.messages.tsx";
import { type LockoutRoutesDeps, lockedAnswer, lockoutRoutes } from "./access/lockout/lockout.routes.tsx";
import { createLockout } from "./access/lockout/lockout.ts";
import { createLockoutResolvers } from "./access/lockout/lockout.worker.ts";
import { createUnlock } from "./access/lockout/unlock.ts";
import { passwordCheckRoutes } from "./access/password-check/password-check.routes.ts";
import { createPasswordCheck } from "./access/password-check/password-check.ts";
import * as knownBrowserRows from "./access/known-browsers/known-browsers.store.ts";
import * as lockoutRows from "./access/lockout/lockout.store.ts";
import { listPasswordRules } from "./access/password-rule-list.ts";
import { createPasswordReplacement } from "./access/recovery/password-replacement.ts";
import { recoveryMessages } from "./access/recovery/recovery.messages.tsx";
import { recoveryRoutes } from "./access/recovery/recovery.routes.tsx";
import { createRecovery } from "./access/recovery/recovery.ts";
import { createRecoveryResolver } from "./access/recovery/recovery.worker.ts";
import { registrationMessages } from "./access/registration/registration.messages.tsx";
import { createRegistrationJobs } from "./access/registration/registration.jobs.ts";
import {
  askAgainAnswer,
  registrationRoutes,
  waitingAnswer,
} from "./access/registration/registration.routes.tsx";
import { createRegistration } from "./access/registration/registration.ts";
import { createActivationResend, createSignUpResolver } from "./access/registration/registration.worker.ts";
import { rememberBrowser, sessionRoutes, signBrowserIn } from "./access/sessions/sessions.routes.tsx";
import * as sessionRows from "./access/sessions/sessions.store.ts";
import { createSessions } from "./access/sessions/sessions.ts";
import { signInRoutes } from "./access/sign-in/sign-in.routes.tsx";
import { createSignIn } from "./access/sign-in/sign-in.ts";
import { createSlowLane } from "./access/sign-in/slow-lane.ts";
import { truthMessages } from "./access/truth/truth.messages.tsx";
import { createTruth } from "./access/truth/truth.ts";
import * as accountRows from "./accounts/accounts.store.ts";
import { createAccounts } from "./accounts/accounts.ts";
import { offeredChannels } from "./accounts/reach.ts";
import { showPhoneNumber } from "./accounts/addresses/phone-number.ts";
import { normaliseIdentifier } from "./accounts/addresses/username.ts";
import {
  createPasswordHashing,
  defaultHashParameters,
  type HashParameters,
} from "./accounts/passwords/password-hash.ts";
import { createPasswordRules } from "./accounts/passwords/password-rules.ts";
import { clearCaptured, listCaptured } from "./channels/capture.ts";
import type { Config } from "./config/config.ts";
import { createDelivery, openChannels } from "./delivery.ts";
import { languageRoute } from "./http/language.ts";
import { createHttp } from "./http/server.ts";
import { createRangeCheck } from "./http/source.ts";
import type { Visit } from "./http/visit.ts";
import { createTranslations } from "./i18n/translations.ts";
import { listOfAccount as journalOf } from "./journal/journal.store.ts";
import * as journalRows from "./journal/journal.store.ts";
import { createJournal } from "./journal/journal.ts";
import type { Caller, Person } from "./kernel/caller.ts";
import { type Clock, second } from "./kernel/clock.ts";
import { createIds } from "./kernel/ids.ts";
import { createKeys } from "./kernel/keys.ts";
import type { Random } from "./kernel/random.ts";
import { legalRoutes } from "./legal/legal.routes.tsx";
import { createLegal } from "./legal/legal.ts";
import { createJobs } from "./operate/jobs.ts";
import { releaseAll as releaseJobs } from "./operate/jobs.store.ts";
import * as marks from "./operate/marks.store.ts";
import { createMetrics } from "./operate/metrics.ts";
import { operateRoutes } from "./operate/operate.routes.ts";
import { prepareDatabase } from "./operate/prepare-database.ts";
import { createReadiness } from "./operate/readiness.ts";
import { createRetention } from "./operate/retention.ts";
import { createAccountActs } from "./operate/account-acts.ts";
import { createHeldMessages } from "./operate/held-messages.ts";
import { listOperatorWarnings } from "./operate/operator-warnings.ts";
import * as outboxRows from "./outbox/outbox.store.ts";
import * as requestRows from "./outbox/requests.store.ts";
import { createOutbox, type Outbox } from "./outbox/outbox.ts";
import { createRequests, type Resolver } from "./outbox/requests.ts";
import { createWorker } from "./outbox/worker.ts";
import type { Tx } from "./store/store.ts";
import { loadTrialPeople } from "./trial/load-people.ts";
import { trialRoutes } from "./trial/trial.routes.tsx";
import { loadAssets } from "./ui/assets.ts";
import type { MessageTemplates } from "./ui/message-template.ts";

/** What the world gives; tests give a clock that stands still and cheap hashes. */
export interface World {
  config: Config;
  root: string;
  clock: Clock;
  random: Random;
  log: Logger;
  hashParameters?: HashParameters;
  /** No other process works on this database: what a killed predecessor had taken is free again. */
  isAlone?: boolean;
  /** False beside a running server, under which the schema must not change; default true. */
  mayMigrate?: boolean;
  /** Told of every fault of the worker, beside the log. */
  onFault?: (cause: unknown) => void;
  /** Random wait before what a stranger asked is resolved, in milliseconds. */
  requestDelay?: { from: number; to: number };
}

export type Portal = Awaited<ReturnType<typeof compose>>;

/** Every message that the portal can send. */
const templates: MessageTemplates = {
  ...truthMessages,
  ...registrationMessages,
  ...confirmationMessages,
  ...contactsMessages,
  ...accountPageMessages,
  ...lockoutMessages,
  ...recoveryMessages,
  ...recallMessages,
  ...activationMessages,
};

/**
 * The one wiring list: what every room is, and what it is given of its neighbours. Nothing listens and no worker
 * runs until the caller says so.
 */
export async function compose(world: World) {
  const { config, root, clock, random, log } = world;
  const { preset } = config;

  // Ground
  const ids = createIds(clock, random);
  const keys = createKeys(random, config.secret, config.secretPrevious);
  const store = await prepareDatabase({
    config,
    root,
    clock,
    mayMigrate: world.mayMigrate ?? true,
    hasAccounts: accountRows.hasAny,
    onBackup: (file) => log.info({ file }, "backup made before the migration"),
  });
  if (world.isAlone) {
    await store.transact(async (tx) => {
      await requestRows.releaseAll(tx);
      await outboxRows.releaseAll(tx);
      await releaseJobs(tx);
    });
  }
  const translations = createTranslations(root, config.timezone, preset.languages.offered);
  const assets = loadAssets(root);
  const channels = openChannels(config, store, clock, log);
  const onFault = (cause: unknown, what: string) => {
    log.error({ err: cause, what }, "fault in the worker");
    metrics.faulted();
    world.onFault?.(cause);
  };
  let wake = () => {};

  // Passwords
  const hashing = createPasswordHashing({
    clock,
    parameters: world.hashParameters ?? defaultHashParameters,
  });
  await hashing.prepare();
  const passwordRules = createPasswordRules({ minLength: preset.password.minLength });
  const failedPasswordRules = async (plain: string, unlike: string[]) =>
    (await passwordRules.check(plain, { unlike })).failed;

  const metrics = createMetrics({
    clock,
    countUnsent: () => outboxRows.countUnsent(store),
    oldestWaitingSince: () => outboxRows.oldestWaiting(store, clock.now()),
    hashingWaitMs: hashing.expectedWaitMs,
  });

  // Outbox and journal
  const journal = metrics.countJournal(createJournal({ clock, ids }));
  const delivery = createDelivery({ config, translations, assets, channels, templates });
  const outbox: Outbox = createOutbox({
    store,
    clock,
    random,
    ids,
    keys,
    routeOf: delivery.routeOf,
    async deliver(message) {
      const result = await delivery.deliver(message);
      metrics.attempted(message.channel, delivery.routeOf(message.channel), result.outcome);
      return result;
    },
    messageLeft: async (tx, message, at) => {
      if (message.challengeId) await challenges.messageLeft(tx, message.challengeId, at);
    },
    addressRefused: async (tx, message, detail) => {
      if (message.contactPointId) await accounts.declareDead(tx, message.contactPointId, detail);
    },
    wake: () => wake(),
    onFault,
  });
  const resolvers: Record<string, Resolver> = {};
  const requests = createRequests({
    store,
    clock,
    random,
    ids,
    keys,
    delay: world.requestDelay ?? { from: 100, to: 1500 },
    resolvers: () => metrics.countResolutions(resolvers),
    wake: () => wake(),
    onFault,
  });

  // Accounts and what every capability stands on
  const accounts = createAccounts({ clock, ids, preset });
  const budgets = createBudgets({
    clock,
    keys,
    limits: preset.limits,
    alarm(name) {
      log.warn({ limit: name }, "a limit of the whole service is reached");
      metrics.alarmed(name);
    },
  });
  const challenges = createChallenges({
    store,
    clock,
    random,
    ids,
    keys,
    budgets,
    messages: preset.messages,
    cancelMessages: outbox.cancel,
  });
  const truth = createTruth({
    preset,
    budgets,
    enqueue: outbox.enqueue,
    isSuppressed: outboxRows.isSuppressed,
    findRemoved: accountRows.findRemoved,
  });
  const sessions = createSessions({
    store,
    clock,
    random,
    ids,
    keys,
    limits: preset.sessions,
    sessionsEnded: async () => {},
  });

  const knownBrowsers = createKnownBrowsers({
    clock,
    random,
    ids,
    keys,
    keptForSeconds: preset.sessions.knownBrowserForSeconds,
  });
  /** Signs a browser in, and makes it known with it. */
  const startSession = async (tx: Tx, caller: Caller, accountId: string, isRemembered: boolean) => {
    const known = await knownBrowsers.makeKnown(tx, caller, accountId, caller.knownCookie);
    const { knownBrowserId } = known;
    const session = await sessions.start(tx, caller, { accountId, isRemembered, knownBrowserId });
    return { ...session, known };
  };

  // Registration and confirmation
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
  resolvers["registration.sign-up"] = createSignUpResolver({
    preset,
    journal,
    outbox,
    budgets,
    challenges,
    truth,
    accounts: {
      ...accounts,
      findByIdentifier: accountRows.findByIdentifier,
      updateAccount: accountRows.updateAccount,
    },
    clock,
  });
  const confirmation = createConfirmation({
    store,
    preset,
    journal,
    outbox,
    challenges,
    accounts: { ...accountRows, ...accounts },
    startSession: (tx, caller, accountId) => startSession(tx, caller, accountId, false),
  });

  // Sign-in and lockout
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
  Object.assign(
    resolvers,
    createLockoutResolvers({
      clock,
      preset,
      outbox,
      budgets,
      challenges,
      truth,
      lockout,
      accounts: { ...accountRows, ...accounts },
      isSmsOffered: channels.sms !== null,
    }),
  );
  const signIn = createSignIn({
    store,
    journal,
    budgets,
    passwords: hashing,
    accounts: { ...accountRows, ...accounts },
    lockout: {
      ...lockout,
      commitLock: (tx, caller, context) =>
        lockout.commitUnlockRequest(tx, caller, context, { kind: "lockout.locked", resends: 0 }),
    },
    recognise: knownBrowsers.recognise,
    startSession,
    endSession: sessions.end,
    slowDown: createSlowLane(),
  });

  // Contacts and the account page
  const allAccounts = { ...accountRows, ...accounts };
  const hasSms = channels.sms !== null;
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
  resolvers["contacts.verify"] = createVerifyResolver({
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
    tellContacts: warn.tellContacts,
  });
  const checkContacts = createCheckContacts({ store, clock, hasSms, accounts: accountRows });
  const accountPage = createAccountPage({
    store,
    journal,
    languages: preset.languages.offered,
    accounts: accountRows,
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

  // Work that comes round by itself
  const registrationJobs = createRegistrationJobs({
    store,
    clock,
    preset,
    journal,
    outbox,
    challenges,
    accounts: { ...accountRows, ...accounts },
  });
  const forgetOld = createRetention({
    store,
    clock,
    preset,
    forget: {
      journal: journalRows.forget,
      messages: outboxRows.forget,
      suppressions: outboxRows.forgetSuppressions,
      requests: requestRows.forget,
      challenges: challengeRows.forget,
      sessions: sessionRows.forget,
      knownBrowsers: knownBrowserRows.forget,
      budgets: budgetRows.forget,
      lockoutCounters: (tx) =>
        lockoutRows.forget(tx, clock.now() - preset.lockout.countForgottenAfterSeconds * second, clock.now()),
      removedAddresses: accountRows.forgetRemoved,
      closedAccounts: accountRows.pseudonymiseClosed,
    },
  });
  const jobs = createJobs({
    store,
    clock,
    ids,
    jobs: [
      // Removed before reminded, and both before anybody's request is resolved: the truth is told as it is now.
      { name: "registration.remove", everySeconds: 600, run: registrationJobs.removeUnfinished },
      { name: "registration.remind", everySeconds: 600, run: registrationJobs.remindUnfinished },
      { name: "operate.forget-old", everySeconds: 3600, run: forgetOld },
    ],
    onFault,
  });

  // Recovery, forgotten identifiers, invitations
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
  });
  resolvers["identifier-recall.ask"] = recallResolver.resolveRecall;
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
  resolvers["recovery.ask"] = createRecoveryResolver({
    preset,
    hasSms,
    journal,
    outbox,
    budgets,
    challenges,
    accounts: allAccounts,
    resendActivation: createActivationResend({ preset, outbox, challenges, accounts }),
    inviteAgain: activation.inviteAgain,
    recall: recallResolver.recall,
  });
  const passwordReplacement = createPasswordReplacement({
    store,
    clock,
    preset,
    hasSms,
    journal,
    outbox,
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

  const worker = createWorker({
    turns: [
      { name: "jobs", turn: jobs.runDue },
      { name: "requests", turn: requests.resolveDue },
      // Several at once, so that one slow mail server does not hold back what goes elsewhere.
      ...["a", "b", "c", "d", "e"].map((line) => ({ name: `messages ${line}`, turn: outbox.sendDue })),
    ],
    restMs: 1000,
    onFault,
  });
  wake = worker.wake;
  const readiness = createReadiness({ store, root, isWorkerAlive: worker.isAlive });

  // Pages
  const http = await createHttp({
    config,
    clock,
    random,
    ids,
    keys,
    translations,
    assets,
    log,
    readPerson: sessions.read,
    isSlowed: createRangeCheck(preset.slowedAddresses),
    onAnswer: metrics.answered,
  });
  operateRoutes(http, {
    faultsOfReadiness: readiness.faults,
    isDraining: readiness.isDraining,
    metricsToken: config.metricsToken,
    renderMetrics: metrics.render,
  });
  const registrationDeps = {
    clock,
    preset,
    sender: config.mail.from,
    registration,
    passwordRules: (visit: Visit) => listPasswordRules(visit, preset.password.minLength),
    follow: (visit: Visit) => confirmation.follow(visit.caller),
  };
  registrationRoutes(http, registrationDeps);
  confirmationRoutes(http, {
    confirmation,
    signBrowserIn,
    waitingAnswer: (visit, errors) => waitingAnswer(visit, registrationDeps, errors),
    askAgain: (visit, typed) => askAgainAnswer(visit, registrationDeps, typed),
  });
  const lockoutDeps: LockoutRoutesDeps = { clock, sender: config.mail.from, unlock, rememberBrowser };
  lockoutRoutes(http, lockoutDeps);
  signInRoutes(http, {
    clock,
    preset,
    signIn,
    signBrowserIn,
    lockedAnswer: (visit, locked) => lockedAnswer(visit, lockoutDeps, locked),
    afterSignIn: checkContacts.afterSignIn,
  });
  accountPageRoutes(http, {
    clock,
    preset,
    hasSms,
    accountPage,
    change: changePassword,
    passwordRules: (visit, unlike) => listPasswordRules(visit, preset.password.minLength, { unlike }),
    identifierOf,
    signBrowserIn,
  });
  contactsRoutes(http, {
    clock,
    preset,
    hasSms,
    sender: config.mail.from,
    contacts,
    prove: proveContact,
    check: checkContacts,
    identifierOf,
  });
  notMeRoutes(http, { notMe });
  const newPasswordRules = (visit: Visit, about: { unlike: string[] }) =>
    listPasswordRules(visit, preset.password.minLength, about);
  recoveryRoutes(http, {
    clock,
    preset,
    sender: config.mail.from,
    recovery,
    replacement: passwordReplacement,
    passwordRules: newPasswordRules,
    rememberBrowser,
  });
  recallRoutes(http, { clock, preset, sender: config.mail.from, recall });
  activationRoutes(http, { clock, preset, activation, passwordRules: newPasswordRules });
  passwordCheckRoutes(http, {
    clock,
    checkPassword: createPasswordCheck({ store, budgets, judge: passwordRules.check }),
    wordsOf: changePassword.ownWords,
  });
  sessionRoutes(http, { store, sessions });
  languageRoute(http, {
    offered: preset.languages.offered,
    storeLocale: (accountId, locale) =>
      store.transact((tx) => accountRows.updateAccount(tx, accountId, { locale })),
  });

  const legal = createLegal({ root, preset });
  legalRoutes(http, { read: legal.read, direction: translations.direction });

  // The operator's hand
  const accountActs = createAccountActs({
    store,
    clock,
    preset,
    journal,
    accounts: { ...accountRows, ...accounts },
    invite: (tx, accountId, contactPointId) => activation.invite(tx, accountId, contactPointId, null),
    lockedUntil: lockout.lockedUntil,
    clearLockout: lockout.clearOfAccount,
    listSessions: sessions.list,
    endSessions: sessions.endOfAccount,
    endChallenges: challenges.endOfAccount,
    forgetKnownBrowsers: knownBrowsers.forgetAll,
  });
  const heldMessages = createHeldMessages({ store, clock, rows: outboxRows });

  if (config.isDemo) {
    await loadTrialPeople({
      store,
      preset,
      accounts,
      isLoaded: async () => (await marks.readMark(store, "trial-people")) !== null,
      markLoaded: (tx) => marks.setMark(tx, "trial-people", String(clock.now())),
      hashPassword: hashing.hash,
      disable: (tx, accountId) => accountRows.updateAccount(tx, accountId, { status: "disabled" }),
      keepNickname: async (tx, accountId, nickname) => {
        const key = nickname.toLowerCase();
        const times = { reserved_at: clock.now(), expires_at: null };
        await accountRows.reserveNickname(tx, { key, account_id: accountId, challenge_id: null, ...times });
      },
      async lock(tx, identifier) {
        const key = lockout.counterKey(normaliseIdentifier(identifier), null);
        while ((await lockout.charge(tx, key)).ok);
      },
    });
    trialRoutes(http, {
      preset,
      listMessages: () => listCaptured(store),
      clearMessages: () => clearCaptured(store),
      showNumber: (e164) => showPhoneNumber(e164, preset.phoneCountry),
    });
  }

  return {
    app: http.app,
    store,
    worker,
    config,
    operator: {
      accounts: accountActs,
      outbox: heldMessages,
      /** What the operator should look at, one sentence each. */
      warnings: () =>
        listOperatorWarnings({ config, countHeld: heldMessages.count, listUnfilled: legal.listUnfilled }),
      /** Sends the link by which an account that was made for somebody is opened. */
      invite: activation.invite,
    },
    async close() {
      readiness.drain();
      await http.app.close();
      await worker.stop();
      await channels.email.close();
      await channels.sms?.close();
      await store.close();
    },
  };
}
