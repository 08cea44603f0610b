import type { Score, ZxcvbnFactory } from "@zxcvbn-ts/core";
import { Fault } from "../../kernel/fault.ts";
import { usualPasswordWords } from "./password-words.ts";

/** 0 guessed at once … 4 beyond any attacker (zxcvbn). */
export type PasswordScore = Score;

// The word lists hold 37 MB of heap: loaded when the first password is chosen, kept from then on.
let loading: Promise<ZxcvbnFactory> | null = null;

// The work grows with the square of the length and with each way of undoing "p4$$w0rd": without these two limits
// one request of 100 chosen signs keeps a processor busy for more than a second. With them: about 35 ms.
const longestJudged = 48;
const waysOfUndoing = 2;
const wordsOfPersonRead = 12;

/**
 * How hard `plain` is to guess for somebody who knows `personal` words, the lists of common passwords, and French
 * and English words. Of a long password 48 characters are judged; if those are weak, its last 48 may do better.
 */
export async function scorePassword(plain: string, personal: string[]): Promise<PasswordScore> {
  const zxcvbn = await loadWordLists();
  const words = personal.slice(0, wordsOfPersonRead).map((word) => word.slice(0, longestJudged));
  const head = zxcvbn.check(plain.slice(0, longestJudged), words).score;
  if (head >= 2 || plain.length <= longestJudged) return head;
  const tail = zxcvbn.check(plain.slice(-longestJudged), words).score;
  return Math.max(tail, head) as PasswordScore;
}

export function loadWordLists(): Promise<ZxcvbnFactory> {
  loading ??= build().catch((cause) => {
    loading = null;
    throw new Fault("The word lists for passwords cannot be loaded.", { cause });
  });
  return loading;
}

async function build(): Promise<ZxcvbnFactory> {
  const { ZxcvbnFactory } = await import("@zxcvbn-ts/core");
  const common = await import("@zxcvbn-ts/language-common");
  const french = await import("@zxcvbn-ts/language-fr");
  const english = await import("@zxcvbn-ts/language-en");
  return new ZxcvbnFactory({
    dictionary: {
      ...common.dictionary,
      ...english.dictionary,
      ...french.dictionary,
      "usual-fr": [...usualPasswordWords],
    },
    graphs: common.adjacencyGraphs,
    l33tMaxSubstitutions: waysOfUndoing,
    maxLength: longestJudged,
  });
}
