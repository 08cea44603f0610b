import type { View } from "../../ui/view.ts";
import type { ArticleLine } from "./articles.ts";

/** Articles by title and summary; one that is written in another language says so to who hears it. */
export function ArticleLines({ view, articles }: { view: View; articles: ArticleLine[] }) {
  return (
    <ul class="article-lines">
      {articles.map(({ slug, title, summary, locale }) => (
        <li key={slug} lang={locale === view.locale ? undefined : locale} dir="auto">
          <a href={`/help/${slug}`}>{title}</a>
          <span class="hint">{summary}</span>
        </li>
      ))}
    </ul>
  );
}
