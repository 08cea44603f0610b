import type { AccountStatus, Kind } from "../../accounts/accounts.ts";
import { among, listed } from "../../store/many-rows.ts";
import type { Asked, Db, Tx } from "../../store/store.ts";

export type LetterStatus = "live" | "replaced" | "used";

export interface LetterCodeRow {
  id: string;
  account_id: string;
  code_digest: string;
  status: LetterStatus;
  status_at: number;
  printed_at: number;
  /** Staff account. */
  printed_by: string;
  expires_at: number;
}

interface LetterTables {
  letter_codes: LetterCodeRow;
}

const of = (db: Db) => db.tables<LetterTables>();

/** Puts a code in the place of the live one, which serves no more. The account's row is held by whoever asks. */
export async function replaceCode(tx: Tx, row: LetterCodeRow): Promise<void> {
  await of(tx)
    .updateTable("letter_codes")
    .set({ status: "replaced", status_at: row.status_at })
    .where("account_id", "=", row.account_id)
    .where("status", "=", "live")
    .execute();
  await of(tx).insertInto("letter_codes").values(row).execute();
}

/** The code of an account with one of these digests, whatever became of it. */
export async function findCode(db: Db, accountId: string, digests: string[]): Promise<LetterCodeRow | null> {
  const row = await of(db)
    .selectFrom("letter_codes")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("code_digest", "in", digests)
    .executeTakeFirst();
  return row ?? null;
}

export async function findById(db: Db, id: string): Promise<LetterCodeRow | null> {
  const row = await of(db).selectFrom("letter_codes").selectAll().where("id", "=", id).executeTakeFirst();
  return row ?? null;
}

