import type { Asked } from "../../store/store.ts";

/** The walls of establishments, as parts of other rooms' statements: who belongs inside them now. */

/** Part of a statement, with what stands for its question marks. */
interface Piece {
  statement: string;
  parameters: unknown[];
}

/** A condition: the account whose id stands in `column` belongs to this establishment, or to one within it. */
export const belongsWithin =
  (establishmentId: string) =>
  (column: string): Piece => ({
    statement: `exists (select 1 from memberships i join establishments_above b on b.establishment_id = i.establishment_id
      where i.account_id = ${column} and i.left_at is null and b.above_id = ?)`,
    parameters: [establishmentId],
  });

/** A query of `account_id`: everybody who belongs to this establishment, or to one within it. */
export const everybodyWithin = (establishmentId: string): Piece => ({
  statement: `select i.account_id as account_id from establishments_above b
    join memberships i on i.establishment_id = b.establishment_id and i.left_at is null where b.above_id = ?`,
  parameters: [establishmentId],
});

/** The establishments that an account belongs to now, with all that stands above them. */
export async function placesOf(db: Asked, accountId: string): Promise<ReadonlySet<string>> {
  const found = await db.ask<{ id: string }>(
    `select distinct b.above_id as id from memberships i
      join establishments_above b on b.establishment_id = i.establishment_id
      where i.account_id = ? and i.left_at is null`,
    [accountId],
  );
  return new Set(found.map(({ id }) => id));
}
