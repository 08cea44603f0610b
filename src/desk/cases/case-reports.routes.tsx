import { file, page } from "../../http/answer.ts";
import type { Visit } from "../../http/visit.ts";
import type { Staff } from "../../kernel/caller.ts";
import { type CsvCell, renderCsv } from "../../ui/csv.ts";
import type { View } from "../../ui/view.ts";
import type { Desk } from "../roles/desk.ts";
import { ReportsPage } from "./case-reports.pages.tsx";
import { type CaseReports, type Period, periods, type Report } from "./case-reports.ts";
import type { CaseWalls, Place } from "./case-walls.ts";
import { type DeskContext, relayIn, symptomWords } from "./desk-case-words.ts";
import { type DeskCasesRoutesDeps, deskContext } from "./desk-cases.routes.tsx";
import { readFilter } from "./inbox-filter.ts";
import { reportColumns } from "./report-columns.ts";

export interface CaseReportsRoutesDeps extends Pick<DeskCasesRoutesDeps, "clock" | "preset" | "inbox"> {
  reports: CaseReports;
  walls: Pick<CaseWalls, "relaysSeen" | "isInside">;
}

/** The reports on cases: as a page, for paper, and as a file. */
export function caseReportsRoutes(desk: Desk, deps: CaseReportsRoutesDeps): void {
  async function asked(visit: Visit, staff: Staff) {
    const days = Number(visit.query("days"));
    const period: Period = periods.find((one) => one === days) ?? 30;
    const reach = deps.walls.relaysSeen(staff, "cases.reports");
    const relay = reach.find((id) => id === visit.query("relay")) ?? null;
    const context = deskContext(deps, visit);
    const offered = await deps.inbox.placesOf(staff, "cases.reports");
    const place = await placeAsked(visit, staff);
    return {
      period,
      relay,
      place,
      places: place === null || offered.some(({ id }) => id === place.id) ? offered : [...offered, place],
      whose: place === null ? await deps.inbox.wallsNamed(staff, "cases.reports") : [place],
      context: { ...context, relays: context.relays.filter(({ id }) => reach.includes(id)) },
      report: await deps.reports.report(staff, period, relay, place),
    };
  }

  /** An establishment inside their walls; any other is as if it was not asked for. */
  async function placeAsked(visit: Visit, staff: Staff): Promise<Place | null> {
    const { establishment } = readFilter(visit.query);
    const place = await deps.inbox.placeOf(establishment);
    if (!place) return null;
    const standing = { establishment_id: place.id, academy_id: place.academyId };
    return deps.walls.isInside(staff, "cases.reports", standing) ? place : null;
  }

  desk.get("/desk/reports", "cases.reports", async (visit, staff) =>
    page(
      <ReportsPage
        {...(await asked(visit, staff))}
        view={visit.view({ person: staff })}
        staff={staff}
        isForPrint={visit.query("print") === "1"}
      />,
    ),
  );

  desk.get("/desk/reports.csv", "cases.reports", async (visit, staff) => {
    const { context, report, period, whose } = await asked(visit, staff);
    const csv = renderCsv(linesOf(visit.view({ person: staff }), context, report, whose));
    return file(Buffer.from(csv), {
      type: "text/csv; charset=utf-8",
      filename: `loquet-${period}-${new Date(context.now).toISOString().slice(0, 10)}.csv`,
    });
  });
}

/** One line for each relay, each symptom, and all; durations in seconds, so that spreadsheets can reckon with them. */
function linesOf(view: View, context: DeskContext, report: Report, whose: Place[]): CsvCell[][] {
  const { t } = view;
  const columns = reportColumns(view);
  const line = (group: string, name: string, figures: Report["all"]): CsvCell[] => [
    group,
    name,
    ...columns.map(({ value }) => value(figures)),
  ];
  return [
    [
      t("case-reports.group"),
      t("case-reports.name"),
      ...columns.map(({ label, unit }) =>
        unit === "seconds" ? t("case-reports.in-seconds", { label }) : label,
      ),
    ],
    ...whose.map(({ name }) => [t("inbox.fact.place"), name]),
    ...report.byRelay.map(({ id, figures }) => line(t("inbox.filter.relay"), relayIn(context, id), figures)),
    ...report.bySymptom.map(({ id, figures }) =>
      line(t("inbox.filter.symptom"), symptomWords(t, id), figures),
    ),
    line(t("case-reports.all"), "", report.all),
  ];
}
