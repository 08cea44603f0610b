import { heldRows, holding } from "../store/abilities.ts";
import { among, listed } from "../store/many-rows.ts";
import type { Asked, Db, Tx } from "../store/store.ts";
import { addWords, reindex, removeWords } from "./search/people-words.store.ts";
import { wordsOfPerson } from "./search/search-words.ts";

export type AccountStatus = "pending" | "active" | "disabled" | "closed";
export type Kind = "guardian" | "pupil" | "member" | "staff";
export type ContactChannel = "email" | "sms";
export type ContactState = "declared" | "verified" | "obsolete";

export interface AccountRow {
  id: string;
  kind: Kind;
  status: AccountStatus;
  name: string;
  nickname: string | null;
  locale: string;
  password_hash: string | null;
  password_changed_at: number | null;
  contacts_frozen_until: number | null;
  created_at: number;
  activated_at: number | null;
  closed_at: number | null;
  reminded_at: number | null;
}

export interface IdentifierRow {
  key: string;
  account_id: string;
  kind: "username" | "email";
  shown: string;
}

export interface ContactPointRow {
  id: string;
  account_id: string;
  channel: ContactChannel;
  /** Where messages go: the address as stored, or an E.164 number. */
  address: string;
  address_key: string;
  state: ContactState;
  origin: "registry" | "staff" | "person";
  usable_from: number | null;
  created_at: number;
  verified_at: number | null;
  obsolete_at: number | null;
  /** Set where a registry's files did not say it any more. */
  retired_by?: "registry" | null;
  dead_since: number | null;
  dead_reason: string | null;
  asked_at: number | null;
}

export interface NicknameRow {
  key: string;
  account_id: string | null;
  challenge_id: string | null;
  reserved_at: number;
  expires_at: number | null;
}

export interface AccountTables {
  accounts: AccountRow;
  identifiers: IdentifierRow;
  nicknames: NicknameRow;
  contact_points: ContactPointRow;
  removed_addresses: { address_key: string; reason: string; removed_at: number };
  /** Usernames of people who were forgotten: they name nobody else. */
  spent_identifiers: { key: string };
}

const of = (db: Db) => db.tables<AccountTables>();

/** Whatever is written here of names, identifiers and contact points, staff find the person by it from then on. */
function makeFound(
  tx: Tx,
  accountId: string,
  by: Partial<Parameters<typeof wordsOfPerson>[0]>,
): Promise<void> {
  const nothing = { name: "", nickname: null, identifiers: [], contacts: [] };
  return addWords(tx, [{ accountId, ...wordsOfPerson({ ...nothing, ...by }) }]);
}

