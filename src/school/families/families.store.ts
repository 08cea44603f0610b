import { among, listed } from "../../store/many-rows.ts";
import type { Asked, Db, Tx } from "../../store/store.ts";

/** Who answers for whom, as guardians and staff see it, and what guardians reported of it. */

export interface ReportRow {
  id: string;
  guardian_id: string;
  pupil_id: string;
  establishment_id: string;
  words: string;
  reported_at: number;
  decision: "removed" | "kept" | null;
  decided_at: number | null;
  decided_by: string | null;
  reason: string | null;
}

interface FamilyTables {
  family_reports: ReportRow;
}

const of = (db: Db) => db.tables<FamilyTables>();

/** A guardian's link to a pupil in one school. */
export interface TieRow {
  guardian_id: string;
  guardian_name: string;
  pupil_id: string;
  pupil_name: string;
  establishment_id: string;
  school: string;
  class_name: string | null;
  level: number;
  /** When the guardian reported it; null where nobody did, or staff have answered. */
  reported_at: number | null;
}

const ties = `select g.guardian_id, ga.name as guardian_name, g.pupil_id, pa.name as pupil_name, g.establishment_id,
    e.name as school, c.name as class_name, g.level, r.reported_at
  from guardianships g
  join accounts ga on ga.id = g.guardian_id
  join accounts pa on pa.id = g.pupil_id
  join establishments e on e.id = g.establishment_id
  left join memberships m on m.account_id = g.pupil_id and m.establishment_id = g.establishment_id and m.left_at is null
  left join establishments c on c.id = m.class_id
  left join family_reports r on r.guardian_id = g.guardian_id and r.pupil_id = g.pupil_id
    and r.establishment_id = g.establishment_id and r.decided_at is null`;

/** The pupils of a guardian, a line for each school. */
export function pupilsOf(db: Asked, guardianId: string): Promise<TieRow[]> {
  return db.ask(
    `${ties} where g.guardian_id = ? and g.ended_at is null and pa.status <> 'closed' order by pa.name, g.pupil_id, e.name`,
    [guardianId],
  );
}

/** The guardians of a pupil, a line for each school. */
export function guardiansOf(db: Asked, pupilId: string): Promise<TieRow[]> {
  return db.ask(
    `${ties} where g.pupil_id = ? and g.ended_at is null and ga.status <> 'closed' order by g.level, ga.name, e.name`,
    [pupilId],
  );
}

/** False while the same link is reported already. */
export async function insertReport(tx: Tx, row: ReportRow): Promise<boolean> {
  const made = await tx.ask(
    `insert into family_reports (id, guardian_id, pupil_id, establishment_id, words, reported_at)
      values (?, ?, ?, ?, ?, ?) on conflict do nothing returning id`,
    [row.id, row.guardian_id, row.pupil_id, row.establishment_id, row.words, row.reported_at],
  );
  return made.length === 1;
}

/** A report with the names that staff need to answer it. */
export interface ShownReport {
  id: string;
  guardian_id: string;
  guardian_name: string;
  pupil_id: string;
  pupil_name: string;
  establishment_id: string;
  school: string;
  class_name: string | null;
  words: string;
  reported_at: number;
}

/** Whose reports a member of staff sees: inside these establishments (null: everywhere), and never their own. */
export interface Seeing {
  accountId: string;
  walls: readonly string[] | null;
}

function inside(db: Asked, { accountId, walls }: Seeing) {
  const notOwn = "r.decided_at is null and r.guardian_id <> ? and r.pupil_id <> ?";
  return walls === null
    ? { condition: notOwn, parameters: [accountId, accountId] }
    : {
        condition: `${notOwn} and exists (select 1 from establishments_above b
          where b.establishment_id = r.establishment_id and b.above_id in ${among(db)})`,
        parameters: [accountId, accountId, listed(db, walls)],
      };
}

/** Reports that wait for an answer, the oldest first: one, or those after one of the list. */
export function openReports(
  db: Asked,
  seeing: Seeing,
  asked: { id?: string; after?: string; limit: number },
): Promise<ShownReport[]> {
  const { condition, parameters } = inside(db, seeing);
  const { id, after = "" } = asked;
  return db.ask(
    `select r.id, r.guardian_id, ga.name as guardian_name, r.pupil_id, pa.name as pupil_name, r.establishment_id,
        e.name as school, c.name as class_name, r.words, r.reported_at
      from family_reports r
      join accounts ga on ga.id = r.guardian_id
      join accounts pa on pa.id = r.pupil_id
      join establishments e on e.id = r.establishment_id
      left join memberships m on m.account_id = r.pupil_id and m.establishment_id = r.establishment_id
        and m.left_at is null
      left join establishments c on c.id = m.class_id
      where ${condition} and ${id === undefined ? "r.id > ?" : "r.id = ?"}
      order by r.id limit ${Math.trunc(asked.limit)}`,
    [...parameters, id ?? after],
  );
}

export async function countOpenReports(db: Asked, seeing: Seeing): Promise<number> {
  const { condition, parameters } = inside(db, seeing);
  const [row] = await db.ask<{ n: number }>(
    `select count(*) as n from family_reports r where ${condition}`,
    parameters,
  );
  return Number(row?.n ?? 0);
}

/** Answers a report; false if somebody else has. */
export async function decideReport(
  tx: Tx,
  id: string,
  decided: { decision: "removed" | "kept"; at: number; by: string; reason: string },
): Promise<boolean> {
  const updated = await of(tx)
    .updateTable("family_reports")
    .set({
      decision: decided.decision,
      decided_at: decided.at,
      decided_by: decided.by,
      reason: decided.reason,
    })
    .where("id", "=", id)
    .where("decided_at", "is", null)
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

type Tie = Pick<ReportRow, "guardian_id" | "pupil_id" | "establishment_id">;
const isTie = "guardian_id = ? and pupil_id = ? and establishment_id = ?";
const keyOf = (tie: Tie) => [tie.guardian_id, tie.pupil_id, tie.establishment_id];

/** What the guardian says of a link, or says no more: while it is set nothing is proved by the link. */
export async function markDenied(tx: Tx, tie: Tie, at: number | null): Promise<void> {
  await tx.ask(`update guardianships set denied_at = ? where ${isTie}`, [at, ...keyOf(tie)]);
}

/** Ends a link, and keeps registries from making it again as long as they repeat it. */
export async function refuseTie(tx: Tx, tie: Tie, at: number): Promise<void> {
  await tx.ask(`update guardianships set ended_at = coalesce(ended_at, ?), refused_at = ? where ${isTie}`, [
    at,
    at,
    ...keyOf(tie),
  ]);
}

/** Answered reports are kept as long as the journal. */
export async function forgetReports(tx: Tx, before: number): Promise<void> {
  await of(tx).deleteFrom("family_reports").where("decided_at", "<", before).execute();
}
