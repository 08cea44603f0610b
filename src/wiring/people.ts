import { frozenUntil } from "../access/contacts/contacts.ts";
import { maskContact } from "../access/contacts/mask-contact.ts";
import { createActivationResend } from "../access/registration/registration.worker.ts";
import * as accountRows from "../accounts/accounts.store.ts";
import { showPhoneNumber } from "../accounts/addresses/phone-number.ts";
import type { Cases } from "../desk/cases/cases.ts";
import { createActOnPerson } from "../desk/people/act-on-person.ts";
import { createContactCorrections } from "../desk/people/contact-corrections.ts";
import { createInvitePerson } from "../desk/people/invitations.ts";
import { createApproveBrowser } from "../desk/people/pairing.ts";
import { createPeopleJobs } from "../desk/people/people.jobs.ts";
import { type PeopleRoutesDeps, peopleRoutes } from "../desk/people/people.routes.tsx";
import { createPeople } from "../desk/people/people.ts";
import { createPeopleActs } from "../desk/people/people-acts.ts";
import { createPerson } from "../desk/people/person.ts";
import { personActRoutes } from "../desk/people/person-acts.routes.tsx";
import type { Reach, Roles } from "../desk/roles/roles.ts";
import * as journalRows from "../journal/journal.store.ts";
import { day } from "../kernel/clock.ts";
import * as outboxRows from "../outbox/outbox.store.ts";
import { receiptsOf } from "../outbox/receipts.store.ts";
import { personRegistryPart } from "../school/establishments/person-registry.routes.tsx";
import { createPersonRegistry } from "../school/establishments/person-registry.ts";
import { belongsWithin, everybodyWithin } from "../school/establishments/walls.store.ts";
import type { Db } from "../store/store.ts";
import type { AccountParts } from "./account.ts";
import type { Door } from "./door.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Part } from "./part.ts";
import type { Recovery } from "./recovery.ts";

const casesAtMost = 20;

export type PeoplePart = ReturnType<typeof wirePeople>;

