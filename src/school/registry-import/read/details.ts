import { parseEmailAddress } from "../../../accounts/addresses/email-address.ts";
import { parseMobileNumber } from "../../../accounts/addresses/phone-number.ts";
import { foldWords } from "../../../store/words.ts";
import {
  excerpt,
  type FaultReason,
  type PersonRecord,
  type RefusedLine,
  type RegistryKind,
  type RowFault,
} from "./record.ts";

/** What every reader is told of the portal. */
export interface ReadSettings {
  /** ISO 3166-1 alpha-2: whose numbers are written without a prefix. */
  phoneCountry: string;
  /** Where the school is, such as `2027-03-02`: nobody is born later. */
  today: string;
}

export const longestName = 200;
const longestRecordId = 64;
const longestClass = { code: 40, name: 100 };
const longestLine = 100;

/** As people would write it once more: one space, none outside, accents in one piece, nothing invisible. */
export function tidy(text: string): string {
  return text
    .normalize("NFC")
    .replaceAll(/[\p{Cc}\p{Zs}\s]+/gu, " ")
    .replaceAll(/\p{Cf}/gu, "")
    .trim();
}

/** Undefined where nothing is said, or nothing that can be read. */
export function readYesOrNo(text: string | undefined): boolean | undefined {
  const said = tidy(text ?? "");
  if (/^(1|o|oui|y|yes|true)$/i.test(said)) return true;
  return /^(0|n|non|no|false)$/i.test(said) ? false : undefined;
}

/** Whether this can be somebody's number: what is longer is none, and would not go into an index. */
export const isRecordId = (text: string): boolean => text !== "" && text.length <= longestRecordId;

/** By which a pupil is found in a file that names children and gives no number: `name:martin lea`. */
export function nameKey(surname: string, firstName: string): string {
  return `name:${[...foldWords(surname), ...foldWords(firstName)].join(" ")}`;
}

