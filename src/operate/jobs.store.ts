import { holding } from "../store/abilities.ts";
import type { Db, Tx } from "../store/store.ts";

export interface JobRow {
  name: string;
  due_at: number;
  lease_until: number | null;
  lease_owner: string | null;
}

interface JobTables {
  jobs: JobRow;
}

const of = (db: Db) => db.tables<JobTables>();

/** Writes down jobs that this database does not know yet: due at once. */
export async function introduce(tx: Tx, names: string[], now: number): Promise<void> {
  await of(tx)
    .insertInto("jobs")
    .values(names.map((name) => ({ name, due_at: now, lease_until: null, lease_owner: null })))
    .onConflict((conflict) => conflict.column("name").doNothing())
    .execute();
}

export async function list(db: Db): Promise<JobRow[]> {
  return of(db).selectFrom("jobs").selectAll().orderBy("due_at").execute();
}

/** Leases a job that is due; false if another node was first. */
export async function claim(
  tx: Tx,
  name: string,
  lease: { now: number; owner: string; until: number },
): Promise<boolean> {
  const query = of(tx)
    .selectFrom("jobs")
    .select("name")
    .where("name", "=", name)
    .where("due_at", "<=", lease.now)
    .where((is) => is.or([is("lease_until", "is", null), is("lease_until", "<=", lease.now)]));
  if ((await holding(tx, query).executeTakeFirst()) === undefined) return false;
  await of(tx)
    .updateTable("jobs")
    .set({ lease_until: lease.until, lease_owner: lease.owner })
    .where("name", "=", name)
    .execute();
  return true;
}

/** Gives a job back until `dueAt`, unless its lease went to another node meanwhile. */
export async function giveBack(tx: Tx, name: string, owner: string, dueAt: number): Promise<void> {
  await of(tx)
    .updateTable("jobs")
    .set({ due_at: dueAt, lease_until: null, lease_owner: null })
    .where("name", "=", name)
    .where("lease_owner", "=", owner)
    .execute();
}

/** For the only process of a database: what a killed predecessor had begun is due again. */
export async function releaseAll(tx: Tx): Promise<void> {
  await of(tx).updateTable("jobs").set({ lease_until: null, lease_owner: null }).execute();
}
