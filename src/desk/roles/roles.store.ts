import type { AccountStatus } from "../../accounts/accounts.ts";
import { among, listed } from "../../store/many-rows.ts";
import type { Asked, Db, Tx } from "../../store/store.ts";

export interface GrantRow {
  id: string;
  account_id: string;
  role: string;
  /** The establishment at whose walls the role ends; null: everywhere the role reaches. */
  establishment_id: string | null;
  granted_at: number;
  /** The staff member who gave it; null: the operator's command line. */
  granted_by: string | null;
  expires_at: number | null;
}

interface RoleTables {
  staff_grants: GrantRow;
}

const of = (db: Db) => db.tables<RoleTables>();

/** The roles that an account has now. */
export async function grantsOf(db: Db, accountId: string, now: number): Promise<GrantRow[]> {
  return of(db)
    .selectFrom("staff_grants")
    .selectAll()
    .where("account_id", "=", accountId)
    .where((is) => is.or([is("expires_at", "is", null), is("expires_at", ">", now)]))
    .orderBy("granted_at")
    .execute();
}

/** The roles given at one establishment that count now. */
export function grantsAt(db: Db, establishmentId: string, now: number): Promise<GrantRow[]> {
  return of(db)
    .selectFrom("staff_grants")
    .selectAll()
    .where("establishment_id", "=", establishmentId)
    .where((is) => is.or([is("expires_at", "is", null), is("expires_at", ">", now)]))
    .orderBy("granted_at")
    .execute();
}

export async function findGrant(db: Db, id: string, now: number): Promise<GrantRow | null> {
  const row = await of(db)
    .selectFrom("staff_grants")
    .selectAll()
    .where("id", "=", id)
    .where((is) => is.or([is("expires_at", "is", null), is("expires_at", ">", now)]))
    .executeTakeFirst();
  return row ?? null;
}

export async function insertGrant(tx: Tx, row: GrantRow): Promise<void> {
  await of(tx).insertInto("staff_grants").values(row).execute();
}

/** Takes every role from an account. */
export async function removeGrants(tx: Tx, accountId: string): Promise<void> {
  await of(tx).deleteFrom("staff_grants").where("account_id", "=", accountId).execute();
}

/** Takes one grant; false if it was gone already. */
export async function removeGrant(tx: Tx, id: string): Promise<boolean> {
  const removed = await of(tx).deleteFrom("staff_grants").where("id", "=", id).executeTakeFirst();
  return removed.numDeletedRows === 1n;
}

/** True for an account that has any role now: asked at every sign-in, so the statement is written out. */
export async function hasGrant(db: Asked, accountId: string, now: number): Promise<boolean> {
  const found = await db.ask(
    "select 1 from staff_grants where account_id = ? and (expires_at is null or expires_at > ?) limit 1",
    [accountId, now],
  );
  return found.length > 0;
}

/** Those of these accounts that have any role now. */
export async function listGranted(db: Asked, accountIds: string[], now: number): Promise<string[]> {
  if (accountIds.length === 0) return [];
  const found = await db.ask<{ account_id: string }>(
    `select distinct account_id from staff_grants where account_id in ${among(db)}
       and (expires_at is null or expires_at > ?)`,
    [listed(db, accountIds), now],
  );
  return found.map((row) => row.account_id);
}

/** How many of these roles are held without an establishment. */
export async function countNowhere(db: Asked, roles: string[], now: number): Promise<number> {
  if (roles.length === 0) return 0;
  const [row] = await db.ask<{ count: number }>(
    `select count(*) as count from staff_grants where establishment_id is null and role in ${among(db)}
       and (expires_at is null or expires_at > ?)`,
    [listed(db, roles), now],
  );
  return Number(row?.count ?? 0);
}

/** One line of the list of staff. */
export interface StaffRow {
  id: string;
  name: string;
  status: AccountStatus;
  signed_in_at: number | null;
}

const staffRows = `select a.id, a.name, a.status,
  (select j.at from journal j where j.account_id = a.id and j.event = 'sign-in.done'
    order by j.at desc limit 1) as signed_in_at
  from accounts a
  where a.status <> 'closed' and a.id in (
    select g.account_id from staff_grants g where g.expires_at is null or g.expires_at > ?
    union select s.id from accounts s where s.kind = 'staff' and s.status = 'active'
  )`;

/** Accounts with a role, and staff whose last one has ended, by name; at most `limit` from `offset` on. */
export async function listStaff(
  db: Asked,
  now: number,
  { limit, offset }: { limit: number; offset: number },
): Promise<StaffRow[]> {
  return db.ask(`${staffRows} order by a.name, a.id limit ? offset ?`, [now, limit, offset]);
}

export async function findStaff(db: Asked, now: number, accountId: string): Promise<StaffRow | null> {
  const [row] = await db.ask<StaffRow>(`${staffRows} and a.id = ?`, [now, accountId]);
  return row ?? null;
}
