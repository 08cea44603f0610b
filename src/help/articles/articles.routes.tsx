import { renderToString } from "preact-render-to-string";
import { tooOftenAnswer } from "../../access/too-often.tsx";
import { type Answer, json, page, redirect, text } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { Locale } from "../../i18n/locale.ts";
import { formatDay } from "../../i18n/moment.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { StatusNotice } from "../../ui/status-notices.tsx";
import { type ArticleFeedback, longestComment } from "./article-feedback.ts";
import { ArticlePage, type FeedbackState, NoArticlePage } from "./articles.pages.tsx";
import type { Articles, ShownArticle } from "./articles.ts";
import type { HelpAddresses } from "./help-head.tsx";
import { HelpHomePage } from "./help-home.pages.tsx";
import { HelpSearchPage, SearchResults } from "./help-search.pages.tsx";
import type { HelpSearches } from "./help-searches.ts";
import { inLanguage, renderRobots, renderSitemap } from "./sitemap.ts";

export interface ArticlesRoutesDeps {
  clock: Clock;
  /** The portal's public address. */
  url: string;
  offered: Locale[];
  articles: Articles;
  feedback: ArticleFeedback;
  searches: HelpSearches;
  direction: (locale: Locale) => "ltr" | "rtl";
  /** What is wrong with the service now. */
  currentNotices: (locale: Locale) => Promise<StatusNotice[]>;
  /** Whether somebody is there to chat with, and has room. */
  isChatOpen: () => Promise<boolean>;
}

