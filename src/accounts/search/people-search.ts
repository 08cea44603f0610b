import type { Asked, Db } from "../../store/store.ts";
import { damerau } from "../../store/words.ts";
import { findNearWords } from "./near-words.ts";
import * as rows from "./people-search.store.ts";
import { exactly, type Range, type Term } from "./search-query.ts";
import { splitAddress, wordsOfAddress } from "./search-words.ts";

export type { FoundPerson, Inside, Piece, Whom } from "./people-search.store.ts";

/**
 * Search of people: every term must fit, in any order, as the beginning of a word; where that finds too few, near
 * spellings. It goes through the rarest term and asks the others of each person that it comes by, so that two common
 * words cost no more than one rare one; after some thousand people it stops and says where to go on.
 *
 * Tables: people_words, people_lexicon.
 */
export interface Cursor {
  /** Which term is gone through, and which of its ranges. */
  term: number;
  range: number;
  /** The last person that was looked at, and the word by which they were found; null: from the beginning. */
  last: rows.After | null;
}

export interface PeoplePage {
  ids: string[];
  /** Where the list goes on; null at its end. */
  next: Cursor | null;
  /** True where it stopped without being full: `next` looks further. */
  isPartial: boolean;
}

export interface SearchAsked {
  terms: Term[];
  whom: rows.Whom;
  cursor: Cursor | null;
  limit: number;
  /** Of these accounts, those that are to be shown. */
  keep: (ids: string[]) => Promise<string[]>;
  /** False once it has taken long enough: it stops, and says where to go on. */
  mayGoOn: () => boolean;
  /** Empty at first: what was counted for this search. */
  counted: Map<string, Promise<number>>;
}

/** People looked at in one question, and for one page: some 20 ms of the slower engine. */
const looksAtOnce = 750;
const looksAtMost = 3000;
const none: PeoplePage = { ids: [], next: null, isPartial: false };

/** Beyond this the exact number says no more: the longer of two common beginnings is the rarer. */
const countsTo = 1000;

/** How many rows each term has, counted no further than matters, and each range once a search. */
function countTerms(
  db: Asked,
  { terms, counted }: Pick<SearchAsked, "terms" | "counted">,
): Promise<number[]> {
  const countOnce = (range: Range) => {
    const name = `${range.low} ${range.high}`;
    const count = counted.get(name) ?? rows.countWithin(db, range, countsTo);
    counted.set(name, count);
    return count;
  };
  return Promise.all(
    terms.map(async ({ ranges }) => {
      const counts = await Promise.all(ranges.map(countOnce));
      return counts.reduce((sum, count) => sum + count, 0);
    }),
  );
}

function rarestOf(terms: Term[], counts: number[]): number {
  const byRarity = counts
    .map((count, index) => ({ count, index, length: terms[index]?.text.length ?? 0 }))
    .sort((a, b) => a.count - b.count || b.length - a.length);
  return byRarity[0]?.index ?? 0;
}

/** The next people, in the order of the words by which the rarest term finds them. */
export async function searchPeople(db: Asked, asked: SearchAsked): Promise<PeoplePage> {
  const { terms, cursor } = asked;
  if (terms.length === 0) return none;
  const members = await rows.membersAlone(db, asked.whom);
  if (members) return walkMembers(db, asked, members);
  if (cursor && cursor.term < terms.length) return walk(db, asked, cursor);
  const counts = terms.length === 1 ? [1] : await countTerms(db, asked);
  if (counts.includes(0)) return none;
  return walk(db, asked, { term: rarestOf(terms, counts), range: 0, last: null });
}

