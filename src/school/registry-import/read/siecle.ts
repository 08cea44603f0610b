import { type Details, isRecordId, type ReadSettings, readDay, readYesOrNo, tidy } from "./details.ts";
import { mendTags } from "./mend-tags.ts";
import { excerpt, type LinkRecord, type ReadEvent, Unreadable } from "./record.ts";
import { createXmlItems, type XmlItem } from "./xml-items.ts";

/**
 * The exports of SIECLE, the registry of French secondary schools: pupils (`BEE_ELEVES`) and guardians
 * (`BEE_RESPONSABLES`), with addresses or without, of this decade or of the last (`NOM` for `NOM_DE_FAMILLE`,
 * `RESP_LEGAL` for `NIVEAU_RESPONSABILITE`).
 */
const roots = { BEE_ELEVES: "siecle-pupils", BEE_RESPONSABLES: "siecle-guardians" } as const;

const uaiShape = /^\d{7}[A-Z]$/;

/** SIECLE: 100 is France, in whose letters the country is not written. */
const france = "100";

export async function* readSiecle(
  pieces: AsyncIterable<string>,
  details: Details,
  settings: ReadSettings,
): AsyncGenerator<ReadEvent> {
  let queue: ReadEvent[] = [];
  let format: (typeof roots)[keyof typeof roots] | null = null;
  let isIntroduced = false;

  /** Before the first person: without its school, nothing of the file belongs anywhere. */
  function needSchool(line: number): void {
    if (!isIntroduced) throw new Unreadable("school-missing", line, "UAJ");
  }

  const xml = createXmlItems({
    root(name, line) {
      if (!Object.hasOwn(roots, name)) throw new Unreadable("xml-root", line, name);
      format = roots[name as keyof typeof roots];
    },
    parameter({ name, value, line }) {
      if (name !== "UAJ" || isIntroduced || !format) return;
      const code = value.toUpperCase();
      if (!uaiShape.test(code)) throw new Unreadable("school-missing", line, value);
      isIntroduced = true;
      queue.push({
        type: "about",
        format,
        schoolCode: code,
        lists: [format === "siecle-pupils" ? "pupil" : "guardian"],
      });
    },
    item(item) {
      needSchool(item.line);
      const events = format === "siecle-pupils" ? readPupilItem(item) : readGuardianItem(item);
      queue.push(...events, ...details.takeFaults());
    },
  });

  function readPupilItem(item: XmlItem): ReadEvent[] {
    if (item.section === "ELEVES" && item.name === "ELEVE") return readPupil(item);
    if (item.section === "STRUCTURES") return readClass(item);
    if (item.section === "ADRESSES" && item.name === "ADRESSE") return readAddress(item);
    return [];
  }

  function readGuardianItem(item: XmlItem): ReadEvent[] {
    if (item.section === "PERSONNES" && item.name === "PERSONNE") return readGuardian(item);
    if (item.section === "RESPONSABLES" && item.name === "RESPONSABLE_ELEVE") return readLink(item);
    if (item.section === "ADRESSES" && item.name === "ADRESSE") return readAddress(item);
    return [];
  }

  function readPupil({ attributes, fields, line }: XmlItem): ReadEvent[] {
    const recordId = attributes.ELEVE_ID;
    const identity = details.identity(line, { kind: "pupil", ...namesOf(fields), recordId });
    if (!identity) return [];
    const leftOn = readDay(tidy(fields.DATE_SORTIE ?? ""), settings.today);
    // On the day itself they still come.
    if (leftOn !== null && leftOn < settings.today) {
      details.note(line, "has-left", `${identity.firstName} ${identity.surname}, ${fields.DATE_SORTIE}`);
      return [];
    }
    return [
      {
        type: "person",
        kind: "pupil",
        ...identity,
        birthDate: details.birthDate(line, fields.DATE_NAISS),
        ...details.email(line, fields.MEL),
        mobile: details.mobile(line, fields.TEL_PORTABLE),
        acceptsSms: readYesOrNo(fields.ACCEPTE_SMS),
        ...addressOf(fields),
        line,
      },
    ];
  }

  function readGuardian({ attributes, fields, line }: XmlItem): ReadEvent[] {
    const recordId = attributes.PERSONNE_ID;
    const identity = details.identity(line, { kind: "guardian", ...namesOf(fields), recordId });
    if (!identity) return [];
    return [
      {
        type: "person",
        kind: "guardian",
        ...identity,
        birthDate: null,
        ...details.email(line, fields.MEL),
        mobile: details.mobile(line, fields.TEL_PORTABLE, fields.TEL_PERSONNEL),
        acceptsSms: readYesOrNo(fields.ACCEPTE_SMS),
        ...addressOf(fields),
        line,
      },
    ];
  }

  /** The class is the structure of type D (« division »); groups are no class. */
  function readClass(item: XmlItem): ReadEvent[] {
    const pupilRecordId = tidy(item.attributes.ELEVE_ID ?? "");
    if (item.name !== "STRUCTURES_ELEVE" || !isRecordId(pupilRecordId)) {
      details.note(item.line, "class-unreadable", `<${item.name}>`);
      return [];
    }
    const found = item.groups.find(({ fields }) => tidy(fields.TYPE_STRUCTURE ?? "") === "D");
    const code = tidy(found?.fields.CODE_STRUCTURE ?? "");
    const { classCode } = details.classOf(item.line, code, "");
    return classCode ? [{ type: "class", pupilRecordId, code, name: code, line: item.line }] : [];
  }

  function readAddress({ attributes, fields, line }: XmlItem): ReadEvent[] {
    const addressId = tidy(attributes.ADRESSE_ID ?? "");
    const isAbroad = tidy(fields.CODE_PAYS ?? "") !== "" && tidy(fields.CODE_PAYS ?? "") !== france;
    const town = tidy(fields.LIBELLE_POSTAL ?? "") || tidy(fields.COMMUNE_ETRANGERE ?? "");
    const lines = details.postal([
      fields.LIGNE1_ADRESSE,
      fields.LIGNE2_ADRESSE,
      fields.LIGNE3_ADRESSE,
      fields.LIGNE4_ADRESSE,
      `${fields.CODE_POSTAL ?? ""} ${town}`,
      isAbroad ? fields.LL_PAYS : "",
    ]);
    return !isRecordId(addressId) || lines === null ? [] : [{ type: "address", addressId, lines, line }];
  }

  function readLink({ fields, line }: XmlItem): ReadEvent[] {
    const pupilRecordId = tidy(fields.ELEVE_ID ?? "");
    const guardianRecordId = tidy(fields.PERSONNE_ID ?? "");
    if (!isRecordId(pupilRecordId) || !isRecordId(guardianRecordId)) {
      const recordId = isRecordId(guardianRecordId) ? guardianRecordId : null;
      const what = `ELEVE_ID ${pupilRecordId}, PERSONNE_ID ${guardianRecordId}`;
      details.refuse(line, "link-unreadable", what, { kind: "guardian", recordId, isLink: true });
      return [];
    }
    return [
      {
        type: "link",
        pupilRecordId,
        guardianRecordId,
        level: levelOf(fields),
        kinship: kinshipOf(fields),
        line,
      },
    ];
  }

  const mended = mendTags(pieces, ({ tag, line }) => details.note(line, "unexpected-tag", tag));
  for await (const piece of mended) {
    xml.write(piece);
    const read = queue;
    queue = [];
    yield* read;
  }
  xml.close();
  yield* queue;
}

