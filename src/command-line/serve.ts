import type { Portal } from "../compose.ts";
import { minute, second } from "../kernel/clock.ts";
import { Fault } from "../kernel/fault.ts";
import { createLog } from "../operate/log.ts";
import { type Command, Misuse, type Terminal } from "./command.ts";
import { openPortal, readSettings, type Settings, takeFolderOrRefuse } from "./open-portal.ts";

/** A predecessor that was just told to stop may still be finishing. */
const waitForFolder = 3 * second;
/** What is in hand is given this long after a stop is asked for; supervisors usually wait a minute or more. */
const drainFor = minute - 10 * second;

export const serveCommand: Command = {
  usage: "",
  summary: "Serves the portal until it is told to stop.",
  help: [
    "Without settings: a trial of the school preset, with invented people and captured messages at /_trial.",
    "SIGTERM or Ctrl-C stops it after what is in hand; a second one at once.",
  ],
  async run(words, terminal) {
    if (words.length > 0) throw new Misuse(`"${words[0]}" is not understood.`);
    const settings = readSettings(terminal);
    if (!settings) return 1;
    const lock = takeFolderOrRefuse(settings.config, waitForFolder);
    try {
      return await serve(settings, terminal, lock !== null);
    } finally {
      lock?.release();
    }
  },
};

async function serve(settings: Settings, terminal: Terminal, isAlone: boolean): Promise<number> {
  const { config, warnings } = settings;
  const log = createLog(config);
  const portal = await openPortal(settings, { log, isAlone, mayMigrate: true });
  for (const warning of [...warnings, ...(await portal.operator.warnings())]) log.warn(warning);
  try {
    await portal.app.listen({ host: config.host, port: config.port });
    await portal.inboundMail?.listen();
  } catch (cause) {
    await portal.close();
    throw explainListening(cause, config);
  }
  portal.worker.start();
  const stop = terminal.stopAsked();
  terminal.say(`Loquet is open at ${config.url}`);
  if (config.isDemo) terminal.say(`Invented people and captured messages: ${config.url}/_trial`);
  await portal.afterOpening();
  await stop;
  log.info("draining");
  if (await drain(portal)) return 0;
  log.warn("not everything in hand was finished in time; messages are kept and sent at the next start");
  return 1;
}

/** True when everything in hand was finished in time. */
async function drain(portal: Portal): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, drainFor, false);
  });
  const isDrained = await Promise.race([portal.close().then(() => true), late]);
  clearTimeout(timer);
  return isDrained;
}

function explainListening(cause: unknown, { host, port }: { host: string; port: number }): unknown {
  const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : "";
  const sentences: Record<string, string> = {
    EADDRINUSE: `PORT: ${port} on ${host} is used by another program; set PORT to a free one.`,
    EACCES: `PORT: ${port} may not be opened by this user; set PORT to one above 1023.`,
    EADDRNOTAVAIL: `HOST: ${host} is not an address of this machine.`,
  };
  const sentence = sentences[String(code)];
  return sentence ? new Fault(sentence, { cause }) : cause;
}
