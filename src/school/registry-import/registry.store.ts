import { among, insertingMany, listed } from "../../store/many-rows.ts";
import type { Asked, Tx } from "../../store/store.ts";
import type { RegistryKind } from "./read/record.ts";

/** What registries said the last time: their records, who answers for whom, and what was made of it. */
export interface RecordRow {
  establishment_id: string;
  kind: RegistryKind;
  record_id: string;
  account_id: string;
  digest: string;
  import_id: string;
  gone_at: number | null;
}

export interface RegistryLinkRow {
  establishment_id: string;
  guardian_record_id: string;
  pupil_record_id: string;
  level: number;
  kinship: string | null;
  is_tied: number;
}

export interface GuardianshipRow {
  guardian_id: string;
  pupil_id: string;
  establishment_id: string;
  level: number;
  kinship: string | null;
  since: number;
  ended_at: number | null;
  denied_at: number | null;
}

export interface Where {
  establishment_id: string;
  kind: RegistryKind;
}

export const putRecords = insertingMany<RecordRow>(
  "registry_records",
  {
    establishment_id: "text",
    kind: "text",
    record_id: "text",
    account_id: "text",
    digest: "text",
    import_id: "text",
    gone_at: "bigint",
  },
  `on conflict (establishment_id, kind, record_id) do update set account_id = excluded.account_id,
    digest = excluded.digest, import_id = excluded.import_id, gone_at = excluded.gone_at`,
);

export const putLinks = insertingMany<RegistryLinkRow>(
  "registry_links",
  {
    establishment_id: "text",
    guardian_record_id: "text",
    pupil_record_id: "text",
    level: "integer",
    kinship: "text",
    is_tied: "integer",
  },
  `on conflict (establishment_id, guardian_record_id, pupil_record_id) do update set level = excluded.level,
    kinship = excluded.kinship, is_tied = excluded.is_tied`,
);

/** What the guardian said of it (`denied_at`) stays, whatever a registry says; what staff refused stays ended. */
export const putGuardianships = insertingMany<GuardianshipRow>(
  "guardianships",
  {
    guardian_id: "text",
    pupil_id: "text",
    establishment_id: "text",
    level: "integer",
    kinship: "text",
    since: "bigint",
    ended_at: "bigint",
    denied_at: "bigint",
  },
  `on conflict (guardian_id, pupil_id, establishment_id) do update set level = excluded.level,
    kinship = excluded.kinship,
    ended_at = case when guardianships.refused_at is null then null else guardianships.ended_at end,
    since = case when guardianships.ended_at is null or guardianships.refused_at is not null
      then guardianships.since else excluded.since end`,
);

/** Whether a registry of this school was ever read for this kind. */
export async function hasRecords(db: Asked, where: Where): Promise<boolean> {
  const rows = await db.ask(
    "select record_id from registry_records where establishment_id = ? and kind = ? limit 1",
    [where.establishment_id, where.kind],
  );
  return rows.length > 0;
}

const recordFields = "establishment_id, kind, record_id, account_id, digest, import_id, gone_at";

export async function findRecords(
  db: Asked,
  where: Where,
  recordIds: string[],
): Promise<Map<string, RecordRow>> {
  if (recordIds.length === 0) return new Map();
  const rows = await db.ask<RecordRow>(
    `select ${recordFields} from registry_records
      where establishment_id = ? and kind = ? and record_id in ${among(db)}`,
    [where.establishment_id, where.kind, listed(db, recordIds)],
  );
  return new Map(rows.map((row) => [row.record_id, row]));
}

/**
 * An import says otherwise of these people what is known of them already: from now on that is what the registry said the
 * last time, and they are compared no more. Those of whom another import said anything since (`before`) are left.
 */
