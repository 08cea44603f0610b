import type { Kind } from "../../config/preset.ts";
import { among, listed } from "../../store/many-rows.ts";
import type { Asked, Tx } from "../../store/store.ts";

/** Contact points of a registry beside proved ones, and those with which staff have dealt. */
export interface ConflictRow {
  /** Of the registry's contact point. */
  id: string;
  account_id: string;
  name: string;
  kind: Kind;
}

export interface SettledRow {
  contact_point_id: string;
  settled_by: string;
  settled_at: number;
}

/** The newest of one school with which nobody has dealt; ids are made in the order of time. */
export async function listConflicts(
  db: Asked,
  schoolId: string,
  before: string | null,
  limit: number,
): Promise<ConflictRow[]> {
  return db.ask(
    `select p.id as id, a.id as account_id, a.name as name, a.kind as kind
      from memberships m
      join contact_points p on p.account_id = m.account_id
      join accounts a on a.id = m.account_id
      where m.establishment_id = ? and m.left_at is null
        and p.origin = 'registry' and p.state = 'declared'${before === null ? "" : " and p.id < ?"}
        and exists (select 1 from contact_points v where v.account_id = p.account_id and v.channel = p.channel
          and v.state = 'verified' and v.address_key <> p.address_key)
        and not exists (select 1 from registry_settled s where s.contact_point_id = p.id)
      order by p.id desc limit ${Math.trunc(limit)}`,
    [schoolId, ...(before === null ? [] : [before])],
  );
}

export async function settledAmong(db: Asked, contactPointIds: string[]): Promise<Set<string>> {
  if (contactPointIds.length === 0) return new Set();
  const rows = await db.ask<{ id: string }>(
    `select contact_point_id as id from registry_settled where contact_point_id in ${among(db)}`,
    [listed(db, contactPointIds)],
  );
  return new Set(rows.map(({ id }) => id));
}

/** False where somebody has dealt with it already. */
export async function insertSettled(tx: Tx, row: SettledRow): Promise<boolean> {
  const rows = await tx.ask(
    `insert into registry_settled (contact_point_id, settled_by, settled_at) values (?, ?, ?)
      on conflict do nothing returning 1 as one`,
    [row.contact_point_id, row.settled_by, row.settled_at],
  );
  return rows.length > 0;
}
