import { type Clock, day, hour, minute, second } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Keys } from "../../kernel/keys.ts";
import type { Store, Tx } from "../../store/store.ts";
import { fingerprintOf } from "./fingerprint.ts";
import * as rows from "./inbound.store.ts";
import type { Envelope, InboundEnd, InboundRecipient } from "./inbound-mail.ts";

/**
 * Mail that arrives (promise 3): it is committed before its sender is told so, then read by the worker, each mail in
 * one transaction with what it causes, and its bytes are erased by the same one. What fails is tried again, for as
 * long as it takes. So much may wait and no more: anybody can send, and the disk is everybody's.
 *
 * Tables: inbound_mails, inbound_mail_parts. Settings: retention.rawReportsDays, limits "inbound-mail.per-source".
 */
export interface Intake {
  /** Whether somebody here takes mail for this address. */
  accepts(address: string): boolean;
  /**
   * Commits a mail; answers its id. The same mail for the same address is kept once. Null: too much came from there, or
   * too much waits already; nothing was kept, and its sender is to try again.
   */
  accept(envelope: Envelope, raw: Uint8Array): Promise<string | null>;
  /** Reads what waits; answers how many mails were taken. */
  readDue(): Promise<number>;
}

const leaseFor = 5 * minute;
/** In bytes of the mail, so that no row is large however large the mail. */
const partSize = 48 * 1024;
/** Nobody writes to more of our addresses at once but who wants to hurt us. */
const mostRecipients = 5;
const defaultCeilings = { waitingMails: 20_000, waitingBytes: 1024 * 1024 * 1024 };
/** Every mail counts what waits at most so often: between two looks, this program counts what it takes itself. */
const lookEvery = 10 * second;
/** At most so much later than it might be read again, so that a flood does not fall due all at once. */
const mostSpread = hour;

