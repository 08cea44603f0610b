import * as challenges from "../../access/challenges/challenges.store.ts";
import * as secondFactors from "../../access/second-factor/second-factor.store.ts";
import * as sessions from "../../access/sessions/sessions.store.ts";
import * as messages from "../../outbox/outbox.store.ts";
import * as requests from "../../outbox/requests.store.ts";
import type { Tx } from "../../store/store.ts";
import * as jobs from "../jobs.store.ts";
import * as marks from "../marks.store.ts";

/**
 * What must not come back to life with a backup (DESIGN §9): who holds an old link, cookie or code may be somebody
 * else by now, and a message that waited then has mostly been sent since. Messages stay held until the operator
 * releases them; a link in one of them says that it has expired, and offers a new one.
 */
export async function afterRestore(tx: Tx, now: number): Promise<void> {
  await challenges.expireLive(tx, now);
  await sessions.removeAll(tx);
  await secondFactors.endWaitingResets(tx, now);
  await requests.cancelAll(tx, now);
  await messages.holdAll(tx, now);
  await jobs.releaseAll(tx);
  await marks.replaceMark(tx, "restored", String(now));
}
