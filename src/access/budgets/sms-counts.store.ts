import { sql } from "kysely";
import type { Db, Tx } from "../../store/store.ts";

interface SmsCountTables {
  sms_counts: { day: string; country: string; outcome: string; count: number };
}

/** One more of this outcome on this day. */
export async function countSms(tx: Tx, day: string, country: string, outcome: string): Promise<void> {
  await tx
    .tables<SmsCountTables>()
    .insertInto("sms_counts")
    .values({ day, country, outcome, count: 1 })
    .onConflict((conflict) =>
      conflict
        .columns(["day", "country", "outcome"])
        .doUpdateSet({ count: sql<number>`sms_counts.count + 1` }),
    )
    .execute();
}

export async function smsCountsSince(
  db: Db,
  day: string,
): Promise<{ day: string; country: string; outcome: string; count: number }[]> {
  const rows = await db
    .tables<SmsCountTables>()
    .selectFrom("sms_counts")
    .selectAll()
    .where("day", ">=", day)
    .orderBy("day")
    .orderBy("country")
    .orderBy("outcome")
    .execute();
  return rows.map((row) => ({ ...row, count: Number(row.count) }));
}

export async function forgetSmsCounts(tx: Tx, before: string): Promise<void> {
  await tx.tables<SmsCountTables>().deleteFrom("sms_counts").where("day", "<", before).execute();
}
