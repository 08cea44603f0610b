import { expect, test } from "vitest";
import { inLatin9, siecleGuardians, sieclePupils } from "../../../../test/support/registry-files.ts";
import { zipOf } from "../../../../test/support/zip.ts";
import { readRegistryFile } from "./read-file.ts";
import type { FileRefusal, PersonRecord, ReadEvent, RowFault } from "./record.ts";
import { sourceOfBytes } from "./source.ts";

const settings = { phoneCountry: "FR", today: "2027-03-02" };

async function read(file: string | Buffer, bytesAtMost = 1_000_000): Promise<ReadEvent[]> {
  const bytes = typeof file === "string" ? Buffer.from(file) : file;
  const events: ReadEvent[] = [];
  for await (const event of readRegistryFile(sourceOfBytes("export", bytes), settings, { bytesAtMost })) {
    events.push(event);
  }
  return events;
}

const of = <Type extends ReadEvent["type"]>(events: ReadEvent[], type: Type) =>
  events.filter((event): event is Extract<ReadEvent, { type: Type }> => event.type === type);
const people = async (file: string | Buffer): Promise<PersonRecord[]> => of(await read(file), "person");
const faults = async (file: string | Buffer): Promise<RowFault[]> => of(await read(file), "fault");

async function refusal(file: string | Buffer, bytesAtMost?: number) {
  const events = await read(file, bytesAtMost);
  const [refused] = of(events, "refused") as FileRefusal[];
  // Said last: whoever reads knows that nothing follows.
  expect(events.at(-1)).toBe(refused);
  return refused && { reason: refused.reason, line: refused.line };
}

const csv = (...lines: string[]) =>
  ["type;identifiant;nom;prenom;date_naissance;classe;courriel;portable", ...lines].join("\r\n");

test("pupils of SIECLE are read in ISO-8859-15, with their class, and not with their groups", async () => {
  const file = sieclePupils([
    { id: "12", surname: "LEŠŒUR  DE LA TOUR", firstName: " Zoé ", inClass: "6 A" },
  ]);
  const events = await read(inLatin9(file));
  expect(of(events, "about")).toMatchObject([{ format: "siecle-pupils", schoolCode: "0990001A" }]);
  expect(of(events, "person")).toMatchObject([
    {
      kind: "pupil",
      recordId: "12",
      surname: "LEŠŒUR DE LA TOUR",
      firstName: "Zoé",
      birthDate: "2012-05-31",
    },
  ]);
  expect(of(events, "class")).toMatchObject([{ pupilRecordId: "12", code: "6 A" }]);
  expect(of(events, "fault")).toEqual([]);
});

test("guardians of SIECLE are read in UTF-8, zipped, with their addresses and whom they answer for", async () => {
  const file = siecleGuardians(
    [
      {
        id: "7",
        surname: "LEFÈVRE",
        mobile: "06 39 98 00 01",
        email: "Anne@Example.FR",
        pupils: ["12", "13"],
      },
    ],
    { encoding: "UTF-8" },
  );
  const events = await read(zipOf([{ name: "../ailleurs/Responsables.xml", bytes: Buffer.from(file) }]));
  expect(of(events, "person")).toMatchObject([
    {
      kind: "guardian",
      recordId: "7",
      surname: "LEFÈVRE",
      mobile: "+33639980001",
      email: "Anne@example.fr",
      emailKey: "anne@example.fr",
      addressId: "77",
      acceptsSms: true,
    },
  ]);
  expect(of(events, "link")).toMatchObject([
    { pupilRecordId: "12", guardianRecordId: "7", level: 1, kinship: "mother" },
    { pupilRecordId: "13", guardianRecordId: "7", level: 1 },
  ]);
  expect(of(events, "address")).toMatchObject([
    { addressId: "77", lines: ["1 rue des Lilas", "75000 PARIS"] },
  ]);
});

