import type { Staff } from "../../kernel/caller.ts";
import { Button, LinkList } from "../../ui/buttons.tsx";
import { Radios } from "../../ui/choices.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Exact, Facts, ItemList, Section, Tag } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { SearchForm } from "../../ui/search-form.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import type { DeskJoin } from "./desk-joins.ts";
import { placeWords } from "./families.pages.tsx";
import type { Relative, ShownReport } from "./families.ts";
import type { JoinSeen } from "./joins.ts";

interface DeskProps {
  view: View;
  staff: Staff;
}

/** A name, and the way to the person's page for whoever may open it. */
function Name({ id, name, isOpen }: { id: string; name: string; isOpen: boolean }) {
  return isOpen ? (
    <a href={`/desk/people/${id}`}>
      <bdi>{name}</bdi>
    </a>
  ) : (
    <bdi>{name}</bdi>
  );
}

/** Where both lists stand: after which report, before which join; and the identifier that was looked for. */
interface ListsAt {
  after: string;
  before: string;
  typed: string;
}

function listsHref(at: ListsAt, section: "reports" | "joins"): string {
  const { after, before, typed } = at;
  const asked = Object.entries({ after, before, q: typed }).filter(([, value]) => value !== "");
  const query = new URLSearchParams(asked).toString();
  return `/desk/families${query === "" ? "" : `?${query}`}#${section}`;
}

/** The next page of one list and its first; the other list stays where it is. */
function Onward(props: { view: View; at: ListsAt; section: "reports" | "joins"; next: string | null }) {
  const { view, at, section, next } = props;
  const cursor = section === "reports" ? "after" : "before";
  const to = (value: string) => listsHref({ ...at, [cursor]: value }, section);
  const links = [
    ...(next === null ? [] : [{ href: to(next), label: view.t("registry-import.people.next") }]),
    ...(at[cursor] === "" ? [] : [{ href: to(""), label: view.t("registry-import.people.first") }]),
  ];
  return links.length === 0 ? null : <LinkList label={view.t(`families.desk.${section}`)} links={links} />;
}

/** What guardians reported and waits, and which accounts became one. */
export function FamiliesDeskPage(
  props: DeskProps & {
    at: ListsAt;
    reported: { reports: ShownReport[]; next: string | null };
    joined: { joins: DeskJoin[]; next: string | null };
  },
) {
  const { view, staff, at, reported, joined } = props;
  const { reports } = reported;
  const { joins } = joined;
  const { t, moment } = view;
  return (
    <DeskPage view={view} staff={staff} current="families" title={t("families.desk.title")}>
      <Section title={t("families.desk.reports")} id="reports">
        <ItemList
          label={t("families.desk.reports")}
          empty={t("families.desk.reports.none")}
          items={reports.map((report) => ({
            key: report.id,
            title: (
              <a href={`/desk/families/reports/${report.id}`}>
                {t("families.desk.report", { guardian: report.guardian_name, pupil: report.pupil_name })}
              </a>
            ),
            lines: [
              <bdi key="place">
                {placeWords(view, { school: report.school, className: report.class_name })}
              </bdi>,
              t("families.desk.reported-at", { moment: moment(report.reported_at) }),
            ],
          }))}
        />
        <Onward view={view} at={at} section="reports" next={reported.next} />
      </Section>
      <Section title={t("families.desk.joins")} id="joins">
        <p>{t("families.desk.joins.what")}</p>
        <SearchForm
          view={view}
          action="/desk/families#joins"
          label={t("families.desk.search.label")}
          hint={t("families.desk.search.hint")}
          typed={at.typed}
        >
          {at.after !== "" && <input type="hidden" name="after" value={at.after} />}
        </SearchForm>
        <ItemList
          label={t("families.desk.joins")}
          empty={t(at.typed === "" ? "families.desk.joins.none" : "families.desk.search.none")}
          items={joins.map((join) => ({
            key: join.id,
            title: <Name id={join.accountId} name={join.name} isOpen={join.isOpen} />,
            tag: <JoinTag view={view} join={join} />,
            lines: [
              ...(join.joinedName === null ? [] : [<bdi key="name">{join.joinedName}</bdi>]),
              <>
                <Exact>{join.joinedIdentifier}</Exact> {t("families.desk.into")}{" "}
                <Exact>{join.keptIdentifier}</Exact>
              </>,
              t(`families.desk.how.${join.how}`, { moment: moment(join.joinedAt) }),
              ...(join.state === "joined"
                ? [t("families.undo-until", { moment: moment(join.undoUntil) })]
                : [t(`families.desk.state.${join.state}.at`, { moment: moment(join.stateAt) })]),
            ],
            acts: join.state === "joined" && (
              <a href={`/desk/families/joins/${join.id}`}>
                {t("families.unjoin.link")} <span class="unseen">{join.name}</span>
              </a>
            ),
          }))}
        />
        <Onward view={view} at={at} section="joins" next={joined.next} />
        {at.typed !== "" && (
          <LinkList
            links={[
              {
                href: listsHref({ ...at, before: "", typed: "" }, "joins"),
                label: t("families.desk.search.all"),
              },
            ]}
          />
        )}
      </Section>
    </DeskPage>
  );
}

function JoinTag({ view, join }: { view: View; join: DeskJoin }) {
  const tone = join.state === "joined" ? "good" : undefined;
  return <Tag tone={tone}>{view.t(`families.desk.state.${join.state}`)}</Tag>;
}

/** The reason of an act, asked the same everywhere on the desk. */
function Reason({ view, typed, hint }: { view: View; typed: string; hint: string }) {
  return (
    <TextField
      view={view}
      name="reason"
      label={view.t("people.reason")}
      hint={hint}
      value={typed}
      autocomplete="off"
      required
    />
  );
}

