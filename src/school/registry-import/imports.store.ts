import { skippingTaken } from "../../store/abilities.ts";
import { among, insertingMany, listed } from "../../store/many-rows.ts";
import type { Asked, Db, Store, Tx } from "../../store/store.ts";
import type { RegistryKind } from "./read/record.ts";

export type ImportStatus =
  | "reading"
  | "refused"
  | "ready"
  | "applying"
  | "applied"
  | "cancelled"
  // A step of it threw too often; and somebody gave up the rest then.
  | "failed"
  | "abandoned";
/** In this order. */
export type Phase = "people" | "search" | "links" | "waiting-links" | "gone" | "gone-links" | "done";

export interface ImportRow {
  id: string;
  made_by: string | null;
  made_at: number;
  status: ImportStatus;
  status_at: number;
  /** JSON: `ImportedFile[]`. */
  files: string;
  /** JSON: `ImportRefusal`; null unless refused. */
  refusal: string | null;
  /** JSON: `Counts`. */
  counts: string;
  phase: Phase;
  /** JSON: the key of the last row applied in this phase; null before the first. */
  cursor: string | null;
  /** Rows applied, of `total`. */
  done: number;
  total: number;
  marks_gone: number;
  /** Who pressed; null before, and from the command line. */
  applied_by: string | null;
  /** Which beginning, end or stop of any import its own last one was; null before it is applied. */
  turn: number | null;
  /** The last of them when this one was planned. */
  planned_turn: number | null;
  /** How often in a row its next step threw. */
  attempts: number;
  retry_at: number | null;
  /** JSON: `ImportFault`; null once it goes on. */
  fault: string | null;
}

/** Where a step threw, and the reference under which the log says how. Nothing of the data. */
export interface ImportFault {
  incident: string;
  phase: Phase;
}

/** Whoever applies, begins or closes by a registry is the only one (`oneAtATime`). */
export const importsLock = "registry-import";

export interface FaultRow {
  import_id: string;
  position: number;
  file: number;
  line: number;
  reason: string;
  what: string;
  is_refused: number;
}

interface ImportTables {
  imports: ImportRow;
  import_schools: { import_id: string; establishment_id: string; kind: string };
  import_faults: FaultRow;
}

const of = (db: Db) => db.tables<ImportTables>();

/**
 * For a process that does nothing but import: SQLite maps up to a quarter of a gigabyte of its file for each connection,
 * which the process then has in memory. Read into a cache of its own instead, an import is as fast.
 */
export async function readWithoutMapping(
  store: Pick<Store, "engine" | "ask" | "withoutTransaction">,
): Promise<void> {
  if (store.engine !== "sqlite") return;
  await store.ask("pragma mmap_size = 0", []);
  await store.withoutTransaction(async (writer) => {
    await writer.ask("pragma mmap_size = 0", []);
    await writer.ask("pragma cache_size = -16000", []);
  });
}

export async function insertImport(tx: Tx, row: ImportRow): Promise<void> {
  await of(tx).insertInto("imports").values(row).execute();
}

