import { setTimeout as pause } from "node:timers/promises";
import { second } from "../../kernel/clock.ts";

/**
 * Holds tries back for a second each. A whole school stands behind one address and is never blocked (promise 6);
 * slowed so, it can still not be used to guess quickly. Beyond `waitingAtOnce` nobody waits: held requests must
 * not become a burden of their own, and the queue of the hashing is the limit then.
 */
export function createSlowLane(heldForMs = second, waitingAtOnce = 200): () => Promise<void> {
  let waiting = 0;
  return async () => {
    if (waiting >= waitingAtOnce) return;
    waiting++;
    await pause(heldForMs).finally(() => waiting--);
  };
}
