/**
 * The answers of a person on the way through the diagnosis, as they stand in the address: readable, and short
 * enough to be copied. `mail-which.reset~mail-reset.no~refused-school.Collège des Tilleuls`.
 *
 * Whatever a stranger writes there is only ever compared with the names of the diagnosis, or shown as text.
 */
export interface Answered {
  node: string;
  /** Name of the answer, the words written, or `no` for an end that did not help. */
  answer: string;
}

/** What stands for « this did not help » after an end. */
export const noHelp = "no";

const longestTrail = 800;
const answersAtMost = 24;
const longestWords = 80;

export function writeTrail(answered: Answered[]): string {
  return answered.map(({ node, answer }) => `${node}.${answer.replaceAll("~", "-")}`).join("~");
}

/** What cannot be read is left out. Of two answers to one question the later counts. */
export function readTrail(text: string): Answered[] {
  const found = new Map<string, string>();
  // By characters: half of one could stand in no address line (ECMA-262, encodeURIComponent).
  const read = [...text.toWellFormed()].slice(0, longestTrail).join("");
  for (const part of read.split("~").slice(0, answersAtMost)) {
    const dot = part.indexOf(".");
    if (dot <= 0) continue;
    const node = part.slice(0, dot);
    found.delete(node);
    found.set(node, tidyWords(part.slice(dot + 1)));
  }
  return [...found].filter(([, answer]) => answer !== "").map(([node, answer]) => ({ node, answer }));
}

/** One line of a few words, such as the name of a school. */
export function tidyWords(text: string): string {
  const line = text
    .replaceAll(/[\p{Cc}\p{Cf}<>~]+/gu, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
  return [...line].slice(0, longestWords).join("").trim();
}
