/** Answers who a session belongs to; null when to nobody any more. */
export type Lookup<Row> = (digests: string[]) => Promise<Row | null>;

/** Queries under way at once: more would take the database's connections from everybody else. */
const queriesAtOnce = 2;

interface Asked<Row> {
  digests: string[];
  resolve: (row: Row | null) => void;
  reject: (cause: unknown) => void;
}

/**
 * Joins the look-ups that arrive together into one query: opening a read costs several times what it reads.
 * Nothing is kept: each answer comes from a query that began after its question arrived, so that a revocation
 * holds at once.
 */
export function joinLookups<Row extends { digest: string }>(
  find: (digests: string[]) => Promise<Row[]>,
): Lookup<Row> {
  const asked: Asked<Row>[] = [];
  let underWay = 0;
  let isPlanned = false;

  function plan(): void {
    if (isPlanned || asked.length === 0 || underWay >= queriesAtOnce) return;
    isPlanned = true;
    // After this tick's requests have all been read from their sockets.
    setImmediate(() => {
      isPlanned = false;
      void answer(asked.splice(0, 500));
    });
  }

  async function answer(batch: Asked<Row>[]): Promise<void> {
    underWay++;
    try {
      const found = new Map<string, Row>();
      for (const row of await find(batch.flatMap(({ digests }) => digests))) found.set(row.digest, row);
      for (const { digests, resolve } of batch) {
        const digest = digests.find((candidate) => found.has(candidate));
        resolve(digest === undefined ? null : (found.get(digest) as Row));
      }
    } catch (cause) {
      for (const { reject } of batch) reject(cause);
    } finally {
      underWay--;
      plan();
    }
  }

  return (digests) =>
    new Promise((resolve, reject) => {
      asked.push({ digests, resolve, reject });
      plan();
    });
}
