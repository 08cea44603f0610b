import { articleDeskRoutes } from "../help/articles/article-desk.routes.tsx";
import { createArticleFeedback } from "../help/articles/article-feedback.ts";
import { articlesRoutes } from "../help/articles/articles.routes.tsx";
import { createArticles } from "../help/articles/articles.ts";
import { checkArticleFiles, explainFileFault } from "../help/articles/check-articles.ts";
import { createArticleEditing } from "../help/articles/edit-articles.ts";
import { createHelpSearches } from "../help/articles/help-searches.ts";
import { picturesRoute } from "../help/articles/pictures.routes.ts";
import type { Locale } from "../i18n/locale.ts";
import type { StatusNotice } from "../ui/status-notices.tsx";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Part } from "./part.ts";

export type ArticleParts = ReturnType<typeof wireArticles>;

/** The help centre: its articles, their search, what readers say of them, and the desk where they are written. */
export function wireArticles(
  ground: Ground,
  { budgets }: Pick<Foundations, "budgets">,
  neighbours: {
    /** What is wrong with the service now, in the language of the page. */
    currentNotices: (locale: Locale) => Promise<StatusNotice[]>;
    /** Whether somebody is there to chat with, and has room. */
    isChatOpen: () => Promise<boolean>;
  },
) {
  const { config, preset, root, clock, ids, keys, store, translations } = ground;
  const { offered } = preset.languages;
  const { direction } = translations;

  const articles = createArticles({ root, store, clock, preset, translate: translations.to });
  const feedback = createArticleFeedback({ store, clock, ids, keys, budgets, preset });
  const searches = createHelpSearches({ store, clock, preset });
  const editing = createArticleEditing({
    store,
    clock,
    ids,
    preset,
    timezone: config.timezone,
    articles,
    countFeedback: feedback.counts,
  });

  const part: Part = {
    routes(http, desk) {
      articlesRoutes(http, {
        clock,
        url: config.url,
        offered,
        articles,
        feedback,
        searches,
        direction,
        currentNotices: neighbours.currentNotices,
        isChatOpen: neighbours.isChatOpen,
      });
      picturesRoute(http, root);
      articleDeskRoutes(desk, { offered, articles, editing, feedback, searches, direction });
    },
    turns: [
      { name: "articles: follow", turn: articles.follow },
      { name: "articles: searches", turn: searches.writeDown },
    ],
    forget: [feedback.forgetOld, searches.forgetOld],
  };
  return {
    part,
    articles,
    /** Once people are let in: the articles are read, so that nobody waits for it, and their faults are told. */
    async afterOpening(): Promise<void> {
      await articles.warm();
      for (const fault of await checkArticleFiles(root, preset)) {
        ground.log.warn(explainFileFault(translations.to("en"), fault));
      }
    },
  };
}