export async function settle(
  tx: Tx,
  importId: string,
  where: Where,
  said: { record_id: string; before: string }[],
): Promise<void> {
  if (said.length === 0) return;
  await tx.ask(
    `update registry_records set digest = (
        select p.digest from import_people p where p.import_id = ? and p.record_id = registry_records.record_id
          and p.establishment_id = registry_records.establishment_id and p.kind = registry_records.kind)
      where establishment_id = ? and kind = ? and record_id in ${among(tx)}
        and record_id || ' ' || digest in ${among(tx)}`,
    [
      importId,
      where.establishment_id,
      where.kind,
      listed(
        tx,
        said.map(({ record_id }) => record_id),
      ),
      listed(
        tx,
        said.map(({ record_id, before }) => `${record_id} ${before}`),
      ),
    ],
  );
}

export interface NamedRecord {
  record_id: string;
  surname: string;
  first_name: string;
}

/** Of these records, those who are known by name. */
export async function namesOfRecords(db: Asked, where: Where, recordIds: string[]): Promise<NamedRecord[]> {
  if (recordIds.length === 0) return [];
  return db.ask(
    `select r.record_id, s.surname, s.first_name
      from registry_records r join school_people s on s.account_id = r.account_id
      where r.establishment_id = ? and r.kind = ? and r.record_id in ${among(db)}`,
    [where.establishment_id, where.kind, listed(db, recordIds)],
  );
}

export interface BornRow {
  record_id: string;
  account_id: string;
  surname: string;
  first_name: string;
  birth_date: string;
}

/** People of one kind in one school, gone or not, born on these days. */
export async function findBorn(db: Asked, where: Where, birthDates: string[]): Promise<BornRow[]> {
  if (birthDates.length === 0) return [];
  return db.ask(
    `select r.record_id, r.account_id, s.surname, s.first_name, s.birth_date
      from registry_records r join school_people s on s.account_id = r.account_id
      where r.establishment_id = ? and r.kind = ? and s.birth_date in ${among(db)}`,
    [where.establishment_id, where.kind, listed(db, birthDates)],
  );
}

export interface GuardianOf {
  pupil_id: string;
  guardian_id: string;
  surname: string;
  first_name: string;
}

/** Who answers, as far as is known, for these pupils of a school. */
export async function guardiansOfPupils(
  db: Asked,
  establishmentId: string,
  pupilIds: string[],
): Promise<GuardianOf[]> {
  if (pupilIds.length === 0) return [];
  return db.ask(
    `select g.pupil_id, g.guardian_id, s.surname, s.first_name
      from guardianships g join school_people s on s.account_id = g.guardian_id
      where g.pupil_id in ${among(db)} and g.establishment_id = ? and g.denied_at is null`,
    [listed(db, pupilIds), establishmentId],
  );
}

/** The records of these accounts in one school. */
export async function recordsOfAccounts(db: Asked, where: Where, accountIds: string[]): Promise<RecordRow[]> {
  if (accountIds.length === 0) return [];
  return db.ask(
    `select ${recordFields} from registry_records
      where account_id in ${among(db)} and establishment_id = ? and kind = ?`,
    [listed(db, accountIds), where.establishment_id, where.kind],
  );
}

/** The next records of a school that an import does not have, in the order of their numbers. */
export async function listNotStaged(
  db: Asked,
  importId: string,
  where: Where,
  after: string,
  limit: number,
): Promise<{ record_id: string; account_id: string; is_staged: number }[]> {
  return db.ask(
    `select r.record_id, r.account_id, case when p.record_id is null then 0 else 1 end as is_staged
      from registry_records r
      left join import_people p on p.import_id = ? and p.establishment_id = r.establishment_id
        and p.kind = r.kind and p.record_id = r.record_id
      where r.establishment_id = ? and r.kind = ? and r.gone_at is null and r.record_id > ?
      order by r.record_id limit ${Math.trunc(limit)}`,
    [importId, where.establishment_id, where.kind, after],
  );
}

