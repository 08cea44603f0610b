import { readFileSync } from "node:fs";
import { type Bench, startServer } from "./bench.ts";

/** Resident memory of the idle server after a few pages, in MB. Read from /proc: named as missing elsewhere. */
export async function measureMemory(bench: Bench): Promise<void> {
  if (process.platform !== "linux") return bench.say("only measured on Linux");
  for (const engine of bench.engines) {
    const server = await startServer({ engine, accounts: 1000, postgresUrl: bench.postgresUrl });
    for (let visit = 0; visit < 20; visit++) {
      await (await fetch(`${server.url}/sign-in`)).text();
      await (await fetch(`${server.url}/forgot-password`)).text();
    }
    await new Promise((resolve) => setTimeout(resolve, 5000));
    const status = readFileSync(`/proc/${server.process.pid}/status`, "utf8");
    const megabytes = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
    await server.stop();
    bench.result(`idle memory, ${engine}`, `${megabytes.toFixed(0)} MB`, "< 150 MB", megabytes < 150);
  }
}
