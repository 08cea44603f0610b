import { among, listed } from "../../store/many-rows.ts";
import type { Asked, Db } from "../../store/store.ts";
import {
  type EstablishmentRow,
  type EstablishmentTables,
  establishmentColumns,
} from "./establishments.store.ts";

/** What the desk lists of establishments, and finds by their words. */

const of = (db: Db) => db.tables<EstablishmentTables>();

/** What stands right below, or at the top for null; closed ones too, ordered by type and code. */
export function listBelow(
  db: Db,
  parentId: string | null,
  page: { limit: number; offset: number },
): Promise<EstablishmentRow[]> {
  return of(db)
    .selectFrom("establishments")
    .selectAll()
    .where("parent_id", parentId === null ? "is" : "=", parentId)
    .orderBy("code")
    .orderBy("id")
    .limit(page.limit)
    .offset(page.offset)
    .execute();
}

/** Sorts after every letter, byte by byte. */
const last = "\u{10ffff}";

/** Looked at beyond this, a word is as common as any. */
const countedAtMost = 1000;
/** Among more the first by code are not looked for: whoever searches sees that there are more. */
const orderedAtMost = 500;

/**
 * Academies and schools with a word that begins with each of `words`, within `walls` unless null; open ones first, by
 * code. The rarest word leads, and the others are asked of each that it finds, so that « collège » costs nothing beside
 * the name of a town.
 */
export async function searchEstablishments(
  db: Asked,
  words: readonly string[],
  walls: readonly string[] | null,
  limit: number,
): Promise<EstablishmentRow[]> {
  if (words.length === 0 || walls?.length === 0) return [];
  const counted = await Promise.all(words.map(async (word) => ({ word, found: await countWords(db, word) })));
  const [drive, ...others] = counted.sort((a, b) => a.found - b.found).map(({ word }) => rangeOf(word));
  const hasWord = `(select 1 from establishment_words o where o.establishment_id = d.establishment_id
    and o.word >= ? and o.word <= ? limit 1) is not null`;
  const isInside = `(select 1 from establishments_above a where a.establishment_id = d.establishment_id
    and a.above_id in ${among(db)} limit 1) is not null`;
  return db.ask<EstablishmentRow>(
    `select ${establishmentColumns} from establishments where id in (
      select d.establishment_id from establishment_words d where d.word >= ? and d.word <= ?
        ${others.map(() => `and ${hasWord}`).join(" ")} ${walls ? `and ${isInside}` : ""}
        limit ${orderedAtMost}
    ) order by case when closed_at is null then 0 else 1 end, code limit ${Math.trunc(limit)}`,
    [...(drive as string[]), ...others.flat(), ...(walls ? [listed(db, walls)] : [])],
  );
}

const rangeOf = (word: string): [string, string] => [word, `${word}${last}`];

async function countWords(db: Asked, word: string): Promise<number> {
  const [row] = await db.ask<{ found: number }>(
    `select count(*) as found from (
      select 1 as one from establishment_words where word >= ? and word <= ? limit ${countedAtMost}
    ) counted`,
    rangeOf(word),
  );
  return Number(row?.found ?? 0);
}

/** Details of the open establishments that have addresses of their own. */
export function listWithAddresses(db: Asked): Promise<Pick<EstablishmentRow, "id" | "details">[]> {
  return db.ask(
    `select id, details from establishments where closed_at is null and details like '%"addresses":["%'`,
    [],
  );
}
