import type { Staff } from "../../kernel/caller.ts";
import { Button, LinkList, PressButton } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Facts, ItemList, Section } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import { TextArea } from "../../ui/text-area.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import { placeholders } from "./canned-answers.ts";
import { type DeskContext, relayIn } from "./desk-case-words.ts";

export interface CannedShown {
  id: string;
  relay: string | null;
  locale: string;
  title: string;
  body: string;
}

export function CannedListPage(props: {
  view: View;
  staff: Staff;
  context: DeskContext;
  own: CannedShown[];
  /** Those that come with the portal, in the language of the page. */
  shipped: { id: string; title: string; body: string }[];
}) {
  const { view, staff, context, own, shipped } = props;
  const { t } = view;
  return (
    <DeskPage view={view} staff={staff} current="cases" title={t("canned-answers.title")}>
      <p>{t("canned-answers.what")}</p>
      <LinkList links={[{ href: "/desk/canned-answers/new", label: t("canned-answers.new") }]} />
      <Section title={t("canned-answers.own")} id="own">
        <ItemList
          empty={t("canned-answers.none")}
          items={own.map(({ id, title, body, relay, locale }) => ({
            key: id,
            title: <bdi>{title}</bdi>,
            lines: [
              `${relay === null ? t("canned-answers.every-relay") : relayIn(context, relay)} · ${languageIn(view, locale)}`,
              <Body key="body" view={view} text={body} />,
            ],
            acts: (
              <>
                <a href={`/desk/canned-answers/${id}`}>
                  {t("canned-answers.change")} <span class="unseen">{title}</span>
                </a>
                <PressButton
                  action={`/desk/canned-answers/${id}/remove`}
                  label={t("canned-answers.remove")}
                  about={title}
                />
              </>
            ),
          }))}
        />
      </Section>
      <Section title={t("canned-answers.shipped")} id="shipped">
        <ItemList
          empty={t("canned-answers.none")}
          items={shipped.map(({ id, title, body }) => ({
            key: id,
            title,
            lines: [<Body key="body" view={view} text={body} />],
          }))}
        />
      </Section>
      <LinkList links={[{ href: "/desk/cases", label: t("inbox.case.back") }]} />
    </DeskPage>
  );
}

/** A text with what will be filled in named in words, told apart by its frame. */
function Body({ view, text }: { view: View; text: string }) {
  const parts = text.split(/(\{[a-z]+\})/);
  return (
    <span class="case-text" dir="auto">
      {parts.map((part) => {
        const name = placeholders.find((known) => part === `{${known}}`);
        return name ? <span class="tag">{view.t(`canned-answers.place.${name}`)}</span> : part;
      })}
    </span>
  );
}

const languageIn = (view: View, locale: string) =>
  view.languages.find(({ code }) => code === locale)?.name ?? locale;

export function CannedFormPage(props: {
  view: View;
  staff: Staff;
  context: DeskContext;
  id: string | null;
  form: { relay: string; locale: string; title: string; body: string };
  errors: FieldError[];
}) {
  const { view, staff, context, id, form, errors } = props;
  const { t } = view;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="cases"
      title={t(id === null ? "canned-answers.new" : "canned-answers.change.title")}
      hasErrors={errors.length > 0}
    >
      <Form view={view} action={`/desk/canned-answers/${id ?? "new"}`} errors={errors}>
        <TextField
          view={view}
          name="title"
          label={t("canned-answers.field.title")}
          value={form.title}
          required
        />
        <SelectField
          view={view}
          name="relay"
          label={t("canned-answers.field.relay")}
          options={[
            { value: "", label: t("canned-answers.every-relay") },
            ...context.relays.map((relay) => ({ value: relay.id, label: relay.name })),
          ]}
          value={form.relay}
        />
        <SelectField
          view={view}
          name="locale"
          label={t("canned-answers.field.locale")}
          hint={t("canned-answers.field.locale.hint")}
          options={view.languages.map(({ code, name }) => ({ value: code, label: name, lang: code }))}
          value={form.locale}
        />
        <section class="case-card" aria-labelledby="places-title">
          <h2 id="places-title">{t("canned-answers.places")}</h2>
          <Facts
            rows={placeholders.map((name) => ({
              label: t(`canned-answers.place.${name}`),
              value: <kbd>{`{${name}}`}</kbd>,
            }))}
          />
        </section>
        <TextArea
          view={view}
          name="body"
          label={t("canned-answers.field.body")}
          value={form.body}
          rows={8}
          required
        />
        <Button>{t("canned-answers.submit")}</Button>
      </Form>
      <LinkList links={[{ href: "/desk/canned-answers", label: t("canned-answers.back") }]} />
    </DeskPage>
  );
}
