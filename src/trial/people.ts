import type { Preset } from "../config/preset.ts";
import { schoolPeople } from "./school-people.ts";
import { active, declared, email, mobile, type TrialPerson } from "./trial-person.ts";

/** The same for everybody who has one: it is printed on `/_trial`, and exists nowhere else. */
export const trialPassword = "marelle-cerise-tambour";

/** What the telephones of the invented staff know, in base 32: `/_trial` shows the codes that they would show. */
export const trialSecret = "LOQUETTRIALONLYNEVERUSEELSEWHERE";

/** Who runs the portal; in every preset the same. */
const operator = (username: string | null): TrialPerson => ({
  story: "operator",
  name: "Olivier Blanc",
  kind: "staff",
  username,
  role: "operator",
  ...active,
  contacts: [email("olivier.blanc@example.org")],
});

/** The support team of a portal without schools: one person, and who runs it. */
const staff: TrialPerson[] = [
  {
    story: "support",
    name: "Nadia Cherif",
    kind: "staff",
    username: null,
    role: "support",
    ...active,
    contacts: [email("nadia.cherif@example.org")],
  },
  operator(null),
];

const school: TrialPerson[] = [...schoolPeople, operator("o.blanc")];

const community: TrialPerson[] = [
  {
    story: "member",
    name: "Léa Moreau",
    kind: "member",
    username: null,
    nickname: "lea_m",
    ...active,
    contacts: [email("lea.moreau@example.org")],
  },
  {
    story: "not-confirmed",
    name: "Karim Haddad",
    kind: "member",
    username: null,
    nickname: "karim.h",
    status: "pending",
    hasPassword: true,
    contacts: [email("karim.haddad@example.fr", { state: "declared" })],
  },
  {
    story: "locked",
    name: "Paul Durand",
    kind: "member",
    username: null,
    nickname: "paul-d",
    ...active,
    isLocked: true,
    contacts: [email("paul.durand@example.fr")],
  },
  {
    story: "dead-email",
    name: "Julie Garnier",
    kind: "member",
    username: null,
    nickname: "jgarnier",
    ...active,
    contacts: [email("julie.garnier@example.fr", { deadReason: "550 5.1.1 No such mailbox" })],
  },
  {
    story: "disabled",
    name: "Marc Lefèvre",
    kind: "member",
    username: null,
    nickname: "marc_l",
    status: "disabled",
    hasPassword: true,
    contacts: [email("marc.lefevre@example.fr")],
  },
  ...staff,
];

const service: TrialPerson[] = [
  {
    story: "member",
    name: "Léa Moreau",
    kind: "member",
    username: null,
    ...active,
    contacts: [email("lea.moreau@example.org"), mobile("11")],
  },
  {
    story: "own-username",
    name: "Thomas Roux",
    kind: "member",
    username: "troux",
    ...active,
    contacts: [email("thomas.roux@example.org")],
  },
  {
    story: "not-confirmed",
    name: "Karim Haddad",
    kind: "member",
    username: null,
    status: "pending",
    hasPassword: true,
    contacts: [email("karim.haddad@example.fr", { state: "declared" })],
  },
  {
    story: "number-changed",
    name: "Sofia Lopes",
    kind: "member",
    username: null,
    ...active,
    contacts: [email("sofia.lopes@example.fr"), mobile("12", declared)],
  },
  {
    story: "locked",
    name: "Paul Durand",
    kind: "member",
    username: null,
    ...active,
    isLocked: true,
    contacts: [email("paul.durand@example.fr"), mobile("13")],
  },
  {
    story: "dead-email",
    name: "Julie Garnier",
    kind: "member",
    username: null,
    ...active,
    contacts: [email("julie.garnier@example.fr", { deadReason: "550 5.1.1 No such mailbox" }), mobile("14")],
  },
  {
    story: "disabled",
    name: "Marc Lefèvre",
    kind: "member",
    username: null,
    status: "disabled",
    hasPassword: true,
    contacts: [email("marc.lefevre@example.fr")],
  },
  ...staff,
];

/** Everybody whom the trial of a preset knows, the plainest story first. */
export function listTrialPeople(presetName: Preset["name"]): TrialPerson[] {
  return { school, community, service }[presetName];
}
