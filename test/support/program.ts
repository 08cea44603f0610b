import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { findProjectRoot } from "../../src/kernel/root.ts";

const root = findProjectRoot();

/** The bare build, or the command that `npm start` runs: it builds what is stale before. */
type Entry = "dist/main.js" | "bin/loquet.js";

/** The program, in a process of its own. Of our own environment it gets nothing but what finds programs and folders. */
export class Program {
  readonly child: ChildProcess;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  #out = "";
  #err = "";

  constructor(words: string[], environment: Record<string, string>, entry: Entry = "dist/main.js") {
    const { PATH, HOME, TMPDIR } = process.env;
    this.child = spawn(process.execPath, [join(root, entry), ...words], {
      cwd: root,
      env: { PATH, HOME, TMPDIR, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stdout?.on("data", (text) => {
      this.#out += text;
    });
    this.child.stderr?.on("data", (text) => {
      this.#err += text;
    });
    this.ended = new Promise((resolve) => {
      this.child.once("error", (cause) => resolve(cause.message));
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
  async says(words: string, forMs = 30_000): Promise<void> {
    let end: number | string | null = null;
    void this.ended.then((code) => {
      end = code;
    });
    for (let waited = 0; waited < forMs; waited += 50) {
      if (this.#out.includes(words)) return;
      if (end !== null)
        throw new Error(`It ended (${end}) before saying "${words}":\n${this.#out}${this.#err}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`It never said "${words}":\n${this.#out}${this.#err}`);
  }

  /** SIGKILL: as when the power fails. Resolves when the process is gone. */
  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    await this.ended;
  }

  /** SIGTERM; resolves with its exit code. */
  stop(): Promise<number | string> {
    this.child.kill("SIGTERM");
    return this.ended;
  }
}

/** Runs one command to its end. */
export async function runProgram(words: string[], environment: Record<string, string>) {
  const program = new Program(words, environment);
  const code = await program.ended;
  return { code, out: program.out, err: program.err };
}

/** Starts `loquet serve` with exactly these settings, as `npm start` runs it; resolves once it listens. */
export async function startProgram(settings: Record<string, string>): Promise<Program> {
  const program = new Program(["serve"], settings, "bin/loquet.js");
  try {
    await program.says("Loquet is open at", 60_000);
    return program;
  } catch (cause) {
    await program.kill();
    throw cause;
  }
}
