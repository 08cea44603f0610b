import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { findProjectRoot } from "../../src/kernel/root.ts";

/** The program itself, in a process of its own, as `npm start` runs it. */
export interface RealProgram {
  /** SIGKILL: as when the power fails. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit code. */
  stop(): Promise<number | null>;
  /** What it wrote so far. */
  output(): string;
}

/** Starts `loquet serve` with exactly these settings; resolves once it listens. */
export function startProgram(settings: Record<string, string>): Promise<RealProgram> {
  const root = findProjectRoot();
  const { PATH = "", HOME = "", TMPDIR } = process.env;
  const child = spawn(process.execPath, [join(root, "bin/loquet.js"), "serve"], {
    cwd: root,
    env: { PATH, HOME, ...(TMPDIR ? { TMPDIR } : {}), ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const ended = new Promise<number | null>((resolve) => child.once("close", (code) => resolve(code)));
  const program: RealProgram = {
    async kill() {
      child.kill("SIGKILL");
      await ended;
    },
    stop() {
      child.kill("SIGTERM");
      return ended;
    },
    output: () => output,
  };
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => fail("It did not listen within a minute."), 60_000);
    const fail = (sentence: string) => {
      clearTimeout(limit);
      child.kill("SIGKILL");
      reject(new Error(`${sentence}\n${output}`));
    };
    const listen = (piece: Buffer) => {
      output = (output + piece).slice(-20_000);
      if (!output.includes("Loquet is open at")) return;
      clearTimeout(limit);
      resolve(program);
    };
    for (const stream of pipesOf(child)) stream.on("data", listen);
    child.once("error", (cause) => fail(cause.message));
    void ended.then((code) => fail(`It ended with ${code}.`));
  });
}

const pipesOf = ({ stdout, stderr }: ChildProcess) => [stdout, stderr].filter((stream) => stream !== null);
