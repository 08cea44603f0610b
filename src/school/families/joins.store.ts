import { skippingTaken } from "../../store/abilities.ts";
import { among, listed } from "../../store/many-rows.ts";
import type { Asked, Db, Tx } from "../../store/store.ts";

export interface JoinRow {
  id: string;
  kept_id: string;
  joined_id: string;
  how: "alone" | "guardian";
  joined_at: number;
  undo_until: number;
  kept_link_digest: string;
  joined_link_digest: string;
  /** JSON: `Moved`; erased once it cannot be undone. */
  moved: string;
  status: "joined" | "undone" | "settled";
  status_at: number;
}

interface JoinTables {
  family_joins: JoinRow;
  family_join_places: { establishment_id: string; join_id: string };
  family_checks: { id: string; account_id: string };
}

const of = (db: Db) => db.tables<JoinTables>();

// ── Accounts to be looked at ─────────────────────────────────────────────────────────────────────────────────

/** For active guardians only: whoever is none is never joined. */
const checkable = "kind = 'guardian' and status = 'active'";

export async function insertCheck(tx: Tx, id: string, accountId: string): Promise<void> {
  await tx.ask(
    `insert into family_checks (id, account_id) select ?, id from accounts where id = ? and ${checkable}`,
    [id, accountId],
  );
}

/** Of many accounts, those that may have to be looked at: they proved a contact point. */
export async function listCheckable(db: Asked, accountIds: readonly string[]): Promise<string[]> {
  if (accountIds.length === 0) return [];
  const found = await db.ask<{ id: string }>(
    `select a.id from accounts a where a.id in ${among(db)} and ${checkable}
      and exists (select 1 from contact_points c where c.account_id = a.id and c.state = 'verified')`,
    [listed(db, accountIds)],
  );
  return found.map(({ id }) => id);
}

export async function isAnyCheck(db: Asked): Promise<boolean> {
  return (await db.ask("select id from family_checks limit 1", [])).length > 0;
}

/** The oldest, held until the transaction ends; null where there is none that nobody else has. */
export async function takeCheck(tx: Tx): Promise<{ id: string; account_id: string } | null> {
  const query = of(tx).selectFrom("family_checks").selectAll().orderBy("id").limit(1);
  return (await skippingTaken(tx, query).executeTakeFirst()) ?? null;
}

export async function endCheck(tx: Tx, id: string): Promise<void> {
  await of(tx).deleteFrom("family_checks").where("id", "=", id).execute();
}

// ── Who may be the same guardian ─────────────────────────────────────────────────────────────────────────────

export interface NamedPerson {
  account_id: string;
  surname: string;
  first_name: string;
  birth_date: string | null;
}

export async function findNamed(db: Asked, accountId: string): Promise<NamedPerson | null> {
  const [row] = await db.ask<NamedPerson>(
    "select account_id, surname, first_name, birth_date from school_people where account_id = ?",
    [accountId],
  );
  return row ?? null;
}

/** Another guardian at an address or number that this account proved. */
export interface Sharer extends NamedPerson {
  /** Whether that account proved it, too. */
  is_proved: number;
}

const sharersAtMost = 100;

export function sharersOf(db: Asked, accountId: string): Promise<Sharer[]> {
  return db.ask(
    `select p.account_id, s.surname, s.first_name, s.birth_date,
        max(case when p.state = 'verified' then 1 else 0 end) as is_proved
      from contact_points mine
      join contact_points p on p.address_key = mine.address_key and p.channel = mine.channel
        and p.account_id <> mine.account_id and p.state <> 'obsolete'
      join accounts a on a.id = p.account_id and a.kind = 'guardian' and a.status in ('active', 'pending')
      join school_people s on s.account_id = p.account_id
      where mine.account_id = ? and mine.state = 'verified'
      group by p.account_id, s.surname, s.first_name, s.birth_date
      order by p.account_id limit ${sharersAtMost}`,
    [accountId],
  );
}

// ── Joins ────────────────────────────────────────────────────────────────────────────────────────────────────

export async function insertJoin(tx: Tx, row: JoinRow, places: readonly string[]): Promise<void> {
  await of(tx).insertInto("family_joins").values(row).execute();
  if (places.length === 0) return;
  await of(tx)
    .insertInto("family_join_places")
    .values(places.map((establishment_id) => ({ establishment_id, join_id: row.id })))
    .execute();
}

export async function findJoin(db: Db, id: string): Promise<JoinRow | null> {
  return (
    (await of(db).selectFrom("family_joins").selectAll().where("id", "=", id).executeTakeFirst()) ?? null
  );
}

/** The join that an account went into, as long as it was not undone. */
export async function findJoinOf(db: Db, joinedId: string): Promise<JoinRow | null> {
  const row = await of(db)
    .selectFrom("family_joins")
    .selectAll()
    .where("joined_id", "=", joinedId)
    .where("status", "<>", "undone")
    .executeTakeFirst();
  return row ?? null;
}