/** The next links of a school that an import does not have. */
export async function listLinksNotStaged(
  db: Asked,
  importId: string,
  establishmentId: string,
  after: { guardian_record_id: string; pupil_record_id: string },
  limit: number,
): Promise<(RegistryLinkRow & { is_staged: number })[]> {
  return db.ask(
    `select k.establishment_id, k.guardian_record_id, k.pupil_record_id, k.level, k.kinship, k.is_tied,
        case when l.import_id is null then 0 else 1 end as is_staged
      from registry_links k
      left join import_links l on l.import_id = ? and l.establishment_id = k.establishment_id
        and l.guardian_record_id = k.guardian_record_id and l.pupil_record_id = k.pupil_record_id
      where k.establishment_id = ? and (k.guardian_record_id, k.pupil_record_id) > (?, ?)
      order by k.guardian_record_id, k.pupil_record_id limit ${Math.trunc(limit)}`,
    [importId, establishmentId, after.guardian_record_id, after.pupil_record_id],
  );
}

export async function markGone(tx: Tx, where: Where, recordIds: string[], at: number): Promise<void> {
  if (recordIds.length === 0) return;
  await tx.ask(
    `update registry_records set gone_at = ?
      where establishment_id = ? and kind = ? and gone_at is null and record_id in ${among(tx)}`,
    [at, where.establishment_id, where.kind, listed(tx, recordIds)],
  );
}

/** Of these accounts, those that a registry of the school still has. */
export async function stillThere(
  db: Asked,
  establishmentId: string,
  accountIds: string[],
): Promise<Set<string>> {
  if (accountIds.length === 0) return new Set();
  const rows = await db.ask<{ account_id: string }>(
    `select distinct account_id from registry_records
      where account_id in ${among(db)} and establishment_id = ? and gone_at is null`,
    [listed(db, accountIds), establishmentId],
  );
  return new Set(rows.map((row) => row.account_id));
}

/** Links of people who are gone wait until both are there again; what was made of them ends. */
export async function untie(
  tx: Tx,
  where: Where,
  gone: { recordIds: string[]; accountIds: string[]; at: number },
): Promise<void> {
  const column = where.kind === "pupil" ? "pupil" : "guardian";
  await tx.ask(
    `update registry_links set is_tied = 0
      where establishment_id = ? and is_tied = 1 and ${column}_record_id in ${among(tx)}`,
    [where.establishment_id, listed(tx, gone.recordIds)],
  );
  await tx.ask(
    `update guardianships set ended_at = ?
      where establishment_id = ? and ended_at is null and ${column}_id in ${among(tx)}`,
    [gone.at, where.establishment_id, listed(tx, gone.accountIds)],
  );
}

export async function removeLinks(
  tx: Tx,
  establishmentId: string,
  links: { guardian_record_id: string; pupil_record_id: string }[],
): Promise<void> {
  for (const { guardian_record_id, pupil_record_id } of links) {
    await tx.ask(
      "delete from registry_links where establishment_id = ? and guardian_record_id = ? and pupil_record_id = ?",
      [establishmentId, guardian_record_id, pupil_record_id],
    );
  }
}

/**
 * Ends what was made of a link that the registry does not have any more, unless another record still says it. What staff
 * refused is forgotten with it: they refused what this registry repeated, not what it may say anew.
 */
export async function endGuardianship(
  tx: Tx,
  tie: { guardianId: string; pupilId: string; establishmentId: string; at: number },
): Promise<void> {
  await tx.ask(
    `update guardianships set ended_at = coalesce(ended_at, ?), refused_at = null,
        denied_at = case when refused_at is null then denied_at else null end
      where guardian_id = ? and pupil_id = ? and establishment_id = ? and (ended_at is null or refused_at is not null)
        and not exists (
          select 1 from registry_links k
          join registry_records g on g.establishment_id = k.establishment_id and g.kind = 'guardian'
            and g.record_id = k.guardian_record_id and g.gone_at is null
          join registry_records p on p.establishment_id = k.establishment_id and p.kind = 'pupil'
            and p.record_id = k.pupil_record_id and p.gone_at is null
          where k.establishment_id = ? and g.account_id = ? and p.account_id = ?)`,
    [
      tie.at,
      tie.guardianId,
      tie.pupilId,
      tie.establishmentId,
      tie.establishmentId,
      tie.guardianId,
      tie.pupilId,
    ],
  );
}