test("old exports say NOM, and 1 and 2 of the two legal guardians", async () => {
  const pupils = sieclePupils([{ id: "1" }]).replaceAll("NOM_DE_FAMILLE", "NOM");
  expect(await people(inLatin9(pupils))).toMatchObject([{ surname: "MARTIN" }]);
  const guardians = siecleGuardians([
    { id: "7", pupils: ["1"], level: "2" },
    { id: "8", pupils: ["1"], level: "0" },
  ]).replaceAll("NIVEAU_RESPONSABILITE", "RESP_LEGAL");
  expect(of(await read(inLatin9(guardians)), "link").map(({ level }) => level)).toEqual([1, 3]);
});

test("the tag around a class that is misspelt, and closed as it should be, is read and said", async () => {
  const file = sieclePupils([{ id: "1" }, { id: "2", inClass: "5 B" }]);
  const misspelt = file.replace('<STRUCTURES_ELEVE ELEVE_ID="2"', '<STRICTURES_ELEVE ELEVE_ID="2"');
  const events = await read(inLatin9(misspelt));
  expect(of(events, "class").map(({ code }) => code)).toEqual(["6 A", "5 B"]);
  expect(of(events, "fault")).toMatchObject([
    { reason: "unexpected-tag", line: 14, what: "<STRICTURES_ELEVE>", isRefused: false },
  ]);
});

test("a pupil with a leaving date is not taken, and one whose leaving is still to come is", async () => {
  const file = sieclePupils([
    { id: "1", more: "<DATE_SORTIE>01/02/2027</DATE_SORTIE>" },
    { id: "2", more: "<DATE_SORTIE>03/07/2027</DATE_SORTIE>" },
    { id: "3", more: "<DATE_SORTIE>02/03/2027</DATE_SORTIE>" },
  ]);
  const events = await read(inLatin9(file));
  expect(of(events, "person").map(({ recordId }) => recordId)).toEqual(["2", "3"]);
  expect(of(events, "fault")).toMatchObject([{ reason: "has-left", line: 9 }]);
});

test("what says that it is ISO-8859-15 and is UTF-8 from end to end is read as UTF-8", async () => {
  const events = await read(Buffer.from(sieclePupils([{ id: "1", firstName: "Élodie" }])));
  expect(of(events, "person")).toMatchObject([{ firstName: "Élodie" }]);
  expect(of(events, "fault")).toMatchObject([{ reason: "encoding-corrected", isRefused: false }]);
});

test.each([
  ["UTF-8", Buffer.from(csv("eleve;1;Lefèvre;Zoë;31/05/2012;6A;;"))],
  ["UTF-8 with its mark", Buffer.from(`\uFEFF${csv("eleve;1;Lefèvre;Zoë;31/05/2012;6A;;")}`)],
  ["ISO-8859-15", inLatin9(csv("eleve;1;Lefèvre;Zoë;31/05/2012;6A;;"))],
  [
    "Windows-1252",
    Buffer.concat([inLatin9(csv("eleve;1;Lefèvre;Zoë;31/05/2012;6A;;")), Buffer.from([0x0d, 0x0a, 0x92])]),
  ],
])("the plain format is read in %s", async (_, file) => {
  expect((await people(file))[0]).toMatchObject({ surname: "Lefèvre", firstName: "Zoë", classCode: "6A" });
});

test("the plain format has any separator, columns in any order, English names, and links of guardians", async () => {
  const file = `kind,surname,first_name,id,pupils,level,mobile,address,postal_code,city,school
pupil,Petit,Noé,1,,,,,,,0990001A
guardian,"Petit, née Roux",Ève,9,1|2,2,+33 6 39 98 00 01,3 quai Nord,75000,PARIS,0990001A
`;
  const events = await read(file);
  expect(of(events, "person")).toMatchObject([
    { kind: "pupil", recordId: "1", schoolCode: "0990001A", line: 2 },
    {
      kind: "guardian",
      surname: "Petit, née Roux",
      mobile: "+33639980001",
      postal: ["3 quai Nord", "75000 PARIS"],
      line: 3,
    },
  ]);
  expect(of(events, "link")).toMatchObject([
    { guardianRecordId: "9", pupilRecordId: "1", level: 2, line: 3 },
    { guardianRecordId: "9", pupilRecordId: "2" },
  ]);
});

