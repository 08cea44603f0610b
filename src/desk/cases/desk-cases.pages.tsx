import { type Kind, kindsOfPerson } from "../../config/preset.ts";
import { symptoms } from "../../config/symptoms.ts";
import type { Staff } from "../../kernel/caller.ts";
import { Button, HiddenFields, LinkList, PressButton, QuietButton } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Exact, Tag } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { Details } from "../../ui/notices.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import type { Place } from "./case-walls.ts";
import {
  ageWords,
  countWords,
  type DeskContext,
  dueWords,
  relayIn,
  symptomWords,
} from "./desk-case-words.ts";
import { Shortcuts } from "./desk-shortcuts.pages.tsx";
import type { InboxLine, InboxPage as Listed, SavedFilter, ViewCounts } from "./inbox.ts";
import { type InboxFilter, inboxViews, isNarrowed, statesOf, writeFilter } from "./inbox-filter.ts";
import type { Colleague } from "./inbox-staff.ts";

export interface InboxPageProps extends Listed {
  view: View;
  staff: Staff;
  context: DeskContext;
  /** Ids of the relays whose cases they may see. */
  reach: string[];
  filter: InboxFilter;
  counts: ViewCounts;
  saved: SavedFilter[];
  /** Kinds of person that the portal knows. */
  kinds: Kind[];
  colleagues: Colleague[];
  /** Establishments to choose from; none where there is no choice. */
  places: Place[];
  errors: FieldError[];
}

/** The list: which view, what narrows it, and its cases. */
export function InboxPage(props: InboxPageProps) {
  const { view, staff, filter, lines, next, errors } = props;
  const { t } = view;
  const title =
    filter.words === "" ? t(`inbox.view.${filter.view}`) : t("inbox.found", { words: filter.words });
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="cases"
      title={t("inbox.title", { view: title })}
      heading={title}
      hasErrors={errors.length > 0}
    >
      <Views {...props} />
      <Search {...props} />
      <CaseList {...props} />
      {lines.length === 0 && next !== null && <p class="hint">{t("inbox.search.further")}</p>}
      <nav class="case-pages" aria-label={t("inbox.pages")}>
        {next !== null && (
          <a href={`/desk/cases?${writeFilter(filter, { after: next })}`}>{t("inbox.next")}</a>
        )}
        {filter.after !== null && <a href={`/desk/cases?${writeFilter(filter)}`}>{t("inbox.first")}</a>}
      </nav>
      <SavedFilters {...props} />
      <Shortcuts view={view} place="list" />
      {staff.may.has("canned.edit") && (
        <LinkList links={[{ href: "/desk/canned-answers", label: t("canned-answers.title") }]} />
      )}
    </DeskPage>
  );
}

