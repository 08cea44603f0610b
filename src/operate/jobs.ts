import { type Clock, minute, second } from "../kernel/clock.ts";
import type { Ids } from "../kernel/ids.ts";
import type { Store } from "../store/store.ts";
import * as rows from "./jobs.store.ts";

/** Work that comes round by itself. What it does must bear to be done twice. */
export interface Job {
  /** `room.what`. */
  name: string;
  everySeconds: number;
  /** Answers "again" where there is more to do: it then comes round at once, after the others. */
  run(): Promise<unknown>;
}

const leaseFor = 10 * minute;
const afterFault = minute;

/**
 * The schedule: on several nodes, one at a time runs a job that is due. Answers a turn of the worker, so that
 * `settle` runs jobs too, at the clock's time.
 *
 * Tables: jobs.
 */
export function createJobs(deps: {
  store: Store;
  clock: Clock;
  ids: Ids;
  jobs: Job[];
  onFault: (cause: unknown, what: string) => void;
}) {
  const { store, clock, jobs } = deps;
  const owner = deps.ids.uuid();

  async function run(job: Job): Promise<boolean> {
    const now = clock.now();
    const lease = { now, owner, until: now + leaseFor };
    if (!(await store.transact((tx) => rows.claim(tx, job.name, lease)))) return false;
    let dueAt = now + job.everySeconds * second;
    try {
      if ((await job.run()) === "again") dueAt = now;
    } catch (cause) {
      deps.onFault(cause, `job ${job.name}`);
      dueAt = now + afterFault;
    }
    await store.transact((tx) => rows.giveBack(tx, job.name, owner, dueAt));
    return true;
  }

  /** Runs what is due; answers how many jobs ran. */
  async function runDue(): Promise<number> {
    const known = await rows.list(store);
    const now = clock.now();
    const isNew = ({ name }: Job) => !known.some((row) => row.name === name);
    const isDue = ({ name }: Job) => known.some((row) => row.name === name && row.due_at <= now);
    const unknown = jobs.filter(isNew).map(({ name }) => name);
    if (unknown.length > 0) await store.transact((tx) => rows.introduce(tx, unknown, now));
    let ran = 0;
    for (const job of jobs) if ((isNew(job) || isDue(job)) && (await run(job))) ran++;
    return ran;
  }

  return { runDue };
}
