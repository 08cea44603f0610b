import { type AccountPart, accountPageRoutes } from "../access/account-page/account-page.routes.tsx";
import { activationRoutes } from "../access/activation/activation.routes.tsx";
import { confirmationRoutes } from "../access/confirmation/confirmation.routes.tsx";
import { contactsRoutes } from "../access/contacts/contacts.routes.tsx";
import { notMeRoutes } from "../access/contacts/not-me.routes.tsx";
import { recallRoutes } from "../access/identifier-recall/identifier-recall.routes.tsx";
import { type LockoutRoutesDeps, lockedAnswer, lockoutRoutes } from "../access/lockout/lockout.routes.tsx";
import { passwordCheckRoutes } from "../access/password-check/password-check.routes.ts";
import { createPasswordCheck } from "../access/password-check/password-check.ts";
import { listPasswordRules } from "../access/password-rule-list.ts";
import { recoveryRoutes } from "../access/recovery/recovery.routes.tsx";
import {
  askAgainAnswer,
  registrationRoutes,
  waitingAnswer,
} from "../access/registration/registration.routes.tsx";
import { rememberBrowser, sessionRoutes, signBrowserIn } from "../access/sessions/sessions.routes.tsx";
import { signInRoutes } from "../access/sign-in/sign-in.routes.tsx";
import * as accountRows from "../accounts/accounts.store.ts";
import type { Roles } from "../desk/roles/roles.ts";
import type { Answer } from "../http/answer.ts";
import { languageRoute } from "../http/language.ts";
import { createHttp } from "../http/server.ts";
import type { Visit } from "../http/visit.ts";
import { legalRoutes } from "../legal/legal.routes.tsx";
import { createLegal } from "../legal/legal.ts";
import { operateRoutes } from "../operate/operate.routes.ts";
import type { AccountParts } from "./account.ts";
import type { Door } from "./door.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Recovery } from "./recovery.ts";
import type { ServiceStatusPart } from "./service-status.ts";
import type { Work } from "./work.ts";

export type Pages = Awaited<ReturnType<typeof wirePages>>;

/** The server, and every page and machine answer that it gives. */
export async function wirePages(
  ground: Ground,
  foundations: Foundations,
  rooms: {
    door: Door;
    recovery: Recovery;
    account: AccountParts;
    roles: Roles;
    /** The first page of `/activate` where accounts are activated by letter. */
    letterAnswer: ((visit: Visit) => Answer) | undefined;
    /** What other rooms add to a person's own page. */
    accountParts: AccountPart[];
    /** Whether requests from an address are slowed. */
    isSlowed: (address: string) => boolean;
  } & Pick<ServiceStatusPart, "currentNotices">,
  { readiness }: Pick<Work, "readiness">,
) {
  const { config, preset, root, clock, random, ids, keys, log, store, metrics } = ground;
  const { translations, assets, hasSms, passwordRules } = ground;
  const { budgets, sessions } = foundations;
  const { door, recovery, account, currentNotices } = rooms;
  const sender = config.mail.from;
  const newPasswordRules = (visit: Visit, about?: { unlike: string[] }) =>
    listPasswordRules(visit, preset, about);

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
    peekPerson: sessions.peek,
    isSlowed: rooms.isSlowed,
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
    sender,
    registration: door.registration,
    passwordRules: (visit: Visit) => newPasswordRules(visit),
    follow: (visit: Visit) => door.confirmation.follow(visit.caller),
  };
  registrationRoutes(http, registrationDeps);
  confirmationRoutes(http, {
    confirmation: door.confirmation,
    isSignUpOpen: preset.registration.isOpen,
    signBrowserIn,
    waitingAnswer: (visit, errors) => waitingAnswer(visit, registrationDeps, errors),
    askAgain: (visit, typed) => askAgainAnswer(visit, registrationDeps, typed),
  });
  const lockoutDeps: LockoutRoutesDeps = { clock, sender, unlock: door.unlock, rememberBrowser };
  lockoutRoutes(http, lockoutDeps);
  signInRoutes(http, {
    clock,
    preset,
    signIn: door.signIn,
    isActivatedByLetter: rooms.letterAnswer !== undefined,
    signBrowserIn,
    currentNotices,
    lockedAnswer: (visit, locked) => lockedAnswer(visit, lockoutDeps, locked),
  });

  accountPageRoutes(http, {
    clock,
    preset,
    hasSms,
    accountPage: account.accountPage,
    change: account.changePassword,
    passwordRules: (visit, unlike) => newPasswordRules(visit, { unlike }),
    identifierOf: account.identifierOf,
    isStaff: (accountId) => rooms.roles.isStaff(store, accountId),
    parts: rooms.accountParts,
    signBrowserIn,
  });
  contactsRoutes(http, {
    clock,
    preset,
    hasSms,
    sender,
    contacts: account.contacts,
    prove: account.proveContact,
    check: account.checkContacts,
    identifierOf: account.identifierOf,
  });
  notMeRoutes(http, { notMe: account.notMe });

  recoveryRoutes(http, {
    clock,
    preset,
    sender,
    recovery: recovery.recovery,
    replacement: recovery.replacement,
    passwordRules: newPasswordRules,
    currentNotices,
    rememberBrowser,
  });
  recallRoutes(http, { clock, preset, sender, recall: recovery.recall });
  activationRoutes(http, {
    clock,
    preset,
    activation: recovery.activation,
    passwordRules: newPasswordRules,
    ...(rooms.letterAnswer ? { letterAnswer: rooms.letterAnswer } : {}),
  });

  passwordCheckRoutes(http, {
    clock,
    checkPassword: createPasswordCheck({ store, budgets, judge: passwordRules.check }),
    wordsOf: account.changePassword.ownWords,
  });
  sessionRoutes(http, { store, sessions });
  languageRoute(http, {
    offered: preset.languages.offered,
    storeLocale: (accountId, locale) =>
      store.transact((tx) => accountRows.updateAccount(tx, accountId, { locale })),
  });
  const legal = createLegal({ root, preset });
  legalRoutes(http, { read: legal.read, direction: translations.direction });

  return { http, legal };
}
