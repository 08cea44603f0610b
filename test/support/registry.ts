import { createDayOf } from "../../src/i18n/moment.ts";
import { createIds } from "../../src/kernel/ids.ts";
import * as establishmentRows from "../../src/school/establishments/establishments.store.ts";
import { keptOf } from "../../src/school/families/joins.store.ts";
import { makeIdentifiers } from "../../src/school/identifiers/identifiers.ts";
import { sourceOfBytes } from "../../src/school/registry-import/read/source.ts";
import {
  createRegistryImport,
  type Import,
  type Importer,
  type RegistryImportDeps,
} from "../../src/school/registry-import/registry-import.ts";
import type { Store } from "../../src/store/store.ts";
import { importedSchools } from "../../src/wiring/imported-schools.ts";
import { seededRandom, TestClock } from "./world.ts";

export type Warned = Parameters<RegistryImportDeps["warnOfContact"]>[1];

export const everywhere: Importer = { accountId: null, schools: null };

/** The registry of a bare database: its rules as they are wired, with a clock of one's own. */
export function aRegistry(
  store: Store,
  options: {
    clock?: TestClock;
    seed?: number;
    /** Default: throws it on, as if the process ended there. */
    onFault?: (cause: unknown, what: string) => void;
  } = {},
) {
  const clock = options.clock ?? new TestClock();
  const ids = createIds(clock, seededRandom(options.seed ?? 1));
  const warned: Warned[] = [];
  const imports = createRegistryImport({
    store,
    clock,
    ids,
    schools: importedSchools(async () => {}),
    staffAmong: async () => [],
    holdersOf: async (tx, ids) =>
      new Map((await keptOf(tx, ids)).map(({ joined_id, kept_id }) => [joined_id, kept_id])),
    locale: "fr",
    phoneCountry: "FR",
    makeIdentifiers,
    warnOfContact: async (_tx, news) => {
      warned.push(news);
    },
    endRequests: async () => {},
    dayOf: createDayOf("Europe/Paris"),
    recordApplied: async () => {},
    onFault:
      options.onFault ??
      ((cause) => {
        throw cause;
      }),
    wake: () => {},
  });

  async function read(
    files: (string | Buffer) | (string | Buffer)[],
    schoolCode: string | null = "0990001A",
    by: Importer = everywhere,
  ): Promise<Import> {
    const all = Array.isArray(files) ? files : [files];
    const sources = all.map((file, index) => {
      const bytes = typeof file === "string" ? Buffer.from(file) : file;
      return sourceOfBytes(`fichier-${index + 1}`, bytes);
    });
    return imports.read(by, { sources, schoolCode });
  }

  /** Applies what was read to its end; answers how many steps it took. */
  async function finish(importId: string): Promise<number> {
    let steps = 0;
    while ((await imports.applyNext(importId)) > 0) steps++;
    return steps;
  }

  /** Reads and applies; those who are not in the files are gone unless told otherwise. */
  async function load(
    files: (string | Buffer) | (string | Buffer)[],
    options: { school?: string | null; marksGone?: boolean } = {},
  ): Promise<Import> {
    const one = await read(files, options.school === undefined ? "0990001A" : options.school);
    if (one.refusal) throw new Error(`Refused: ${JSON.stringify(one.refusal)}`);
    await imports.apply(everywhere, one.id, { marksGone: options.marksGone ?? true });
    await finish(one.id);
    return (await imports.see(everywhere, one.id)) as Import;
  }

  return { clock, ids, imports, warned, read, load, finish };
}

/** A school without anybody, above classes that imports make. */
export async function aSchool(store: Store, code: string, clock = new TestClock()): Promise<string> {
  const id = createIds(clock, seededRandom(code.charCodeAt(6) + code.charCodeAt(7))).uuid();
  await store.transact((tx) =>
    establishmentRows.putEstablishments(tx, [
      {
        id,
        parent_id: null,
        type: "school",
        code,
        name: `Collège ${code}`,
        timezone: null,
        details: "{}",
        created_at: clock.now(),
        closed_at: null,
      },
    ]),
  );
  return id;
}
