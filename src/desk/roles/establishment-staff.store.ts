import type { AccountStatus } from "../../accounts/accounts.ts";
import type { Asked } from "../../store/store.ts";

/** Who works at an establishment: whoever holds a role there, or belongs to it as staff. */

export interface WorkerRow {
  id: string;
  name: string;
  status: AccountStatus;
  /** Tells two of one name apart. */
  identifier: string | null;
}

const workers = `select a.id, a.name, a.status,
    (select i.shown from identifiers i where i.account_id = a.id order by i.kind desc, i.key limit 1) as identifier
  from accounts a
  where a.kind = 'staff' and a.status in ('active', 'pending') and a.id in (
    select m.account_id from memberships m
      where m.establishment_id = ? and m.kind = 'staff' and m.left_at is null
    union
    select g.account_id from staff_grants g
      where g.establishment_id = ? and (g.expires_at is null or g.expires_at > ?)
  )`;

/** By name; at most `limit` from `offset` on. */
export function listWorkers(
  db: Asked,
  establishmentId: string,
  now: number,
  { limit, offset }: { limit: number; offset: number },
): Promise<WorkerRow[]> {
  return db.ask(`${workers} order by a.name, a.id limit ? offset ?`, [
    establishmentId,
    establishmentId,
    now,
    limit,
    offset,
  ]);
}

export async function findWorker(
  db: Asked,
  establishmentId: string,
  accountId: string,
  now: number,
): Promise<WorkerRow | null> {
  const [row] = await db.ask<WorkerRow>(`${workers} and a.id = ?`, [
    establishmentId,
    establishmentId,
    now,
    accountId,
  ]);
  return row ?? null;
}
