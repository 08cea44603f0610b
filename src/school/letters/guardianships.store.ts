import { among, listed } from "../../store/many-rows.ts";
import type { Asked } from "../../store/store.ts";

/** Which of these guardians answer for a child born that day (`2012-05-31`); ended and denied links do not count. */
export async function guardiansOfChildBorn(
  db: Asked,
  guardianIds: readonly string[],
  birthDate: string,
): Promise<string[]> {
  const found = await db.ask<{ id: string }>(
    `select distinct g.guardian_id as id from guardianships g
      join school_people p on p.account_id = g.pupil_id
      where g.ended_at is null and g.denied_at is null and p.birth_date = ? and g.guardian_id in ${among(db)}`,
    [birthDate, listed(db, guardianIds)],
  );
  return found.map(({ id }) => id);
}
