import { Button, QuietButton } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Facts, Tag } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { Notice } from "../../ui/notices.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import { TextArea } from "../../ui/text-area.tsx";
import { CaseActs } from "./desk-case-acts.pages.tsx";
import { Conversation } from "./desk-case-conversation.pages.tsx";
import { Evidence, PersonBeside } from "./desk-case-person.pages.tsx";
import type { CasePageProps } from "./desk-case-props.tsx";
import { ageWords, dueOf, dueWords, relayIn, symptomWords } from "./desk-case-words.ts";
import { Shortcuts } from "./desk-shortcuts.pages.tsx";

/** One case: what was said, what can be done, and beside it who it is about. */
export function CasePage(props: CasePageProps) {
  const { view, staff, file, failed, hasNewer } = props;
  const { row } = file;
  const { t } = view;
  const mayAct = file.mayAct && row.status !== "merged";
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="cases"
      title={t("inbox.case.title", { number: row.number })}
      heading={row.subject}
      hasErrors={failed !== null || hasNewer}
    >
      <p class="case-back">
        <a href="/desk/cases">{t("inbox.case.back")}</a> · {t("inbox.case.title", { number: row.number })}
      </p>
      <Warnings {...props} />
      <Standing {...props} />
      <div class="case-grid">
        <div class="case-main">
          <Conversation {...props} />
          {mayAct && <AnswerForm {...props} />}
          {mayAct && <NoteForm {...props} />}
        </div>
        <div class="case-beside">
          <PersonBeside {...props} />
          <Evidence {...props} />
          {mayAct && <CaseActs {...props} />}
          <Related {...props} />
        </div>
      </div>
      <Shortcuts view={view} place="case" />
    </DeskPage>
  );
}

function Warnings({ view, file, hasNewer }: CasePageProps) {
  const { t } = view;
  const { row, goesOnIn, viewers } = file;
  return (
    <>
      {hasNewer && (
        <div id="errors" tabindex={-1} autofocus>
          <Notice view={view} tone="wrong" title={t("inbox.newer.title")}>
            <p>{t("inbox.newer.what")}</p>
            <p>
              <a href="#newest">{t("inbox.newer.read")}</a> · <a href="#answer">{t("inbox.newer.answer")}</a>
            </p>
          </Notice>
        </div>
      )}
      {row.status === "merged" && (
        <Notice view={view} tone="careful" title={t("inbox.merged.title")}>
          {goesOnIn && (
            <p>
              <a href={`/desk/cases/${goesOnIn.number}`}>
                {t("inbox.merged.link", { number: goesOnIn.number })}
              </a>
            </p>
          )}
        </Notice>
      )}
      <div
        class="case-viewers"
        role="status"
        data-viewing={`/desk/cases/${row.number}/viewing`}
        data-newest={file.seen ?? ""}
        data-viewing-words={t("inbox.viewing", { names: "\n" })}
        data-newer-words={t("inbox.viewing.newer")}
      >
        {viewers.length > 0 && (
          <Notice view={view} tone="careful">
            <p>{t("inbox.viewing", { names: viewers.join(", ") })}</p>
          </Notice>
        )}
      </div>
      {file.isAddressDead && (
        <Notice view={view} tone="careful" title={t("inbox.address-dead.title")}>
          <p>{t("inbox.address-dead.what")}</p>
        </Notice>
      )}
    </>
  );
}

function Standing({ view, context, file }: CasePageProps) {
  const { t } = view;
  const { row } = file;
  const due = dueWords(view, context, { status: row.status, due: dueOf(row) });
  return (
    <div class="case-standing">
      <Facts
        rows={[
          {
            label: t("inbox.fact.state"),
            value: (
              <>
                <Tag>{t(`inbox.status.${row.status}`)}</Tag> {t(`inbox.waits-for.${row.waits_for}`)}
                {row.reopened > 0 && <> · {t("inbox.fact.reopened", { count: row.reopened })}</>}
              </>
            ),
          },
          ...(due ? [{ label: t("inbox.fact.due"), value: <Tag tone={due.tone}>{due.words}</Tag> }] : []),
          { label: t("inbox.fact.relay"), value: relayIn(context, row.relay) },
          ...(file.standsAt === null
            ? []
            : [{ label: t("inbox.fact.place"), value: <StandsAt standsAt={file.standsAt} /> }]),
          { label: t("inbox.fact.assigned"), value: file.assignedTo ?? t("inbox.nobody") },
          { label: t("inbox.fact.symptom"), value: symptomWords(t, row.symptom) },
          {
            label: t("inbox.fact.opened"),
            value: `${view.moment(row.opened_at)} · ${ageWords(view, context, row.opened_at)} · ${t(`inbox.origin.${row.origin}`)}`,
          },
          ...(row.expected_at === null || row.first_answered_at !== null
            ? []
            : [{ label: t("inbox.fact.told"), value: view.moment(row.expected_at) }]),
          ...(row.satisfaction === null
            ? []
            : [
                {
                  label: t("inbox.fact.satisfaction"),
                  value: t(`inbox.satisfaction.${row.satisfaction}` as "inbox.satisfaction.1"),
                },
              ]),
        ]}
      />
    </div>
  );
}

