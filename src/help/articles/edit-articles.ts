import type { Preset } from "../../config/preset.ts";
import type { Locale } from "../../i18n/locale.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Store } from "../../store/store.ts";
import type { ArticleFault } from "./article-fault.ts";
import type { RenderedArticle } from "./article-html.ts";
import { isSlug } from "./article-shape.ts";
import * as rows from "./articles.store.ts";
import type { Articles } from "./articles.ts";
import { judgeWhole } from "./check-articles.ts";
import { type ReadArticle, readArticle, writeArticle } from "./read-article.ts";

/**
 * Articles as staff edit them. Every save is a new version; nothing is changed or removed. A draft may hold faults,
 * what is published may not. Whoever saves over a version that they have not seen is shown both texts first.
 *
 * Tables: article_versions. Settings: languages. Refusals: articles.faulty, articles.conflict, articles.exists.
 */
export type ArticleEditing = ReturnType<typeof createArticleEditing>;

/** What the public meets of an article in one language, and whether staff write on something newer. */
export interface ArticleState {
  locale: Locale;
  /** `none`: there is no article in this language. */
  shown: "file" | "published" | "withdrawn" | "none";
  hasDraft: boolean;
  /** When staff last saved it, and who; null where only the file exists. */
  changed: { at: number; by: string } | null;
  title: string | null;
}

export interface ArticleOverview {
  slug: string;
  title: string;
  titleLocale: Locale;
  states: ArticleState[];
  yes: number;
  no: number;
}

/** One article in one language, as an editor opens it. */
export interface OpenArticle {
  state: ArticleState;
  read: ReadArticle;
  source: string;
  /** Number of the newest version; 0 for the file, or for nothing yet. A save says which one it has seen. */
  number: number;
}

export interface Version {
  number: number;
  status: rows.VersionStatus | "file";
  source: string;
  author: string | null;
  at: number | null;
}

export type SaveOutcome =
  | { ok: true; number: number }
  | { ok: false; refusal: "articles.faulty"; faults: ArticleFault[] }
  /** `newest`: null where there is none; then the form named one that never was. */
  | { ok: false; refusal: "articles.conflict"; newest: Version | null };

