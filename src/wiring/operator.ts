import { createRecordAct } from "../desk/roles/establishment-acts.ts";
import { createAccountActs } from "../operate/account-acts.ts";
import { createHeldMessages } from "../operate/held-messages.ts";
import { listOperatorWarnings } from "../operate/operator-warnings.ts";
import * as outboxRows from "../outbox/outbox.store.ts";
import type { AccountParts } from "./account.ts";
import type { Door } from "./door.ts";
import type { FamiliesPart } from "./families.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Pages } from "./pages.ts";
import type { Recovery } from "./recovery.ts";
import { findByTypedCode, wireRolePlaces } from "./role-places.ts";
import type { StaffPart, wireRoles } from "./staff.ts";

/** The operator's hand: what the command line does with accounts and messages. */
export function wireOperator(
  ground: Ground,
  foundations: Foundations,
  rooms: Pick<Door, "lockout"> &
    Pick<Recovery, "activation"> &
    Pick<Pages, "legal"> &
    Pick<StaffPart, "factor" | "reset"> & {
      account: Pick<AccountParts, "tellContacts">;
      families: Pick<FamiliesPart, "wentInto">;
      roles: ReturnType<typeof wireRoles>;
    },
) {
  const { config, preset, clock, ids, store, journal } = ground;
  const { allAccounts, challenges, sessions, knownBrowsers } = foundations;
  const { lockout, activation, legal, account } = rooms;

  const places = wireRolePlaces(ground);
  const accountActs = createAccountActs({
    store,
    clock,
    preset,
    recordAct: preset.kinds.includes("pupil") ? createRecordAct({ journal, ids, clock }) : journal.record,
    accounts: allAccounts,
    invite: (tx, accountId, contactPointId) => activation.invite(tx, accountId, contactPointId, null),
    lockedUntil: lockout.lockedUntil,
    clearLockout: lockout.clearOfAccount,
    listSessions: sessions.list,
    endSessions: sessions.endOfAccount,
    endChallenges: challenges.endOfAccount,
    forgetKnownBrowsers: knownBrowsers.forgetAll,
    roles: rooms.roles,
    establishments: places && {
      ...places,
      findByCode: async (db, typed) => {
        const place = await findByTypedCode(db, typed);
        return place?.isOpen ? place : null;
      },
    },
    tellRole: (tx, made, what, role) =>
      account.tellContacts(tx, made, {
        template: what === "taken" && role !== null ? "staff.taken" : "staff.changed",
        params: { role, by: preset.brandName },
      }),
    joinedWith: rooms.families.wentInto,
    hasSecondFactor: rooms.factor.isSetUp,
    resetSecondFactor: rooms.reset.resetNow,
  });
  const heldMessages = createHeldMessages({ store, clock, rows: outboxRows });

  return {
    accounts: accountActs,
    outbox: heldMessages,
    /** What the operator should look at, one sentence each. */
    warnings: () =>
      listOperatorWarnings({
        config,
        countHeld: heldMessages.count,
        listUnfilled: legal.listUnfilled,
        countNowhere: () => rooms.roles.countNowhere(store),
      }),
    /** Sends the link by which an account that was made for somebody is opened. */
    invite: activation.invite,
  };
}
