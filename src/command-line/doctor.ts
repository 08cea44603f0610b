import { openChannels } from "../delivery.ts";
import { checkArticleFiles, explainFileFault } from "../help/articles/check-articles.ts";
import { readDiagnosis } from "../help/diagnosis/read-diagnosis.ts";
import { createTranslations } from "../i18n/translations.ts";
import { systemClock } from "../kernel/clock.ts";
import { createLegal } from "../legal/legal.ts";
import { type Finding, listExaminations } from "../operate/examine.ts";
import { createLog } from "../operate/log.ts";
import { countHeld } from "../outbox/outbox.store.ts";
import { openStore } from "../store/open.ts";
import { type Command, Misuse, type Terminal } from "./command.ts";
import { readSettings } from "./open-portal.ts";

export const doctorCommand: Command = {
  usage: "",
  summary:
    "Looks at settings, database, folder, clock, mail, SMS, address, texts and disk, and says what to do.",
  help: ["It changes nothing. The exit code is 0 when nothing is wrong, 1 otherwise."],
  async run(words, terminal) {
    if (words.length > 0) throw new Misuse(`"${words[0]}" is not understood.`);
    const settings = readSettings(terminal);
    if (!settings) return 1;
    const { config, root, warnings } = settings;
    const inEnglish = createTranslations(root, config.timezone).to("en");
    const store = openStore(config);
    const channels = openChannels(config, store, systemClock, createLog({ ...config, logLevel: "silent" }));
    try {
      const examinations = listExaminations({
        config,
        root,
        clock: systemClock,
        warnings,
        store,
        channels,
        countHeld: () => countHeld(store),
        listUnfilled: createLegal({ root, preset: config.preset }).listUnfilled,
        listDiagnosisFaults() {
          const read = readDiagnosis(root, config.preset);
          return read.ok ? [] : read.faults;
        },
        listArticleFaults: async () =>
          (await checkArticleFiles(root, config.preset)).map((fault) => explainFileFault(inEnglish, fault)),
      });
      return await tell(examinations, terminal);
    } finally {
      await channels.email.close();
      await channels.sms?.close();
      await store.close();
    }
  },
};

async function tell(
  examinations: (() => Promise<Finding[]> | Finding[])[],
  terminal: Terminal,
): Promise<number> {
  let code = 0;
  for (const examine of examinations) {
    for (const { tone, what, says } of await examined(examine)) {
      terminal.say(`${tone.padEnd(7)}  ${what}: ${says}`);
      if (tone === "wrong") code = 1;
    }
  }
  return code;
}

/** An outage ends one examination, never the whole round. */
async function examined(examine: () => Promise<Finding[]> | Finding[]): Promise<Finding[]> {
  try {
    return await examine();
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? ` (${cause.code})` : "";
    const message = cause instanceof Error ? cause.message : "unknown";
    return [{ tone: "wrong", what: "database", says: `does not answer${code}: ${message}` }];
  }
}
