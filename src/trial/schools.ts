import type { DayOfWeek } from "../config/preset.ts";

/**
 * The invented academy of the school's trial, with a collège and a lycée. There is no département 00, so that neither
 * a code nor a town of theirs is anybody's; their telephones are numbers for fiction (ARCEP: 03 53 01 00 00 to 99 99).
 */
export interface TrialSchool {
  type: "academy" | "school";
  code: string;
  name: string;
  postal: string[];
  phone: string | null;
  email: string | null;
  /** What its own relays say, as in a file of establishments. */
  relays: Record<string, { hours?: Record<DayOfWeek, string[]>; lines?: Record<string, string[]> }>;
  classes: { code: string; name: string }[];
}

export const academyCode = "VALMONT";
export const collegeCode = "0000101K";
export const lyceeCode = "0000102L";

const officeHours = {
  mon: ["07:45-12:00", "13:15-17:30"],
  tue: ["07:45-12:00", "13:15-17:30"],
  wed: ["07:45-12:00"],
  thu: ["07:45-12:00", "13:15-17:30"],
  fri: ["07:45-12:00", "13:15-16:45"],
  sat: [],
  sun: [],
};

/** The academy first, then its schools. */
export const trialSchools: TrialSchool[] = [
  {
    type: "academy",
    code: academyCode,
    name: "Académie de Valmont",
    postal: ["3 place du Rectorat", "00000 VALMONT"],
    phone: "03 53 01 00 01",
    email: "assistance@example.org",
    relays: {},
    classes: [],
  },
  {
    type: "school",
    code: collegeCode,
    name: "Collège des Tilleuls",
    postal: ["12 rue des Écoles", "00100 SAINT-AURE"],
    phone: "03 53 01 00 10",
    email: "college-des-tilleuls@example.org",
    relays: {
      "school-office": {
        hours: officeHours,
        lines: {
          fr: [
            "Bâtiment A, rez-de-chaussée. Téléphone : 03 53 01 00 10.",
            "Préparez le nom et la classe de l’élève.",
          ],
          en: [
            "Building A, ground floor. Telephone: 03 53 01 00 10.",
            "Have the pupil’s name and class ready.",
          ],
          ar: ["المبنى A، الطابق الأرضي. الهاتف: 03 53 01 00 10.", "حضّروا اسم التلميذ وصفّه."],
        },
      },
      "pupil-life-office": {
        hours: { ...officeHours, wed: ["07:45-12:30"] },
        lines: {
          fr: ["Bâtiment B, à côté de la cour. Passez aux récréations."],
          en: ["Building B, next to the playground. Come at break time."],
          ar: ["المبنى B، بجانب الساحة. تعالوا في أوقات الاستراحة."],
        },
      },
    },
    classes: [
      { code: "6A", name: "6e A" },
      { code: "4B", name: "4e B" },
    ],
  },
  {
    type: "school",
    code: lyceeCode,
    name: "Lycée du Vieux-Pont",
    postal: ["1 quai du Vieux-Pont", "00200 VALMONT-SUR-ORLE"],
    phone: "03 53 01 00 20",
    email: "lycee-du-vieux-pont@example.org",
    relays: {},
    classes: [{ code: "2C", name: "2de C" }],
  },
];
