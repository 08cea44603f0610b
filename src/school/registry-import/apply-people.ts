import type { AccountRow, ContactPointRow } from "../../accounts/accounts.store.ts";
import { insertContactPoint, updateAccount, updateContactPoint } from "../../accounts/accounts.store.ts";
import { insertManyAccounts, type MadeAccount } from "../../accounts/bulk-accounts.store.ts";
import { insertManyLines } from "../../journal/bulk-journal.store.ts";
import { type JournalRow, newestOf } from "../../journal/journal.store.ts";
import { type Clock, day } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Tx } from "../../store/store.ts";
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
  /** Tells what the person proved that a registry brought another contact point, and from when it serves. */
  warnOfContact(
    tx: Tx,
    news: { accountId: string; contact: { channel: "email" | "sms"; address: string }; usableFrom: number },
  ): Promise<void>;
}

/** What is kept of a person beside their account. */
const personal: Change[] = ["name", "birth-date", "postal", "accepts-sms"];
/** As long as what staff corrected waits (promise 7): whoever proved a contact point can say no meanwhile. */
const waitsFor = day;

interface Person {
  row: PersonRow;
  data: PersonData;
  record: RecordRow | undefined;
}

/**
 * Makes and changes the accounts of some hundred people of a registry, by few statements, in the transaction of the
 * cursor. What was planned is judged anew by what is true now: another import may have come between.
 */
export async function applyPeople(
  deps: ApplyPeopleDeps,
  tx: Tx,
  { id: importId, made_by: madeBy }: Pick<ImportRow, "id" | "made_by">,
  rows: PersonRow[],
): Promise<void> {
  const { clock, ids, schools } = deps;
  const now = clock.now();
  const journal: JournalRow[] = [];
  const memberships: Parameters<Schools["putMemberships"]>[1][number][] = [];
  const people: SchoolPerson[] = [];
  const records: RecordRow[] = [];

  for (const ofSchool of grouped(rows, (row) => row.establishment_id)) {
    const schoolId = ofSchool[0]?.establishment_id as string;
    const found: Person[] = [];
    for (const ofKind of grouped(ofSchool, (row) => row.kind)) {
      const { kind } = ofKind[0] as PersonRow;
      const known = await findRecords(
        tx,
        { establishment_id: schoolId, kind },
        ofKind.map((row) => row.record_id),
      );
      for (const row of ofKind) {
        found.push({ row, data: JSON.parse(row.data), record: known.get(row.record_id) });
      }
    }
    // What a record names moved with it; whoever was found by name may have become one with another since.
    const named = found.flatMap(({ row, record }) => (record ? [] : (row.account_id ?? [])));
    const holders = await deps.holdersOf(tx, named);
    const accountOf = ({ row, record }: Person) =>
      record?.account_id ?? (row.account_id && (holders.get(row.account_id) ?? row.account_id));
    const facts = await readFacts(tx, deps, {
      establishmentId: schoolId,
      accountIds: found.flatMap((person) => accountOf(person) ?? []),
      now,
    });
    const classIds = await openClasses(deps, tx, schoolId, found, now);
    const fresh: Person[] = [];
    for (const person of found) {
      const accountId = accountOf(person);
      const known = accountId === null ? undefined : facts.get(accountId);
      if (!known || isForgotten(known)) fresh.push(person);
      else await change(person, known, schoolId, classIds);
    }
    await make(fresh, schoolId, classIds);
  }
  await schools.putPeople(tx, people);
  await schools.putMemberships(tx, memberships);
  await putRecords(tx, records);
  await insertManyLines(tx, journal);

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
  }

  async function change(
    { row, data, record }: Person,
    known: Facts,
    schoolId: string,
    classIds: Map<string, string>,
  ): Promise<void> {
    const { changes, contacts } = compare(data, known);
    const { accountId } = known;
    const isBack = record?.gone_at != null || known.membership === null || known.membership.left_at !== null;
    const isNewRecord = record === undefined;
    if (changes.length === 0 && !isBack && !isNewRecord && record.digest === row.digest) return;
    if (changes.some((what) => personal.includes(what))) {
      people.push(mergedPerson(known, data));
    }
    if (nameOf(data) !== known.name) await updateAccount(tx, accountId, { name: nameOf(data) });
    if (isBack) await reopen(known);
    if (isBack || changes.includes("class")) {
      place(accountId, row, { ...data, classCode: classAfter(data, known) }, schoolId, classIds);
    }
    for (const plan of contacts) await changeContact(known, plan);
    // While nothing may be added, the registry has not been heard: it is compared again the next time.
    const digest = changes.includes("frozen") ? (record?.digest ?? "") : row.digest;
    records.push(recordRow(row, accountId, digest));
    const said = changes.filter((what) => what !== "frozen" && what !== "staff");
    if (isBack) journal.push(line(accountId, "registry-import.returned"));
    else if (said.includes("class") && data.classCode) {
      journal.push(line(accountId, "registry-import.moved", { class: data.className ?? data.classCode }));
    } else if (said.length > 0 || isNewRecord) journal.push(line(accountId, "registry-import.changed"));
  }

  /** Who was closed because they had left comes back as they were; whom staff closed stays closed. */
  async function reopen({ account }: Facts): Promise<void> {
    if (account.status !== "closed") return;
    const closed = await newestOf(tx, account.id, ["registry-import.closed", "people.closed"]);
    if (closed?.event !== "registry-import.closed") return;
    const status = account.password_hash === null ? "pending" : "active";
    await updateAccount(tx, account.id, { status, closed_at: null });
  }

  async function changeContact(known: Facts, plan: ContactPlan): Promise<void> {
    for (const point of plan.retire) {
      await updateContactPoint(tx, point.id, { state: "obsolete", obsolete_at: now });
    }
    if (!plan.add) return;
    const hasProved = known.contacts.some(({ state }) => state === "verified");
    const usableFrom = hasProved ? now + waitsFor : null;
    const contact = { channel: plan.channel, ...plan.add };
    await insertContactPoint(tx, contactRow(known.accountId, contact, usableFrom));
    if (usableFrom !== null) {
      await deps.warnOfContact(tx, { accountId: known.accountId, contact, usableFrom });
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
      actor_kind: madeBy === null ? "system" : "staff",
      actor_id: madeBy,
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

/** The classes that these people are in, by code: made or opened where they are not there yet. */
async function openClasses(
  deps: ApplyPeopleDeps,
  tx: Tx,
  schoolId: string,
  people: Person[],
  now: number,
): Promise<Map<string, string>> {
  const { schools, ids } = deps;
  const wanted = new Map<string, string>();
  for (const { data } of people) {
    if (data.classCode) wanted.set(data.classCode, data.className || data.classCode);
  }
  if (wanted.size === 0) return new Map();
  const there = await schools.classesOfMany(tx, [schoolId]);
  const open = new Map(there.filter((one) => one.closed_at === null).map((one) => [one.code, one.id]));
  const missing = [...wanted].filter(([code]) => !open.has(code));
  if (missing.length === 0) return open;
  const made = await schools.ensureClasses(
    tx,
    missing.map(([code, name]) => ({ schoolId, code, name })),
    { uuid: () => ids.uuid(), now },
  );
  for (const [code] of missing) open.set(code, made.get(schools.classKey(schoolId, code)) as string);
  return open;
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
