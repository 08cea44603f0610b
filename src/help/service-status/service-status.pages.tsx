import type { ComponentChildren } from "preact";
import { LinkList } from "../../ui/buttons.tsx";
import { Facts, Section, Tag } from "../../ui/facts.tsx";
import { Details, Notice } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import type { Tone, View } from "../../ui/view.ts";
import { columnCount, columnsOf, type Stretch, stretchesOf } from "./history.ts";
import { type Incident, inLanguage, isOver } from "./incidents.ts";
import { isTrouble, type PartState } from "./judge.ts";
import type { PartHistory, PartStatus, ServiceState } from "./service-status.ts";
import { meanwhile, partName, partSentence, type SayTime, sinceSentence, stateWord } from "./status-words.ts";

export interface StatusPageProps {
  view: View;
  state: ServiceState & { history: PartHistory[] };
  now: number;
  time: SayTime;
  /** Only the time of day, for tables that name the zone once. */
  clockTime: SayTime;
  zone: string;
  hasSms: boolean;
  defaultLanguage: string;
}

const toneOf = (state: PartState): Tone | undefined =>
  state === "down" ? "wrong" : state === "late" ? "careful" : state === "unknown" ? undefined : "good";

/** « Tout fonctionne » is said only of what was seen to work. */
const wholeOf = (parts: PartStatus[]) => (parts.some(({ state }) => state === "quiet") ? "quiet" : "well");

/** Worst first: what fails, then what is announced, then each part with its day, then what was. */
export function StatusPage(props: StatusPageProps) {
  const { view, state, now } = props;
  const { t } = view;
  const shown = state.incidents.filter(({ isPublic }) => isPublic);
  const present = shown.filter((one) => one.startsAt <= now && !isOver(one, now));
  const planned = shown.filter((one) => one.startsAt > now && !isOver(one, now)).reverse();
  const past = shown.filter((one) => isOver(one, now));
  const troubles = state.parts.filter((one) => isTrouble(one.state));
  const isWell = troubles.length === 0 && present.length === 0;
  const whole = state.measuredAt === null ? "unknown" : wholeOf(state.parts);
  return (
    <Page
      view={view}
      title={t("service-status.title")}
      tone={isWell && whole === "well" ? "good" : undefined}
      wide
    >
      {isWell ? (
        <p class="status-whole">
          <Tag tone={toneOf(whole)}>{t(`service-status.whole.${whole}`)}</Tag>
        </p>
      ) : (
        troubles.map((one) => (
          <Notice
            key={one.part}
            view={view}
            tone={one.state === "down" ? "wrong" : "careful"}
            title={partSentence(t, one, props.time)}
          >
            <Remedy {...props} one={one} />
          </Notice>
        ))
      )}
      {!state.isFresh && <p>{t("service-status.stale", { moment: view.moment(state.readAt) })}</p>}
      {present.map((one) => (
        <IncidentBlock key={one.id} {...props} incident={one} />
      ))}
      {planned.length > 0 && (
        <Section title={t("service-status.planned")}>
          {planned.map((one) => (
            <IncidentBlock key={one.id} {...props} incident={one} level={3} />
          ))}
        </Section>
      )}
      <Section title={t("service-status.parts")} id="parts">
        <ul class="status-parts">
          {state.parts.map((one) => (
            <li key={one.part}>
              <PartBlock {...props} one={one} />
            </li>
          ))}
        </ul>
        <p class="hint">
          {state.measuredAt === null
            ? t("service-status.no-measure")
            : t("service-status.measured", { moment: view.moment(state.measuredAt) })}
        </p>
      </Section>
      <Section title={t("service-status.past")}>
        {past.length === 0 && <p class="empty">{t("service-status.past.none")}</p>}
        {past.map((one) => (
          <IncidentBlock key={one.id} {...props} incident={one} level={3} isFolded />
        ))}
      </Section>
      <LinkList
        links={[
          { href: "/help/diagnosis", label: t("service-status.to-diagnosis") },
          { href: "/sign-in", label: t("ui.to-sign-in") },
        ]}
      />
    </Page>
  );
}

function Remedy({ view, one, time, hasSms }: StatusPageProps & { one: PartStatus }) {
  const { t } = view;
  const since = sinceSentence(t, one, time);
  const remedy = meanwhile(t, one, hasSms);
  return (
    <>
      {since !== null && <p>{since}</p>}
      {remedy !== null && <p>{remedy}</p>}
    </>
  );
}

