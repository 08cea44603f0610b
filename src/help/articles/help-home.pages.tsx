import type { MessageKey } from "../../i18n/translations.ts";
import { Page } from "../../ui/page.tsx";
import { type StatusNotice, StatusNotices } from "../../ui/status-notices.tsx";
import type { View } from "../../ui/view.ts";
import { ArticleLines } from "./article-lines.tsx";
import { categories } from "./article-shape.ts";
import type { ArticleLine } from "./articles.ts";
import { type HelpAddresses, HelpHead } from "./help-head.tsx";
import { SearchBox } from "./help-search.pages.tsx";

/** `/help`: search first, then the way by questions, then everything there is. */
export function HelpHomePage(props: {
  view: View;
  articles: ArticleLine[];
  /** What is wrong with the service now. */
  notices: StatusNotice[];
  /** Whether somebody is there to chat with. */
  isChatOpen: boolean;
  addresses: HelpAddresses;
}) {
  const { view, articles } = props;
  const { t } = view;
  return (
    <Page
      view={view}
      title={t("articles.home.title")}
      wide
      scripts={[view.assets.helpJs]}
      head={<HelpHead addresses={props.addresses} summary={t("articles.home.intro")} />}
    >
      <p class="lead">{t("articles.home.intro")}</p>
      <SearchBox view={view} query="" />
      <StatusNotices view={view} notices={props.notices} />
      <section class="way-in" aria-labelledby="what-happens">
        <h2 id="what-happens">{t("articles.home.what-happens")}</h2>
        <p>{t("articles.home.what-happens.how")}</p>
        <p>
          <a class="button is-quiet" href="/help/diagnosis">
            {t("articles.home.what-happens.start")}
          </a>
        </p>
      </section>
      {articles.length === 0 && <p class="empty">{t("articles.home.empty")}</p>}
      <div class="shelves">
        {categories
          .map((category) => ({ category, own: articles.filter((line) => line.category === category) }))
          .filter(({ own }) => own.length > 0)
          .map(({ category, own }) => (
            <section key={category} id={`category-${category}`} aria-labelledby={`shelf-${category}`}>
              <h2 id={`shelf-${category}`}>{t(`articles.category.${category}` as MessageKey)}</h2>
              <ArticleLines view={view} articles={own} />
            </section>
          ))}
      </div>
      <nav class="ways-on" aria-label={t("articles.ways-on")}>
        <a href="/help/status">{t("articles.status")}</a>
        {props.isChatOpen && <a href="/chat?from=/help">{t("chat.title")}</a>}
        <a href="/contact">{t("articles.still-need")}</a>
      </nav>
    </Page>
  );
}
