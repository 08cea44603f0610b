import type { Traces } from "../../journal/journal.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import { done, type Outcome, refused } from "../../kernel/outcome.ts";
import { oneAtATime } from "../../store/abilities.ts";
import type { Store, Tx } from "../../store/store.ts";
import { type ApplyDeps, createApply } from "./apply.ts";
import {
  beforeEveryLink,
  beforeEveryPerson,
  type LinkKey,
  listShown,
  listUnmatched,
  type PersonAction,
  type PersonKey,
  type ShownPerson,
  type UnmatchedLink,
} from "./import-rows.store.ts";
import {
  type AppliedCounts,
  clearRows,
  closedSchoolsOf,
  countAppliedBySchool,
  countStopped,
  type FaultRow,
  findImport,
  type ImportFault,
  type ImportRow,
  type ImportStatus,
  importsLock,
  insertImport,
  isOvertaken,
  lastTurn,
  listFaults,
  listImports,
  moveImport,
  schoolsOf,
} from "./imports.store.ts";
import { type Counts, noCounts, planImport } from "./plan.ts";
import type { Source } from "./read/source.ts";
import { type ImportedFile, type ImportRefusal, stageFiles } from "./staging.ts";

export type { PersonAction, ShownPerson, UnmatchedLink } from "./import-rows.store.ts";
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
  /** The day that calendars of the portal's time zone show. */
  dayOf(ms: number): string;
  /** Something was committed that the worker may go on with. */
  wake(): void;
  /** For the head of each school: that somebody had its registry applied, and what it changes. */
  recordApplied(tx: Tx, act: AppliedAct): Promise<void>;
}

