import { parentPort } from "node:worker_threads";
import { parseMail } from "./parse-mail.ts";
import type { MailContext } from "./parsed-mail.ts";

// The thread that reads mails, one after the other; see read-mail.ts.

parentPort?.on("message", async ({ raw, context }: { raw: Uint8Array; context: MailContext }) => {
  try {
    parentPort?.postMessage({ parsed: await parseMail(raw, context) });
  } catch {
    // Refused by the parser. What it says of it may quote the mail, which nobody's log is to hold.
    parentPort?.postMessage({ parsed: null });
  }
});
