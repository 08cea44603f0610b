import { type Clock, minute } from "../../kernel/clock.ts";
import type { Db } from "../../store/store.ts";
import { countWaiting, listAgents, recentLengths } from "./chat.store.ts";

/** One of the staff who is there. */
export interface Agent {
  staffId: string;
  name: string;
  /** Takes new conversations. */
  isOpen: boolean;
  takesAtOnce: number;
  talksWith: number;
}

/** Who is there, and who waits. */
export interface Queue {
  agents: Agent[];
  waiting: number;
  /** How long a conversation usually takes, in milliseconds. */
  usualLength: number;
}

/** So many may wait for each conversation that staff have at once: a wait of about five usual lengths. */
const waitForEachPlace = 5;
const lengthsLookedAt = 20;
/** Fewer say nothing yet. */
const lengthsAtLeast = 5;
const assumedLength = 5 * minute;

export async function readQueue(db: Db, clock: Clock): Promise<Queue> {
  const [agents, waiting, lengths] = [
    await listAgents(db, clock.now()),
    await countWaiting(db),
    await recentLengths(db, lengthsLookedAt),
  ];
  return {
    agents: agents.map((row) => ({
      staffId: row.staff_id,
      name: row.name,
      isOpen: row.is_open === 1,
      takesAtOnce: row.takes_at_once,
      talksWith: row.talks_with,
    })),
    waiting,
    usualLength: usualLengthOf(lengths),
  };
}

/** The median; what is usual before enough is known is assumed. */
export function usualLengthOf(lengths: number[]): number {
  if (lengths.length < lengthsAtLeast) return assumedLength;
  const sorted = lengths.toSorted((one, other) => one - other);
  return Math.max(minute, sorted[Math.floor(sorted.length / 2)] as number);
}

export const isSomebodyThere = ({ agents }: Queue): boolean => agents.some(({ isOpen }) => isOpen);

const placesOf = ({ agents }: Queue) =>
  agents.reduce((sum, { isOpen, takesAtOnce }) => sum + (isOpen ? takesAtOnce : 0), 0);
const freePlacesOf = ({ agents }: Queue) =>
  agents.reduce(
    (sum, { isOpen, takesAtOnce, talksWith }) => sum + (isOpen ? Math.max(0, takesAtOnce - talksWith) : 0),
    0,
  );

/** Whether one more may wait: beyond, a written request is answered sooner than the turn would come. */
export function mayJoin(queue: Queue): boolean {
  return queue.waiting < placesOf(queue) * waitForEachPlace;
}

/**
 * How long the one at `position` (1: the next) can expect to wait, in whole minutes; 0: less than two. In steps of five
 * beyond two, always up: a wait is never announced shorter than it is. Null where nobody is there.
 */
export function expectedMinutes(queue: Queue, position: number): number | null {
  if (!isSomebodyThere(queue)) return null;
  const before = position - freePlacesOf(queue);
  if (before <= 0) return 0;
  const minutes = (before * queue.usualLength) / placesOf(queue) / minute;
  return minutes <= 2 ? 2 : Math.ceil(minutes / 5) * 5;
}
