import type { MessageKey } from "../../i18n/translations.ts";
import type { View } from "../../ui/view.ts";
import type { LinkKey, PersonKey, ShownPerson } from "./import-rows.store.ts";
import type { FaultRow } from "./imports.store.ts";
import type { FaultReason } from "./read/record.ts";
import type { Import } from "./registry-import.ts";
import type { ImportRefusal } from "./staging.ts";

/** What the pages say of an import. */
export const refusalWords = (view: View, { reason, what }: ImportRefusal): string =>
  view.t(`registry-import.refusal.${reason}`, { what });

/** What to do about it, where the sentence itself does not say so. */
const nextSteps: Partial<Record<ImportRefusal["reason"], MessageKey>> = {
  "school-unknown": "registry-import.next.school",
  "school-closed": "registry-import.next.school",
  "school-not-yours": "registry-import.next.not-yours",
  "too-large": "registry-import.next.too-large",
  "zip-bomb": "registry-import.next.export",
  "xml-root": "registry-import.next.siecle",
  "csv-header": "registry-import.next.columns",
};

export function nextStepWords(view: View, { reason }: ImportRefusal): string | null {
  const key = nextSteps[reason];
  return key === undefined ? null : view.t(key);
}

export const faultWords = (view: View, { reason }: Pick<FaultRow, "reason">): string =>
  view.t(`registry-import.fault.${reason as FaultReason}`);

export const fileName = (one: Import, number: number): string => one.files[number]?.name ?? "";

/** Where something stands: the file's name and its line, the name alone where it is about the whole. */
export const placeWords = (view: View, one: Import, place: { file: number; line: number | null }): string =>
  place.line === null || place.line === 0
    ? fileName(one, place.file)
    : view.t("registry-import.refused.where", { file: fileName(one, place.file), line: place.line });

/** Of a person in a list: what the file says, or for those who are gone what is known. */
export function personName(person: ShownPerson): string {
  const said = JSON.parse(person.data) as { surname?: string; firstName?: string };
  const first = said.firstName ?? person.known_first_name ?? "";
  const surname = said.surname ?? person.known_surname ?? "";
  return `${first} ${surname}`.trim() || person.record_id;
}

/** Where a list goes on, for its link. */
export const writeKey = (key: PersonKey | LinkKey): string => JSON.stringify(Object.values(keyOf(key)));

const keyOf = (key: PersonKey | LinkKey) =>
  "record_id" in key
    ? [key.establishment_id, key.kind, key.record_id]
    : [key.establishment_id, key.guardian_record_id, key.pupil_record_id];

/** Three texts of a link; null for anything else. */
export function readKey(typed: string): [string, string, string] | null {
  try {
    const parts: unknown = JSON.parse(typed);
    const isKey =
      Array.isArray(parts) &&
      parts.length === 3 &&
      // No database has this character in a text.
      parts.every((part) => typeof part === "string" && !part.includes("\u0000"));
    return isKey ? (parts as [string, string, string]) : null;
  } catch {
    return null;
  }
}