/** Inside some walls: everybody there is looked at, by the longest term. */
async function walkMembers(db: Asked, asked: SearchAsked, members: rows.Piece): Promise<PeoplePage> {
  const { terms, limit, cursor, whom } = asked;
  const longest = Math.max(...terms.map(({ text }) => text.length));
  const term =
    cursor && cursor.term < terms.length
      ? cursor.term
      : terms.findIndex(({ text }) => text.length === longest);
  const { ranges } = terms[term] as Term;
  const others = terms.filter((_, index) => index !== term).map((other) => other.ranges);
  const [first, ...more] = ranges;
  if (!first) return none;
  if (!cursor && more.length > 0) {
    // Most often a few people in all, and then one question is enough.
    const drives: [Range, ...Range[]] = [first, ...more];
    const found = await rows.findMembers(db, {
      members,
      drives,
      others,
      whom,
      after: null,
      limit: limit + 1,
    });
    if (found.length <= limit) {
      const placeOf = ({ word }: rows.After) =>
        ranges.findIndex(({ low, high }) => low <= word && word <= high);
      const sorted = found.toSorted((a, b) => placeOf(a) - placeOf(b));
      const ids = await asked.keep([...new Set(sorted.map(({ id }) => id))]);
      return { ids, next: null, isPartial: false };
    }
  }
  const ids: string[] = [];
  let last = cursor?.last ?? null;
  for (let range = cursor?.range ?? 0; range < ranges.length; ) {
    const drives: [Range] = [ranges[range] as Range];
    const found = await rows.findMembers(db, {
      members,
      drives,
      others,
      whom,
      after: last,
      limit: limit + 1,
    });
    const kept = new Set(await asked.keep(found.map(({ id }) => id)));
    for (const row of found) {
      const isShown = kept.has(row.id) && !ids.includes(row.id);
      if (isShown && ids.length === limit) return { ids, next: { term, range, last }, isPartial: false };
      if (isShown) ids.push(row.id);
      last = row;
    }
    if (found.length > limit) continue;
    last = null;
    range++;
  }
  return { ids, next: null, isPartial: false };
}

/** Some hundred people at a time, until the page is full, the end is reached, or it has looked long enough. */
async function walk(db: Asked, asked: SearchAsked, start: Cursor): Promise<PeoplePage> {
  const { terms, limit } = asked;
  const { term } = start;
  const { ranges } = terms[term] as Term;
  const others = terms.filter((_, index) => index !== term).map((other) => other.ranges);
  const ids: string[] = [];
  let { range, last } = start;
  let looked = 0;
  while (range < ranges.length) {
    if (looked > 0 && (looked >= looksAtMost || !asked.mayGoOn())) {
      return { ids, next: { term, range, last }, isPartial: true };
    }
    const where = { drive: ranges[range] as Range, after: last, scanAtMost: looksAtOnce };
    const [found, stopped] = await Promise.all([
      rows.findPeople(db, { ...where, others, whom: asked.whom, limit: limit + 1 }),
      rows.lastScanned(db, where),
    ]);
    const kept = new Set(await asked.keep(found.map(({ id }) => id)));
    for (const row of found) {
      const isShown = kept.has(row.id) && !ids.includes(row.id);
      if (isShown && ids.length === limit) return { ids, next: { term, range, last }, isPartial: false };
      if (isShown) ids.push(row.id);
      last = row;
    }
    looked += looksAtOnce;
    // Full, but some were not to be shown: on from the last of them.
    if (found.length > limit) continue;
    last = stopped;
    if (!stopped) range++;
  }
  return { ids, next: null, isPartial: false };
}

/**
 * People whose words differ from what was typed by a slip or two, and who are not found without one. The terms that
 * nobody has are the mistyped ones; where each of them is somebody's, it is tried which one it may have been.
 */
export async function searchNear(
  db: Db,
  asked: Omit<SearchAsked, "cursor"> & { except: string[] },
): Promise<string[]> {
  const { terms, except } = asked;
  const [only] = terms;
  if (only?.kind === "address" && terms.length === 1) return searchNearAddress(db, asked, only.text);
  const counts = await countTerms(db, asked);
  const unknown = terms.filter((_, index) => counts[index] === 0);
  const mistyped = (unknown.length > 0 ? unknown : terms).filter(({ kind }) => kind === "word");
  const found = await Promise.all(mistyped.map(({ text }) => findNearWords(db, text)));
  const near = new Map(
    mistyped.flatMap((term, index) => {
      const ranges = (found[index] ?? []).map(exactly);
      return ranges.length === 0 ? [] : [[term, { ...term, ranges }] as const];
    }),
  );
  if (unknown.some((term) => !near.has(term))) return [];
  const attempts =
    unknown.length > 0 ? [unknown] : terms.filter((term) => near.has(term)).map((term) => [term]);
  const ids: string[] = [];
  for (const slipped of attempts) {
    const instead = terms.map((term) => (slipped.includes(term) ? (near.get(term) as Term) : term));
    const page = await searchPeople(db, {
      ...asked,
      terms: instead,
      cursor: null,
    });
    ids.push(...page.ids.filter((id) => !ids.includes(id) && !except.includes(id)));
    if (ids.length >= asked.limit) break;
  }
  return ids.slice(0, asked.limit);
}

