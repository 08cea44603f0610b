import { skippingTaken } from "../../store/abilities.ts";
import { among, insertingMany, listed } from "../../store/many-rows.ts";
import type { Asked, Db, Store, Tx } from "../../store/store.ts";
import type { RegistryKind } from "./read/record.ts";

export type ImportStatus = "reading" | "refused" | "ready" | "applying" | "applied" | "cancelled";
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
}

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

/** The oldest import that is being applied, held until the transaction ends; null where another node has it. */
export async function holdApplying(tx: Tx, id: string | null): Promise<ImportRow | null> {
  let query = of(tx).selectFrom("imports").selectAll().where("status", "=", "applying");
  if (id !== null) query = query.where("id", "=", id);
  return (await skippingTaken(tx, query.orderBy("made_at").limit(1)).executeTakeFirst()) ?? null;
}

/** Imports of the same kinds of person in the same schools that were read later, and are or were applied. */
export async function listLater(
  db: Asked,
  { id, made_at }: Pick<ImportRow, "id" | "made_at">,
): Promise<string[]> {
  const rows = await db.ask<{ id: string }>(
    `select i.id from imports i
      where i.status in ('applying', 'applied') and i.made_at >= ? and (i.made_at, i.id) > (?, ?)
        and exists (select 1 from import_schools o
          join import_schools s on s.establishment_id = o.establishment_id and s.kind = o.kind
          where o.import_id = i.id and s.import_id = ?)`,
    [made_at, made_at, id, id],
  );
  return rows.map((row) => row.id);
}

export async function isAnyApplying(db: Asked): Promise<boolean> {
  const rows = await db.ask("select id from imports where status = 'applying' limit 1", []);
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
