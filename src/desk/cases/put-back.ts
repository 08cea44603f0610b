import type { Staff } from "../../kernel/caller.ts";
import { type Clock, day } from "../../kernel/clock.ts";
import type { Job } from "../../operate/jobs.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import type { CaseTalk } from "./case-talk.ts";
import type { CaseWalls } from "./case-walls.ts";
import * as rows from "./put-back.store.ts";

/** Long enough that nothing is passed over where the portal stood still for a night. */
const lookBackFor = 2 * day;

/**
 * Cases do not stay with somebody whose role has ended: what they may not answer any more goes back to the team, where
 * somebody else sees that nobody has it.
 */
export function createPutBack(deps: {
  store: Store;
  clock: Clock;
  talk: Pick<CaseTalk, "note">;
  mayAct: CaseWalls["mayAct"];
  /** Who a member of staff is now. */
  staffNow: (db: Db, staff: Pick<Staff, "accountId" | "sessionId" | "name" | "locale">) => Promise<Staff>;
}) {
  const { store, clock } = deps;

  async function putBackOf(tx: Tx, accountId: string): Promise<void> {
    const taken = await rows.takenBy(tx, accountId);
    if (taken.length === 0) return;
    const staff = await deps.staffNow(tx, { accountId, sessionId: "", name: "", locale: "" });
    const lost = taken.filter((row) => !deps.mayAct(staff, row)).map(({ id }) => id);
    for (const id of await rows.putBack(tx, accountId, lost)) {
      await deps.talk.note(tx, id, "cases.event.put-back", { kind: "system" });
    }
  }

  /** Roles that end by themselves. */
  async function putBackEnded(): Promise<void> {
    const now = clock.now();
    for (const accountId of await rows.takersWithout(store, now - lookBackFor, now)) {
      await store.transact((tx) => putBackOf(tx, accountId));
    }
  }

  const jobs: Job[] = [{ name: "cases.put-back", everySeconds: 3600, run: putBackEnded }];
  return { putBackOf, jobs };
}
