import { foldWords } from "../../store/words.ts";

/** As long as people read without losing their place, and type without a mistake. */
const longestStem = 24;
const letters = /[^a-z]/g;

/**
 * What an identifier begins with: the first letter of the first name, a dot, the surname. Accents and capitals folded,
 * ligatures spelled out, spaces, hyphens, apostrophes and particles joined (« de La Tour » is `delatour`), cut to 24
 * characters in all. Only a to z: a name in another script gives as much as it has of them, and `x` where it has none.
 * Never ends with a digit, so that a number behind it is read one way only.
 */
export function identifierStem(firstName: string, surname: string): string {
  const first = foldWords(firstName).join("").replaceAll(letters, "").slice(0, 1) || "x";
  const last = foldWords(surname).join("").replaceAll(letters, "") || "x";
  return `${first}.${last}`.slice(0, longestStem);
}

/** The identifier of a number: the first of a stem goes without, then `l.martin2`, `l.martin3`. */
export const identifierOf = (stem: string, number: number): string =>
  number === 1 ? stem : `${stem}${number}`;
