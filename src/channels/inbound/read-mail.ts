import { Worker } from "node:worker_threads";
import { second } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { MailContext, ParsedMail } from "./parsed-mail.ts";

// As source beside this file, or as the bundle that scripts/build.js makes beside the program.
const readerFile = new URL(
  import.meta.url.endsWith(".ts") ? "./mail-reader.ts" : "./mail-reader.js",
  import.meta.url,
);
const readsFor = 20 * second;
const heapMebibytes = 384;
const beginning = 64 * 1024;
/** The thread is kept for the next mail: starting one costs ten times what most mails do. */
const restsFor = 5 * second;

export interface MailReader {
  read(raw: Uint8Array, context: MailContext): Promise<ParsedMail>;
}

/**
 * Reads mails in a thread apart, with a limit of time and memory: who writes a mail to hurt us gets it read badly, and
 * nobody else notices. Of a mail that cannot be read whole, the beginning is; else its headers. Throws a `Fault`
 * only where the thread itself does not work: the mail is then read later.
 */
export function createMailReader(): MailReader {
  let resting: { worker: Worker; timer: NodeJS.Timeout } | null = null;

  function takeWorker(): Worker {
    if (resting) {
      const { worker } = resting;
      wake(worker);
      return worker;
    }
    const worker = new Worker(readerFile, {
      resourceLimits: { maxOldGenerationSizeMb: heapMebibytes },
      env: {},
      execArgv: [],
      stdout: true,
      stderr: true,
    });
    // A thread that rests keeps no process alive, and one that dies resting is replaced.
    worker.unref();
    worker.on("error", () => {});
    worker.once("exit", () => wake(worker));
    return worker;
  }

  function wake(worker: Worker): void {
    if (resting?.worker !== worker) return;
    clearTimeout(resting.timer);
    resting = null;
  }

  function rest(worker: Worker): void {
    if (resting) return void worker.terminate();
    const timer = setTimeout(() => void worker.terminate(), restsFor);
    timer.unref();
    resting = { worker, timer };
  }

  /** Null: the parser refuses the mail. Rejects when the thread ends over it, or takes too long. */
  function readOnce(raw: Uint8Array, context: MailContext): Promise<ParsedMail | null> {
    return new Promise((resolve, reject) => {
      const worker = takeWorker();
      const settle = (what: () => void) => {
        clearTimeout(timer);
        worker.off("message", answered).off("error", failed).off("exit", ended);
        what();
      };
      const fail = (cause: unknown) =>
        settle(() => {
          void worker.terminate();
          reject(cause);
        });
      const answered = ({ parsed }: { parsed: ParsedMail | null }) =>
        settle(() => {
          rest(worker);
          resolve(parsed);
        });
      const failed = (cause: unknown) => fail(cause);
      const ended = () => fail(new Error("The reader ended."));
      const timer = setTimeout(() => fail(new Error("It took too long.")), readsFor);
      worker.on("message", answered).on("error", failed).on("exit", ended);
      worker.postMessage({ raw, context });
    });
  }

  return {
    async read(raw, context) {
      let cause: unknown = "The parser refuses it.";
      for (const bytes of [raw, raw.subarray(0, beginning), headersOf(raw)]) {
        try {
          const read = await readOnce(bytes, context);
          if (read) return bytes === raw ? read : { ...read, isCut: true };
        } catch (failed) {
          cause = failed;
        }
      }
      throw new Fault("A mail that arrived could not be read.", { cause });
    },
  };
}

function headersOf(raw: Uint8Array): Uint8Array {
  const head = Buffer.from(raw.buffer, raw.byteOffset, Math.min(raw.byteLength, beginning));
  const ends = [head.indexOf("\r\n\r\n"), head.indexOf("\n\n")].filter((at) => at !== -1);
  return head.subarray(0, ends.length > 0 ? Math.min(...ends) : head.length);
}
