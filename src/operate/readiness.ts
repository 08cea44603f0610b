import { second } from "../kernel/clock.ts";
import { appliedMigrations, knownMigrations } from "../store/migrate.ts";
import type { Store } from "../store/store.ts";

const answersWithin = 2 * second;

/**
 * Whether this process should get work: the database answers and has this version's schema, the worker takes its
 * turns, every part does its work, and nobody asked us to stop.
 */
export function createReadiness(deps: {
  store: Store;
  root: string;
  isWorkerAlive: () => boolean;
  /** One word each, such as `mail-in`. */
  faultsOfParts: () => string[];
}) {
  const known = knownMigrations(deps.root);
  let isDraining = false;

  async function faultOfDatabase(): Promise<string[]> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("late")), answersWithin);
    });
    try {
      const applied = await Promise.race([appliedMigrations(deps.store), tooLate]);
      const isCurrent = applied.length === known.length && known.every((name) => applied.includes(name));
      return isCurrent ? [] : ["migrations"];
    } catch {
      return ["database"];
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    /** From now on, no new work. */
    drain(): void {
      isDraining = true;
    },
    isDraining: () => isDraining,
    async faults(): Promise<string[]> {
      if (isDraining) return ["draining"];
      const worker = deps.isWorkerAlive() ? [] : ["worker"];
      return [...(await faultOfDatabase()), ...worker, ...deps.faultsOfParts()];
    },
  };
}
