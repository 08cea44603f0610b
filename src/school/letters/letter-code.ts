import { drawCrockford, type Random } from "../../kernel/random.ts";

/** 60 bits (promise 4): nobody guesses one, whatever is counted. */
const charactersOfACode = 12;
const charactersOfAGroup = 4;

/** A code as a letter shows it: `7K2M-0QXR-94ZD`. */
export function drawLetterCode(random: Random): string {
  const drawn = drawCrockford(random, charactersOfACode);
  return [...Array(charactersOfACode / charactersOfAGroup).keys()]
    .map((group) => drawn.slice(group * charactersOfAGroup, (group + 1) * charactersOfAGroup))
    .join("-");
}

/**
 * The one spelling that a code is compared in. Whatever stands between the characters goes, and what Crockford's
 * alphabet leaves out is read as what it looks like: O as 0, I and L as 1. Null where it cannot be a code.
 */
export function readLetterCode(typed: string): string | null {
  const bare = typed
    .normalize("NFKC")
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  return /^[0-9A-HJKMNP-TV-Z]{12}$/.test(bare) ? bare : null;
}
