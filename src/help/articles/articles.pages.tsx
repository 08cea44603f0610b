import type { ComponentChildren } from "preact";
import type { MessageKey } from "../../i18n/translations.ts";
import { Button, HiddenFields, LinkList, QuietButton } from "../../ui/buttons.tsx";
import { Form } from "../../ui/form.tsx";
import { Notice } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { TextArea } from "../../ui/text-area.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import { ArticleLines } from "./article-lines.tsx";
import type { ArticleLine, SearchHit, ShownArticle } from "./articles.ts";
import { type HelpAddresses, HelpHead, NotIndexed } from "./help-head.tsx";
import { SearchBox, SearchResults } from "./help-search.pages.tsx";

/** Where a reader's answer to the article stands. */
export type FeedbackState =
  | { step: "ask" }
  | { step: "comment"; id: string; comment: string; errors: FieldError[] }
  | { step: "thanks" }
  | { step: "taken-back" };

export interface ArticlePageProps {
  view: View;
  article: ShownArticle;
  dir: "ltr" | "rtl";
  /** « 22 novembre 2026 ». */
  updated: string;
  /** The page's language and the article's, named in the page's; null where they are the same. */
  fallback: { wanted: string; given: string } | null;
  addresses: HelpAddresses;
  /** For paper: every question is open, and nothing asks anything. */
  isPrint: boolean;
  feedback: FeedbackState;
}

/** Longer than this, the button of an article stands at its end too. */
const longText = 1200;
/** From so many headings on, an article says first what is in it. */
const headingsForContents = 3;

export function ArticlePage(props: ArticlePageProps) {
  const { view, article, isPrint, feedback } = props;
  const { t } = view;
  const { front, rendered } = article;
  const isForeign = article.locale !== view.locale;
  const text = { lang: isForeign ? article.locale : undefined, dir: isForeign ? props.dir : undefined };
  const errors = feedback.step === "comment" ? feedback.errors : [];
  return (
    <Page
      view={view}
      title={article.title}
      heading={isForeign ? <span {...text}>{article.title}</span> : article.title}
      hasErrors={errors.length > 0}
      scripts={[view.assets.helpJs]}
      navigation={<Breadcrumbs view={view} article={article} />}
      head={isPrint ? <NotIndexed /> : <HelpHead addresses={props.addresses} summary={article.summary} />}
    >
      {props.fallback && (
        <p class="hint">
          {t("articles.fallback", { wanted: props.fallback.wanted, given: props.fallback.given })}
        </p>
      )}
      <p class="lead" {...text}>
        {article.summary}
      </p>
      {front.audience && (
        <p class="hint">
          {t("articles.for", {
            kinds: new Intl.ListFormat(view.locale).format(
              front.audience.map((kind) => t(`articles.kind.${kind}` as MessageKey)),
            ),
          })}
        </p>
      )}
      <ActionButton article={article} {...text} />
      {rendered.contents.length >= headingsForContents && (
        <nav class="contents" aria-label={t("articles.contents")}>
          <p class="contents-title" aria-hidden="true">
            {t("articles.contents")}
          </p>
          <ul {...text}>
            {rendered.contents.map(({ id, title }) => (
              <li key={id}>
                <a href={`#${id}`}>{title}</a>
              </li>
            ))}
          </ul>
        </nav>
      )}
      <ArticleText html={isPrint ? forPaper(rendered.html) : rendered.html} {...text} />
      {rendered.text.length > longText && <ActionButton article={article} {...text} />}
      <p class="article-meta hint">
        <span>{t("articles.updated", { date: props.updated })}</span>
        {!isPrint && (
          <a href={`/help/${article.slug}?print=1`} data-print rel="nofollow">
            {t("articles.print")}
          </a>
        )}
      </p>
      {!isPrint && (
        <>
          <OtherLanguages view={view} article={article} />
          <Feedback view={view} article={article} state={feedback} />
          <Related view={view} articles={article.related} />
          <p class="still-need">
            <a href={`/contact?article=${article.slug}`}>{t("articles.still-need")}</a>
          </p>
        </>
      )}
    </Page>
  );
}

type TextLanguage = { lang?: string; dir?: "ltr" | "rtl" };

/** The text of an article; `renderArticle` alone makes it, and lets no markup through but its own. */
export function ArticleText({ html, lang, dir }: { html: string } & TextLanguage) {
  return <div class="prose article" lang={lang} dir={dir} dangerouslySetInnerHTML={{ __html: html }} />;
}

