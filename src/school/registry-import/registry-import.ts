import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import { done, type Outcome, refused } from "../../kernel/outcome.ts";
import type { Store } from "../../store/store.ts";
import { type ApplyDeps, createApply } from "./apply.ts";
import {
  beforeEveryLink,
  beforeEveryPerson,
  type LinkKey,
  type LinkRow,
  listShown,
  listUnmatched,
  type PersonAction,
  type PersonKey,
  type ShownPerson,
} from "./import-rows.store.ts";
import {
  clearRows,
  type FaultRow,
  findImport,
  type ImportRow,
  type ImportStatus,
  insertImport,
  listFaults,
  listImports,
  moveImport,
  schoolsOf,
  updateImport,
} from "./imports.store.ts";
import { type Counts, noCounts, planImport } from "./plan.ts";
import type { Source } from "./read/source.ts";
import { type ImportedFile, type ImportRefusal, stageFiles } from "./staging.ts";

export type { LinkRow, PersonAction, ShownPerson } from "./import-rows.store.ts";
export type { FaultRow, ImportStatus } from "./imports.store.ts";

/**
 * The registry: files of SIECLE, ONDE or the plain format are read, shown as what they would change, and applied at a
 * press, some hundred people at a time. A school's registry says who its pupils and guardians are; accounts are made,
 * changed and, a while after somebody left, closed by it. What a person proved is never overwritten.
 *
 * Tables: imports, import_schools, import_people, import_details, import_links, import_faults, registry_records,
 * registry_links, guardianships. Refusals: `registry-import.refusal.*` (a whole file), `registry-import.fault.*` (a line).
 */
export interface RegistryImportDeps extends ApplyDeps {
  store: Store;
  clock: Clock;
  ids: Ids;
  /** ISO 3166-1 alpha-2: whose numbers are written without a prefix. */
  phoneCountry: string;
  /** Something was committed that the worker may go on with. */
  wake(): void;
}

export interface Import {
  id: string;
  madeBy: string | null;
  madeAt: number;
  status: ImportStatus;
  statusAt: number;
  files: ImportedFile[];
  refusal: ImportRefusal | null;
  counts: Counts;
  schools: RegistrySchool[];
  /** Rows worked through, of how many: for how far it is. */
  done: number;
  total: number;
  marksGone: boolean;
  /** So many would be gone that the file is more likely incomplete than the school empty. */
  losesMany: boolean;
}

export interface RegistrySchool {
  id: string;
  code: string;
  name: string;
}

/** Who loads files: what they may load them into, and as whom the journal names them. */
export interface Importer {
  /** Their account; null for the command line. */
  accountId: string | null;
  /** Ids of the schools that they may load files into; null: every one. */
  schools: ReadonlySet<string> | null;
}

export type ApplyRefusal = "registry-import.unknown" | "registry-import.not-ready";

/** Of what is read, unpacked: more than the registry of the largest academy. */
export const bytesAtMost = 2 * 1024 * 1024 * 1024;

/** More than this share of those known, and more than a class, is rather a file that is not whole. */
const losesManyFrom = { share: 0.3, people: 25 };

export const peoplePageSize = 100;
const schoolsListedAtMost = 50;

export type RegistryImport = ReturnType<typeof createRegistryImport>;

