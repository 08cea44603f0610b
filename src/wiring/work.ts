import * as budgetRows from "../access/budgets/budgets.store.ts";
import * as challengeRows from "../access/challenges/challenges.store.ts";
import * as knownBrowserRows from "../access/known-browsers/known-browsers.store.ts";
import * as lockoutRows from "../access/lockout/lockout.store.ts";
import { createRegistrationJobs } from "../access/registration/registration.jobs.ts";
import * as sessionRows from "../access/sessions/sessions.store.ts";
import * as accountRows from "../accounts/accounts.store.ts";
import * as journalRows from "../journal/journal.store.ts";
import { second } from "../kernel/clock.ts";
import { createJobs, type Job } from "../operate/jobs.ts";
import { createReadiness } from "../operate/readiness.ts";
import { createRetention } from "../operate/retention.ts";
import * as outboxRows from "../outbox/outbox.store.ts";
import * as requestRows from "../outbox/requests.store.ts";
import { createWorker, type Turn } from "../outbox/worker.ts";
import type { Tx } from "../store/store.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";

export type Work = ReturnType<typeof wireWork>;

/** What a part of the portal does by itself, beside what its pages do. */
export interface OwnWork {
  jobs?: Job[];
  /** Turns of the worker, for what must follow at once. */
  turns?: Turn[];
  /** Forgets what is too old, each in a transaction of its own. */
  forget?: ((tx: Tx) => Promise<void>)[];
  /** Forgets what names people whose closed accounts lose their names, in the transaction that takes them. */
  forgetPeople?: (tx: Tx, accountIds: string[]) => Promise<void>;
  /** Words for what keeps it from doing its work: `/readyz` shows them. */
  faults?: () => string[];
}

/** What runs by itself: jobs that come round, what is forgotten in time, and the worker with its turns. */
export function wireWork(ground: Ground, foundations: Foundations, parts: OwnWork[]) {
  const { preset, root, clock, ids, store, journal, onFault } = ground;
  const { allAccounts, outbox, challenges, requests } = foundations;

  const registrationJobs = createRegistrationJobs({
    store,
    clock,
    preset,
    journal,
    outbox,
    challenges,
    accounts: allAccounts,
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
      async closedAccounts(tx, closedBefore) {
        const forgotten = await accountRows.pseudonymiseClosed(tx, closedBefore);
        for (const { forgetPeople } of parts) await forgetPeople?.(tx, forgotten);
      },
    },
    more: parts.flatMap(({ forget }) => forget ?? []),
  });
  const jobs = createJobs({
    store,
    clock,
    ids,
    jobs: [
      // Removed before reminded, and both before anybody's request is resolved: the truth is told as it is
      // now.
      { name: "registration.remove", everySeconds: 600, run: registrationJobs.removeUnfinished },
      { name: "registration.remind", everySeconds: 600, run: registrationJobs.remindUnfinished },
      { name: "operate.forget-old", everySeconds: 3600, run: forgetOld },
      ...parts.flatMap(({ jobs: own }) => own ?? []),
    ],
    onFault,
  });

  const lines = (channel: outboxRows.MessageChannel, count: number): Turn[] =>
    Array.from({ length: count }, (_, line) => ({
      name: `messages ${channel} ${line + 1}`,
      turn: () => outbox.sendDue(channel),
    }));
  const worker = createWorker({
    turns: [
      { name: "jobs", turn: jobs.runDue },
      { name: "requests", turn: requests.resolveDue },
      // Several at once, so that one slow mail server does not hold back what goes elsewhere; and each channel its
      // own, so that a slow provider of SMS holds back no e-mail.
      ...lines("email", 5),
      ...lines("sms", 3),
      ...parts.flatMap(({ turns }) => turns ?? []),
    ],
    restMs: 1000,
    onFault,
  });
  const readiness = createReadiness({
    store,
    root,
    isWorkerAlive: worker.isAlive,
    faultsOfParts: () => parts.flatMap(({ faults }) => faults?.() ?? []),
  });

  return { worker, readiness };
}
