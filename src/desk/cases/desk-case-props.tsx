import type { Staff } from "../../kernel/caller.ts";
import { PressButton } from "../../ui/buttons.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import type { DeskContext } from "./desk-case-words.ts";
import type { CaseFile, PersonFound } from "./inbox-case.ts";

/** The forms of the page; each shows its own mistakes. */
export type CaseForm =
  | "answer"
  | "note"
  | "hand-over"
  | "escalate"
  | "merge"
  | "symptom"
  | "place"
  | "person"
  | "identity";

export interface CasePageProps {
  view: View;
  staff: Staff;
  context: DeskContext;
  file: CaseFile;
  /** Of this case, in the reader's language. */
  relaysToHandTo: { id: string; name: string }[];
  /** The relay that it escalates to; null: to none. */
  escalatesTo: string | null;
  /** What was written and not sent. */
  draft: Record<string, string>;
  failed: { form: CaseForm; errors: FieldError[] } | null;
  /** Somebody wrote while the answer was being written: it was not sent. */
  hasNewer: boolean;
  /** What a search for the person found; null before it. */
  found: { words: string; people: PersonFound[] } | null;
}

/** One press that changes who has the case, or how it stands. */
export function CasePress(props: {
  number: string;
  act: string;
  label: string;
  fields?: Record<string, string>;
}) {
  return (
    <PressButton
      action={`/desk/cases/${props.number}/${props.act}`}
      label={props.label}
      fields={props.fields}
    />
  );
}
