import { Fault } from "../../kernel/fault.ts";
import type { RefusalReason } from "./read/record.ts";
import { type Source, sourceOfFile } from "./read/source.ts";
import type { Import, Importer, RegistryImport } from "./registry-import.ts";

/** The command line may load into every school. */
export const operator: Importer = { accountId: null, schools: null };

const showsAfter = 5000;

export interface ImportFilesAsked {
  /** Paths, in one import: pupils and guardians of a school find each other. */
  paths: readonly string[];
  /** UAI of the school, for files that do not name theirs. */
  schoolCode: string | null;
  /** Only says what would change. */
  isDryRun: boolean;
  /** People who are not in the files any more are gone. */
  marksGone: boolean;
  /** Applies even where so many would be gone that the files look incomplete. */
  acceptsLosingMany: boolean;
  /** Each time some hundred more are applied. */
  onProgress?: (done: number, total: number) => void;
}

export type ImportFilesOutcome =
  | { outcome: "refused"; report: Import; reason: RefusalReason }
  | { outcome: "loses-many"; report: Import }
  | { outcome: "shown" | "applied"; report: Import };

function openFile(path: string): Source {
  try {
    return sourceOfFile(path);
  } catch (cause) {
    throw new Fault(`The file ${path} cannot be read.`, { cause });
  }
}

/**
 * `npx loquet import <file…>`: reads, says what would change, applies. It waits for no worker: what was begun is applied
 * to its end, here. Killed meanwhile, the portal's worker goes on with it.
 */
export async function importFiles(
  registry: RegistryImport,
  asked: ImportFilesAsked,
): Promise<ImportFilesOutcome> {
  const report = await registry.read(operator, {
    sources: asked.paths.map(openFile),
    schoolCode: asked.schoolCode,
  });
  if (report.refusal) return { outcome: "refused", report, reason: report.refusal.reason };
  if (asked.isDryRun) return { outcome: "shown", report };
  if (asked.marksGone && report.losesMany && !asked.acceptsLosingMany)
    return { outcome: "loses-many", report };
  const begun = await registry.apply(operator, report.id, { marksGone: asked.marksGone });
  if (!begun.ok) throw new Fault(`An import that was just read is ${begun.refusal}.`);
  let sinceShown = 0;
  for (;;) {
    const rows = await registry.applyNext(report.id);
    sinceShown += rows;
    if (rows > 0 && sinceShown < showsAfter) continue;
    sinceShown = 0;
    const now = (await registry.see(operator, report.id)) ?? report;
    asked.onProgress?.(now.done, now.total);
    if (now.status !== "applying") return { outcome: "applied", report: now };
    // A node of the portal has it in hand at this moment.
    if (rows === 0) await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