/** Links that wait for somebody, the next after `after`. */
export async function listWaitingLinks(
  db: Asked,
  establishmentId: string,
  after: { guardian_record_id: string; pupil_record_id: string },
  limit: number,
): Promise<RegistryLinkRow[]> {
  return db.ask(
    `select establishment_id, guardian_record_id, pupil_record_id, level, kinship, is_tied from registry_links
      where establishment_id = ? and is_tied = 0 and (guardian_record_id, pupil_record_id) > (?, ?)
      order by guardian_record_id, pupil_record_id limit ${Math.trunc(limit)}`,
    [establishmentId, after.guardian_record_id, after.pupil_record_id],
  );
}

/** The pupils of a school whom its registry has now, by their numbers: to find those whom a file only names. */
export async function listPupilNames(
  db: Asked,
  establishmentId: string,
  after: string,
  limit: number,
): Promise<NamedRecord[]> {
  return db.ask(
    `select r.record_id, s.surname, s.first_name
      from registry_records r join school_people s on s.account_id = r.account_id
      where r.establishment_id = ? and r.kind = 'pupil' and r.gone_at is null and r.record_id > ?
      order by r.record_id limit ${Math.trunc(limit)}`,
    [establishmentId, after],
  );
}

/**
 * Accounts that left every school before then, as registries say, and are not closed yet: they belong nowhere now. Their
 * closing waited so that an export which forgot a class closes nobody. With `accountId`, whether that is one of them.
 */
export async function listToClose(
  db: Asked,
  { before, limit, accountId }: { before: number; limit: number; accountId?: string },
): Promise<string[]> {
  const rows = await db.ask<{ account_id: string }>(
    `select distinct r.account_id from registry_records r join accounts a on a.id = r.account_id
      where r.gone_at is not null and r.gone_at < ? and a.status <> 'closed'${accountId ? " and a.id = ?" : ""}
        and not exists (select 1 from registry_records o
          where o.account_id = r.account_id and (o.gone_at is null or o.gone_at >= ?))
        and not exists (select 1 from memberships m where m.account_id = r.account_id and m.left_at is null)
      limit ${Math.trunc(limit)}`,
    [before, ...(accountId ? [accountId] : []), before],
  );
  return rows.map((row) => row.account_id);
}

export interface KnownAccount {
  id: string;
  status: string;
  name: string;
  password_hash: string | null;
  contacts_frozen_until: number | null;
}

/** What is read of the accounts' own tables. */
export async function findAccounts(db: Asked, ids: string[]): Promise<Map<string, KnownAccount>> {
  if (ids.length === 0) return new Map();
  const rows = await db.ask<KnownAccount>(
    `select id, status, name, password_hash, contacts_frozen_until from accounts where id in ${among(db)}`,
    [listed(db, ids)],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

export interface KnownContact {
  id: string;
  account_id: string;
  channel: "email" | "sms";
  address: string;
  address_key: string;
  state: "declared" | "verified" | "obsolete";
  origin: "registry" | "staff" | "person";
  retired_by: "registry" | null;
  created_at: number;
}

/** Every contact point of these accounts, those that serve no more included; the newest first. */
export async function findContacts(db: Asked, accountIds: string[]): Promise<Map<string, KnownContact[]>> {
  const found = new Map<string, KnownContact[]>(accountIds.map((id) => [id, []]));
  if (accountIds.length === 0) return found;
  const rows = await db.ask<KnownContact>(
    `select id, account_id, channel, address, address_key, state, origin, retired_by, created_at
      from contact_points
      where account_id in ${among(db)} order by created_at desc, id desc`,
    [listed(db, accountIds)],
  );
  for (const row of rows) found.get(row.account_id)?.push(row);
  return found;
}
