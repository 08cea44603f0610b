/**
 * Words as the searches compare them: people and articles are found whatever the accents, capitals and small
 * mistakes of the hand. Nothing here is shown to anybody.
 */

/** Longer than any name; what is longer is cut, on both sides alike. */
const longestWord = 40;

/** Letters that Unicode does not take apart, by what people type instead of them. */
const spelledOut: Record<string, string> = {
  ß: "ss",
  œ: "oe",
  æ: "ae",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
  // Written either way by the same hand.
  ة: "ه",
  ى: "ي",
  // Draws a word longer, means nothing.
  ـ: "",
};

const special = new RegExp(`[${Object.keys(spelledOut).join("")}]`, "gu");
const easternDigit = /[٠-٩۰-۹]/gu;

/**
 * The words of a text, in its order, repeated where the text repeats them: lower case, without accents,
 * ß, œ and æ spelled out, at most 40 characters each. Whatever is neither letter nor digit parts words.
 */
export function foldWords(text: string): string[] {
  return (
    text
      .normalize("NFKD")
      .replaceAll(/\p{M}/gu, "")
      .toLowerCase()
      // "İ" in lower case brings a dot of its own.
      .replaceAll(/\p{M}/gu, "")
      .replaceAll(special, (letter) => spelledOut[letter] ?? "")
      .replaceAll(easternDigit, (digit) => String(digit.charCodeAt(0) & 0xf))
      .split(/[^\p{L}\p{N}]+/u)
      .filter((word) => word !== "")
      .map((word) => word.slice(0, longestWord))
  );
}

/**
 * How many letters must be added, dropped, changed or swapped with their neighbour to make `b` of `a` (optimal
 * string alignment). What is more than `atMost` is answered as `atMost + 1`, without finishing the count.
 */
export function damerau(a: string, b: string, atMost: number): number {
  if (a === b) return 0;
  if (Math.abs(a.length - b.length) > atMost) return atMost + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let edits = Math.min(Number(last[j]) + 1, Number(row[j - 1]) + 1, Number(last[j - 1]) + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, Number(beforeLast[j - 2]) + 1);
      }
      row.push(edits);
      if (edits < least) least = edits;
    }
    // Both this row and the one before must be beyond: a swap reaches over one row.
    if (least > atMost && Math.min(...last) > atMost) return atMost + 1;
    beforeLast = last;
    last = row;
  }
  return Math.min(Number(last[b.length]), atMost + 1);
}