/** Of these accounts, those that became one with another, each with that one. */
export async function keptOf(
  db: Asked,
  accountIds: string[],
): Promise<{ joined_id: string; kept_id: string }[]> {
  if (accountIds.length === 0) return [];
  return db.ask(
    `select joined_id, kept_id from family_joins where joined_id in ${among(db)} and status <> 'undone'`,
    [listed(db, accountIds)],
  );
}

export async function findJoinByLink(db: Db, digests: string[]): Promise<JoinRow | null> {
  const row = await of(db)
    .selectFrom("family_joins")
    .selectAll()
    .where((is) => is.or([is("kept_link_digest", "in", digests), is("joined_link_digest", "in", digests)]))
    .executeTakeFirst();
  return row ?? null;
}

/** Every join by which something stands in one of these accounts now, in one step or in several; the newest first. */
export async function joinsInto(db: Db, keptIds: readonly string[]): Promise<JoinRow[]> {
  const found = new Map<string, JoinRow>();
  for (let into = [...keptIds]; into.length > 0; ) {
    const next = await of(db)
      .selectFrom("family_joins")
      .selectAll()
      .where("kept_id", "in", into)
      .where("status", "<>", "undone")
      .execute();
    const fresh = next.filter(({ id }) => !found.has(id));
    for (const row of fresh) found.set(row.id, row);
    into = fresh.map(({ joined_id }) => joined_id);
  }
  return [...found.values()].sort((a, b) => b.joined_at - a.joined_at || (a.id < b.id ? 1 : -1));
}

/** Of which pairs of these accounts somebody said that they are not one. */
export async function separatedAmong(
  db: Asked,
  accountIds: string[],
): Promise<{ kept_id: string; joined_id: string }[]> {
  if (accountIds.length < 2) return [];
  const listedIds = listed(db, accountIds);
  return db.ask(
    `select kept_id, joined_id from family_joins
      where status = 'undone' and joined_id in ${among(db)} and kept_id in ${among(db)}`,
    [listedIds, listedIds],
  );
}

/**
 * Undoes a join in time; false for all but one of those who try at once, and for whoever comes too late. What was written
 * down for it is of no use any more.
 */
export async function endJoin(tx: Tx, id: string, now: number): Promise<boolean> {
  const updated = await of(tx)
    .updateTable("family_joins")
    .set({ status: "undone", status_at: now, moved: "{}" })
    .where("id", "=", id)
    .where("status", "=", "joined")
    .where("undo_until", ">", now)
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

/** What is to be taken back where another join is undone, since part of it went back already. */
export async function keepMoved(tx: Tx, id: string, moved: string): Promise<void> {
  await of(tx).updateTable("family_joins").set({ moved }).where("id", "=", id).execute();
}

/** Joins that can be undone no more. */
export async function listDue(db: Db, now: number, limit: number): Promise<JoinRow[]> {
  return of(db)
    .selectFrom("family_joins")
    .selectAll()
    .where("status", "=", "joined")
    .where("undo_until", "<=", now)
    .orderBy("undo_until")
    .limit(limit)
    .execute();
}

/** What was written down to undo it is of no use any more. */
export async function settleJoin(tx: Tx, id: string, now: number): Promise<boolean> {
  const updated = await of(tx)
    .updateTable("family_joins")
    .set({ status: "settled", status_at: now, moved: "{}" })
    .where("id", "=", id)
    .where("status", "=", "joined")
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

/** A join as staff see it. */
export interface ShownJoin {
  id: string;
  kept_id: string;
  joined_id: string;
  name: string;
  joined_name: string;
  how: JoinRow["how"];
  status: JoinRow["status"];
  joined_at: number;
  undo_until: number;
  status_at: number;
}

/** Which joins: one, those of one account, or those before one of the list. */
export interface JoinsAsked {
  id?: string;
  accountId?: string;
  before?: string;
  limit: number;
}

/** Joins of people of these establishments (null: of all), the newest first; of people of whom nothing is left, none. */
export function listJoins(
  db: Asked,
  walls: readonly string[] | null,
  asked: JoinsAsked,
): Promise<ShownJoin[]> {
  const conditions: [string, unknown[]][] = [["k.name <> '' and o.name <> ''", []]];
  if (asked.id !== undefined) conditions.push(["j.id = ?", [asked.id]]);
  if (asked.before !== undefined) conditions.push(["j.id < ?", [asked.before]]);
  if (asked.accountId !== undefined) {
    conditions.push(["(j.joined_id = ? or j.kept_id = ?)", [asked.accountId, asked.accountId]]);
  }
  if (walls !== null) {
    const inside = `exists (select 1 from family_join_places l
      join establishments_above b on b.establishment_id = l.establishment_id
      where l.join_id = j.id and b.above_id in ${among(db)})`;
    conditions.push([inside, [listed(db, walls)]]);
  }
  return db.ask(
    `select j.id, j.kept_id, j.joined_id, k.name, o.name as joined_name, j.how, j.status, j.joined_at, j.undo_until,
        j.status_at
      from family_joins j join accounts k on k.id = j.kept_id join accounts o on o.id = j.joined_id
      where ${conditions.map(([condition]) => condition).join(" and ")}
      order by j.id desc limit ${Math.trunc(asked.limit)}`,
    conditions.flatMap(([, parameters]) => parameters),
  );
}