/** Every question open, every picture there. These tags are `renderArticle`'s; what people wrote holds none. */
function forPaper(html: string): string {
  return html
    .replaceAll('<details class="question">', '<details class="question" open>')
    .replaceAll(' loading="lazy" decoding="async">', ">");
}

function ActionButton({ article, lang, dir }: { article: ShownArticle } & TextLanguage) {
  const { action } = article.front;
  if (!action) return null;
  return (
    <p class="article-action" lang={lang} dir={dir}>
      <a class="button" href={action.href}>
        {action.label}
      </a>
    </p>
  );
}

function Breadcrumbs({ view, article }: { view: View; article: ShownArticle }) {
  const { t } = view;
  const { category } = article;
  return (
    <nav class="breadcrumbs" aria-label={t("articles.breadcrumbs")}>
      <ol>
        <li>
          <a href="/help">{t("articles.home.title")}</a>
        </li>
        <li>
          <a href={`/help#category-${category}`}>{t(`articles.category.${category}` as MessageKey)}</a>
        </li>
        <li aria-current="page">
          <span lang={article.locale} dir="auto">
            {article.title}
          </span>
        </li>
      </ol>
    </nav>
  );
}

function OtherLanguages({ view, article }: { view: View; article: ShownArticle }) {
  const others = view.languages.filter(
    ({ code }) => code !== article.locale && article.languages.includes(code),
  );
  if (others.length === 0 || article.locale === view.locale) return null;
  return (
    <p class="hint">
      {view.t("articles.other-languages")}{" "}
      {others.map(({ code, name }) => (
        <a key={code} href={`/help/${article.slug}?lang=${code}`} lang={code} hreflang={code}>
          {name}
        </a>
      ))}
    </p>
  );
}

function Related({ view, articles }: { view: View; articles: ArticleLine[] }) {
  if (articles.length === 0) return null;
  return (
    <section class="section" aria-labelledby="related">
      <h2 id="related">{view.t("articles.related")}</h2>
      <ArticleLines view={view} articles={articles} />
    </section>
  );
}

/** « Cet article a-t-il répondu à vos questions ? » */
function Feedback({ view, article, state }: { view: View; article: ShownArticle; state: FeedbackState }) {
  const { t } = view;
  const action = "/help/feedback";
  const frame = (children: ComponentChildren) => (
    <section class="section article-feedback" id="feedback" aria-labelledby="feedback-title">
      <h2 id="feedback-title">{t("articles.feedback.title")}</h2>
      {children}
    </section>
  );
  if (state.step === "thanks") {
    return frame(
      <Notice view={view} tone="good" role="status">
        <p>{t("articles.feedback.thanks")}</p>
      </Notice>,
    );
  }
  if (state.step === "comment") {
    return frame(
      <>
        <Notice view={view} tone="good" role="status">
          <p>{t("articles.feedback.noted")}</p>
        </Notice>
        <Form
          view={view}
          action={`${action}/comment`}
          errors={state.errors}
          fields={{ article: article.slug, id: state.id }}
          explainsRequired={false}
        >
          <TextArea
            view={view}
            name="comment"
            label={t("articles.feedback.comment")}
            hint={t("articles.feedback.comment.hint")}
            value={state.comment}
            rows={4}
          />
          <div class="acts">
            <Button>{t("articles.feedback.send")}</Button>
            <QuietButton formAction={`${action}/cancel`}>{t("articles.feedback.cancel")}</QuietButton>
          </div>
        </Form>
      </>,
    );
  }
  return frame(
    <>
      {state.step === "taken-back" && <p role="status">{t("articles.feedback.taken-back")}</p>}
      <form class="acts" method="post" action={action}>
        <HiddenFields fields={{ article: article.slug }} />
        <QuietButton name="answer" value="yes">
          {t("articles.feedback.yes")}
        </QuietButton>
        <QuietButton name="answer" value="no">
          {t("articles.feedback.no")}
        </QuietButton>
      </form>
    </>,
  );
}

/** An address of the help that leads to no article, or to one that was withdrawn: search for it instead. */
export function NoArticlePage({ view, query, hits }: { view: View; query: string; hits: SearchHit[] }) {
  const { t } = view;
  return (
    <Page
      view={view}
      title={t("articles.none.title")}
      tone="careful"
      scripts={[view.assets.helpJs]}
      head={<NotIndexed />}
    >
      <p>{t("articles.none.what")}</p>
      <SearchBox view={view} query={query} />
      {hits.length > 0 && <SearchResults view={view} query={query} hits={hits} />}
      <LinkList
        links={[
          { href: "/help", label: t("articles.to-help") },
          { href: "/contact", label: t("articles.still-need") },
        ]}
      />
    </Page>
  );
}
