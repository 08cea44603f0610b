import { minute, second } from "../kernel/clock.ts";

/** Work that comes in turns: `turn` does what is due and answers how much that was. */
export interface Turn {
  name: string;
  turn(): Promise<number>;
}

export interface Worker {
  start(): void;
  /** Something was committed that may be due. */
  wake(): void;
  /** Finishes what is in hand, then rests. */
  stop(): Promise<void>;
  /** Does everything that is due now, and what follows from it: for the tests and the command line. */
  settle(): Promise<void>;
  isAlive(): boolean;
}

/**
 * Runs each kind of turn in a loop of its own, so that a slow mail server does not hold back the requests. Sleeps
 * until woken, and looks again every `restMs` in case another node left something due.
 */
export function createWorker(deps: {
  turns: Turn[];
  restMs: number;
  onFault: (cause: unknown, what: string) => void;
}): Worker {
  let isRunning = false;
  let loops: Promise<void>[] = [];
  const sleepers = new Set<() => void>();
  const pending = new Set<string>();
  let lastTurnAt = performance.now();

  function sleep(name: string, ms: number): Promise<void> {
    if (pending.delete(name) || !isRunning) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(finish, ms);
      function finish() {
        clearTimeout(timer);
        sleepers.delete(finish);
        pending.delete(name);
        resolve();
      }
      sleepers.add(finish);
    });
  }

  async function loop({ name, turn }: Turn): Promise<void> {
    let failures = 0;
    while (isRunning) {
      let taken = 0;
      try {
        taken = await turn();
        failures = 0;
      } catch (cause) {
        // The database is away: say so once and come back, more and more slowly.
        if (failures++ === 0) deps.onFault(cause, name);
      }
      lastTurnAt = performance.now();
      if (taken === 0) await sleep(name, Math.min(deps.restMs * 2 ** failures, 30 * second));
    }
  }

  function wake() {
    for (const { name } of deps.turns) pending.add(name);
    for (const finish of [...sleepers]) finish();
  }

  return {
    start() {
      if (isRunning) return;
      isRunning = true;
      loops = deps.turns.map(loop);
    },
    wake,
    async stop() {
      isRunning = false;
      wake();
      await Promise.all(loops);
    },
    async settle() {
      for (let taken = 1; taken > 0; ) {
        taken = 0;
        for (const { turn } of deps.turns) taken += await turn();
      }
    },
    isAlive: () => !isRunning || performance.now() - lastTurnAt < 5 * minute,
  };
}
