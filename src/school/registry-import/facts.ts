import type { Asked } from "../../store/store.ts";
import type { Known } from "./compare.ts";
import type { KnownSchool, SchoolMembership, Schools } from "./known-schools.ts";
import { findAccounts, findContacts, type KnownAccount } from "./registry.store.ts";

/** What is known of an account in one school, to be compared with what its registry says. */
export interface Facts extends Known {
  accountId: string;
  account: KnownAccount;
  membership: SchoolMembership | null;
}

/** What is asked of other rooms about people whom a registry knows. */
export interface FactsDeps {
  schools: Schools;
  /** Those of these accounts that have a role on the desk. */
  staffAmong(db: Asked, accountIds: string[]): Promise<string[]>;
}

/** Of some hundred accounts at once; those that do not exist are left out. */
export async function readFacts(
  db: Asked,
  { schools, staffAmong }: FactsDeps,
  asked: { establishmentId: string; accountIds: string[]; now: number },
): Promise<Map<string, Facts>> {
  const { establishmentId, now } = asked;
  const ids = [...new Set(asked.accountIds)];
  if (ids.length === 0) return new Map();
  const [accounts, people, contacts, memberships, classes, staff] = await Promise.all([
    findAccounts(db, ids),
    schools.findPeople(db, ids),
    findContacts(db, ids),
    schools.membershipsOfMany(db, ids),
    schools.classesOfMany(db, [establishmentId]),
    staffAmong(db, ids),
  ]);
  const isStaff = new Set(staff);
  const classById = new Map(classes.map((row: KnownSchool) => [row.id, row]));
  const here = new Map(
    memberships
      .filter((row) => row.establishment_id === establishmentId)
      .map((row) => [row.account_id, row] as const),
  );
  const facts = new Map<string, Facts>();
  for (const [accountId, account] of accounts) {
    const person = people.get(accountId);
    const membership = here.get(accountId) ?? null;
    const classId = membership?.left_at === null ? membership.class_id : null;
    const inClass = classId === null ? undefined : classById.get(classId);
    facts.set(accountId, {
      accountId,
      account,
      membership,
      name: account.name,
      surname: person?.surname ?? "",
      firstName: person?.first_name ?? "",
      birthDate: person?.birth_date ?? null,
      postal: person?.postal ?? null,
      acceptsSms: person?.accepts_sms == null ? null : person.accepts_sms === 1,
      classCode: inClass?.code ?? null,
      className: inClass?.name ?? null,
      contacts: contacts.get(accountId) ?? [],
      isStaff: isStaff.has(accountId),
      isFrozen: account.contacts_frozen_until !== null && account.contacts_frozen_until > now,
    });
  }
  return facts;
}
