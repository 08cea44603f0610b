import { among, listed } from "../../store/many-rows.ts";
import type { Asked } from "../../store/store.ts";

/** What an account was before it was closed. */
export type StatusBefore = "pending" | "active" | "disabled";

/** Every line by which an account is closed. */
const closings = ["registry-import.closed", "people.closed", "operate.account-closed", "families.settled"];

/**
 * Those of these accounts that are closed because their person had left, with what they were before: they come back as
 * they were. Whom staff or an operator closed, before or since, stays closed.
 */
export async function closedByRegistry(
  db: Asked,
  accountIds: readonly string[],
): Promise<Map<string, StatusBefore>> {
  if (accountIds.length === 0) return new Map();
  const lines = await db.ask<{
    account_id: string;
    event: string;
    params: string;
    password_hash: string | null;
  }>(
    `select j.account_id, j.event, j.params, a.password_hash
      from accounts a join journal j on j.account_id = a.id
      where a.id in ${among(db)} and a.status = 'closed' and j.event in ${among(db)}
      order by j.at, j.id`,
    [listed(db, [...accountIds]), listed(db, closings)],
  );
  const found = new Map<string, StatusBefore>();
  for (const { account_id: id, event, params, password_hash: hash } of lines) {
    const { status } = JSON.parse(params) as { status?: StatusBefore };
    if (event === "registry-import.closed") found.set(id, status ?? (hash === null ? "pending" : "active"));
    else found.delete(id);
  }
  return found;
}