function namesOf(fields: Record<string, string>) {
  return {
    surname: tidy(fields.NOM_DE_FAMILLE ?? "") || tidy(fields.NOM ?? "") || tidy(fields.NOM_USAGE ?? ""),
    firstName: fields.PRENOM,
  };
}

function addressOf(fields: Record<string, string>): { addressId?: string } {
  const addressId = tidy(fields.ADRESSE_ID ?? "");
  return addressId === "" ? {} : { addressId };
}

/** Of today: 1, 2 or 3 as it stands. Of the last decade: 1 and 2 are the two legal guardians, 0 a contact. */
function levelOf(fields: Record<string, string>): LinkRecord["level"] {
  const level = tidy(fields.NIVEAU_RESPONSABILITE ?? "");
  if (level === "1" || level === "2" || level === "3") return Number(level) as LinkRecord["level"];
  const before = tidy(fields.RESP_LEGAL ?? "");
  return before === "1" || before === "2" ? 1 : 3;
}

/** Codes of today. Those of before (one digit) are kept as they are. */
const kinships = new Map([
  ["10", "mother"],
  ["20", "father"],
]);

function kinshipOf(fields: Record<string, string>): string | null {
  const code = tidy(fields.CODE_PARENTE ?? "");
  if (code === "") return null;
  return kinships.get(code) ?? excerpt(code);
}
