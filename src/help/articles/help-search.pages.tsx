import { Button, LinkList } from "../../ui/buttons.tsx";
import { Page } from "../../ui/page.tsx";
import type { View } from "../../ui/view.ts";
import type { MarkedText } from "./article-search.ts";
import type { SearchHit } from "./articles.ts";
import { NotIndexed } from "./help-head.tsx";

/** The search box; with script, what it finds stands below it while one types. */
export function SearchBox({ view, query }: { view: View; query: string }) {
  const { t } = view;
  return (
    <search class="help-search">
      <form class="form" method="get" action="/help/search" data-help-search>
        <div class="field">
          <label for="q">{t("articles.search.label")}</label>
          <p class="hint" id="q-hint">
            {t("articles.search.hint")}
          </p>
          <div class="search-row">
            <input
              id="q"
              name="q"
              type="search"
              value={query}
              maxLength={200}
              autocomplete="off"
              autocapitalize="none"
              enterkeyhint="search"
              aria-describedby="q-hint"
              dir="auto"
            />
            <Button>{t("articles.search.submit")}</Button>
          </div>
        </div>
      </form>
      <p class="unseen" role="status" data-help-status />
      <div data-help-results hidden />
    </search>
  );
}

/** `/help/search`: the same with and without script. */
export function HelpSearchPage({ view, query, hits }: { view: View; query: string; hits: SearchHit[] }) {
  const { t } = view;
  const title = query === "" ? t("articles.search.title") : t("articles.search.title.of", { query });
  return (
    <Page view={view} title={title} wide scripts={[view.assets.helpJs]} head={<NotIndexed />}>
      <SearchBox view={view} query={query} />
      {query !== "" && <SearchResults view={view} query={query} hits={hits} />}
      <LinkList
        links={[
          { href: "/help", label: t("articles.to-help") },
          { href: "/help/diagnosis", label: t("articles.home.what-happens.start") },
        ]}
      />
    </Page>
  );
}

/** What was found: part of the page, or fetched alone while one types. */
export function SearchResults({ view, query, hits }: { view: View; query: string; hits: SearchHit[] }) {
  const { t } = view;
  const count = t("articles.search.count", { count: hits.length });
  return (
    <div class="search-results" data-count={count} data-hits={hits.length}>
      {hits.length > 0 && <p class="hint">{count}</p>}
      {hits.length === 0 && (
        <div class="none-found">
          <p>{t("articles.search.none", { query })}</p>
          <p>
            {t("articles.search.none.next")} <a href="/contact">{t("articles.still-need")}</a>
          </p>
        </div>
      )}
      {hits.length > 0 && (
        <ol class="hits">
          {hits.map(({ slug, locale, markedTitle, snippet }) => (
            <li key={slug} lang={locale === view.locale ? undefined : locale} dir="auto">
              <a href={`/help/${slug}`}>
                <Marked pieces={markedTitle} />
              </a>
              <p>
                <Marked pieces={snippet} />
              </p>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}

function Marked({ pieces }: { pieces: MarkedText[] }) {
  return (
    <>{pieces.map(({ text, isMarked }, index) => (isMarked ? <mark key={index}>{text}</mark> : text))}</>
  );
}
