import { among, listed } from "../../store/many-rows.ts";
import type { Tx } from "../../store/store.ts";

/**
 * Takes the next numbers of each stem: answers the last one taken. They are never given again, whatever becomes of the
 * accounts, except where the transaction is rolled back.
 */
export async function takeNumbers(tx: Tx, wanted: Map<string, number>): Promise<Map<string, number>> {
  // Sorted: two who take numbers of the same stems at once never wait in a circle.
  const stems = [...wanted.keys()].sort();
  const counts = stems.map((stem) => wanted.get(stem) as number);
  const rows =
    tx.engine === "postgres"
      ? await tx.ask<{ stem: string; last_number: number }>(
          `insert into identifier_stems (stem, last_number) select * from unnest(?::text[], ?::bigint[])
            on conflict (stem) do update set last_number = identifier_stems.last_number + excluded.last_number
            returning stem, last_number`,
          [stems, counts],
        )
      : await tx.ask<{ stem: string; last_number: number }>(
          `insert into identifier_stems (stem, last_number)
            select value ->> 0, value ->> 1 from json_each(?) where true
            on conflict (stem) do update set last_number = identifier_stems.last_number + excluded.last_number
            returning stem, last_number`,
          [JSON.stringify(stems.map((stem, index) => [stem, counts[index]]))],
        );
  return new Map(rows.map((row) => [row.stem, Number(row.last_number)]));
}

/** Those of these identifiers that name an account already, or named one of somebody who was forgotten. */
export async function findTaken(tx: Tx, keys: string[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const asked = listed(tx, keys);
  const rows = await tx.ask<{ key: string }>(
    `select key from identifiers where key in ${among(tx)}
      union select key from spent_identifiers where key in ${among(tx)}`,
    [asked, asked],
  );
  return new Set(rows.map(({ key }) => key));
}
