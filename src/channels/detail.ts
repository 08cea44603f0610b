const longest = 300;

/**
 * One line of at most 300 characters from what a server answered to `sent`. Servers quote what they dislike: links,
 * and every word with a digit that also stands in the message (codes, tokens), are taken out (promise 3).
 */
export function tidyDetail(answer: string, sent: string): string {
  const packed = sent.replaceAll(/[\s\u00a0\u202f]+/g, "");
  const oneLine = answer
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they would break the line that the desk shows.
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\s]+/g, " ")
    .replaceAll(/https?:\/\/[^\s<>"']+/gi, "[link]")
    .replaceAll(/\d[\d ]{4,}\d/g, (digits) =>
      packed.includes(digits.replaceAll(" ", "")) ? "[code]" : digits,
    )
    .replaceAll(/[\w-]{6,}(?![\w.+-]*@)/g, (word) =>
      /\d/.test(word) && packed.includes(word) ? "[code]" : word,
    )
    .trim();
  return oneLine.length > longest ? `${oneLine.slice(0, longest - 1)}…` : oneLine;
}
