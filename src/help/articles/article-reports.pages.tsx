import { DeskPage } from "../../ui/desk-page.tsx";
import { Tag } from "../../ui/facts.tsx";
import type { View } from "../../ui/view.ts";
import { ArticleRooms, type DeskArticleProps } from "./article-desk.pages.tsx";
import type { CountedSearch } from "./help-searches.ts";

export interface FeedbackReportProps extends DeskArticleProps {
  /** Those with the most « non » first. */
  counts: { slug: string; title: string; yes: number; no: number }[];
  comments: { id: string; slug: string; title: string; comment: string; locale: string; at: number }[];
  /** Null: of all articles. */
  slug: string | null;
}

/** What readers answer, and what they miss. */
export function ArticleFeedbackPage(props: FeedbackReportProps) {
  const { view, staff, counts, comments, slug } = props;
  const { t } = view;
  return (
    <DeskPage view={view} staff={staff} current="articles" title={t("articles.reports.feedback")}>
      <ArticleRooms {...props} current="feedback" />
      {counts.length === 0 ? (
        <p class="empty">{t("articles.reports.feedback.none")}</p>
      ) : (
        <section class="table-scroll" tabindex={0} aria-label={t("articles.reports.counts")}>
          <table>
            <caption>{t("articles.reports.counts")}</caption>
            <thead>
              <tr>
                <th scope="col">{t("articles.reports.article")}</th>
                <th scope="col" class="is-end">
                  {t("articles.feedback.yes")}
                </th>
                <th scope="col" class="is-end">
                  {t("articles.feedback.no")}
                </th>
                <th scope="col" class="is-end">
                  {t("articles.reports.share")}
                </th>
              </tr>
            </thead>
            <tbody>
              {counts.map((line) => (
                <tr key={line.slug}>
                  <th scope="row">
                    <a href={`/desk/articles/feedback?article=${line.slug}`}>{line.title}</a>
                  </th>
                  <td class="is-end">{line.yes}</td>
                  <td class="is-end">{line.no}</td>
                  <td class="is-end">{share(view, line)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      <h2>{t("articles.reports.comments")}</h2>
      {slug !== null && (
        <p>
          <a href="/desk/articles/feedback">{t("articles.reports.comments.all")}</a>
        </p>
      )}
      {comments.length === 0 && <p class="empty">{t("articles.reports.comments.none")}</p>}
      <ul class="items">
        {comments.map(({ id, title, comment, locale, at, slug: about }) => (
          <li key={id}>
            <div class="item-words">
              <p class="reader-comment" lang={locale} dir="auto">
                {comment}
              </p>
              <p class="hint">
                <a href={`/help/${about}?lang=${locale}`}>{title}</a> · {view.moment(at)}
              </p>
            </div>
          </li>
        ))}
      </ul>
    </DeskPage>
  );
}

function share(view: View, { yes, no }: { yes: number; no: number }): string {
  if (yes + no === 0) return "";
  return new Intl.NumberFormat(view.locale, { style: "percent" }).format(yes / (yes + no));
}

/** What people look for: what found nothing is the next article to write. */
export function HelpSearchesPage(
  props: DeskArticleProps & {
    searches: (CountedSearch & { foundNow: number })[];
    isAll: boolean;
    dayOf: (ms: number) => string;
  },
) {
  const { view, staff, searches, isAll } = props;
  const { t } = view;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="articles"
      title={t(isAll ? "articles.reports.searches.all" : "articles.reports.searches")}
    >
      <ArticleRooms {...props} current="searches" />
      <p>{t("articles.reports.searches.what")}</p>
      <p>
        <a href={isAll ? "/desk/articles/searches" : "/desk/articles/searches?all=1"}>
          {t(isAll ? "articles.reports.searches" : "articles.reports.searches.all")}
        </a>
      </p>
      {searches.length === 0 ? (
        <p class="empty">{t("articles.reports.searches.none")}</p>
      ) : (
        <section class="table-scroll" tabindex={0} aria-label={t("articles.reports.searches")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("articles.reports.query")}</th>
                <th scope="col">{t("articles.reports.language")}</th>
                <th scope="col" class="is-end">
                  {t("articles.reports.uses")}
                </th>
                <th scope="col">{t("articles.reports.last-day")}</th>
                <th scope="col">{t("articles.reports.now")}</th>
              </tr>
            </thead>
            <tbody>
              {searches.map((line) => (
                <tr key={`${line.locale} ${line.query}`}>
                  <th scope="row" lang={line.locale} dir="auto">
                    {line.query}
                  </th>
                  <td>{line.locale}</td>
                  <td class="is-end">{line.uses}</td>
                  <td>{props.dayOf(line.lastDay)}</td>
                  <td>
                    {line.foundNow > 0 ? (
                      <Tag tone="good">{t("articles.reports.found", { count: line.foundNow })}</Tag>
                    ) : (
                      <Tag tone="careful">{t("articles.reports.vain")}</Tag>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </DeskPage>
  );
}
