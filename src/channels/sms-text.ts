import { gsmCodes } from "./gsm-alphabet.ts";

const isGsm7 = (character: string) => gsmCodes(character) !== null;

/** Characters are never split between two parts: neither an escape and its letter, nor a surrogate pair. */
function countParts(widths: number[], whole: number, part: number): number {
  const total = widths.reduce((sum, width) => sum + width, 0);
  if (total <= whole) return 1;
  let parts = 1;
  let used = 0;
  for (const width of widths) {
    if (used + width > part) {
      parts += 1;
      used = 0;
    }
    used += width;
  }
  return parts;
}

/** How `text` travels and in how many parts it is charged: 160 or 153 characters in GSM-7, 70 or 67 in UCS-2. */
export function smsSegments(text: string): { encoding: "gsm7" | "ucs2"; segments: number } {
  const characters = [...text];
  if (characters.every(isGsm7)) {
    const widths = characters.map((character) => gsmCodes(character)?.length ?? 1);
    return { encoding: "gsm7", segments: countParts(widths, 160, 153) };
  }
  const widths = characters.map((character) => character.length);
  return { encoding: "ucs2", segments: countParts(widths, 70, 67) };
}

const equals: Record<string, string> = {
  "’": "'",
  "‘": "'",
  "‛": "'",
  ʼ: "'",
  "“": '"',
  "”": '"',
  "„": '"',
  "‹": "'",
  "›": "'",
  "–": "-",
  "—": "-",
  "‐": "-",
  "‑": "-",
  "−": "-",
  "…": "...",
  "•": "-",
  "·": "-",
  œ: "oe",
  Œ: "OE",
  "×": "x",
  "№": "no",
};

const spaces = /[\t\u00a0\u2000-\u200a\u202f\u205f\u3000]/g;
const invisible = /[\u00ad\u200b-\u200f\u2060\u2066-\u2069\u202a-\u202e\ufeff]/g;

function fold(character: string): string {
  if (isGsm7(character)) return character;
  const equal = equals[character];
  if (equal !== undefined) return equal;
  const letter = character.normalize("NFD").replaceAll(/\p{M}/gu, "");
  return [...letter].every(isGsm7) ? letter : character;
}

/**
 * In French and English, writes what GSM-7 lacks with its plain equal (’ « » … œ ê ç), so that an SMS holds 160
 * characters instead of 70; è é à ù and the rest of its alphabet stay. The text comes back as it was in any other
 * language, and when one character has no plain equal: nothing is lost for nothing.
 */
export function toGsm7WhereAllowed(text: string, locale: string): string {
  if (!["fr", "en"].includes(locale.toLowerCase().split(/[-_]/)[0] as string)) return text;
  const plain = text
    .normalize("NFC")
    .replaceAll(spaces, " ")
    .replaceAll(invisible, "")
    .replaceAll(/« ?/g, '"')
    .replaceAll(/ ?»/g, '"');
  const folded = [...plain].map(fold).join("");
  return [...folded].every(isGsm7) ? folded : text;
}

/**
 * Adds the last line `@host #code`, by which telephones offer the code only on our own pages (origin-bound one-time
 * codes, WICG). `host` may carry a port, which the format does not know and which is left out.
 */
export function withOriginBoundCode(text: string, host: string, code: string): string {
  return `${text.trimEnd()}\n@${host.toLowerCase().replace(/:\d+$/, "")} #${code}`;
}