export function createArticleEditing(deps: {
  store: Store;
  clock: Clock;
  ids: Ids;
  preset: Pick<Preset, "languages">;
  /** IANA name: the day on which an article was last updated is the portal's. */
  timezone: string;
  articles: Pick<Articles, "fileOf" | "allFiles" | "render" | "changed">;
  countFeedback: () => Promise<{ slug: string; yes: number; no: number }[]>;
}) {
  const { store, clock, ids, articles } = deps;
  const { offered } = deps.preset.languages;

  /** From the newest version down to the file, which counts as 0. */
  async function history(slug: string, locale: Locale): Promise<Version[]> {
    const file = await articles.fileOf(slug, locale);
    const versions = (await rows.listVersions(store, slug, locale)).map(versionOf);
    return file ? [...versions, fileVersion(file.source)] : versions;
  }

  /** Opens an article to be edited; one that does not exist in this language yet begins with nothing. */
  async function open(slug: string, locale: Locale): Promise<OpenArticle | null> {
    if (!isSlug(slug) || !offered.includes(locale)) return null;
    const versions = await history(slug, locale);
    const [newest] = versions;
    const source = newest?.source ?? "";
    const read = source === "" ? nothing() : readArticle(source);
    return { state: stateOf(locale, versions), read, source, number: newest?.number ?? 0 };
  }

  /** What is wrong with a text, and how it would be shown. */
  async function judge(
    slug: string,
    locale: Locale,
    source: string,
  ): Promise<{ read: ReadArticle; rendered: RenderedArticle; faults: ArticleFault[] }> {
    const read = readArticle(source);
    const known = await knownSlugs();
    const rendered = articles.render(read, locale);
    const whole = judgeWhole(slug, read, (other) => known.has(other));
    return { read, rendered, faults: [...read.faults, ...rendered.faults, ...whole] };
  }

  async function knownSlugs(): Promise<Set<string>> {
    const files = await articles.allFiles();
    const versions = await rows.newestVersions(store, "all");
    return new Set([...files, ...versions].map(({ slug }) => slug));
  }

  /** Today, as `2026-11-22`. */
  function today(): string {
    const parts = new Intl.DateTimeFormat("en-GB", {
      timeZone: deps.timezone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
    }).formatToParts(clock.now());
    const part = (type: string) => parts.find((found) => found.type === type)?.value ?? "";
    return `${part("year")}-${part("month")}-${part("day")}`;
  }

  /** The source of what an editor wrote; the day of the update is never typed. */
  function write(values: Record<string, unknown>, body: string): string {
    return writeArticle({ ...values, updated: today() }, body);
  }

  /** Saves a version after the one that its writer has seen. */
  async function save(
    staff: Pick<Staff, "accountId" | "name">,
    about: { slug: string; locale: Locale; source: string; seen: number; as: rows.VersionStatus },
  ): Promise<SaveOutcome> {
    const { slug, locale, source, seen, as } = about;
    if (as === "published") {
      const { faults } = await judge(slug, locale, source);
      if (faults.length > 0) return { ok: false, refusal: "articles.faulty", faults };
    }
    const number = seen + 1;
    const isSaved = await store.transact(async (tx) => {
      const newest = (await rows.listVersions(tx, slug, locale))[0]?.number ?? 0;
      if (newest !== seen) return false;
      const author = { author_id: staff.accountId, author_name: staff.name };
      const row = { id: ids.uuid(), slug, locale, number, status: as, source, ...author, at: clock.now() };
      if (!(await rows.insertVersion(tx, row))) return false;
      tx.afterCommit(articles.changed);
      return true;
    });
    if (isSaved) return { ok: true, number };
    const [newest = null] = await history(slug, locale);
    return { ok: false, refusal: "articles.conflict", newest };
  }

  /** The newest text, no longer shown in this language; null where nothing is there to withdraw. */
  async function withdraw(
    staff: Pick<Staff, "accountId" | "name">,
    about: { slug: string; locale: Locale; seen: number },
  ): Promise<SaveOutcome | null> {
    const [newest] = await history(about.slug, about.locale);
    return newest ? save(staff, { ...about, source: newest.source, as: "withdrawn" }) : null;
  }

  /** An old text, as the newest draft: nothing is published by it. */
  async function restore(
    staff: Pick<Staff, "accountId" | "name">,
    about: { slug: string; locale: Locale; number: number; seen: number },
  ): Promise<SaveOutcome | null> {
    const old = (await history(about.slug, about.locale)).find(({ number }) => number === about.number);
    return old ? save(staff, { ...about, source: old.source, as: "draft" }) : null;
  }

  /** Every article there is, in whichever language and state, by name. */
  async function overview(): Promise<ArticleOverview[]> {
    const keyOf = (row: { slug: string; locale: Locale }) => `${row.slug} ${row.locale}`;
    const byKey = <Row extends { slug: string; locale: Locale }>(list: Row[]) =>
      new Map(list.map((row) => [keyOf(row), row]));
    const files = byKey(await articles.allFiles());
    const newest = byKey(await rows.newestVersions(store, "all"));
    const shown = byKey(await rows.newestVersions(store, "public"));
    const counts = new Map((await deps.countFeedback()).map((count) => [count.slug, count]));
    const slugs = new Set([...files.values(), ...newest.values()].map(({ slug }) => slug));
    return [...slugs].sort().map((slug) => {
      const states = offered.map((locale) => {
        const key = keyOf({ slug, locale });
        const versions = [newest.get(key), shown.get(key)].flatMap((row) => (row ? versionOf(row) : []));
        const file = files.get(key);
        return stateOf(locale, file ? [...versions, fileVersion(file.source)] : versions);
      });
      const titled = states.find(({ title }) => title !== null);
      const { yes = 0, no = 0 } = counts.get(slug) ?? {};
      return { slug, title: titled?.title ?? slug, titleLocale: titled?.locale ?? "en", states, yes, no };
    });
  }

  return {
    overview,
    open,
    history,
    judge,
    write,
    save,
    withdraw,
    restore,
    /** Whether a new article may have this name. */
    isFree: async (slug: string) => isSlug(slug) && !(await knownSlugs()).has(slug),
  };
}

const fileVersion = (source: string): Version => ({
  number: 0,
  status: "file",
  source,
  author: null,
  at: null,
});

const versionOf = (row: rows.VersionRow): Version => ({
  number: row.number,
  status: row.status,
  source: row.source,
  author: row.author_name,
  at: row.at,
});

const nothing = (): ReadArticle => readArticle(writeArticle({}, ""));

/** `versions` from the newest down to the file. */
function stateOf(locale: Locale, versions: Version[]): ArticleState {
  const [newest] = versions;
  const shown = versions.find(({ status }) => status !== "draft")?.status ?? "none";
  const title = newest === undefined ? undefined : readArticle(newest.source).values.title;
  return {
    locale,
    shown: shown === "draft" ? "none" : shown,
    hasDraft: newest?.status === "draft",
    changed: newest?.at ? { at: newest.at, by: newest.author ?? "" } : null,
    title: typeof title === "string" && title !== "" ? title : null,
  };
}
