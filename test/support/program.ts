import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { findProjectRoot } from "../../src/kernel/root.ts";

const root = findProjectRoot();

/** The built program, run as an operator runs it. Of our own environment it gets nothing but what finds programs. */
export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<number | string>;
  #out = "";
  #err = "";

  constructor(words: string[], environment: Record<string, string>) {
    this.child = spawn(process.execPath, [join(root, "dist", "main.js"), ...words], {
      env: { PATH: process.env.PATH, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.on("data", (text) => {
      this.#out += text;
    });
    this.child.stderr?.on("data", (text) => {
      this.#err += text;
    });
    this.ended = new Promise((resolve) => {
      this.child.once("close", (code, signal) => resolve(signal ?? code ?? -1));
    });
  }

  get out(): string {
    return this.#out;
  }
  get err(): string {
    return this.#err;
  }

  /** Waits until the standard output says `words`; throws if the program ends before. */
  async says(words: string): Promise<void> {
    let end: number | string | null = null;
    void this.ended.then((code) => {
      end = code;
    });
    for (let tries = 0; tries < 600; tries++) {
      if (this.#out.includes(words)) return;
      if (end !== null)
        throw new Error(`It ended (${end}) before saying "${words}":\n${this.#out}${this.#err}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`It never said "${words}":\n${this.#out}${this.#err}`);
  }
}

/** Runs one command to its end. */
export async function runProgram(words: string[], environment: Record<string, string>) {
  const program = new Program(words, environment);
  const code = await program.ended;
  return { code, out: program.out, err: program.err };
}