/** The letter printed last for an account, for the page of staff: when, and until when it serves; never its code. */
export async function findNewest(
  db: Db,
  accountId: string,
): Promise<Pick<LetterCodeRow, "status" | "printed_at" | "expires_at"> | null> {
  const row = await of(db)
    .selectFrom("letter_codes")
    .select(["status", "printed_at", "expires_at"])
    .where("account_id", "=", accountId)
    .orderBy("printed_at", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** Of these accounts, those that have a letter whose code still serves. */
export async function listLettered(
  db: Asked,
  accountIds: readonly string[],
  now: number,
): Promise<Set<string>> {
  if (accountIds.length === 0) return new Set();
  const found = await db.ask<{ account_id: string }>(
    `select account_id from letter_codes where status = 'live' and expires_at > ? and account_id in ${among(db)}`,
    [now, listed(db, accountIds)],
  );
  return new Set(found.map(({ account_id }) => account_id));
}

/** Spends a live code; false for all but one of those who try at once, and for one that was replaced meanwhile. */
export async function spendCode(tx: Tx, id: string, now: number): Promise<boolean> {
  const updated = await of(tx)
    .updateTable("letter_codes")
    .set({ status: "used", status_at: now })
    .where("id", "=", id)
    .where("status", "=", "live")
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

/** The account was opened another way: a letter still on its way says that it serves no more. */
export async function endOfAccount(tx: Tx, accountId: string, now: number): Promise<void> {
  await of(tx)
    .updateTable("letter_codes")
    .set({ status: "used", status_at: now })
    .where("account_id", "=", accountId)
    .where("status", "=", "live")
    .execute();
}

export async function forget(tx: Tx, expiredBefore: number): Promise<void> {
  await of(tx).deleteFrom("letter_codes").where("expires_at", "<", expiredBefore).execute();
}

// ── Whom letters are written to: read only, each table has its owner elsewhere ───────────────────────────────

/** One person as a letter needs them, in one of their schools. */
export interface RecipientRow {
  account_id: string;
  kind: Kind;
  status: AccountStatus;
  name: string;
  locale: string;
  identifier: string;
  /** JSON: lines. */
  postal: string | null;
  school_id: string | null;
  class_name: string | null;
}

/**
 * These people, a row for each school that they belong to, the one that they have belonged to longest first. Who has no
 * username is left out.
 */
export async function listRecipients(db: Asked, accountIds: readonly string[]): Promise<RecipientRow[]> {
  if (accountIds.length === 0) return [];
  return db.ask(
    `select a.id as account_id, a.kind as kind, a.status as status, a.name as name, a.locale as locale,
        i.shown as identifier, p.postal as postal, m.establishment_id as school_id, c.name as class_name
      from accounts a
      join identifiers i on i.account_id = a.id and i.kind = 'username'
      left join school_people p on p.account_id = a.id
      left join memberships m on m.account_id = a.id and m.left_at is null
      left join establishments c on c.id = m.class_id
      where a.id in ${among(db)} order by m.since, m.establishment_id`,
    [listed(db, accountIds)],
  );
}

const holds = "g.ended_at is null and g.denied_at is null";
const theirGuardians = `join guardianships g on g.pupil_id = m.account_id
    and g.establishment_id = m.establishment_id and ${holds}`;
/** In the order in which letters are handed out; who is in no class comes last, on both engines. */
const byClass = "case when c.code is null then 1 else 0 end, c.code";

/** A pupil of a guardian, for whoever hands a letter over. */
export interface PupilRow {
  guardian_id: string;
  class_id: string | null;
  class_name: string | null;
  surname: string;
  first_name: string;
}

/** The pupils of these guardians in one school, by class and name. */
export async function listPupilsOf(
  db: Asked,
  guardianIds: readonly string[],
  schoolId: string,
): Promise<PupilRow[]> {
  if (guardianIds.length === 0) return [];
  return db.ask(
    `select g.guardian_id as guardian_id, m.class_id as class_id, c.name as class_name, p.surname as surname,
        p.first_name as first_name
      from memberships m ${theirGuardians}
      join school_people p on p.account_id = m.account_id
      left join establishments c on c.id = m.class_id
      where m.establishment_id = ? and m.left_at is null and g.guardian_id in ${among(db)}
      order by ${byClass}, p.surname, p.first_name, m.account_id`,
    [schoolId, listed(db, guardianIds)],
  );
}

/** A school, or one of its classes, and the kind of person written to. */
export interface LetterGroup {
  schoolId: string;
  classId: string | null;
  kind: Kind;
  /** Whether those are written to as well who have a letter that still serves: it will not any more. */
  isForAll: boolean;
}

const isPending = "a.status = 'pending' and a.password_hash is null";
/** One parameter: now. */
const hasNoLetter = `not exists (select 1 from letter_codes l
    where l.account_id = a.id and l.status = 'live' and l.expires_at > ?)`;

/**
 * Ids of all people of a group who have not activated their account, in the order in which letters are handed out:
 * by class, then by name. Of guardians, by those of their first pupil there.
 */
export async function listPending(
  db: Asked,
  { schoolId, classId, kind, isForAll }: LetterGroup,
  now: number,
): Promise<string[]> {
  const [ofClass, classes] = classId === null ? ["", []] : [" and m.class_id = ?", [classId]];
  const [withoutLetter, nows] = isForAll ? ["", []] : [` and ${hasNoLetter}`, [now]];
  const order = `order by ${byClass}, p.surname, p.first_name, a.name, a.id`;
  const found =
    kind !== "guardian"
      ? await db.ask<{ id: string }>(
          `select a.id as id from memberships m
            join accounts a on a.id = m.account_id
            left join school_people p on p.account_id = a.id
            left join establishments c on c.id = m.class_id
            where m.kind = ? and m.establishment_id = ? and m.left_at is null
              and ${isPending}${ofClass}${withoutLetter} ${order}`,
          [kind, schoolId, ...classes, ...nows],
        )
      : await db.ask<{ id: string }>(
          `select a.id as id from memberships own
            join accounts a on a.id = own.account_id
            left join guardianships g on g.guardian_id = a.id and g.establishment_id = own.establishment_id
              and ${holds}
            left join memberships m on m.account_id = g.pupil_id and m.establishment_id = g.establishment_id
              and m.left_at is null
            left join school_people p on p.account_id = m.account_id
            left join establishments c on c.id = m.class_id
            where own.kind = 'guardian' and own.establishment_id = ? and own.left_at is null
              and ${isPending}${ofClass}${withoutLetter} ${order}`,
          [schoolId, ...classes, ...nows],
        );
  return [...new Set(found.map(({ id }) => id))];
}

/** The first open schools, or those of these that are; by code. */
export async function listSchools(
  db: Asked,
  ids: readonly string[] | null,
  limit: number,
): Promise<{ id: string; name: string; code: string }[]> {
  const isAmong = ids === null ? "" : ` and id in ${among(db)}`;
  return db.ask(
    `select id, name, code from establishments where type = 'school' and closed_at is null${isAmong}
      order by code limit ${Math.trunc(limit)}`,
    ids === null ? [] : [listed(db, ids)],
  );
}

/** How many have not activated their account, and how many of them have no letter that still serves. */
export interface Pending {
  all: number;
  withoutLetter: number;
}

/** One parameter: now. */
const counted = `count(distinct a.id) as everybody,
    count(distinct case when ${hasNoLetter} then a.id end) as without_letter`;
const pendingOf = (row: { everybody: number; without_letter: number }): Pending => ({
  all: Number(row.everybody),
  withoutLetter: Number(row.without_letter),
});

/** Of each kind, in all of a school. */
export async function countPending(
  db: Asked,
  schoolId: string,
  now: number,
): Promise<({ kind: Kind } & Pending)[]> {
  const found = await db.ask<{ kind: Kind; everybody: number; without_letter: number }>(
    `select m.kind as kind, ${counted} from memberships m
      join accounts a on a.id = m.account_id
      where m.establishment_id = ? and m.left_at is null and ${isPending} group by m.kind`,
    [now, schoolId],
  );
  return found.map((row) => ({ kind: row.kind, ...pendingOf(row) }));
}

/** The same of each class: its pupils, and the guardians of its pupils. */
export async function countPendingOfClasses(
  db: Asked,
  schoolId: string,
  now: number,
): Promise<({ classId: string; kind: Kind } & Pending)[]> {
  const inClass = "m.establishment_id = ? and m.left_at is null and m.class_id is not null";
  const found = await db.ask<{ class_id: string; kind: Kind; everybody: number; without_letter: number }>(
    `select m.class_id as class_id, m.kind as kind, ${counted} from memberships m
      join accounts a on a.id = m.account_id
      where ${inClass} and ${isPending} group by m.class_id, m.kind
    union all
    select m.class_id as class_id, 'guardian' as kind, ${counted} from memberships m ${theirGuardians}
      join accounts a on a.id = g.guardian_id
      join memberships own on own.account_id = a.id and own.establishment_id = m.establishment_id
        and own.left_at is null
      where m.kind = 'pupil' and ${inClass} and ${isPending} group by m.class_id`,
    [now, schoolId, now, schoolId],
  );
  return found.map((row) => ({ classId: row.class_id, kind: row.kind, ...pendingOf(row) }));
}
