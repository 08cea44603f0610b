import { secondFactorJobs } from "../access/second-factor/second-factor.jobs.ts";
import { secondFactorRoutes } from "../access/second-factor/second-factor.routes.tsx";
import { createSecondFactor } from "../access/second-factor/second-factor.ts";
import { createSecondFactorReset } from "../access/second-factor/second-factor-reset.ts";
import { signBrowserIn } from "../access/sessions/sessions.routes.tsx";
import * as accountRows from "../accounts/accounts.store.ts";
import { createCaseTalk } from "../desk/cases/case-talk.ts";
import { createCaseWalls } from "../desk/cases/case-walls.ts";
import { createPutBack } from "../desk/cases/put-back.ts";
import type { DeskDeps } from "../desk/roles/desk.ts";
import { establishmentActsRoutes } from "../desk/roles/establishment-acts.routes.tsx";
import { createEstablishmentActs } from "../desk/roles/establishment-acts.ts";
import { establishmentStaffRoutes } from "../desk/roles/establishment-staff.routes.tsx";
import { createEstablishmentStaff } from "../desk/roles/establishment-staff.ts";
import { type DeskNews, homeRoutes } from "../desk/roles/home.routes.tsx";
import { createRoles } from "../desk/roles/roles.ts";
import { staffRoutes } from "../desk/roles/staff.routes.tsx";
import { createStaffRules } from "../desk/roles/staff.ts";
import { createStaffActs } from "../desk/roles/staff-acts.ts";
import { createStaffInvitations } from "../desk/roles/staff-invitations.ts";
import { workerJobs } from "../desk/roles/workers.jobs.ts";
import * as journalRows from "../journal/journal.store.ts";
import { day } from "../kernel/clock.ts";
import { placesOf } from "../school/establishments/walls.store.ts";
import { makeIdentifiers } from "../school/identifiers/identifiers.ts";
import type { Tx } from "../store/store.ts";
import type { AccountParts } from "./account.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Part } from "./part.ts";
import type { Recovery } from "./recovery.ts";
import { wireRolePlaces } from "./role-places.ts";

/** The roles of staff: needed at the door, which sends staff on to their desk. */
export function wireRoles({ clock, ids, preset }: Ground) {
  return createRoles({ clock, ids, preset, findAccount: accountRows.findById, placesOf });
}

/** `a.diallo` of « Aïcha Diallo », as those of pupils and guardians are made. */
async function makeUsername(tx: Tx, name: string): Promise<string> {
  const [firstName = "", ...surname] = name.split(" ");
  const [made = ""] = await makeIdentifiers(tx, [{ firstName, surname: surname.join(" ") }]);
  return made;
}

export type StaffPart = ReturnType<typeof wireStaff>;

/** Who opens the desk: roles, the second factor, and the pages about staff themselves. */
export function wireStaff(
  ground: Ground,
  { allAccounts, budgets, challenges, sessions }: Foundations,
  neighbours: {
    roles: ReturnType<typeof wireRoles>;
    account: AccountParts;
    recovery: Pick<Recovery, "activation">;
    /** What of the other parts may wait for staff. */
    news: () => DeskNews[];
  },
) {
  const { clock, random, ids, keys, preset, store, journal, config } = ground;
  const { roles, account, recovery } = neighbours;
  const { holdSignedIn, tellContacts } = account;

  const reset = createSecondFactorReset({
    store,
    clock,
    random,
    ids,
    keys,
    journal,
    hold: accountRows.hold,
    mayReset: roles.mayReset,
    endSessions: sessions.endOfAccount,
    tellContacts,
  });
  const factor = createSecondFactor({
    store,
    clock,
    random,
    keys,
    journal,
    budgets,
    brandName: preset.brandName,
    identifiersOf: accountRows.identifiersOf,
    holdSignedIn,
    renewProved: sessions.renewProved,
    forgetProofs: sessions.forgetProofs,
    endOtherSessions: sessions.endOfAccount,
    keepWaiting: reset.keepWaiting,
    newestLineOf: journalRows.newestOf,
    tellContacts,
  });
  const places = wireRolePlaces(ground);
  const { mayAct } = createCaseWalls({
    preset,
    relaysFor: roles.relaysFor,
    wallsFor: roles.wallsFor,
    staffNow: roles.staffNow,
    findPlaces: null,
  });
  const putBack = createPutBack({
    store,
    clock,
    talk: createCaseTalk({ clock, ids }),
    mayAct,
    staffNow: roles.staffNow,
  });
  const acts = createStaffActs({ preset, journal, budgets, hold: accountRows.hold });
  const invitations = createStaffInvitations({
    preset,
    accounts: allAccounts,
    makeUsername: preset.kinds.includes("pupil") ? makeUsername : null,
    invite: recovery.activation.invite,
    endChallenges: challenges.endOfAccount,
  });
  const rules = createStaffRules({
    store,
    clock,
    journal,
    roles,
    acts,
    invitations,
    places,
    timezone: config.timezone,
    accounts: allAccounts,
    endSessions: sessions.endOfAccount,
    rolesEnded: (tx, account) => putBack.putBackOf(tx, account.id),
    secondFactor: {
      setUpAt: async (db, accountId) => (await factor.state(db, accountId))?.setUpAt ?? null,
      waitingUntil: reset.waitingUntil,
      askReset: reset.ask,
      keep: reset.keepByStaff,
    },
    tellContacts,
  });
  const establishmentStaff =
    places &&
    createEstablishmentStaff({
      store,
      clock,
      roles,
      places,
      acts,
      invitations,
      take: rules.take,
      tellContacts,
    });
  const establishmentActs =
    places &&
    createEstablishmentActs({
      store,
      timezone: config.timezone,
      wallsFor: roles.wallsFor,
      mayHelp: roles.mayHelp,
    });

  const gate: DeskDeps = {
    staffOf: (person) => roles.staffOf(store, person),
    hasSecondFactor: (accountId) => factor.isSetUp(store, accountId),
  };
  const factorWork = secondFactorJobs({ reset, clock, keptForDays: preset.retention.journalDays });
  const part: Part = {
    ...factorWork,
    jobs: [
      ...(factorWork.jobs ?? []),
      ...putBack.jobs,
      ...(places ? workerJobs({ store, clock, places }) : []),
    ],
    forget: [
      ...(factorWork.forget ?? []),
      ...(establishmentActs
        ? [(tx: Tx) => establishmentActs.forget(tx, clock.now() - preset.retention.journalDays * day)]
        : []),
    ],
    routes(http, desk) {
      homeRoutes(desk, {
        news: neighbours.news,
        rules,
        resetAt: (accountId) => reset.waitingUntil(store, accountId),
      });
      staffRoutes(desk, { clock, preset, rules });
      if (establishmentStaff) {
        establishmentStaffRoutes(desk, { clock, preset, rules: establishmentStaff, titleOf: acts.titleOf });
      }
      if (establishmentActs) establishmentActsRoutes(desk, { acts: establishmentActs });
      secondFactorRoutes(http, {
        clock,
        store,
        factor,
        reset,
        isStaff: (person) => roles.isStaff(store, person.accountId),
        signBrowserIn,
      });
    },
  };
  return { part, gate, factor, reset };
}
