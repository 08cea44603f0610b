import type { SendResult } from "../channels/channel.ts";
import { type Clock, minute, second } from "../kernel/clock.ts";
import type { Ids } from "../kernel/ids.ts";
import type { Keys } from "../kernel/keys.ts";
import { unreachable } from "../kernel/outcome.ts";
import type { Random } from "../kernel/random.ts";
import type { Store, Tx } from "../store/store.ts";
import * as rows from "./outbox.store.ts";
import type { Receipts } from "./receipts.ts";

/**
 * The outbox (promise 3): a message is committed with the change that causes it, and tried with growing pauses
 * for as long as it is useful. Secret parts are sealed, and erased at a final state.
 */
export interface NewMessage {
  /** The room's name for it, such as `recovery.reset`. */
  template: string;
  channel: rows.MessageChannel;
  /** Where it goes: a stored address, never one typed by a stranger as such (promise 2). */
  to: string;
  /** The same, as a digest: what suppressions and budgets know it by. */
  toKey: string;
  accountId: string | null;
  contactPointId: string | null;
  challengeId: string | null;
  locale: string;
  /** What its words need; never a secret. */
  params: Record<string, string | number | boolean | null | object>;
  /** Sealed until it has left, then erased. */
  secrets: { codePlain: string | null; linkPlain: string | null } | null;
  usefulForSeconds: number;
  priority: "urgent" | "usual" | "last";
}

/** A message whose turn has come, as the channel is to send it. */
export interface ReadyMessage extends Omit<NewMessage, "usefulForSeconds" | "priority" | "toKey"> {
  id: string;
  queuedAt: number;
}

export interface Outbox {
  enqueue(tx: Tx, message: NewMessage): Promise<string>;
  /** What has not left yet for this challenge will not leave. */
  cancel(tx: Tx, challengeId: string): Promise<void>;
  /** Sends what is due by one channel; answers how many were taken. */
  sendDue(channel: rows.MessageChannel): Promise<number>;
}

const priorities = { urgent: 0, usual: 1, last: 2 } as const;
const leaseFor = 3 * minute;
const claimedAtOnce = 2;
/** Each may be a message that arrives, and an SMS that is paid for. */
const unansweredAtMost = 3;

/** What a try came to, for the timeline and the metrics. */
export function outcomeOf(result: SendResult): string {
  return result.outcome === "temporary" && result.mayHaveArrived ? "unanswered" : result.outcome;
}

/** Pauses between tries: half a minute, then doubling up to a quarter of an hour, each shortened by chance. */
export function pauseAfter(tries: number, random: Random): number {
  const full = Math.min(30 * second * 2 ** (tries - 1), 15 * minute);
  return Math.round(full * (0.8 + random.below(200) / 1000));
}

