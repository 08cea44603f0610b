import type { Kysely } from "kysely";

/** Something that can be asked. A room names the types of its own tables: `db.tables<RecoveryTables>()`. */
export interface Db {
  tables<Tables>(): Kysely<Tables>;
  readonly engine: Engine;
}

export type Engine = "sqlite" | "postgres";

/** An open transaction. Nothing is sent from inside it; `afterCommit` is for waking whoever waits. */
export interface Tx extends Db {
  afterCommit(run: () => void): void;
}

/**
 * The database. Asked directly it only reads; everything that changes goes through `transact`, and inside it
 * only the `Tx` is used.
 */
export interface Store extends Db {
  /**
   * Runs `work` in one transaction and commits it, or rolls all of it back if it throws. On PostgreSQL a
   * deadlock or a serialization failure runs `work` again, so `work` touches nothing but the transaction.
   */
  transact<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
  /**
   * The same for what may be lost in a power cut, though not when the process is killed: counts of tries, last
   * seen. SQLite then does not make everybody wait for the disk.
   */
  transactLightly<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
  /**
   * Asks one statement that was written out, past the query builder: for what is asked at every request. `?`
   * stands for each parameter. Outside any transaction.
   */
  ask<Row>(statement: string, parameters: readonly unknown[]): Promise<Row[]>;
  /**
   * Reads one unchanging state of the whole database, however long `work` takes; others write meanwhile. For
   * backups.
   */
  snapshot<Result>(work: (db: Db) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}
