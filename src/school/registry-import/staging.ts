import type { Clock } from "../../kernel/clock.ts";
import type { Store } from "../../store/store.ts";
import { digestOf, type PersonData } from "./compare.ts";
import {
  type DetailRow,
  deleteRefused,
  findStaged,
  insertDetails,
  insertLinks,
  insertPeople,
  insertRefused,
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
  type RefusedLine,
  type RegistryFormat,
  type RegistryKind,
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
  /** Where lines were refused of which nobody can say whose they are: `unreadIn`. */
  unread: ReadonlySet<string>;
}

/** Of a school, or of any where that is not told either: people of one kind, or whom guardians answer for. */
export const unreadIn = (schoolId: string | null, what: RegistryKind | "links"): string =>
  `${schoolId ?? "*"} ${what}`;

export interface StagingDeps {
  store: Store;
  clock: Clock;
  schools: Schools;
  /** The day that calendars of the portal's time zone show. */
  dayOf(ms: number): string;
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
  const unread = new Set<string>();
  const staged: Staged = { files: [], refusal: null, hasDetails: false, listsLinks: false, unread };
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
    const settings = { phoneCountry: deps.phoneCountry, today: deps.dayOf(deps.clock.now()) };
    let batch: ReadEvent[] = [];
    let school: KnownSchool | null = null;
    let lists: RegistryKind[] = [];
    /** The last person, where that line was refused as a second one: whom it ties comes behind it. */
    let lastTwin: string | null = null;

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
        const what = excerpt(record.schoolCode);
        faults.push({ line: record.line, reason, what, isRefused: true, about: record });
      }
      return null;
    }

    /** Keeps those of refused lines who can be told by their number: they are not gone. Says where others were. */
    async function spare(faults: RowFaultLike[]): Promise<{ people: PersonRow[]; links: LinkRow[] }> {
      const spared: { people: PersonRow[]; links: LinkRow[] } = { people: [], links: [] };
      for (const { line, about } of faults) {
        if (!about) continue;
        const { recordId, isLink, schoolCode } = about;
        const found = schoolCode === undefined ? school : await schoolOf(schoolCode);
        // Of the chosen school everything is, whatever a line says.
        const place = asked.school ?? (typeof found === "string" ? null : found);
        for (const kind of about.kind === null ? lists : [about.kind]) {
          if (place === null || recordId === null) {
            unread.add(unreadIn(place?.id ?? null, isLink ? "links" : kind));
            continue;
          }
          const of = { importId: asked.importId, schoolId: place.id, file: number, line, recordId };
          if (!isLink) spared.people.push(refusedPerson(of, kind));
          if (kind === "guardian") spared.links.push(refusedLink(of));
        }
      }
      return spared;
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
      const spared = await spare(faults);
      const kept = await deps.store.transactLightly(async (tx) => {
        const fresh: PersonRow[] = [];
        const found = [...faults];
        const refused = new Set(lastTwin === null ? [] : [lastTwin]);
        const untied: LinkRow[] = [];
        const judgeTwin = (row: PersonRow, before: PersonRow) => {
          const fault = twinFault(row, before, number);
          found.push(fault);
          if (!fault.isRefused || row.kind !== "guardian") return;
          refused.add(guardianOfLine(row.line, row.record_id));
          const { establishment_id: schoolId, line, record_id: recordId } = row;
          untied.push(refusedLink({ importId: asked.importId, schoolId, file: number, line, recordId }));
        };
        for (const place of placesOf([...people.values()])) {
          const there = await findStaged(
            tx,
            place.key,
            place.rows.map((row) => row.record_id),
          );
          const read: string[] = [];
          for (const row of place.rows) {
            const before = there.get(row.record_id);
            if (before && before.action !== "refused") judgeTwin(row, before);
            else fresh.push(row);
            if (before?.action === "refused") read.push(row.record_id);
          }
          await deleteRefused(tx, place.key, read);
        }
        for (const twin of twins) {
          const key = `${twin.establishment_id} ${twin.kind} ${twin.record_id}`;
          judgeTwin(twin, people.get(key) as PersonRow);
        }
        const tied = links.filter((link) => !refused.has(guardianOfLine(link.line, link.guardian_record_id)));
        await insertPeople(tx, fresh);
        await insertRefused(tx, spared.people);
        await insertLinks(tx, [...tied, ...spared.links, ...untied]);
        await insertDetails(tx, details);
        await addSchools(tx, asked.importId, listedOf(fresh));
        await insertFaults(tx, faultRows(found, number));
        return { people: fresh.length, links: tied.length, faults: found, refused };
      });
      const lastPerson = events.findLast((event) => event.type === "person");
      const lastLine = lastPerson && guardianOfLine(lastPerson.line, lastPerson.recordId);
      if (lastLine !== undefined) lastTwin = kept.refused.has(lastLine) ? lastLine : null;
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

    let last: ReadEvent | null = null;
    for await (const event of readRegistryFile(source, settings, { bytesAtMost: deps.bytesAtMost })) {
      last = event;
      if (event.type === "refused") throw new Unreadable(event.reason, event.line, event.what);
      if (event.type === "about") {
        file.format = event.format;
        lists = event.lists;
        school = await schoolOfFile(event.schoolCode);
        file.school = school && { code: school.code, name: school.name };
      } else if (batch.push(event) >= eventsAtOnce) await flush();
    }
    await flush();
    // A table that was cut off ends in the middle of a line: who stood behind it is not gone.
    if (last?.type === "fault" && last.isRefused && !isSiecle(file.format)) {
      for (const kind of lists) unread.add(unreadIn((asked.school ?? school)?.id ?? null, kind));
    }
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
  about?: RefusedLine;
}

/** XML that was cut off is refused as a whole. */
const isSiecle = (format: RegistryFormat | null) =>
  format === "siecle-pupils" || format === "siecle-guardians";

const guardianOfLine = (line: number, recordId: string) => `${line} ${recordId}`;

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
  const { surname, firstName, birthDate, classCode, className } = record;
  const { email, emailKey, mobile, acceptsSms, postal } = record;
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

interface OfLine {
  importId: string;
  schoolId: string;
  file: number;
  line: number;
  recordId: string;
}

const refusedPerson = (
  { importId, schoolId, file, line, recordId }: OfLine,
  kind: RegistryKind,
): PersonRow => ({
  import_id: importId,
  establishment_id: schoolId,
  kind,
  record_id: recordId,
  file,
  line,
  data: "{}",
  digest: "",
  address_id: null,
  action: "refused",
  account_id: null,
  changes: null,
});

const refusedLink = ({ importId, schoolId, file, line, recordId }: OfLine): LinkRow => ({
  import_id: importId,
  establishment_id: schoolId,
  guardian_record_id: recordId,
  pupil_record_id: "",
  file,
  line,
  level: 3,
  kinship: null,
  action: "refused",
});

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
