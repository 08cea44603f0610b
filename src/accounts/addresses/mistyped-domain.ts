/** Where most people have their mailbox, the most frequent first. An operator's list may replace it. */
export const commonEmailDomains: readonly string[] = [
  "gmail.com",
  "orange.fr",
  "hotmail.fr",
  "yahoo.fr",
  "free.fr",
  "outlook.fr",
  "laposte.net",
  "wanadoo.fr",
  "sfr.fr",
  "hotmail.com",
  "outlook.com",
  "icloud.com",
  "live.fr",
  "yahoo.com",
  "bbox.fr",
  "neuf.fr",
  "numericable.fr",
  "aol.com",
  "gmx.fr",
  "protonmail.com",
  "proton.me",
  "msn.com",
  "live.com",
  "gmx.com",
  "me.com",
];

// Endings that fingers make of the three that matter. Some are real countries, but none of these mailboxes is there.
const slips: Record<string, string[]> = {
  com: ["con", "cmo", "ocm", "om", "cm", "co", "comm", "coom", "vom", "xom", "cim", "cpm", "c", "con.fr"],
  fr: ["f", "r", "rf", "ff", "ft", "fe", "ffr", "frr", "fr.fr", "fr.com", "dr"],
  net: ["ner", "nt", "ne", "ent", "met", "bet", "ney", "nett"],
};

// These exist under one ending only, so any other is a mistake. Yahoo, Outlook or GMX live in many countries.
const singleHomed = new Set(["gmail", "icloud", "laposte", "wanadoo", "protonmail"]);

// Real mailboxes that merely look like a mistake.
const lookalikes = new Set([
  "mail.com",
  "email.com",
  "ymail.com",
  "fastmail.com",
  "rocketmail.com",
  "online.fr",
]);

/**
 * The domain that was probably meant by `key` (an address), or null. To be offered, never forced.
 * A common domain, and one that differs by more than a slip of the fingers, is left alone.
 */
export function suggestDomain(
  key: string,
  commonDomains: readonly string[] = commonEmailDomains,
): string | null {
  const domain = key.slice(key.lastIndexOf("@") + 1).toLowerCase();
  if (domain.length > 40 || commonDomains.includes(domain) || lookalikes.has(domain)) return null;
  const typed = splitDomain(domain);
  let best: { domain: string; cost: number } | null = null;
  for (const common of commonDomains) {
    const cost = costOfSlip(typed, splitDomain(common));
    if (cost !== null && (best === null || cost < best.cost)) best = { domain: common, cost };
  }
  return best?.domain ?? null;
}

type Parts = { name: string; ending: string };

function splitDomain(domain: string): Parts {
  const dot = domain.indexOf(".");
  return { name: domain.slice(0, dot), ending: domain.slice(dot + 1) };
}

/** How far `typed` is from `common` as a mistake of the hand; null if it is no such mistake. */
function costOfSlip(typed: Parts, common: Parts): number | null {
  const sameName = typed.name === common.name;
  const sameEnding = typed.ending === common.ending;
  const endingSlipped = slips[common.ending]?.includes(typed.ending) ?? false;
  const endingMayDiffer = endingSlipped || (sameName && singleHomed.has(common.name));
  if (!sameEnding && !endingMayDiffer) return null;
  const nameDistance = sameName ? 0 : editDistance(typed.name, common.name);
  if (nameDistance > tolerance(common.name)) return null;
  if (!sameName && !isLikely(typed.name, common.name)) return null;
  return nameDistance * 10 + (sameEnding ? 0 : editDistance(typed.ending, common.ending));
}

function tolerance(name: string): number {
  if (name.length <= 3) return 0;
  return name.length <= 5 ? 1 : 2;
}

/**
 * Hands rarely miss the first letter. Names of four letters have many honest neighbours (`free` and `fred`): there
 * a letter may be doubled, lost or swapped, but not be another.
 */
function isLikely(typed: string, common: string): boolean {
  const beginsAlike = typed[0] === common[0] || (typed[0] === common[1] && typed[1] === common[0]);
  const sorted = (name: string) => [...name].sort().join("");
  const hasOtherLetter = typed.length === common.length && sorted(typed) !== sorted(common);
  return beginsAlike && !(common.length <= 4 && hasOtherLetter);
}

/** Optimal string alignment: insert, delete, replace, or swap two neighbours (Damerau 1964). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replace = (last[column - 1] as number) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const remove = (last[column] as number) + 1;
      const insert = (current[column - 1] as number) + 1;
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swap = swapped ? (beforeLast[column - 2] as number) + 1 : Number.POSITIVE_INFINITY;
      current.push(Math.min(replace, remove, insert, swap));
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] as number;
}
