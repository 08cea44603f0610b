import { sql } from "kysely";
import { Fault } from "../kernel/fault.ts";
import type { Db } from "./store.ts";

/** A table as the database itself describes it. */
export interface TableShape {
  name: string;
  columns: string[];
  /** Columns of the primary key, in its order. */
  key: string[];
  /** Tables whose rows must be there first. */
  needs: string[];
}

const bookkeeping = "migrations";

/** Every table but the list of migrations, each after those that it refers to. */
export async function listTables(db: Db): Promise<TableShape[]> {
  const shapes = db.engine === "postgres" ? await describePostgres(db) : await describeSqlite(db);
  return inOrder(shapes.filter(({ name }) => name !== bookkeeping));
}

async function describeSqlite(db: Db): Promise<TableShape[]> {
  const { rows } = await sql<{ name: string; columns: string; key: string; needs: string }>`
    select m.name,
      (select json_group_array(name order by cid) from pragma_table_info(m.name)) as columns,
      (select json_group_array(name order by pk) from pragma_table_info(m.name) where pk > 0) as key,
      (select json_group_array(distinct "table") from pragma_foreign_key_list(m.name)) as needs
    from sqlite_master m
    where m.type = 'table' and m.name not like 'sqlite\\_%' escape '\\'
    order by m.name`.execute(db.tables());
  return rows.map(({ name, columns, key, needs }) => ({
    name,
    columns: JSON.parse(columns),
    key: JSON.parse(key),
    needs: JSON.parse(needs),
  }));
}

async function describePostgres(db: Db): Promise<TableShape[]> {
  const { rows } = await sql<TableShape>`
    select c.relname as name,
      array(
        select a.attname::text from pg_attribute a
        where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped order by a.attnum
      ) as columns,
      array(
        select a.attname::text from pg_index i
        cross join lateral unnest(i.indkey::int2[]) with ordinality as part(attnum, position)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = part.attnum
        where i.indrelid = c.oid and i.indisprimary order by part.position
      ) as key,
      array(
        select distinct r.relname::text from pg_constraint f
        join pg_class r on r.oid = f.confrelid
        where f.conrelid = c.oid and f.contype = 'f'
      ) as needs
    from pg_class c
    where c.relkind in ('r', 'p') and c.relnamespace = current_schema()::regnamespace
    order by c.relname`.execute(db.tables());
  return rows;
}

function inOrder(shapes: TableShape[]): TableShape[] {
  const ordered: TableShape[] = [];
  let left = shapes;
  while (left.length > 0) {
    const isReady = ({ name, needs }: TableShape) =>
      needs.every((need) => need === name || ordered.some((done) => done.name === need));
    const ready = left.filter(isReady);
    if (ready.length === 0) {
      throw new Fault(`Tables refer to each other in a circle: ${left.map(({ name }) => name).join(", ")}.`);
    }
    ordered.push(...ready);
    left = left.filter((shape) => !ready.includes(shape));
  }
  return ordered;
}
