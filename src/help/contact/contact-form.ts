import { parseEmailAddress } from "../../accounts/addresses/email-address.ts";
import { parseMobileNumber } from "../../accounts/addresses/phone-number.ts";
import type { Kind, Preset } from "../../config/preset.ts";
import { smsCountriesOf } from "../../config/sms-countries.ts";
import { type Symptom, symptoms } from "../../config/symptoms.ts";

/** What stands in the form, as typed. */
export const contactFields = [
  "symptom",
  "kind",
  "name",
  "identifier",
  "establishment",
  "place",
  "place-for",
  "pupil",
  "class",
  "relation",
  "email",
  "no-email",
  "phone",
  "new-email",
  "new-phone",
  "what",
  "tried",
  "change",
] as const;
export type ContactField = (typeof contactFields)[number];
export type ContactValues = Record<ContactField, string>;

/** The same, read. */
export interface ContactRequest {
  symptom: Symptom;
  kind: Kind | null;
  name: string;
  identifier: string;
  establishment: string;
  pupil: string;
  pupilClass: string;
  relation: string;
  /** Null: the person has no mailbox, and follows the case by a link that is shown. */
  email: { address: string; key: string } | null;
  phone: string;
  newEmail: string;
  newPhone: string;
  what: string;
  tried: string;
  change: string;
}

export interface FormMistake {
  field: ContactField | "pictures";
  refusal: string;
  values?: Record<string, number>;
}

export const longestMessage = 5000;
const longestTried = 2000;
const longestLine = 150;

/** Kinds that the form asks for; none where everybody is of one kind. */
export function kindsAsked(preset: Pick<Preset, "kinds">): Kind[] {
  return asksAboutSchool(preset) ? preset.kinds : [];
}

/** Establishment, pupil, class and relation are asked where there are pupils or their guardians. */
export function asksAboutSchool({ kinds }: Pick<Preset, "kinds">): boolean {
  return kinds.includes("pupil") || kinds.includes("guardian");
}

/** A pupil may have no mailbox; whoever signed up by e-mail has one. */
export const mayHaveNoEmail = asksAboutSchool;

export function readSymptom(text: string): Symptom | null {
  return symptoms.find((symptom) => symptom === text) ?? null;
}

export function readKind(preset: Pick<Preset, "kinds">, text: string): Kind | null {
  return preset.kinds.find((kind) => kind === text) ?? null;
}

/**
 * Reads the form. Refused: nobody to answer to, nothing to answer, and what is not what its field is for. Everything
 * else is welcome as it is: who writes is in trouble.
 */
export function readContactForm(
  values: ContactValues,
  preset: Pick<Preset, "kinds" | "phoneCountry" | "smsCountries">,
): { request: ContactRequest; mistakes: FormMistake[] } {
  const mistakes: FormMistake[] = [];
  const miss = (field: ContactField, refusal: string) => mistakes.push({ field, refusal });
  const missBeyond = (field: ContactField, max: number) => {
    if (text(field).length > max) mistakes.push({ field, refusal: "contact.what.too-long", values: { max } });
  };
  const line = (field: ContactField) => values[field].replaceAll(/\s+/g, " ").trim().slice(0, longestLine);
  const text = (field: ContactField) => values[field].replaceAll("\r\n", "\n").trim();

  const symptom = readSymptom(values.symptom);
  if (!symptom) miss("symptom", "contact.symptom.missing");
  const kind = readKind(preset, values.kind);
  if (kindsAsked(preset).length > 0 && !kind) miss("kind", "contact.kind.missing");
  if (line("name") === "") miss("name", "contact.name.missing");
  const hasNoEmail = mayHaveNoEmail(preset) && values["no-email"] !== "";
  const email = parseEmailAddress(values.email);
  if (!email.ok && !(hasNoEmail && email.refusal === "email.missing")) miss("email", email.refusal);
  if (line("phone") !== "" && !isPhone(line("phone"))) miss("phone", "contact.phone.malformed");
  const newEmail = parseEmailAddress(values["new-email"]);
  if (!newEmail.ok && newEmail.refusal !== "email.missing") miss("new-email", newEmail.refusal);
  const newPhone = parseMobileNumber(values["new-phone"], preset.phoneCountry, smsCountriesOf(preset));
  if (!newPhone.ok && newPhone.refusal !== "phone.missing") miss("new-phone", newPhone.refusal);
  const what = text("what");
  if (what === "") miss("what", "contact.what.missing");
  missBeyond("what", longestMessage);
  missBeyond("tried", longestTried);
  missBeyond("change", longestTried);

  return {
    mistakes,
    request: {
      symptom: symptom ?? "other",
      kind,
      name: line("name"),
      identifier: line("identifier"),
      establishment: line("establishment"),
      pupil: line("pupil"),
      pupilClass: line("class"),
      relation: line("relation"),
      email: email.ok ? { address: email.address, key: email.key } : null,
      phone: line("phone"),
      newEmail: newEmail.ok ? newEmail.address : "",
      newPhone: newPhone.ok ? newPhone.e164 : "",
      what,
      tried: text("tried"),
      change: text("change"),
    },
  };
}

/** Any telephone, also one at home: somebody will dial it, no machine. */
function isPhone(text: string): boolean {
  const digits = text.replaceAll(/\D/g, "").length;
  return /^\+?[\d\s()./-]+$/.test(text) && digits >= 6 && digits <= 15;
}
