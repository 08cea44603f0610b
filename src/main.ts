import { pino } from "pino";
import { compose } from "./compose.ts";
import { readConfig } from "./config/config.ts";
import { systemClock } from "./kernel/clock.ts";
import { systemRandom } from "./kernel/random.ts";
import { findProjectRoot } from "./kernel/root.ts";

async function serve(): Promise<void> {
  const root = findProjectRoot();
  const read = readConfig(process.env, root);
  if (!read.ok) {
    for (const fault of read.faults) process.stderr.write(`${fault}\n`);
    process.exit(1);
  }
  const { config } = read;
  const log = pino({ level: config.logLevel });
  const portal = await compose({ config, root, clock: systemClock, random: systemRandom, log });
  await portal.app.listen({ host: config.host, port: config.port });
  portal.worker.start();
  process.stdout.write(`Loquet is open at ${config.url}\n`);
}

await serve();
