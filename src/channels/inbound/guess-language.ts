/** Words that stand in nearly every text of their language, and seldom in the other's. */
const frequent: Record<string, Set<string>> = {
  fr: new Set(
    "le la les des est je vous mon ma mes ne pas et un une du que pour mais avec bonjour merci nous dans sur".split(
      " ",
    ),
  ),
  en: new Set(
    "the is i you my to of and not it for have with can hello thanks please we in on this but are".split(" "),
  ),
};

/**
 * The language that a text seems to be written in: French, English, or Arabic by its letters; null when it is too
 * short to tell. `header` (`Content-Language` or `Accept-Language`, RFC 3282) goes before, where it names one of
 * `offered`.
 */
export function guessLanguage(text: string, header: string | null, offered: string[]): string | null {
  const named = (header ?? "").split(",", 5).map((part) => part.trim().slice(0, 20).toLowerCase());
  const found = named.map((tag) => offered.find((code) => tag === code || tag.startsWith(`${code}-`)));
  const told = found.find((code) => code !== undefined);
  if (told) return told;
  const guessed = guess(text.slice(0, 4000));
  return guessed !== null && offered.includes(guessed) ? guessed : null;
}

function guess(text: string): string | null {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const arabic = text.match(/\p{Script=Arabic}/gu)?.length ?? 0;
  if (arabic > letters * 0.4 && arabic >= 5) return "ar";
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const [fr = 0, en = 0] = ["fr", "en"].map(
    (code) => words.filter((word) => frequent[code]?.has(word)).length,
  );
  if (fr === en) return null;
  return fr > en ? "fr" : "en";
}