function StandsAt({ standsAt }: { standsAt: NonNullable<CasePageProps["file"]["standsAt"]> }) {
  const name = <bdi>{standsAt.name}</bdi>;
  return standsAt.isInside ? <a href={`/desk/establishments/${standsAt.id}`}>{name}</a> : name;
}

function AnswerForm({ view, file, draft, failed, context }: CasePageProps) {
  const { t } = view;
  const { row, canned } = file;
  const language = view.languages.find(({ code }) => code === row.locale)?.name ?? row.locale;
  return (
    <section class="section case-answer" aria-labelledby="answer-title">
      <h2 id="answer-title">{t("inbox.answer.title")}</h2>
      <p class="hint">
        {row.email === null
          ? t("inbox.answer.no-address")
          : t("inbox.answer.what", { relay: relayIn(context, row.relay), language })}
      </p>
      <Form
        view={view}
        action={`/desk/cases/${row.number}/answer`}
        errors={failed?.form === "answer" ? failed.errors : []}
        fields={{ seen: file.seen ?? "" }}
        explainsRequired={false}
      >
        {canned.length > 0 && (
          <div
            class="case-canned"
            data-canned={JSON.stringify(Object.fromEntries(canned.map(({ id, text }) => [id, text])))}
          >
            <SelectField
              view={view}
              name="canned"
              label={t("inbox.answer.canned")}
              options={[
                { value: "", label: t("inbox.answer.canned.choose") },
                ...canned.map(({ id, title }) => ({ value: id, label: title, lang: row.locale })),
              ]}
            />
            <QuietButton name="act" value="insert">
              {t("inbox.answer.canned.insert")}
            </QuietButton>
          </div>
        )}
        <TextArea
          view={view}
          name="answer"
          label={t("inbox.answer.label")}
          value={draft.answer}
          rows={8}
          lang={row.locale}
        />
        <div class="acts">
          <Button name="act" value="send">
            {t("inbox.answer.submit")}
          </Button>
          <QuietButton name="act" value="solve">
            {t("inbox.answer.submit-solved")}
          </QuietButton>
        </div>
      </Form>
    </section>
  );
}

function NoteForm({ view, file, draft, failed }: CasePageProps) {
  const { t } = view;
  return (
    <section class="section case-note-form" aria-labelledby="note-title">
      <h2 id="note-title">{t("inbox.note.title")}</h2>
      <Form
        view={view}
        action={`/desk/cases/${file.row.number}/note`}
        errors={failed?.form === "note" ? failed.errors : []}
        explainsRequired={false}
      >
        <TextArea
          view={view}
          name="note"
          label={t("inbox.note.label")}
          hint={t("inbox.note.hint")}
          value={draft.note}
          rows={3}
        />
        <QuietButton>{t("inbox.note.submit")}</QuietButton>
      </Form>
    </section>
  );
}

/** Cases that belong to this one, or to the same person. */
function Related({ view, file }: CasePageProps) {
  const { t } = view;
  const lists = [
    { title: t("inbox.related.merged"), cases: file.merged },
    { title: t("inbox.related.follows"), cases: file.follows ? [file.follows] : [] },
    { title: t("inbox.related.others"), cases: file.others },
  ].filter(({ cases }) => cases.length > 0);
  return (
    <>
      {lists.map(({ title, cases }) => (
        <section key={title} class="case-card" aria-label={title}>
          <h2>{title}</h2>
          <ul class="links">
            {cases.map((one) => (
              <li key={one.id}>
                <a href={`/desk/cases/${one.number}`}>
                  <bdi class="exact">{one.number}</bdi> <bdi>{one.subject}</bdi>
                </a>
                <span class="hint">
                  {t(`inbox.status.${one.status}`)} · {view.moment(one.opened_at)}
                </span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </>
  );
}
