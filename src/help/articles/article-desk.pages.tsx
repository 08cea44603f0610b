import type { Staff } from "../../kernel/caller.ts";
import { Button, LinkList, QuietButton } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Tag } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import type { ArticleOverview, ArticleState } from "./edit-articles.ts";

export interface DeskArticleProps {
  view: View;
  staff: Staff;
}

/** Every article with its state in each language, what readers say of it, and when it was last changed. */
export function ArticleListPage(
  props: DeskArticleProps & { articles: ArticleOverview[]; query: string; hidden: number },
) {
  const { view, staff, articles, query, hidden } = props;
  const { t } = view;
  return (
    <DeskPage view={view} staff={staff} current="articles" title={t("articles.desk.title")}>
      <ArticleRooms {...props} current="list" />
      <search>
        <form class="desk-filter" method="get" action="/desk/articles">
          <label for="q">{t("articles.desk.filter")}</label>
          <div class="search-row">
            <input id="q" name="q" type="search" value={query} maxLength={100} dir="auto" />
            <QuietButton>{t("articles.search.submit")}</QuietButton>
          </div>
        </form>
      </search>
      {articles.length === 0 && <p class="empty">{t("articles.desk.none")}</p>}
      <ul class="desk-articles">
        {articles.map((article) => (
          <li key={article.slug}>
            <div>
              <p class="item-title" lang={article.titleLocale} dir="auto">
                {article.title}
              </p>
              <p class="hint">
                <bdi>{article.slug}</bdi>
                {article.yes + article.no > 0 &&
                  ` · ${t("articles.desk.answers", { yes: article.yes, no: article.no })}`}
              </p>
            </div>
            <ul class="desk-languages">
              {article.states.map((state) => (
                <StateOf key={state.locale} view={view} slug={article.slug} state={state} />
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {hidden > 0 && <p class="hint">{t("articles.desk.more", { count: hidden })}</p>}
    </DeskPage>
  );
}

/** The language, how the article stands in it, and who changed it last. */
function StateOf({ view, slug, state }: { view: View; slug: string; state: ArticleState }) {
  const { t } = view;
  const name = view.languages.find(({ code }) => code === state.locale)?.name ?? state.locale;
  return (
    <li>
      <a href={`/desk/articles/${slug}/${state.locale}`}>
        <span lang={state.locale}>{name}</span>
      </a>{" "}
      <StateTag view={view} state={state} />
      {state.changed && (
        <span class="hint">
          {t("articles.desk.changed", { who: state.changed.by, moment: view.moment(state.changed.at) })}
        </span>
      )}
    </li>
  );
}

export function StateTag({ view, state }: { view: View; state: ArticleState }) {
  const { t } = view;
  const tones = { file: undefined, published: "good", withdrawn: "careful", none: undefined } as const;
  return (
    <>
      <Tag tone={tones[state.shown]}>{t(`articles.desk.state.${state.shown}`)}</Tag>
      {state.hasDraft && <Tag tone="careful">{t("articles.desk.state.draft")}</Tag>}
    </>
  );
}

/** The ways inside this room of the desk. */
export function ArticleRooms({
  view,
  staff,
  current,
}: DeskArticleProps & { current: "list" | "new" | "feedback" | "searches" | null }) {
  const { t } = view;
  const places = [
    { id: "list", href: "/desk/articles", act: "articles.edit" },
    { id: "new", href: "/desk/articles/new", act: "articles.edit" },
    { id: "feedback", href: "/desk/articles/feedback", act: "articles.feedback" },
    { id: "searches", href: "/desk/articles/searches", act: "articles.feedback" },
  ] as const;
  return (
    <nav class="desk-subrooms" aria-label={t("articles.desk.places")}>
      <ul>
        {places
          .filter(({ act }) => staff.may.has(act))
          .map(({ id, href }) => (
            <li key={id}>
              <a href={href} aria-current={id === current ? "page" : undefined}>
                {t(`articles.desk.place.${id}`)}
              </a>
            </li>
          ))}
      </ul>
    </nav>
  );
}

/** A new article begins with its name, which stays: it is part of every address that leads to it. */
export function NewArticlePage(
  props: DeskArticleProps & { slug: string; locale: string; errors: FieldError[] },
) {
  const { view, staff, errors } = props;
  const { t } = view;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="articles"
      title={t("articles.desk.new.title")}
      hasErrors={errors.length > 0}
    >
      <ArticleRooms {...props} current="new" />
      <Form view={view} action="/desk/articles/new" errors={errors}>
        <TextField
          view={view}
          name="slug"
          label={t("articles.desk.new.slug")}
          hint={t("articles.desk.new.slug.hint")}
          value={props.slug}
          autocomplete="off"
          required
        />
        <SelectField
          view={view}
          name="locale"
          label={t("articles.desk.new.locale")}
          options={view.languages.map(({ code, name }) => ({ value: code, label: name, lang: code }))}
          value={props.locale}
        />
        <Button>{t("articles.desk.new.submit")}</Button>
      </Form>
      <LinkList links={[{ href: "/desk/articles", label: t("articles.desk.back") }]} />
    </DeskPage>
  );
}
