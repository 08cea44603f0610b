import { formatDuration } from "../../i18n/moment.ts";
import type { View } from "../../ui/view.ts";
import type { Figures } from "./report-figures.ts";

/** One column of the tables of a report, and of its file. */
export interface ReportColumn {
  label: string;
  value: (figures: Figures) => number | null;
  /** What a bare number of it is; a share is of 1. */
  unit: "cases" | "seconds" | "share";
  format?: (value: number) => string;
  isBar?: boolean;
}

const hour = 3600;

/** Working time: a minute at least, hours, never days, since nobody agrees how long a working day is. */
export function workingTime(locale: string, seconds: number): string {
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 60) return formatDuration(locale, minutes * 60);
  const hours = Math.floor(minutes / 60);
  const unit = (count: number, name: "hour" | "minute") =>
    new Intl.NumberFormat(locale === "en" ? "en-GB" : locale, {
      style: "unit",
      unit: name,
      unitDisplay: "narrow",
    }).format(count);
  const rest = minutes - hours * 60;
  return rest === 0 || seconds >= 10 * hour
    ? unit(hours, "hour")
    : `${unit(hours, "hour")} ${unit(rest, "minute")}`;
}

/** « 12 (8 %) »; of nothing there is no share. */
export function shareWords(view: View, part: number, whole: number): string {
  const locale = view.locale === "en" ? "en-GB" : view.locale;
  if (whole === 0) return view.t("chart.nothing");
  const count = new Intl.NumberFormat(locale).format(part);
  const share = new Intl.NumberFormat(locale, { style: "percent" }).format(part / whole);
  return view.t("case-reports.share", { count, share });
}

export function reportColumns(view: View): ReportColumn[] {
  const { t, locale } = view;
  const time = (seconds: number) => workingTime(locale, seconds);
  const percent = new Intl.NumberFormat(locale === "en" ? "en-GB" : locale, { style: "percent" });
  return [
    { label: t("case-reports.opened"), value: ({ opened }) => opened, unit: "cases", isBar: true },
    {
      label: t("case-reports.first-answer.median"),
      value: ({ firstAnswerMedian }) => firstAnswerMedian,
      unit: "seconds",
      format: time,
      isBar: true,
    },
    {
      label: t("case-reports.first-answer.ninetieth"),
      value: ({ firstAnswerNinetieth }) => firstAnswerNinetieth,
      unit: "seconds",
      format: time,
    },
    { label: t("case-reports.solved"), value: ({ solved }) => solved, unit: "cases" },
    {
      label: t("case-reports.resolution.median"),
      value: ({ resolutionMedian }) => resolutionMedian,
      unit: "seconds",
      format: time,
      isBar: true,
    },
    {
      label: t("case-reports.resolution.ninetieth"),
      value: ({ resolutionNinetieth }) => resolutionNinetieth,
      unit: "seconds",
      format: time,
    },
    { label: t("case-reports.reopened"), value: ({ reopened }) => reopened, unit: "cases" },
    { label: t("case-reports.escalated"), value: ({ escalated }) => escalated, unit: "cases" },
    {
      label: t("case-reports.closed-themselves"),
      value: ({ closedThemselves }) => closedThemselves,
      unit: "cases",
    },
    {
      label: t("case-reports.satisfied"),
      value({ satisfied, partlySatisfied, unsatisfied }) {
        const judged = satisfied + partlySatisfied + unsatisfied;
        return judged === 0 ? null : satisfied / judged;
      },
      unit: "share",
      format: (share) => percent.format(share),
    },
  ];
}
