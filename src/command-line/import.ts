import { parseArgs } from "node:util";
import { createTranslations, type Translate } from "../i18n/translations.ts";
import { findProjectRoot } from "../kernel/root.ts";
import {
  applyRead,
  finishBegun,
  keepMemorySmall,
  readFiles,
  type WhereItRuns,
} from "../school/registry-import/import-files.ts";
import type { FaultReason } from "../school/registry-import/read/record.ts";
import type { FaultRow, Import, RegistryImport } from "../school/registry-import/registry-import.ts";
import { type Command, Misuse, type Terminal } from "./command.ts";
import { withPortal } from "./open-portal.ts";

const faultsShownAtMost = 50;

const options = {
  school: { type: "string" },
  apply: { type: "boolean" },
  "keep-gone": { type: "boolean" },
  "many-gone": { type: "boolean" },
} as const;

export const importCommand: Command = {
  usage: "<file…> [--school <code>] [--apply] [--keep-gone | --many-gone]",
  summary: "Reads files of a school registry, shows what they would change, and applies it.",
  help: [
    "SIECLE, ONDE or the plain CSV of docs/registry-import.md, zipped or not. Works while the server runs.",
    "",
    "--school <code>   the school (UAI) of files that do not name theirs",
    "--apply           applies it; without it, the terminal asks, and a script is only shown what would change",
    "--keep-gone       people and ties that the files have not any more stay as they are",
    "--many-gone       lets people go even where so many are missing that the files look incomplete",
    "",
    "Killed while it applies, it goes on when it is run again, or by itself where the server runs. Whoever is to be told",
    "that a contact detail was added is told by the server.",
    "The exit code is 0 when the files were shown or applied, 1 when nothing of them was.",
  ],
  async run(words, terminal) {
    const asked = read(words);
    return withPortal(terminal, "nothing", async ({ schoolFiles, config, store }, { isBesideServer }) => {
      if (!schoolFiles) {
        terminal.complain(`The preset ${config.presetName} has no schools.`);
        return 1;
      }
      const keepNoMore = await keepMemorySmall(store);
      const t = createTranslations(findProjectRoot(), config.timezone).to("en");
      const where: WhereItRuns = {
        isBesideServer,
        onProgress: (done, total) => terminal.complain(`Applied ${done} of ${total}.`),
      };
      try {
        return await load(schoolFiles.imports, asked, where, terminal, t);
      } finally {
        keepNoMore();
      }
    });
  },
};

type Asked = ReturnType<typeof read>;

function read(words: string[]) {
  try {
    const { values, positionals } = parseArgs({ args: words, options, strict: true, allowPositionals: true });
    if (positionals.length === 0) throw new Misuse("name at least one file.");
    if (values["keep-gone"] && values["many-gone"]) throw new Misuse("say --keep-gone or --many-gone.");
    return { ...values, paths: positionals };
  } catch (cause) {
    throw cause instanceof Misuse ? cause : new Misuse((cause as Error).message);
  }
}

async function load(
  registry: RegistryImport,
  asked: Asked,
  where: WhereItRuns,
  terminal: Terminal,
  t: Translate,
): Promise<number> {
  const finished = await finishBegun(registry, where);
  if (finished > 0) terminal.say(`Finished first, because it had been cut off: ${finished} import(s).`);
  const shown = await readFiles(registry, { paths: asked.paths, schoolCode: asked.school ?? null }, where);
  if (shown.refusal) {
    const { file, line, reason, what } = shown.refusal;
    terminal.complain(
      `${placeOf(shown, { file, line })}: ${t(`registry-import.refusal.${reason}`, { what })}`,
    );
    terminal.complain("Nothing was changed.");
    return 1;
  }
  const faults = await registry.faults(shown.id, null, 0, faultsShownAtMost);
  for (const line of describe(t, shown, faults)) terminal.say(line);
  const page = `/desk/imports/${shown.id}`;
  const marksGone = asked["keep-gone"] !== true;
  if (!asked.apply) {
    const answer = shown.losesMany && marksGone ? null : await terminal.ask("Apply this? [y/N] ");
    if (answer === null || !/^\s*(y|yes)\s*$/i.test(answer)) {
      terminal.say(`Nothing was changed. Who is meant stands at ${page}; --apply applies it.`);
      if (shown.losesMany && marksGone) warnOfMany(terminal);
      return 0;
    }
  } else if (shown.losesMany && marksGone && !asked["many-gone"]) {
    warnOfMany(terminal);
    terminal.complain("Nothing was changed.");
    return 1;
  }
  const { status, done } = await applyRead(registry, shown.id, { marksGone }, where);
  if (status !== "applied") {
    terminal.complain(`The import is ${status}: see ${page}.`);
    return 1;
  }
  terminal.say(`Applied: ${done} steps. The report stands at ${page}.`);
  return 0;
}

function warnOfMany(terminal: Terminal): void {
  terminal.complain("So many people are missing in these files that they look incomplete.");
  terminal.complain("--keep-gone leaves those people as they are; --many-gone lets them go.");
}

const placeOf = (one: Import, { file, line }: { file: number; line: number | null }): string =>
  [one.files[file]?.name ?? "The files", ...(line === null || line === 0 ? [] : [`line ${line}`])].join(", ");

const actions = ["new", "changed", "moved", "returned", "gone", "same", "unmatched"] as const;

/** What files would change, in numbers: names stand on the desk, where not everybody reads along. */
function describe(t: Translate, one: Import, faults: FaultRow[]): string[] {
  const { pupil, guardian, links, refused, noted, conflicts } = one.counts;
  const row = (head: string, cells: (string | number)[]) =>
    [head.padEnd(16), ...cells.map((cell) => String(cell).padStart(10))].join(" ");
  const of = (counts: object, action: string) => (counts as Record<string, number>)[action] ?? "-";
  return [
    ...one.files.map(
      ({ name, format, school }) =>
        `${name}: ${[
          ...(format === null ? [] : [t(`registry-import.format.${format}`)]),
          ...(school === null ? [] : [`${school.name} (${school.code})`]),
        ].join(", ")}`,
    ),
    "",
    row("", ["pupils", "guardians", "ties"]),
    ...actions.map((action) => row(action, [of(pupil, action), of(guardian, action), of(links, action)])),
    "",
    ...(conflicts > 0
      ? [`${conflicts} of them proved another address or number than the registry's: both are kept.`, ""]
      : []),
    `${refused} lines are refused; of ${noted} something is left out.`,
    ...faults.map(
      (fault) =>
        `  ${placeOf(one, fault)}${fault.is_refused === 1 ? ", refused" : ""}: ${t(
          `registry-import.fault.${fault.reason as FaultReason}`,
        )}${fault.what === "" ? "" : ` (${fault.what})`}`,
    ),
    ...(refused + noted > faults.length ? [`  … the others stand at /desk/imports/${one.id}/faults`] : []),
  ];
}
