import { createBudgets } from "../access/budgets/budgets.ts";
import { createSmsCeilings } from "../access/budgets/sms-ceilings.ts";
import { createChallenges } from "../access/challenges/challenges.ts";
import { createKnownBrowsers } from "../access/known-browsers/known-browsers.ts";
import { createSessions } from "../access/sessions/sessions.ts";
import { createTruth } from "../access/truth/truth.ts";
import * as accountRows from "../accounts/accounts.store.ts";
import { createAccounts } from "../accounts/accounts.ts";
import { countryOfNumber } from "../accounts/addresses/phone-number.ts";
import { smsCountriesOf } from "../config/sms-countries.ts";
import { createDelivery } from "../delivery.ts";
import { createDayOf } from "../i18n/moment.ts";
import type { Caller } from "../kernel/caller.ts";
import * as outboxRows from "../outbox/outbox.store.ts";
import { createOutbox, type Outbox, outcomeOf } from "../outbox/outbox.ts";
import { createReceipts, reasonOfReceipts } from "../outbox/receipts.ts";
import { createRequests, type Resolver } from "../outbox/requests.ts";
import type { Tx } from "../store/store.ts";
import type { Ground } from "./ground.ts";
import { templates } from "./templates.ts";

/** What is wired after the foundations; asked for only once something is sent or resolved. */
interface Later {
  /** Something was committed that may be due. */
  wake(): void;
  /** By the kind of request that each resolves. */
  resolvers(): Record<string, Resolver>;
  /** Whether a source, as `sourceKeyOf` names it, is a whole school or the like: slowed, never blocked (promise 6). */
  isSlowed(sourceKey: string): boolean;
  /** A contact point of an account was proved; in the same transaction. */
  contactProved(tx: Tx, accountId: string): Promise<void>;
  /** Sessions ended, for whoever kept something with them; in the same transaction. */
  sessionsEnded(tx: Tx, accountId: string, sessionIds: string[]): Promise<void>;
}

export type Foundations = ReturnType<typeof wireFoundations>;

/** What every capability stands on: accounts, limits, messages, challenges, requests, sessions, browsers. */
export function wireFoundations(ground: Ground, later: Later) {
  const { config, preset, clock, random, ids, keys, log, store, metrics, onFault } = ground;
  const { translations, assets, channels } = ground;

  const accounts = createAccounts({ clock, ids, preset, contactProved: later.contactProved });
  const counters = createBudgets({
    clock,
    keys,
    limits: preset.limits,
    alarm(name) {
      log.warn({ limit: name }, "a limit of the whole service is reached");
      metrics.alarmed(name);
    },
  });
  // Every SMS that somebody causes is spent through these: by country, number, source and in all.
  const ceilings = createSmsCeilings({
    clock,
    budgets: counters,
    countries: smsCountriesOf(preset),
    countryOf: countryOfNumber,
    isSlowed: later.isSlowed,
    dayOf: createDayOf(config.timezone),
    counted: metrics.smsCounted,
  });
  const budgets = { ...counters, ...ceilings };

  const receipts = createReceipts({
    clock,
    addressRefused: accounts.declareDead,
    async addressAnswered(tx, addressKey) {
      for (const { id, dead_reason: reason } of await accountRows.contactPointsAt(tx, addressKey)) {
        if (reason?.startsWith(reasonOfReceipts)) {
          await accountRows.updateContactPoint(tx, id, { dead_since: null, dead_reason: null });
        }
      }
    },
    counted: ({ outcome, reason }) => metrics.smsReceived(outcome, reason ?? "none"),
  });
  // A receipt lost in a power cut leaves the message as « sent », which stays true.
  channels.keepReceipts((route, receipt) => store.transactLightly((tx) => receipts.keep(tx, route, receipt)));

  const delivery = createDelivery({ config, translations, assets, channels, templates });
  // The outbox and the challenges know each other: a message that leaves starts the half hour of its
  // challenge, and a challenge that ends takes back its messages. Neither calls before both are made.
  const outbox: Outbox = createOutbox({
    store,
    clock,
    random,
    ids,
    keys,
    routeOf: delivery.routeOf,
    // A late SMS is a code that fails; a late e-mail has a link that says so, and offers another.
    servesFor: async ({ channel, challengeId }) =>
      channel === "sms" && challengeId ? challenges.servesFor(store, challengeId) : null,
    async deliver(message, servesForSeconds) {
      const result = await delivery.deliver(message, servesForSeconds);
      metrics.attempted(message.channel, delivery.routeOf(message.channel), outcomeOf(result));
      return result;
    },
    messageLeft: async (tx, message, at) => {
      if (message.challengeId) await challenges.messageLeft(tx, message.challengeId, at);
    },
    addressRefused: accounts.declareDead,
    receipts,
    wake: later.wake,
    onFault,
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
  const requests = createRequests({
    store,
    clock,
    random,
    ids,
    keys,
    delay: ground.requestDelay,
    resolvers: later.resolvers,
    wake: later.wake,
    onFault,
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
    sessionsEnded: later.sessionsEnded,
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
    const { known, write } = await knownBrowsers.meet(tx, caller, accountId, caller.knownCookie);
    const { knownBrowserId } = known;
    const [session] = await Promise.all([
      sessions.start(tx, caller, { accountId, isRemembered, knownBrowserId }),
      write(),
    ]);
    return { ...session, known };
  };

  return {
    accounts,
    /** The rules of accounts and their rows; a rule goes before a row's function of the same name. */
    allAccounts: { ...accountRows, ...accounts },
    budgets,
    outbox,
    challenges,
    requests,
    truth,
    sessions,
    knownBrowsers,
    startSession,
  };
}
