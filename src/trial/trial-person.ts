import type { ContactChannel, ContactPoint, Kind } from "../accounts/accounts.ts";

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
  place?: TrialPlace;
}

/** Where somebody stands in the invented schools (`schools.ts`). */
export interface TrialPlace {
  /** Code of their school, or of the academy that they work at: a role with walls is given there. */
  code: string;
  classCode?: string;
  /** Such as 2015-03-14. */
  birthDate?: string;
  /** The lines of their address. */
  postal?: string[];
  /** The pupils for whom they answer, as the registry says, by username. */
  children?: { username: string; level: 1 | 2 | 3; kinship: string | null }[];
}

export interface TrialContact {
  channel: ContactChannel;
  address: string;
  state: ContactPoint["state"];
  origin: ContactPoint["origin"];
  /** The address refused our messages: why. */
  deadReason?: string;
}

export const email = (address: string, more: Partial<TrialContact> = {}): TrialContact => ({
  channel: "email",
  address,
  state: "verified",
  origin: "person",
  ...more,
});
export const mobile = (lastDigits: string, more: Partial<TrialContact> = {}): TrialContact => ({
  channel: "sms",
  address: `+336399800${lastDigits}`,
  state: "verified",
  origin: "person",
  ...more,
});
export const declared = { state: "declared", origin: "registry" } as const;
export const active = { status: "active", hasPassword: true } as const;

/** What to type at sign-in to be this person. */
export function identifierOf(person: TrialPerson): string {
  return person.username ?? person.contacts[0]?.address ?? "";
}
