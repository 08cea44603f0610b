import { sql } from "kysely";
import type { Asked, Tx } from "../../store/store.ts";

interface BudgetTables {
  budgets: { name: string; key: string; window_started_at: number; spent: number };
}

/** Spends one, opening a new window where the last has ended; answers what is spent and since when. */
export async function spend(
  tx: Tx,
  name: string,
  key: string,
  now: number,
  windowFor: number,
): Promise<{ spent: number; windowStartedAt: number }> {
  const ended = sql<boolean>`budgets.window_started_at <= ${now - windowFor}`;
  const row = await tx
    .tables<BudgetTables>()
    .insertInto("budgets")
    .values({ name, key, window_started_at: now, spent: 1 })
    .onConflict((conflict) =>
      conflict.columns(["name", "key"]).doUpdateSet({
        spent: sql<number>`case when ${ended} then 1 else budgets.spent + 1 end`,
        window_started_at: sql<number>`case when ${ended} then ${now} else budgets.window_started_at end`,
      }),
    )
    .returning(["spent", "window_started_at"])
    .executeTakeFirstOrThrow();
  return { spent: Number(row.spent), windowStartedAt: row.window_started_at };
}

export async function read(
  db: Asked,
  name: string,
  key: string,
): Promise<{ spent: number; windowStartedAt: number } | null> {
  const [row] = await db.ask<{ spent: number; window_started_at: number }>(
    "select spent, window_started_at from budgets where name = ? and key = ?",
    [name, key],
  );
  return row ? { spent: Number(row.spent), windowStartedAt: row.window_started_at } : null;
}

export async function forget(tx: Tx, before: number): Promise<void> {
  await tx.tables<BudgetTables>().deleteFrom("budgets").where("window_started_at", "<", before).execute();
}
