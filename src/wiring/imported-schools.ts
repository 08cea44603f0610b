import * as establishmentRows from "../school/establishments/establishments.store.ts";
import { treeLock } from "../school/establishments/establishments.ts";
import type { Schools } from "../school/registry-import/known-schools.ts";
import { oneAtATime } from "../store/abilities.ts";
import type { Tx } from "../store/store.ts";

/** What people are called may have changed; told in the transaction that says so. */
export type NamesPut = (tx: Tx, accountIds: readonly string[]) => Promise<void>;

/** What an import needs of the establishments. */
export const importedSchools = (namesPut: NamesPut): Schools => ({
  findByCode: establishmentRows.findByCode,
  findMany: establishmentRows.findEstablishments,
  classesOfMany: establishmentRows.classesOfMany,
  async ensureClasses(tx, classes, made) {
    await oneAtATime(tx, treeLock);
    return establishmentRows.ensureClasses(tx, classes, made);
  },
  classKey: establishmentRows.classKey,
  putMemberships: establishmentRows.putMemberships,
  leaveMemberships: establishmentRows.leaveMemberships,
  membershipsOfMany: establishmentRows.everyMembershipOf,
  async putPeople(tx, people) {
    await establishmentRows.putSchoolPeople(tx, people);
    await namesPut(
      tx,
      people.map((person) => person.account_id),
    );
  },
  findPeople: establishmentRows.findSchoolPeople,
});
