import { createHash } from "node:crypto";
import { foldWords } from "../../../store/words.ts";
import { cellsBy, createFits, findColumns } from "./csv-columns.ts";
import { type CsvLine, columnName } from "./csv-lines.ts";
import { type Details, longestName, nameKey, tidy } from "./details.ts";
import { type PersonRecord, type ReadEvent, Unreadable } from "./record.ts";

/**
 * The extractions of ONDE, the registry of French primary schools: pupils, and guardians with up to several children
 * on one line, whom it names without any number. Neither names its school.
 */
const pupilColumns = {
  surname: ["nom_eleve", "nom_de_famille_eleve"],
  firstName: ["prenom_eleve", "prenoms_eleve"],
  birthDate: ["date_naissance", "date_de_naissance"],
  nationalId: ["ine"],
  address: ["adresse1", "adresse_1", "adresse"],
  postalCode: ["cp1", "cp_1", "cp"],
  city: ["commune1", "commune_1", "commune"],
  country: ["pays1", "pays_1", "pays"],
  className: ["libelle_classe"],
  classCode: ["identifiant_classe"],
} as const;

const guardianColumns = {
  surname: ["nom_responsable", "nom_de_famille_responsable"],
  usedName: ["nom_usage_responsable", "nom_d_usage_responsable"],
  firstName: ["prenom_responsable"],
  address: ["adresse_responsable", "adresse"],
  postalCode: ["cp_responsable", "cp"],
  city: ["commune_responsable", "commune"],
  country: ["pays_responsable", "pays"],
  email: ["courriel", "adresse_e_mail", "mel"],
  home: ["telephone_domicile"],
  mobile: ["telephone_portable"],
} as const;

/** What a file of ONDE it is, by its columns; null where it is none. */
export function ondeFormat(header: string[]): "onde-pupils" | "onde-guardians" | null {
  const names = header.map(columnName);
  const has = (name: string) => names.includes(name);
  if (pupilColumns.surname.some(has) && pupilColumns.firstName.some(has)) return "onde-pupils";
  if (guardianColumns.surname.some(has) && guardianColumns.firstName.some(has)) return "onde-guardians";
  return null;
}

/** A number for whom the file gives none: the same for the same words, whatever their accents and capitals. */
function numberOf(...texts: (string | null)[]): string {
  const said = texts.map((text) => foldWords(text ?? "").join(" ")).join("|");
  return `onde-${createHash("sha256").update(said).digest("base64url").slice(0, 20)}`;
}

export async function* readOndePupils(
  header: CsvLine,
  lines: AsyncIterable<CsvLine>,
  details: Details,
): AsyncGenerator<ReadEvent> {
  const columns = findColumns(header.cells, pupilColumns);
  yield { type: "about", format: "onde-pupils", schoolCode: null, lists: ["pupil"] };
  const fits = createFits(header.cells);
  for await (const { cells, line } of lines) {
    if (fits(cells)) {
      const cell = cellsBy(columns, cells);
      const nationalId = tidy(cell("nationalId") ?? "").toUpperCase() || null;
      const birthDate = details.birthDate(line, cell("birthDate"));
      const recordId = nationalId ?? numberOf(cell("surname") ?? "", cell("firstName") ?? "", birthDate);
      const identity = details.identity(line, {
        kind: "pupil",
        isNumberMade: nationalId === null,
        recordId,
        surname: cell("surname"),
        firstName: cell("firstName"),
      });
      if (identity) {
        const className = tidy(cell("className") ?? "");
        yield {
          type: "person",
          kind: "pupil",
          ...identity,
          birthDate,
          ...details.classOf(line, tidy(cell("classCode") ?? "") || className, className),
          ...addressOf(cell, details),
          line,
        };
      }
    } else {
      const about = { kind: "pupil", recordId: null } as const;
      details.refuse(line, "columns", `${cells.length} / ${header.cells.length}`, about);
    }
    yield* details.takeFaults();
  }
}

