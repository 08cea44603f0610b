import { type Kind, kindsOfPerson } from "../../config/preset.ts";
import { symptoms } from "../../config/symptoms.ts";
import type { MessageKey } from "../../i18n/translations.ts";
import { Button, LinkList, QuietButton } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Form } from "../../ui/form.tsx";
import { Details, Notice } from "../../ui/notices.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import { TextArea } from "../../ui/text-area.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { FieldError } from "../../ui/view.ts";
import { ArticleRooms, type DeskArticleProps, StateTag } from "./article-desk.pages.tsx";
import type { ArticleForm } from "./article-form.ts";
import { Difference } from "./article-history.pages.tsx";
import type { RenderedArticle } from "./article-html.ts";
import { categories, presetNames } from "./article-shape.ts";
import { ArticleText } from "./articles.pages.tsx";
import type { ArticleState, Version } from "./edit-articles.ts";
import type { DiffPart } from "./line-diff.ts";

export interface EditorProps extends DeskArticleProps {
  slug: string;
  state: ArticleState;
  dir: "ltr" | "rtl";
  form: ArticleForm;
  /** The version that this text was made from: a save says so. */
  seen: number;
  rendered: RenderedArticle;
  /** Of fields, where a publication was refused. */
  errors: FieldError[];
  /** What is wrong in the text, with its line in the text. */
  remarks: { line: number | null; words: string }[];
  /** Set where somebody else saved meanwhile: their version, and what differs from this text. */
  conflict: { theirs: Version; difference: DiffPart[] } | null;
}

export function ArticleEditorPage(props: EditorProps) {
  const { view, staff, slug, state, errors, form, rendered, conflict } = props;
  const { t } = view;
  const language = view.languages.find(({ code }) => code === state.locale)?.name ?? state.locale;
  const address = `/desk/articles/${slug}/${state.locale}`;
  const title = t("articles.editor.title", { title: form.title === "" ? slug : form.title, language });
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="articles"
      title={title}
      hasErrors={errors.length > 0 || conflict !== null}
    >
      <ArticleRooms {...props} current={null} />
      <p class="editor-state">
        <StateTag view={view} state={state} />
        {state.changed && (
          <span class="hint">
            {t("articles.desk.changed", { who: state.changed.by, moment: view.moment(state.changed.at) })}
          </span>
        )}
      </p>
      {conflict && <Conflict {...props} {...conflict} />}
      <div class="editor">
        <div>
          <Form
            view={view}
            action={address}
            errors={errors}
            fields={{ seen: String(props.seen) }}
            explainsRequired={false}
            hasFiles
          >
            <FrontFields {...props} />
            <TextArea
              view={view}
              name="body"
              label={t("articles.editor.body")}
              hint={t("articles.editor.body.hint")}
              value={form.body}
              rows={20}
              lang={state.locale}
            />
            <Remarks {...props} />
            <div class="acts">
              <Button name="act" value="preview">
                {t("articles.editor.preview")}
              </Button>
              <QuietButton name="act" value="draft">
                {t("articles.editor.draft")}
              </QuietButton>
              <QuietButton name="act" value="published">
                {t("articles.editor.publish")}
              </QuietButton>
            </div>
          </Form>
          <Withdraw {...props} address={address} />
        </div>
        <section class="editor-preview" aria-labelledby="preview">
          <h2 id="preview">{t("articles.editor.preview.title")}</h2>
          <div class="preview-sheet" lang={state.locale} dir={props.dir}>
            <p class="preview-title">{form.title}</p>
            <p class="lead">{form.summary}</p>
            {form.actionLabel !== "" && (
              <p>
                <span class="button" aria-hidden="true">
                  {form.actionLabel}
                </span>
              </p>
            )}
            <ArticleText html={rendered.html} />
          </div>
        </section>
      </div>
      <LinkList
        links={[
          { href: `${address}/history`, label: t("articles.editor.history") },
          ...(state.shown === "none" || state.shown === "withdrawn"
            ? []
            : [{ href: `/help/${slug}?lang=${state.locale}`, label: t("articles.editor.see") }]),
          { href: "/desk/articles", label: t("articles.desk.back") },
        ]}
      />
    </DeskPage>
  );
}

