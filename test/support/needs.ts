import { spawnSync } from "node:child_process";
import { type TestOptions, test } from "vitest";
import { findChromium } from "./chromium.ts";
import { postgresUrl } from "./postgres.ts";

/** `postgres`, `chromium`, or the name of a program such as `spamassassin`. */
export type Tool = "postgres" | "chromium" | (string & {});

type Body = (context: { task: { name: string } }) => unknown;

const known = new Map<Tool, boolean>();

/** Whether this machine has the tool. Asked once for each test file. */
export function has(tool: Tool): boolean {
  const remembered = known.get(tool);
  if (remembered !== undefined) return remembered;
  const found = look(tool);
  known.set(tool, found);
  return found;
}

function look(tool: Tool): boolean {
  if (tool === "postgres") return postgresUrl() !== null;
  if (tool === "chromium") return findChromium() !== null;
  const finder = process.platform === "win32" ? "where" : "which";
  return spawnSync(finder, [tool], { stdio: "ignore" }).status === 0;
}

/**
 * `needs("spamassassin")("gives every mail less than 1.0", async () => …)`: an ordinary test where the tool is
 * there, else a skip that carries the test's name and the tool's, and is counted in the last line.
 */
export function needs(tool: Tool) {
  return (name: string, body: Body, options: TestOptions = {}): void => {
    if (has(tool)) test(name, options, body);
    else test.skipIf(true)(`${name} (needs ${tool})`, options, body);
  };
}

export const needsPostgres = needs("postgres");
export const needsChromium = needs("chromium");
