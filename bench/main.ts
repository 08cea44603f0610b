import { startPostgres } from "../test/support/postgres-server.ts";
import type { Bench, Engine } from "./bench.ts";
import { measureChat } from "./chat.ts";
import { measureHelpPage } from "./help-page.ts";
import { measureHelpSearch } from "./help-search.ts";
import { measureInbox } from "./inbox.ts";
import { measureLetters } from "./letters.ts";
import { measureMemory } from "./memory.ts";
import { measureNeutrality } from "./neutrality.ts";
import { measureOverload } from "./overload.ts";
import { measurePageWeight } from "./page-weight.ts";
import { measurePeopleSearch } from "./people-search.ts";
import { measureRegistryImport } from "./registry-import.ts";
import { measureSessions } from "./session-reads.ts";
import { measureSignIns } from "./sign-ins.ts";
import { measureStart } from "./start.ts";

const measures: { name: string; run: (bench: Bench) => Promise<void> }[] = [
  { name: "start", run: measureStart },
  { name: "memory", run: measureMemory },
  { name: "page-weight", run: measurePageWeight },
  { name: "help-page", run: measureHelpPage },
  { name: "help-search", run: measureHelpSearch },
  { name: "sign-ins", run: measureSignIns },
  { name: "people-search", run: measurePeopleSearch },
  { name: "registry-import", run: measureRegistryImport },
  { name: "inbox", run: measureInbox },
  { name: "chat", run: measureChat },
  { name: "letters", run: measureLetters },
  { name: "session-reads", run: measureSessions },
  { name: "overload", run: measureOverload },
  { name: "neutrality", run: measureNeutrality },
];

/**
 * Runs the named measures, or all, on the named engines, or both: `neutrality postgres`. `--full` uses a million
 * accounts instead of a hundred thousand.
 */
export async function bench(words: string[]): Promise<void> {
  const isFull = words.includes("--full");
  const isEngine = (word: string): word is Engine => word === "sqlite" || word === "postgres";
  const engines = words.filter(isEngine);
  const names = words.filter((word) => !word.startsWith("-") && !isEngine(word));
  const postgres = await startPostgres({ isInEarnest: true });
  const results: { measure: string; figure: string; asked: string; holds: string }[] = [];
  try {
    for (const { name, run } of measures) {
      if (names.length > 0 && !names.includes(name)) continue;
      process.stdout.write(`\n${name}\n`);
      await run({
        engines: engines.length > 0 ? engines : ["sqlite", "postgres"],
        accounts: isFull ? 1_000_000 : 100_000,
        postgresUrl: postgres.url,
        say: (line) => process.stdout.write(`  ${line}\n`),
        result(measure, figure, asked, holds) {
          results.push({ measure, figure, asked, holds: holds ? "yes" : "NO" });
          process.stdout.write(`  => ${measure}: ${figure} (asked: ${asked})${holds ? "" : "  NOT MET"}\n`);
        },
      });
    }
  } finally {
    await postgres.stop();
  }
  process.stdout.write("\n");
  console.table(results);
}
