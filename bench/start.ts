import { type Bench, median, startServer } from "./bench.ts";

/** From the start of the process to its first answer, on a fresh database. */
export async function measureStart(bench: Bench): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < 7; round++) {
    const server = await startServer({ engine: "sqlite", accounts: 0, postgresUrl: bench.postgresUrl });
    times.push(server.startedIn);
    await server.stop();
  }
  bench.say(times.map((time) => `${time.toFixed(0)} ms`).join(", "));
  const middle = median(times);
  bench.result("start to first answer, fresh SQLite", `${middle.toFixed(0)} ms`, "< 1000 ms", middle < 1000);
}
