import { sql } from "kysely";
import { holding } from "../../store/abilities.ts";
import type { Db, Tx } from "../../store/store.ts";
import type { Believed, PartState } from "./judge.ts";
import type { PartName } from "./parts.ts";

export interface PartRow {
  part: PartName;
  state: PartState;
  since: number;
  delay_seconds: number | null;
  measured_at: number;
  candidate: PartState | null;
  candidate_since: number | null;
  candidate_seen: number;
}

export interface HistoryRow {
  part: PartName;
  at: number;
  state: PartState;
}

export interface IncidentRow {
  id: string;
  is_public: number;
  parts: string;
  concerns_everybody: number;
  title: string;
  body: string;
  starts_at: number;
  ends_at: number | null;
  resolved_at: number | null;
  changed_at: number;
  changed_by: string;
}

export interface UpdateRow {
  id: string;
  incident_id: string;
  body: string;
  at: number;
  author_id: string;
}

interface StatusTables {
  status_parts: PartRow;
  status_history: HistoryRow;
  status_incidents: IncidentRow;
  status_updates: UpdateRow;
}

const of = (db: Db) => db.tables<StatusTables>();

export function listParts(db: Db): Promise<PartRow[]> {
  return of(db).selectFrom("status_parts").selectAll().execute();
}

export async function savePart(
  tx: Tx,
  part: PartName,
  believed: Believed,
  measured: { delaySeconds: number | null; at: number },
): Promise<void> {
  const { state, since, candidate } = believed;
  const row = {
    state,
    since,
    delay_seconds: measured.delaySeconds,
    measured_at: measured.at,
    candidate: candidate?.state ?? null,
    candidate_since: candidate?.since ?? null,
    candidate_seen: candidate?.seen ?? 0,
  };
  await of(tx)
    .insertInto("status_parts")
    .values({ part, ...row })
    .onConflict((conflict) => conflict.column("part").doUpdateSet(row))
    .execute();
}

/** Parts that are measured no more, such as a channel that was turned off. */
export async function removeOtherParts(tx: Tx, kept: PartName[]): Promise<void> {
  await of(tx).deleteFrom("status_parts").where("part", "not in", kept).execute();
}

export function listHistory(db: Db, since: number): Promise<HistoryRow[]> {
  return of(db).selectFrom("status_history").selectAll().where("at", ">=", since).orderBy("at").execute();
}

export async function findHistory(db: Db, part: PartName, at: number): Promise<HistoryRow | null> {
  const row = await of(db)
    .selectFrom("status_history")
    .selectAll()
    .where("part", "=", part)
    .where("at", "=", at)
    .executeTakeFirst();
  return row ?? null;
}

export async function saveHistory(tx: Tx, row: HistoryRow): Promise<void> {
  await of(tx)
    .insertInto("status_history")
    .values(row)
    .onConflict((conflict) => conflict.columns(["part", "at"]).doUpdateSet({ state: row.state }))
    .execute();
}

export async function forgetHistory(tx: Tx, before: number): Promise<void> {
  await of(tx).deleteFrom("status_history").where("at", "<", before).execute();
}

/** When it was said to be over, else when it was announced to end; null where neither is known. */
const overAt = sql<number | null>`coalesce(resolved_at, ends_at)`;

/** What began, or was over, since `since`, and what goes on; the newest first. */
export function listIncidents(db: Db, since: number): Promise<IncidentRow[]> {
  return of(db)
    .selectFrom("status_incidents")
    .selectAll()
    .where((is) => is.or([is("starts_at", ">=", since), is(overAt, "is", null), is(overAt, ">=", since)]))
    .orderBy("starts_at", "desc")
    .orderBy("id", "desc")
    .limit(200)
    .execute();
}

export async function findIncident(db: Db, id: string): Promise<IncidentRow | null> {
  const row = await of(db).selectFrom("status_incidents").selectAll().where("id", "=", id).executeTakeFirst();
  return row ?? null;
}

/** The incident as it is now, which nobody else changes until the transaction ends. */
export async function holdIncident(tx: Tx, id: string): Promise<IncidentRow | null> {
  const query = of(tx).selectFrom("status_incidents").selectAll().where("id", "=", id);
  return (await holding(tx, query).executeTakeFirst()) ?? null;
}

export async function insertIncident(tx: Tx, row: IncidentRow): Promise<void> {
  await of(tx).insertInto("status_incidents").values(row).execute();
}

export async function updateIncident(tx: Tx, id: string, change: Partial<IncidentRow>): Promise<void> {
  await of(tx).updateTable("status_incidents").set(change).where("id", "=", id).execute();
}

/** Removes a draft; false if it is public by now. */
export async function deleteDraft(tx: Tx, id: string): Promise<boolean> {
  const deleted = await of(tx)
    .deleteFrom("status_incidents")
    .where("id", "=", id)
    .where("is_public", "=", 0)
    .executeTakeFirst();
  return deleted.numDeletedRows === 1n;
}

export async function insertUpdate(tx: Tx, row: UpdateRow): Promise<void> {
  await of(tx).insertInto("status_updates").values(row).execute();
}

export async function listUpdates(db: Db, incidentIds: string[]): Promise<UpdateRow[]> {
  if (incidentIds.length === 0) return [];
  return of(db)
    .selectFrom("status_updates")
    .selectAll()
    .where("incident_id", "in", incidentIds)
    .orderBy("at")
    .orderBy("id")
    .execute();
}

/** Forgets incidents that ended long ago, with what was added to them. */
export async function forgetIncidents(tx: Tx, before: number): Promise<void> {
  await of(tx).deleteFrom("status_incidents").where(overAt, "<", before).execute();
}
