/** Waiting for something that others change. */
export interface Changes {
  /** Something is no longer as it was: whoever waits looks again, who waits longest first. */
  changed(): void;
  /** What `find` finds, or what it promises, as soon as it does; undefined after `ms` milliseconds. */
  until<Found>(find: () => Found | Promise<Found> | undefined, ms: number): Promise<Found | undefined>;
}

export function createChanges(): Changes {
  const lookers = new Set<() => void>();
  return {
    changed() {
      // Looking may itself change something, and end others that wait.
      for (const look of [...lookers]) if (lookers.has(look)) look();
    },
    async until<Found>(find: () => Found | Promise<Found> | undefined, ms: number) {
      const found = find();
      if (found !== undefined) return found;
      return new Promise<Found | undefined>((resolve) => {
        const end = (late: Found | Promise<Found> | undefined) => {
          clearTimeout(timer);
          lookers.delete(look);
          resolve(late);
        };
        const look = () => {
          const late = find();
          if (late !== undefined) end(late);
        };
        const timer = setTimeout(() => end(undefined), ms);
        lookers.add(look);
      });
    },
  };
}
