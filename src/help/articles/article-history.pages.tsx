import { LinkList, PressButton } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import type { View } from "../../ui/view.ts";
import { ArticleRooms, type DeskArticleProps } from "./article-desk.pages.tsx";
import type { Version } from "./edit-articles.ts";
import type { DiffPart } from "./line-diff.ts";

export interface HistoryProps extends DeskArticleProps {
  slug: string;
  locale: string;
  /** The newest first. */
  versions: Version[];
}

/** Every version of an article in one language: who, when, what became of it. */
export function ArticleHistoryPage(props: HistoryProps) {
  const { view, staff, slug, locale, versions } = props;
  const { t } = view;
  const address = `/desk/articles/${slug}/${locale}`;
  return (
    <DeskPage view={view} staff={staff} current="articles" title={t("articles.history.title", { slug })}>
      <ArticleRooms {...props} current={null} />
      {versions.length === 0 && <p class="empty">{t("articles.history.none")}</p>}
      <ol class="items" reversed>
        {versions.map((version) => (
          <li key={version.number}>
            <div class="item-words">
              <p class="item-title">
                <a href={`${address}/history/${version.number}`}>{versionTitle(view, version)}</a>
              </p>
              <p class="hint">{versionOrigin(view, version)}</p>
            </div>
          </li>
        ))}
      </ol>
      <LinkList links={[{ href: address, label: t("articles.history.back") }]} />
    </DeskPage>
  );
}

/** One version: what it changed, its whole text, and the way back to it. */
export function ArticleVersionPage(
  props: HistoryProps & { version: Version; difference: DiffPart[] | null; seen: number },
) {
  const { view, staff, slug, locale, version, difference } = props;
  const { t } = view;
  const address = `/desk/articles/${slug}/${locale}`;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="articles"
      title={t("articles.history.version", { slug, version: versionTitle(view, version) })}
    >
      <ArticleRooms {...props} current={null} />
      <p class="hint">{versionOrigin(view, version)}</p>
      {difference && (
        <>
          <h2>{t("articles.history.difference")}</h2>
          <Difference view={view} parts={difference} />
        </>
      )}
      <h2>{t("articles.history.text")}</h2>
      <pre class="source" tabindex={0} lang={locale} dir="auto">
        {version.source}
      </pre>
      {version.number !== props.seen && (
        <PressButton
          action={`${address}/history/${version.number}/restore`}
          label={t("articles.history.restore")}
          fields={{ seen: String(props.seen) }}
        />
      )}
      <LinkList
        links={[
          { href: `${address}/history`, label: t("articles.history.all") },
          { href: address, label: t("articles.history.back") },
        ]}
      />
    </DeskPage>
  );
}

function versionTitle(view: View, { number, status }: Version): string {
  return status === "file"
    ? view.t("articles.history.file")
    : view.t("articles.history.number", { number, status: view.t(`articles.desk.state.${status}`) });
}

function versionOrigin(view: View, { author, at }: Version): string {
  if (at === null) return view.t("articles.history.came");
  return view.t("articles.desk.changed", { who: author ?? "", moment: view.moment(at) });
}

/** What was taken out and what was put in, told by sign and word as well as by colour. */
export function Difference({ view, parts }: { view: View; parts: DiffPart[] }) {
  const { t } = view;
  if (parts.length === 0) return <p class="empty">{t("articles.history.same")}</p>;
  return (
    <section class="difference" tabindex={0} aria-label={t("articles.history.difference")}>
      {parts.map(({ skipped, lines }, at) => (
        <div key={at}>
          {skipped > 0 && <p class="hint">{t("articles.history.skipped", { count: skipped })}</p>}
          {lines.map(({ kind, text }, index) => (
            <p key={index} class={`line is-${kind}`} dir="auto">
              {kind === "added" && (
                <ins>
                  <span class="unseen">{t("articles.history.added")} </span>
                  {text}
                </ins>
              )}
              {kind === "removed" && (
                <del>
                  <span class="unseen">{t("articles.history.removed")} </span>
                  {text}
                </del>
              )}
              {kind === "same" && text}
            </p>
          ))}
        </div>
      ))}
    </section>
  );
}
