import type { Kysely } from "kysely";
import { Fault } from "../kernel/fault.ts";

/** Something that can be asked by statements that are written out. */
export interface Asked {
  /**
   * Asks one statement that was written out, past the query builder: for what is asked at every request or every
   * sign-in, where building it costs more than the database takes. `?` stands for each parameter.
   */
  ask<Row>(statement: string, parameters: readonly unknown[]): Promise<Row[]>;
  readonly engine: Engine;
}

/** Something that can be asked. A room names the types of its own tables: `db.tables<RecoveryTables>()`. */
export interface Db extends Asked {
  tables<Tables>(): Kysely<Tables>;
}

export type Engine = "sqlite" | "postgres";

/**
 * An open transaction. Nothing is sent from inside it; `afterCommit` is for waking whoever waits. What is asked
 * at once (`Promise.all`) reaches PostgreSQL in one go; once the transaction is over it can be asked no more.
 */
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
   * deadlock or a serialization failure runs `work` again, so `work` touches nothing but the transaction. There
   * a statement that failed also fails the whole, even if `work` goes on: what may be refused is asked conditionally.
   */
  transact<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
  /**
   * The same for what may be lost in a power cut, though not when the process is killed: a session just begun,
   * when it was last seen. Nobody then waits for the disk.
   */
  transactLightly<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result>;
  /**
   * Lends one connection that has no transaction: each statement stands alone, commits at once, and may be lost as
   * in `transactLightly`. For a few questions and one change that needs no other. Inside, nothing else of the
   * store is asked.
   */
  withoutTransaction<Result>(work: (db: Asked) => Promise<Result>): Promise<Result>;
  /**
   * Reads one unchanging state of the whole database, however long `work` takes; others write meanwhile. For
   * backups.
   */
  snapshot<Result>(work: (db: Db) => Promise<Result>): Promise<Result>;
  /**
   * Hears what the other nodes announce (`NOTIFY`); `null` is heard after a gap in which something may have been
   * missed. Answers what to call to hear no more. SQLite has one process, and announces nothing.
   */
  listen(channel: string, heard: (payload: string | null) => void): () => void;
  close(): Promise<void>;
}

/**
 * The same transaction until `end` is called; afterwards it refuses. When one of several questions asked at once
 * fails, what the others were about to ask next must not run outside the transaction.
 */
export function untilOver<T extends Db>(tx: T): { tx: T; end(): void } {
  let isOver = false;
  return {
    tx: {
      ...tx,
      tables<Tables>() {
        if (isOver) throw new Fault("This transaction is over.");
        return tx.tables<Tables>();
      },
      ask: <Row>(statement: string, parameters: readonly unknown[]) =>
        isOver ? Promise.reject(new Fault("This transaction is over.")) : tx.ask<Row>(statement, parameters),
    },
    end() {
      isOver = true;
    },
  };
}
