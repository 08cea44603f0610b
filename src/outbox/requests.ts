import { type Clock, minute, second } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import type { Ids } from "../kernel/ids.ts";
import type { Keys } from "../kernel/keys.ts";
import type { Random } from "../kernel/random.ts";
import type { Store, Tx } from "../store/store.ts";
import * as rows from "./requests.store.ts";

/**
 * What strangers ask for (promise 2). The form commits one row of the same shape for everybody and answers; a
 * worker resolves it later, at a moment drawn by chance, so that neither the answer nor the next one tells
 * whether an account was found.
 */
export interface Requests {
  /** Commits a request inside the form's own transaction. `payload` is sealed, and erased once resolved. */
  commit(tx: Tx, request: { kind: string; payload: object; incident: string | null }): Promise<void>;
  /** Resolves what is due; answers how many were taken. */
  resolveDue(): Promise<number>;
}

/** Does what was asked, in the given transaction; answers a private word for the record, such as "no-account". */
export type Resolver = (tx: Tx, payload: never) => Promise<string>;

const leaseFor = minute;
const triesAtMost = 20;

export function createRequests(deps: {
  store: Store;
  clock: Clock;
  random: Random;
  ids: Ids;
  keys: Keys;
  /** Random wait before a request is resolved, in milliseconds. */
  delay: { from: number; to: number };
  resolvers: () => Record<string, Resolver>;
  wake: () => void;
  onFault: (cause: unknown, what: string) => void;
}): Requests {
  const { store, clock, random, ids, keys, delay } = deps;
  const owner = ids.uuid();

  async function resolveOne(row: rows.RequestRow): Promise<void> {
    const opened = row.payload === null ? null : keys.open("request", row.payload);
    const resolver = deps.resolvers()[row.kind];
    if (!resolver) throw new Fault(`Nobody resolves requests of kind ${row.kind}.`);
    await store.transact(async (tx) => {
      if (!(await rows.resolve(tx, row.id, owner, clock.now()))) return;
      // A payload sealed under a secret that is gone cannot be served; it ends here rather than for ever.
      const result = opened === null ? "unreadable" : await resolver(tx, JSON.parse(opened) as never);
      await rows.setResult(tx, row.id, result);
    });
  }

  async function postpone(row: rows.RequestRow, cause: unknown): Promise<void> {
    deps.onFault(cause, `request ${row.kind}`);
    const pause = Math.min(second * 2 ** row.tries, 10 * minute);
    await store.transact(async (tx) => {
      if (row.tries < triesAtMost) return rows.postpone(tx, row.id, owner, clock.now() + pause);
      if (await rows.resolve(tx, row.id, owner, clock.now())) await rows.setResult(tx, row.id, "failed");
    });
  }

  return {
    async commit(tx, request) {
      await rows.insert(tx, {
        id: ids.uuid(),
        kind: request.kind,
        payload: keys.seal("request", JSON.stringify(request.payload)),
        incident: request.incident,
        requested_at: clock.now(),
        due_at: clock.now() + delay.from + random.below(delay.to - delay.from + 1),
        lease_until: null,
        lease_owner: null,
        tries: 0,
        resolved_at: null,
        result: null,
      });
      tx.afterCommit(deps.wake);
    },

    async resolveDue() {
      if (!(await rows.hasDue(store, clock.now()))) return 0;
      const claimed = await store.transact((tx) =>
        rows.claim(tx, clock.now(), owner, clock.now() + leaseFor, 20),
      );
      for (const row of claimed) {
        try {
          await resolveOne(row);
        } catch (cause) {
          await postpone(row, cause);
        }
      }
      return claimed.length;
    },
  };
}
