import type { Asked, Tx } from "../../store/store.ts";

/** Those who work at an establishment because a role there was given to them, and when they cease to. */

/** They come to work there by a role; who worked there before without one is left as they were. */
export async function putWorker(tx: Tx, accountId: string, establishmentId: string): Promise<void> {
  await tx.ask(
    `insert into role_workers (account_id, establishment_id, ended_at)
      select cast(? as text), cast(? as text), null where not exists (
        select 1 from memberships where account_id = ? and establishment_id = ? and left_at is null)
      on conflict (account_id, establishment_id) do nothing`,
    [accountId, establishmentId, accountId, establishmentId],
  );
}

const hasRole = `exists (select 1 from staff_grants g where g.account_id = role_workers.account_id
  and g.establishment_id = role_workers.establishment_id and (g.expires_at is null or g.expires_at > ?))`;

/** Since when they have no role there any more; who was given one again is counted anew. */
export async function noteEnded(tx: Tx, now: number): Promise<void> {
  await tx.ask(`update role_workers set ended_at = ? where ended_at is null and not ${hasRole}`, [now, now]);
  await tx.ask(`update role_workers set ended_at = null where ended_at is not null and ${hasRole}`, [now]);
}

/** Whose last role there ended before a moment, but for those whose invitation nobody followed. */
export function endedWorkers(
  db: Asked,
  endedBefore: number,
  limit: number,
): Promise<{ account_id: string; establishment_id: string }[]> {
  return db.ask(
    `select w.account_id, w.establishment_id from role_workers w join accounts a on a.id = w.account_id
      where w.ended_at <= ? and a.status <> 'pending' order by w.ended_at limit ${Math.trunc(limit)}`,
    [endedBefore],
  );
}

export async function removeWorker(tx: Tx, accountId: string, establishmentId: string): Promise<void> {
  await tx.ask("delete from role_workers where account_id = ? and establishment_id = ?", [
    accountId,
    establishmentId,
  ]);
}
