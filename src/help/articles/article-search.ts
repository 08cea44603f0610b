import MiniSearch, { type Query } from "minisearch";
import { isEmptyWord, termsOf } from "./article-words.ts";

/** A word of a text: where it stands, and what the search compares it by. */
export interface PlacedWord {
  at: number;
  end: number;
  terms: string[];
}

/** Read once for each text: folding every word of it takes longer than the search itself. */
export function placeWords(text: string): PlacedWord[] {
  return [...text.matchAll(/\S+/g)].map(({ 0: word, index }) => ({
    at: index,
    end: index + word.length,
    terms: termsOf(word),
  }));
}

/** What the search knows of an article. */
export interface Findable {
  slug: string;
  /** Says which text of the article this is: one that is known already is not read again. */
  key: string;
  title: string;
  summary: string;
  headings: string;
  /** What people call what the article is about. */
  symptoms: string;
  /** The words of the text, as `placeWords` read them. */
  words: PlacedWord[];
}

export interface Found {
  slug: string;
  /** Words of the article that were met, folded. */
  terms: Set<string>;
}

const fields = ["title", "symptoms", "summary", "headings", "words"] as const;
const boost = { title: 5, symptoms: 4, summary: 2.5, headings: 2, words: 1 };
const longestQuery = 200;
const termsAtMost = 12;
/** As few as this, and articles that hold only some of the words are shown after them. */
const fewHits = 3;
/** More than anybody reads; a page leaves out some of them. */
const hitsAtMost = 100;

export type ArticleSearch = ReturnType<typeof createArticleSearch>;

/**
 * The articles of one language by their words: accents, capitals, word order and small mistakes do not matter,
 * the beginning of a word is enough, and a word of the title weighs more than one of the text.
 */
export function createArticleSearch() {
  const vocabulary = new Set<string>();
  const index = new MiniSearch<Findable>({
    idField: "slug",
    fields: [...fields],
    extractField: (article, field) =>
      field === "words"
        ? article.words.flatMap(({ terms }) => terms).join(" ")
        : article[field as Exclude<keyof Findable, "words">],
    // The words of the text were folded when they were placed; folding is most of what indexing costs.
    tokenize: (text, field) => (field === "words" ? text.split(" ") : termsOf(text)),
    processTerm(term, field) {
      // Without a field it is a word that is searched for.
      if (field !== undefined) vocabulary.add(term);
      return term === "" ? null : term;
    },
    autoVacuum: true,
  });
  const known = new Map<string, string>();

  function put(article: Findable): void {
    if (known.get(article.slug) === article.key) return;
    if (known.has(article.slug)) index.discard(article.slug);
    index.add(article);
    known.set(article.slug, article.key);
  }

  /** Forgets every article that is not among these. */
  function keepOnly(slugs: Set<string>): void {
    for (const slug of [...known.keys()].filter((slug) => !slugs.has(slug))) {
      index.discard(slug);
      known.delete(slug);
    }
  }

  /** Two neighbouring letters in the wrong order are one slip of the hand, which an edit distance counts as two. */
  function withSwaps(term: string): Query {
    const swaps = [...term.slice(1)]
      .map((_, at) => term.slice(0, at) + term[at + 1] + term[at] + term.slice(at + 2))
      .filter((swapped) => swapped !== term && vocabulary.has(swapped));
    return swaps.length === 0 ? term : { combineWith: "OR", queries: [term, ...swaps] };
  }

  /** What fits, the best first; nothing for a query without words. */
  function find(query: string): Found[] {
    const typed = termsOf(query.slice(0, longestQuery));
    const telling = typed.filter((term) => !isEmptyWord(term));
    const terms = [...new Set(telling.length > 0 ? telling : typed)].slice(0, termsAtMost);
    if (terms.length === 0) return [];
    const queries = terms.map(withSwaps);
    const hits = search({ combineWith: "AND", queries });
    if (terms.length > 1 && hits.length < fewHits) {
      const seen = new Set(hits.map(({ slug }) => slug));
      hits.push(...search({ combineWith: "OR", queries }).filter(({ slug }) => !seen.has(slug)));
    }
    return hits;
  }

  function search(query: Query): Found[] {
    const results = index.search(query, {
      boost,
      prefix: (term) => term.length > 2,
      // Short words have too many neighbours that mean something else.
      fuzzy: (term) => (/^\d+$/.test(term) || term.length < 5 ? false : term.length < 8 ? 1 : 2),
      weights: { prefix: 0.7, fuzzy: 0.4 },
    });
    return results
      .slice(0, hitsAtMost)
      .map(({ id, match }) => ({ slug: String(id), terms: new Set(Object.keys(match)) }));
  }

  return { put, keepOnly, find, has: (slug: string, key: string) => known.get(slug) === key };
}

/** A piece of text, marked where the search met it. */
export interface MarkedText {
  text: string;
  isMarked: boolean;
}

/** The text in pieces, those words marked that were met. */
export function markWords(text: string, terms: Set<string>): MarkedText[] {
  const pieces: MarkedText[] = [];
  let plain = "";
  const flush = () => {
    if (plain !== "") pieces.push({ text: plain, isMarked: false });
    plain = "";
  };
  for (const [part] of text.matchAll(/[\p{L}\p{N}\p{M}]+|[^\p{L}\p{N}\p{M}]+/gu)) {
    if (termsOf(part).some((term) => terms.has(term))) {
      flush();
      pieces.push({ text: part, isMarked: true });
    } else plain += part;
  }
  flush();
  return pieces;
}

const snippetLength = 170;
/** A stretch begins a little before a word that was met, so that it can be read. */
const wordsBefore = 3;

/**
 * The stretch of the text, of whole words, that holds the most of what was met, with those words marked; the
 * beginning when it holds none.
 */
export function cutSnippet(text: string, words: PlacedWord[], terms: Set<string>): MarkedText[] {
  const isMet = words.map((word) => word.terms.some((term) => terms.has(term)));
  const endOf = (from: number) => {
    const start = words[from]?.at ?? 0;
    let to = from;
    while (to + 1 < words.length && (words[to + 1]?.end ?? 0) - start <= snippetLength) to++;
    return to;
  };
  let best = { from: 0, score: 0 };
  for (let at = isMet.indexOf(true); at !== -1; at = isMet.indexOf(true, at + 1)) {
    const from = Math.max(0, at - wordsBefore);
    const met = words.slice(from, endOf(from) + 1).flatMap((word) => word.terms);
    const score = new Set(met.filter((term) => terms.has(term))).size;
    if (score > best.score) best = { from, score };
  }
  const { from } = best;
  const to = endOf(from);
  const pieces: MarkedText[] = [];
  const add = (piece: MarkedText) => {
    const last = pieces.at(-1);
    if (last && !last.isMarked && !piece.isMarked) last.text += piece.text;
    else if (piece.text !== "") pieces.push({ ...piece });
  };
  const plain = (piece: string) => add({ text: piece, isMarked: false });
  if (from > 0) plain("… ");
  for (let index = from; index <= to && index < words.length; index++) {
    const { at, end } = words[index] as PlacedWord;
    const word = text.slice(at, end);
    if (isMet[index]) markWords(word, terms).forEach(add);
    else plain(word);
    if (index < to) plain(" ");
  }
  if (to < words.length - 1) plain(" …");
  return pieces;
}
