import { createRequire } from "node:module";
import type { CountryCode, PhoneNumber } from "libphonenumber-js/max";
import { done, type Outcome, refused } from "../../kernel/outcome.ts";
import { trimPasted } from "./email-address.ts";

export type PhoneRefusal = "phone.missing" | "phone.malformed" | "phone.not-mobile" | "phone.country";
export interface MobileNumber {
  /** E.164: `+33612345678`. To send to, and to compare. */
  e164: string;
  /** As people of the service's own country read it: `06 12 34 56 78`, or `+44 7400 123456` from elsewhere. */
  shown: string;
}

// E.164 has 15 digits; people add spaces, dots, brackets and a prefix.
const longestTyped = 40;

// One French dialling plan, several country codes: `0692…` typed in Paris is a number of Réunion.
const frenchPlan = ["FR", "RE", "GP", "MQ", "GF", "YT", "MF", "BL", "PM"];

// Kept for fiction by the French regulator (ARCEP, 06 39 98 xx xx) and given to nobody: invented people have them.
const fictional = /^\+3363998\d{4}$/;
const isFictional = (number: PhoneNumber) => fictional.test(number.number);

// The plans of every country take time and memory to read: only when the first number comes. `require`, because
// reading a number is not worth a promise all the way up.
type Plans = typeof import("libphonenumber-js/max");
let loaded: Plans | null = null;
function plans(): Plans {
  loaded ??= createRequire(import.meta.url)("libphonenumber-js/max") as Plans;
  return loaded;
}

/**
 * Reads a mobile number typed by a person of `country` (ISO 3166-1 alpha-2; other countries with `+` or `00`).
 * Accepted: what the numbering plan calls mobile, and what it cannot tell from a fixed line (United States, Canada).
 * Refused: text around the number, an extension, numbers that no plan gives out (but those of fiction), every other
 * kind of line, and where `served` is given, numbers of other countries than these.
 */
export function parseMobileNumber(
  typed: string,
  country: string,
  served?: readonly string[],
): Outcome<MobileNumber, PhoneRefusal> {
  const text = trimPasted(typed);
  if (text === "") return refused("phone.missing");
  const number = text.length > longestTyped ? null : findValid(text, country);
  if (!number) return refused("phone.malformed");
  const type = isFictional(number) ? "MOBILE" : number.getType();
  if (type !== "MOBILE" && type !== "FIXED_LINE_OR_MOBILE") return refused("phone.not-mobile");
  if (served && !served.includes(countryOfNumber(number.number) ?? "")) return refused("phone.country");
  return { ...done, e164: number.number, shown: show(number, country) };
}

/** A stored E.164 number as `parseMobileNumber` shows it; a number it cannot read stays as it is. */
export function showPhoneNumber(e164: string, country: string): string {
  const number = plans().parsePhoneNumberFromString(e164);
  return number ? show(number, country) : e164;
}

/** The country of an E.164 number (ISO 3166-1 alpha-2); null where it belongs to none, such as a satellite's. */
export function countryOfNumber(e164: string): string | null {
  const number = plans().parsePhoneNumberFromString(e164);
  return number?.country ?? number?.getPossibleCountries()[0] ?? null;
}

/** The digits of a stored E.164 number as people of its own country dial it: `0612345678`. */
export function nationalDigits(e164: string): string {
  const number = plans().parsePhoneNumberFromString(e164);
  return number ? number.formatNational().replaceAll(/\D/g, "") : e164.replaceAll(/\D/g, "");
}

/** A number that its owner recognises and nobody else can use: its last two digits, `•• •• •• •• 78`. */
export function maskPhoneNumber(e164: string): string {
  return `•• •• •• •• ${e164.slice(-2)}`;
}

function findValid(text: string, country: string): PhoneNumber | null {
  const plan = frenchPlan.includes(country) ? [country, ...frenchPlan] : [country];
  for (const candidate of plan) {
    const number = plans().parsePhoneNumberFromString(text, {
      defaultCountry: candidate as CountryCode,
      extract: false,
    });
    if (number && (number.isValid() || isFictional(number)) && !number.ext) return number;
  }
  return null;
}

function show(number: PhoneNumber, country: string): string {
  const isHere = number.country === country;
  const isInPlan = frenchPlan.includes(country) && frenchPlan.includes(number.country ?? "");
  return isHere || isInPlan ? number.formatNational() : number.formatInternational();
}
