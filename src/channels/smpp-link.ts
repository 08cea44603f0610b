import { second } from "../kernel/clock.ts";
import { createChanges } from "./changes.ts";
import type { ChannelLog } from "./channel.ts";
import type { DeliveryReceipt, ReceiptIds } from "./smpp-receipt.ts";
import { type BoundSession, faults, type LinkFault, openSession, type SessionDeps } from "./smpp-session.ts";
import { queueFull, readSmppStatus, statusName, throttled } from "./smpp-status.ts";

/** How long things may take, in milliseconds; tests shorten them. */
export interface SmppPatience {
  /** From the first byte until the provider has let us in. */
  bindMs: number;
  /** For the answer to one message. */
  answerMs: number;
  /** For a place in the window, and for a link that is being opened. */
  waitMs: number;
  /** Between two questions whether the other end is still there; one without answer until the next ends the link. */
  enquireMs: number;
  /** Before the first new try; doubled each time. */
  firstPauseMs: number;
  longestPauseMs: number;
  /** After "slow down": nothing more is sent for as long, doubled while it is said again. */
  slowDownMs: number;
  /** For answers that are still awaited when the channel closes. */
  drainMs: number;
}

export const usualPatience: SmppPatience = {
  bindMs: 10 * second,
  answerMs: 15 * second,
  waitMs: 10 * second,
  enquireMs: 30 * second,
  firstPauseMs: second,
  longestPauseMs: 60 * second,
  slowDownMs: second,
  drainMs: 10 * second,
};

/** `wasSent`: the provider may have taken it, though no answer came. */
export type Submitted =
  | { isAnswered: true; status: number }
  | ({ isAnswered: false; wasSent: boolean } & LinkFault);

type Taken = (messageId: string | undefined) => void;

export interface SmppLink {
  /**
   * Submits one `submit_sm` as soon as the window allows. Never rejects. `taken` hears by what id the provider took
   * it, if it does, however late.
   */
  submit(fields: Record<string, unknown>, taken: Taken): Promise<Submitted>;
  /** Opens the link if need be; null once it is open, else what hinders it. */
  fault(): Promise<LinkFault | null>;
  close(): Promise<void>;
}

/** A message without an answer: when it was sent, and how to end it where none will come. */
interface Unanswered {
  sentAt: number;
  /** Whoever waited for its answer has gone. */
  isLate: boolean;
  end: (how: Submitted) => void;
}

/** A pause that somebody may wait for; during a longer one the message comes back later. */
const worthWaitingMs = 2 * second;
const slowed: LinkFault = { code: statusName(throttled), detail: readSmppStatus(throttled).detail };

const notSent = (fault: LinkFault): Submitted => ({ isAnswered: false, wasSent: false, ...fault });
const perhapsSent = (fault: LinkFault): Submitted => ({ isAnswered: false, wasSent: true, ...fault });

/**
 * The link to the provider: opened when it is first needed, kept, and opened again with growing pauses when it is
 * lost, also to hear the receipts of what was sent before. At most `window` messages are without an answer.
 */