test("what a file says nothing of is told from what it says there is none of", async () => {
  const [said] = await people(csv("responsable;1;Roux;Ève;;;;"));
  expect(said).toMatchObject({ email: null, mobile: null });
  const [unsaid] = await people("type;identifiant;nom;prenom\nresponsable;1;Roux;Ève");
  expect(unsaid?.email).toBeUndefined();
  expect(unsaid?.mobile).toBeUndefined();
});

test("pupils of ONDE", async () => {
  const file = `Nom élève;Nom d'usage élève;Prénom élève;Date naissance;Sexe;INE;Adresse1;Cp1;Commune1;Pays1;Cycle;Niveau;Libellé classe;Identifiant classe
ROUX;;Noé;01/02/2019;M;111111111AA;1 rue du Port;75000;PARIS;FRANCE;CYCLE II;CP;CP de Mme Lune;4242
PETIT;;Zoé;03/02/2019;F;;1 rue du Port;75000;PARIS;FRANCE;CYCLE II;CP;CP de Mme Lune;4242
`;
  const [noe, zoe] = await people(inLatin9(file));
  expect(noe).toMatchObject({
    kind: "pupil",
    recordId: "111111111AA",
    birthDate: "2019-02-01",
    classCode: "4242",
    className: "CP de Mme Lune",
    postal: ["1 rue du Port", "75000 PARIS"],
  });
  expect(zoe?.recordId).toMatch(/^onde-/);
});

test("guardians of ONDE, with several children whom the file only names", async () => {
  const child = "Nom d'usage enfant;Nom de famille enfant;Prénom enfant;Classes enfants";
  const file = `Civilité Responsable;Nom usage responsable;Nom responsable;Prénom responsable;Adresse responsable;CP responsable;Commune responsable;Pays;Courriel;Téléphone domicile;Téléphone travail;Téléphone portable;${child};${child}
MME;;ROUX;Ève;1 rue du Port;75000;PARIS;FRANCE;eve@example.fr;0140000000;;0639980001;;ROUX;Noé;CP;;ROUX;Léa;CM1
M.;;ROUX;Ève;2 rue du Port;75000;PARIS;FRANCE;;0639980002;;;;ROUX;Noé;CP
`;
  const events = await read(file);
  const [eve, other] = of(events, "person");
  expect(eve).toMatchObject({ kind: "guardian", surname: "ROUX", mobile: "+33639980001" });
  expect(other).toMatchObject({ mobile: "+33639980002" });
  expect(other?.recordId).not.toBe(eve?.recordId);
  expect(of(events, "link").map(({ pupilRecordId }) => pupilRecordId)).toEqual([
    "name:roux noe",
    "name:roux lea",
    "name:roux noe",
  ]);
  expect(of(events, "fault")).toEqual([]);
});

test.each([
  ["a birth date that does not exist", "eleve;1;Roux;Noé;31/02/2012;6A;;", "birth-date", { birthDate: null }],
  ["a birth date to come", "eleve;1;Roux;Noé;31/05/2027;6A;;", "birth-date", { birthDate: null }],
  ["a landline", "responsable;1;Roux;Ève;;;;01 40 00 00 00", "mobile-landline", { mobile: undefined }],
  [
    "a landline abroad",
    "responsable;1;Roux;Ève;;;;+44 20 7946 0000",
    "mobile-landline",
    { mobile: undefined },
  ],
  ["a premium number", "responsable;1;Roux;Ève;;;;0899 70 00 00", "mobile-landline", { mobile: undefined }],
  ["a leap day of no leap year", "eleve;1;Roux;Noé;29/02/2013;6A;;", "birth-date", { birthDate: null }],
  ["a birth date of nobody alive", "eleve;1;Roux;Noé;31/05/1812;6A;;", "birth-date", { birthDate: null }],
  ["a number that is none", "responsable;1;Roux;Ève;;;;06 12", "mobile", { mobile: undefined }],
  [
    "a number that a spreadsheet spoilt",
    "responsable;1;Roux;Ève;;;;6,12E+08",
    "mobile",
    { mobile: undefined },
  ],
  [
    "a mobile number abroad",
    "responsable;1;Roux;Ève;;;;+49 170 1234567",
    "mobile-abroad",
    { mobile: "+491701234567" },
  ],
  ["an e-mail address that is none", "responsable;1;Roux;Ève;;;eve@;", "email", { email: undefined }],
])("%s is said, and the person taken over", async (_, line, reason, kept) => {
  const events = await read(csv(line));
  expect(of(events, "fault")).toMatchObject([{ line: 2, reason, isRefused: false }]);
  const [person] = of(events, "person");
  for (const [name, value] of Object.entries(kept)) expect(person?.[name as "email"]).toBe(value);
});

