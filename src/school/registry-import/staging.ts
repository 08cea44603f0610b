import type { Clock } from "../../kernel/clock.ts";
import type { Store } from "../../store/store.ts";
import { digestOf, type PersonData } from "./compare.ts";
import {
  type DetailRow,
  findStaged,
  insertDetails,
  insertLinks,
  insertPeople,
  type LinkRow,
  type PersonRow,
} from "./import-rows.store.ts";
import { addSchools, type FaultRow, insertFaults } from "./imports.store.ts";
import type { KnownSchool, Schools } from "./known-schools.ts";
import { readRegistryFile } from "./read/read-file.ts";
import {
  excerpt,
  type FaultReason,
  type LinkRecord,
  type PersonRecord,
  type ReadEvent,
  type RefusalReason,
  type RegistryFormat,
  Unreadable,
} from "./read/record.ts";
import type { Source } from "./read/source.ts";

/** A file of an import, as its page names it. */
export interface ImportedFile {
  name: string;
  format: RegistryFormat | null;
  /** The school that it is of; null where each line names its own. */
  school: { code: string; name: string } | null;
  people: number;
  links: number;
  refused: number;
  noted: number;
}

export interface ImportRefusal {
  /** Its number among the files. */
  file: number;
  line: number | null;
  reason: RefusalReason;
  what: string;
}

export interface Staged {
  files: ImportedFile[];
  refusal: ImportRefusal | null;
  /** Whether classes or addresses stand elsewhere in a file than their people. */
  hasDetails: boolean;
  listsLinks: boolean;
}

export interface StagingDeps {
  store: Store;
  clock: Clock;
  schools: Schools;
  phoneCountry: string;
  bytesAtMost: number;
}

const eventsAtOnce = 1000;
const schoolsKeptAtMost = 10_000;
/** More say no more: who has that many loads the wrong file. */
export const faultsAtMost = 5000;

/**
 * Reads the files of an import and puts what they say into its rows, some hundred at a time. Nothing of it is applied.
 * The first file that is refused ends it: what was read by then is not taken over either.
 */
