import { type Clock, day } from "../../kernel/clock.ts";
import type { Job } from "../../operate/jobs.ts";
import type { Store } from "../../store/store.ts";
import type { Places } from "./places.ts";
import * as rows from "./workers.store.ts";

/** So long after their last role somebody still stands in the list of staff, where a role is given to them again. */
const staysFor = 90 * day;
const atOnce = 500;

/** Whoever came to work at an establishment by a role ceases to, some time after the last one there has ended. */
export function workerJobs({ store, clock, places }: { store: Store; clock: Clock; places: Places }): Job[] {
  async function endWork(): Promise<void> {
    await store.transact(async (tx) => {
      const now = clock.now();
      await rows.noteEnded(tx, now);
      for (const { account_id: accountId, establishment_id: placeId } of await rows.endedWorkers(
        tx,
        now - staysFor,
        atOnce,
      )) {
        await places.removeWorker(tx, accountId, placeId, now);
        await rows.removeWorker(tx, accountId, placeId);
      }
    });
  }

  return [{ name: "staff.end-work", everySeconds: 3600, run: endWork }];
}