function PartBlock(props: StatusPageProps & { one: PartStatus }) {
  const { view, one, state, now, zone } = props;
  const { t } = view;
  const states = state.history.find(({ part }) => part === one.part)?.states ?? [];
  const stretches = stretchesOf(states, now);
  const name = partName(t, one.part);
  return (
    <>
      <h3>
        {name} <Tag tone={toneOf(one.state)}>{stateWord(t, one.state)}</Tag>
      </h3>
      <p>{partSentence(t, one, props.time)}</p>
      <Strip columns={columnsOf(states, now)} />
      <div class="status-strip-ends" aria-hidden="true">
        <span>{t("service-status.day-ago")}</span>
        <span>{t("service-status.now")}</span>
      </div>
      <Details summary={t("service-status.day.summary", { part: name })}>
        {stretches.length === 0 ? (
          <p class="empty">{t("service-status.not-measured")}</p>
        ) : (
          <StretchTable
            {...props}
            caption={t("service-status.day.caption", { part: name, zone })}
            stretches={stretches}
          />
        )}
      </Details>
    </>
  );
}

/** A day at a glance: the higher a column, the worse; none where nothing was measured. The table says the same. */
function Strip({ columns }: { columns: PartState[] }) {
  return (
    <svg
      class="status-strip"
      viewBox={`0 0 ${columnCount * 10} 30`}
      preserveAspectRatio="none"
      aria-hidden="true"
      focusable="false"
    >
      <line class="status-strip-base" x1="0" x2={columnCount * 10} y1="29" y2="29" />
      {columns.map((state, index) =>
        state === "unknown" ? null : (
          // Its place in time is what a column is.
          <rect key={index} class={`is-${toneOf(state)}`} x={index * 10 + 1} width="8" {...heightOf(state)} />
        ),
      )}
    </svg>
  );
}

function heightOf(state: PartState): { y: number; height: number } {
  const height = state === "down" ? 28 : state === "late" ? 18 : 8;
  return { y: 29 - height, height };
}

function StretchTable(props: StatusPageProps & { caption: string; stretches: Stretch[] }) {
  const { view, stretches, caption, clockTime } = props;
  const { t } = view;
  return (
    <table class="status-table">
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{t("service-status.from")}</th>
          <th scope="col">{t("service-status.until")}</th>
          <th scope="col">{t("service-status.state")}</th>
        </tr>
      </thead>
      <tbody>
        {stretches.map(({ from, until, state }) => (
          <tr key={from}>
            <td>{clockTime(from)}</td>
            <td>{clockTime(until)}</td>
            <td>{stateWord(t, state)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** An incident as staff wrote it, in the language of the page where they wrote it in that. */
function IncidentBlock(
  props: Omit<StatusPageProps, "state"> & { incident: Incident; level?: 2 | 3; isFolded?: boolean },
) {
  const { view, incident, defaultLanguage, level = 2, isFolded = false } = props;
  const { t } = view;
  const title = inLanguage(incident.title, view.locale, defaultLanguage);
  const body = inLanguage(incident.body, view.locale, defaultLanguage);
  const Heading = level === 2 ? "h2" : "h3";
  const ended = incident.resolvedAt ?? (isOver(incident, props.now) ? incident.endsAt : null);
  const rows: { label: string; value: ComponentChildren }[] = [
    { label: t("service-status.incident.from"), value: view.moment(incident.startsAt) },
  ];
  if (ended !== null) rows.push({ label: t("service-status.incident.ended"), value: view.moment(ended) });
  else if (incident.endsAt !== null) {
    rows.push({ label: t("service-status.incident.expected"), value: view.moment(incident.endsAt) });
  }
  if (incident.parts.length > 0) {
    const names = incident.parts.map((part) => partName(t, part));
    rows.push({ label: t("service-status.incident.parts"), value: names.join(t("service-status.comma")) });
  }
  const whole = (
    <>
      <Paragraphs {...body} />
      <Facts rows={rows} />
      {incident.updates.length > 0 && (
        <ol class="status-updates">
          {incident.updates.map((update) => (
            <li key={update.id}>
              <p class="hint">{view.moment(update.at)}</p>
              <Paragraphs {...inLanguage(update.body, view.locale, defaultLanguage)} />
            </li>
          ))}
        </ol>
      )}
    </>
  );
  return (
    <article class="status-incident" id={`incident-${incident.id}`}>
      <Heading lang={title.lang}>{title.text}</Heading>
      {isFolded ? (
        <Details summary={t("service-status.incident.more", { moment: view.moment(incident.startsAt) })}>
          {whole}
        </Details>
      ) : (
        whole
      )}
    </article>
  );
}

function Paragraphs({ text, lang }: { text: string; lang: string }) {
  return (
    <>
      {text.split(/\n\s*\n/).map((paragraph, index) => (
        // The text is written once: its place is what a paragraph is.
        <p key={index} lang={lang} dir="auto" class="status-words">
          {paragraph.trim()}
        </p>
      ))}
    </>
  );
}