export async function stageFiles(
  deps: StagingDeps,
  asked: {
    importId: string;
    sources: readonly Source[];
    /** The school that was chosen; null: each file or line says its own. */
    school: KnownSchool | null;
    /** Whether whoever loads the files may do so for this school. */
    mayImportInto: (schoolId: string) => boolean;
  },
): Promise<Staged> {
  const staged: Staged = { files: [], refusal: null, hasDetails: false, listsLinks: false };
  const byCode = new Map<string, KnownSchool | RefusalReason>();
  let faultsKept = 0;

  /** The school of a code, or why it is none that may be loaded into. */
  async function schoolOf(code: string): Promise<KnownSchool | RefusalReason> {
    let known = byCode.get(code);
    if (known === undefined) {
      known = judgeSchool(await deps.schools.findByCode(deps.store, code));
      // A file may name another in every line.
      if (byCode.size >= schoolsKeptAtMost) byCode.clear();
      byCode.set(code, known);
    }
    return known;
  }

  function judgeSchool(school: KnownSchool | null): KnownSchool | RefusalReason {
    if (school?.type !== "school") return "school-unknown";
    // Which schools there are is no secret; what is in them is.
    if (!asked.mayImportInto(school.id)) return "school-not-yours";
    return school.closed_at === null ? school : "school-closed";
  }

  async function stageFile(source: Source, number: number): Promise<void> {
    const file: ImportedFile = {
      name: source.name,
      format: null,
      school: null,
      people: 0,
      links: 0,
      refused: 0,
      noted: 0,
    };
    staged.files.push(file);
    const settings = {
      phoneCountry: deps.phoneCountry,
      today: new Date(deps.clock.now()).toISOString().slice(0, 10),
    };
    let batch: ReadEvent[] = [];
    let school: KnownSchool | null = null;

    /** The school of one line; null where the line is refused for it. */
    async function placeOf(
      record: PersonRecord | LinkRecord,
      faults: RowFaultLike[],
    ): Promise<KnownSchool | null> {
      if (record.schoolCode === undefined) {
        if (!school) throw new Unreadable("school-missing", record.line);
        return school;
      }
      const found = await schoolOf(record.schoolCode);
      const isOther = typeof found !== "string" && asked.school !== null && found.id !== asked.school.id;
      if (typeof found !== "string" && !isOther) return found;
      if (record.type === "person") {
        const reason = found === "school-unknown" ? "unknown-school" : "other-school";
        faults.push({ line: record.line, reason, what: excerpt(record.schoolCode), isRefused: true });
      }
      return null;
    }

    async function flush(): Promise<void> {
      const events = batch;
      batch = [];
      if (events.length === 0) return;
      const faults: RowFaultLike[] = [];
      const people = new Map<string, PersonRow>();
      const twins: PersonRow[] = [];
      const links: LinkRow[] = [];
      const details: DetailRow[] = [];
      for (const event of events) {
        if (event.type === "person") {
          const place = await placeOf(event, faults);
          if (!place) continue;
          const row = personRow(asked.importId, place.id, number, event);
          const key = `${row.establishment_id} ${row.kind} ${row.record_id}`;
          if (people.has(key)) twins.push(row);
          else people.set(key, row);
        } else if (event.type === "link") {
          const place = await placeOf(event, faults);
          if (place) links.push(linkRow(asked.importId, place.id, number, event));
        } else if (event.type === "class" || event.type === "address") {
          details.push(detailRow(asked.importId, number, event));
        } else if (event.type === "fault") faults.push(event);
      }
      const kept = await deps.store.transactLightly(async (tx) => {
        const fresh: PersonRow[] = [];
        const found = [...faults];
        for (const place of placesOf([...people.values()])) {
          const there = await findStaged(
            tx,
            place.key,
            place.rows.map((row) => row.record_id),
          );
          for (const row of place.rows) {
            const before = there.get(row.record_id);
            if (before) found.push(twinFault(row, before, number));
            else fresh.push(row);
          }
        }
        for (const twin of twins) {
          const key = `${twin.establishment_id} ${twin.kind} ${twin.record_id}`;
          found.push(twinFault(twin, people.get(key) as PersonRow, number));
        }
        const isTwin = new Set(found.filter(({ reason }) => reason === "duplicate").map(({ line }) => line));
        const tied = links.filter((link) => !isTwin.has(link.line));
        await insertPeople(tx, fresh);
        await insertLinks(tx, tied);
        await insertDetails(tx, details);
        await addSchools(tx, asked.importId, listedOf(fresh));
        await insertFaults(tx, faultRows(found, number));
        return { people: fresh.length, links: tied.length, faults: found };
      });
      file.people += kept.people;
      file.links += kept.links;
      faultsKept += kept.faults.length;
      if (links.length > 0) staged.listsLinks = true;
      if (details.length > 0) staged.hasDetails = true;
      for (const { isRefused } of kept.faults) {
        if (isRefused) file.refused++;
        else file.noted++;
      }
    }

    function faultRows(faults: RowFaultLike[], fileNumber: number): FaultRow[] {
      const room = faults.slice(0, Math.max(0, faultsAtMost - faultsKept));
      return room.map(({ line, reason, what, isRefused }, index) => ({
        import_id: asked.importId,
        position: faultsKept + index + 1,
        file: fileNumber,
        line,
        reason,
        what,
        is_refused: isRefused ? 1 : 0,
      }));
    }

    for await (const event of readRegistryFile(source, settings, { bytesAtMost: deps.bytesAtMost })) {
      if (event.type === "refused") throw new Unreadable(event.reason, event.line, event.what);
      if (event.type === "about") {
        file.format = event.format;
        school = await schoolOfFile(event.schoolCode);
        file.school = school && { code: school.code, name: school.name };
      } else if (batch.push(event) >= eventsAtOnce) await flush();
    }
    await flush();
    if (file.people === 0 && file.refused === 0) throw new Unreadable("nobody");
  }

  /** A file that names its school must name the one that was chosen; one that names none is of the chosen one. */
  async function schoolOfFile(code: string | null): Promise<KnownSchool | null> {
    if (code === null) return asked.school;
    if (asked.school && asked.school.code !== code) {
      throw new Unreadable("school-wrong", null, `${code} ≠ ${asked.school.code}`);
    }
    const found = await schoolOf(code);
    if (typeof found === "string") throw new Unreadable(found, null, code);
    return found;
  }

  for (const [number, source] of asked.sources.entries()) {
    try {
      if (asked.school) {
        const judged = judgeSchool(asked.school);
        if (typeof judged === "string") throw new Unreadable(judged, null, asked.school.code);
      }
      await stageFile(source, number);
    } catch (cause) {
      if (!(cause instanceof Unreadable)) throw cause;
      const { line, reason, what } = cause;
      staged.refusal = { file: number, line, reason, what };
      return staged;
    }
  }
  return staged;
}

