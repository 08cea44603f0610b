import { collegeCode } from "./schools.ts";
import type { TrialPerson } from "./trial-person.ts";

const columns = [
  "uai",
  "type",
  "identifiant",
  "nom",
  "prenom",
  "date_naissance",
  "classe",
  "courriel",
  "portable",
  "eleves",
  "niveau",
  "lien",
] as const;
type Line = Partial<Record<(typeof columns)[number], string>>;

/** The number that the registry gives to the person at this place of the list: the same at each start. */
export const recordIdOf = (index: number): string => String(1001 + index);

/**
 * What the collège's registry says today, in the plain format of docs/registry-import.md: the invented people, with a
 * pupil and a guardian who are new, one pupil in a new class, and one number that changed.
 */
export function writeTrialRegistry(people: TrialPerson[]): string {
  const lines: Line[] = people.flatMap(({ name, kind, contacts, place, username }, index): Line[] => {
    if (place?.code !== collegeCode || kind === "staff") return [];
    const [prenom = "", ...nom] = name.split(" ");
    const who = { type: kind === "pupil" ? "élève" : "responsable", identifiant: recordIdOf(index) };
    const reached = (channel: "email" | "sms") =>
      contacts.find((contact) => contact.channel === channel)?.address ?? "";
    const tie = place.children?.[0];
    return [
      {
        ...who,
        nom: nom.join(" "),
        prenom,
        date_naissance: place.birthDate ?? "",
        classe: username === "j.martin12" ? "4C" : (place.classCode ?? ""),
        courriel: reached("email"),
        portable: username === "s.benali" ? "+33639980012" : reached("sms"),
        eleves: (place.children ?? [])
          .map((one) => recordIdOf(people.findIndex((pupil) => pupil.username === one.username)))
          .join("|"),
        niveau: tie ? String(tie.level) : "",
        lien: tie?.kinship ?? "",
      },
    ];
  });
  const nina: Line[] = [
    {
      type: "élève",
      identifiant: "1101",
      nom: "Fabre",
      prenom: "Nina",
      date_naissance: "2015-01-20",
      classe: "6A",
    },
    {
      type: "responsable",
      identifiant: "1102",
      nom: "Fabre",
      prenom: "Luc",
      courriel: "luc.fabre@example.fr",
      portable: "+33639980013",
      eleves: "1101",
      niveau: "1",
      lien: "father",
    },
  ];
  const all = [...lines, ...nina].map((line) => ({ uai: collegeCode, ...line }));
  const cells = all.map((line: Line) => columns.map((column) => line[column] ?? "").join(";"));
  return `${[columns.join(";"), ...cells].join("\r\n")}\r\n`;
}
