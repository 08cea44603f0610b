import type { Kind } from "../../accounts/accounts.ts";
import { formatMoment } from "../../i18n/moment.ts";
import type { Staff } from "../../kernel/caller.ts";
import { LinkList } from "../../ui/buttons.tsx";
import { BarTable } from "../../ui/chart.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Exact, Facts, ItemList, Section } from "../../ui/facts.tsx";
import { Notice } from "../../ui/notices.tsx";
import { EstablishmentSearch } from "../../ui/search-form.tsx";
import type { View } from "../../ui/view.ts";
import { addUp, type Figure, type Figures, figures } from "./figures.ts";
import type { AcademyReport, KindReport, Place, PlaceSeen, SchoolReport } from "./statistics.ts";
import {
  className,
  figuresOfKind,
  figuresShown,
  listHref,
  percentOf,
  schoolName,
  shareOf,
  statisticsPath,
} from "./statistics-words.ts";

interface DeskProps {
  view: View;
  staff: Staff;
}

const importsPath = "/desk/imports";
/** What there is to do something about is drawn as well. */
const drawn: Figure[] = ["activated", "waiting", "unused", "unreachable"];
export const schoolsAtOnce = 100;

// ── Choosing ─────────────────────────────────────────────────────────────────────────────────────────────────

/** For whoever sees several establishments: which. */
export function ChoicePage(
  props: DeskProps & { typed: string; found: Place[]; hasMore: boolean; page: number },
) {
  const { view, staff, typed, found, hasMore, page } = props;
  const { t } = view;
  const isSearch = typed !== "";
  return (
    <DeskPage view={view} staff={staff} current="statistics" title={t("statistics.title")}>
      <EstablishmentSearch view={view} action={statisticsPath} typed={typed} />
      {isSearch && (
        <p role="status">
          {t("establishments.search.count", { count: found.length })}
          {hasMore && ` ${t("establishments.search.more")}`}
        </p>
      )}
      <ItemList
        label={t(isSearch ? "establishments.search.results" : "statistics.places")}
        empty={t(isSearch ? "establishments.search.none" : "statistics.no-place")}
        items={found.map(({ id, name, code, type }) => ({
          key: id,
          title: (
            <a href={`${statisticsPath}/${id}`}>
              <bdi>{name}</bdi>
            </a>
          ),
          lines: [
            <>
              {t(`establishments.type.${type}`)} <Exact>{code}</Exact>
            </>,
          ],
        }))}
      />
      {isSearch ? (
        <LinkList links={[{ href: statisticsPath, label: t("statistics.other") }]} />
      ) : (
        <Pages view={view} page={page} hasMore={hasMore} hrefOf={(to) => hrefOfPage(statisticsPath, to)} />
      )}
    </DeskPage>
  );
}

const hrefOfPage = (path: string, page: number): string => (page === 0 ? path : `${path}?page=${page}`);

/** Before and after: nothing where there is but one page. */
export function Pages(props: {
  view: View;
  page: number;
  hasMore: boolean;
  hrefOf: (page: number) => string;
}) {
  const { view, page, hasMore, hrefOf } = props;
  const links = [
    ...(page > 0 ? [{ href: hrefOf(page - 1), label: view.t("establishments.page.before") }] : []),
    ...(hasMore ? [{ href: hrefOf(page + 1), label: view.t("establishments.page.next") }] : []),
  ];
  return links.length === 0 ? null : <LinkList links={links} label={view.t("statistics.pages")} />;
}

// ── A school ─────────────────────────────────────────────────────────────────────────────────────────────────

interface PlaceProps extends DeskProps {
  /** Whether there are other establishments to choose. */
  hasOthers: boolean;
}

/** How many got in, cannot be reached, or met a difficulty; each number leads to the people whom it counts. */
export function SchoolPage(props: PlaceProps & { report: SchoolReport }) {
  const { view, staff, report } = props;
  const { t, locale } = view;
  const { place, reports, now, timezone } = report;
  const isEmpty = reports.every(({ all }) => all.people === 0);
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="statistics"
      title={t("statistics.title-of", { place: place.name })}
    >
      <p class="hint">{t("statistics.counted", { moment: formatMoment(locale, timezone, now) })}</p>
      {isEmpty ? (
        <Nobody view={view} mayImport={report.mayImport} />
      ) : (
        reports.map((one) => <KindPart key={one.kind} view={view} place={place} report={one} />)
      )}
      {!isEmpty && <WhatCounts view={view} />}
      <WaysOn {...props} seen={report} isEmpty={isEmpty} />
    </DeskPage>
  );
}

