import type { Db, Tx } from "../../store/store.ts";

export type Purpose =
  | "confirm"
  | "reset"
  | "unlock"
  | "activate"
  | "verify-contact"
  | "not-me"
  // Whether the owner of a contact point of record wrote a case.
  | "case-identity"
  // Whether somebody reads a contact point, to be told there how its accounts are.
  | "see-state"
  // A contact point given while an account is activated; the number that an activation begins with.
  | "activate-contact"
  | "activate-mobile"
  // Holds what a waiting page is about; its link and code are sent to nobody.
  | "recall";

/**
 * `open` waits; `proved`: its code was typed in the browser that asked, which may finish; the others are final.
 * `ended`: another of the same kind succeeded, or a recovery ended it.
 */
export type ChallengeStatus = "open" | "proved" | "redeemed" | "replaced" | "refused" | "ended";

export interface ChallengeRow {
  id: string;
  purpose: Purpose;
  subject_key: string;
  account_id: string | null;
  contact_point_id: string | null;
  browser_digest: string | null;
  link_digest: string;
  code_digest: string | null;
  code_tries_left: number;
  status: ChallengeStatus;
  status_at: number;
  requested_at: number;
  left_at: number | null;
  expires_at: number;
  context: string | null;
  locale: string;
  browser: string | null;
  source_address: string | null;
  resends: number;
  next_resend_at: number | null;
  /** What the waiting page shows and a caller reads out; of requests that a browser made to reset a password. */
  pairing_number: string | null;
  /** The staff account that approved this browser; the challenge is then `proved` without any message. */
  approved_by: string | null;
}

interface ChallengeTables {
  challenges: ChallengeRow;
}

const of = (db: Db) => db.tables<ChallengeTables>();

export async function insert(tx: Tx, row: ChallengeRow): Promise<void> {
  await of(tx).insertInto("challenges").values(row).execute();
}

