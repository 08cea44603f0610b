import { readFileSync, statSync } from "node:fs";
import { createTranslations, type MessageKey, type Translate } from "../i18n/translations.ts";
import { Fault } from "../kernel/fault.ts";
import { findProjectRoot } from "../kernel/root.ts";
import { type FileFault, longestFileBytes } from "../school/establishments/establishment-file.ts";
import { type Command, Misuse } from "./command.ts";
import { withPortal } from "./open-portal.ts";

const shownAtMost = 200;

export const establishmentsCommand: Command = {
  usage: "<file>",
  summary: "Loads the tree of academies, schools and classes from a file, as a whole or not at all.",
  help: [
    "CSV or JSON, as in docs/establishment-files.md. What the file does not name stays as it is; the same file again",
    "changes nothing. To see first what would change, load it at /desk/establishments/file. Works while the server runs.",
  ],
  async run(words, terminal) {
    const [path, ...rest] = words;
    if (path === undefined || rest.length > 0) throw new Misuse("name one file.");
    if (path.startsWith("-")) throw new Misuse(`"${path}" is not understood.`);
    const bytes = readSmall(path);
    return withPortal(terminal, "nothing", async ({ schoolFiles, config }) => {
      if (!schoolFiles) {
        terminal.complain(`The preset ${config.presetName} has no schools.`);
        return 1;
      }
      const t = createTranslations(findProjectRoot(), config.timezone).to("en");
      const loaded = await schoolFiles.establishments.loadAtOnce(bytes);
      if (!loaded.ok) {
        for (const fault of loaded.faults.slice(0, shownAtMost)) terminal.complain(faultLine(t, fault));
        terminal.complain(`Nothing was changed: ${loaded.faults.length} line(s) cannot be used.`);
        return 1;
      }
      const { changes, unchanged } = loaded;
      for (const { kind, type, code, name, fields } of changes.slice(0, shownAtMost)) {
        terminal.say(
          `${kind.padEnd(8)} ${type.padEnd(8)} ${code} ${name}${fields.length === 0 ? "" : `: ${fields.join(", ")}`}`,
        );
      }
      if (changes.length > shownAtMost) terminal.say(`… and ${changes.length - shownAtMost} more.`);
      terminal.say(`Changed: ${changes.length}. As they were: ${unchanged}.`);
      return 0;
    });
  },
};

function readSmall(path: string): Buffer {
  try {
    if (statSync(path).size <= longestFileBytes) return readFileSync(path);
  } catch (cause) {
    throw new Fault(`The file ${path} cannot be read.`, { cause });
  }
  throw new Fault(`The file ${path} is larger than ${longestFileBytes / 1024 / 1024} MB.`);
}

const faultLine = (t: Translate, { line, refusal, what }: FileFault): string =>
  `line ${line}: ${t(refusal as MessageKey)}${what === undefined || what === "" ? "" : ` (${excerptOf(what)})`}`;

/** Out of a file: nothing that a terminal would obey. */
const excerptOf = (text: string) => text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, " ").slice(0, 80);
