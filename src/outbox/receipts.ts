import type { DeliveryReceipt } from "../channels/smpp-receipt.ts";
import type { Clock } from "../kernel/clock.ts";
import { oneAtATime } from "../store/abilities.ts";
import type { Tx } from "../store/store.ts";
import { suppress, unsuppress } from "./outbox.store.ts";
import * as rows from "./receipts.store.ts";

/**
 * What networks say in the end of the SMS that they took. A number of which they say twice, of two messages and with
 * none delivered between, that it cannot be reached counts as dead: it is used last, and whoever it belongs to is told
 * on their account. Once is an accident, and « expired » is a telephone that was off.
 *
 * Tables: message_receipts, message_parts, suppressions.
 */
export interface Receipts {
  /** Keeps what a route says of a message that may not be recorded as sent yet. */
  keep(tx: Tx, route: string, receipt: DeliveryReceipt): Promise<void>;
  /** A route took a message, under an id for each part: in the transaction that records it. */
  taken(tx: Tx, message: rows.ReceiptedMessage, providerId: string | null): Promise<void>;
}

/** What a reason begins with that receipts gave: a later receipt takes it back. */
export const reasonOfReceipts = "receipt";

export function createReceipts(deps: {
  clock: Clock;
  /** A number cannot be reached. */
  addressRefused: (tx: Tx, contactPointId: string, reason: string) => Promise<void>;
  /** Something was delivered to it after all: what receipts said of it before is no longer so. */
  addressAnswered: (tx: Tx, addressKey: string) => Promise<void>;
  /** Called once it is committed. */
  counted: (receipt: DeliveryReceipt) => void;
}): Receipts {
  const { clock } = deps;

  /** Receipt and part are written by two transactions: whichever comes second sees the other, and judges. */
  const inTurn = (tx: Tx, route: string, providerId: string) =>
    oneAtATime(tx, `receipt ${route} ${providerId}`);

  async function judge(tx: Tx, message: rows.ReceiptedMessage, receipt: DeliveryReceipt): Promise<void> {
    const { recipient_key: key, contact_point_id: contactPointId, channel } = message;
    if (receipt.outcome === "delivered") {
      await unsuppress(tx, key, reasonOfReceipts);
      await deps.addressAnswered(tx, key);
    }
    if (receipt.reason !== "undeliverable" || !(await rows.wasUnreachable(tx, message))) return;
    const reason = `${reasonOfReceipts} ${receipt.code ?? receipt.reason}`;
    await suppress(tx, { recipient_key: key, channel, reason, since: clock.now() });
    if (contactPointId) await deps.addressRefused(tx, contactPointId, reason);
  }

  return {
    async keep(tx, route, receipt) {
      const now = clock.now();
      await inTurn(tx, route, receipt.providerId);
      if (!(await rows.keepReceipt(tx, route, receipt, now))) return;
      tx.afterCommit(() => deps.counted(receipt));
      const message = await rows.messageOfPart(tx, route, receipt.providerId, now);
      if (message) await judge(tx, message, receipt);
    },
    async taken(tx, message, providerId) {
      for (const id of providerId?.split(" ") ?? []) {
        await inTurn(tx, message.route, id);
        await rows.keepPart(tx, { route: message.route, provider_id: id, message_id: message.id });
        const receipt = await rows.earlierReceipt(tx, message, id);
        if (receipt) await judge(tx, message, receipt);
      }
    },
  };
}
