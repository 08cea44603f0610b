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

/** The letter printed last for an account, for the page of staff: when and by whom, never its code. */
export async function findNewest(
  db: Db,
  accountId: string,
): Promise<Pick<LetterCodeRow, "status" | "printed_at" | "printed_by" | "expires_at"> | null> {
  const row = await of(db)
    .selectFrom("letter_codes")
    .select(["status", "printed_at", "printed_by", "expires_at"])
    .where("account_id", "=", accountId)
    .orderBy("printed_at", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
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

/** One person as a letter needs them. */
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
 * These people, in no order. `schoolId`: the school that writes to them; null: the one they have belonged to longest.
 * Left out: who has no username, and who does not belong to that school.
 */
export async function listRecipients(
  db: Asked,
  accountIds: readonly string[],
  schoolId: string | null,
): Promise<RecipientRow[]> {
  if (accountIds.length === 0) return [];
  const found = await db.ask<RecipientRow>(
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
  const byAccount = new Map<string, RecipientRow>();
  for (const row of found) {
    if (schoolId !== null && row.school_id !== schoolId) continue;
    if (!byAccount.has(row.account_id)) byAccount.set(row.account_id, row);
  }
  return [...byAccount.values()];
}

/** A school, or one of its classes, and the kind of person written to. */
export interface LetterGroup {
  schoolId: string;
  classId: string | null;
  kind: Kind;
}

/**
 * Ids of all people of a group who have not activated their account, in the order in which letters are handed out:
 * by class, then by name. Of guardians, those of the pupils of the class.
 */
export async function listPending(db: Asked, { schoolId, classId, kind }: LetterGroup): Promise<string[]> {
  const isPending = `m.establishment_id = ? and m.left_at is null and a.status = 'pending'
    and a.password_hash is null`;
  const ofClass = classId === null ? "" : " and m.class_id = ?";
  const parameters = [schoolId, ...(classId === null ? [] : [classId])];
  const found =
    kind === "guardian" && classId !== null
      ? await db.ask<{ id: string }>(
          `select g.guardian_id as id, min(p.surname) as surname, min(p.first_name) as first_name
            from memberships m
            join guardianships g on g.pupil_id = m.account_id and g.establishment_id = m.establishment_id
              and g.ended_at is null and g.denied_at is null
            join accounts a on a.id = g.guardian_id
            left join school_people p on p.account_id = m.account_id
            where m.kind = 'pupil' and ${isPending}${ofClass}
            group by g.guardian_id order by surname, first_name, id`,
          parameters,
        )
      : await db.ask<{ id: string }>(
          `select a.id as id from memberships m
            join accounts a on a.id = m.account_id
            left join school_people p on p.account_id = a.id
            left join establishments c on c.id = m.class_id
            where m.kind = ? and ${isPending}${ofClass}
            order by c.code, p.surname, p.first_name, a.name, a.id`,
          [kind, ...parameters],
        );
  return found.map(({ id }) => id);
}

/** The first open schools, or those of these that are; by code. */
export async function listSchools(
  db: Asked,
  ids: readonly string[] | null,
  limit: number,
): Promise<{ id: string; name: string }[]> {
  const isAmong = ids === null ? "" : ` and id in ${among(db)}`;
  return db.ask(
    `select id, name from establishments where type = 'school' and closed_at is null${isAmong}
      order by code limit ${Math.trunc(limit)}`,
    ids === null ? [] : [listed(db, ids)],
  );
}

/** How many people of a kind have not activated their account, by class of a school; null: of no class. */
export async function countPending(
  db: Asked,
  schoolId: string,
): Promise<{ kind: Kind; classId: string | null; people: number }[]> {
  const found = await db.ask<{ kind: Kind; class_id: string | null; people: number }>(
    `select m.kind as kind, m.class_id as class_id, count(*) as people from memberships m
      join accounts a on a.id = m.account_id
      where m.establishment_id = ? and m.left_at is null and a.status = 'pending' and a.password_hash is null
      group by m.kind, m.class_id`,
    [schoolId],
  );
  return found.map(({ kind, class_id, people }) => ({ kind, classId: class_id, people: Number(people) }));
}
