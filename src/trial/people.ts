import type { ContactChannel, ContactPoint, Kind } from "../accounts/accounts.ts";
import type { Preset } from "../config/preset.ts";

/**
 * The invented people of a trial: one for each story that a newcomer should be able to live through. Their
 * addresses are reserved for examples (RFC 2606), and their numbers for fiction (ARCEP: 06 39 98 00 00 to 99).
 */
export interface TrialPerson {
  /** Also the key of the story's words: `trial.story.<story>`. */
  story: string;
  name: string;
  kind: Kind;
  /** Null: only the e-mail address names the account. */
  username: string | null;
  nickname?: string;
  status: "active" | "pending" | "disabled";
  /** False: never activated, so there is no password yet. */
  hasPassword: boolean;
  isLocked?: boolean;
  /** A role of the preset: with it comes a second factor, set up with `trialSecret`. */
  role?: string;
  contacts: TrialContact[];
}

export interface TrialContact {
  channel: ContactChannel;
  address: string;
  state: ContactPoint["state"];
  origin: ContactPoint["origin"];
  /** The address refused our messages: why. */
  deadReason?: string;
}

/** The same for everybody who has one: it is printed on `/_trial`, and exists nowhere else. */
export const trialPassword = "marelle-cerise-tambour";

/** What the telephones of the invented staff know, in base 32: `/_trial` shows the codes that they would show. */
export const trialSecret = "LOQUETTRIALONLYNEVERUSEELSEWHERE";

const email = (address: string, more: Partial<TrialContact> = {}): TrialContact => ({
  channel: "email",
  address,
  state: "verified",
  origin: "person",
  ...more,
});
const mobile = (lastDigits: string, more: Partial<TrialContact> = {}): TrialContact => ({
  channel: "sms",
  address: `+336399800${lastDigits}`,
  state: "verified",
  origin: "person",
  ...more,
});
const declared = { state: "declared", origin: "registry" } as const;
const active = { status: "active", hasPassword: true } as const;

/** One person of the support team and one operator; in every preset the same two. */
const staff = (supportRole: string, hasUsernames: boolean): TrialPerson[] => [
  {
    story: "support",
    name: "Nadia Cherif",
    kind: "staff",
    username: hasUsernames ? "n.cherif" : null,
    role: supportRole,
    ...active,
    contacts: [email("nadia.cherif@example.org")],
  },
  {
    story: "operator",
    name: "Olivier Blanc",
    kind: "staff",
    username: hasUsernames ? "o.blanc" : null,
    role: "operator",
    ...active,
    contacts: [email("olivier.blanc@example.org")],
  },
];

const school: TrialPerson[] = [
  {
    story: "guardian",
    name: "Claire Martin",
    kind: "guardian",
    username: "c.martin",
    ...active,
    contacts: [email("famille.martin@example.fr"), mobile("01")],
  },
  {
    story: "family-mailbox",
    name: "Noé Martin",
    kind: "pupil",
    username: "n.martin3",
    ...active,
    contacts: [email("famille.martin@example.fr")],
  },
  {
    story: "family-mailbox",
    name: "Jade Martin",
    kind: "pupil",
    username: "j.martin12",
    ...active,
    contacts: [email("famille.martin@example.fr")],
  },
  {
    story: "pupil",
    name: "Lina Benali",
    kind: "pupil",
    username: "l.benali",
    ...active,
    contacts: [email("lina.benali@example.org")],
  },
  {
    story: "number-changed",
    name: "Samir Benali",
    kind: "guardian",
    username: "s.benali",
    ...active,
    contacts: [email("samir.benali@example.org"), mobile("02", declared)],
  },
  {
    story: "no-email",
    name: "Hugo Petit",
    kind: "pupil",
    username: "h.petit",
    ...active,
    contacts: [],
  },
  {
    story: "locked",
    name: "Paul Durand",
    kind: "guardian",
    username: "p.durand",
    ...active,
    isLocked: true,
    contacts: [email("paul.durand@example.fr"), mobile("03")],
  },
  {
    story: "not-activated",
    name: "Inès Robert",
    kind: "guardian",
    username: "i.robert",
    status: "pending",
    hasPassword: false,
    contacts: [email("ines.robert@example.fr", declared), mobile("04", declared)],
  },
  {
    story: "dead-email",
    name: "Julie Garnier",
    kind: "guardian",
    username: "j.garnier",
    ...active,
    contacts: [email("julie.garnier@example.fr", { deadReason: "550 5.1.1 No such mailbox" }), mobile("05")],
  },
  {
    story: "disabled",
    name: "Marc Lefèvre",
    kind: "guardian",
    username: "m.lefevre",
    status: "disabled",
    hasPassword: true,
    contacts: [email("marc.lefevre@example.fr"), mobile("06")],
  },
  {
    story: "staff",
    name: "Anne Moreau",
    kind: "staff",
    username: "a.moreau",
    ...active,
    contacts: [email("anne.moreau@example.org"), mobile("07")],
  },
  ...staff("academic-support", true),
];

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
  ...staff("support", false),
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
  ...staff("support", false),
];

/** Everybody whom the trial of a preset knows, the plainest story first. */
export function listTrialPeople(presetName: Preset["name"]): TrialPerson[] {
  return { school, community, service }[presetName];
}

/** What to type at sign-in to be this person. */
export function identifierOf(person: TrialPerson): string {
  return person.username ?? person.contacts[0]?.address ?? "";
}