export function createOutbox(deps: {
  store: Store;
  clock: Clock;
  random: Random;
  ids: Ids;
  keys: Keys;
  /** The name of the way that messages of this channel take now. */
  routeOf: (channel: rows.MessageChannel) => string;
  /** For how many seconds from now it is of use, if it leaves now; null where that has no end. */
  servesFor: (message: ReadyMessage) => Promise<number | null>;
  deliver: (message: ReadyMessage, servesForSeconds: number | null) => Promise<SendResult>;
  /** Runs in the transaction that records the message as sent: its 30 minutes start now. */
  messageLeft: (tx: Tx, message: ReadyMessage, at: number) => Promise<void>;
  /** Runs in the transaction that records a refusal of the address itself. */
  addressRefused: (tx: Tx, contactPointId: string, detail: string) => Promise<void>;
  receipts: Pick<Receipts, "taken">;
  wake: () => void;
  onFault: (cause: unknown, what: string) => void;
}): Outbox {
  const { store, clock, random, ids, keys } = deps;
  const owner = ids.uuid();

  function toReady(row: rows.MessageRow): ReadyMessage | null {
    const opened = row.secrets === null ? null : keys.open("outbox", row.secrets);
    if (row.secrets !== null && opened === null) return null;
    return {
      id: row.id,
      template: row.template,
      channel: row.channel,
      to: row.recipient,
      accountId: row.account_id,
      contactPointId: row.contact_point_id,
      challengeId: row.challenge_id,
      locale: row.locale,
      params: JSON.parse(row.params),
      secrets: opened === null ? null : JSON.parse(opened),
      queuedAt: row.queued_at,
    };
  }

  async function attempt(row: rows.MessageRow): Promise<void> {
    const startedAt = clock.now();
    const message = toReady(row);
    const result = await tryToSend(row, message, startedAt);
    await store.transact(async (tx) => {
      if (result !== null) return settle(tx, row, message, result, startedAt);
      await rows.settle(tx, row.id, owner, { status: "cancelled", secrets: null }, clock.now());
    });
  }

  /** Null: what it is about is over, so nothing was sent. */
  async function tryToSend(
    row: rows.MessageRow,
    message: ReadyMessage | null,
    now: number,
  ): Promise<SendResult | null> {
    if (row.useful_until <= now) return { outcome: "temporary", code: null, detail: "no longer useful" };
    if (message === null) {
      const detail = "sealed under a secret that is gone";
      return { outcome: "permanent", code: null, detail, reason: "content" };
    }
    try {
      const servesFor = await deps.servesFor(message);
      return servesFor !== null && servesFor <= 0 ? null : await deps.deliver(message, servesFor);
    } catch (cause) {
      deps.onFault(cause, `message ${row.template}`);
      return { outcome: "temporary", code: null, detail: "fault while rendering or sending" };
    }
  }

  async function settle(
    tx: Tx,
    row: rows.MessageRow,
    message: ReadyMessage | null,
    result: SendResult,
    startedAt: number,
  ): Promise<void> {
    const now = clock.now();
    const outcome = outcomeOf(result);
    const mayTryAgain =
      outcome !== "unanswered" || (await rows.countUnanswered(tx, row.id)) + 1 < unansweredAtMost;
    const change = changeFor(row, result, mayTryAgain, now);
    // A lease lost to another node is not ours to settle: that node records what it does.
    if (!(await rows.settle(tx, row.id, owner, change, now))) return;
    await rows.recordAttempt(tx, {
      id: ids.uuid(),
      message_id: row.id,
      route: row.route,
      started_at: startedAt,
      ended_at: now,
      outcome,
      code: result.outcome === "accepted" ? null : result.code,
      detail: result.detail,
    });
    if (message === null) return;
    if (result.outcome === "accepted") {
      await deps.messageLeft(tx, message, now);
      if (row.channel === "sms") await deps.receipts.taken(tx, row, result.providerId);
    }
    if (result.outcome === "permanent" && result.reason === "address") {
      await rows.suppress(tx, {
        recipient_key: row.recipient_key,
        channel: row.channel,
        reason: result.code ?? "refused",
        since: now,
      });
      if (row.contact_point_id) await deps.addressRefused(tx, row.contact_point_id, result.detail);
    }
  }

  function changeFor(row: rows.MessageRow, result: SendResult, mayTryAgain: boolean, now: number) {
    switch (result.outcome) {
      case "accepted":
        return { status: "sent" as const, left_at: now, provider_id: result.providerId, secrets: null };
      case "permanent":
        return { status: "failed" as const, secrets: null };
      case "temporary": {
        const dueAt = now + Math.max(pauseAfter(row.tries, random), (result.retryAfterSeconds ?? 0) * second);
        if (!mayTryAgain || dueAt >= row.useful_until) return { status: "given-up" as const, secrets: null };
        return { status: "queued" as const, due_at: dueAt };
      }
      default:
        return unreachable(result);
    }
  }

  return {
    async enqueue(tx, message) {
      const id = ids.uuid();
      const now = clock.now();
      await rows.insert(tx, {
        id,
        correlation_id: message.challengeId ?? id,
        account_id: message.accountId,
        contact_point_id: message.contactPointId,
        challenge_id: message.challengeId,
        channel: message.channel,
        route: deps.routeOf(message.channel),
        recipient: message.to,
        recipient_key: message.toKey,
        template: message.template,
        locale: message.locale,
        params: JSON.stringify(message.params),
        secrets: message.secrets === null ? null : keys.seal("outbox", JSON.stringify(message.secrets)),
        priority: priorities[message.priority],
        status: "queued",
        status_at: now,
        queued_at: now,
        due_at: now,
        useful_until: now + message.usefulForSeconds * second,
        lease_until: null,
        lease_owner: null,
        tries: 0,
        left_at: null,
        provider_id: null,
      });
      tx.afterCommit(deps.wake);
      return id;
    },
    cancel: (tx, challengeId) => rows.cancelOfChallenge(tx, challengeId, clock.now()),
    async sendDue(channel) {
      if (!(await rows.hasDue(store, channel, clock.now()))) return 0;
      const claimed = await store.transact((tx) =>
        rows.claim(tx, channel, clock.now(), owner, clock.now() + leaseFor, claimedAtOnce),
      );
      await Promise.all(claimed.map(attempt));
      return claimed.length;
    },
  };
}
