import { among, listed } from "../../store/many-rows.ts";
import type { Tx } from "../../store/store.ts";

/**
 * Forgets all that schools know of these people (DESIGN §9): what registries said of them, who answers for whom, where
 * they belonged, with which account they became one. A registry that names one of them again makes a new account.
 */
export async function forgetPeople(tx: Tx, accountIds: readonly string[]): Promise<void> {
  if (accountIds.length === 0) return;
  const people = listed(tx, accountIds);
  for (const kind of ["guardian", "pupil"] as const) {
    await tx.ask(
      `delete from registry_links where (establishment_id, ${kind}_record_id) in (
        select establishment_id, record_id from registry_records
          where kind = '${kind}' and account_id in ${among(tx)})`,
      [people],
    );
  }
  for (const [table, column] of [
    ["registry_records", "account_id"],
    ["guardianships", "guardian_id"],
    ["guardianships", "pupil_id"],
    ["family_reports", "guardian_id"],
    ["family_reports", "pupil_id"],
    ["family_joins", "kept_id"],
    ["family_joins", "joined_id"],
    ["memberships", "account_id"],
    ["role_workers", "account_id"],
    ["school_people", "account_id"],
  ] as const) {
    await tx.ask(`delete from ${table} where ${column} in ${among(tx)}`, [people]);
  }
}