export function createRegistryImport(deps: RegistryImportDeps) {
  const { store, clock, ids, schools } = deps;
  const { applyNext } = createApply(deps);

  /**
   * Reads files and says what they would change; nothing is changed yet. `schoolCode`: the school that was chosen, for
   * files that do not name theirs; those that do must name the same.
   */
  async function read(
    by: Importer,
    asked: { sources: readonly Source[]; schoolCode: string | null },
  ): Promise<Import> {
    const now = clock.now();
    const importId = ids.uuid();
    await store.transact((tx) =>
      insertImport(tx, {
        id: importId,
        made_by: by.accountId,
        made_at: now,
        status: "reading",
        status_at: now,
        files: "[]",
        refusal: null,
        counts: JSON.stringify(noCounts()),
        phase: "people",
        cursor: null,
        done: 0,
        total: 0,
        marks_gone: 0,
      }),
    );
    const code = asked.schoolCode?.trim().toUpperCase() ?? "";
    const school = code === "" ? null : await schools.findByCode(store, code);
    if (code !== "" && (school?.type !== "school" || !reaches(by, school.id))) {
      return refuse(importId, [], { file: 0, line: null, reason: "school-unknown", what: code });
    }
    const staged = await stageFiles(
      { ...deps, bytesAtMost },
      { importId, sources: asked.sources, school, mayImportInto: (schoolId) => reaches(by, schoolId) },
    );
    if (staged.refusal) return refuse(importId, staged.files, staged.refusal);
    const counts = await planImport(deps, { importId, ...staged });
    counts.refused = staged.files.reduce((sum, file) => sum + file.refused, 0);
    counts.noted = staged.files.reduce((sum, file) => sum + file.noted, 0);
    await store.transact((tx) =>
      updateImport(tx, importId, {
        status: "ready",
        status_at: clock.now(),
        files: JSON.stringify(staged.files),
        counts: JSON.stringify(counts),
      }),
    );
    return (await find(importId)) as Import;
  }

  /** Nothing of a refused file is kept, but why. */
  async function refuse(importId: string, files: ImportedFile[], refusal: ImportRefusal): Promise<Import> {
    while (await store.transactLightly((tx) => clearRows(tx, importId))) {
      // The next some thousand.
    }
    await store.transact((tx) =>
      updateImport(tx, importId, {
        status: "refused",
        status_at: clock.now(),
        files: JSON.stringify(files),
        refusal: JSON.stringify(refusal),
      }),
    );
    return (await find(importId)) as Import;
  }

  async function find(importId: string): Promise<Import | null> {
    const row = await findImport(store, importId);
    return row ? ((await shown([row]))[0] ?? null) : null;
  }

  async function shown(rows: ImportRow[]): Promise<Import[]> {
    const listed = await schoolsOf(
      store,
      rows.map(({ id }) => id),
    );
    const named = await schools.findMany(store, [...new Set(listed.map((one) => one.establishment_id))]);
    return rows.map((row) => {
      const counts = JSON.parse(row.counts) as Counts;
      const own = new Set(
        listed.filter(({ import_id }) => import_id === row.id).map((one) => one.establishment_id),
      );
      return {
        id: row.id,
        madeBy: row.made_by,
        madeAt: row.made_at,
        status: row.status,
        statusAt: row.status_at,
        files: JSON.parse(row.files),
        refusal: row.refusal === null ? null : JSON.parse(row.refusal),
        counts,
        schools: [...own].flatMap((id) => {
          const school = named.get(id);
          return school ? [{ id, code: school.code, name: school.name }] : [];
        }),
        done: row.done,
        total: row.total,
        marksGone: row.marks_gone === 1,
        losesMany: losesMany(counts),
      };
    });
  }

  /** Whether somebody may see an import: it is theirs, or all its schools are within their walls. */
  function maySee(by: Importer, one: Import): boolean {
    if (one.schools.length === 0) return by.accountId === null || one.madeBy === by.accountId;
    return one.schools.every(({ id }) => reaches(by, id));
  }

  /** An import as this importer may see it; null where there is none that they may. */
  async function see(by: Importer, importId: string): Promise<Import | null> {
    const one = await find(importId);
    return one && maySee(by, one) ? one : null;
  }

  /** The newest that they may see. */
  async function list(by: Importer, limit: number): Promise<Import[]> {
    const found = await listImports(store, { madeBy: by.accountId, schools: by.schools, limit });
    return (await shown(found)).filter((one) => maySee(by, one));
  }

  /** Begins to apply what was shown. `marksGone`: people and ties that the files have not any more are gone. */
  async function apply(
    by: Importer,
    importId: string,
    { marksGone }: { marksGone: boolean },
  ): Promise<Outcome<object, ApplyRefusal>> {
    const one = await see(by, importId);
    if (!one) return refused("registry-import.unknown");
    const isMoved = await store.transact((tx) =>
      moveImport(tx, importId, "ready", {
        status: "applying",
        status_at: clock.now(),
        phase: "people",
        cursor: null,
        done: 0,
        total: totalOf(one.counts, marksGone),
        marks_gone: marksGone ? 1 : 0,
      }),
    );
    if (!isMoved) return refused("registry-import.not-ready");
    deps.wake();
    return done;
  }

  /** What was read is not taken over. */
  async function cancel(by: Importer, importId: string): Promise<Outcome<object, ApplyRefusal>> {
    const one = await see(by, importId);
    if (!one) return refused("registry-import.unknown");
    const isMoved = await store.transact((tx) =>
      moveImport(tx, importId, "ready", { status: "cancelled", status_at: clock.now() }),
    );
    return isMoved ? done : refused("registry-import.not-ready");
  }

  /** The code of the one school that they may load files into; null where there are several or none. */
  async function onlySchool({ schools: allowed }: Importer): Promise<string | null> {
    const [only, second] = allowed ?? [];
    if (only === undefined || second !== undefined) return null;
    return (await schools.findMany(store, [only])).get(only)?.code ?? null;
  }

  /** The schools that they may load files into, where those are few enough to choose from. */
  async function schoolsFor({ schools: allowed }: Importer): Promise<RegistrySchool[]> {
    if (allowed === null || allowed.size > schoolsListedAtMost) return [];
    const found = [...(await schools.findMany(store, [...allowed])).values()];
    return found
      .filter(({ closed_at: closedAt }) => closedAt === null)
      .map(({ id, code, name }) => ({ id, code, name }))
      .sort((a, b) => (a.code < b.code ? -1 : 1));
  }

  /** A school by its code, where they may load files into it. */
  async function schoolFor(by: Importer, code: string): Promise<RegistrySchool | null> {
    const found = code === "" ? null : await schools.findByCode(store, code);
    if (found?.type !== "school" || !reaches(by, found.id)) return null;
    return { id: found.id, code: found.code, name: found.name };
  }

  return {
    onlySchool,
    schoolsFor,
    schoolFor,
    read,
    see,
    list,
    apply,
    cancel,
    applyNext,
    /** People of one action, to be shown; `after`: the last of the page before. */
    people: (importId: string, action: PersonAction, after: PersonKey | null): Promise<ShownPerson[]> =>
      listShown(store, importId, action, after ?? beforeEveryPerson, peoplePageSize),
    unmatched: (importId: string, after: LinkKey | null): Promise<LinkRow[]> =>
      listUnmatched(store, importId, after ?? beforeEveryLink, peoplePageSize),
    faults: (
      importId: string,
      isRefused: boolean | null,
      after: number,
      limit = peoplePageSize,
    ): Promise<FaultRow[]> => listFaults(store, { importId, isRefused, after, limit }),
  };
}

const reaches = (by: Importer, schoolId: string): boolean => by.schools?.has(schoolId) ?? true;

function totalOf(counts: Counts, marksGone: boolean): number {
  const { pupil, guardian, links } = counts;
  const people = [pupil, guardian].reduce(
    // Those who are new are made, and then made to be found.
    (sum, one) => sum + one.new * 2 + one.changed + one.moved + one.returned * 2 + (marksGone ? one.gone : 0),
    0,
  );
  return people + links.new + links.changed + links.unmatched + (marksGone ? links.gone : 0);
}

function losesMany({ pupil, guardian }: Counts): boolean {
  return [pupil, guardian].some(({ gone, same, changed, moved }) => {
    const known = gone + same + changed + moved;
    return gone > losesManyFrom.people && gone > known * losesManyFrom.share;
  });
}
