/** What a registry's file says, one thing at a time, in the order of the file. */
export type ReadEvent =
  | AboutFile
  | PersonRecord
  | ClassRecord
  | AddressRecord
  | LinkRecord
  | RowFault
  | FileRefusal;

export type RegistryFormat =
  | "siecle-pupils"
  | "siecle-guardians"
  | "onde-pupils"
  | "onde-guardians"
  | "plain-csv";
export type RegistryKind = "pupil" | "guardian";

/** Comes first: what the file is, as it says itself. */
export interface AboutFile {
  type: "about";
  format: RegistryFormat;
  /** The UAI of the school that the file is of; null where each line names its own, or none does. */
  schoolCode: string | null;
  /** The kinds of person that the file lists whole: who is not in it is gone. */
  lists: RegistryKind[];
}

/**
 * A person. `undefined` where the file says nothing of a detail, or nothing that can be used: what is known of it
 * stays. Null where it says that there is none.
 */
export interface PersonRecord {
  type: "person";
  kind: RegistryKind;
  /** Their own number in the registry: unique for its kind in one school. At most 64 characters. */
  recordId: string;
  surname: string;
  firstName: string;
  /** Such as `2012-05-31`. */
  birthDate: string | null;
  classCode?: string | null;
  className?: string | null;
  /** As it is stored; `emailKey` is what it is compared by. */
  email?: string | null;
  emailKey?: string | null;
  /** E.164. */
  mobile?: string | null;
  /** Whether they agreed to be told things by SMS. */
  acceptsSms?: boolean;
  /** Lines of an address for letters, without the name. */
  postal?: string[] | null;
  /** The address of the same file that this person has. */
  addressId?: string;
  /** Where each line names its school. */
  schoolCode?: string;
  line: number;
}

/** The class of a pupil who stands elsewhere in the same file. */
export interface ClassRecord {
  type: "class";
  pupilRecordId: string;
  code: string;
  name: string;
  line: number;
}

/** An address that people of the same file have. */
export interface AddressRecord {
  type: "address";
  addressId: string;
  lines: string[];
  line: number;
}

/** Who answers for which pupil. `level`: 1 legal guardian, 2 in charge of the child, 3 another contact. */
export interface LinkRecord {
  type: "link";
  /** The pupil's record, or `name:` with the folded name where the file knows no better: see `nameKey`. */
  pupilRecordId: string;
  guardianRecordId: string;
  level: 1 | 2 | 3;
  /** `mother`, `father`, or what the file says. */
  kinship: string | null;
  schoolCode?: string;
  line: number;
}

/** Why a line is refused, or what of it is left out. The same words are keys: `registry-import.fault.<reason>`. */
export type FaultReason =
  // The line is not taken over.
  | "no-record-id"
  | "no-name"
  | "name-too-long"
  | "unknown-kind"
  | "columns"
  | "duplicate"
  | "other-school"
  | "unknown-school"
  | "link-unreadable"
  // The line is taken over but for this.
  | "birth-date"
  | "email"
  | "mobile"
  | "mobile-landline"
  | "mobile-abroad"
  | "same-twice"
  | "has-left"
  | "class-unreadable"
  | "class-too-long"
  | "unexpected-tag"
  | "encoding-corrected";

export interface RowFault {
  type: "fault";
  line: number;
  reason: FaultReason;
  /** What stands there: a few words of the file. */
  what: string;
  /** False: the line is taken over, but for what is named. */
  isRefused: boolean;
  /** Of a line that is refused. */
  about?: RefusedLine;
}

/** Whom a refused line is about, as far as that can be told: nobody is gone because their line could not be read. */
export interface RefusedLine {
  /** Null: it may be either. */
  kind: RegistryKind | null;
  /** Null: nobody can say whose line it is. */
  recordId: string | null;
  /** The person is taken over, and only whom they answer for is not. */
  isLink?: boolean;
  schoolCode?: string;
}

/** Why a whole file is refused, and nothing of it taken over: `registry-import.refusal.<reason>`. */
export type RefusalReason =
  | "empty"
  | "too-large"
  | "unknown-format"
  | "encoding-unknown"
  | "encoding-wrong"
  | "zip-broken"
  | "zip-bomb"
  | "zip-several"
  | "zip-nothing"
  | "xml-doctype"
  | "xml-broken"
  | "xml-truncated"
  | "xml-root"
  | "xml-too-long"
  | "csv-header"
  | "csv-quotes"
  | "csv-too-long"
  | "school-missing"
  | "school-wrong"
  | "school-unknown"
  | "school-closed"
  | "school-not-yours"
  | "nobody";

/** The last thing read: nothing of the file may be taken over. `line` is null where it is about the whole. */
export interface FileRefusal {
  type: "refused";
  line: number | null;
  reason: RefusalReason;
  what: string;
}

/** Thrown inside a reader; `readRegistryFile` answers it as the last event. */
export class Unreadable extends Error {
  readonly reason: RefusalReason;
  readonly line: number | null;
  readonly what: string;
  constructor(reason: RefusalReason, line: number | null = null, what = "") {
    super(`${reason} ${line ?? ""} ${what}`);
    this.reason = reason;
    this.line = line;
    this.what = excerpt(what);
  }
}

/** A few words of a file, for a page: no control characters, not long. */
export function excerpt(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return plain.length > 80 ? `${plain.slice(0, 79)}…` : plain;
}
