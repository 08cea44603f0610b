import type { Preset } from "../../config/preset.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Db } from "../../store/store.ts";
import type { Scope } from "./case-walls.ts";
import type { CasePlace, CaseRow } from "./cases.store.ts";
import * as rows from "./inbox.store.ts";

/** Somebody who answers the cases of a relay. */
export interface Colleague {
  accountId: string;
  name: string;
  locale: string;
}

/** Where a case stands, and whose it is. */
type Standing = Pick<CaseRow, "relay"> & CasePlace;

/**
 * Who answers the cases of which relay: everywhere, or inside the establishment at which their role ends.
 *
 * Tables: reads staff_grants, establishments_above. Settings: roles.
 */
export function createInboxStaff(deps: { clock: Clock; preset: Pick<Preset, "roles"> }) {
  const { clock } = deps;

  /** Ids of the roles that answer one of these relays at least, by what they reach. */
  function answering(relays: string[]): { everywhere: string[]; inside: string[] } {
    const roles = deps.preset.roles.filter(
      (role) => role.may.includes("cases.answer") && role.relays.some((id) => relays.includes(id)),
    );
    const idsOf = (reach: Preset["roles"][number]["reach"]) =>
      roles.filter((role) => role.reach === reach).map(({ id }) => id);
    return { everywhere: idsOf("everybody"), inside: idsOf("establishment") };
  }

  const around = ({ establishment_id, academy_id }: CasePlace) => [
    ...new Set([establishment_id, academy_id].filter((id) => id !== null)),
  ];

  /** Those who could take this case, by name. */
  function colleaguesFor(db: Db, row: Standing): Promise<Colleague[]> {
    const { everywhere, inside } = answering([row.relay]);
    return rows.staffOfRoles(db, everywhere, { roles: inside, at: around(row), within: [] }, clock.now());
  }

  return {
    colleaguesFor,

    /** Those to whom some case of a scope may be assigned, by name. */
    async colleaguesIn(db: Db, { relays, within }: Scope): Promise<Colleague[]> {
      const { everywhere } = answering([...relays, ...within.map(({ relay }) => relay)]);
      const { inside } = answering(within.map(({ relay }) => relay));
      const academies = within.filter(({ column }) => column === "academy_id");
      const at = within.flatMap(({ establishmentId, academyId }) =>
        [establishmentId, academyId ?? []].flat(),
      );
      return rows.staffOfRoles(
        db,
        everywhere,
        { roles: inside, at, within: academies.map(({ establishmentId }) => establishmentId) },
        clock.now(),
      );
    },

    /** Whether they could take this case. */
    async isColleague(db: Db, row: Standing, accountId: string): Promise<boolean> {
      const { everywhere, inside } = answering([row.relay]);
      const found = await rows.grantsAmong(db, [accountId], [...everywhere, ...inside], clock.now());
      return found.some(
        ({ role, establishmentId }) =>
          everywhere.includes(role) || (establishmentId !== null && around(row).includes(establishmentId)),
      );
    },

    /** Whether somebody answers this relay at an establishment itself. */
    isAnsweredAt(db: Db, relay: string, establishmentId: string): Promise<boolean> {
      return rows.hasGrantAt(db, answering([relay]).inside, establishmentId, clock.now());
    },

    /** Who answers a relay, and where: everywhere (null), or at one of these establishments. */
    answeringAt(db: Db, relay: string, establishmentIds: string[]) {
      const { everywhere, inside } = answering([relay]);
      return rows.staffWithPlaces(db, everywhere, { roles: inside, at: establishmentIds }, clock.now());
    },
  };
}

export type InboxStaff = ReturnType<typeof createInboxStaff>;