/** One report: « Retirer le lien » or « Le lien est juste ». */
export function DecideReportPage(
  props: DeskProps & {
    report: ShownReport;
    opens: { guardian: boolean; pupil: boolean };
    typed: { decision: string; reason: string };
    errors: FieldError[];
  },
) {
  const { view, staff, report, opens, typed, errors } = props;
  const { t, moment } = view;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="families"
      title={t("families.decide.title")}
      hasErrors={errors.length > 0}
    >
      <Facts
        rows={[
          {
            label: t("families.desk.guardian"),
            value: <Name id={report.guardian_id} name={report.guardian_name} isOpen={opens.guardian} />,
          },
          {
            label: t("families.pupil"),
            value: <Name id={report.pupil_id} name={report.pupil_name} isOpen={opens.pupil} />,
          },
          {
            label: t("families.school"),
            value: <bdi>{placeWords(view, { school: report.school, className: report.class_name })}</bdi>,
          },
          { label: t("families.reported.at"), value: moment(report.reported_at) },
          {
            label: t("families.desk.words"),
            value: report.words === "" ? t("families.desk.words.none") : <bdi>{report.words}</bdi>,
          },
        ]}
      />
      <p>{t("families.decide.check")}</p>
      <Form view={view} action={`/desk/families/reports/${report.id}`} errors={errors}>
        <Radios
          view={view}
          name="decision"
          legend={t("families.decide.legend")}
          options={(["removed", "kept"] as const).map((value) => ({
            value,
            label: t(`families.decide.${value}`),
            hint: t(`families.decide.${value}.hint`),
          }))}
          value={typed.decision}
          required
        />
        <Reason view={view} typed={typed.reason} hint={t("families.desk.reason.hint")} />
        <Button>{t("families.decide.submit")}</Button>
      </Form>
      <LinkList links={[{ href: "/desk/families", label: t("families.desk.back") }]} />
    </DeskPage>
  );
}

/** Accounts that became one are two again. */
export function UndoJoinPage(
  props: DeskProps & {
    join: DeskJoin;
    /** Addresses and numbers that staff added meanwhile, masked: whose they are, nobody but them knows. */
    added: string[];
    typed: string;
    errors: FieldError[];
  },
) {
  const { view, staff, join, added, errors } = props;
  const { t, moment } = view;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="families"
      title={t("families.unjoin.title")}
      hasErrors={errors.length > 0}
    >
      <Facts
        rows={[
          {
            label: t("families.desk.guardian"),
            value: <Name id={join.accountId} name={join.name} isOpen={join.isOpen} />,
          },
          { label: t("families.mail.kept"), value: <Exact>{join.keptIdentifier}</Exact> },
          { label: t("families.mail.joined"), value: <Exact>{join.joinedIdentifier}</Exact> },
          { label: t("families.joined.at"), value: moment(join.joinedAt) },
          ...(added.length === 0
            ? []
            : [
                {
                  label: t("families.unjoin.added"),
                  value: added.map((contact) => (
                    <div key={contact}>
                      <Exact>{contact}</Exact>
                    </div>
                  )),
                },
              ]),
        ]}
      />
      {added.length > 0 && <p>{t("families.unjoin.added.check", { kept: join.keptIdentifier })}</p>}
      <div class="prose">
        <ul>
          <li>{t("families.unjoin.does.back", { joined: join.joinedIdentifier })}</li>
          <li>{t("families.unjoin.does.contacts")}</li>
          <li>{t("families.unjoin.does.told")}</li>
          <li>{t("families.unjoin.does.never")}</li>
        </ul>
      </div>
      <Form view={view} action={`/desk/families/joins/${join.id}`} errors={errors}>
        <Reason view={view} typed={props.typed} hint={t("people.reason.hint")} />
        <Button tone="wrong">{t("families.unjoin.submit")}</Button>
      </Form>
      <LinkList links={[{ href: "/desk/families", label: t("families.desk.back") }]} />
    </DeskPage>
  );
}

/** On the page of a person: who belongs to them in this school, and which accounts became one. */
export function PersonFamily(props: {
  view: View;
  kind: "guardian" | "pupil";
  relatives: Relative[];
  joins: JoinSeen[];
  wentInto: { identifier: string; at: number } | null;
}) {
  const { view, kind, relatives, joins, wentInto } = props;
  const { t, moment } = view;
  return (
    <>
      <ItemList
        label={t(kind === "pupil" ? "families.person.guardians" : "families.person.pupils")}
        empty={t(kind === "pupil" ? "families.person.guardians.none" : "families.person.pupils.none")}
        items={relatives.map((one) => ({
          key: one.id,
          title: <Name id={one.id} name={one.name} isOpen={one.isOpen} />,
          tag: one.reportedAt !== null && <Tag tone="careful">{t("families.pupil.reported")}</Tag>,
          lines: [
            t(`families.person.level.${one.level === 1 ? 1 : one.level === 2 ? 2 : 3}`),
            ...one.places.map((place) => <bdi key={place.school}>{placeWords(view, place)}</bdi>),
          ],
        }))}
      />
      {joins.map((join) => (
        <p key={join.id}>
          {t("families.joined-account")} <Exact>{join.joinedIdentifier}</Exact>{" "}
          {t("families.joined-since", { moment: moment(join.joinedAt) })}
        </p>
      ))}
      {wentInto && (
        <p>
          {t("families.person.went-into")} <Exact>{wentInto.identifier}</Exact>{" "}
          {t("families.joined-since", { moment: moment(wentInto.at) })}
        </p>
      )}
    </>
  );
}