export function createSmppLink(deps: {
  smpp: SessionDeps["smpp"];
  connection: SessionDeps["connection"];
  bind: SessionDeps["bind"];
  window: number;
  patience: SmppPatience;
  log: ChannelLog;
  receiptIds: ReceiptIds;
  onReceipt: (receipt: DeliveryReceipt) => Promise<void>;
}): SmppLink {
  const { patience, window, log } = deps;
  const { changed, until } = createChanges();
  let state: "idle" | "running" | "closing" | "closed" = "idle";
  let session: BoundSession | null = null;
  let isBound = false;
  let lastFault: LinkFault | null = null;
  /** Since the link last worked. */
  let failures = 0;
  let retry: NodeJS.Timeout | undefined;
  let isSlowed = false;
  let slowedUntil = 0;
  let slowDowns = 0;
  const unanswered = new Set<Unanswered>();
  let lastAnswerAt = 0;

  function open(): void {
    if (state !== "idle") return;
    state = "running";
    connect();
  }

  function connect(): void {
    session = openSession({
      ...deps,
      onBound() {
        isBound = true;
        lastFault = null;
        changed();
      },
      onUnbound() {
        isBound = false;
      },
      onLost: lost,
      onAlive() {
        failures = 0;
      },
      isStuck,
      onTaken: changed,
    });
  }

  function lost(fault: LinkFault): void {
    session = null;
    isBound = false;
    for (const { end } of [...unanswered]) end(perhapsSent(fault));
    unanswered.clear();
    if (state === "running") {
      // Said once for each row of failures, not at every try.
      if (failures === 0) log.warn({ route: "smpp", code: fault.code }, fault.detail);
      lastFault = fault;
      retry = setTimeout(connect, Math.min(patience.firstPauseMs * 2 ** failures, patience.longestPauseMs));
      failures += 1;
    }
    changed();
  }

  /** A message has waited in vain, and no other was answered since it left. */
  const isSilent = () => [...unanswered].some(({ sentAt, isLate }) => isLate && lastAnswerAt < sentAt);

  /** No link that works is so silent for twice the usual patience, or keeps the whole window waiting. */
  function isStuck(): boolean {
    const longAgo = performance.now() - 2 * patience.answerMs;
    const isOld = ({ sentAt }: Unanswered) => sentAt < longAgo;
    return (isSilent() || unanswered.size >= window) && [...unanswered].every(isOld);
  }

  /** Undefined while there is no place for it. */
  function trySubmit(fields: Record<string, unknown>, taken: Taken): Promise<Submitted> | undefined {
    if (state !== "running") return Promise.resolve(notSent(faults.closing));
    // One try to open it again is worth waiting for. After that nobody waits.
    if (!isBound && failures > 1) return Promise.resolve(notSent(lastFault ?? faults.lost));
    if (isSilent()) return Promise.resolve(notSent(faults.silent));
    if (isSlowed && slowedUntil - performance.now() > worthWaitingMs) return Promise.resolve(notSent(slowed));
    if (session === null || !isBound || isSlowed || unanswered.size >= window) return undefined;
    return submitOn(session, fields, taken);
  }

  function submitOn(on: BoundSession, fields: Record<string, unknown>, taken: Taken): Promise<Submitted> {
    return new Promise((resolve) => {
      // Nobody waits for a late answer any more, but its place in the window is taken until it comes.
      const timer = setTimeout(() => {
        entry.isLate = true;
        resolve(perhapsSent(faults.silent));
      }, patience.answerMs);
      const entry: Unanswered = {
        sentAt: performance.now(),
        isLate: false,
        end(how) {
          clearTimeout(timer);
          resolve(how);
        },
      };
      unanswered.add(entry);
      on.submit(fields, ({ command_status: status, message_id: id }) => {
        if (!unanswered.delete(entry)) return;
        failures = 0;
        lastAnswerAt = performance.now();
        if (status === 0) taken(id);
        entry.end({ isAnswered: true, status });
        if (status === throttled || status === queueFull) slowDown();
        else if (status === 0) slowDowns = 0;
        changed();
      });
    });
  }

  function slowDown(): void {
    if (isSlowed) return;
    isSlowed = true;
    const pause = patience.slowDownMs * Math.min(2 ** slowDowns, 30);
    slowedUntil = performance.now() + pause;
    slowDowns += 1;
    setTimeout(() => {
      isSlowed = false;
      changed();
    }, pause).unref();
  }

  async function unbind(bound: BoundSession): Promise<void> {
    let isDone = false;
    bound.unbind(() => {
      isDone = true;
      changed();
    });
    await until(() => isDone || session === null || undefined, Math.min(2 * second, patience.drainMs));
    bound.lose(faults.closing);
  }

  return {
    async submit(fields, taken) {
      open();
      const submitted = await until(() => trySubmit(fields, taken), patience.waitMs);
      return submitted ?? notSent(lastFault ?? faults.silent);
    },
    async fault() {
      open();
      const settled = () => isBound || lastFault !== null || state !== "running" || undefined;
      await until(settled, patience.bindMs + second);
      if (state !== "running") return faults.closing;
      return isBound ? null : (lastFault ?? faults.silent);
    },
    async close() {
      if (state === "closing" || state === "closed") return;
      state = "closing";
      clearTimeout(retry);
      if (!isBound) session?.lose(faults.closing);
      changed();
      const isDrained = () => unanswered.size === 0 && (session?.takingNow() ?? 0) === 0;
      await until(() => isDrained() || undefined, patience.drainMs);
      state = "closed";
      if (session) await unbind(session);
    },
  };
}
