/** Invented files of registries, in the shapes that schools export. */
export interface SiecleShape {
  uai?: string | null;
  root?: string;
  encoding?: string;
  doctype?: string;
}

const frame = (kind: "ELEVES" | "RESPONSABLES", shape: SiecleShape, data: string): string => {
  const root = shape.root ?? `BEE_${kind}`;
  const uai = shape.uai === undefined ? "0990001A" : shape.uai;
  return `<?xml version="1.0" encoding="${shape.encoding ?? "ISO-8859-15"}"?>
${shape.doctype ?? ""}<${root} VERSION="3.0">
  <PARAMETRES>
    ${uai === null ? "" : `<UAJ>${uai}</UAJ>`}
    <ANNEE_SCOLAIRE>2026</ANNEE_SCOLAIRE>
  </PARAMETRES>
  <DONNEES>
${data}
  </DONNEES>
</${root}>
`;
};

export interface PupilShape {
  id: string;
  surname?: string;
  firstName?: string;
  born?: string;
  inClass?: string;
  more?: string;
}

export function sieclePupils(pupils: PupilShape[], shape: SiecleShape & { more?: string } = {}): string {
  const eleves = pupils.map(
    ({ id, surname = "MARTIN", firstName = "Léa", born = "31/05/2012", more = "" }) =>
      `<ELEVE ELEVE_ID="${id}"><NOM_DE_FAMILLE>${surname}</NOM_DE_FAMILLE><PRENOM>${firstName}</PRENOM>` +
      `<DATE_NAISS>${born}</DATE_NAISS><VILLE_NAISS/>${more}</ELEVE>`,
  );
  const classes = pupils.map(
    ({ id, inClass = "6 A" }) =>
      `<STRUCTURES_ELEVE ELEVE_ID="${id}"><STRUCTURE><CODE_STRUCTURE>6GR1</CODE_STRUCTURE>` +
      `<TYPE_STRUCTURE>G</TYPE_STRUCTURE></STRUCTURE><STRUCTURE><CODE_STRUCTURE>${inClass}</CODE_STRUCTURE>` +
      `<TYPE_STRUCTURE>D</TYPE_STRUCTURE></STRUCTURE></STRUCTURES_ELEVE>`,
  );
  return frame(
    "ELEVES",
    shape,
    `<ELEVES>\n${eleves.join("\n")}\n</ELEVES>\n<STRUCTURES>\n${classes.join("\n")}\n</STRUCTURES>\n${shape.more ?? ""}`,
  );
}

export interface GuardianShape {
  id: string;
  surname?: string;
  firstName?: string;
  mobile?: string;
  email?: string;
  pupils?: string[];
  level?: string;
  more?: string;
}

export function siecleGuardians(guardians: GuardianShape[], shape: SiecleShape = {}): string {
  const people = guardians.map(
    ({ id, surname = "MARTIN", firstName = "Anne", mobile = "", email = "", more = "" }) =>
      `<PERSONNE PERSONNE_ID="${id}"><NOM_DE_FAMILLE>${surname}</NOM_DE_FAMILLE><PRENOM>${firstName}</PRENOM>` +
      `<TEL_PORTABLE>${mobile}</TEL_PORTABLE><ACCEPTE_SMS>1</ACCEPTE_SMS><MEL>${email}</MEL>` +
      `<ADRESSE_ID>77</ADRESSE_ID>${more}</PERSONNE>`,
  );
  const links = guardians.flatMap(({ id, pupils = [], level = "1" }) =>
    pupils.map(
      (pupil) =>
        `<RESPONSABLE_ELEVE><ELEVE_ID>${pupil}</ELEVE_ID><PERSONNE_ID>${id}</PERSONNE_ID>` +
        `<NIVEAU_RESPONSABILITE>${level}</NIVEAU_RESPONSABILITE><CODE_PARENTE>10</CODE_PARENTE></RESPONSABLE_ELEVE>`,
    ),
  );
  return frame(
    "RESPONSABLES",
    shape,
    `<PERSONNES>\n${people.join("\n")}\n</PERSONNES>\n<RESPONSABLES>\n${links.join("\n")}\n</RESPONSABLES>
<ADRESSES><ADRESSE ADRESSE_ID="77"><LIGNE1_ADRESSE>1  rue des Lilas</LIGNE1_ADRESSE><LIGNE2_ADRESSE></LIGNE2_ADRESSE>
<CODE_POSTAL>75000</CODE_POSTAL><LIBELLE_POSTAL>PARIS</LIBELLE_POSTAL><CODE_PAYS>100</CODE_PAYS></ADRESSE></ADRESSES>`,
  );
}

const latin9: Record<string, number> = {
  "€": 0xa4,
  Š: 0xa6,
  š: 0xa8,
  Ž: 0xb4,
  ž: 0xb8,
  Œ: 0xbc,
  œ: 0xbd,
  Ÿ: 0xbe,
};

/** A text in ISO-8859-15, which Node reads and does not write. */
export const inLatin9 = (text: string): Buffer =>
  Buffer.from([...text].map((letter) => latin9[letter] ?? letter.charCodeAt(0)));
