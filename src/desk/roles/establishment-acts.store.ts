import { among, listed } from "../../store/many-rows.ts";
import type { Asked, Tx } from "../../store/store.ts";

/** Acts of staff, by the establishments of the people whom they were about. */

export interface ActRow {
  at: number;
  journal_id: string;
  /** Null: the operator's command line. */
  staff_id: string | null;
  /** Empty: the act is about the establishment, and nobody in particular. */
  account_id: string;
}

/** An act as the list shows it. */
export interface ListedActRow extends ActRow {
  /** Null where the account is gone. */
  staff_name: string | null;
  person_name: string | null;
  event: string;
  /** JSON. */
  params: string;
  reason: string | null;
}

/**
 * Notes an act at the establishment where it was done, or once for each open one that its person belongs to now: one
 * statement.
 */
export async function insertAct(
  tx: Tx,
  { at, journal_id, staff_id, account_id, placeId }: ActRow & { placeId: string | null },
): Promise<void> {
  if (placeId !== null) {
    await tx.ask(
      "insert into establishment_acts (establishment_id, at, journal_id, staff_id, account_id) values (?, ?, ?, ?, ?)",
      [placeId, at, journal_id, staff_id, account_id],
    );
    return;
  }
  await tx.ask(
    `insert into establishment_acts (establishment_id, at, journal_id, staff_id, account_id)
      select m.establishment_id, cast(? as bigint), cast(? as text), cast(? as text), m.account_id
      from memberships m join establishments e on e.id = m.establishment_id
      where m.account_id = ? and m.left_at is null and e.closed_at is null`,
    [at, journal_id, staff_id, account_id],
  );
}

export interface ActsAsked {
  /** Inside which establishments; null: everywhere. */
  walls: readonly string[] | null;
  staffId: string | null;
  /** Beginnings of events, one of which it must have; null: any. */
  events: readonly string[] | null;
  /** From the first moment on, and before the second. */
  between: { from: number; until: number } | null;
  before: { at: number; journalId: string } | null;
  limit: number;
}

const isInside = (db: Asked) =>
  `a.establishment_id in (select establishment_id from establishments_above where above_id in ${among(db)})`;

/** The newest acts first. One that is about somebody of two of the establishments is listed once. */
export async function listActs(db: Asked, asked: ActsAsked): Promise<ListedActRow[]> {
  const { walls, staffId, events, between, before } = asked;
  if (walls?.length === 0) return [];
  const conditions: { text: string; parameters: unknown[] }[] = [];
  if (walls) conditions.push({ text: isInside(db), parameters: [listed(db, walls)] });
  if (staffId !== null) conditions.push({ text: "a.staff_id = ?", parameters: [staffId] });
  if (events) {
    conditions.push({
      text: `exists (select 1 from journal k where k.id = a.journal_id and (${events.map(() => "k.event like ?").join(" or ")}))`,
      parameters: events.map((beginning) => `${beginning}%`),
    });
  }
  if (between) conditions.push({ text: "a.at >= ? and a.at < ?", parameters: [between.from, between.until] });
  if (before) {
    const { at, journalId } = before;
    conditions.push({
      text: "(a.at < ? or (a.at = ? and a.journal_id < ?))",
      parameters: [at, at, journalId],
    });
  }
  const where = conditions.length === 0 ? "" : `where ${conditions.map(({ text }) => text).join(" and ")}`;
  return db.ask<ListedActRow>(
    `select f.at, f.journal_id, f.staff_id, f.account_id, j.event, j.params, j.reason,
        s.name as staff_name, p.name as person_name
      from (select distinct a.at, a.journal_id, a.staff_id, a.account_id from establishment_acts a ${where}
        order by a.at desc, a.journal_id desc limit ${Math.trunc(asked.limit)}) f
      join journal j on j.id = f.journal_id
      left join accounts s on s.id = f.staff_id left join accounts p on p.id = f.account_id
      order by f.at desc, f.journal_id desc`,
    conditions.flatMap(({ parameters }) => parameters),
  );
}

/** How many of the newest acts are looked at for who did them: a year of a school, a few days of everybody. */
const lookedAt = 5000;
const namedAtMost = 200;

/** Who did the newest acts there, by name. */
export async function listDoers(
  db: Asked,
  walls: readonly string[] | null,
): Promise<{ id: string; name: string }[]> {
  if (walls?.length === 0) return [];
  return db.ask<{ id: string; name: string }>(
    `select distinct s.id, s.name from (
        select a.staff_id from establishment_acts a where a.staff_id is not null ${walls ? `and ${isInside(db)}` : ""}
        order by a.at desc limit ${lookedAt}
      ) n join accounts s on s.id = n.staff_id order by s.name, s.id limit ${namedAtMost}`,
    walls ? [listed(db, walls)] : [],
  );
}

export async function forgetActs(tx: Tx, before: number): Promise<void> {
  await tx.ask("delete from establishment_acts where at < ?", [before]);
}
