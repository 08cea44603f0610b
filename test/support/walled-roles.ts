import type { Preset } from "../../src/config/preset.ts";
import type { TestPortalOptions } from "./portal.ts";

type Role = Preset["roles"][number];

const office: Role = {
  id: "an-office",
  level: 4,
  name: { fr: "Bureau des familles", en: "Family office", ar: "مكتب العائلات" },
  helps: ["guardian"],
  reach: "establishment",
  relays: ["school-office"],
  may: [
    "people.search",
    "people.see",
    "contact.correct",
    "contact.approve",
    "recovery.send",
    "account.unlock",
    "letters.print",
  ],
};
const boss: Role = {
  ...office,
  id: "a-boss",
  level: 6,
  name: { fr: "Principal", en: "Principal", ar: "المدير" },
  helps: ["guardian", "pupil"],
  relays: ["school-office", "pupil-life-office", "head"],
  may: [
    ...office.may,
    "people.journal",
    "account.close",
    "account.delete-mistyped",
    "establishments.see",
    "registry.import",
    "staff.lend",
    "staff.acts",
  ],
};

/** Roles of the tests' own, which end at walls: what is tried with them holds for whatever roles a preset has. */
export const walledRoles: Record<"office" | "deputy" | "boss" | "builder" | "academy", Role> = {
  office,
  /** Lends, too, though less. */
  deputy: {
    ...boss,
    id: "a-deputy",
    level: 5,
    name: { fr: "Adjoint", en: "Deputy", ar: "نائب المدير" },
    may: [...office.may, "staff.lend"],
  },
  boss,
  /** Stands below the boss, who may not do what it may. */
  builder: { ...office, id: "a-builder", may: ["establishments.see", "establishments.edit"] },
  academy: {
    ...boss,
    id: "an-academy",
    level: 10,
    name: { fr: "Rectorat", en: "Academy", ar: "الأكاديمية" },
  },
};

/** A school portal that has them beside its own. */
export const withWalledRoles: NonNullable<TestPortalOptions["change"]> = (config) => ({
  ...config,
  preset: { ...config.preset, roles: [...config.preset.roles, ...Object.values(walledRoles)] },
});
