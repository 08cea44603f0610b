import type { MessageKey, Translate } from "../i18n/translations.ts";

/** The three states that a page, a notice or a tag can be in. Each has one colour, one icon and one word. */
export type Tone = "good" | "careful" | "wrong";

/** Everything a page needs to know about its request. Pages are pure functions of it. */
export interface View {
  t: Translate;
  /** BCP 47 tag of the language of the page. */
  locale: string;
  dir: "ltr" | "rtl";
  /** Languages to choose from, each named in itself. */
  languages: { code: string; name: string }[];
  brand: { name: string };
  /** Path and query of this page: the language switch comes back here. */
  path: string;
  /** Reference of the incident that a refusal carries; null where nothing went wrong. */
  incident: string | null;
  /** Date, time and name of the zone, for a time in milliseconds. */
  moment(ms: number): string;
  /** Name of the person signed in, shown with a sign-out button. */
  signedInAs: string | null;
  /** Said once at the top of the page, after a redirect. */
  notice: { tone: Tone; key: MessageKey; values?: Record<string, string | number> } | null;
  /** Whom to ask, from the preset's relays; may be empty. */
  help: { name: string; lines: string[] }[];
  /** Shows the strip that leads to `/_trial`. */
  trial: boolean;
  /** Addresses of the public files. */
  assets: {
    css: string;
    js: string;
    /** Of the desk, the help centre and the chat; only their pages ask for them. */
    deskJs: string;
    helpJs: string;
    chatJs: string;
    font: string;
    mark: string;
  };
}

/** One mistake in a form: the name of its field, and the words shown in the summary and beside the field. */
export interface FieldError {
  field: string;
  message: string;
}