function Nobody({ view, mayImport }: { view: View; mayImport: boolean }) {
  const { t } = view;
  return (
    <>
      <p class="empty">{t("statistics.nobody")}</p>
      {mayImport ? (
        <LinkList links={[{ href: importsPath, label: t("statistics.nobody.import") }]} />
      ) : (
        <p>{t("statistics.nobody.ask")}</p>
      )}
    </>
  );
}

function KindPart({ view, place, report }: { view: View; place: Place; report: KindReport }) {
  const { t } = view;
  const { kind, all, classes } = report;
  const shown = figuresShown([all]);
  const percent = percentOf(view);
  const kindWord = t(`statistics.kind.${kind}`);
  if (all.people === 0) {
    return (
      <Section title={kindWord} id={kind}>
        <p class="empty">{t("statistics.nobody-of-kind")}</p>
      </Section>
    );
  }
  return (
    <Section title={kindWord} id={kind}>
      {all.activated === all.people && (
        <Notice view={view} tone="good" title={t("statistics.all-activated")}>
          <p>{t("statistics.all-activated.thanks")}</p>
        </Notice>
      )}
      <BarTable
        view={view}
        caption={t("statistics.overview", { kind: kindWord })}
        head={t("statistics.situation")}
        columns={[
          { label: t("statistics.number"), isBar: true },
          { label: t("statistics.share"), format: percent },
        ]}
        rows={shown.map((figure) => ({
          label: t(`statistics.figure.${figure}`),
          values: [all[figure], shareOf(all, all[figure])],
          hrefs: [listHref(place.id, { kind, figure, of: "all" }, all)],
        }))}
        empty=""
      />
      {classes.some(({ id }) => id !== null) && (
        <>
          <BarTable
            view={view}
            caption={t("statistics.by-class", { kind: kindWord })}
            head={t("statistics.class")}
            columns={columnsOf(view, shown)}
            rows={classes.map((one) => ({
              label: className(view, kind, one),
              ...valuesOf(one.figures, shown, (figure) =>
                listHref(place.id, { kind, figure, of: { classId: one.id } }, one.figures),
              ),
            }))}
            total={{
              label: t("statistics.all"),
              ...valuesOf(all, shown, (figure) => listHref(place.id, { kind, figure, of: "all" }, all)),
            }}
            empty=""
          />
          {kind === "guardian" && <p class="hint">{t("statistics.guardians-by-class")}</p>}
        </>
      )}
    </Section>
  );
}

/** The figures, with the share of those who activated beside their number. */
function columnsOf(view: View, shown: Figure[]) {
  const { t } = view;
  return shown.flatMap((figure) => {
    const column = { label: t(`statistics.figure.${figure}`), isBar: drawn.includes(figure) };
    const share = { label: t("statistics.share-activated"), format: percentOf(view) };
    return figure === "activated" ? [column, share] : [column];
  });
}

function valuesOf(of: Figures, shown: Figure[], hrefOf: (figure: Figure) => string | undefined) {
  const cells = shown.flatMap((figure) => {
    const cell = { value: of[figure] as number | null, href: hrefOf(figure) };
    const share = { value: shareOf(of, of.activated), href: undefined };
    return figure === "activated" ? [cell, share] : [cell];
  });
  return { values: cells.map(({ value }) => value), hrefs: cells.map(({ href }) => href) };
}

/** What each number says, in a sentence. */
function WhatCounts({ view }: { view: View }) {
  const { t } = view;
  return (
    <Section title={t("statistics.what-counts")} id="what-counts">
      <Facts
        rows={figures.map((figure) => ({
          label: t(`statistics.figure.${figure}`),
          value: t(`statistics.means.${figure}`),
        }))}
      />
    </Section>
  );
}

