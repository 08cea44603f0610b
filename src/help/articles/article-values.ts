import type { Preset } from "../../config/preset.ts";
import type { Locale } from "../../i18n/locale.ts";

/** What an article may say in the portal's own words and numbers: `{{brand}}`. */
export const placeholders = [
  "brand",
  "support",
  "minLength",
  "codeMinutes",
  "unfinishedDays",
  "lockMinutes",
  "triesBeforeLock",
] as const;
export type ArticleValues = Record<(typeof placeholders)[number], string>;

const minutes = (seconds: number) => Math.round(seconds / 60);

/** The values of one portal in one language. `support` names whom people are told to ask, as « a, b ou c ». */
export function articleValues(
  preset: Pick<
    Preset,
    "brandName" | "relays" | "password" | "messages" | "registration" | "lockout" | "languages"
  >,
  locale: Locale,
): ArticleValues {
  const number = (value: number) => new Intl.NumberFormat(locale).format(value);
  const names = preset.relays
    .filter(({ isShown }) => isShown)
    .map(({ name }) => inSentence(name[locale] ?? name[preset.languages.default] ?? ""))
    .filter((name) => name !== "");
  return {
    brand: preset.brandName,
    support: new Intl.ListFormat(locale, { type: "disjunction" }).format(names),
    minLength: number(preset.password.minLength),
    codeMinutes: number(minutes(preset.messages.codeValidForSeconds)),
    unfinishedDays: number(Math.floor(preset.registration.unfinishedKeptForSeconds / 86_400)),
    lockMinutes: number(minutes(preset.lockout.lockForSeconds)),
    triesBeforeLock: number(preset.lockout.triesBeforeLock),
  };
}

/** A team's name begins with a capital where it stands alone; in a sentence its article has none. */
function inSentence(name: string): string {
  return name.replace(/^(?:L[’']|Les? |La |Votre |The |Your )/, (article) => article.toLowerCase());
}

const place = /\{\{\s*([A-Za-z]*)\s*\}\}/g;

/** Puts the values in; a name that does not exist stays as it is written. A value that begins the text gets its capital. */
export function fillIn(text: string, values: ArticleValues): string {
  return text.replaceAll(place, (whole, name: string, at: number) => {
    const value = Object.hasOwn(values, name) ? values[name as keyof ArticleValues] : whole;
    const begins = /(?:^|[.!?…]\s+)$/u.test(text.slice(0, at));
    return name === "support" && begins ? value.charAt(0).toUpperCase() + value.slice(1) : value;
  });
}

/** The names that do not exist. */
export function unknownPlaceholders(text: string): string[] {
  const named = [...text.matchAll(place)].map((match) => match[1] as string);
  return named.filter((name) => !(placeholders as readonly string[]).includes(name));
}
