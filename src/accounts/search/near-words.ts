import type { Asked } from "../../store/store.ts";
import { damerau } from "../../store/words.ts";
import { keepKnown, listNear } from "./people-search.store.ts";
import { slipsIn } from "./search-words.ts";

const atMost = 8;

/**
 * Words that somebody has and that differ from `word` by a slip or two: a letter too many or too few, another one, or
 * two that changed places. The nearest first; none that begins with `word`, for those are found anyway.
 *
 * One slip leaves the first half or the last half as it was, unless it swaps the two letters where they meet. Two
 * slips, one in each half, leave at least the first two letters or the last two: that is asked only when nothing
 * nearer was found, because it looks at more.
 */
export async function findNearWords(db: Asked, word: string): Promise<string[]> {
  const slips = slipsIn(word);
  if (slips === 0) return [];
  const half = Math.floor(word.length / 2);
  const sizes = { shortest: word.length - slips, longest: word.length + slips };
  const swapped =
    word.slice(0, half - 1) + (word[half] ?? "") + (word[half - 1] ?? "") + word.slice(half + 1);
  const [candidates, known] = await Promise.all([
    listNear(db, { beginning: word.slice(0, half), end: word.slice(half), ...sizes }),
    keepKnown(db, [swapped]),
  ]);
  const near = nearest(word, [...candidates, ...known], slips);
  if (near.length > 0 || slips < 2) return near;
  return nearest(
    word,
    await listNear(db, { beginning: word.slice(0, 2), end: word.slice(-2), ...sizes }),
    slips,
  );
}

function nearest(word: string, candidates: string[], slips: number): string[] {
  return [...new Set(candidates)]
    .filter((candidate) => !candidate.startsWith(word))
    .map((candidate) => ({ candidate, distance: damerau(word, candidate, slips) }))
    .filter(({ distance }) => distance <= slips)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, atMost)
    .map(({ candidate }) => candidate);
}