/** The people that staff help: finding them, seeing what happened, and putting it right. */
export function wirePeople(
  ground: Ground,
  foundations: Foundations,
  neighbours: {
    roles: Roles;
    account: AccountParts;
    door: Pick<Door, "lockout">;
    recovery: Pick<Recovery, "activation">;
    /** Wired after people, whom it asks to correct a contact point; looked up when a page is opened. */
    cases: () => Pick<Cases, "casesOfAccount" | "maySee">;
    /** What other rooms add to the page of a person; looked up when one is opened. */
    parts: PeopleRoutesDeps["parts"];
  },
) {
  const { preset, clock, ids, store, hasSms, journal } = ground;
  const { accounts, allAccounts, budgets, outbox, challenges, sessions, knownBrowsers } = foundations;
  const { roles, account, door, recovery } = neighbours;
  const { lockout } = door;

  const onPerson = createActOnPerson({
    store,
    journal,
    budgets,
    hold: accountRows.hold,
    mayHelp: roles.mayHelp,
  });
  /** Sessions, known browsers, or a sign-in that the journal remembers. */
  const wasUsed = async (db: Db, accountId: string) =>
    (await sessions.list(db, accountId)).length > 0 ||
    (await knownBrowsers.list(db, accountId)).length > 0 ||
    (await journalRows.newestOf(db, accountId, ["sign-in.done"])) !== null;

  const acts = createPeopleActs({
    clock,
    preset,
    hasSms,
    outbox,
    budgets,
    challenges,
    accounts: allAccounts,
    onPerson,
    mask: maskContact,
    frozenUntil,
    lockedUntil: lockout.lockedUntil,
    clearLockout: lockout.clearOfAccount,
    endSessions: sessions.endOfAccount,
    forgetKnownBrowsers: knownBrowsers.forgetAll,
    wasUsed,
    invite: recovery.activation.invite,
    resendActivation: createActivationResend({ preset, outbox, challenges, accounts }),
    tellContacts: account.tellContacts,
  });
  const corrections = createContactCorrections({
    store,
    clock,
    ids,
    preset,
    hasSms,
    journal,
    budgets,
    challenges,
    accounts: allAccounts,
    onPerson,
    mask: maskContact,
    frozenUntil,
    isSecond: roles.isSecond,
    warn: (tx, { account: told, caller }, points, { what, contact, contactPointId, usableFrom }) =>
      account.warn(tx, told, points, {
        template: "people.contact-corrected",
        context: {
          what,
          contact,
          ...(contactPointId && { contactPointId }),
          askedAt: clock.now(),
          browser: caller.browser,
        },
        params: { browser: null, usableFrom },
      }),
  });
  const approveBrowser = createApproveBrowser({
    clock,
    budgets,
    challenges,
    accounts: accountRows,
    onPerson,
    warn: (tx, { account: told }, points, browser) =>
      account.warn(tx, told, points, {
        template: "people.browser-approved",
        context: { what: "browser-approved", contact: null, askedAt: clock.now(), browser },
        params: { browser },
      }),
  });
  const invitations = createInvitePerson({
    store,
    preset,
    accounts: allAccounts,
    onPerson,
    kindsHelped: (staff) => roles.kindsHelped(staff, "person.invite"),
    kindsHelpedNow: (db, staff) => roles.kindsHelpedNow(db, staff, "person.invite"),
    invite: recovery.activation.invite,
  });
  const people = createPeople({
    store,
    clock,
    preset,
    budgets,
    reachFor: (staff, act) => insideWalls(roles.reachFor(staff, act)),
    staffAmong: roles.staffAmong,
    lockedIdentifiers: lockout.lockedIdentifiers,
    lockedSince: journalRows.lockedSince,
    isHeld: accountRows.isHeld,
    findRemoved: accountRows.findRemoved,
    findSuppression: outboxRows.findSuppression,
    messagesTo: outboxRows.listOfRecipient,
    existing: accountRows.listExisting,
  });
  const person = createPerson({
    store,
    clock,
    preset,
    journal,
    actsFor: roles.actsFor,
    seesWhole: roles.seesWhole,
    accounts: accountRows,
    mask: maskContact,
    showNumber: (e164) => showPhoneNumber(e164, preset.phoneCountry),
    frozenUntil,
    correctionsOf: corrections.waitingOf,
    locksOf: lockout.locksOf,
    sessionsOf: sessions.list,
    knownBrowsersOf: knownBrowsers.list,
    waysOf: acts.waysOf,
    isUnused: acts.isUnused,
    newestOf: journalRows.newestOf,
    journalOf: journalRows.listOfAccount,
    linesSince: journalRows.linesSince,
    messagesOf: outboxRows.listOfAccount,
    attemptsOf: outboxRows.attemptsOf,
    receiptsOf,
  });

  const registry = createPersonRegistry({
    store,
    wallsOf(staff, act, kind) {
      const { kinds, within } = roles.reachFor(staff, act);
      if (kinds.includes(kind)) return null;
      return within.filter((one) => one.kinds.includes(kind)).map(({ establishmentId }) => establishmentId);
    },
  });
  const hasSchools = preset.kinds.includes("pupil");

  const part: Part = {
    personParts: hasSchools ? [personRegistryPart(registry)] : [],
    jobs: createPeopleJobs({ store, clock, settleCorrections: corrections.settleDue }),
    forget: [(tx) => corrections.forget(tx, clock.now() - preset.retention.journalDays * day)],
    routes(_http, desk) {
      const casesOf: PeopleRoutesDeps["casesOf"] = async (visit, staff, accountId) => {
        if (!staff.may.has("cases.see") && !staff.may.has("cases.see-all")) return null;
        const { casesOfAccount, maySee } = neighbours.cases();
        const cases = await casesOfAccount(store, accountId, casesAtMost);
        return cases
          .filter((row) => maySee(staff, row))
          .map(({ id, number, subject, status, opened_at: at }) => ({
            id,
            title: `${number} ${subject}`,
            state: visit.t(`inbox.status.${status}`),
            at,
          }));
      };
      const { parts } = neighbours;
      const placesOf: PeopleRoutesDeps["placesOf"] = async (staff, found) =>
        hasSchools ? registry.placesOf(staff, found) : new Map();
      peopleRoutes(desk, { clock, preset, hasSms, people, person, placesOf, invitations, casesOf, parts });
      personActRoutes(desk, { clock, preset, hasSms, person, acts, corrections, approveBrowser });
    },
  };
  return { part, people, person, acts, corrections };
}

/** The walls at which a search ends, as the store of people asks for them. */
const insideWalls = ({ kinds, within }: Reach) => ({
  kinds,
  inside: within.map(({ establishmentId, kinds: helped }) => ({
    kinds: helped,
    belongs: belongsWithin(establishmentId),
    members: everybodyWithin(establishmentId),
  })),
});
