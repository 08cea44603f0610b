import { setImmediate as breathe } from "node:timers/promises";
import type { Preset } from "../../config/preset.ts";
import type { Symptom } from "../../config/symptoms.ts";
import type { Locale } from "../../i18n/locale.ts";
import type { MessageKey, Translate } from "../../i18n/translations.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import type { Store } from "../../store/store.ts";
import { type ArticleFile, type PictureFile, readArticleFiles, readPictureFiles } from "./article-files.ts";
import type { RenderedArticle } from "./article-html.ts";
import {
  type ArticleSearch,
  createArticleSearch,
  cutSnippet,
  type MarkedText,
  markWords,
  type PlacedWord,
  placeWords,
} from "./article-search.ts";
import { type Article, type ArticleFront, categories, isFor } from "./article-shape.ts";
import { articleValues, fillIn } from "./article-values.ts";
import * as rows from "./articles.store.ts";
import { languagesFrom, pictureFinder, renderFor } from "./check-articles.ts";
import { type ReadArticle, readArticle } from "./read-article.ts";

/**
 * The articles of the help centre: the files `help/<language>/<slug>.md`, and over them what staff published on the
 * desk. Preset and kinds of person decide which exist; an article that is missing in a language is shown in
 * another, unless it was withdrawn in this one.
 *
 * Tables: article_versions. Settings: name, kinds, languages, and those that `{{…}}` names.
 */
export type Articles = ReturnType<typeof createArticles>;

/** An article as lists name it, in the language of the page or the nearest that there is. */
export interface ArticleLine {
  slug: string;
  title: string;
  summary: string;
  category: ArticleFront["category"];
  /** The language of the title and the text. */
  locale: Locale;
}

/** An article as a page shows it. */
export interface ShownArticle extends ArticleLine {
  front: ArticleFront;
  number: number;
  rendered: RenderedArticle;
  related: ArticleLine[];
  /** The languages offered in which it can be read. */
  languages: Locale[];
}

/** What a search found. */
export interface SearchHit extends ArticleLine {
  markedTitle: MarkedText[];
  snippet: MarkedText[];
}

/** Other nodes publish too: they are looked at this often. */
const lookEvery = 10 * second;
const articlesAtATime = 20;
const hitsAtMost = 20;

interface Shelf {
  /** By language of the page, then by slug; in the order in which lists show them. */
  byLocale: Map<Locale, Map<string, Article>>;
  /** By language of the page: those in which its articles are written, its own first. */
  writtenIn: Map<Locale, Locale[]>;
}

/** Every article of this portal by slug, then language; null where it was withdrawn. */
type Gathered = Map<string, Map<Locale, Article | null>>;

interface Readied {
  rendered: RenderedArticle;
  words: PlacedWord[];
}

