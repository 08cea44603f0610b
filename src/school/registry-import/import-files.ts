import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Fault } from "../../kernel/fault.ts";
import { done, type Outcome } from "../../kernel/outcome.ts";
import type { Store } from "../../store/store.ts";
import { readWithoutMapping } from "./imports.store.ts";
import { type Source, sourceOfFile } from "./read/source.ts";
import type { ApplyRefusal, Import, Importer, RegistryImport } from "./registry-import.ts";

/** The command line may load into every school. */
export const operator: Importer = { accountId: null, schools: null };

const rowsBetweenNews = 5000;
const looksAgainAfterMs = 200;
/** A server that has it in hand does more than nothing in this time. */
const patienceMs = 5000;
/** Beside a server, after each piece of a file that is read: whoever signs in there writes meanwhile. */
const givesWayForMs = 20;
const unfinishedAtMost = 20;

export interface WhereItRuns {
  /** A server has the same SQLite file: of two processes only one writes at a time. */
  isBesideServer: boolean;
  /** Each time some thousand more rows are applied. */
  onProgress: (done: number, total: number) => void;
}

/** More than this is alive in no portal; what is done with is collected once there is so much of it. */
const heapBytesAtMost = 85 * 1024 * 1024;
const litterBytesAtLeast = 25 * 1024 * 1024;
const looksAtHeapEveryMs = 50;

/**
 * For a process that does nothing but import. V8 would let what is done with lie about for as long as there is room on
 * the machine: hundreds of megabytes, where a tenth of a second now and then is enough to do without. Answers what to
 * call at the end.
 */
export async function keepMemorySmall(store: Store): Promise<() => void> {
  setFlagsFromString("--semi-space-growth-factor=1");
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  let most = heapBytesAtMost;
  const looking = setInterval(() => {
    if (getHeapStatistics().used_heap_size < most) return;
    collect();
    most = Math.max(heapBytesAtMost, getHeapStatistics().used_heap_size + litterBytesAtLeast);
  }, looksAtHeapEveryMs);
  await readWithoutMapping(store);
  return () => clearInterval(looking);
}

type Rules = Pick<RegistryImport, "read" | "see" | "list" | "apply" | "resume" | "applyNext">;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function openFile(path: string): Source {
  try {
    return sourceOfFile(path);
  } catch (cause) {
    throw new Fault(`The file ${path} cannot be read.`, { cause });
  }
}

const givingWay = (source: Source): Source => ({
  ...source,
  async *open() {
    for await (const piece of source.open()) {
      yield piece;
      await pause(givesWayForMs);
    }
  },
});

/** Reads files as one import, so that pupils and guardians of a school find each other. Nothing is changed yet. */
export function readFiles(
  registry: Rules,
  asked: {
    paths: readonly string[];
    /** UAI of the school, for files that do not name theirs. */
    schoolCode: string | null;
  },
  { isBesideServer }: Pick<WhereItRuns, "isBesideServer">,
): Promise<Import> {
  const sources = asked.paths.map(openFile);
  return registry.read(operator, {
    sources: isBesideServer ? sources.map(givingWay) : sources,
    schoolCode: asked.schoolCode,
  });
}

/** Applies what was read, to its end, or to where it throws. */
export async function applyRead(
  registry: Rules,
  importId: string,
  { marksGone }: { marksGone: boolean },
  where: WhereItRuns,
): Promise<Outcome<{ one: Import }, ApplyRefusal>> {
  const begun = await registry.apply(operator, importId, { marksGone });
  return begun.ok ? { ...done, one: await applyToItsEnd(registry, importId, where) } : begun;
}

/** Goes on with one that stopped, or was cut off. */
export async function resume(
  registry: Rules,
  importId: string,
  where: WhereItRuns,
): Promise<Outcome<{ one: Import }, ApplyRefusal>> {
  const isCutOff = (await registry.see(operator, importId))?.status === "applying";
  const begun = isCutOff ? done : await registry.resume(operator, importId);
  return begun.ok ? { ...done, one: await applyToItsEnd(registry, importId, where) } : begun;
}

/**
 * Imports that were begun and never finished, because whoever applied them was killed: they come first, the oldest
 * before the others. One that throws holds up no other. Answers them as they are then.
 */
export async function finishBegun(registry: Rules, where: WhereItRuns): Promise<Import[]> {
  const begun = (await registry.list(operator, unfinishedAtMost)).filter(
    ({ status }) => status === "applying",
  );
  const ended: Import[] = [];
  for (const { id } of begun.toReversed()) ended.push(await applyToItsEnd(registry, id, where));
  return ended;
}

/**
 * Here, without a worker. A server beside it has a worker that goes on with every import by itself: then this only
 * looks on, and lends a hand where nothing happens, because the server has ended. It ends where a step threw, too.
 */
async function applyToItsEnd(
  registry: Rules,
  importId: string,
  { isBesideServer, onProgress }: WhereItRuns,
): Promise<Import> {
  let sinceNews = 0;
  let seen = "";
  let seenAt = performance.now();
  for (;;) {
    const isStill = performance.now() - seenAt > patienceMs;
    const rows = isBesideServer && !isStill ? 0 : await registry.applyNext(importId);
    sinceNews += rows;
    if (rows > 0 && sinceNews < rowsBetweenNews) continue;
    sinceNews = 0;
    const now = await registry.see(operator, importId);
    if (!now) throw new Fault("The import is not there any more.");
    if (`${now.status} ${now.done}` !== seen) {
      seen = `${now.status} ${now.done}`;
      seenAt = performance.now();
      onProgress(now.done, now.total);
    }
    if (now.status !== "applying" || now.fault !== null) return now;
    if (rows === 0) await pause(looksAgainAfterMs);
  }
}
