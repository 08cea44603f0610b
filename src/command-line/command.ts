/** What the command line is given of the world; `main.ts` takes it from the process, and alone ends that. */
export interface Terminal {
  environment: Record<string, string | undefined>;
  /** One line to the standard output. */
  say(line: string): void;
  /** One line to the standard error. */
  complain(line: string): void;
  /** What somebody at the terminal answers; null where nobody does: a script, a pipe. */
  ask(question: string): Promise<string | null>;
  /** Listens for the operator's wish to stop from the first call on, and resolves when it comes. */
  stopAsked(): Promise<void>;
}

/** One verb of the command line. */
export interface Command {
  /** As typed after the verb, such as `<file>`. */
  usage: string;
  /** One line for the list. */
  summary: string;
  /** What `loquet help <verb>` adds. */
  help: string[];
  /** Answers the exit code: 0 when all went well. A `Fault` is told to the operator by its message. */
  run(words: string[], terminal: Terminal): Promise<number>;
}

/** Something was typed that the verb cannot read; the message says what, and the usage follows. */
export class Misuse extends Error {}
