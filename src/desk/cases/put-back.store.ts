import { among, listed } from "../../store/many-rows.ts";
import type { Asked, Tx } from "../../store/store.ts";
import type { CaseRow } from "./cases.store.ts";

/** Cases that somebody took, who may have lost what let them. */

export type TakenCase = Pick<
  CaseRow,
  "id" | "account_id" | "assignee_id" | "relay" | "establishment_id" | "academy_id"
>;

const live = "status in ('open', 'waiting')";

export function takenBy(db: Asked, accountId: string): Promise<TakenCase[]> {
  return db.ask(
    `select id, account_id, assignee_id, relay, establishment_id, academy_id from cases
      where assignee_id = ? and ${live}`,
    [accountId],
  );
}

/** Those of whoever has cases and a role of whom has ended since a moment, or who has none at all. */
export async function takersWithout(db: Asked, endedSince: number, now: number): Promise<string[]> {
  const found = await db.ask<{ id: string }>(
    `select distinct c.assignee_id as id from cases c where c.assignee_id is not null and c.${live} and (
      exists (select 1 from staff_grants g where g.account_id = c.assignee_id and g.expires_at > ? and g.expires_at <= ?)
      or not exists (select 1 from staff_grants g where g.account_id = c.assignee_id
        and (g.expires_at is null or g.expires_at > ?)))`,
    [endedSince, now, now],
  );
  return found.map(({ id }) => id);
}

/** Those of these cases that were still theirs. */
export async function putBack(tx: Tx, accountId: string, caseIds: readonly string[]): Promise<string[]> {
  if (caseIds.length === 0) return [];
  const found = await tx.ask<{ id: string }>(
    `update cases set assignee_id = null where assignee_id = ? and id in ${among(tx)} returning id`,
    [accountId, listed(tx, caseIds)],
  );
  return found.map(({ id }) => id);
}
