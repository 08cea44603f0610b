import { type Clock, second } from "../../kernel/clock.ts";
import type { Store } from "../../store/store.ts";
import { type Queue, readQueue } from "./chat-queue.ts";
import { topics } from "./chat-talk.ts";

/** Where signals are heard; what `createSignals` answers. */
export interface SignalsHeard {
  on(topic: string, heard: () => void): () => void;
}

const queueKnownFor = 2 * second;
/** Who waits and who is there changes often when many come: nobody needs to see each change apart. */
const deskRestMs = 250;

/**
 * What this node knows without asking each time: who is there and who waits (read once for everybody who shows it), and
 * which pages are open here, so that their people count as being there.
 */
export function createLive({ store, clock, signals }: { store: Store; clock: Clock; signals: SignalsHeard }) {
  let known: { at: number; queue: Promise<Queue> } | null = null;
  let isListening = false;
  const deskListeners = new Set<() => void>();
  let rest: NodeJS.Timeout | undefined;
  let isMissed = false;

  /** The first change is told at once, what follows it closely together. */
  function deskChanged(): void {
    known = null;
    if (rest !== undefined) {
      isMissed = true;
      return;
    }
    for (const heard of [...deskListeners]) heard();
    rest = setTimeout(() => {
      rest = undefined;
      if (!isMissed) return;
      isMissed = false;
      deskChanged();
    }, deskRestMs);
    rest.unref();
  }

  function listen(): void {
    if (isListening) return;
    isListening = true;
    signals.on(topics.desk, deskChanged);
  }

  /** Who is there and who waits; what time alone changes, at most two seconds old. */
  function queue(): Promise<Queue> {
    listen();
    const now = clock.now();
    if (!known || now - known.at >= queueKnownFor) {
      const reading = readQueue(store, clock);
      known = { at: now, queue: reading };
      // What failed is not remembered.
      reading.catch(() => {
        if (known?.queue === reading) known = null;
      });
    }
    return known.queue;
  }

  function onDesk(heard: () => void): () => void {
    listen();
    deskListeners.add(heard);
    return () => deskListeners.delete(heard);
  }

  return {
    queue,
    onDesk,
    onChat: (id: string, heard: () => void) => signals.on(topics.chat(id), heard),
    onStaff: (id: string, heard: () => void) => signals.on(topics.staff(id), heard),
    /** Conversations whose page is open on this node. */
    people: createOpenPages(5),
    /** Staff who have the desk's chat open on this node. */
    staff: createOpenPages(20),
  };
}

export type Live = ReturnType<typeof createLive>;

/** Pages that are open, by whose they are: `atMost` for each, since every one of them costs this node as much. */
function createOpenPages(atMost: number) {
  const pages = new Map<string, Set<() => void>>();
  return {
    /** One more page is open, which `close` ends; the oldest gives way. Answers what to call when it is closed. */
    open(id: string, close: () => void): () => void {
      const own = pages.get(id) ?? new Set();
      pages.set(id, own.add(close));
      const [oldest] = own;
      if (own.size > atMost) oldest?.();
      return () => {
        own.delete(close);
        if (own.size === 0 && pages.get(id) === own) pages.delete(id);
      };
    },
    list: () => [...pages.keys()],
  };
}

/**
 * Runs `work` for each time it is asked, never twice at once; what is asked while it runs is done once more afterwards.
 */
export function oneAtATimeOnly(work: () => Promise<void>, failed: (cause: unknown) => void): () => void {
  let isRunning = false;
  let isAskedAgain = false;
  return function ask(): void {
    if (isRunning) {
      isAskedAgain = true;
      return;
    }
    isRunning = true;
    void (async () => {
      try {
        do {
          isAskedAgain = false;
          await work();
        } while (isAskedAgain);
      } catch (cause) {
        failed(cause);
      } finally {
        isRunning = false;
      }
    })();
  };
}