test.each([
  ["no number", "eleve;;Roux;Noé;;;;", "no-record-id", "pupil", null],
  ["a number that is too long", `eleve;${"1".repeat(65)};Roux;Noé;;;;`, "no-record-id", "pupil", null],
  ["no surname", "eleve;1; - ;Noé;;;;", "no-name", "pupil", "1"],
  ["no first name", "responsable;1;Roux;;;;;", "no-name", "guardian", "1"],
  ["a name of 201 letters", `eleve;1;${"a".repeat(201)};Noé;;;;`, "name-too-long", "pupil", "1"],
  ["a kind that there is not", "prof;1;Roux;Noé;;;;", "unknown-kind", null, "1"],
  ["a kind that every object has", "constructor;1;Roux;Noé;;;;", "unknown-kind", null, "1"],
  ["a cell too few", "eleve;1;Roux;Noé;;;", "columns", null, null],
  ["a cell too many", "eleve;1;Roux;Noé;;;;;x", "columns", null, null],
])("a line with %s is refused, and the next one taken", async (_, line, reason, kind, recordId) => {
  const events = await read(csv(line, "eleve;2;Petit;Zoé;;;;"));
  expect(of(events, "fault")).toMatchObject([
    { line: 2, reason, isRefused: true, about: { kind, recordId } },
  ]);
  expect(of(events, "person")).toMatchObject([{ recordId: "2", line: 3 }]);
});

test("empty cells behind the last are a spreadsheet's in every line, and a cell that was parted in one of them", async () => {
  const padded = await read(csv("eleve;1;Roux;Noé;;;;;;", "eleve;2;Petit;Zoé;;;;;;"));
  expect(of(padded, "person")).toHaveLength(2);
  const parted = await read(csv("eleve;1;Roux;Noé;;;;", "eleve;2;Le;Petit;Zoé;;;;"));
  expect(of(parted, "person")).toHaveLength(1);
  expect(of(parted, "fault")).toMatchObject([{ line: 3, reason: "columns" }]);
});

test("of ONDE, whose numbers are made of names, a refused line is nobody's but by the INE", async () => {
  const about = async (file: string) => (await faults(file)).map((fault) => fault.about);
  const pupils = "Nom élève;Prénom élève;INE\nPETIT;;111111111AA\nROUX;;\n";
  expect(await about(pupils)).toMatchObject([{ recordId: "111111111AA" }, { recordId: null }]);
  const child = "Nom de famille enfant;Prénom enfant";
  const guardians = `Nom responsable;Prénom responsable;${child};${child}\nROUX;Luc;ROUX;Zoé\nROUX;Ève;ROU`;
  expect(await about(guardians)).toEqual([{ kind: "guardian", recordId: null }]);
});

test("a word of the file is nothing but a word, also where every object has it", async () => {
  const guardians = siecleGuardians([{ id: "7", pupils: ["1"] }]).replace(">10<", ">constructor<");
  expect(of(await read(inLatin9(guardians)), "link")).toMatchObject([{ kinship: "constructor" }]);
  const plain = "type;identifiant;nom;prenom;eleves;lien\nresponsable;9;Roux;Ève;1;constructor";
  expect(of(await read(plain), "link")).toMatchObject([{ kinship: "constructor" }]);
});

test("names of one letter and of 200 are names", async () => {
  const long = "a".repeat(200);
  const read = await people(csv("eleve;1;O;A;;;;", `eleve;2;${long};${long};;;;`));
  expect(read.map(({ surname }) => surname)).toEqual(["O", long]);
});