export function createArticles(deps: {
  root: string;
  store: Store;
  clock: Clock;
  preset: Preset;
  translate: (locale: Locale) => Translate;
}) {
  const { root, store, clock, preset } = deps;
  const offered = preset.languages.offered;
  /** By the language that articles are written in: one that is borrowed by two others is known once. */
  const searches = new Map<Locale, ArticleSearch>();
  /** What was read of each published version, and rendered of each article: a text never changes. */
  const readVersions = new Map<string, ReadArticle>();
  const readied = new Map<string, Readied>();
  let files: Promise<{ articles: (ArticleFile & { read: ReadArticle })[]; pictures: PictureFile[] }> | null =
    null;
  let shelf: Promise<Shelf> | null = null;
  let lastBuilt: Promise<unknown> = Promise.resolve();
  let versionsKnown = -1;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let pictures: PictureFile[] = [];

  async function readFiles() {
    const found = await readArticleFiles(root);
    pictures = await readPictureFiles(root);
    return { articles: found.map((file) => ({ ...file, read: readArticle(file.source) })), pictures };
  }

  const keyOf = ({ slug, locale, number }: Article) => `${slug} ${locale} ${number}`;

  function ready(article: Article): Readied {
    const key = keyOf(article);
    let found = readied.get(key);
    if (!found) {
      const rendered = render({ body: article.body, bodyLine: 1 }, article.locale);
      found = { rendered, words: placeWords(rendered.text) };
      readied.set(key, found);
    }
    return found;
  }

  function render(read: Pick<ReadArticle, "body" | "bodyLine">, locale: Locale): RenderedArticle {
    const tableLabel = deps.translate(locale)("articles.table");
    const picture = pictureFinder(pictures, preset, locale);
    return renderFor(read, { preset, locale, picture, tableLabel });
  }

  /** Titles and summaries may name the portal too. */
  function filledIn(front: ArticleFront, locale: Locale): ArticleFront {
    const values = articleValues(preset, locale);
    const action = front.action && { ...front.action, label: fillIn(front.action.label, values) };
    return {
      ...front,
      title: fillIn(front.title, values),
      summary: fillIn(front.summary, values),
      action,
    };
  }

  async function gather(): Promise<Gathered> {
    files ??= readFiles();
    const all: Gathered = new Map();
    const languagesOf = (slug: string) => {
      const languages = all.get(slug) ?? new Map<Locale, Article | null>();
      all.set(slug, languages);
      return languages;
    };
    const put = (slug: string, locale: Locale, number: number, { front, body }: ReadArticle) => {
      const languages = languagesOf(slug);
      if (!front || !isFor(front, preset)) languages.delete(locale);
      else languages.set(locale, { slug, locale, front: filledIn(front, locale), body, number });
    };
    for (const { slug, locale, read } of (await files).articles) put(slug, locale, 0, read);
    for (const version of await rows.newestVersions(store, "public")) {
      const { id, slug, locale, number, status } = version;
      if (status === "withdrawn") {
        languagesOf(slug).set(locale, null);
        continue;
      }
      let read = readVersions.get(id);
      if (!read) {
        read = readArticle(version.source);
        readVersions.set(id, read);
      }
      put(slug, locale, number, read);
    }
    return all;
  }

  async function build(): Promise<Shelf> {
    lookedAt = clock.now();
    versionsKnown = await rows.countVersions(store);
    const all = await gather();
    const byLocale = new Map<Locale, Map<string, Article>>();
    const writtenIn = new Map<Locale, Locale[]>();
    for (const locale of offered) {
      const order = new Intl.Collator(locale);
      const chosen = [...all.values()].flatMap((languages) => choose(languages, locale) ?? []);
      chosen.sort(
        ({ front: a }, { front: b }) =>
          categories.indexOf(a.category) - categories.indexOf(b.category) ||
          a.order - b.order ||
          order.compare(a.title, b.title),
      );
      byLocale.set(locale, new Map(chosen.map((article) => [article.slug, article])));
      const languages = new Set(chosen.map((article) => article.locale));
      writtenIn.set(
        locale,
        [...languages].sort((a, b) => Number(b === locale) - Number(a === locale)),
      );
    }
    await index([...byLocale.values()].flatMap((own) => [...own.values()]));
    return { byLocale, writtenIn };
  }

  function choose(languages: Map<Locale, Article | null>, locale: Locale): Article | null {
    if (languages.get(locale) === null) return null;
    for (const language of [...languagesFrom(locale, preset), ...languages.keys()]) {
      const article = languages.get(language);
      if (article) return article;
    }
    return null;
  }

  async function index(articles: Article[]): Promise<void> {
    const languages = new Set([...searches.keys(), ...articles.map(({ locale }) => locale)]);
    for (const language of languages) {
      const search = searches.get(language) ?? createArticleSearch();
      searches.set(language, search);
      const own = articles.filter(({ locale }) => locale === language);
      search.keepOnly(new Set(own.map(({ slug }) => slug)));
      for (const [at, article] of own.entries()) {
        if (search.has(article.slug, keyOf(article))) continue;
        const { front, slug } = article;
        const { rendered, words } = ready(article);
        search.put({
          slug,
          key: keyOf(article),
          title: front.title,
          summary: front.summary,
          headings: rendered.headings,
          symptoms: front.symptoms.flatMap(calledBy).join(" "),
          words,
        });
        // Thousands of articles take a second: pages are answered meanwhile.
        if (at % articlesAtATime === 0) await breathe();
      }
    }
  }

  /** In every language: whoever reads a borrowed article looks for it in words of their own. */
  const calledBy = (symptom: Symptom) =>
    offered.map((locale) => deps.translate(locale)(`articles.words.${symptom}` as MessageKey));

  /** One after the other: two at once would put older texts over newer ones. */
  function open(): Promise<Shelf> {
    if (!shelf) {
      const opening = lastBuilt.then(build, build);
      lastBuilt = opening;
      shelf = opening;
      opening.catch(() => {
        if (shelf === opening) shelf = null;
      });
    }
    return shelf;
  }

  const lineOf = ({ slug, locale, front }: Article): ArticleLine => ({
    slug,
    locale,
    title: front.title,
    summary: front.summary,
    category: front.category,
  });
  const onShelf = async (locale: Locale) => (await open()).byLocale.get(locale) ?? new Map<string, Article>();

  /** Every article there is, by category, then in its order. */
  async function list(locale: Locale): Promise<ArticleLine[]> {
    return [...(await onShelf(locale)).values()].map(lineOf);
  }

  /** One article; null where there is none of this name for this portal. */
  async function read(slug: string, locale: Locale): Promise<ShownArticle | null> {
    const { byLocale } = await open();
    const own = byLocale.get(locale);
    const article = own?.get(slug);
    if (!own || !article) return null;
    return {
      ...lineOf(article),
      front: article.front,
      number: article.number,
      rendered: ready(article).rendered,
      related: article.front.related.flatMap((other) => {
        const found = own.get(other);
        return found ? lineOf(found) : [];
      }),
      languages: offered.filter((language) => byLocale.get(language)?.get(slug)?.locale === language),
    };
  }

  /** Articles that fit what was typed, the best first; with the stretch of each that was met. */
  async function search(query: string, locale: Locale): Promise<SearchHit[]> {
    const { byLocale, writtenIn } = await open();
    const own = byLocale.get(locale) ?? new Map<string, Article>();
    const found = (writtenIn.get(locale) ?? []).flatMap((language) =>
      (searches.get(language)?.find(query) ?? []).filter(({ slug }) => own.get(slug)?.locale === language),
    );
    return found.slice(0, hitsAtMost).flatMap(({ slug, terms }) => {
      const article = own.get(slug);
      if (!article) return [];
      const { rendered, words } = ready(article);
      return {
        ...lineOf(article),
        markedTitle: markWords(article.front.title, terms),
        snippet: cutSnippet(rendered.text, words, terms),
      };
    });
  }

  /** The articles about a symptom, in their order. */
  async function forSymptom(symptom: Symptom, locale: Locale): Promise<ArticleLine[]> {
    const own = [...(await onShelf(locale)).values()];
    return own.filter(({ front }) => front.symptoms.includes(symptom)).map(lineOf);
  }

  /** A turn of the worker: follows what other nodes published. */
  async function follow(): Promise<number> {
    if (!shelf || clock.now() < lookedAt + lookEvery) return 0;
    lookedAt = clock.now();
    if ((await rows.countVersions(store)) === versionsKnown) return 0;
    shelf = null;
    await open();
    return 0;
  }

  return {
    list,
    read,
    search,
    forSymptom,
    follow,
    render,
    /** Reads everything, so that the first reader does not wait for it. */
    async warm(): Promise<void> {
      await open();
    },
    /** Something was published here: the next reader meets it. */
    changed(): void {
      shelf = null;
    },
    /** The file that came with the portal; null where an article was made on the desk. */
    async fileOf(slug: string, locale: Locale): Promise<ArticleFile | null> {
      files ??= readFiles();
      return (await files).articles.find((file) => file.slug === slug && file.locale === locale) ?? null;
    },
    async allFiles(): Promise<(ArticleFile & { read: ReadArticle })[]> {
      files ??= readFiles();
      return (await files).articles;
    },
  };
}