interface RowFaultLike {
  line: number;
  reason: FaultReason;
  what: string;
  isRefused: boolean;
}

/** The same person twice: the first line counts. Told apart whether the second says anything else. */
function twinFault(row: PersonRow, before: PersonRow, file: number): RowFaultLike {
  const isSame = row.digest === before.digest && row.address_id === before.address_id && before.file === file;
  return {
    line: row.line,
    reason: isSame ? "same-twice" : "duplicate",
    what: `${row.record_id} (${before.line})`,
    isRefused: !isSame,
  };
}

export function dataOf(record: PersonRecord): PersonData {
  const { surname, firstName, birthDate, classCode, className, email, emailKey, mobile, acceptsSms } = record;
  const { postal, nationalId } = record;
  return {
    surname,
    firstName,
    birthDate,
    classCode,
    className,
    email,
    emailKey,
    mobile,
    acceptsSms,
    postal,
    nationalId,
  };
}

function personRow(importId: string, schoolId: string, file: number, record: PersonRecord): PersonRow {
  const data = dataOf(record);
  return {
    import_id: importId,
    establishment_id: schoolId,
    kind: record.kind,
    record_id: record.recordId,
    file,
    line: record.line,
    data: JSON.stringify(data),
    digest: digestOf(data),
    address_id: record.addressId ?? null,
    action: "new",
    account_id: null,
    changes: null,
  };
}

function linkRow(importId: string, schoolId: string, file: number, record: LinkRecord): LinkRow {
  return {
    import_id: importId,
    establishment_id: schoolId,
    guardian_record_id: record.guardianRecordId,
    pupil_record_id: record.pupilRecordId,
    file,
    line: record.line,
    level: record.level,
    kinship: record.kinship,
    action: "new",
  };
}

function detailRow(
  importId: string,
  file: number,
  event: Extract<ReadEvent, { type: "class" | "address" }>,
): DetailRow {
  return event.type === "class"
    ? {
        import_id: importId,
        kind: "class",
        file,
        ref: event.pupilRecordId,
        value: JSON.stringify({ code: event.code, name: event.name, line: event.line }),
      }
    : {
        import_id: importId,
        kind: "address",
        file,
        ref: event.addressId,
        value: JSON.stringify(event.lines),
      };
}

function placesOf(rows: PersonRow[]) {
  const places = new Map<
    string,
    { key: Pick<PersonRow, "import_id" | "establishment_id" | "kind">; rows: PersonRow[] }
  >();
  for (const row of rows) {
    const name = `${row.establishment_id} ${row.kind}`;
    const place = places.get(name) ?? { key: row, rows: [] };
    place.rows.push(row);
    places.set(name, place);
  }
  return [...places.values()];
}

const listedOf = (rows: PersonRow[]) =>
  placesOf(rows).map(({ key }) => ({ establishment_id: key.establishment_id, kind: key.kind }));
