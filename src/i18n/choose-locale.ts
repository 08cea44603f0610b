import type { Locale } from "./locale.ts";

/**
 * What a request says about its language. The values come from strangers: whatever is not a text is ignored
 * (a repeated field arrives as a list).
 */
export interface LanguageHints {
  /** The language switch: `?lang=`. */
  query?: unknown;
  /** What this browser chose before. */
  cookie?: unknown;
  /** The `Accept-Language` header (RFC 9110 §12.5.4). */
  acceptLanguage?: unknown;
  offered: Locale[];
  fallback: Locale;
}

/** The first of switch, cookie and browser preference that names an offered language; else `fallback`. Never throws. */
export function chooseLocale({ query, cookie, acceptLanguage, offered, fallback }: LanguageHints): Locale {
  for (const chosen of [query, cookie]) {
    const found = typeof chosen === "string" ? closestOffered(chosen, offered) : null;
    if (found) return found;
  }
  return (typeof acceptLanguage === "string" && chooseAccepted(acceptLanguage, offered)) || fallback;
}

/**
 * The offered language for a tag: the same one, else without its last parts (`fr-CA` → `fr`, RFC 4647 §3.4),
 * else another of the same language (`pt` → `pt-BR`); null if none.
 */
export function closestOffered(tag: string, offered: Locale[]): Locale | null {
  if (tag.length > 35) return null;
  const parts = tag.trim().toLowerCase().split("-");
  for (let length = parts.length; length > 0; length--) {
    const shorter = parts.slice(0, length).join("-");
    const found = offered.find((code) => code.toLowerCase() === shorter);
    if (found) return found;
  }
  return offered.find((code) => code.toLowerCase().split("-")[0] === parts[0]) ?? null;
}

// Browsers send a handful; a stranger's endless header is not worth reading.
const longestHeader = 1000;

function chooseAccepted(header: string, offered: Locale[]): Locale | null {
  const ranges = header.slice(0, longestHeader).split(",").map(readRange);
  const refused = new Set(ranges.filter((range) => range.weight === 0).map((range) => range.tag));
  const wanted = ranges.filter((range) => range.weight > 0).sort((a, b) => b.weight - a.weight);
  for (const { tag } of wanted) {
    // `*` accepts anything not refused: the fallback is as good as any and is what the operator chose.
    if (tag === "*") return null;
    const found = closestOffered(tag, offered);
    if (found && !refused.has(found.toLowerCase())) return found;
  }
  return null;
}

function readRange(text: string): { tag: string; weight: number } {
  const [tag = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
  if (weight === undefined) return { tag, weight: tag === "" ? 0 : 1 };
  return { tag, weight: /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(weight) ? Number(weight) : 0 };
}
