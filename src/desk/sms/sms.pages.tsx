import { noCountry } from "../../access/budgets/sms-ceilings.ts";
import { formatDay, formatDuration } from "../../i18n/moment.ts";
import type { Staff } from "../../kernel/caller.ts";
import { BarTable, plainNumber, TimeChart } from "../../ui/chart.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Facts, Section } from "../../ui/facts.tsx";
import { Notice } from "../../ui/notices.tsx";
import type { View } from "../../ui/view.ts";
import { type CeilingSeen, daysShown, type SmsSeen } from "./sms.ts";

export interface SmsPageProps {
  view: View;
  staff: Staff;
  hasSms: boolean;
  seen: SmsSeen;
}

/** How many SMS go where, and how near the ceilings are. */
export function SmsPage({ view, staff, hasSms, seen }: SmsPageProps) {
  const { t } = view;
  return (
    <DeskPage view={view} staff={staff} title={t("desk-sms.title")} current="sms">
      <p class="lead">{t("desk-sms.lead")}</p>
      {!hasSms && <Notice view={view} tone="careful" title={t("desk-sms.off")} />}
      <Today view={view} seen={seen} />
      {seen.refusals.length > 0 && <Refusals view={view} seen={seen} />}
      <Ceilings view={view} seen={seen} />
      <Days view={view} seen={seen} />
    </DeskPage>
  );
}

type Part = Pick<SmsPageProps, "view" | "seen">;

function countryIn({ t, locale }: View, country: string): string {
  if (country === noCountry) return t("desk-sms.no-country");
  return new Intl.DisplayNames([locale], { type: "region" }).of(country) ?? country;
}

const shareOf = (ceiling: CeilingSeen) => Math.min(1, ceiling.spent / ceiling.max);

function Today({ view, seen }: Part) {
  const { t, locale } = view;
  const percent = new Intl.NumberFormat(locale, { style: "percent" });
  const busy = seen.countries.filter(
    ({ passed, refused, ceiling }) => passed + refused + (ceiling?.spent ?? 0) > 0,
  );
  return (
    <Section title={t("desk-sms.today")} id="today">
      <BarTable
        view={view}
        caption={t("desk-sms.today.caption")}
        head={t("desk-sms.country")}
        columns={[
          { label: t("desk-sms.passed"), isBar: true },
          { label: t("desk-sms.refused") },
          { label: t("desk-sms.share"), format: (share) => percent.format(share) },
        ]}
        rows={busy.map(({ country, isServed, passed, refused, ceiling }) => ({
          label: isServed
            ? countryIn(view, country)
            : t("desk-sms.not-served", { country: countryIn(view, country) }),
          values: [passed, refused, ceiling && shareOf(ceiling)],
        }))}
        total={{
          label: t("desk-sms.all"),
          values: [
            seen.countries.reduce((sum, { passed }) => sum + passed, 0),
            seen.countries.reduce((sum, { refused }) => sum + refused, 0),
            shareOf(seen.whole),
          ],
        }}
        empty={t("desk-sms.none")}
      />
    </Section>
  );
}

function Refusals({ view, seen }: Part) {
  const { t } = view;
  return (
    <Section title={t("desk-sms.why")} id="why">
      <BarTable
        view={view}
        caption={t("desk-sms.why.caption")}
        head={t("desk-sms.reason")}
        columns={[{ label: t("desk-sms.refused"), isBar: true }]}
        rows={seen.refusals.map(({ refusal, count }) => ({
          label: t(`desk-sms.refusal.${refusal}`),
          values: [count],
        }))}
        empty={t("desk-sms.none")}
      />
    </Section>
  );
}

function Ceilings({ view, seen }: Part) {
  const { t, locale } = view;
  const number = plainNumber(view);
  const words = ({ max, perSeconds }: { max: number; perSeconds: number }) =>
    t("desk-sms.ceiling.words", { max: number(max), period: formatDuration(locale, perSeconds) });
  const used = ({ spent, max, until }: CeilingSeen) =>
    until === null
      ? t("desk-sms.ceiling.unused")
      : t("desk-sms.ceiling.used", {
          spent: number(Math.min(spent, max)),
          max: number(max),
          until: view.moment(until),
        });
  const begun = seen.countries.flatMap(({ country, ceiling }) =>
    ceiling && ceiling.until !== null ? [{ label: countryIn(view, country), value: used(ceiling) }] : [],
  );
  return (
    <Section title={t("desk-sms.ceilings")} id="ceilings">
      <p>{t("desk-sms.ceilings.why")}</p>
      <Facts
        rows={[
          { label: t("desk-sms.ceiling.number"), value: words(seen.limits["sms.per-number"]) },
          { label: t("desk-sms.ceiling.number-day"), value: words(seen.limits["sms.per-number-day"]) },
          { label: t("desk-sms.ceiling.source"), value: words(seen.limits["sms.per-source"]) },
          { label: t("desk-sms.ceiling.country"), value: words(seen.limits["sms.per-country-day"]) },
          ...begun,
          {
            label: t("desk-sms.ceiling.service"),
            value: `${words(seen.limits["sms.service-wide"])} ${used(seen.whole)}`,
          },
          {
            label: t("desk-sms.served"),
            value: new Intl.ListFormat(locale).format(
              seen.countries
                .flatMap(({ country, isServed }) => (isServed ? [countryIn(view, country)] : []))
                .sort((one, other) => one.localeCompare(other, locale)),
            ),
          },
        ]}
      />
      <p class="hint">{t("desk-sms.ceilings.change")}</p>
    </Section>
  );
}

function Days({ view, seen }: Part) {
  const { t } = view;
  // Days by name, without a zone: noon is the same day everywhere near.
  const label = (name: string) => formatDay(view.locale, "UTC", Date.parse(`${name}T12:00:00Z`));
  return (
    <Section title={t("desk-sms.days", { days: daysShown })} id="days">
      <TimeChart
        view={view}
        caption={t("desk-sms.days.caption")}
        head={t("desk-sms.day")}
        labels={seen.days.map(({ day }) => label(day))}
        series={[
          { name: t("desk-sms.passed"), shape: "columns", values: seen.days.map(({ passed }) => passed) },
          { name: t("desk-sms.refused"), shape: "line", values: seen.days.map(({ refused }) => refused) },
        ]}
        tableSummary={t("chart.table")}
        empty={t("desk-sms.none")}
      />
    </Section>
  );
}
