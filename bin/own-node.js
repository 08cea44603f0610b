/**
 * Loquet runs on Node 24, which the npm package `node` brings. `npm start`, `npm test` and `npx loquet` find it
 * by themselves, since npm puts the project's programs first; a script that is called directly comes here.
 * Plain JavaScript of an older Node, because that is what reads it.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const wanted = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const places = ["node_modules/node/bin/node", "node_modules/node/bin/node.exe", "node_modules/.bin/node"];

/** Whether the running Node is the one that Loquet needs, or newer. */
export function isNodeRecent() {
  return Number(process.versions.node.split(".")[0]) >= wanted;
}

/**
 * Runs this same command line again on the project's own Node, and ends as that ends: with its exit code, or by
 * the signal that ended it. Signals sent to this process reach it.
 */
export function rerunOnOwnNode() {
  const node = places.map((place) => join(root, place)).find((path) => existsSync(path));
  if (!node) {
    console.error(`Loquet needs Node ${wanted}; this is ${process.version}. Type: npm ci`);
    process.exit(1);
  }
  const child = spawn(node, [...process.execArgv, ...process.argv.slice(1)], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2"]) {
    process.on(signal, () => {
      // A terminal sends its Ctrl-C to both of us, and a second one could mean "at once".
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on("error", (cause) => {
    console.error(`Loquet could not start ${node}: ${cause.message}`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
}
