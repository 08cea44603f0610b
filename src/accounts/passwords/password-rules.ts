import { loadWordLists, type PasswordScore, scorePassword } from "./guess-password.ts";
import { longestPassword, longestPasswordTyped, normalisePassword } from "./password-text.ts";

/**
 * Each has its words under `password.rule.<rule>`. `length`, `common` and `unlike` are listed beside the field and
 * ticked as they are met; `too-long` and `malformed` are said only when broken.
 */
export const passwordRules = ["length", "too-long", "malformed", "common", "unlike"] as const;
export type PasswordRule = (typeof passwordRules)[number];
export const listedPasswordRules = ["length", "common", "unlike"] as const satisfies PasswordRule[];

export interface PasswordCheck {
  ok: boolean;
  /** The rules that are broken, in the order in which they are said. */
  failed: PasswordRule[];
  /** For the strength shown, `password.strength.<score>`; at most 1 while a rule is broken. */
  score: PasswordScore;
  /** Whether each rule is met. */
  rules: Record<PasswordRule, boolean>;
}

export interface PasswordRules {
  minLength: number;
  /** `unlike`: the person's names, nickname, addresses and identifiers as they are written. Takes any text. */
  check(plain: string, about: { unlike: string[] }): Promise<PasswordCheck>;
  /** Loads the word lists before they are needed: a third of a second, once, when nothing else is answered. */
  prepare(): Promise<void>;
}

/**
 * What a new password must be (NIST SP 800-63B §5.1.1.2, ASVS 6.2): from `minLength` to 256 characters after NFKC,
 * not easily guessed, unlike its owner's names. No rule of composition. That it differs from the one being
 * replaced is asked of the stored hash, by whoever holds it.
 */
export function createPasswordRules({ minLength }: { minLength: number }): PasswordRules {
  return {
    minLength,
    async check(typed, { unlike }) {
      const plain = normalisePassword(typed.slice(0, longestPasswordTyped));
      const length = [...plain].length;
      const guessed = await scorePassword(plain, unlike.flatMap(partsOf));
      const rules: Record<PasswordRule, boolean> = {
        length: length >= minLength,
        "too-long": length <= longestPassword && typed.length <= longestPasswordTyped,
        // Half a character is not text, and NUL ends a text in some programs: neither can be typed again elsewhere.
        malformed: typed.isWellFormed() && !typed.includes("\0"),
        common: guessed >= 2,
        unlike: !unlike.some((name) => resembles(plain, name)),
      };
      const failed = passwordRules.filter((rule) => !rules[rule]);
      const ok = failed.length === 0;
      return { ok, failed, score: ok || guessed <= 1 ? guessed : 1, rules };
    },
    async prepare() {
      await loadWordLists();
    },
  };
}

// Shorter parts stand by chance in honest passwords: refusing every password with "lea" in it would puzzle people.
const shortestPart = 4;
const longestName = 200;

function resembles(plain: string, name: string): boolean {
  const folded = fold(plain);
  const joined = compact(folded);
  const parts = partsOf(name);
  return (
    parts.includes(joined) || parts.some((part) => part.length >= shortestPart && holds(folded, joined, part))
  );
}

const holds = (folded: string, joined: string, part: string) =>
  folded.includes(part) || joined.includes(part);

/** The words of a name and the whole without separators; of an e-mail address only what stands before the `@`. */
function partsOf(name: string): string[] {
  const folded = fold(name.slice(0, longestName).replace(/@.*$/s, ""));
  const parts = new Set([...(folded.match(/\p{L}+/gu) ?? []), compact(folded)]);
  parts.delete("");
  return [...parts];
}

/** Without case or accents, so that « Éloïse » is found in `eloise2009`. */
function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll("œ", "oe")
    .replaceAll("æ", "ae")
    .replaceAll("ß", "ss");
}

const compact = (folded: string) => folded.replace(/[^\p{L}\p{N}]/gu, "");