const longestQuery = 200;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function articlesRoutes(http: Http, deps: ArticlesRoutesDeps): void {
  const { articles, feedback, searches, url } = deps;

  const addressesOf = (path: string, locale: Locale, languages: Locale[]): HelpAddresses => ({
    canonical: inLanguage(url, path, locale),
    alternates: languages.map((language) => ({ locale: language, href: inLanguage(url, path, language) })),
  });
  const queryOf = (visit: Visit) => visit.query("q").trim().slice(0, longestQuery);

  http.get("/help", async (visit) => {
    const [person, lines, notices] = await Promise.all([
      visit.person(),
      articles.list(visit.locale),
      deps.currentNotices(visit.locale),
    ]);
    return page(
      <HelpHomePage
        view={visit.view({ person, path: "/help" })}
        articles={lines}
        notices={notices}
        isChatOpen={await deps.isChatOpen()}
        addresses={addressesOf("/help", visit.locale, deps.offered)}
      />,
    );
  });

  http.get("/help/search", async (visit) => {
    const query = queryOf(visit);
    const hits = query === "" ? [] : await articles.search(query, visit.locale);
    const data = hits.map(({ slug, title, summary }) => ({ slug, title, summary, href: `/help/${slug}` }));
    if (visit.query("fragment") === "1") {
      // As one types: counted only once the reader rests on it, by `/help/searched`.
      const view = visit.view({ path: "/help/search" });
      const part = renderToString(<SearchResults view={view} query={query} hits={hits} />);
      return text(part, { type: "text/html; charset=utf-8", headers: { "cache-control": "no-store" } });
    }
    if (query !== "") searches.count(query, visit.locale, hits.length);
    const person = await visit.person();
    return page(<HelpSearchPage view={visit.view({ person })} query={query} hits={hits} />, {
      data: { query, hits: data },
    });
  });

  http.post("/help/searched", async (visit) => {
    const query = visit.field("q").trim().slice(0, longestQuery);
    if (query !== "") {
      searches.count(query, visit.locale, (await articles.search(query, visit.locale)).length);
    }
    return json({});
  });

  http.get("/help/sitemap.xml", async () => {
    const lists = await Promise.all(deps.offered.map((locale) => articles.list(locale)));
    const slugs = [...new Set(lists.flat().map(({ slug }) => slug))];
    const pages = await Promise.all(
      slugs.map(async (slug) => {
        const found = await Promise.all(deps.offered.map((locale) => articles.read(slug, locale)));
        const updated = found.flatMap((article) => article?.front.updated ?? []).sort();
        const languages = found.find((article) => article !== null)?.languages ?? [];
        return { path: `/help/${slug}`, languages, updated: updated.at(-1) ?? null };
      }),
    );
    const home = { path: "/help", languages: deps.offered, updated: null };
    return text(renderSitemap(url, [home, ...pages]), { type: "application/xml; charset=utf-8" });
  });

  http.get("/robots.txt", async () => text(renderRobots(url)));

  async function show(
    visit: Visit,
    slug: string,
    state: FeedbackState,
    options: { status?: number; data?: object } = {},
  ): Promise<Answer> {
    const article = await articles.read(slug, visit.locale);
    if (!article) return noArticle(visit, slug);
    const person = await visit.person();
    const path = `/help/${slug}`;
    return page(
      <ArticlePage
        view={visit.view({ person, path })}
        article={article}
        dir={deps.direction(article.locale)}
        updated={formatDay(visit.locale, "UTC", Date.parse(`${article.front.updated}T12:00:00Z`))}
        fallback={fallbackOf(visit, article)}
        addresses={addressesOf(path, article.locale, article.languages)}
        isPrint={visit.query("print") === "1"}
        feedback={state}
      />,
      options,
    );
  }

  async function noArticle(visit: Visit, slug: string): Promise<Answer> {
    const query = slug.replaceAll("-", " ").slice(0, longestQuery);
    const view = visit.view({ person: await visit.person(), path: "/help", isRefusal: true });
    return page(
      <NoArticlePage view={view} query={query} hits={await articles.search(query, visit.locale)} />,
      {
        status: 404,
        data: { refusal: "articles.none", incident: visit.caller.incident },
      },
    );
  }

  http.get("/help/:slug", async (visit) => {
    const id = visit.query("id");
    const said = visit.query("said");
    const state: FeedbackState =
      said === "no" && uuid.test(id)
        ? { step: "comment", id, comment: "", errors: [] }
        : said === "thanks"
          ? { step: "thanks" }
          : said === "nothing"
            ? { step: "taken-back" }
            : { step: "ask" };
    return show(visit, slugOf(visit), state);
  });

  http.post("/help/feedback", async (visit) => {
    const slug = cleanSlug(visit.field("article"));
    const answer = visit.field("answer");
    const article = await articles.read(slug, visit.locale);
    if (!article || (answer !== "yes" && answer !== "no")) return redirect(`/help/${slug}`);
    const { isBrowserBound } = visit;
    const outcome = await feedback.answer(visit.caller, {
      slug,
      // The text that was read, which the page's language may only have borrowed.
      locale: article.locale,
      answer,
      isBrowserBound,
    });
    if (!outcome.ok) return tooOftenAnswer(visit, deps.clock, { ...outcome, back: `/help/${slug}` });
    const said = answer === "yes" ? "said=thanks" : `said=no&id=${outcome.id}`;
    return redirect(`/help/${slug}?${said}#feedback`);
  });

  http.post("/help/feedback/comment", async (visit) => {
    const slug = cleanSlug(visit.field("article"));
    const id = visit.field("id");
    const comment = visit.field("comment");
    if (comment.length > longestComment) {
      const message = visit.t("articles.feedback.too-long", { most: longestComment });
      const errors = [{ field: "comment", message }];
      return show(
        visit,
        slug,
        { step: "comment", id, comment, errors },
        {
          status: 422,
          data: { refusal: "articles.feedback.too-long", errors, incident: visit.caller.incident },
        },
      );
    }
    const isKept = uuid.test(id) && (await feedback.comment(id, comment));
    if (!isKept) visit.leaveNotice({ tone: "careful", key: "articles.feedback.gone" });
    return redirect(`/help/${slug}?said=${isKept ? "thanks" : "nothing"}#feedback`);
  });

  http.post("/help/feedback/cancel", async (visit) => {
    const id = visit.field("id");
    if (uuid.test(id)) await feedback.takeBack(id);
    return redirect(`/help/${cleanSlug(visit.field("article"))}?said=nothing#feedback`);
  });
}

/** The name in the address; only one that exists is ever answered with an article. */
const slugOf = (visit: Visit) => cleanSlug(decodeURIComponent(visit.path.split("/")[2] ?? ""));
const cleanSlug = (text: string) =>
  text
    .slice(0, longestQuery)
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]/g, "-");

function fallbackOf(visit: Visit, article: ShownArticle): { wanted: string; given: string } | null {
  if (article.locale === visit.locale) return null;
  const names = new Intl.DisplayNames(visit.locale, { type: "language" });
  return {
    wanted: names.of(visit.locale) ?? visit.locale,
    given: names.of(article.locale) ?? article.locale,
  };
}
