import type { Translate } from "../i18n/translations.ts";

/** What a mail knows about the person it goes to and the service it comes from. */
export interface MailView {
  /** BCP 47 tag of the language stored with the message. */
  locale: string;
  dir: "ltr" | "rtl";
  brandName: string;
  t: Translate;
  /** Base address of the portal, shown at the end. */
  publicUrl: string;
  /** From `loadAssets().colours`, so that mails follow the operator's own colours. */
  colours?: MailColours;
}

/** Hexadecimal colours, named as in `styles/tokens.css`. */
export interface MailColours {
  paper: string;
  sheet: string;
  ink: string;
  inkSoft: string;
  line: string;
  accent: string;
  onAccent: string;
}

/** What a mail says, in this order. All of it is plain text: it is escaped on the way into HTML. */
export interface MailContent {
  greeting?: string;
  /** The first one is also what mail programs show beside the subject. */
  paragraphs: string[];
  facts?: [label: string, value: string][];
  /** For instance the accounts behind one address. */
  list?: { title: string; text: string }[];
  /** The one button. Its address stands below it in full. */
  button?: { label: string; url: string };
  /** Shown in groups of four, copied without spaces. */
  code?: string;
  /** A second way, as a plain link. `before` is a sentence in front of it. */
  secondary?: { label: string; url: string; before?: string };
  /** What to do if it wasn't you. */
  notYou?: { text: string; url?: string; label?: string };
  /** Says that nobody legitimate ever asks for a code or link: for every mail that holds one. */
  neverAsk: boolean;
  /** Why this mail was sent. */
  why: string;
  /** A last line; the name and address of the service follow by themselves. */
  closing?: string;
}