test("numbers as people and spreadsheets write them", async () => {
  const written = [
    "0639980001",
    "06.39.98.00.01",
    "+33639980001",
    "0033 6 39 98 00 01",
    "639980001",
    "'+33639980001",
  ];
  const read = await people(
    csv(...written.map((number, index) => `responsable;${index};Roux;Ève;;;;${number}`)),
  );
  expect(new Set(read.map(({ mobile }) => mobile))).toEqual(new Set(["+33639980001"]));
});

const long = "x".repeat(3000);

test.each<[string, string | Buffer, string[]]>([
  ["a class", csv(`eleve;1;Roux;Noé;;${long};;`), ["class-too-long"]],
  [
    "a pupil's number",
    `type;identifiant;nom;prenom;eleves\nresponsable;1;Roux;Ève;${long}`,
    ["link-unreadable"],
  ],
  [
    "a child's name in ONDE",
    `Nom responsable;Prénom responsable;Nom de famille enfant;Prénom enfant\nRoux;Ève;${long};Noé`,
    ["link-unreadable"],
  ],
  ["a class of SIECLE", inLatin9(sieclePupils([{ id: "1", inClass: long }])), ["class-too-long"]],
  [
    "numbers of SIECLE",
    inLatin9(
      siecleGuardians([{ id: "7", pupils: [long] }]).replaceAll(/ADRESSE_ID(="|>)77/g, `ADRESSE_ID$1${long}`),
    ),
    ["link-unreadable"],
  ],
])("%s that no index holds is left out, and the person taken over", async (_, file, reasons) => {
  const events = await read(file);
  expect(of(events, "fault").map(({ reason }) => reason)).toEqual(reasons);
  expect(of(events, "person")).toHaveLength(1);
  for (const type of ["link", "class", "address"] as const) expect(of(events, type)).toEqual([]);
  expect(of(events, "person")[0]?.classCode).toBeUndefined();
});

test("whether a person agrees to SMS is yes, no, or not said", async () => {
  const file = (said: string) => `type;identifiant;nom;prenom;accepte_sms\nresponsable;1;Roux;Ève;${said}`;
  const read = await Promise.all(["oui", "1", "non", "0", "", "?"].map((said) => people(file(said))));
  expect(read.map(([one]) => one?.acceptsSms)).toEqual([true, true, false, false, undefined, undefined]);
  const siecle = siecleGuardians([{ id: "7" }]).replace("<ACCEPTE_SMS>1<", "<ACCEPTE_SMS>0<");
  expect((await people(inLatin9(siecle)))[0]?.acceptsSms).toBe(false);
});

test("lines are counted where cells hold line breaks and lines are empty", async () => {
  const file = csv('eleve;1;"Du\r\npont";Noé;;;;', "", ";;;;;;;", "eleve;2;Petit;Zoé;99/99/2012;;;");
  expect(await faults(file)).toMatchObject([{ line: 6, reason: "birth-date" }]);
  expect((await people(file))[0]?.surname).toBe("Du pont");
});

const pupil = sieclePupils([{ id: "1" }, { id: "2" }]);
const bomb = `<!DOCTYPE BEE_ELEVES [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>\n`;

test.each<[string, string | Buffer, string, number | null]>([
  ["an empty file", "", "empty", null],
  ["an empty archive", zipOf([]), "zip-nothing", null],
  [
    "an archive of two files",
    zipOf([1, 2].map((n) => ({ name: `${n}.xml`, bytes: inLatin9(pupil) }))),
    "zip-several",
    null,
  ],
  ["an archive of a picture", zipOf([{ name: "a.png", bytes: Buffer.from("x") }]), "zip-nothing", null],
  [
    "an archive cut off",
    zipOf([{ name: "a.xml", bytes: inLatin9(pupil) }]).subarray(0, 200),
    "zip-broken",
    null,
  ],
  [
    "a spreadsheet",
    zipOf([
      { name: "[Content_Types].xml", bytes: Buffer.from("<x/>") },
      { name: "xl/a.xml", bytes: Buffer.from("<x/>") },
    ]),
    "unknown-format",
    null,
  ],
  [
    "an archive that lies about its size",
    zipOf([{ name: "a.xml", bytes: inLatin9(pupil), saidSize: 10 }]),
    "zip-broken",
    null,
  ],
  ["a zip bomb", zipOf([{ name: "a.xml", bytes: Buffer.alloc(20_000_000, "<a>") }]), "zip-bomb", null],
  [
    "entities of its own",
    inLatin9(sieclePupils([{ id: "1", firstName: "&b;" }], { doctype: bomb })),
    "xml-doctype",
    2,
  ],
  ["an entity that there is not", inLatin9(sieclePupils([{ id: "1", firstName: "&x;" }])), "xml-broken", 9],
  ["another root", inLatin9(sieclePupils([{ id: "1" }], { root: "BEE_STS" })), "xml-root", 2],
  ["a page of the web", "<!DOCTYPE html><html></html>", "xml-doctype", 1],
  ["XML cut off in a tag", inLatin9(pupil.slice(0, pupil.indexOf("</ELEVES>") + 5)), "xml-truncated", 11],
  ["XML cut off between tags", inLatin9(pupil.slice(0, pupil.indexOf("</ELEVES>"))), "xml-truncated", 11],
  ["tags that do not match", inLatin9(pupil.replace("</PRENOM>", "</NOM>")), "xml-broken", 9],
  ["no school", inLatin9(sieclePupils([{ id: "1" }], { uai: null })), "school-missing", 9],
  ["a school that is no UAI", inLatin9(sieclePupils([{ id: "1" }], { uai: "12" })), "school-missing", 4],
  [
    "UTF-8 that is none",
    inLatin9(sieclePupils([{ id: "1", firstName: "Zoé" }], { encoding: "UTF-8" })),
    "encoding-wrong",
    1,
  ],
  [
    "an encoding that nobody has",
    inLatin9(sieclePupils([{ id: "1" }], { encoding: "EBCDIC-FR" })),
    "encoding-unknown",
    1,
  ],
  [
    "an encoding that is a word of the program",
    inLatin9(sieclePupils([{ id: "1" }], { encoding: "constructor" })),
    "encoding-unknown",
    1,
  ],
  ["UTF-16", Buffer.from("\uFEFFtype;identifiant", "utf16le"), "encoding-unknown", 1],
  [
    "a value without end",
    inLatin9(sieclePupils([{ id: "1", firstName: "a".repeat(5000) }])),
    "xml-too-long",
    9,
  ],
  [
    "a person of more fields than any has",
    inLatin9(sieclePupils([{ id: "1", more: "<X><A>1</A></X>".repeat(501) }])),
    "xml-too-long",
    9,
  ],
  ["a tag without end", `<BEE_ELEVES ${"a".repeat(400_000)}`, "xml-too-long", 1],
  ["a document", Buffer.from("%PDF-1.7\n\0\0\0"), "unknown-format", null],
  ["a letter", "Bonjour Madame\nvoici nos élèves\n", "unknown-format", null],
  ["columns that are missing", "nom;prenom\nRoux;Ève\n", "csv-header", 1],
  ["a quote without end", csv('eleve;1;"Roux;Noé;;;;', "eleve;2;Petit;Zoé;;;;"), "csv-quotes", 2],
  ["a line without end", csv(`eleve;1;"${"a".repeat(80_000)}";Noé;;;;`), "csv-too-long", 2],
])("%s is refused, with its line", async (_, file, reason, line) => {
  expect(await refusal(file)).toEqual({ reason, line });
});

test("more text than may be read is refused, packed or not", async () => {
  expect(await refusal(csv("eleve;1;Roux;Noé;;;;"), 50)).toEqual({ reason: "too-large", line: null });
  const packed = zipOf([{ name: "a.csv", bytes: Buffer.from(csv("eleve;1;Roux;Noé;;;;")) }]);
  expect(await refusal(packed, 50)).toEqual({ reason: "zip-bomb", line: null });
});
