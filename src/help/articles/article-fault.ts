import type { MessageKey, MessageValues, Translate } from "../../i18n/translations.ts";

/** What is wrong with an article, where it stands, and, in the front matter, in which field. */
export interface ArticleFault {
  /** Line of the file, from 1. */
  line: number;
  field?: string;
  says: FaultId;
  values?: MessageValues;
}

/** Its words are `articles.fault.<id>`. */
export type FaultId =
  | "no-front"
  | "front-open"
  | "front-unreadable"
  | "field-missing"
  | "field-wrong"
  | "field-unknown"
  | "too-long"
  | "empty"
  | "block-unknown"
  | "block-open"
  | "block-none"
  | "only-unknown"
  | "question-untitled"
  | "action-incomplete"
  | "action-none"
  | "figure-missing"
  | "figure-without-alt"
  | "heading-one"
  | "link-refused"
  | "picture-outside"
  | "placeholder-unknown"
  | "related-unknown"
  | "slug";

export function explainFault(t: Translate, { says, values }: ArticleFault): string {
  return t(`articles.fault.${says}` as MessageKey, values);
}
