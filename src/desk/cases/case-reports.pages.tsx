import { formatDay } from "../../i18n/moment.ts";
import type { Staff } from "../../kernel/caller.ts";
import { Button, LinkList } from "../../ui/buttons.tsx";
import { BarTable, TimeChart } from "../../ui/chart.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Facts, Section } from "../../ui/facts.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import type { View } from "../../ui/view.ts";
import { type Period, periods, type Report } from "./case-reports.ts";
import type { Place } from "./case-walls.ts";
import { type DeskContext, relayIn, symptomWords } from "./desk-case-words.ts";
import { reportColumns, shareWords, workingTime } from "./report-columns.ts";
import type { Figures } from "./report-figures.ts";

export interface ReportsPageProps {
  view: View;
  staff: Staff;
  context: DeskContext;
  period: Period;
  relay: string | null;
  /** The establishment that was asked for. */
  place: Place | null;
  /** Establishments to choose from. */
  places: Place[];
  /** Whose figures these are; empty: everybody's. */
  whose: Place[];
  report: Report;
  /** For paper: every table open, nothing that only works when pressed. */
  isForPrint: boolean;
}

/** How the work goes, in numbers: every chart is a table as well, and all of it a file. */
export function ReportsPage(props: ReportsPageProps) {
  const { view, staff, period, report, isForPrint } = props;
  const { t } = view;
  const title = t("case-reports.title", { days: period });
  return (
    <DeskPage view={view} staff={staff} current="reports" title={title}>
      {!isForPrint && <Choice {...props} />}
      {props.whose.length > 0 && (
        <p>
          {t("case-reports.whose", {
            names: listOf(
              view.locale,
              props.whose.map(({ name }) => name),
            ),
          })}
        </p>
      )}
      <p class="hint">
        {report.countedAt === null
          ? t("case-reports.not-yet")
          : t("case-reports.counted-at", { moment: view.moment(report.countedAt) })}{" "}
        {t("case-reports.what")}
      </p>
      <Summary view={view} figures={report.all} />
      <OverTime {...props} />
      <Groups {...props} group="symptom" />
      <Groups {...props} group="relay" />
      <LinkList links={linksOf(props)} label={t("case-reports.more")} />
    </DeskPage>
  );
}

const listOf = (locale: string, names: string[]) => new Intl.ListFormat(locale).format(names);

function queryOf({ period, relay, place }: Pick<ReportsPageProps, "period" | "relay" | "place">): string {
  return new URLSearchParams({
    days: String(period),
    ...(relay === null ? {} : { relay }),
    ...(place === null ? {} : { establishment: place.id }),
  }).toString();
}

function linksOf(props: ReportsPageProps) {
  const { t } = props.view;
  const query = queryOf(props);
  return props.isForPrint
    ? [{ href: `/desk/reports?${query}`, label: t("case-reports.back") }]
    : [
        { href: `/desk/reports.csv?${query}`, label: t("case-reports.csv") },
        { href: `/desk/reports?${query}&print=1`, label: t("case-reports.print") },
      ];
}

function Choice({ view, context, period, relay, place, places }: ReportsPageProps) {
  const { t } = view;
  return (
    <form class="form case-report-choice" method="get" action="/desk/reports">
      <SelectField
        view={view}
        name="days"
        label={t("case-reports.period")}
        options={periods.map((days) => ({ value: String(days), label: t("case-reports.days", { days }) }))}
        value={String(period)}
      />
      <SelectField
        view={view}
        name="relay"
        label={t("inbox.filter.relay")}
        options={[
          { value: "", label: t("inbox.filter.any") },
          ...context.relays.map(({ id, name }) => ({ value: id, label: name })),
        ]}
        value={relay ?? ""}
      />
      {places.length > 0 && (
        <SelectField
          view={view}
          name="establishment"
          label={t("inbox.filter.establishment")}
          options={[
            { value: "", label: t("inbox.filter.any") },
            ...places.map(({ id, name }) => ({ value: id, label: name })),
          ]}
          value={place?.id ?? ""}
        />
      )}
      <Button>{t("case-reports.show")}</Button>
    </form>
  );
}

function Summary({ view, figures }: { view: View; figures: Figures }) {
  const { t } = view;
  const time = (seconds: number | null) =>
    seconds === null ? t("chart.nothing") : workingTime(view.locale, seconds);
  const number = new Intl.NumberFormat(view.locale === "en" ? "en-GB" : view.locale);
  const both = (median: number | null, ninetieth: number | null) =>
    median === null
      ? t("chart.nothing")
      : t("case-reports.median-and-ninetieth", { median: time(median), ninetieth: time(ninetieth) });
  return (
    <Facts
      rows={[
        { label: t("case-reports.opened"), value: number.format(figures.opened) },
        {
          label: t("case-reports.first-answer"),
          value: both(figures.firstAnswerMedian, figures.firstAnswerNinetieth),
        },
        { label: t("case-reports.solved"), value: number.format(figures.solved) },
        {
          label: t("case-reports.resolution"),
          value: both(figures.resolutionMedian, figures.resolutionNinetieth),
        },
        {
          label: t("case-reports.closed-themselves"),
          value: shareWords(view, figures.closedThemselves, figures.opened),
        },
        { label: t("case-reports.reopened"), value: shareWords(view, figures.reopened, figures.opened) },
        { label: t("case-reports.escalated"), value: number.format(figures.escalated) },
        {
          label: t("case-reports.satisfied"),
          value: shareWords(
            view,
            figures.satisfied,
            figures.satisfied + figures.partlySatisfied + figures.unsatisfied,
          ),
        },
      ]}
    />
  );
}

function OverTime({ view, report, isForPrint }: ReportsPageProps) {
  const { t } = view;
  // Days by name, without a zone: noon is the same day everywhere near.
  const label = (name: string) => formatDay(view.locale, "UTC", Date.parse(`${name}T12:00:00Z`));
  return (
    <Section title={t("case-reports.over-time")} id="over-time">
      <TimeChart
        view={view}
        caption={t("case-reports.over-time.caption")}
        head={t("case-reports.from")}
        labels={report.overTime.map(({ from }) => label(from))}
        series={[
          {
            name: t("case-reports.opened"),
            shape: "columns",
            values: report.overTime.map(({ opened }) => opened),
          },
          {
            name: t("case-reports.solved"),
            shape: "line",
            values: report.overTime.map(({ solved }) => solved),
          },
        ]}
        tableSummary={t("chart.table")}
        isTableOpen={isForPrint}
        empty={t("case-reports.none")}
      />
    </Section>
  );
}

function Groups(props: ReportsPageProps & { group: "relay" | "symptom" }) {
  const { view, context, report, group } = props;
  const { t } = view;
  const name = (id: string) => (group === "relay" ? relayIn(context, id) : symptomWords(t, id));
  const columns = reportColumns(view);
  const rows = group === "relay" ? report.byRelay : report.bySymptom;
  return (
    <Section title={t(`case-reports.by-${group}`)} id={`by-${group}`}>
      <BarTable
        view={view}
        caption={t(`case-reports.by-${group}.caption`)}
        head={t(`inbox.filter.${group}`)}
        columns={columns.map(({ label, format, isBar }) => ({ label, format, isBar }))}
        rows={rows.map(({ id, figures }) => ({
          label: name(id),
          values: columns.map(({ value }) => value(figures)),
        }))}
        total={{ label: t("case-reports.all"), values: columns.map(({ value }) => value(report.all)) }}
        empty={t("case-reports.none")}
      />
    </Section>
  );
}
