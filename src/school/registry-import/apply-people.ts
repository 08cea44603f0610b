import type { AccountRow, ContactPointRow } from "../../accounts/accounts.store.ts";
import { insertContactPoint, updateAccount, updateContactPoint } from "../../accounts/accounts.store.ts";
import { contactWaitsFor } from "../../accounts/accounts.ts";
import {
  holdManyAccounts,
  indexManyAccounts,
  insertManyAccounts,
  type MadeAccount,
} from "../../accounts/bulk-accounts.store.ts";
import { insertManyLines } from "../../journal/bulk-journal.store.ts";
import type { JournalRow } from "../../journal/journal.store.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Tx } from "../../store/store.ts";
import { closedByRegistry, type StatusBefore } from "./closings.store.ts";
import { type Change, type ContactPlan, compare, nameOf, type PersonData, postalText } from "./compare.ts";
import { type Facts, type FactsDeps, readFacts } from "./facts.ts";
import type { PersonRow } from "./import-rows.store.ts";
import type { ImportRow } from "./imports.store.ts";
import type { SchoolPerson, Schools } from "./known-schools.ts";
import { isForgotten } from "./plan.ts";
import { findRecords, putRecords, type RecordRow } from "./registry.store.ts";

export interface ApplyPeopleDeps extends FactsDeps {
  clock: Clock;
  ids: Ids;
  /** Language of the accounts that are made. */
  locale: string;
  makeIdentifiers(tx: Tx, people: readonly { firstName: string; surname: string }[]): Promise<string[]>;
  /** Of these accounts, those that became one with another since they were found, with the one that stays. */
  holdersOf(tx: Tx, accountIds: string[]): Promise<Map<string, string>>;
  /**
   * Tells what the person proved, or where they proved nothing what else they are reached by, that a registry brings
   * another contact point, and from when it serves (null: at once). Before anything is changed.
   */
  warnOfContact(tx: Tx, news: ContactNews): Promise<void>;
  /** Ends what was on its way to a contact point that goes: its link must not open the account any more. */
  endRequests(tx: Tx, account: { id: string; status: AccountRow["status"] }): Promise<void>;
}

interface ContactNews {
  accountId: string;
  contact: { channel: "email" | "sms"; address: string };
  /** Whether it takes the place of one that the registry said before. */
  isReplacing: boolean;
  usableFrom: number | null;
}

/** What is kept of a person beside their account. */
const personal: Change[] = ["name", "birth-date", "postal", "accepts-sms"];
/** What leaves no line in the journal of the person: it did not happen, or to the class and not to them. */
const unsaid: Change[] = ["frozen", "staff", "class-name"];

interface Person {
  row: PersonRow;
  data: PersonData;
  record: RecordRow | undefined;
  /** Whose account that is, as far as is known. */
  accountId: string | null;
}

/**
 * Makes and changes the accounts of some hundred people of a registry, by few statements, in the transaction of the
 * cursor. What was planned is judged anew by what is true now: another import may have come between.
 */
