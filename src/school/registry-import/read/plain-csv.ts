import { cellsBy, createFits, findColumns } from "./csv-columns.ts";
import { type CsvLine, columnName } from "./csv-lines.ts";
import { type Details, isRecordId, readYesOrNo, tidy } from "./details.ts";
import { type LinkRecord, type ReadEvent, type RegistryKind, Unreadable } from "./record.ts";

/**
 * The plain format, for schools whose registry is neither SIECLE nor ONDE: one person a line, a header, columns in any
 * order under a French or an English name. docs/registry-import.md describes it.
 */
const aliases = {
  kind: ["type", "kind", "profil"],
  recordId: ["identifiant", "id", "numero", "record_id"],
  surname: ["nom", "nom_de_famille", "surname", "last_name"],
  firstName: ["prenom", "first_name"],
  birthDate: ["date_naissance", "date_de_naissance", "birth_date"],
  classCode: ["classe", "code_classe", "class", "class_code"],
  className: ["nom_classe", "libelle_classe", "class_name"],
  email: ["courriel", "email", "e_mail", "mel"],
  mobile: ["portable", "telephone_portable", "mobile"],
  acceptsSms: ["accepte_sms", "accepts_sms"],
  address1: ["adresse_1", "adresse", "address_1", "address"],
  address2: ["adresse_2", "address_2"],
  address3: ["adresse_3", "address_3"],
  address4: ["adresse_4", "address_4"],
  postalCode: ["code_postal", "cp", "postal_code"],
  city: ["ville", "commune", "city"],
  country: ["pays", "country"],
  school: ["uai", "etablissement", "school"],
  pupils: ["eleves", "enfants", "pupils"],
  level: ["niveau", "niveau_responsabilite", "level"],
  kinship: ["lien", "lien_de_parente", "kinship"],
} as const;
type Column = keyof typeof aliases;

const needed: Column[] = ["kind", "recordId", "surname", "firstName"];

const kinds = new Map<string, RegistryKind>([
  ["eleve", "pupil"],
  ["pupil", "pupil"],
  ["responsable", "guardian"],
  ["responsable_legal", "guardian"],
  ["parent", "guardian"],
  ["guardian", "guardian"],
]);

const kinships = new Map([
  ["mere", "mother"],
  ["mother", "mother"],
  ["pere", "father"],
  ["father", "father"],
]);

const pupilsAtMost = 30;

export async function* readPlainCsv(
  header: CsvLine,
  lines: AsyncIterable<CsvLine>,
  details: Details,
): AsyncGenerator<ReadEvent> {
  const columns = findColumns<Column>(header.cells, aliases);
  const missing = needed.filter((name) => columns[name] === undefined);
  if (missing.length > 0) {
    throw new Unreadable("csv-header", header.line, missing.map((name) => aliases[name][0]).join(", "));
  }
  yield { type: "about", format: "plain-csv", schoolCode: null, lists: ["pupil", "guardian"] };
  const fits = createFits(header.cells);
  for await (const { cells, line } of lines) {
    if (fits(cells)) yield* readPerson(cellsBy(columns, cells), line, details);
    else {
      const about = { kind: null, recordId: null };
      details.refuse(line, "columns", `${cells.length} / ${header.cells.length}`, about);
    }
    yield* details.takeFaults();
  }
}

function* readPerson(
  cell: (name: Column) => string | undefined,
  line: number,
  details: Details,
): Generator<ReadEvent> {
  const school = tidy(cell("school") ?? "").toUpperCase();
  const ofSchool = school === "" ? {} : { schoolCode: school };
  const kind = kinds.get(columnName(cell("kind") ?? ""));
  if (!kind) {
    const recordId = tidy(cell("recordId") ?? "");
    const about = { kind: null, recordId: isRecordId(recordId) ? recordId : null, ...ofSchool };
    details.refuse(line, "unknown-kind", cell("kind") ?? "", about);
    return;
  }
  const identity = details.identity(line, {
    kind,
    ...ofSchool,
    recordId: cell("recordId"),
    surname: cell("surname"),
    firstName: cell("firstName"),
  });
  if (!identity) return;
  const classCode = tidy(cell("classCode") ?? "");
  yield {
    type: "person",
    kind,
    ...identity,
    birthDate: details.birthDate(line, cell("birthDate")),
    ...(kind === "pupil" && cell("classCode") !== undefined
      ? details.classOf(line, classCode, tidy(cell("className") ?? ""))
      : {}),
    ...details.email(line, cell("email")),
    mobile: details.mobile(line, cell("mobile")),
    acceptsSms: readYesOrNo(cell("acceptsSms")),
    ...postalOf(cell, details),
    ...ofSchool,
    line,
  };
  if (kind !== "guardian") return;
  const pupils = (cell("pupils") ?? "").split(/[|,;\s]+/).filter((text) => text !== "");
  if (pupils.length > pupilsAtMost || !pupils.every(isRecordId)) {
    const about = { kind, recordId: identity.recordId, isLink: true, ...ofSchool };
    details.refuse(line, "link-unreadable", `${pupils.length}: ${pupils.join(" ")}`, about);
    return;
  }
  for (const pupilRecordId of new Set(pupils)) {
    yield {
      type: "link",
      pupilRecordId,
      guardianRecordId: identity.recordId,
      level: levelOf(cell("level")),
      kinship:
        kinships.get(columnName(cell("kinship") ?? "")) ?? (tidy(cell("kinship") ?? "").slice(0, 40) || null),
      ...ofSchool,
      line,
    };
  }
}

function levelOf(text: string | undefined): LinkRecord["level"] {
  const level = Number(tidy(text ?? "") || "1");
  return level === 1 || level === 2 ? level : 3;
}

function postalOf(
  cell: (name: Column) => string | undefined,
  details: Details,
): { postal?: string[] | null } {
  const parts: Column[] = ["address1", "address2", "address3", "address4", "postalCode", "city", "country"];
  if (parts.every((name) => cell(name) === undefined)) return {};
  const country = tidy(cell("country") ?? "");
  return {
    postal: details.postal([
      cell("address1"),
      cell("address2"),
      cell("address3"),
      cell("address4"),
      `${cell("postalCode") ?? ""} ${cell("city") ?? ""}`,
      /^france$/i.test(country) ? "" : country,
    ]),
  };
}
