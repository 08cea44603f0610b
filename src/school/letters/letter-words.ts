import { formatDay } from "../../i18n/moment.ts";
import type { Translations } from "../../i18n/translations.ts";
import type { Letter } from "./letter.ts";

/** What a letter says, in the language of whom it is written to. */
export interface LetterWords {
  locale: string;
  dir: "ltr" | "rtl";
  date: string;
  title: string;
  greeting: string;
  paragraphs: string[];
  identifier: string;
  code: string;
  steps: string[];
  /** Stands under the first step, by itself. */
  address: string;
  qrCode: string;
  until: string;
  neverAsked: string;
  notes: string[];
  /** For whoever sorts the letters, in their language: to which class, for which pupils, and whether by hand. */
  sorting: string[];
  sortingDir: "ltr" | "rtl";
}

/** As many as find room above the window; one of them is enough to hand the letter over. */
const pupilsAtMost = 3;

/** `brand`: what the portal is called. `sortingLocale`: the language of whoever prints. */
export function writeLetter(
  translations: Translations,
  letter: Letter,
  { brand, sortingLocale }: { brand: string; sortingLocale: string },
): LetterWords {
  const { locale, sender, timezone } = letter;
  const t = translations.to(locale);
  const sorting = translations.to(sortingLocale);
  const day = (ms: number) => formatDay(locale, timezone, ms);
  const { name: school, contact } = sender;
  return {
    locale,
    dir: translations.direction(locale),
    date: t("letters.letter.date", { date: day(letter.printedAt) }),
    title: t("letters.letter.title", { brand }),
    greeting: t("letters.letter.greeting", { name: letter.name }),
    paragraphs: [
      t(letter.isForGuardian ? "letters.letter.what.guardian" : "letters.letter.what", { school, brand }),
      t("letters.letter.what-to-do"),
    ],
    identifier: t("letters.letter.identifier"),
    code: t("letters.letter.code"),
    steps: [t("letters.letter.step.open"), t("letters.letter.step.write"), t("letters.letter.step.password")],
    address: letter.url.replace(/^https:\/\//, ""),
    qrCode: t("letters.letter.qr-code", { address: letter.url }),
    until: t("letters.letter.until", { date: day(letter.lastDay) }),
    neverAsked: t("letters.letter.never-asked"),
    notes: [
      t("letters.letter.keep"),
      t("letters.letter.newest"),
      contact === null
        ? t("letters.letter.help", { school })
        : t("letters.letter.help-by", { school, contact }),
    ],
    sorting: [
      ...(letter.className === null ? [] : [sorting("letters.letter.class", { class: letter.className })]),
      ...letter.pupils
        .slice(0, pupilsAtMost)
        .map(({ name, className }) =>
          className === null
            ? sorting("letters.letter.for-pupil", { pupil: name })
            : sorting("letters.letter.for-pupil-of", { class: className, pupil: name }),
        ),
      ...(letter.postal.length === 0 ? [sorting("letters.letter.by-hand")] : []),
    ],
    sortingDir: translations.direction(sortingLocale),
  };
}
