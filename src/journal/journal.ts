import type { Caller } from "../kernel/caller.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Ids } from "../kernel/ids.ts";
import type { Tx } from "../store/store.ts";
import * as rows from "./journal.store.ts";

/**
 * The journal d'activité: what happened to an account, who did it, and the private reason that no page said.
 * Append-only; only the retention job removes what is too old. A line of the same shape is written whether the
 * account exists or not (promise 2), with `accountId` null when it does not.
 */
export type Actor =
  | { kind: "person"; id: string }
  | { kind: "staff"; id: string }
  | { kind: "stranger"; id: null }
  | { kind: "system"; id: null };

export const stranger: Actor = { kind: "stranger", id: null };
export const system: Actor = { kind: "system", id: null };

export interface JournalEntry {
  /** Of the line, where whoever records names it elsewhere as well. */
  id?: string;
  /** `room.what-happened`, such as `recovery.password-replaced`: also the key of its words, `journal.<event>`. */
  event: string;
  accountId: string | null;
  actor: Actor;
  /** Values for the words; never a secret, never what a stranger typed. */
  params?: Record<string, string | number>;
  /** The private reason, for authorised staff only. */
  reason?: string;
  caller?: Traces | null;
  /** Of an act of staff: where it was done, which is then where it is listed; without, where its person belongs. */
  placeId?: string | null;
}

/** What is kept of where a request came from. */
export interface Traces extends Pick<Caller, "incident" | "browser"> {
  sourceAddress: string | null;
}

export interface Journal {
  record(tx: Tx, entry: JournalEntry): Promise<void>;
}

export function createJournal({ clock, ids }: { clock: Clock; ids: Ids }): Journal {
  return {
    async record(tx, entry) {
      await rows.insert(tx, {
        id: entry.id ?? ids.uuid(),
        account_id: entry.accountId,
        event: entry.event,
        actor_kind: entry.actor.kind,
        actor_id: entry.actor.id,
        at: clock.now(),
        incident: entry.caller?.incident ?? null,
        params: JSON.stringify(entry.params ?? {}),
        reason: entry.reason ?? null,
        browser: entry.caller?.browser ?? null,
        source_address: entry.caller?.sourceAddress ?? null,
      });
    },
  };
}
