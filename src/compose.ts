import type { Resolver } from "./outbox/requests.ts";
import { wireAccount } from "./wiring/account.ts";
import { wireDoor } from "./wiring/door.ts";
import { wireFoundations } from "./wiring/foundations.ts";
import { wireGround } from "./wiring/ground.ts";
import { wireOperator } from "./wiring/operator.ts";
import { wirePages } from "./wiring/pages.ts";
import { wireRecovery } from "./wiring/recovery.ts";
import { wireTrial } from "./wiring/trial.ts";
import { type Work, wireWork } from "./wiring/work.ts";
import type { World } from "./wiring/world.ts";

export type Portal = Awaited<ReturnType<typeof compose>>;

/**
 * The one wiring list: each part is given the parts above it, and its own file in `wiring/` says what every
 * room of it is, and what that room is given of its neighbours. Nothing listens and no worker runs until the
 * caller says so.
 */
export async function compose(world: World) {
  // What is made of the world alone: database, keys, words, channels, passwords, journal, metrics.
  const ground = await wireGround(world);
  const { config, channels, store } = ground;

  // What every capability stands on: accounts, budgets, outbox, challenges, requests, sessions.
  // A request that a form commits is resolved by a room wired further down, in a turn of the worker that is
  // wired after them: both are looked up when needed, which is never before `compose` has come past them.
  const foundations = wireFoundations(ground, {
    wake: () => work.worker.wake(),
    resolvers: () => resolvers,
  });

  // The capabilities: one's own account, coming in, and coming back.
  const account = wireAccount(ground, foundations);
  const door = wireDoor(ground, foundations, { afterSignIn: account.checkContacts.afterSignIn });
  const recovery = wireRecovery(ground, foundations, door);

  // Who resolves what strangers ask for, by the kind of request (promise 2).
  const resolvers: Record<string, Resolver> = ground.metrics.countResolutions({
    "registration.sign-up": door.resolveSignUp,
    "lockout.locked": door.lockoutResolvers["lockout.locked"],
    "lockout.asked": door.lockoutResolvers["lockout.asked"],
    "contacts.verify": account.resolveVerify,
    "identifier-recall.ask": recovery.resolveRecall,
    "recovery.ask": recovery.resolveRecovery,
  });

  // What runs by itself: jobs, requests, messages.
  const work: Work = wireWork(ground, foundations);

  // What people and machines see, and what the operator's command line does.
  const { http, legal } = await wirePages(ground, foundations, { door, recovery, account }, work);
  const operator = wireOperator(ground, foundations, {
    lockout: door.lockout,
    activation: recovery.activation,
    legal,
  });
  if (config.isDemo) await wireTrial(ground, foundations, { lockout: door.lockout, http });

  return {
    app: http.app,
    store,
    worker: work.worker,
    config,
    operator,
    async close() {
      work.readiness.drain();
      await http.app.close();
      await work.worker.stop();
      await channels.email.close();
      await channels.sms?.close();
      await store.close();
    },
  };
}