const french = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/;
const iso = /^(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?$/;

/** A day as `2012-05-31`; null where there is no such day, or nobody alive was born on it. */
export function readDay(text: string, today: string): string | null {
  const asFrench = french.exec(text);
  const asIso = iso.exec(text);
  const [year, month, day] = asFrench
    ? [asFrench[3], asFrench[2], asFrench[1]].map(Number)
    : asIso
      ? asIso.slice(1).map(Number)
      : [];
  if (year === undefined || month === undefined || day === undefined || year < 1900) return null;
  const at = new Date(Date.UTC(year, month - 1, day));
  if (at.getUTCMonth() !== month - 1 || at.getUTCDate() !== day) return null;
  const shown = at.toISOString().slice(0, 10);
  return shown > today ? null : shown;
}

/** Reads the details of people, and says what of them it could not take. */
export function createDetails(settings: ReadSettings) {
  const faults: RowFault[] = [];
  const numbers = new Map<string, ReturnType<typeof parseMobileNumber>>();

  function note(line: number, reason: FaultReason, what: string): void {
    faults.push({ type: "fault", line, reason, what: excerpt(what), isRefused: false });
  }
  function refuse(line: number, reason: FaultReason, what: string, about: RefusedLine): null {
    faults.push({ type: "fault", line, reason, what: excerpt(what), isRefused: true, about });
    return null;
  }

  /**
   * Numbers of one block have the last four digits free in every French plan (ARCEP): what the first ones are is asked
   * once, which is twenty times faster than asking it of each number.
   */
  function parseNumber(text: string) {
    const digits = text.replaceAll(/[\s.-]/g, "").replace(/^(?:\+33|0033)(?=[67]\d{8}$)/, "0");
    if (settings.phoneCountry !== "FR" || !/^0[67]\d{8}$/.test(digits)) {
      return parseMobileNumber(text, settings.phoneCountry);
    }
    const block = digits.slice(0, 6);
    let known = numbers.get(block);
    if (!known) {
      known = parseMobileNumber(digits, settings.phoneCountry);
      if (numbers.size > 20_000) numbers.clear();
      numbers.set(block, known);
    }
    return known.ok ? { ...known, e164: known.e164.slice(0, -4) + digits.slice(-4) } : known;
  }

  /**
   * The number that messages go to: the mobile one, else the personal one where that is mobile too. Undefined where the
   * file gives nothing that can be used, null where it says that there is none.
   */
  function mobile(line: number, written: string | undefined, personal?: string): string | null | undefined {
    // An apostrophe in front keeps a spreadsheet from reckoning with it.
    const text = tidy(written ?? "").replace(/^'/, "");
    if (text === "") {
      const other = personal ? parseNumber(tidy(personal)) : null;
      if (other?.ok) return other.e164;
      return written === undefined ? undefined : null;
    }
    const read = parseNumber(text);
    if (!read.ok) {
      note(line, read.refusal === "phone.not-mobile" ? "mobile-landline" : "mobile", text);
      return undefined;
    }
    if (settings.phoneCountry === "FR" && !/^\+(?:33|262|590|594|596|508)/.test(read.e164)) {
      note(line, "mobile-abroad", text);
    }
    return read.e164;
  }

  function email(line: number, written: string | undefined): Pick<PersonRecord, "email" | "emailKey"> {
    const text = tidy(written ?? "").replace(/^'/, "");
    if (text === "") return written === undefined ? {} : { email: null, emailKey: null };
    const read = parseEmailAddress(text);
    if (read.ok) return { email: read.address, emailKey: read.key };
    note(line, "email", text);
    return {};
  }

  function birthDate(line: number, written: string | undefined): string | null {
    const text = tidy(written ?? "");
    if (text === "") return null;
    const day = readDay(text, settings.today);
    if (day === null) note(line, "birth-date", text);
    return day;
  }

  /** Who it is; null where that cannot be told, and then the line is refused. */
  function identity(
    line: number,
    said: {
      kind: RegistryKind;
      recordId: string | undefined;
      surname: string | undefined;
      firstName: string | undefined;
      schoolCode?: string;
      /** The number is not the registry's, but made of the name: without the name, it is nobody's. */
      isNumberMade?: boolean;
    },
  ): Pick<PersonRecord, "recordId" | "surname" | "firstName"> | null {
    const recordId = tidy(said.recordId ?? "");
    const surname = tidy(said.surname ?? "");
    const firstName = tidy(said.firstName ?? "");
    const { kind, schoolCode } = said;
    const about = { kind, schoolCode, recordId: said.isNumberMade ? null : recordId };
    if (!isRecordId(recordId)) {
      return refuse(line, "no-record-id", `${firstName} ${surname}`, { ...about, recordId: null });
    }
    if (surname.length > longestName || firstName.length > longestName) {
      return refuse(line, "name-too-long", surname, about);
    }
    // A name is at least a letter, in any script.
    if (!/\p{L}/u.test(surname) || !/\p{L}/u.test(firstName)) {
      return refuse(line, "no-name", `${recordId} ${firstName} ${surname}`, about);
    }
    return { recordId, surname, firstName };
  }

  /** A class by its code; nothing is known of it where the code is too long, and null where there is none. */
  function classOf(line: number, code: string, name: string): Pick<PersonRecord, "classCode" | "className"> {
    if (code === "") return { classCode: null, className: null };
    if (code.length > longestClass.code) {
      note(line, "class-too-long", code);
      return {};
    }
    return { classCode: code, className: (name || code).slice(0, longestClass.name) };
  }

  /** The lines of an address, without empty ones; null where there is none. */
  function postal(lines: (string | undefined)[]): string[] | null {
    const written = lines.map((text) => tidy(text ?? "").slice(0, longestLine)).filter((text) => text !== "");
    return written.length === 0 ? null : written;
  }

  return {
    note,
    refuse,
    mobile,
    email,
    birthDate,
    identity,
    classOf,
    postal,
    /** What was found since the last time. */
    takeFaults: (): RowFault[] => faults.splice(0),
  };
}

export type Details = ReturnType<typeof createDetails>;
