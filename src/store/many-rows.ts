import type { Asked, Tx } from "./store.ts";

/**
 * Many rows by few statements: for imports, where one statement a row would cost more than the rows. The statements
 * are the same however many rows there are, so that both engines prepare each of them once.
 */

/** What a column holds, by which PostgreSQL is handed a whole column at once. */
export type ColumnType = "text" | "bigint" | "integer";

type Columns<Row> = { readonly [Column in keyof Row & string]: ColumnType };

/** Rows of one statement on SQLite: the greater first, what is left over by the smaller. */
const sqliteSteps = [64, 8, 1];
/** There the process itself writes: so many rows in one go, and whoever else waits has their turn. */
const sqliteGivesWayAfter = 64 * 32;
/** Keeps one message to PostgreSQL, and what is built for it, small. */
const postgresStep = 5000;

/**
 * Makes a verb that inserts any number of rows into `table`. `onConflict` is the end of the statement, such as
 * `on conflict (account_id) do update set surname = excluded.surname`: PostgreSQL then wants each key only once
 * among the rows.
 */
export function insertingMany<Row extends object>(
  table: string,
  columns: Columns<Row>,
  onConflict = "",
): (tx: Pick<Tx, "ask" | "engine">, rows: readonly Row[]) => Promise<void> {
  const names = Object.keys(columns) as (keyof Row & string)[];
  const into = `insert into ${table} (${names.join(", ")})`;
  const places = `(${names.map(() => "?").join(", ")})`;
  const bySqlite = new Map(
    sqliteSteps.map((step) => [
      step,
      `${into} values ${Array.from({ length: step }, () => places).join(", ")} ${onConflict}`,
    ]),
  );
  const arrays = names.map((name) => `?::${columns[name]}[]`).join(", ");
  const byPostgres = `${into} select * from unnest(${arrays}) ${onConflict}`;

  return async (tx, rows) => {
    if (tx.engine === "postgres") {
      for (let at = 0; at < rows.length; at += postgresStep) {
        const part = rows.slice(at, at + postgresStep);
        await tx.ask(
          byPostgres,
          names.map((name) => part.map((row) => row[name])),
        );
      }
      return;
    }
    let at = 0;
    for (const step of sqliteSteps) {
      const statement = bySqlite.get(step) as string;
      for (; rows.length - at >= step; at += step) {
        const values: unknown[] = [];
        for (let row = at; row < at + step; row++) {
          for (const name of names) values.push((rows[row] as Row)[name]);
        }
        await tx.ask(statement, values);
        if ((at + step) % sqliteGivesWayAfter === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    }
  };
}

/** What follows `in` in a statement that is written out, for the one parameter that `listed` makes of many texts. */
export function among(db: Pick<Asked, "engine">): string {
  return db.engine === "postgres" ? "(select unnest(?::text[]))" : "(select value from json_each(?))";
}

/** Many texts as the one parameter of `among`. */
export function listed(db: Pick<Asked, "engine">, texts: readonly string[]): unknown {
  return db.engine === "postgres" ? texts : JSON.stringify(texts);
}