export async function findImport(db: Db, id: string): Promise<ImportRow | null> {
  return (await of(db).selectFrom("imports").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

export async function updateImport(tx: Tx, id: string, change: Partial<ImportRow>): Promise<void> {
  await of(tx).updateTable("imports").set(change).where("id", "=", id).execute();
}

/** From the expected status only; false if it was moved meanwhile. */
export async function moveImport(
  tx: Tx,
  id: string,
  from: ImportStatus,
  change: Partial<ImportRow>,
): Promise<boolean> {
  const moved = await of(tx)
    .updateTable("imports")
    .set(change)
    .where("id", "=", id)
    .where("status", "=", from)
    .executeTakeFirst();
  return moved.numUpdatedRows === 1n;
}

/** One import that is asked for by its id, or any that does not wait after a fault. */
interface Due {
  id: string | null;
  now: number;
}

const dueAmong = (db: Db, { id, now }: Due) => {
  const applying = of(db).selectFrom("imports").selectAll().where("status", "=", "applying");
  return id !== null
    ? applying.where("id", "=", id)
    : applying.where((is) => is.or([is("retry_at", "is", null), is("retry_at", "<=", now)]));
};

export async function isAnyDue(db: Db, due: Due): Promise<boolean> {
  return (await dueAmong(db, due).limit(1).executeTakeFirst()) !== undefined;
}

/** The oldest import that is due, held until the transaction ends; null where another node has it. */
export async function holdDue(tx: Tx, due: Due): Promise<ImportRow | null> {
  const query = dueAmong(tx, due).orderBy("made_at").limit(1);
  return (await skippingTaken(tx, query).executeTakeFirst()) ?? null;
}

/** Changes an import that is still being applied from where `row` had it: whoever went on since is not disturbed. */
export async function updateWhereItStood(
  tx: Tx,
  row: Pick<ImportRow, "id" | "phase" | "cursor">,
  change: Partial<ImportRow>,
): Promise<void> {
  await of(tx)
    .updateTable("imports")
    .set(change)
    .where("id", "=", row.id)
    .where("status", "=", "applying")
    .where("phase", "=", row.phase)
    .where("cursor", row.cursor === null ? "is" : "=", row.cursor)
    .execute();
}

/** What an import does to the people of one school. */
export interface AppliedCounts {
  added: number;
  changed: number;
  gone: number;
}

/** By the school's id. */
export async function countAppliedBySchool(
  db: Asked,
  importId: string,
  marksGone: boolean,
): Promise<Map<string, AppliedCounts>> {
  const rows = await db.ask<{ id: string; action: string; people: number }>(
    `select establishment_id as id, action, count(*) as people from import_people
      where import_id = ? group by establishment_id, action`,
    [importId],
  );
  const counted = new Map<string, AppliedCounts>();
  for (const { id, action, people } of rows) {
    const counts = counted.get(id) ?? { added: 0, changed: 0, gone: 0 };
    counted.set(id, counts);
    if (action === "new" || action === "returned") counts.added += Number(people);
    else if (action === "changed" || action === "moved") counts.changed += Number(people);
    else if (action === "gone" && marksGone) counts.gone += Number(people);
  }
  return counted;
}

/** Imports that stopped, every school of which is among `schools` (null: all). */
export async function countStopped(db: Asked, schools: ReadonlySet<string> | null): Promise<number> {
  const inside = `and not exists (select 1 from import_schools s
    where s.import_id = imports.id and s.establishment_id not in ${among(db)})`;
  const [row] = await db.ask<{ stopped: number }>(
    `select count(*) as stopped from imports where status = 'failed' ${schools === null ? "" : inside}`,
    schools === null ? [] : [listed(db, [...schools])],
  );
  return Number(row?.stopped ?? 0);
}

/** Codes of its schools that are closed by now. */
export async function closedSchoolsOf(db: Asked, importId: string): Promise<string[]> {
  const rows = await db.ask<{ code: string }>(
    `select distinct e.code from import_schools s join establishments e on e.id = s.establishment_id
      where s.import_id = ? and e.closed_at is not null`,
    [importId],
  );
  return rows.map(({ code }) => code);
}

/** How often imports began to be applied, ended or stopped, all together. */
export async function lastTurn(db: Asked): Promise<number> {
  const [row] = await db.ask<{ turn: number }>("select coalesce(max(turn), 0) as turn from imports", []);
  return Number(row?.turn ?? 0);
}

/** Whether another import of the same kind of person in one of its schools is being applied, or was since that turn. */
export async function isOvertaken(db: Asked, id: string, turn: number): Promise<boolean> {
  const rows = await db.ask(
    `select i.id from imports i
      where i.id <> ? and (i.status = 'applying' or i.turn > ?)
        and exists (select 1 from import_schools o
          join import_schools s on s.establishment_id = o.establishment_id and s.kind = o.kind
          where o.import_id = i.id and s.import_id = ?)
      limit 1`,
    [id, turn, id],
  );
  return rows.length > 0;
}

/** The newest, at most `limit`: those of one's own, and those of schools among `schools` (null: all). */
export async function listImports(
  db: Asked,
  asked: { madeBy: string | null; schools: ReadonlySet<string> | null; limit: number },
): Promise<ImportRow[]> {
  const newest = `order by made_at desc, id desc limit ${Math.trunc(asked.limit)}`;
  if (asked.schools === null) return db.ask(`select * from imports ${newest}`, []);
  return db.ask(
    `select * from imports where made_by = ? or id in (
        select import_id from import_schools where establishment_id in ${among(db)}
      ) ${newest}`,
    [asked.madeBy ?? "", listed(db, [...asked.schools])],
  );
}

export interface ListedSchool {
  establishment_id: string;
  kind: RegistryKind;
}

const insertSchools = insertingMany<ImportTables["import_schools"]>(
  "import_schools",
  { import_id: "text", establishment_id: "text", kind: "text" },
  "on conflict do nothing",
);

export async function addSchools(tx: Tx, importId: string, schools: ListedSchool[]): Promise<void> {
  await insertSchools(
    tx,
    schools.map((school) => ({ import_id: importId, ...school })),
  );
}

export async function schoolsOf(
  db: Asked,
  importIds: string[],
): Promise<(ListedSchool & { import_id: string })[]> {
  if (importIds.length === 0) return [];
  return db.ask(
    `select import_id, establishment_id, kind from import_schools where import_id in ${among(db)}
      order by import_id, establishment_id, kind`,
    [listed(db, importIds)],
  );
}

export const insertFaults = insertingMany<FaultRow>("import_faults", {
  import_id: "text",
  position: "bigint",
  file: "integer",
  line: "bigint",
  reason: "text",
  what: "text",
  is_refused: "integer",
});

/** In the order of the files; `refused`: lines that are refused, or what was left out of others. */
export async function listFaults(
  db: Db,
  asked: { importId: string; isRefused: boolean | null; after: number; limit: number },
): Promise<FaultRow[]> {
  let query = of(db)
    .selectFrom("import_faults")
    .selectAll()
    .where("import_id", "=", asked.importId)
    .where("position", ">", asked.after);
  if (asked.isRefused !== null) query = query.where("is_refused", "=", asked.isRefused ? 1 : 0);
  return query.orderBy("position").limit(asked.limit).execute();
}

/** Imports whose rows are not needed any more, and that still have some. */
export async function listOld(
  db: Asked,
  before: { reading: number; finished: number },
  limit: number,
): Promise<{ id: string; status: ImportStatus }[]> {
  return db.ask(
    `select i.id, i.status from imports i
      where (i.status = 'reading' and i.status_at < ?) or (i.status_at < ? and i.status not in ('reading', 'applying')
        and (exists (select 1 from import_people p where p.import_id = i.id)
          or exists (select 1 from import_links l where l.import_id = i.id)
          or exists (select 1 from import_details d where d.import_id = i.id)
          or exists (select 1 from import_faults f where f.import_id = i.id)))
      order by i.made_at limit ${Math.trunc(limit)}`,
    [before.reading, before.finished],
  );
}

export async function deleteImportsBefore(tx: Tx, before: number): Promise<void> {
  await of(tx)
    .deleteFrom("imports")
    .where("status", "not in", ["reading", "applying"])
    .where("made_at", "<", before)
    .execute();
}

const rowsAtOnce = 5000;

/** Deletes the next rows of an import; answers whether there may be more. */
export async function clearRows(tx: Tx, importId: string): Promise<boolean> {
  const keys = {
    import_people: "establishment_id, kind, record_id",
    import_links: "establishment_id, guardian_record_id, pupil_record_id",
    import_details: "kind, file, ref",
    import_faults: "position",
  };
  for (const [table, key] of Object.entries(keys)) {
    const gone = await tx.ask(
      `delete from ${table} where import_id = ? and (${key}) in
        (select ${key} from ${table} where import_id = ? order by ${key} limit ${rowsAtOnce}) returning 1 as one`,
      [importId, importId],
    );
    if (gone.length > 0) return true;
  }
  return false;
}
