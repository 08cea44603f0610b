import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const running = new Set();

/**
 * Runs a program to its end and returns its exit code, 1 when a signal ended it. It gets a process group of its
 * own, so that whatever it leaves behind (a portal, a database) ends with it.
 */
export function runProgram(program, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, detached: process.platform !== "win32" });
    running.add(child);
    child.on("error", (cause) => {
      running.delete(child);
      reject(cause);
    });
    child.on("exit", (code, signal) => {
      running.delete(child);
      signalGroup(child, "SIGKILL");
      resolve(signal ? 1 : code);
    });
  });
}

/** Asks all running programs to end, gives browsers and portals two seconds to leave, then ends what stays. */
export async function endPrograms() {
  const stopped = [...running];
  for (const child of stopped) signalGroup(child, "SIGTERM");
  await new Promise((resolve) => setTimeout(resolve, stopped.length > 0 ? 2000 : 0));
  for (const child of stopped) signalGroup(child, "SIGKILL");
}

function signalGroup(child, signal) {
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // Nothing of it is left.
  }
}

/** The JavaScript file behind a command that an npm package brings. */
export function commandOf(root, name, command = name.split("/").at(-1)) {
  const folder = join(root, "node_modules", name);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[command]);
}