export async function* readOndeGuardians(
  header: CsvLine,
  lines: AsyncIterable<CsvLine>,
  details: Details,
): AsyncGenerator<ReadEvent> {
  const columns = findColumns(header.cells, guardianColumns);
  const children = childColumns(header.cells);
  const [firstChild] = children;
  if (!firstChild) throw new Unreadable("csv-header", header.line, "Prénom enfant");
  yield { type: "about", format: "onde-guardians", schoolCode: null, lists: ["guardian"] };
  const fits = createFits(header.cells);
  for await (const { cells, line } of lines) {
    // A line ends with its last child: the columns of further ones may be missing, those of the first may not.
    const isTooLong = !fits(cells) && cells.length > header.cells.length;
    if (isTooLong || cells.length <= firstChild.firstName) {
      const about = { kind: "guardian", recordId: null } as const;
      details.refuse(line, "columns", `${cells.length} / ${header.cells.length}`, about);
    } else yield* readGuardian(cellsBy(columns, cells), cells, children, line, details);
    yield* details.takeFaults();
  }
}

type GuardianCell = (name: keyof typeof guardianColumns) => string | undefined;

function* readGuardian(
  cell: GuardianCell,
  cells: string[],
  children: { surname: number; firstName: number }[],
  line: number,
  details: Details,
): Generator<ReadEvent> {
  const surname = tidy(cell("surname") ?? "") || tidy(cell("usedName") ?? "");
  const email = details.email(line, cell("email"));
  const mobile = details.mobile(line, cell("mobile"), cell("home"));
  const postal = addressOf(cell, details);
  // Two people of one name are told apart by what reaches them. Where that changes, the children say who it is.
  const reached = mobile ?? email.emailKey ?? (postal.postal ?? []).join(" ");
  const recordId = numberOf(surname, cell("firstName") ?? "", reached);
  const identity = details.identity(line, {
    kind: "guardian",
    isNumberMade: true,
    recordId,
    surname,
    firstName: cell("firstName"),
  });
  if (!identity) return;
  yield {
    type: "person",
    kind: "guardian",
    ...identity,
    birthDate: null,
    ...email,
    mobile,
    ...postal,
    line,
  };
  const keys = children.flatMap((child) => {
    const [childSurname, childFirst] = [tidy(cells[child.surname] ?? ""), tidy(cells[child.firstName] ?? "")];
    if (childSurname === "" || childFirst === "") return [];
    if (childSurname.length <= longestName && childFirst.length <= longestName) {
      return [nameKey(childSurname, childFirst)];
    }
    details.refuse(line, "link-unreadable", childSurname, { kind: "guardian", recordId, isLink: true });
    return [];
  });
  for (const pupilRecordId of new Set(keys)) {
    yield { type: "link", pupilRecordId, guardianRecordId: recordId, level: 1, kinship: null, line };
  }
}

/** The columns of the children come again for each further child, under the same names. */
function childColumns(header: string[]): { surname: number; firstName: number }[] {
  const found: { surname: number; firstName: number }[] = [];
  let surname: number | null = null;
  header.map(columnName).forEach((name, at) => {
    if (name === "nom_de_famille_enfant") surname = at;
    if (name === "prenom_enfant" && surname !== null) {
      found.push({ surname, firstName: at });
      surname = null;
    }
  });
  return found;
}

function addressOf(
  cell: (name: "address" | "postalCode" | "city" | "country") => string | undefined,
  details: Details,
): Pick<PersonRecord, "postal"> {
  if (cell("address") === undefined && cell("city") === undefined) return {};
  const country = tidy(cell("country") ?? "");
  return {
    postal: details.postal([
      cell("address"),
      `${cell("postalCode") ?? ""} ${cell("city") ?? ""}`,
      /^france$/i.test(country) ? "" : country,
    ]),
  };
}