interface AppliedAct {
  staffId: string;
  caller: Traces | null;
  school: RegistrySchool;
  counts: AppliedCounts;
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
  /** The last time that a step of it threw; null once it goes on. */
  fault: ImportFault | null;
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

export type ApplyRefusal =
  | "registry-import.unknown"
  | "registry-import.not-ready"
  // Another import was applied since this one was compared with what is known: what it shows is not so any more.
  | "registry-import.outdated"
  | "registry-import.school-closed";

/** Of what is read, unpacked: more than the registry of the largest academy. */
const bytesAtMost = 2 * 1024 * 1024 * 1024;
/** The same on the desk, whose server does other things meanwhile: some 60,000 people. */
export const deskBytesAtMost = 256 * 1024 * 1024;

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
    asked: { sources: readonly Source[]; schoolCode: string | null; bytesAtMost?: number },
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
        applied_by: null,
        turn: null,
        planned_turn: null,
        attempts: 0,
        retry_at: null,
        fault: null,
      }),
    );
    const code = asked.schoolCode?.trim().toUpperCase() ?? "";
    const school = code === "" ? null : await schools.findByCode(store, code);
    if (code !== "" && (school?.type !== "school" || !reaches(by, school.id))) {
      return refuse(importId, [], { file: 0, line: null, reason: "school-unknown", what: code });
    }
    const staged = await stageFiles(
      { ...deps, bytesAtMost: asked.bytesAtMost ?? bytesAtMost },
      { importId, sources: asked.sources, school, mayImportInto: (schoolId) => reaches(by, schoolId) },
    );
    if (staged.refusal) return refuse(importId, staged.files, staged.refusal);
    const plannedTurn = await lastTurn(store);
    const counts = await planImport(deps, { importId, ...staged });
    counts.refused = staged.files.reduce((sum, file) => sum + file.refused, 0);
    counts.noted = staged.files.reduce((sum, file) => sum + file.noted, 0);
    return finishReading(importId, {
      status: "ready",
      files: JSON.stringify(staged.files),
      counts: JSON.stringify(counts),
      planned_turn: plannedTurn,
    });
  }

  const refuse = (importId: string, files: ImportedFile[], refusal: ImportRefusal) =>
    finishReading(importId, {
      status: "refused",
      files: JSON.stringify(files),
      refusal: JSON.stringify(refusal),
    });

  /** Unless it was cancelled meanwhile. Nothing of a refused or cancelled file is kept, but why. */
  async function finishReading(
    importId: string,
    change: Partial<ImportRow> & { status: ImportStatus },
  ): Promise<Import> {
    const isMoved = await store.transact((tx) =>
      moveImport(tx, importId, "reading", { ...change, status_at: clock.now() }),
    );
    if (!isMoved || change.status === "refused") {
      while (await store.transactLightly((tx) => clearRows(tx, importId))) {
        // The next some thousand.
      }
    }
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
        losesMany: (counts.losesMany ?? null) !== null,
        fault: row.fault === null ? null : (JSON.parse(row.fault) as ImportFault),
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
    { marksGone, caller = null }: { marksGone: boolean; caller?: Traces | null },
  ): Promise<Outcome<object, ApplyRefusal>> {
    const one = await see(by, importId);
    if (!one) return refused("registry-import.unknown");
    const change: Partial<ImportRow> = {
      phase: "people",
      cursor: null,
      done: 0,
      total: totalOf(one.counts, marksGone),
      marks_gone: marksGone ? 1 : 0,
      applied_by: by.accountId,
    };
    const { accountId: staffId } = by;
    return begin(
      importId,
      "ready",
      ({ planned_turn: turn }) => turn ?? 0,
      change,
      async (tx) => {
        // From the command line nobody presses.
        if (staffId === null) return;
        const counted = await countAppliedBySchool(tx, importId, marksGone);
        for (const school of one.schools) {
          const counts = counted.get(school.id) ?? { added: 0, changed: 0, gone: 0 };
          await deps.recordApplied(tx, { staffId, caller, school, counts });
        }
      },
    );
  }

  /** What stopped goes on from where it is. */
  async function resume(by: Importer, importId: string): Promise<Outcome<object, ApplyRefusal>> {
    if (!(await see(by, importId))) return refused("registry-import.unknown");
    return begin(importId, "failed", ({ turn }) => turn ?? 0, { attempts: 0, fault: null });
  }

  /** From a status to being applied, where nothing came between since the turn that is asked for. */
  async function begin(
    importId: string,
    from: "ready" | "failed",
    sinceTurn: (row: ImportRow) => number,
    change: Partial<ImportRow>,
    record: (tx: Tx) => Promise<void> = async () => {},
  ): Promise<Outcome<object, ApplyRefusal>> {
    const outcome = await store.transact(async (tx): Promise<Outcome<object, ApplyRefusal>> => {
      await oneAtATime(tx, importsLock);
      const row = await findImport(tx, importId);
      if (row?.status !== from) return refused("registry-import.not-ready");
      if (await isOvertaken(tx, importId, sinceTurn(row))) return refused("registry-import.outdated");
      if ((await closedSchoolsOf(tx, importId)).length > 0) return refused("registry-import.school-closed");
      const turn = (await lastTurn(tx)) + 1;
      const applying = { status: "applying", status_at: clock.now(), turn, ...change } as const;
      if (!(await moveImport(tx, importId, from, applying))) return refused("registry-import.not-ready");
      await record(tx);
      return done;
    });
    if (outcome.ok) deps.wake();
    return outcome;
  }

  /** What was read is not taken over; or is not read on, where whoever read it may have been killed. */
  const cancel = (by: Importer, importId: string) => end(by, importId, ["ready", "reading"], "cancelled");

  /** What stopped goes on no more. What is done stays. */
  const abandon = (by: Importer, importId: string) => end(by, importId, ["failed"], "abandoned");

  async function end(
    by: Importer,
    importId: string,
    from: ImportStatus[],
    status: "cancelled" | "abandoned",
  ): Promise<Outcome<object, ApplyRefusal>> {
    if (!(await see(by, importId))) return refused("registry-import.unknown");
    const isMoved = await store.transact(async (tx) => {
      for (const known of from) {
        if (await moveImport(tx, importId, known, { status, status_at: clock.now() })) return true;
      }
      return false;
    });
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
    resume,
    cancel,
    abandon,
    /** Those that stopped and that they may see: they wait for a decision. */
    countStopped: ({ schools: allowed }: Importer) => countStopped(store, allowed),
    applyNext,
    /** People of one action, to be shown; `after`: the last of the page before. */
    people: (importId: string, action: PersonAction, after: PersonKey | null): Promise<ShownPerson[]> =>
      listShown(store, importId, action, after ?? beforeEveryPerson, peoplePageSize),
    unmatched: (importId: string, after: LinkKey | null): Promise<UnmatchedLink[]> =>
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
