import { createInterface } from "node:readline/promises";
import { runCommand } from "./command-line/run.ts";

/** Resolves at the first SIGTERM or SIGINT (Ctrl-C); a second one ends the process at once. */
function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    let isAsked = false;
    for (const [signal, number] of [
      ["SIGTERM", 15],
      ["SIGINT", 2],
    ] as const) {
      process.on(signal, () => {
        if (isAsked) process.exit(128 + number);
        isAsked = true;
        resolve();
      });
    }
  });
}

async function ask(question: string): Promise<string | null> {
  if (!process.stdin.isTTY) return null;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await Promise.race([
      lines.question(question),
      new Promise<null>((resolve) => lines.once("close", () => resolve(null))),
    ]);
  } finally {
    lines.close();
  }
}

// What this process writes is for its owner only: the database holds everybody's addresses.
process.umask(0o077);
const code = await runCommand(process.argv.slice(2), {
  environment: process.env,
  say: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
  ask,
  stopAsked,
});
process.exit(code);
