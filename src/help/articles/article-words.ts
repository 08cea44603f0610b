import { foldWords } from "../../store/words.ts";

/** Words that stand in every text and say nothing of what it is about, folded. */
const empty = new Set(
  [
    "a ai as au aux avec c ca ce cela ces cet cette comment d dans de des du elle en est et eu il ils j je l la",
    "le les leur lui m ma mais me mes moi mon n ne nos notre nous on ou par pas plus pour qu quand que quel",
    "quelle qui quoi s sa se ses si son sont sur t te tes toi ton tu un une vos votre vous y",
    "am an and are as at be but by can do does for from have he her his how i if in is it its me my not of",
    "on or our she so t that the their they this to was we what when where which who why will with you your",
    "في من على الى عن هل ما لا لم لن ان او هذا هذه ذلك التي الذي كيف لماذا انا هو هي مع و يا قد كان",
  ].flatMap(foldWords),
);

/** Where nothing else is said, even these are looked for. */
export const isEmptyWord = (word: string): boolean => empty.has(word);

/**
 * The words of a text as the search compares them: folded, without letters that stand alone (the French `l'`), and
 * without the Arabic article, which is written as one with its word.
 */
export function termsOf(text: string): string[] {
  return foldWords(text)
    .map((word) => (word.length > 4 && word.startsWith("ال") ? word.slice(2) : word))
    .filter((word) => word.length > 1 || /\d/.test(word));
}
