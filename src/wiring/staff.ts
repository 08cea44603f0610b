import { secondFactorJobs } from "../access/second-factor/second-factor.jobs.ts";
import { secondFactorRoutes } from "../access/second-factor/second-factor.routes.tsx";
import { createSecondFactor } from "../access/second-factor/second-factor.ts";
import { createSecondFactorReset } from "../access/second-factor/second-factor-reset.ts";
import { signBrowserIn } from "../access/sessions/sessions.routes.tsx";
import * as accountRows from "../accounts/accounts.store.ts";
import type { DeskDeps } from "../desk/roles/desk.ts";
import { type DeskNews, homeRoutes } from "../desk/roles/home.routes.tsx";
import { createRoles } from "../desk/roles/roles.ts";
import { staffRoutes } from "../desk/roles/staff.routes.tsx";
import { createStaffRules } from "../desk/roles/staff.ts";
import * as journalRows from "../journal/journal.store.ts";
import { placesOf } from "../school/establishments/walls.store.ts";
import type { AccountParts } from "./account.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Part } from "./part.ts";
import type { Recovery } from "./recovery.ts";

/** The roles of staff: needed at the door, which sends staff on to their desk. */
export function wireRoles({ clock, ids, preset }: Ground) {
  return createRoles({ clock, ids, preset, findAccount: accountRows.findById, placesOf });
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
  const { clock, random, ids, keys, preset, store, journal } = ground;
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
  const rules = createStaffRules({
    store,
    clock,
    preset,
    journal,
    budgets,
    roles,
    accounts: allAccounts,
    invite: recovery.activation.invite,
    endChallenges: challenges.endOfAccount,
    endSessions: sessions.endOfAccount,
    secondFactor: {
      setUpAt: async (db, accountId) => (await factor.state(db, accountId))?.setUpAt ?? null,
      waitingUntil: reset.waitingUntil,
      askReset: reset.ask,
      keep: reset.keepByStaff,
    },
    tellContacts,
  });

  const gate: DeskDeps = {
    staffOf: (person) => roles.staffOf(store, person),
    hasSecondFactor: (accountId) => factor.isSetUp(store, accountId),
  };
  const part: Part = {
    ...secondFactorJobs({ reset, clock, keptForDays: preset.retention.journalDays }),
    routes(http, desk) {
      homeRoutes(desk, {
        news: neighbours.news,
        roleNames: (staff, locale) =>
          staff.roles.flatMap((id) => {
            const role = roles.roleOf(id);
            return role ? [rules.nameOf(role, locale)] : [];
          }),
        resetAt: (accountId) => reset.waitingUntil(store, accountId),
      });
      staffRoutes(desk, { clock, preset, rules });
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
