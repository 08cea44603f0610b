import { maskEmail } from "../accounts/addresses/email-address.ts";
import { maskPhoneNumber } from "../accounts/addresses/phone-number.ts";
import type { Clock } from "../kernel/clock.ts";
import type { MessageRow } from "../outbox/outbox.store.ts";
import type { Db, Store, Tx } from "../store/store.ts";

/** A message that has not been sent. `to` is shown in part: the operator needs no list of people's addresses. */
export interface UnsentMessage {
  status: MessageRow["status"];
  channel: MessageRow["channel"];
  template: string;
  to: string;
  queuedAt: number;
  tries: number;
  /** What the newest attempt came to. */
  why: string | null;
}

/** What has not left, for the operator: the outbox as it waits, and what a restore holds. */
export function createHeldMessages(deps: {
  store: Store;
  clock: Clock;
  rows: {
    listUnsent(db: Db, limit: number): Promise<MessageRow[]>;
    releaseHeld(tx: Tx, now: number): Promise<number>;
    countHeld(db: Db): Promise<number>;
    lastAttempt(db: Db, messageId: string): Promise<{ detail: string } | null>;
  };
}) {
  const { store, clock, rows } = deps;
  return {
    /** The oldest first. */
    async list(limit: number): Promise<UnsentMessage[]> {
      const unsent = await rows.listUnsent(store, limit);
      return Promise.all(
        unsent.map(async ({ id, status, channel, template, recipient, queued_at, tries }) => ({
          status,
          channel,
          template,
          to: channel === "email" ? maskEmail(recipient) : maskPhoneNumber(recipient),
          queuedAt: queued_at,
          tries,
          why: (await rows.lastAttempt(store, id))?.detail ?? null,
        })),
      );
    },
    /** Lets what a restore holds leave after all; answers how many. */
    release: () => store.transact((tx) => rows.releaseHeld(tx, clock.now())),
    count: () => rows.countHeld(store),
  };
}
