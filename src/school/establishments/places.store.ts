import { among, listed } from "../../store/many-rows.ts";
import type { Asked } from "../../store/store.ts";
import type { EstablishmentRow, EstablishmentType } from "./establishments.store.ts";

/** Establishments as places at which something stands, such as a case: what they are called, and in which academy. */

export interface PlaceRow {
  id: string;
  type: EstablishmentType;
  name: string;
  /** The academy that this is, or that it stands in; null for a class, and for a school of none. */
  academyId: string | null;
  isOpen: boolean;
}

const columns = "e.id, e.parent_id, e.type, e.name, e.closed_at";
type Read = Pick<EstablishmentRow, "id" | "parent_id" | "type" | "name" | "closed_at">;

export const toPlace = ({ id, parent_id, type, name, closed_at }: Read): PlaceRow => ({
  id,
  type,
  name,
  academyId: type === "academy" ? id : type === "school" ? parent_id : null,
  isOpen: closed_at === null,
});

/** By id; those that do not exist are left out. */
export async function findPlaces(db: Asked, ids: readonly string[]): Promise<Map<string, PlaceRow>> {
  if (ids.length === 0) return new Map();
  const found = await db.ask<Read>(`select ${columns} from establishments e where e.id in ${among(db)}`, [
    listed(db, ids),
  ]);
  return new Map(found.map((row) => [row.id, toPlace(row)]));
}

/** The open schools that an account belongs to now. */
export async function openSchoolsOf(db: Asked, accountId: string): Promise<PlaceRow[]> {
  const found = await db.ask<Read>(
    `select ${columns} from memberships m join establishments e on e.id = m.establishment_id
      where m.account_id = ? and m.left_at is null and e.type = 'school' and e.closed_at is null
      order by e.name, e.id`,
    [accountId],
  );
  return found.map(toPlace);
}

/** Open academies and schools that are one of these or lie within one, by name. */
export async function openWithin(db: Asked, ids: readonly string[], limit: number): Promise<PlaceRow[]> {
  if (ids.length === 0) return [];
  const found = await db.ask<Read>(
    `select distinct ${columns} from establishments_above a join establishments e on e.id = a.establishment_id
      where a.above_id in ${among(db)} and e.type <> 'class' and e.closed_at is null
      order by e.name, e.id limit ${Math.trunc(limit)}`,
    [listed(db, ids)],
  );
  return found.map(toPlace);
}

/** The open academies, by name. */
export async function openAcademies(db: Asked, limit: number): Promise<PlaceRow[]> {
  const found = await db.ask<Read>(
    `select ${columns} from establishments e
      where e.parent_id is null and e.type = 'academy' and e.closed_at is null
      order by e.name, e.id limit ${Math.trunc(limit)}`,
    [],
  );
  return found.map(toPlace);
}
