import { createDesk } from "./desk/roles/desk.ts";
import { addressOfSource, createRangeCheck } from "./http/source.ts";
import type { Resolver } from "./outbox/requests.ts";
import { wireAccount } from "./wiring/account.ts";
import { wireArticles } from "./wiring/articles.ts";
import { wireCases, wireContact } from "./wiring/cases.ts";
import { wireChat } from "./wiring/chat.ts";
import { wireDiagnosis } from "./wiring/diagnosis.ts";
import { type Door, wireDoor } from "./wiring/door.ts";
import { wireFamilies } from "./wiring/families.ts";
import { wireFoundations } from "./wiring/foundations.ts";
import { wireGround } from "./wiring/ground.ts";
import { wireInbox } from "./wiring/inbox.ts";
import { wireMailIn } from "./wiring/mail-in.ts";
import { wireOperator } from "./wiring/operator.ts";
import { wirePages } from "./wiring/pages.ts";
import type { Part } from "./wiring/part.ts";
import { wirePeople } from "./wiring/people.ts";
import { wireRecovery } from "./wiring/recovery.ts";
import { wireSchool } from "./wiring/school.ts";
import { wireServiceStatus } from "./wiring/service-status.ts";
import { wireSms } from "./wiring/sms.ts";
import { wireRoles, wireStaff } from "./wiring/staff.ts";
import { wireStatistics } from "./wiring/statistics.ts";
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
    isSlowed: (sourceKey) => isSlowed(addressOfSource(sourceKey)),
    contactProved: (tx, accountId) => families.contactProved(tx, accountId),
    sessionsEnded: (tx, _accountId, sessionIds) => chat.sessionsEnded(tx, sessionIds),
  });

  // The capabilities: one's own account, coming in, and coming back.
  const account = wireAccount(ground, foundations);
  const roles = wireRoles(ground);
  const families = wireFamilies(ground, foundations, {
    roles,
    account,
    door: () => door,
    wake: () => work.worker.wake(),
  });
  const door: Door = wireDoor(ground, foundations, {
    afterSignIn: account.checkContacts.afterSignIn,
    isStaff: roles.isStaff,
    joinedWith: families.joinedWith,
  });
  const recovery = wireRecovery(ground, foundations, {
    ...door,
    joinedWith: families.wentInto,
  });

  // The help and the desk: each part brings its own pages, work and resolvers.
  const staff = wireStaff(ground, foundations, {
    roles,
    account,
    recovery,
    news: () => parts.flatMap(({ news }) => news ?? []),
  });
  const people = wirePeople(ground, foundations, {
    roles,
    account,
    door,
    recovery,
    cases: () => cases.cases,
    parts: () => parts.flatMap(({ personParts }) => personParts ?? []),
  });
  const cases = wireCases(ground, foundations, {
    roles,
    correctContact: people.corrections.putWithin,
  });
  const inbox = wireInbox(ground, foundations, {
    cases: cases.cases,
    people,
    readAttachment: cases.attachments.read,
  });
  const mailIn = wireMailIn(ground, foundations, {
    ...cases,
    wake: () => work.worker.wake(),
  });
  const status = wireServiceStatus(ground, {
    http: () => http,
    isMailInOpen: () => mailIn.listener && mailIn.listener.fault() === null,
  });
  const { currentNotices } = status;
  // The chat stands on the contact form, which offers it: asked only when a page is shown.
  const isChatOpen = async () => (await chat.chatState()).isOpen;
  const articles = wireArticles(ground, foundations, { currentNotices, isChatOpen });
  const diagnosis = wireDiagnosis(ground, foundations, {
    lockout: door.lockout,
    opensBy: recovery.activation.opensBy,
    status: status.status,
    currentNotices,
    articlesAbout: async (symptom, locale) =>
      (await articles.articles.forSymptom(symptom, locale)).map(({ slug, title }) => ({
        href: `/help/${slug}`,
        title,
      })),
  });
  const contact = wireContact(ground, foundations, {
    ...cases,
    articles: articles.articles,
    readDiagnosis: diagnosis.readDiagnosisTrail,
    currentNotices,
    isChatOpen,
  });
  const chat = wireChat(ground, foundations, { cases: cases.cases, ...contact });
  const school = wireSchool(ground, foundations, {
    roles,
    account,
    people,
    families,
    wake: () => work.worker.wake(),
  });
  await school.networks?.refresh();
  const isSlowed = school.networks?.isSlowed ?? createRangeCheck(ground.preset.slowedAddresses);
  const parts: Part[] = [
    articles.part,
    diagnosis.part,
    status.part,
    staff.part,
    people.part,
    cases.part,
    inbox.part,
    contact,
    mailIn.part,
    chat.part,
    wireSms(ground, foundations),
    families.part,
    ...school.parts,
    wireStatistics(ground, foundations, { roles, door }),
  ];

  // Who resolves what strangers ask for, by the kind of request (promise 2).
  const resolvers: Record<string, Resolver> = ground.metrics.countResolutions({
    "registration.sign-up": door.resolveSignUp,
    "lockout.locked": door.lockoutResolvers["lockout.locked"],
    "lockout.asked": door.lockoutResolvers["lockout.asked"],
    "contacts.verify": account.resolveVerify,
    "identifier-recall.ask": recovery.resolveRecall,
    "recovery.ask": recovery.resolveRecovery,
    ...Object.assign({}, ...parts.map(({ resolvers: own }) => own)),
  });

  // What runs by itself: jobs, requests, messages.
  const work: Work = wireWork(ground, foundations, parts);

  // What people and machines see, and what the operator's command line does.
  const { http, legal } = await wirePages(
    ground,
    foundations,
    {
      door,
      recovery,
      account,
      roles,
      currentNotices,
      letterAnswer: school.letterAnswer,
      accountParts: parts.flatMap(({ accountParts }) => accountParts ?? []),
      isSlowed,
    },
    work,
  );
  const desk = createDesk(http, staff.gate);
  for (const part of parts) part.routes(http, desk);
  const operator = wireOperator(ground, foundations, {
    lockout: door.lockout,
    activation: recovery.activation,
    legal,
    account,
    families,
    roles,
    factor: staff.factor,
    reset: staff.reset,
  });
  if (config.isDemo) {
    await wireTrial(ground, foundations, { lockout: door.lockout, http, roles, factor: staff.factor });
  }

  return {
    app: http.app,
    store,
    worker: work.worker,
    config,
    operator,
    /** Every route of the desk with the act it needs: what the table of who may what is tested by. */
    deskRoutes: desk.routes,
    /** What can wait until people are let in. */
    afterOpening: articles.afterOpening,
    /** Where mail arrives; null where none is received. Like the pages, it listens when the caller says so. */
    inboundMail: mailIn.listener,
    /** Files of schools, for the command line; none where the preset knows no pupils. */
    schoolFiles: school.files,
    /** The rules of cases, for whoever opens them without a page. */
    cases: cases.cases,
    async close() {
      work.readiness.drain();
      await mailIn.listener?.close();
      await http.app.close();
      await work.worker.stop();
      await school.networks?.close();
      await channels.email.close();
      await channels.sms?.close();
      await store.close();
    },
  };
}
