import type { Logger } from "pino";
import { createBudgets } from "./access/budgets/budgets.ts";
import { createChallenges } from "./access/challenges/challenges.ts";
import { confirmationMessages } from "./access/confirmation/confirmation.messages.tsx";
import { confirmationRoutes } from "./access/confirmation/confirmation.routes.tsx";
import { createConfirmation } from "./access/confirmation/confirmation.ts";
import { listPasswordRules } from "./access/password-rule-list.ts";
import { registrationMessages } from "./access/registration/registration.messages.tsx";
import {
  askAgainAnswer,
  registrationRoutes,
  waitingAnswer,
} from "./access/registration/registration.routes.tsx";
import { createRegistration } from "./access/registration/registration.ts";
import { createSignUpResolver } from "./access/registration/registration.worker.ts";
import { createSessions } from "./access/sessions/sessions.ts";
import { truthMessages } from "./access/truth/truth.messages.tsx";
import { createTruth } from "./access/truth/truth.ts";
import * as accountRows from "./accounts/accounts.store.ts";
import { createAccounts } from "./accounts/accounts.ts";
import {
  createPasswordHashing,
  defaultHashParameters,
  type HashParameters,
} from "./accounts/passwords/password-hash.ts";
import { createPasswordRules } from "./accounts/passwords/password-rules.ts";
import type { Config } from "./config/config.ts";
import { createDelivery, openChannels } from "./delivery.ts";
import { createHttp } from "./http/server.ts";
import { createRangeCheck } from "./http/source.ts";
import type { Visit } from "./http/visit.ts";
import { createTranslations } from "./i18n/translations.ts";
import { createJournal } from "./journal/journal.ts";
import type { Clock } from "./kernel/clock.ts";
import { createIds } from "./kernel/ids.ts";
import { createKeys } from "./kernel/keys.ts";
import type { Random } from "./kernel/random.ts";
import * as outboxRows from "./outbox/outbox.store.ts";
import { createOutbox, type Outbox } from "./outbox/outbox.ts";
import { createRequests, type Resolver } from "./outbox/requests.ts";
import { createWorker } from "./outbox/worker.ts";
import { migrate } from "./store/migrate.ts";
import { openStore } from "./store/open.ts";
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
  const store = openStore(config);
  await migrate(store, root, clock);
  const translations = createTranslations(root, config.timezone, preset.languages.offered);
  const assets = loadAssets(root);
  const channels = openChannels(config, store, clock, log);
  const onFault = (cause: unknown, what: string) => {
    log.error({ err: cause, what }, "fault in the worker");
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

  // Outbox and journal
  const journal = createJournal({ clock, ids });
  const delivery = createDelivery({ config, translations, assets, channels, templates });
  const outbox: Outbox = createOutbox({
    store,
    clock,
    random,
    ids,
    keys,
    routeOf: delivery.routeOf,
    deliver: delivery.deliver,
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
    resolvers: () => resolvers,
    wake: () => wake(),
    onFault,
  });

  // Accounts and what every capability stands on
  const accounts = createAccounts({ clock, ids, preset });
  const budgets = createBudgets({
    clock,
    keys,
    limits: preset.limits,
    alarm: (name) => log.warn({ limit: name }, "a limit of the whole service is reached"),
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
    startSession: (tx, caller, accountId) =>
      sessions.start(tx, caller, { accountId, isRemembered: false, knownBrowserId: null }),
  });

  const worker = createWorker({
    turns: [
      { name: "requests", turn: requests.resolveDue },
      { name: "messages", turn: outbox.sendDue },
    ],
    restMs: 1000,
    onFault,
  });
  wake = worker.wake;

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
    onAnswer: () => {},
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
    signBrowserIn: (visit, session) =>
      visit.cookies.set("session", session.cookiePlain, session.maxAgeSeconds ?? undefined),
    waitingAnswer: (visit, errors) => waitingAnswer(visit, registrationDeps, errors),
    askAgain: (visit, typed) => askAgainAnswer(visit, registrationDeps, typed),
  });

  return {
    app: http.app,
    store,
    worker,
    config,
    async close() {
      await http.app.close();
      await worker.stop();
      await channels.email.close();
      await channels.sms?.close();
      await store.close();
    },
  };
}
