import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { IntlMessageFormat } from "intl-messageformat";
// A type only, erased before it runs: nothing of the words is bundled, so operators may edit the files.
import type french from "../../locales/fr.json";
import { Fault } from "../kernel/fault.ts";
import { closestOffered } from "./choose-locale.ts";

/** A BCP 47 language tag that has a file in `locales/`, such as `fr`. */
import type { Locale } from "./locale.ts";
import { regional } from "./moment.ts";

export type { Locale };
/** Every key of the source language; a key that is not in `locales/fr.json` does not compile. */
export type MessageKey = keyof typeof french;
export type MessageValues = Record<string, string | number | Date>;
/** Words for a key, in one language. The result is plain text: whoever puts it into HTML escapes it. */
export type Translate = (key: MessageKey, values?: MessageValues) => string;

export interface Translations {
  /**
   * Translates into the offered language closest to `locale` (a stored one may have been withdrawn since), else
   * into the first offered. A key missing there is said in French. An unknown key, a value that the message needs
   * and did not get, or a broken message is a bug: `Fault`.
   */
  to(locale: Locale): Translate;
  /** Reading direction of that same closest language. */
  direction(locale: Locale): "ltr" | "rtl";
  /** What people can choose from, in the preset's order, each named in itself. */
  languages: { code: Locale; name: string }[];
}

const source: Locale = "fr";

/**
 * Reads `<root>/locales/*.json` (flat key → ICU message) once.
 * `timezone` is an IANA name, for dates inside messages. `offered` keeps only those languages, in that order;
 * without it every file is offered, French first. Refuses (`Fault`) a missing French file, an unreadable file,
 * and a choice that leaves no language at all.
 */
export function createTranslations(root: string, timezone: string, offered?: Locale[]): Translations {
  const files = readFiles(join(root, "locales"));
  const words = files.get(source);
  if (!words) throw new Fault("The source language is missing: locales/fr.json.");
  const others = [...files.keys()].filter((code) => code !== source).sort();
  const codes = (offered ?? [source, ...others]).filter((code) => files.has(code));
  const [first] = codes;
  if (first === undefined) throw new Fault("None of the languages offered has a file in locales/.");

  const resolve = (locale: Locale): Locale => closestOffered(locale, codes) ?? first;
  const translators = new Map<Locale, Translate>();
  for (const code of codes) {
    const inSource = createTranslate(source, words, timezone, null);
    translators.set(
      code,
      code === source ? inSource : createTranslate(code, files.get(code) as Words, timezone, inSource),
    );
  }

  const directions = new Map(codes.map((code) => [code, readDirection(code)]));

  return {
    to: (locale) => translators.get(resolve(locale)) as Translate,
    direction: (locale) => directions.get(resolve(locale)) ?? "ltr",
    languages: codes.map((code) => ({ code, name: files.get(code)?.get("language.name") ?? code })),
  };
}

type Words = Map<string, string>;

/** A file is understood once, however many portals one process opens. */
const understood = new Map<string, { text: string; words: Words }>();

function readWords(file: string): Words {
  const text = readFileSync(file, "utf8");
  const known = understood.get(file);
  if (known?.text === text) return known.words;
  const words = new Map(Object.entries(JSON.parse(text) as Record<string, string>));
  understood.set(file, { text, words });
  return words;
}

function readFiles(folder: string): Map<Locale, Words> {
  const files = new Map<Locale, Words>();
  for (const file of readdirSync(folder)) {
    if (!file.endsWith(".json")) continue;
    try {
      const [code] = Intl.getCanonicalLocales(file.slice(0, -".json".length));
      files.set(code as Locale, readWords(join(folder, file)));
    } catch (cause) {
      throw new Fault(`locales/${file} cannot be read as a language file.`, { cause });
    }
  }
  return files;
}

function createTranslate(
  locale: Locale,
  words: Words,
  timezone: string,
  fallback: Translate | null,
): Translate {
  const compiled = new Map<string, string | IntlMessageFormat>();
  return (key, values) => {
    let message = compiled.get(key);
    if (message === undefined) {
      const text = words.get(key);
      if (text === undefined) {
        if (fallback) return fallback(key, values);
        throw new Fault(`There is no message "${key}".`);
      }
      message = compile(locale, key, text, timezone);
      compiled.set(key, message);
    }
    return typeof message === "string" ? message : format(locale, key, message, values);
  };
}

/** Most messages hold nothing to fill in: those stay plain text and cost nothing. */
function compile(locale: Locale, key: string, text: string, timezone: string): string | IntlMessageFormat {
  if (!/[{}']/.test(text)) return text;
  try {
    return new IntlMessageFormat(text, locale, undefined, {
      ignoreTag: true,
      formatters: {
        getNumberFormat: (locales, options) =>
          new Intl.NumberFormat(locales, options as Intl.NumberFormatOptions),
        getDateTimeFormat: (locales, options) =>
          new Intl.DateTimeFormat(regional(String(locales)), { timeZone: timezone, ...options }),
        getPluralRules: (locales, options) => new Intl.PluralRules(locales, options),
      },
    });
  } catch (cause) {
    throw new Fault(`The message "${key}" in "${locale}" is not a valid ICU message.`, { cause });
  }
}

function format(locale: Locale, key: string, message: IntlMessageFormat, values: MessageValues = {}): string {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null) {
      throw new Fault(`The message "${key}" got no value for "${name}".`);
    }
  }
  try {
    return String(message.format(values));
  } catch (cause) {
    throw new Fault(`The message "${key}" in "${locale}" could not be filled in.`, { cause });
  }
}

function readDirection(locale: Locale): "ltr" | "rtl" {
  const language = new Intl.Locale(locale) as Intl.Locale & { getTextInfo(): { direction?: string } };
  return language.getTextInfo().direction === "rtl" ? "rtl" : "ltr";
}
