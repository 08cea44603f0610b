import { foldWords } from "../../store/words.ts";
import { parseEmailAddress, trimPasted } from "../addresses/email-address.ts";

/** Words from `low` to `high`, both included, by their bytes. */
export interface Range {
  low: string;
  high: string;
}

/** One thing that somebody must have: any of its ranges fits. */
export interface Term {
  kind: "word" | "number" | "address";
  text: string;
  ranges: Range[];
}

const longestQuery = 200;
const termsAtMost = 6;
/** Shorter words are taken whole: what begins with one or two letters is nearly everybody. */
const shortestBeginning = 3;

// Sorts after every letter of every script.
const last = "\u{10ffff}";
export const beginningWith = (text: string): Range => ({ low: text, high: `${text}${last}` });
export const exactly = (text: string): Range => ({ low: text, high: text });

/**
 * Reads what staff typed: words in any order, each the beginning of one of the person's; an address; a number
 * written in any way. Nothing is refused; what says too little finds only what is exactly so.
 */
export function readQuery(typed: string): Term[] {
  const text = trimPasted(typed).slice(0, longestQuery);
  const addresses: Term[] = [];
  const numbers: Term[] = [];
  const withoutAddresses = text.replaceAll(/\S*@\S*/g, (found) => {
    addresses.push(addressTerm(found));
    return " ";
  });
  // Four digits or more, however they are parted; not the digits of a word such as martin12.
  const withoutNumbers = withoutAddresses.replaceAll(
    /(?<![\p{L}\p{N}._-])\+?(?:\(\d{1,4}\)[\s.\-/]*)?\d(?:(?:[\s.\-/]|\(0\))*\d){3,}(?![\p{L}\p{N}])/gu,
    (found) => {
      numbers.push(numberTerm(found));
      return " ";
    },
  );
  const words = [...new Set(foldWords(withoutNumbers))].map(wordTerm);
  return [...addresses, ...numbers, ...words].slice(0, termsAtMost);
}

const wordTerm = (word: string): Term => ({
  kind: "word",
  text: word,
  ranges: [word.length < shortestBeginning ? exactly(word) : beginningWith(word)],
});

function addressTerm(typed: string): Term {
  const parsed = parseEmailAddress(typed);
  const key = parsed.ok ? parsed.key : typed.toLowerCase();
  return { kind: "address", text: key, ranges: [beginningWith(key)] };
}

/** With the country in front or without, and also as a table of numbers has it that lost the first nought. */
function numberTerm(typed: string): Term {
  const hasPlus = typed.startsWith("+");
  const digits = typed.replaceAll("(0)", "").replaceAll(/\D/g, "");
  const international = hasPlus ? digits : digits.startsWith("00") ? digits.slice(2) : null;
  const forms =
    international === null
      ? [digits, `+${digits}`, ...(digits.startsWith("0") ? [] : [`0${digits}`])]
      : [`+${international}`];
  return { kind: "number", text: typed.trim(), ranges: forms.map(beginningWith) };
}

/** Whether what was typed says enough to look for it while it is still being typed. */
export function saysEnough(terms: Term[]): boolean {
  return terms.some(({ text }) => text.replaceAll(/[^\p{L}\p{N}]/gu, "").length >= shortestBeginning);
}
