import type { Readable } from "node:stream";

export type Collected = { ok: true; raw: Buffer } | { ok: false; why: "too-large" | "no-room" | "gone" };

/** How much of what is being received may be held in memory, all connections together. */
export interface Room {
  take(bytes: number): boolean;
  giveBack(bytes: number): void;
}

export function createRoom(most: number): Room {
  let held = 0;
  return {
    take(bytes) {
      if (held + bytes > most) return false;
      held += bytes;
      return true;
    },
    giveBack(bytes) {
      held -= bytes;
    },
  };
}

/**
 * Takes a stream of at most `most` bytes into memory, as long as there is room. What is too much is read to its end
 * and dropped as it comes, so that the sender hears why; beyond four times the limit nobody listens any more, and
 * `hangUp` is called. The room of an accepted mail is given back by the caller.
 */
export async function collect(
  stream: Readable,
  limits: { most: number; room: Room; hangUp: () => void },
): Promise<Collected> {
  let chunks: Buffer[] = [];
  let seen = 0;
  let taken = 0;
  let why: "too-large" | "no-room" | null = null;

  function drop(reason: "too-large" | "no-room"): void {
    why = reason;
    chunks = [];
    limits.room.giveBack(taken);
    taken = 0;
  }

  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const before = seen;
      seen += chunk.length;
      if (before <= limits.most * 4 && seen > limits.most * 4) limits.hangUp();
      if (why !== null) continue;
      if (seen > limits.most) drop("too-large");
      else if (!limits.room.take(chunk.length)) drop("no-room");
      else {
        taken += chunk.length;
        chunks.push(chunk);
      }
    }
  } catch {
    // The sender went away in the middle: there is no mail, and nobody to answer.
    limits.room.giveBack(taken);
    return { ok: false, why: "gone" };
  }
  if (why !== null) return { ok: false, why };
  return { ok: true, raw: Buffer.concat(chunks, taken) };
}
