import { done, type Outcome, refused } from "../../kernel/outcome.ts";

export type NicknameRefusal = "nickname.missing" | "nickname.malformed" | "nickname.too-long";

/**
 * Reads a public nickname: 2 to 30 letters or digits of any script, with `_`, `-` and `.` inside. `key` is what
 * must be unique: without case and accents, so that nobody passes for somebody else by a mark (UTS #39 is stricter).
 */
export function parseNickname(typed: string): Outcome<{ shown: string; key: string }, NicknameRefusal> {
  const shown = typed.normalize("NFKC").trim();
  if (shown === "") return refused("nickname.missing");
  if ([...shown].length > 30) return refused("nickname.too-long");
  if (!/^[\p{L}\p{N}][\p{L}\p{M}\p{N}_.-]*[\p{L}\p{M}\p{N}]$/u.test(shown))
    return refused("nickname.malformed");
  const key = shown.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  return { ...done, shown, key };
}
