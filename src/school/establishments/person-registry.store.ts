import { among, listed } from "../../store/many-rows.ts";
import type { Asked } from "../../store/store.ts";

/** Where people belong now, as far as somebody sees it. */
export interface Belonging {
  account_id: string;
  school: string;
  class_name: string | null;
}

/** The establishments of these people, with their class there, by name; inside the walls unless null. */
export function belongingsOf(
  db: Asked,
  accountIds: readonly string[],
  walls: readonly string[] | null,
): Promise<Belonging[]> {
  if (accountIds.length === 0 || walls?.length === 0) return Promise.resolve([]);
  const inside = walls
    ? `and m.establishment_id in (select establishment_id from establishments_above where above_id in ${among(db)})`
    : "";
  return db.ask<Belonging>(
    `select m.account_id as account_id, e.name as school, c.name as class_name
      from memberships m join establishments e on e.id = m.establishment_id
      left join establishments c on c.id = m.class_id
      where m.left_at is null and m.account_id in ${among(db)} ${inside} order by e.name, e.id`,
    [listed(db, accountIds), ...(walls ? [listed(db, walls)] : [])],
  );
}
