import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { nameOf } from "./people-names.ts";

export const peopleOfSchool = 1000;
const classesOfSchool = 20;

/** The UAI of a school of the bench. */
export const schoolCode = (index: number): string => `9${String(index).padStart(6, "0")}A`;

/**
 * Writes a registry in the plain format: four pupils for six guardians, each pupil with one or two of them, everybody
 * reached by something; a thousand people a school.
 */
export async function writeRegistry(path: string, people: number): Promise<void> {
  const file = createWriteStream(path);
  const say = async (line: string) => {
    if (!file.write(line)) await once(file, "drain");
  };
  await say(
    "type;identifiant;nom;prenom;date_naissance;classe;courriel;portable;adresse;code_postal;ville;uai;eleves\n",
  );
  for (let index = 0; index < people; index++) {
    const school = Math.floor(index / peopleOfSchool);
    const within = index % peopleOfSchool;
    const uai = schoolCode(school);
    const [firstName = "", ...rest] = nameOf(index).split(" ");
    const surname = rest.join(" ");
    if (within < 0.4 * peopleOfSchool) {
      const born = `${String((index % 28) + 1).padStart(2, "0")}/${String((index % 12) + 1).padStart(2, "0")}/${2008 + (index % 8)}`;
      await say(`eleve;${index};${surname};${firstName};${born};${within % classesOfSchool};;;;;;${uai};\n`);
    } else {
      const pupil = school * peopleOfSchool + (within % (0.4 * peopleOfSchool));
      const number = `06${String(39_980_000 + (index % 10_000)).padStart(8, "0")}`;
      const other = `07${String(50_000_000 + (index % 9_000_000)).padStart(8, "0")}`;
      const mobile = index % 5 === 0 ? number : other;
      await say(
        `responsable;${index};${surname};${firstName};;;p${index}@bench.example;${mobile};${(index % 90) + 1} rue des Lilas;75000;PARIS;${uai};${pupil}\n`,
      );
    }
  }
  file.end();
  await once(file, "close");
}