export function createIntake(deps: {
  store: Store;
  clock: Clock;
  ids: Ids;
  keys: Keys;
  /** In order: the first that accepts an address has it. */
  recipients: InboundRecipient[];
  /** Whether this network address may send one more; commits with the transaction. */
  maySend: (tx: Tx, source: string) => Promise<boolean>;
  wake: () => void;
  /** Told of each mail that ended, once it is committed. */
  onEnd: (mail: { id: string; handler: string } & InboundEnd) => void;
  onFault: (cause: unknown, what: string) => void;
  ceilings?: typeof defaultCeilings;
}): Intake {
  const { store, clock, ids, keys, recipients } = deps;
  const ceilings = deps.ceilings ?? defaultCeilings;
  const owner = ids.uuid();
  let waiting = { at: Number.NEGATIVE_INFINITY, count: 0, bytes: 0 };
  const takerOf = (address: string) =>
    recipients.find((recipient) => recipient.accepts(address.toLowerCase()));

  function addressed({ to }: Envelope): { handler: string; recipient: string }[] {
    return recipients
      .flatMap((recipient) => {
        const addresses = [...new Set(to.map((address) => address.toLowerCase()))];
        const own = addresses.filter((address) => takerOf(address) === recipient);
        const chosen = own.length > 1 ? (recipient.choose?.(own) ?? own) : own;
        return chosen.map((address) => ({ handler: recipient.name, recipient: address }));
      })
      .slice(0, mostRecipients);
  }

  async function hasRoomFor(mails: number, bytes: number): Promise<boolean> {
    if (clock.now() - waiting.at >= lookEvery) {
      waiting = { at: clock.now(), ...(await rows.countWaiting(store)) };
    }
    return (
      waiting.count + mails <= ceilings.waitingMails && waiting.bytes + mails * bytes <= ceilings.waitingBytes
    );
  }

  /** Between 0 and `most`, for each mail another. */
  function spreadOf(mailId: string, most: number): number {
    const drawn = Buffer.from(keys.digest("inbound-mail.spread", mailId), "base64url").readUInt32BE(0);
    return Math.floor((drawn / 2 ** 32) * most);
  }

  async function readOne(row: rows.InboundMailRow): Promise<void> {
    const taker = recipients.find(({ name }) => name === row.handler);
    if (!taker) throw new Fault(`Nobody reads mails for ${row.handler}.`);
    const raw = openParts(await rows.partsOf(store, row.id));
    const finish =
      raw &&
      (await taker.receive({
        id: row.id,
        recipient: row.recipient,
        envelopeFrom: row.envelope_from,
        receivedAt: row.received_at,
        raw,
      }));
    await store.transact(async (tx) => {
      // A lease lost to another node is not ours to end: that node does what the mail asks.
      if (!(await rows.end(tx, row.id, owner, clock.now()))) return;
      if (!finish) {
        await rows.setResult(tx, row.id, {
          status: "unreadable",
          result: "sealed under a secret that is gone",
        });
        return;
      }
      const end = await finish(tx);
      if (end.status === "later") {
        // Later each time: what a flood leaves behind must not be read all over again whenever a little of it may pass.
        const pause = Math.max(Math.min((end.until - clock.now()) * row.tries, 7 * day), minute);
        return rows.putBack(tx, row.id, clock.now() + pause + spreadOf(row.id, Math.min(pause, mostSpread)));
      }
      await rows.eraseParts(tx, row.id);
      await rows.setResult(tx, row.id, { status: end.status, result: end.reason });
      tx.afterCommit(() => deps.onEnd({ id: row.id, handler: row.handler, ...end }));
    });
  }

  function openParts(sealed: string[]): Buffer | null {
    const opened = sealed.map((part) => keys.open("inbound-mail", part));
    if (opened.includes(null)) return null;
    return Buffer.concat(opened.map((part) => Buffer.from(part as string, "base64")));
  }

  function sealParts(raw: Uint8Array): string[] {
    const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength);
    const count = Math.max(1, Math.ceil(bytes.length / partSize));
    return Array.from({ length: count }, (_, at) =>
      keys.seal("inbound-mail", bytes.subarray(at * partSize, (at + 1) * partSize).toString("base64")),
    );
  }

  return {
    accepts: (address) => takerOf(address) !== undefined,

    async accept(envelope, raw) {
      const receivedAt = clock.now();
      const fingerprint = fingerprintOf(raw);
      const mails = addressed(envelope).map((to) => ({ ...to, id: ids.uuid(), parts: sealParts(raw) }));
      const [first] = mails;
      if (!first) throw new Fault("A mail was accepted that is for nobody here.");
      if (!(await hasRoomFor(mails.length, raw.byteLength))) return null;
      const isTaken = await store.transact(async (tx) => {
        if (!(await deps.maySend(tx, envelope.source))) return false;
        for (const { id, handler, recipient, parts } of mails) {
          const row: rows.InboundMailRow = {
            id,
            recipient,
            handler,
            fingerprint: keys.digest("inbound-mail", JSON.stringify([handler, recipient, fingerprint])),
            envelope_from: envelope.from,
            bytes: raw.byteLength,
            received_at: receivedAt,
            status: "waiting",
            result: null,
            due_at: receivedAt,
            lease_until: null,
            lease_owner: null,
            tries: 0,
            ended_at: null,
          };
          await rows.insert(tx, row, parts);
        }
        tx.afterCommit(deps.wake);
        return true;
      });
      if (!isTaken) return null;
      waiting.count += mails.length;
      waiting.bytes += mails.length * raw.byteLength;
      return first.id;
    },

    async readDue() {
      if (!(await rows.hasDue(store, clock.now()))) return 0;
      const row = await store.transact((tx) => rows.claim(tx, clock.now(), owner, clock.now() + leaseFor));
      if (!row) return 0;
      try {
        await readOne(row);
      } catch (cause) {
        deps.onFault(cause, `mail for ${row.handler}`);
        const pause = Math.min(30 * second * 2 ** (row.tries - 1), hour);
        await store.transact((tx) => rows.postpone(tx, row.id, owner, clock.now() + pause));
      }
      return 1;
    },
  };
}
