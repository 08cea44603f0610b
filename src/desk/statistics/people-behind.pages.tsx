import { formatMoment } from "../../i18n/moment.ts";
import type { Staff } from "../../kernel/caller.ts";
import { LinkList } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { ItemList, Tag } from "../../ui/facts.tsx";
import type { View } from "../../ui/view.ts";
import { toneOf } from "../people/people-words.ts";
import { Pages } from "./statistics.pages.tsx";
import { type PeopleBehind, peopleAtOnce } from "./statistics.ts";
import { className, listHref, statisticsPath } from "./statistics-words.ts";

/** The people whom a figure counts, and what can be done for them. */
export function PeopleBehindPage(props: { view: View; staff: Staff; seen: PeopleBehind; page: number }) {
  const { view, staff, seen, page } = props;
  const { t } = view;
  const { place, kind, figure, of, count, people } = seen;
  const classWord = of === "all" ? null : className(view, kind, { name: seen.className });
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="statistics"
      title={t("statistics.list.title", {
        kind: t(`statistics.kind.${kind}`),
        figure: t(`statistics.figure.${figure}`),
      })}
    >
      <p>
        <strong>{t("statistics.list.count", { count })}</strong>
        {" · "}
        {classWord !== null && (
          <>
            <bdi>{classWord}</bdi>
            {" · "}
          </>
        )}
        <bdi>{place.name}</bdi>
      </p>
      <p class="hint">{t(`statistics.means.${figure}`)}</p>
      {count > 0 && <NextStep view={view} seen={seen} />}
      <ItemList
        label={t("statistics.list.label")}
        empty={t("statistics.list.none")}
        items={people.map((person) => itemOf(view, seen, person))}
      />
      <Pages
        view={view}
        page={page}
        hasMore={count > (page + 1) * peopleAtOnce}
        hrefOf={(to) => listHref(place.id, { kind, figure, of, page: to }) as string}
      />
      <LinkList
        links={[
          {
            href: `${statisticsPath}/${place.id}#${kind}`,
            label: t("statistics.back", { place: place.name }),
          },
        ]}
      />
    </DeskPage>
  );
}

const withLetters = ["waiting", "invited", "unreachable"] as const;
const onThePerson = ["unreachable", "unused", "locked", "failed"] as const;

/** What to do about it, for whoever may. */
function NextStep({ view, seen }: { view: View; seen: PeopleBehind }) {
  const { t } = view;
  const { place, kind, of, figure } = seen;
  const prints = seen.prints.includes(kind) && withLetters.some((one) => one === figure);
  const opened = seen.opens.includes(kind) ? onThePerson.find((one) => one === figure) : undefined;
  const classId = of === "all" ? null : of.classId;
  const query = new URLSearchParams({ kind, ...(classId === null ? {} : { class: classId }) });
  return (
    <>
      {opened && <p>{t(`statistics.next.${opened}`)}</p>}
      {prints && (
        <>
          <p>{t("statistics.next.letters")}</p>
          <LinkList
            links={[{ href: `/desk/letters/schools/${place.id}?${query}`, label: t("statistics.letters") }]}
          />
        </>
      )}
    </>
  );
}

function itemOf(view: View, seen: PeopleBehind, person: PeopleBehind["people"][number]) {
  const { t, locale } = view;
  const name = <bdi>{person.name === "" ? t("people.person.pseudonymised") : person.name}</bdi>;
  const lock =
    seen.figure !== "locked"
      ? []
      : [
          person.lockedUntil === null
            ? t("statistics.list.lock-over")
            : t("statistics.list.locked-until", {
                moment: formatMoment(locale, seen.timezone, person.lockedUntil),
              }),
        ];
  return {
    key: person.id,
    title: person.isOpen ? <a href={`/desk/people/${person.id}`}>{name}</a> : name,
    tag: <Tag tone={toneOf[person.status]}>{t(`people.state.${person.status}`)}</Tag>,
    lines: [
      ...(person.classes.length === 0
        ? []
        : [<bdi key="classes">{new Intl.ListFormat(locale, { type: "unit" }).format(person.classes)}</bdi>]),
      ...lock,
    ],
  };
}
