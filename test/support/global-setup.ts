import { startPostgres } from "./postgres-server.ts";

/**
 * For `vitest run <path>` on its own: brings the PostgreSQL that `npm test` would have started.
 * Runs once for each project, in one process: the first to come starts it for all.
 */
export async function setup(): Promise<() => Promise<void>> {
  if (process.env.LOQUET_TEST_POSTGRES !== undefined) return async () => {};
  try {
    const server = await startPostgres();
    process.env.LOQUET_TEST_POSTGRES = server.url;
    process.once("exit", server.stopNow);
    return server.stop;
  } catch (cause) {
    process.env.LOQUET_TEST_POSTGRES = "";
    console.error((cause as Error).message);
    return async () => {};
  }
}
