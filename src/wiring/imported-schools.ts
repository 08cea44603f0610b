import * as establishmentRows from "../school/establishments/establishments.store.ts";
import type { Schools } from "../school/registry-import/known-schools.ts";

/** What an import needs of the establishments. */
export const importedSchools: Schools = {
  findByCode: establishmentRows.findByCode,
  findMany: establishmentRows.findEstablishments,
  classesOfMany: establishmentRows.classesOfMany,
  ensureClasses: establishmentRows.ensureClasses,
  classKey: establishmentRows.classKey,
  putMemberships: establishmentRows.putMemberships,
  leaveMemberships: establishmentRows.leaveMemberships,
  membershipsOfMany: establishmentRows.everyMembershipOf,
  putPeople: establishmentRows.putSchoolPeople,
  findPeople: establishmentRows.findSchoolPeople,
};