function Views({ view, filter, counts }: InboxPageProps) {
  const { t } = view;
  return (
    <nav class="case-views" aria-label={t("inbox.views")}>
      <ul>
        {inboxViews.map((name) => (
          <li key={name}>
            <a
              href={`/desk/cases?view=${name}`}
              aria-current={name === filter.view && filter.words === "" ? "page" : undefined}
            >
              {t(`inbox.view.${name}`)} <span class="case-count">{countWords(view, counts[name])}</span>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** One GET form: what it asks stands in the address line, where it can be kept and sent on. */
function Search({ view, context, reach, filter, kinds, colleagues, places }: InboxPageProps) {
  const { t } = view;
  const any = { value: "", label: t("inbox.filter.any") };
  return (
    <search>
      <form class="form case-search" method="get" action="/desk/cases">
        <HiddenFields fields={{ view: filter.words === "" ? filter.view : "all" }} />
        <div class="case-search-words">
          <TextField
            view={view}
            name="q"
            label={t("inbox.search.label")}
            hint={t("inbox.search.hint")}
            value={filter.words}
          />
          <Button>{t("inbox.search.submit")}</Button>
        </div>
        <Details summary={t("inbox.filter.title")} isOpen={isNarrowed({ ...filter, words: "" })}>
          <div class="case-filters">
            <SelectField
              view={view}
              name="relay"
              label={t("inbox.filter.relay")}
              options={[
                any,
                ...context.relays
                  .filter(({ id }) => reach.includes(id))
                  .map(({ id, name }) => ({ value: id, label: name })),
              ]}
              value={filter.relay ?? ""}
            />
            {places.length > 0 && (
              <SelectField
                view={view}
                name="establishment"
                label={t("inbox.filter.establishment")}
                options={[any, ...places.map(({ id, name }) => ({ value: id, label: name }))]}
                value={filter.establishment ?? ""}
              />
            )}
            <SelectField
              view={view}
              name="symptom"
              label={t("inbox.filter.symptom")}
              options={[any, ...symptoms.map((id) => ({ value: id, label: symptomWords(t, id) }))]}
              value={filter.symptom ?? ""}
            />
            <SelectField
              view={view}
              name="state"
              label={t("inbox.filter.state")}
              options={statesOf(filter.view).map((id) => ({ value: id, label: t(`inbox.state.${id}`) }))}
              value={filter.state}
            />
            <SelectField
              view={view}
              name="assignee"
              label={t("inbox.filter.assignee")}
              options={[any, ...colleagues.map(({ accountId, name }) => ({ value: accountId, label: name }))]}
              value={filter.assignee ?? ""}
            />
            <SelectField
              view={view}
              name="kind"
              label={t("inbox.filter.kind")}
              options={[
                any,
                ...kindsOfPerson
                  .filter((kind) => kinds.includes(kind))
                  .map((kind) => ({ value: kind, label: t(`account.kind.${kind}`) })),
              ]}
              value={filter.kind ?? ""}
            />
            <QuietButton>{t("inbox.filter.submit")}</QuietButton>
          </div>
        </Details>
      </form>
    </search>
  );
}

function CaseList({ view, context, filter, lines }: InboxPageProps) {
  const { t } = view;
  if (lines.length === 0) {
    return <p class="empty">{t(isNarrowed(filter) ? "inbox.none.found" : `inbox.none.${filter.view}`)}</p>;
  }
  return (
    <ol class="case-list" data-cases>
      {lines.map((line) => (
        <CaseLine key={line.id} view={view} context={context} line={line} />
      ))}
    </ol>
  );
}

function CaseLine({ view, context, line }: { view: View; context: DeskContext; line: InboxLine }) {
  const { t } = view;
  const due = dueWords(view, context, line);
  return (
    <li class={line.isUnread ? "case-line is-unread" : "case-line"}>
      <div class="case-line-what">
        <p>
          {line.isUnread && (
            <>
              <Tag>{t("inbox.unread")}</Tag>{" "}
            </>
          )}
          <a href={`/desk/cases/${line.number}`}>
            <bdi>{line.name || line.email || line.number}</bdi>
          </a>
        </p>
        <p class="case-line-subject">
          <bdi>{line.subject}</bdi>
        </p>
        <p class="hint">
          <Exact>{line.number}</Exact> · {symptomWords(t, line.symptom)} · {relayIn(context, line.relay)}
          {line.standsAt !== null && (
            <>
              {" "}
              · <bdi>{line.standsAt}</bdi>
            </>
          )}
        </p>
      </div>
      <ul class="case-line-facts">
        <li>
          {due ? <Tag tone={due.tone}>{due.words}</Tag> : <Tag>{t(`inbox.status.${line.status}`)}</Tag>}
        </li>
        <li>{t(`inbox.waits-for.${line.waits_for}`)}</li>
        <li>
          {line.assignedTo === null ? t("inbox.nobody") : t("inbox.assigned-to", { name: line.assignedTo })}
        </li>
        <li>{ageWords(view, context, line.opened_at)}</li>
        {line.escalation_step > 0 && <li>{t("inbox.escalated")}</li>}
      </ul>
    </li>
  );
}

function SavedFilters({ view, filter, saved, errors }: InboxPageProps) {
  const { t } = view;
  return (
    <section class="section" aria-labelledby="saved-title">
      <h2 id="saved-title">{t("inbox.saved.title")}</h2>
      {saved.length === 0 ? (
        <p class="empty">{t("inbox.saved.none")}</p>
      ) : (
        <ul class="items">
          {saved.map(({ id, name, query }) => (
            <li key={id}>
              <a href={`/desk/cases?${query}`}>
                <bdi>{name}</bdi>
              </a>
              <PressButton
                action={`/desk/cases/filters/${id}/remove`}
                label={t("inbox.saved.remove")}
                about={name}
              />
            </li>
          ))}
        </ul>
      )}
      <Details summary={t("inbox.saved.add")} isOpen={errors.length > 0}>
        <Form
          view={view}
          action="/desk/cases/filters"
          errors={errors}
          fields={{ query: writeFilter(filter) }}
          explainsRequired={false}
        >
          <TextField
            view={view}
            name="filter-name"
            label={t("inbox.saved.name")}
            hint={t("inbox.saved.hint")}
          />
          <QuietButton>{t("inbox.saved.submit")}</QuietButton>
        </Form>
      </Details>
    </section>
  );
}