/** Addresses looked at that have the same words, or nearly. */
const addressesAtMost = 60;
const slipsInAddress = 2;

/** The same for an address: by a slip in it, or the same name at the same house under another ending. */
async function searchNearAddress(
  db: Db,
  asked: Pick<SearchAsked, "whom" | "keep" | "limit" | "mayGoOn" | "counted"> & { except: string[] },
  typed: string,
): Promise<string[]> {
  const { local, domain } = splitAddress(typed);
  if (local === "" || domain.length < 4) return [];
  const { words } = wordsOfAddress(typed);
  const whole = words.flatMap(({ word }) => (word.includes("@") ? [] : [word]));
  const joined = whole.at(-1) ?? local;
  const parts = whole.length > 1 ? whole.slice(0, -1) : whole;
  const candidates = new Set<string>();
  const add = (ids: string[]) => {
    for (const id of ids) candidates.add(id);
  };
  const domains = await findNearWords(db, domain);
  const atNearDomains = await rows.findExactly(
    db,
    domains.map((near) => local + near),
    addressesAtMost,
  );
  add(atNearDomains.map(({ account_id: id }) => id));
  add((await rows.findExactly(db, [joined], addressesAtMost)).map(({ account_id: id }) => id));
  const term = (word: string, ranges: Range[]): Term => ({ kind: "word", text: word, ranges });
  const exact = parts.map((word) => term(word, [exactly(word)]));
  const search = async (terms: Term[]) => {
    if (terms.length === 0) return;
    const page = await searchPeople(db, {
      ...asked,
      terms,
      cursor: null,
      limit: addressesAtMost,
    });
    add(page.ids);
  };
  await search(exact);
  for (const [index, word] of parts.entries()) {
    const near = await findNearWords(db, word);
    if (near.length === 0) continue;
    await search(exact.map((other, at) => (at === index ? term(word, near.map(exactly)) : other)));
  }
  const kept = await rows.keepWhom(db, [...candidates], asked.whom);
  const shown = (await asked.keep(kept)).filter((id) => !asked.except.includes(id));
  const people = await rows.readFound(db, shown);
  return people
    .map((person) => ({ id: person.account.id, distance: distanceOf(person, typed) }))
    .filter(({ distance }) => distance <= slipsInAddress)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, asked.limit)
    .map(({ id }) => id);
}

/** How near the nearest address of somebody is; beyond counting where none is. */
function distanceOf(person: rows.FoundPerson, typed: string): number {
  const keys = [
    ...person.identifiers.filter(({ kind }) => kind === "email").map(({ key }) => key),
    ...person.contacts.filter(({ channel }) => channel === "email").map(({ address_key: key }) => key),
  ];
  return Math.min(
    ...keys.map((key) => damerau(key, typed, slipsInAddress)),
    ...keys.map((key) => sameHouse(key, typed)),
  );
}

/** `lea@gmail.fr` and `lea@gmail.com` are three slips apart, and one thought. */
function sameHouse(key: string, typed: string): number {
  const [one, other] = [splitAddress(key), splitAddress(typed)];
  const house = (domain: string) => domain.split(".")[0];
  return one.local === other.local && house(one.domain) === house(other.domain)
    ? slipsInAddress
    : slipsInAddress + 1;
}

export const readFound = rows.readFound;
export const listByStatus = rows.listByStatus;
export const keepWhom = rows.keepWhom;