export async function applyPeople(
  deps: ApplyPeopleDeps,
  tx: Tx,
  { id: importId, applied_by: appliedBy }: Pick<ImportRow, "id" | "applied_by">,
  rows: PersonRow[],
): Promise<void> {
  const { clock, ids, schools } = deps;
  const now = clock.now();
  const journal: JournalRow[] = [];
  const memberships: Parameters<Schools["putMemberships"]>[1][number][] = [];
  const people: SchoolPerson[] = [];
  const records: RecordRow[] = [];

  let found = await locate();
  for (let held = new Set<string>(); ; ) {
    const accountIds = found.flatMap((person) => person.accountId ?? []);
    if (accountIds.every((id) => held.has(id))) break;
    // What is judged below is still so when it is written: whoever proves a contact point, or joins two accounts, waits.
    await holdManyAccounts(tx, accountIds);
    held = new Set(accountIds);
    found = await locate();
  }
  const closed: ReadonlyMap<string, StatusBefore> = await closedByRegistry(
    tx,
    found.flatMap((person) => person.accountId ?? []),
  );
  for (const ofSchool of grouped(found, ({ row }) => row.establishment_id)) {
    const schoolId = ofSchool[0]?.row.establishment_id as string;
    const facts = await readFacts(tx, deps, {
      establishmentId: schoolId,
      accountIds: ofSchool.flatMap((person) => person.accountId ?? []),
      now,
    });
    const classIds = await openClasses(deps, tx, schoolId, ofSchool, now);
    const fresh: Person[] = [];
    for (const person of ofSchool) {
      const known = person.accountId === null ? undefined : facts.get(person.accountId);
      if (!known || isForgotten(known)) fresh.push(person);
      else await change(person, known, schoolId, classIds);
    }
    await make(fresh, schoolId, classIds);
  }
  await schools.putPeople(tx, people);
  await schools.putMemberships(tx, memberships);
  await putRecords(tx, records);
  await insertManyLines(tx, journal);

  /** Who these rows are: by their records, else whom the plan found by name. */
  async function locate(): Promise<Person[]> {
    const people: Person[] = [];
    for (const ofPlace of grouped(rows, (row) => `${row.establishment_id} ${row.kind}`)) {
      const { establishment_id, kind } = ofPlace[0] as PersonRow;
      const known = await findRecords(
        tx,
        { establishment_id, kind },
        ofPlace.map((row) => row.record_id),
      );
      // What a record names moved with it; whoever was found by name may have become one with another since.
      const named = ofPlace.flatMap((row) => (known.has(row.record_id) ? [] : (row.account_id ?? [])));
      const holders = await deps.holdersOf(tx, named);
      for (const row of ofPlace) {
        const record = known.get(row.record_id);
        const accountId =
          record?.account_id ?? (row.account_id && (holders.get(row.account_id) ?? row.account_id));
        people.push({ row, data: JSON.parse(row.data), record, accountId });
      }
    }
    return people;
  }

  async function make(fresh: Person[], schoolId: string, classIds: Map<string, string>): Promise<void> {
    const usernames = await deps.makeIdentifiers(
      tx,
      fresh.map(({ data }) => data),
    );
    const made: MadeAccount[] = [];
    fresh.forEach(({ row, data }, index) => {
      const accountId = ids.uuid();
      const username = usernames[index] as string;
      made.push({
        account: accountRow(accountId, row.kind, nameOf(data), now),
        identifiers: [{ key: username, account_id: accountId, kind: "username", shown: username }],
        contacts: contactsOf(data).map((contact) => contactRow(accountId, contact, null)),
      });
      place(accountId, row, data, schoolId, classIds);
      people.push(personOf(accountId, data));
      records.push(recordRow(row, accountId, row.digest));
      journal.push(line(accountId, "registry-import.created"));
    });
    await insertManyAccounts(tx, made);
    // Those who were thought to be known are not among those whom the next phase makes be found.
    const unexpected = fresh.flatMap(({ row }, index) =>
      row.action === "new" || row.action === "returned" ? [] : (made[index]?.account.id ?? []),
    );
    await indexManyAccounts(tx, unexpected);
  }

  async function change(
    { row, data, record }: Person,
    known: Facts,
    schoolId: string,
    classIds: Map<string, string>,
  ): Promise<void> {
    const { changes, contacts } = compare(data, known);
    const { accountId } = known;
    const before = closed.get(accountId);
    const isBack =
      before !== undefined ||
      record?.gone_at != null ||
      known.membership === null ||
      known.membership.left_at !== null;
    const isNewRecord = record === undefined;
    if (changes.length === 0 && !isBack && !isNewRecord && record.digest === row.digest) return;
    if (changes.some((what) => personal.includes(what))) {
      people.push(mergedPerson(known, data));
    }
    if (nameOf(data) !== known.name) await updateAccount(tx, accountId, { name: nameOf(data) });
    if (before !== undefined) await updateAccount(tx, accountId, { status: before, closed_at: null });
    if (isBack || changes.includes("class")) {
      place(accountId, row, { ...data, classCode: classAfter(data, known) }, schoolId, classIds);
    }
    const status = before ?? (known.account.status as AccountRow["status"]);
    await changeContacts(known, status, contacts);
    // While nothing may be added, the registry has not been heard: it is compared again the next time.
    const digest = changes.includes("frozen") ? (record?.digest ?? "") : row.digest;
    records.push(recordRow(row, accountId, digest));
    const said = changes.filter((what) => !unsaid.includes(what));
    if (isBack) journal.push(line(accountId, "registry-import.returned"));
    else if (said.includes("class") && data.classCode) {
      journal.push(line(accountId, "registry-import.moved", { class: data.className ?? data.classCode }));
    } else if (said.length > 0 || isNewRecord) journal.push(line(accountId, "registry-import.changed"));
  }

  async function changeContacts(
    { accountId, contacts }: Facts,
    status: AccountRow["status"],
    plans: ContactPlan[],
  ): Promise<void> {
    const usableFrom = contacts.some(({ state }) => state === "verified") ? now + contactWaitsFor : null;
    for (const { channel, add, retire } of plans) {
      if (!add || (usableFrom === null && status !== "active")) continue;
      const contact = { channel, address: add.address };
      await deps.warnOfContact(tx, { accountId, contact, isReplacing: retire.length > 0, usableFrom });
    }
    for (const { channel, add, retire } of plans) {
      for (const point of retire) {
        const retired = { state: "obsolete", obsolete_at: now, retired_by: "registry" } as const;
        await updateContactPoint(tx, point.id, retired);
      }
      if (retire.length > 0) await deps.endRequests(tx, { id: accountId, status });
      if (add) await insertContactPoint(tx, contactRow(accountId, { channel, ...add }, usableFrom));
    }
  }

  function place(
    accountId: string,
    row: PersonRow,
    data: PersonData,
    schoolId: string,
    classIds: Map<string, string>,
  ): void {
    memberships.push({
      account_id: accountId,
      establishment_id: schoolId,
      kind: row.kind,
      class_id: data.classCode ? (classIds.get(data.classCode) ?? null) : null,
      since: now,
    });
  }

  function line(accountId: string, event: string, params: Record<string, string> = {}): JournalRow {
    return {
      id: ids.uuid(),
      account_id: accountId,
      event,
      actor_kind: appliedBy === null ? "system" : "staff",
      actor_id: appliedBy,
      at: now,
      incident: null,
      params: JSON.stringify(params),
      reason: null,
      browser: null,
      source_address: null,
    };
  }

  function recordRow(row: PersonRow, accountId: string, digest: string): RecordRow {
    const { establishment_id, kind, record_id } = row;
    return {
      establishment_id,
      kind,
      record_id,
      account_id: accountId,
      digest,
      import_id: importId,
      gone_at: null,
    };
  }

  function accountRow(id: string, kind: AccountRow["kind"], name: string, at: number): AccountRow {
    return {
      id,
      kind,
      status: "pending",
      name,
      nickname: null,
      locale: deps.locale,
      password_hash: null,
      password_changed_at: null,
      contacts_frozen_until: null,
      created_at: at,
      activated_at: null,
      closed_at: null,
      reminded_at: null,
    };
  }

  function contactRow(
    accountId: string,
    contact: { channel: "email" | "sms"; address: string; key: string },
    usableFrom: number | null,
  ): ContactPointRow {
    return {
      id: ids.uuid(),
      account_id: accountId,
      channel: contact.channel,
      address: contact.address,
      address_key: contact.key,
      state: "declared",
      origin: "registry",
      usable_from: usableFrom,
      created_at: now,
      verified_at: null,
      obsolete_at: null,
      dead_since: null,
      dead_reason: null,
      asked_at: null,
    };
  }
}