function WaysOn(props: PlaceProps & { seen: PlaceSeen; isEmpty: boolean }) {
  const { view, hasOthers, seen, isEmpty } = props;
  const { t } = view;
  const { place, above, prints } = seen;
  const hasLetters = !isEmpty && prints.length > 0 && place.type === "school";
  const links = [
    !isEmpty && { href: `${statisticsPath}/${place.id}/csv`, label: t("statistics.csv") },
    hasLetters && { href: `/desk/letters/schools/${place.id}`, label: t("statistics.letters") },
    above && {
      href: `${statisticsPath}/${above.id}`,
      label: t("statistics.title-of", { place: above.name }),
    },
    hasOthers && { href: statisticsPath, label: t("statistics.other") },
  ].filter((link) => link !== false && link !== null);
  return links.length === 0 ? null : <LinkList label={t("statistics.more")} links={links} />;
}

// ── An academy ───────────────────────────────────────────────────────────────────────────────────────────────

/** The same by school. */
export function AcademyPage(props: PlaceProps & { report: AcademyReport; page: number }) {
  const { view, staff, report, page } = props;
  const { t, locale } = view;
  const { place, schools, kinds, countedFrom, timezone } = report;
  const isLate = schools.some(({ countedAt }) => countedAt === null);
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="statistics"
      title={t("statistics.title-of", { place: place.name })}
    >
      {countedFrom !== null && (
        <p class="hint">
          {t("statistics.counted-by-school", { moment: formatMoment(locale, timezone, countedFrom) })}
        </p>
      )}
      {isLate && <p>{t("statistics.not-all-counted")}</p>}
      {schools.length === 0 ? (
        <p class="empty">{t("statistics.no-school")}</p>
      ) : (
        <>
          {kinds.map((kind) => (
            <SchoolsPart key={kind} view={view} report={report} kind={kind} page={page} />
          ))}
          <Pages
            view={view}
            page={page}
            hasMore={schools.length > (page + 1) * schoolsAtOnce}
            hrefOf={(to) => hrefOfPage(`${statisticsPath}/${place.id}`, to)}
          />
          <p class="hint">{t("statistics.twice")}</p>
          <WhatCounts view={view} />
        </>
      )}
      <WaysOn {...props} seen={report} isEmpty={schools.length === 0} />
    </DeskPage>
  );
}

function SchoolsPart(props: { view: View; report: AcademyReport; kind: Kind; page: number }) {
  const { view, report, kind, page } = props;
  const { t } = view;
  const all = addUp(figuresOfKind(report, kind));
  const shown = figuresShown([all]);
  const kindWord = t(`statistics.kind.${kind}`);
  const here = report.schools.slice(page * schoolsAtOnce, (page + 1) * schoolsAtOnce);
  return (
    <Section title={kindWord} id={kind}>
      <BarTable
        view={view}
        caption={t("statistics.by-school", { kind: kindWord })}
        head={t("statistics.school")}
        columns={columnsOf(view, shown)}
        rows={here.map((school) => ({
          label: schoolName(school),
          href: `${statisticsPath}/${school.id}`,
          ...schoolValues(school, kind, shown),
        }))}
        total={{ label: t("statistics.all"), ...valuesOf(all, shown, () => undefined) }}
        empty={t("statistics.no-school")}
      />
    </Section>
  );
}

/** What was not counted yet is not nought; the locks of today are always known. */
function schoolValues(school: AcademyReport["schools"][number], kind: Kind, shown: Figure[]) {
  const of = school.byKind[kind];
  if (!of) return { values: [] };
  const { values, hrefs } = valuesOf(of, shown, (figure) =>
    listHref(school.id, { kind, figure, of: "all" }, of),
  );
  if (school.countedAt !== null) return { values, hrefs };
  const locks = valuesOf(of, shown, () => undefined).values.map(() => null as number | null);
  const at = columnIndexOf(shown, "locked");
  locks[at] = of.locked;
  return { values: locks, hrefs };
}

const columnIndexOf = (shown: Figure[], figure: Figure): number =>
  shown.indexOf(figure) + (shown.indexOf(figure) > shown.indexOf("activated") ? 1 : 0);
