import { foldWords } from "../../store/words.ts";
import { nationalDigits } from "../addresses/phone-number.ts";

/** One way to find somebody. `isSpelled`: a word that a hand may mistype, and near spellings are looked for. */
export interface SearchWord {
  word: string;
  isSpelled: boolean;
}

/** What somebody is found by; a contact point that serves no more finds nobody. */
export interface SearchedPerson {
  name: string;
  nickname: string | null;
  identifiers: { kind: "username" | "email"; key: string }[];
  contacts: { channel: "email" | "sms"; address_key: string }[];
}

/** Shorter words have too many neighbours for a near spelling to mean anything. */
export const shortestSpelled = 4;

export const isSpelled = (word: string) => word.length >= shortestSpelled && /\p{L}/u.test(word);

const twoSlipsFrom = 8;

/** How many slips of the hand are forgiven in a word: one, in a long word two, in a very short one none. */
export const slipsIn = (word: string) => (isSpelled(word) ? (word.length >= twoSlipsFrom ? 2 : 1) : 0);

const spelled = (word: string): SearchWord => ({ word, isSpelled: isSpelled(word) });
const exact = (word: string): SearchWord => ({ word, isSpelled: false });

export const wordsOfText = (text: string): SearchWord[] => foldWords(text).map(spelled);

/**
 * Of an address: its words before the `@`, the same without what parts them ("lea.martin" is found as "leamartin"),
 * the whole, and its domain, which is a word for near spellings alone: half of everybody has the same.
 */
export function wordsOfAddress(key: string): { words: SearchWord[]; domain: string } {
  const { local, domain } = splitAddress(key);
  const words = foldWords(local);
  const joined = words.length > 1 ? [exact(words.join(""))] : [];
  return { words: [...words.map(spelled), ...joined, exact(key)], domain };
}

export function splitAddress(key: string): { local: string; domain: string } {
  const at = key.lastIndexOf("@");
  return { local: key.slice(0, at), domain: key.slice(at) };
}

/** Of a number: as it is stored, and as people dial it. */
export const wordsOfNumber = (e164: string): SearchWord[] => [exact(e164), exact(nationalDigits(e164))];

/** Every word of a person, each once, and the domains of the addresses. */
export function wordsOfPerson(person: SearchedPerson): { words: SearchWord[]; domains: string[] } {
  const words = [...wordsOfText(person.name), ...wordsOfText(person.nickname ?? "")];
  const domains: string[] = [];
  const addAddress = (key: string) => {
    const address = wordsOfAddress(key);
    words.push(...address.words);
    domains.push(address.domain);
  };
  for (const { kind, key } of person.identifiers) {
    if (kind === "email") addAddress(key);
    else words.push(...wordsOfText(key));
  }
  for (const { channel, address_key: key } of person.contacts) {
    if (channel === "email") addAddress(key);
    else words.push(...wordsOfNumber(key));
  }
  return { words: distinct(words), domains: [...new Set(domains)] };
}

export function distinct(words: SearchWord[]): SearchWord[] {
  return [...new Map(words.map((word) => [word.word, word])).values()];
}