function contactsOf(data: PersonData) {
  const { email, emailKey, mobile } = data;
  return [
    ...(email ? [{ channel: "email" as const, address: email, key: emailKey ?? email }] : []),
    ...(mobile ? [{ channel: "sms" as const, address: mobile, key: mobile }] : []),
  ];
}

const personOf = (accountId: string, data: PersonData): SchoolPerson => ({
  account_id: accountId,
  surname: data.surname,
  first_name: data.firstName,
  birth_date: data.birthDate,
  postal: postalText(data.postal),
  accepts_sms: asFlag(data.acceptsSms),
});

const asFlag = (said: boolean | null | undefined) => (said == null ? null : said ? 1 : 0);

/** What a file says nothing of stays. */
const mergedPerson = (known: Facts, data: PersonData): SchoolPerson => ({
  account_id: known.accountId,
  surname: data.surname,
  first_name: data.firstName,
  birth_date: data.birthDate ?? known.birthDate,
  postal: data.postal === undefined ? known.postal : postalText(data.postal),
  accepts_sms: asFlag(data.acceptsSms ?? known.acceptsSms),
});

const classAfter = (data: PersonData, known: Facts) =>
  data.classCode === undefined ? known.classCode : data.classCode;

/** The classes that these people are in, by code: made, opened or named anew where the files say so. */
async function openClasses(
  deps: ApplyPeopleDeps,
  tx: Tx,
  schoolId: string,
  people: Person[],
  now: number,
): Promise<Map<string, string>> {
  const { schools, ids } = deps;
  // A file that has no names of classes gives their codes in their place: those take no name away.
  const wanted = new Map<string, string | null>();
  for (const { data } of people) {
    if (!data.classCode) continue;
    const name = data.className && data.className !== data.classCode ? data.className : null;
    if (name !== null || !wanted.has(data.classCode)) wanted.set(data.classCode, name);
  }
  if (wanted.size === 0) return new Map();
  const there = (await schools.classesOfMany(tx, [schoolId])).filter((one) => one.closed_at === null);
  const open = new Map(there.map((one) => [one.code, one]));
  const classIds = new Map(there.map((one) => [one.code, one.id]));
  const due = [...wanted].filter(([code, name]) => {
    const known = open.get(code);
    return known === undefined || (name !== null && known.name !== name);
  });
  if (due.length === 0) return classIds;
  const made = await schools.ensureClasses(
    tx,
    due.map(([code, name]) => ({ schoolId, code, name: name ?? code })),
    { uuid: () => ids.uuid(), now },
  );
  for (const [code] of due) classIds.set(code, made.get(schools.classKey(schoolId, code)) as string);
  return classIds;
}

function grouped<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return [...groups.values()];
}
