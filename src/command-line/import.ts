import { parseArgs } from "node:util";
import { createTranslations, type Translate } from "../i18n/translations.ts";
import { findProjectRoot } from "../kernel/root.ts";
import {
  applyRead,
  finishBegun,
  keepMemorySmall,
  readFiles,
  resume,
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
  resume: { type: "string" },
} as const;

export const importCommand: Command = {
  usage:
    "<file…> [--school <code>] [--apply] [--keep-gone | --many-gone]\n       loquet import --resume <id>",
  summary: "Reads files of a school registry, shows what they would change, and applies it.",
  help: [
    "SIECLE, ONDE or the plain CSV of docs/registry-import.md, zipped or not. Works while the server runs.",
    "",
    "--school <code>   the school (UAI) of files that do not name theirs",
    "--apply           applies it; without it, the terminal asks, and a script is only shown what would change",
    "--keep-gone       people and ties that the files have not any more stay as they are",
    "--many-gone       lets people go even where so many are missing that the files look incomplete",
    "--resume <id>     goes on with an import that stopped at a fault, from where it is",
    "",
    "Killed while it applies, it goes on when it is run again, or by itself where the server runs. Whoever is to be told",
    "that a contact detail was added is told by the server.",
    "The exit code is 0 when the files were shown or applied, 1 when they were not, or an import stopped at a fault.",
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
        const { imports } = schoolFiles;
        return asked.resume === undefined
          ? await load(imports, asked, where, terminal, t)
          : await goOn(imports, asked.resume, where, terminal, t);
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
    if (values.resume !== undefined && (positionals.length > 0 || Object.keys(values).length > 1)) {
      throw new Misuse("--resume stands alone.");
    }
    if (values.resume === undefined && positionals.length === 0) throw new Misuse("name at least one file.");
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
  const stopped = finished.filter(({ status }) => status !== "applied");
  for (const one of stopped) tellStopped(terminal, one);
  const count = finished.length - stopped.length;
  if (count > 0) terminal.say(`Finished first, because it had been cut off: ${count} import(s).`);
  const code = await loadFiles(registry, asked, where, terminal, t);
  return stopped.length > 0 ? 1 : code;
}

/** What stopped goes on. */
async function goOn(
  registry: RegistryImport,
  importId: string,
  where: WhereItRuns,
  terminal: Terminal,
  t: Translate,
): Promise<number> {
  return report(await resume(registry, importId, where), importId, terminal, t);
}

function report(
  applied: Awaited<ReturnType<typeof resume>>,
  importId: string,
  terminal: Terminal,
  t: Translate,
): number {
  if (!applied.ok) {
    terminal.complain(t(applied.refusal));
    return 1;
  }
  if (applied.one.status !== "applied") {
    tellStopped(terminal, applied.one);
    return 1;
  }
  terminal.say(`Applied: ${applied.one.done} steps. The report stands at /desk/imports/${importId}.`);
  return 0;
}

function tellStopped(terminal: Terminal, { id, status, done, total, fault }: Import): void {
  const why = fault === null ? `is ${status}` : `threw (incident ${fault.incident}, see the log)`;
  terminal.complain(`The import ${id} ${why}, at ${done} of ${total}. What is done stays.`);
  terminal.complain(`See /desk/imports/${id}; loquet import --resume ${id} goes on with it.`);
}

async function loadFiles(
  registry: RegistryImport,
  asked: Asked,
  where: WhereItRuns,
  terminal: Terminal,
  t: Translate,
): Promise<number> {
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
      if (marksGone) warnOfMany(terminal, shown);
      return 0;
    }
  } else if (shown.losesMany && marksGone && !asked["many-gone"]) {
    warnOfMany(terminal, shown);
    terminal.complain("Nothing was changed.");
    return 1;
  }
  return report(await applyRead(registry, shown.id, { marksGone }, where), shown.id, terminal, t);
}

function warnOfMany(terminal: Terminal, { counts: { losesMany } }: Import): void {
  if (!losesMany) return;
  const { school, gone, known, hasUnread } = losesMany;
  terminal.complain(
    hasUnread
      ? `${school}: lines are refused of which nobody can say who they are, and ${gone} of ${known} are missing: perhaps the same.`
      : `${school}: ${gone} of ${known} are missing in these files, which look incomplete.`,
  );
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