export async function findById(db: Db, id: string): Promise<AccountRow | null> {
  return (await of(db).selectFrom("accounts").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

/** The account as it is now, which nobody else changes until the transaction ends. */
export async function hold(tx: Tx, id: string): Promise<AccountRow | null> {
  const query = of(tx).selectFrom("accounts").selectAll().where("id", "=", id);
  return (await holding(tx, query).executeTakeFirst()) ?? null;
}

/**
 * What a sign-in asks of an account, and no more: it is asked at every try. What else were asked here, of a known
 * account alone, would tell it by time (promise 2).
 */
export type AccountAtTheDoor = Pick<AccountRow, "id" | "status" | "password_hash" | "contacts_frozen_until">;

export async function findAtTheDoor(db: Asked, key: string): Promise<AccountAtTheDoor | null> {
  const [row] = await db.ask<AccountAtTheDoor>(
    `select a.id, a.status, a.password_hash, a.contacts_frozen_until
      from identifiers i join accounts a on a.id = i.account_id where i.key = ?`,
    [key],
  );
  return row ?? null;
}

/** The account that `key` (a normalised username or e-mail) names, with the identifier as it is shown. */
export async function findByIdentifier(
  db: Db,
  key: string,
): Promise<(AccountRow & { identifier_shown: string }) | null> {
  const row = await of(db)
    .selectFrom("identifiers")
    .innerJoin("accounts", "accounts.id", "identifiers.account_id")
    .selectAll("accounts")
    .select("identifiers.shown as identifier_shown")
    .where("identifiers.key", "=", key)
    .executeTakeFirst();
  return row ?? null;
}

export async function insertAccount(tx: Tx, row: AccountRow): Promise<void> {
  await of(tx).insertInto("accounts").values(row).execute();
  await makeFound(tx, row.id, { name: row.name, nickname: row.nickname });
}

export async function updateAccount(tx: Tx, id: string, change: Partial<AccountRow>): Promise<void> {
  await of(tx).updateTable("accounts").set(change).where("id", "=", id).execute();
  if (change.name !== undefined || change.nickname !== undefined) await reindex(tx, id);
}

/** Changes the status only from the expected one; false if another got there first. */
export async function moveStatus(
  tx: Tx,
  id: string,
  from: AccountStatus,
  change: Partial<AccountRow> & { status: AccountStatus },
): Promise<boolean> {
  const updated = await of(tx)
    .updateTable("accounts")
    .set(change)
    .where("id", "=", id)
    .where("status", "=", from)
    .executeTakeFirst();
  if (change.name !== undefined || change.nickname !== undefined) await reindex(tx, id);
  return updated.numUpdatedRows === 1n;
}

/**
 * Removes an account that nobody ever used, with its identifiers, contact points, sessions and known browsers: what
 * named it is free again.
 */
export async function deleteAccount(tx: Tx, id: string): Promise<void> {
  await of(tx).deleteFrom("nicknames").where("account_id", "=", id).execute();
  await of(tx).deleteFrom("accounts").where("id", "=", id).execute();
}

/** False if the identifier already names an account, or is a username that named somebody who was forgotten. */
export async function insertIdentifier(tx: Tx, row: IdentifierRow): Promise<boolean> {
  const inserted = await of(tx)
    .insertInto("identifiers")
    .values(row)
    .onConflict((conflict) => conflict.column("key").doNothing())
    .executeTakeFirst();
  if (inserted.numInsertedOrUpdatedRows !== 1n) return false;
  // Asked last: an insert that waited for whoever forgot the person sees it.
  if (row.kind === "username" && (await isSpent(tx, row.key))) {
    await of(tx).deleteFrom("identifiers").where("key", "=", row.key).execute();
    return false;
  }
  await makeFound(tx, row.account_id, { identifiers: [row] });
  return true;
}

async function isSpent(tx: Tx, key: string): Promise<boolean> {
  const spent = of(tx).selectFrom("spent_identifiers").select("key").where("key", "=", key);
  return (await spent.executeTakeFirst()) !== undefined;
}

export async function deleteIdentifier(tx: Tx, key: string, accountId: string): Promise<void> {
  await of(tx).deleteFrom("identifiers").where("key", "=", key).where("account_id", "=", accountId).execute();
  await reindex(tx, accountId);
}

/** Usernames before e-mail addresses. */
export async function identifiersOf(db: Db, accountId: string): Promise<IdentifierRow[]> {
  return of(db)
    .selectFrom("identifiers")
    .selectAll()
    .where("account_id", "=", accountId)
    .orderBy("kind", "desc")
    .orderBy("key")
    .execute();
}

export async function insertContactPoint(tx: Tx, row: ContactPointRow): Promise<void> {
  await of(tx).insertInto("contact_points").values(row).execute();
  if (row.state !== "obsolete") await makeFound(tx, row.account_id, { contacts: [row] });
}

export async function updateContactPoint(
  tx: Tx,
  id: string,
  change: Partial<ContactPointRow>,
): Promise<void> {
  await of(tx).updateTable("contact_points").set(change).where("id", "=", id).execute();
  const findsOtherwise =
    change.address_key !== undefined || (change.state !== undefined && change.state !== "verified");
  const point = findsOtherwise ? await findContactPoint(tx, id) : null;
  if (point) await reindex(tx, point.account_id);
}

export async function findContactPoint(db: Db, id: string): Promise<ContactPointRow | null> {
  return (
    (await of(db).selectFrom("contact_points").selectAll().where("id", "=", id).executeTakeFirst()) ?? null
  );
}

/**
 * What registries declared of an account since a moment, and what they gave up then, was said of another one: it goes, as
 * if it had never been said, so that a registry which means this account is heard again. What was proved stays. False
 * where there is nothing.
 */
export async function removeDeclaredSince(tx: Tx, accountId: string, since: number): Promise<boolean> {
  const removed = await tx.ask(
    `delete from contact_points where account_id = ? and origin = 'registry' and state <> 'verified'
      and (created_at > ? or (obsolete_at > ? and exists (select 1 from journal j
        where j.account_id = contact_points.account_id and j.at = contact_points.obsolete_at
          and j.event like 'registry-import.%'))) returning id`,
    [accountId, since, since],
  );
  if (removed.length > 0) await reindex(tx, accountId);
  return removed.length > 0;
}

/** All contact points that are not obsolete: verified ones first, then the newest. */
export async function contactPointsOf(db: Db, accountId: string): Promise<ContactPointRow[]> {
  return of(db)
    .selectFrom("contact_points")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("state", "!=", "obsolete")
    .orderBy("state", "desc")
    .orderBy("created_at", "desc")
    .execute();
}

/** Those that nobody has proved, or that no longer answer: asked at every sign-in. */
export async function doubtfulContactPointsOf(db: Asked, accountId: string): Promise<ContactPointRow[]> {
  return db.ask(
    `select * from contact_points where account_id = ? and state <> 'obsolete'
      and (state <> 'verified' or dead_since is not null) order by created_at desc`,
    [accountId],
  );
}

/** Every live contact point at one address or number, with its account: a family may share it. */
export async function contactPointsAt(
  db: Db,
  addressKey: string,
): Promise<(ContactPointRow & { account: AccountRow })[]> {
  const points = await of(db)
    .selectFrom("contact_points")
    .selectAll()
    .where("address_key", "=", addressKey)
    .where("state", "!=", "obsolete")
    .orderBy("created_at")
    .limit(50)
    .execute();
  if (points.length === 0) return [];
  const accounts = await of(db)
    .selectFrom("accounts")
    .selectAll()
    .where(
      "id",
      "in",
      points.map((point) => point.account_id),
    )
    .execute();
  return points.flatMap((point) => {
    const account = accounts.find((candidate) => candidate.id === point.account_id);
    return account ? [{ ...point, account }] : [];
  });
}

/** Whether an address or number names any account, or reaches one. */
export async function isHeld(db: Db, key: string): Promise<boolean> {
  return (await findByIdentifier(db, key)) !== null || (await contactPointsAt(db, key)).length > 0;
}

/** Reserves a public nickname; false while somebody else has it. A reservation that ran out is taken over. */
export async function reserveNickname(tx: Tx, row: NicknameRow): Promise<boolean> {
  const written = await of(tx)
    .insertInto("nicknames")
    .values(row)
    .onConflict((conflict) =>
      conflict.column("key").doUpdateSet(row).where("nicknames.expires_at", "<=", row.reserved_at),
    )
    .executeTakeFirst();
  return written.numInsertedOrUpdatedRows === 1n;
}

export async function findNickname(db: Db, key: string): Promise<NicknameRow | null> {
  return (await of(db).selectFrom("nicknames").selectAll().where("key", "=", key).executeTakeFirst()) ?? null;
}

export async function updateNickname(tx: Tx, key: string, change: Partial<NicknameRow>): Promise<void> {
  await of(tx).updateTable("nicknames").set(change).where("key", "=", key).execute();
}

/** A nickname reserved for an account stays its own. */
export async function keepNicknameOf(tx: Tx, accountId: string): Promise<void> {
  await of(tx)
    .updateTable("nicknames")
    .set({ expires_at: null })
    .where("account_id", "=", accountId)
    .execute();
}

/** Gives a reserved nickname to the account made with it; false if it is another's by now. */
export async function giveNickname(tx: Tx, key: string, accountId: string): Promise<boolean> {
  const updated = await of(tx)
    .updateTable("nicknames")
    .set({ account_id: accountId })
    .where("key", "=", key)
    .where((is) => is.or([is("account_id", "is", null), is("account_id", "=", accountId)]))
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

/**
 * Unfinished sign-ups from before `createdBefore`; with `onlyUnreminded` those never reminded. A prepared account
 * has no password yet: it is none, and waits for its owner however long that takes.
 */
export async function listUnfinished(
  db: Db,
  query: { createdBefore: number; onlyUnreminded: boolean; limit: number },
): Promise<AccountRow[]> {
  let rows = of(db)
    .selectFrom("accounts")
    .selectAll()
    .where("status", "=", "pending")
    .where("password_hash", "is not", null)
    .where("created_at", "<=", query.createdBefore);
  if (query.onlyUnreminded) rows = rows.where("reminded_at", "is", null);
  return rows.orderBy("created_at").limit(query.limit).execute();
}

export async function rememberRemoved(
  tx: Tx,
  row: { address_key: string; reason: string; removed_at: number },
): Promise<void> {
  await of(tx)
    .insertInto("removed_addresses")
    .values(row)
    .onConflict((conflict) =>
      conflict.column("address_key").doUpdateSet({ reason: row.reason, removed_at: row.removed_at }),
    )
    .execute();
}

export async function findRemoved(
  db: Db,
  addressKey: string,
): Promise<{ reason: string; removed_at: number } | null> {
  return (
    (await of(db)
      .selectFrom("removed_addresses")
      .select(["reason", "removed_at"])
      .where("address_key", "=", addressKey)
      .executeTakeFirst()) ?? null
  );
}

export async function forgetRemoved(tx: Tx, before: number): Promise<void> {
  await of(tx).deleteFrom("removed_addresses").where("removed_at", "<", before).execute();
}

/** Holds an active account while somebody is signed in; false if its password or status changed meanwhile. */
export async function holdActive(tx: Tx, id: string, passwordHash: string): Promise<boolean> {
  const held = await tx.ask(
    `select id from accounts where id = ? and status = 'active' and password_hash = ?${heldRows(tx)}`,
    [id, passwordHash],
  );
  return held.length === 1;
}

/** Stores the same password under stronger parameters; a password changed meanwhile stays changed. */
export async function replaceHash(tx: Tx, id: string, from: string, to: string): Promise<void> {
  await of(tx)
    .updateTable("accounts")
    .set({ password_hash: to })
    .where("id", "=", id)
    .where("password_hash", "=", from)
    .execute();
}

/** Those of these accounts that exist. */
export async function listExisting(db: Db, ids: string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const found = await of(db).selectFrom("accounts").select("id").where("id", "in", ids).execute();
  return found.map(({ id }) => id);
}

export async function hasAny(db: Db): Promise<boolean> {
  return (await of(db).selectFrom("accounts").select("id").limit(1).executeTakeFirst()) !== undefined;
}

/**
 * Closed accounts lose what says whose they were; the row stays, so that the journal's lines keep their place. Their
 * usernames name nobody else. Answers which.
 */
export async function pseudonymiseClosed(tx: Tx, closedBefore: number): Promise<string[]> {
  const closed = await of(tx)
    .selectFrom("accounts")
    .select("id")
    .where("status", "=", "closed")
    .where("closed_at", "<", closedBefore)
    .where("name", "!=", "")
    .limit(500)
    .execute();
  const ids = closed.map(({ id }) => id);
  if (ids.length === 0) return [];
  await tx.ask(
    `insert into spent_identifiers (key) select key from identifiers
      where kind = 'username' and account_id in ${among(tx)} on conflict do nothing`,
    [listed(tx, ids)],
  );
  await of(tx).deleteFrom("identifiers").where("account_id", "in", ids).execute();
  await of(tx).deleteFrom("contact_points").where("account_id", "in", ids).execute();
  await of(tx).deleteFrom("nicknames").where("account_id", "in", ids).execute();
  await removeWords(tx, ids);
  await of(tx)
    .updateTable("accounts")
    .set({ name: "", nickname: null, password_hash: null })
    .where("id", "in", ids)
    .execute();
  return ids;
}