function FrontFields({ view, form }: EditorProps) {
  const { t } = view;
  return (
    <>
      <TextField view={view} name="title" label={t("articles.field.title")} value={form.title} />
      <TextField
        view={view}
        name="summary"
        label={t("articles.field.summary")}
        hint={t("articles.field.summary.hint")}
        value={form.summary}
      />
      <SelectField
        view={view}
        name="category"
        label={t("articles.field.category")}
        value={form.category}
        options={[
          ...(form.category === "" ? [{ value: "", label: t("articles.field.category.choose") }] : []),
          ...categories.map((id) => ({ value: id, label: t(`articles.category.${id}` as MessageKey) })),
        ]}
      />
      <TextField
        view={view}
        name="action-label"
        label={t("articles.field.action-label")}
        hint={t("articles.field.action-label.hint")}
        value={form.actionLabel}
      />
      <TextField
        view={view}
        name="action-href"
        label={t("articles.field.action-href")}
        hint={t("articles.field.action-href.hint")}
        value={form.actionHref}
      />
      <Details summary={t("articles.editor.more")}>
        <Boxes
          legend={t("articles.field.symptoms")}
          hint={t("articles.field.symptoms.hint")}
          group="symptom"
          ticked={form.symptoms}
          options={symptoms.map((id) => ({ id, label: t(`symptom.${id}` as MessageKey) }))}
        />
        <Boxes
          legend={t("articles.field.audience")}
          hint={t("articles.field.audience.hint")}
          group="audience"
          ticked={form.audience}
          options={kindsOfPerson.map((id: Kind) => ({ id, label: t(`articles.kind.${id}` as MessageKey) }))}
        />
        <Boxes
          legend={t("articles.field.presets")}
          hint={t("articles.field.presets.hint")}
          group="presets"
          ticked={form.presets}
          options={presetNames.map((id) => ({ id, label: t(`articles.preset.${id}` as MessageKey) }))}
        />
        <TextField
          view={view}
          name="related"
          label={t("articles.field.related")}
          hint={t("articles.field.related.hint")}
          value={form.related}
        />
        <TextField
          view={view}
          name="order"
          label={t("articles.field.order")}
          hint={t("articles.field.order.hint")}
          value={form.order}
          inputMode="numeric"
        />
      </Details>
    </>
  );
}

function Boxes(props: {
  legend: string;
  hint: string;
  group: string;
  ticked: string[];
  options: { id: string; label: string }[];
}) {
  const { group } = props;
  return (
    <fieldset class="choices boxes" aria-describedby={`${group}-hint`}>
      <legend>{props.legend}</legend>
      <p class="hint" id={`${group}-hint`}>
        {props.hint}
      </p>
      {props.options.map(({ id, label }) => (
        <div class="choice" key={id}>
          <input
            id={`${group}-${id}`}
            name={`${group}-${id}`}
            type="checkbox"
            value="1"
            checked={props.ticked.includes(id)}
          />
          <label for={`${group}-${id}`}>{label}</label>
        </div>
      ))}
    </fieldset>
  );
}

/** What to put right before the text can be published. */
function Remarks({ view, remarks }: EditorProps) {
  if (remarks.length === 0) return null;
  const { t } = view;
  return (
    <Notice view={view} tone="careful" title={t("articles.editor.remarks")}>
      <ul>
        {remarks.map(({ line, words }) => (
          <li key={`${line} ${words}`}>
            {line === null ? words : t("articles.editor.remark", { line, words })}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function Withdraw({ view, state, seen, address }: EditorProps & { address: string }) {
  const { t } = view;
  if (state.shown !== "file" && state.shown !== "published") return null;
  return (
    <Details summary={t("articles.editor.withdraw")}>
      <p>{t("articles.editor.withdraw.what")}</p>
      <form method="post" action={`${address}/withdraw`}>
        <input type="hidden" name="seen" value={String(seen)} />
        <QuietButton>{t("articles.editor.withdraw.do")}</QuietButton>
      </form>
    </Details>
  );
}

/** Two wrote at once: nothing is lost, both texts are on the page, and the next save is a decision. */
function Conflict(props: EditorProps & { theirs: Version; difference: DiffPart[] }) {
  const { view, theirs, difference } = props;
  const { t } = view;
  return (
    <Notice view={view} tone="wrong" title={t("articles.editor.conflict")} role="status">
      <p>
        {t("articles.editor.conflict.who", {
          who: theirs.author ?? "",
          moment: theirs.at === null ? "" : view.moment(theirs.at),
        })}
      </p>
      <p>{t("articles.editor.conflict.next")}</p>
      <Details summary={t("articles.editor.conflict.difference")} isOpen>
        <Difference view={view} parts={difference} />
      </Details>
      <Details summary={t("articles.editor.conflict.theirs")}>
        <pre class="source" tabindex={0}>
          {theirs.source}
        </pre>
      </Details>
    </Notice>
  );
}
