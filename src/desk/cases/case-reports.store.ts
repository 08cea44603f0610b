import type { Symptom } from "../../config/symptoms.ts";
import { lowestUuidAt } from "../../kernel/ids.ts";
import { among, insertingMany, listed } from "../../store/many-rows.ts";
import type { Db, Tx } from "../../store/store.ts";
import type { CasePlace, CaseRow } from "./cases.store.ts";

/** The figures of the cases opened on one day, of one relay and symptom. */
export interface CaseDayRow {
  /** Such as `2027-03-02`, of the portal's time zone. */
  day: string;
  relay: string;
  symptom: string;
  opened: number;
  solved: number;
  reopened: number;
  escalated: number;
  closed_themselves: number;
  satisfied: number;
  partly_satisfied: number;
  unsatisfied: number;
  /** JSON: how many by rounded working seconds. */
  first_answers: string;
  resolutions: string;
}

/** The same of the cases that stand at one school, or in one academy. */
export interface CasePlaceDayRow extends CaseDayRow {
  establishment_id: string;
}

interface ReportTables {
  case_days: CaseDayRow;
  case_place_days: CasePlaceDayRow;
  case_days_counted: { id: number; at: number };
}

const of = (db: Db) => db.tables<ReportTables>();

/** What a report is made of. */
export interface ReportedCase
  extends Pick<
      CaseRow,
      | "id"
      | "relay"
      | "status"
      | "opened_at"
      | "first_answered_at"
      | "solved_at"
      | "closed_at"
      | "reopened"
      | "satisfaction"
    >,
    CasePlace {
  symptom: Symptom;
  /** 1: the person signed in, and it was closed by that. */
  by_itself: number;
}

/**
 * Cases opened at `after.opened_at` or later and before `until`, but for those that go on in another: the first `limit`
 * after that one. `event`: by which a case closes by itself.
 */
export async function casesOpened(
  db: Db,
  after: { opened_at: number; id: string },
  until: number,
  event: string,
  limit: number,
): Promise<ReportedCase[]> {
  return db.ask<ReportedCase>(
    `select id, relay, symptom, status, opened_at, first_answered_at, solved_at, closed_at, reopened, satisfaction,
       establishment_id, academy_id,
       case when status in ('solved', 'closed') and exists (
         select 1 from case_messages m where m.case_id = cases.id and m.kind = 'event' and m.body = ?
       ) then 1 else 0 end as by_itself
     from cases
     where opened_at >= ? and opened_at < ? and (opened_at > ? or id > ?) and status <> 'merged'
     order by opened_at, id limit ${limit}`,
    [event, after.opened_at, until, after.opened_at, after.id],
  );
}

/** Each escalation of a case opened in this time: the relay that it left. */
export async function escalationsOf(
  db: Db,
  from: number,
  until: number,
): Promise<{ case_id: string; from_relay: string }[]> {
  return db.ask(
    `select e.case_id, e.from_relay from cases c join case_escalations e on e.case_id = c.id
     where c.opened_at >= ? and c.opened_at < ?`,
    [from, until],
  );
}

/**
 * When the cases were opened that something happened to since a moment: whatever happens to a case is written into it,
 * but for how it was judged. Ids are times, so that the newest messages are found without an index of their own.
 */
export async function openedOfTouched(db: Db, since: number): Promise<number[]> {
  const rows = await db.ask<{ opened_at: number }>(
    `select distinct c.opened_at from case_messages m join cases c on c.id = m.case_id where m.id >= ?
     union select opened_at from cases where satisfaction_at is not null and satisfaction_at >= ?`,
    [lowestUuidAt(since), since],
  );
  return rows.map((row) => row.opened_at);
}

/** When the first case that is still kept was opened; null before there is one. */
export async function firstOpened(db: Db): Promise<number | null> {
  const [row] = await db.ask<{ at: number | null }>("select min(opened_at) as at from cases", []);
  return row?.at ?? null;
}

export async function replaceDay(tx: Tx, day: string, rows: CaseDayRow[]): Promise<void> {
  await of(tx).deleteFrom("case_days").where("day", "=", day).execute();
  if (rows.length > 0) await of(tx).insertInto("case_days").values(rows).execute();
}

const putPlaceDays = insertingMany<CasePlaceDayRow>("case_place_days", {
  establishment_id: "text",
  day: "text",
  relay: "text",
  symptom: "text",
  opened: "integer",
  solved: "integer",
  reopened: "integer",
  escalated: "integer",
  closed_themselves: "integer",
  satisfied: "integer",
  partly_satisfied: "integer",
  unsatisfied: "integer",
  first_answers: "text",
  resolutions: "text",
});

/** The figures of some places on one day, in place of what was counted before. */
export async function replacePlaceDays(
  tx: Tx,
  day: string,
  establishmentIds: string[],
  rows: CasePlaceDayRow[],
): Promise<void> {
  if (establishmentIds.length === 0) return;
  await tx.ask(`delete from case_place_days where day = ? and establishment_id in ${among(tx)}`, [
    day,
    listed(tx, establishmentIds),
  ]);
  await putPlaceDays(tx, rows);
}

/** The places that a day has figures of. */
export async function placesCountedOn(db: Db, day: string): Promise<string[]> {
  const rows = await db.ask<{ id: string }>(
    "select distinct establishment_id as id from case_place_days where day = ?",
    [day],
  );
  return rows.map(({ id }) => id);
}

/** The figures of one place, of days from the first to the last, both included. */
export async function placeDaysBetween(
  db: Db,
  first: string,
  last: string,
  there: { establishmentIds: string[]; relays: string[] },
): Promise<CaseDayRow[]> {
  return db.ask<CaseDayRow>(
    `select day, relay, symptom, opened, solved, reopened, escalated, closed_themselves, satisfied, partly_satisfied,
       unsatisfied, first_answers, resolutions
     from case_place_days
     where establishment_id in ${among(db)} and day >= ? and day <= ? and relay in ${among(db)}`,
    [listed(db, there.establishmentIds), first, last, listed(db, there.relays)],
  );
}

/** The figures of days from the first to the last, both included. */
export async function daysBetween(
  db: Db,
  first: string,
  last: string,
  relays: string[],
): Promise<CaseDayRow[]> {
  if (relays.length === 0) return [];
  return of(db)
    .selectFrom("case_days")
    .selectAll()
    .where("day", ">=", first)
    .where("day", "<=", last)
    .where("relay", "in", relays)
    .execute();
}

export async function forgetDays(tx: Tx, before: string): Promise<void> {
  await of(tx).deleteFrom("case_days").where("day", "<", before).execute();
  await of(tx).deleteFrom("case_place_days").where("day", "<", before).execute();
}

/** When days were last counted; null before the first time. */
export async function readCountedAt(db: Db): Promise<number | null> {
  const row = await of(db).selectFrom("case_days_counted").select("at").executeTakeFirst();
  return row?.at ?? null;
}

export async function writeCountedAt(tx: Tx, at: number): Promise<void> {
  await of(tx)
    .insertInto("case_days_counted")
    .values({ id: 1, at })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ at }))
    .execute();
}
