import { connect } from "node:net";
import type { InboundMailSettings } from "../../config/inbound-mail.ts";
import { second } from "../../kernel/clock.ts";

const answersWithin = 5 * second;

/** Whether somebody greets as a mail server there (RFC 5321 §3.1); says nothing to it. */
export function isGreetedAt({ host, port }: Pick<InboundMailSettings, "host" | "port">): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const end = (isGreeted: boolean) => {
      socket.destroy();
      resolve(isGreeted);
    };
    socket.setTimeout(answersWithin, () => end(false));
    socket.once("error", () => end(false));
    socket.once("close", () => end(false));
    socket.once("data", (bytes) => end(bytes.toString("latin1").startsWith("220")));
  });
}