export async function find(db: Db, id: string): Promise<ChallengeRow | null> {
  return (await of(db).selectFrom("challenges").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

export async function findByLink(
  db: Db,
  purpose: Purpose,
  linkDigests: string[],
): Promise<ChallengeRow | null> {
  const row = await of(db)
    .selectFrom("challenges")
    .selectAll()
    .where("link_digest", "in", linkDigests)
    .where("purpose", "=", purpose)
    .executeTakeFirst();
  return row ?? null;
}

/** The newest request of this browser for this purpose, whatever became of it. */
export async function latestOfBrowser(
  db: Db,
  purpose: Purpose,
  browserDigests: string[],
): Promise<ChallengeRow | null> {
  const row = await of(db)
    .selectFrom("challenges")
    .selectAll()
    .where("browser_digest", "in", browserDigests)
    .where("purpose", "=", purpose)
    .orderBy("requested_at", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/** Open requests that show this number, asked for after `askedAfter`, of this account or of one of its names. */
export async function openByPairingNumber(
  db: Db,
  match: {
    purpose: Purpose;
    number: string;
    accountId: string;
    subjectKeys: string[];
    askedAfter: number;
    now: number;
  },
): Promise<ChallengeRow[]> {
  return of(db)
    .selectFrom("challenges")
    .selectAll()
    .where("pairing_number", "=", match.number)
    .where("purpose", "=", match.purpose)
    .where("status", "=", "open")
    .where("requested_at", ">", match.askedAfter)
    .where("expires_at", ">", match.now)
    .where((is) =>
      is.or([
        is("account_id", "=", match.accountId),
        is.and([is("account_id", "is", null), is("subject_key", "in", match.subjectKeys)]),
      ]),
    )
    .limit(2)
    .execute();
}

/** Moves every matching challenge that is still live to a final status; answers their ids. */
export async function endLive(
  tx: Tx,
  match: {
    purpose?: Purpose;
    browserDigests?: string[];
    accountId?: string;
    exceptId?: string;
    exceptPurpose?: Purpose;
    ids?: string[];
  },
  status: ChallengeStatus,
  now: number,
): Promise<string[]> {
  let update = of(tx)
    .updateTable("challenges")
    .set({ status, status_at: now, code_digest: null })
    .where("status", "in", ["open", "proved"]);
  if (match.purpose !== undefined) update = update.where("purpose", "=", match.purpose);
  if (match.browserDigests !== undefined) update = update.where("browser_digest", "in", match.browserDigests);
  if (match.accountId !== undefined) update = update.where("account_id", "=", match.accountId);
  if (match.exceptId !== undefined) update = update.where("id", "!=", match.exceptId);
  if (match.exceptPurpose !== undefined) update = update.where("purpose", "!=", match.exceptPurpose);
  if (match.ids !== undefined) update = update.where("id", "in", match.ids);
  const ended = await update.returning("id").execute();
  return ended.map((row) => row.id);
}

/** The live challenges of an account for a purpose, the newest first. */
export function liveOf(
  db: Db,
  accountId: string,
  purpose: Purpose,
): Promise<Pick<ChallengeRow, "id" | "status">[]> {
  return of(db)
    .selectFrom("challenges")
    .select(["id", "status"])
    .where("account_id", "=", accountId)
    .where("purpose", "=", purpose)
    .where("status", "in", ["open", "proved"])
    .orderBy("requested_at", "desc")
    .orderBy("id", "desc")
    .execute();
}

/** Ids of the contact points that challenges of an account for a purpose went to, whatever became of them. */
export async function sentTo(db: Db, accountId: string, purpose: Purpose): Promise<string[]> {
  const rows = await of(db)
    .selectFrom("challenges")
    .select("contact_point_id")
    .distinct()
    .where("account_id", "=", accountId)
    .where("purpose", "=", purpose)
    .execute();
  return rows.flatMap((row) => row.contact_point_id ?? []);
}

export async function update(tx: Tx, id: string, change: Partial<ChallengeRow>): Promise<void> {
  await of(tx).updateTable("challenges").set(change).where("id", "=", id).execute();
}

/** Erases what expired challenges of a purpose were about. */
export async function eraseExpired(tx: Tx, purpose: Purpose, now: number): Promise<void> {
  await of(tx)
    .updateTable("challenges")
    .set({ context: null })
    .where("expires_at", "<=", now)
    .where("purpose", "=", purpose)
    .where("context", "is not", null)
    .execute();
}

/** The request behind this number that this member of staff approved, asked for after `askedAfter`. */
export async function approvedByPairingNumber(
  db: Db,
  match: { purpose: Purpose; number: string; accountId: string; staffId: string; askedAfter: number },
): Promise<ChallengeRow | null> {
  const row = await of(db)
    .selectFrom("challenges")
    .selectAll()
    .where("pairing_number", "=", match.number)
    .where("purpose", "=", match.purpose)
    .where("account_id", "=", match.accountId)
    .where("approved_by", "=", match.staffId)
    .where("status", "in", ["proved", "redeemed"])
    .where("requested_at", ">", match.askedAfter)
    .limit(1)
    .executeTakeFirst();
  return row ?? null;
}

/**
 * Ends a challenge only from `from` and before it expires; false for all but one of those who try at once. Its code
 * is erased unless `change` keeps it.
 */
export async function move(
  tx: Tx,
  id: string,
  from: ChallengeStatus,
  change: Partial<ChallengeRow> & { status: ChallengeStatus },
  now: number,
): Promise<boolean> {
  const updated = await of(tx)
    .updateTable("challenges")
    .set({ code_digest: null, ...change, status_at: now })
    .where("id", "=", id)
    .where("status", "=", from)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

/** Takes one of the tries of a code, if any is left; null otherwise. */
export async function takeCodeTry(tx: Tx, id: string): Promise<ChallengeRow | null> {
  const row = await of(tx)
    .updateTable("challenges")
    .set((set) => ({ code_tries_left: set("code_tries_left", "-", 1) }))
    .where("id", "=", id)
    .where("code_tries_left", ">", 0)
    .returningAll()
    .executeTakeFirst();
  return row ?? null;
}

/** Erases what was kept of requests that ended before `before`, and network addresses older than the other. */
export async function forget(tx: Tx, before: number, addressesBefore: number): Promise<void> {
  await of(tx).deleteFrom("challenges").where("expires_at", "<", before).execute();
  await of(tx)
    .updateTable("challenges")
    .set({ source_address: null })
    .where("requested_at", "<", addressesBefore)
    .where("source_address", "is not", null)
    .execute();
}

/**
 * What waits expires now, code and link, and a message that leaves later does not revive it: all of an account, or
 * of everybody. Answers the ids.
 */
export async function expireLive(tx: Tx, now: number, accountId?: string): Promise<string[]> {
  let update = of(tx)
    .updateTable("challenges")
    .set((set) => ({
      code_digest: null,
      expires_at: now,
      left_at: set.fn.coalesce("left_at", set.val(now)),
    }))
    .where("status", "in", ["open", "proved"])
    .where("expires_at", ">", now);
  if (accountId !== undefined) update = update.where("account_id", "=", accountId);
  return (await update.returning("id").execute()).map((row) => row.id);
}
