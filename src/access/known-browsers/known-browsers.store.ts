import { inserting } from "../../store/abilities.ts";
import type { Asked, Db, Tx } from "../../store/store.ts";

export interface KnownBrowserRow {
  id: string;
  account_id: string;
  digest: string;
  made_known_at: number;
  last_used_at: number;
  expires_at: number;
  browser: string | null;
}

interface KnownBrowserTables {
  known_browsers: KnownBrowserRow;
}

const of = (db: Db) => db.tables<KnownBrowserTables>();

export const insert = inserting<KnownBrowserRow>("known_browsers", [
  "id",
  "account_id",
  "digest",
  "made_known_at",
  "last_used_at",
  "expires_at",
  "browser",
]);

/** The one among these that the account knows; null if none. */
export async function find(
  db: Asked,
  accountId: string,
  digests: string[],
  now: number,
): Promise<{ id: string; digest: string } | null> {
  const places = digests.map(() => "?").join(", ");
  const [row] = await db.ask<{ id: string; digest: string }>(
    `select id, digest from known_browsers where digest in (${places}) and account_id = ? and expires_at > ?`,
    [...digests, accountId, now],
  );
  return row ?? null;
}

export async function renew(
  tx: Tx,
  id: string,
  change: Pick<KnownBrowserRow, "last_used_at" | "expires_at" | "browser">,
): Promise<void> {
  await of(tx).updateTable("known_browsers").set(change).where("id", "=", id).execute();
}

export async function removeOfAccount(tx: Tx, accountId: string): Promise<void> {
  await of(tx).deleteFrom("known_browsers").where("account_id", "=", accountId).execute();
}

/** What an account knows now, the last used first. */
export async function listOfAccount(db: Db, accountId: string, now: number): Promise<KnownBrowserRow[]> {
  return of(db)
    .selectFrom("known_browsers")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("expires_at", ">", now)
    .orderBy("last_used_at", "desc")
    .execute();
}

export async function forget(tx: Tx, endedBefore: number): Promise<void> {
  await of(tx).deleteFrom("known_browsers").where("expires_at", "<", endedBefore).execute();
}
