import { hash } from "node:crypto";
import type { PersonRecord } from "./read/record.ts";
import type { KnownContact } from "./registry.store.ts";

/** What a registry's file says of a person, as an import keeps it. What it says nothing of is left out. */
export type PersonData = Pick<
  PersonRecord,
  | "surname"
  | "firstName"
  | "birthDate"
  | "classCode"
  | "className"
  | "email"
  | "emailKey"
  | "mobile"
  | "acceptsSms"
  | "postal"
>;

/** What differs from what is known: `registry-import.change.<name>`. */
export type Change =
  | "name"
  | "birth-date"
  | "class"
  // The same class, which is called otherwise now.
  | "class-name"
  | "postal"
  | "email"
  | "mobile"
  | "accepts-sms"
  // The person proved another one: both are kept, and staff decide.
  | "email-conflict"
  | "mobile-conflict"
  // Found by name and birth date, or by name and child, under another number.
  | "record"
  // The person said that contact points were changed without them: nothing is added until that is over.
  | "frozen"
  // Somebody who works on the desk: their contact points are never set by another's hand (promise 7).
  | "staff";

export interface Known {
  name: string;
  surname: string;
  firstName: string;
  birthDate: string | null;
  /** Null: none. */
  classCode: string | null;
  className: string | null;
  /** JSON. */
  postal: string | null;
  /** Null: never said. */
  acceptsSms: boolean | null;
  /** Every one, the newest first. */
  contacts: KnownContact[];
  isFrozen: boolean;
  /** Whether they have a role on the desk. */
  isStaff: boolean;
}

export interface ContactPlan {
  channel: "email" | "sms";
  /** To be added; null where the registry has none any more. */
  add: { address: string; key: string } | null;
  /** Declared by the registry before, and proved by nobody: it serves no more. */
  retire: KnownContact[];
  isConflict: boolean;
}

/** 128 bits of what a file says of a person: the same for the same words, in whatever order the file has them. */
export function digestOf(data: PersonData): string {
  return hash("sha256", canonical(data), "base64url").slice(0, 22);
}

const canonical = (data: PersonData) =>
  JSON.stringify([
    data.surname,
    data.firstName,
    data.birthDate,
    said(data.classCode),
    said(data.className),
    said(data.email),
    said(data.mobile),
    said(data.acceptsSms),
    said(data.postal),
  ]);

/** What a file says nothing of is told from what it says there is none of. */
const said = <Value>(value: Value | undefined) => (value === undefined ? "-" : [value]);

export const nameOf = ({ firstName, surname }: Pick<PersonData, "firstName" | "surname">): string =>
  `${firstName} ${surname}`;

/** What of a known person is to be changed for what a registry says now. */
export function compare(data: PersonData, known: Known): { changes: Change[]; contacts: ContactPlan[] } {
  const changes: Change[] = [];
  if (data.surname !== known.surname || data.firstName !== known.firstName) changes.push("name");
  if (data.birthDate !== null && data.birthDate !== known.birthDate) changes.push("birth-date");
  if (data.classCode !== undefined && data.classCode !== known.classCode) changes.push("class");
  else if (isNamed(data) && data.className !== known.className) changes.push("class-name");
  if (data.postal !== undefined && postalText(data.postal) !== known.postal) changes.push("postal");
  if (data.acceptsSms !== undefined && data.acceptsSms !== known.acceptsSms) changes.push("accepts-sms");
  const plans = [
    planContact("email", toAddress(data.email, data.emailKey), known.contacts),
    planContact("sms", toAddress(data.mobile, data.mobile), known.contacts),
  ].filter((plan) => plan !== null);
  if (plans.length > 0 && known.isStaff) return { changes: [...changes, "staff"], contacts: [] };
  if (plans.length > 0 && known.isFrozen) return { changes: [...changes, "frozen"], contacts: [] };
  for (const { channel, isConflict } of plans) {
    const what = channel === "email" ? "email" : "mobile";
    changes.push(isConflict ? `${what}-conflict` : what);
  }
  return { changes, contacts: plans };
}

/** A class has its code for a name where the file gives it no other: that is no news of its name. */
const isNamed = ({ classCode, className }: PersonData) => classCode != null && className !== classCode;

export const postalText = (lines: string[] | null | undefined): string | null =>
  lines === null || lines === undefined ? null : JSON.stringify(lines);

const isTakenBack = ({ state, retired_by }: KnownContact) =>
  state === "obsolete" && retired_by === "registry";

type Said = { address: string; key: string } | null | undefined;

function toAddress(address: string | null | undefined, key: string | null | undefined): Said {
  return address ? { address, key: key ?? address } : address === null ? null : undefined;
}

/**
 * What a registry says is new when it differs from what it said the last time: what a person or staff put right since
 * then is not undone by a registry that still has the old one. What the person proved is never touched. What the registry
 * itself took back, and says again, is as new as any other.
 */
function planContact(
  channel: ContactPlan["channel"],
  now: Said,
  contacts: KnownContact[],
): ContactPlan | null {
  if (now === undefined) return null;
  const own = contacts.filter((point) => point.channel === channel);
  const live = own.filter(({ state }) => state !== "obsolete");
  const retire = live.filter(({ origin, state }) => origin === "registry" && state === "declared");
  if (now === null) return retire.length === 0 ? null : { channel, add: null, retire, isConflict: false };
  const lastSaid = own.find((point) => point.origin === "registry" && !isTakenBack(point));
  if (lastSaid?.address_key === now.key) return null;
  if (live.some((point) => point.address_key === now.key)) {
    // It says at last what the person or staff said before: what it said until then serves no more.
    const wrong = retire.filter((point) => point.address_key !== now.key);
    return wrong.length === 0 ? null : { channel, add: null, retire: wrong, isConflict: false };
  }
  return { channel, add: now, retire, isConflict: live.some(({ state }) => state === "verified") };
}
