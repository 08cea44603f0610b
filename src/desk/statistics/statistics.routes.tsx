import { type Answer, file, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { Visit } from "../../http/visit.ts";
import { createDayOf } from "../../i18n/moment.ts";
import type { Staff } from "../../kernel/caller.ts";
import { type CsvCell, renderCsv } from "../../ui/csv.ts";
import type { View } from "../../ui/view.ts";
import type { Desk } from "../roles/desk.ts";
import { addUp, type Figures, figures } from "./figures.ts";
import { PeopleBehindPage } from "./people-behind.pages.tsx";
import { AcademyPage, ChoicePage, SchoolPage } from "./statistics.pages.tsx";
import {
  type AcademyReport,
  type Group,
  type SchoolReport,
  type Statistics,
  statisticsAct,
} from "./statistics.ts";
import { className, figuresOfKind, statisticsPath } from "./statistics-words.ts";

const longestSearch = 100;

/** `/desk/statistics`: the figures of one's own establishments, the people behind each, and all of it as a file. */
export function statisticsRoutes(desk: Desk, { statistics }: { statistics: Statistics }): void {
  const idOf = (visit: Visit) => visit.path.split("/")[3] ?? "";
  const pageOf = (visit: Visit) => {
    const asked = Number(visit.query("page"));
    return Number.isInteger(asked) && asked > 0 && asked < 100_000 ? asked : 0;
  };

  /** The one establishment that they may see; null where there are several, or none. */
  async function onlyOne(staff: Staff): Promise<string | null> {
    const { found, hasMore } = await statistics.choose(staff, { typed: "", page: 0 });
    const [only] = found;
    return only && found.length === 1 && !hasMore ? only.id : null;
  }

  desk.get(statisticsPath, statisticsAct, async (visit, staff) => {
    const typed = [...visit.query("q").trim()].slice(0, longestSearch).join("");
    const asked = { typed, page: pageOf(visit) };
    const only = typed === "" && asked.page === 0 ? await onlyOne(staff) : null;
    if (only !== null) return redirect(`${statisticsPath}/${only}`);
    const { found, hasMore } = await statistics.choose(staff, asked);
    const view = visit.view({ person: staff });
    return page(<ChoicePage view={view} staff={staff} {...asked} found={found} hasMore={hasMore} />);
  });

  desk.get(`${statisticsPath}/:id`, statisticsAct, async (visit, staff): Promise<Answer> => {
    const report = await statistics.report(staff, idOf(visit));
    if (!report) return problemAnswer(visit, 404);
    const { place, above } = report;
    const only = await onlyOne(staff);
    // The way to the one that there is stands there already.
    const hasOthers = only !== place.id && only !== above?.id;
    const shown = { view: visit.view({ person: staff }), staff, hasOthers };
    return page(
      report.type === "school" ? (
        <SchoolPage {...shown} report={report} />
      ) : (
        <AcademyPage {...shown} report={report} page={pageOf(visit)} />
      ),
    );
  });

  desk.get(`${statisticsPath}/:id/csv`, statisticsAct, async (visit, staff): Promise<Answer> => {
    const report = await statistics.report(staff, idOf(visit));
    if (!report) return problemAnswer(visit, 404);
    const view = visit.view({ person: staff });
    const lines = report.type === "school" ? schoolLines(view, report) : academyLines(view, report);
    const { place, timezone, now } = report;
    return file(Buffer.from(renderCsv([headOf(view, report.type), ...lines])), {
      type: "text/csv; charset=utf-8",
      filename: `${visit.t("statistics.file")}-${place.code}-${createDayOf(timezone)(now)}.csv`,
    });
  });

  desk.get(`${statisticsPath}/:id/:figure`, statisticsAct, async (visit, staff): Promise<Answer> => {
    const figure = figures.find((one) => one === visit.path.split("/")[4]);
    if (!figure) return problemAnswer(visit, 404);
    const asked = pageOf(visit);
    const kind = visit.query("kind");
    const of = groupOf(visit.query("class"));
    const seen = await statistics.people(staff, idOf(visit), { kind, figure, of, page: asked });
    if (!seen) return problemAnswer(visit, 404);
    return page(
      <PeopleBehindPage view={visit.view({ person: staff })} staff={staff} seen={seen} page={asked} />,
    );
  });
}

const groupOf = (asked: string): Group =>
  asked === "" ? "all" : { classId: asked === "none" ? null : asked };

// ── The file ─────────────────────────────────────────────────────────────────────────────────────────────────

function headOf({ t }: View, type: "school" | "academy"): CsvCell[] {
  return [
    t("statistics.who"),
    ...(type === "school" ? [t("statistics.class")] : [t("statistics.school"), t("statistics.code")]),
    ...figures.map((figure) => t(`statistics.figure.${figure}`)),
    ...(type === "school" ? [] : [t("statistics.counted-when")]),
  ];
}

const cellsOf = (of: Figures): CsvCell[] => figures.map((figure) => of[figure]);

/** A line for each class, and one for all of a kind. */
function schoolLines(view: View, { reports }: SchoolReport): CsvCell[][] {
  return reports.flatMap(({ kind, all, classes }) => {
    const who = view.t(`statistics.kind.${kind}`);
    const hasClasses = classes.some(({ id }) => id !== null);
    return [
      ...(hasClasses ? classes : []).map((one) => [who, className(view, kind, one), ...cellsOf(one.figures)]),
      [who, view.t("statistics.all"), ...cellsOf(all)],
    ];
  });
}

/** A line for each school, and one for all; of what was not counted yet only the locks are known. */
function academyLines(view: View, report: AcademyReport): CsvCell[][] {
  const { kinds, schools } = report;
  return kinds.flatMap((kind) => {
    const who = view.t(`statistics.kind.${kind}`);
    return [
      ...schools.map(({ name, code, countedAt, byKind }): CsvCell[] => {
        const of = byKind[kind] as Figures;
        const known = figures.map((figure) =>
          countedAt === null && figure !== "locked" ? null : of[figure],
        );
        return [who, name, code, ...known, countedAt === null ? null : new Date(countedAt).toISOString()];
      }),
      [who, view.t("statistics.all"), null, ...cellsOf(addUp(figuresOfKind(report, kind))), null],
    ];
  });
}
