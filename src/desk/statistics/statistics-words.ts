import type { Kind } from "../../accounts/accounts.ts";
import type { View } from "../../ui/view.ts";
import { type Figure, type Figures, figures } from "./figures.ts";
import type { AcademyReport, ClassFigures, Group, SchoolFigures } from "./statistics.ts";

export const statisticsPath = "/desk/statistics";

/** The figures that are shown of a table: accounts that were disabled only where there are any. */
export const figuresShown = (of: readonly Figures[]): Figure[] =>
  figures.filter((figure) => figure !== "disabled" || of.some(({ disabled }) => disabled > 0));

/** Nearly all is not all: it never reads as a hundred per cent. */
const mostShort = 0.99;

/** Part of a whole as a person reads it; of nobody there is none. */
export const shareOf = ({ people }: Figures, count: number): number | null =>
  people === 0 ? null : count < people ? Math.min(count / people, mostShort) : 1;

export const percentOf = (view: View) => {
  const format = new Intl.NumberFormat(view.locale === "en" ? "en-GB" : view.locale, { style: "percent" });
  return (share: number): string => format.format(share);
};

/** The list of people behind a figure; nobody needs one of nobody. */
export function listHref(
  placeId: string,
  asked: { kind: Kind; figure: Figure; of: Group; page?: number },
  figuresOf?: Figures,
): string | undefined {
  const { kind, figure, of, page = 0 } = asked;
  if (figuresOf?.[figure] === 0) return undefined;
  const query = new URLSearchParams({
    kind,
    ...(of === "all" ? {} : { class: of.classId ?? "none" }),
    ...(page === 0 ? {} : { page: String(page) }),
  });
  return `${statisticsPath}/${placeId}/${figure}?${query}`;
}

export const className = (view: View, kind: Kind, { name }: Pick<ClassFigures, "name">): string =>
  name ?? view.t(kind === "guardian" ? "statistics.no-class.guardian" : "statistics.no-class");

/** Two schools of an academy may bear one name. */
export const schoolName = ({ name, code }: Pick<SchoolFigures, "name" | "code">): string =>
  `${name} · ${code}`;

export const figuresOfKind = (report: AcademyReport, kind: Kind): Figures[] =>
  report.schools.flatMap(({ byKind }) => byKind[kind] ?? []);
