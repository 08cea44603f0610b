import type { ComponentChildren } from "preact";
import type { Kind } from "../../config/preset.ts";
import type { MessageKey } from "../../i18n/translations.ts";
import type { Staff } from "../../kernel/caller.ts";
import { LinkList, PressButton } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Acts, Exact, Facts, ItemList, Section, Tag } from "../../ui/facts.tsx";
import { Notice } from "../../ui/notices.tsx";
import { EstablishmentSearch } from "../../ui/search-form.tsx";
import type { View } from "../../ui/view.ts";
import { dayIn, hoursRows, typeWord } from "./establishment-words.ts";
import { belowAtOnce, type EstablishmentSeen, type RelayHere, typeBelow } from "./establishments.ts";

const path = "/desk/establishments";

export interface DeskProps {
  view: View;
  staff: Staff;
}

/** The tree from its top, or what a search found. */
export function EstablishmentsPage(
  props: DeskProps & {
    typed: string;
    found: EstablishmentSeen["below"];
    hasMore: boolean;
    page: number;
    /** Whether the visitor may add at the top, and load files there. */
    mayAddAtTop: boolean;
  },
) {
  const { view, staff, typed, found, hasMore, page } = props;
  const { t } = view;
  const isSearch = typed !== "";
  const mayEdit = staff.may.has("establishments.edit");
  return (
    <DeskPage view={view} staff={staff} current="establishments" title={t("establishments.title")}>
      <EstablishmentSearch view={view} action={path} typed={typed} />
      {isSearch && (
        <p role="status">
          {t("establishments.search.count", { count: found.length })}
          {hasMore && ` ${t("establishments.search.more")}`}
        </p>
      )}
      <EstablishmentList
        view={view}
        found={found}
        label={t(isSearch ? "establishments.search.results" : "establishments.tops")}
        empty={t(isSearch ? "establishments.search.none" : "establishments.none")}
      />
      {!isSearch && <Pages view={view} href={path} page={page} hasMore={hasMore} />}
      <LinkList
        links={[
          ...(isSearch ? [{ href: path, label: t("establishments.back") }] : []),
          ...(mayEdit && props.mayAddAtTop
            ? [{ href: `${path}/new`, label: t("establishments.add.academy") }]
            : []),
          ...(mayEdit ? [{ href: `${path}/file`, label: t("establishments.file.title") }] : []),
        ]}
      />
    </DeskPage>
  );
}

function EstablishmentList({
  view,
  found,
  label,
  empty,
}: {
  view: View;
  found: EstablishmentSeen["below"];
  label: string;
  empty: string;
}) {
  const { t } = view;
  return (
    <ItemList
      label={label}
      empty={empty}
      items={found.map(({ establishment: { id, name, code, type, closedAt }, count }) => ({
        key: id,
        title: (
          <a href={`${path}/${id}`}>
            <bdi>{name}</bdi>
          </a>
        ),
        tag: closedAt === null ? undefined : <Tag tone="careful">{t("establishments.closed")}</Tag>,
        lines: [
          <>
            {typeWord(t, type)} <Exact>{code}</Exact> · {t(`establishments.count.${type}`, { count })}
          </>,
        ],
      }))}
    />
  );
}

function Pages({ view, href, page, hasMore }: { view: View; href: string; page: number; hasMore: boolean }) {
  const { t } = view;
  const links = [
    ...(page > 0
      ? [{ href: page === 1 ? href : `${href}?page=${page - 1}`, label: t("establishments.page.before") }]
      : []),
    ...(hasMore ? [{ href: `${href}?page=${page + 1}`, label: t("establishments.page.next") }] : []),
  ];
  return links.length === 0 ? null : (
    <LinkList links={links} label={t("establishments.page.label", { count: belowAtOnce })} />
  );
}

export interface RelayNamed extends RelayHere {
  name: string;
}

/** One establishment: where it stands, what is known of it, who can help there, who works there. */
export function EstablishmentPage(
  props: DeskProps & {
    seen: EstablishmentSeen;
    page: number;
    mayEdit: boolean;
    /** Other rooms of the desk, at this establishment. */
    ways: { href: string; label: MessageKey }[];
    relays: RelayNamed[];
    zone: string;
  },
) {
  const { view, staff, seen, page, mayEdit } = props;
  const { t } = view;
  const { establishment } = seen;
  const { id, type, name, closedAt } = establishment;
  const below = typeBelow(type);
  const isOpen = closedAt === null;
  return (
    <DeskPage view={view} staff={staff} current="establishments" title={name}>
      <Above view={view} above={seen.above} />
      {closedAt !== null && (
        <Notice view={view} tone="careful" title={t("establishments.closed.since")}>
          <p>{view.moment(closedAt)}</p>
        </Notice>
      )}
      <Facts rows={factsOf(props)} />
      {mayEdit && (
        <Acts>
          <a class="button is-quiet" href={`${path}/${id}/edit`}>
            {t("establishments.edit")}
          </a>
          <PressButton
            action={`${path}/${id}/${isOpen ? "close" : "reopen"}`}
            label={t(isOpen ? "establishments.close" : "establishments.reopen")}
          />
        </Acts>
      )}
      {props.ways.length > 0 && (
        <LinkList links={props.ways.map(({ href, label }) => ({ href, label: t(label) }))} />
      )}
      {below !== null && (
        <Section title={t(`establishments.below.${below as "school" | "class"}`)} id="below">
          <EstablishmentList
            view={view}
            found={seen.below}
            label={t(`establishments.below.${below as "school" | "class"}`)}
            empty={t(`establishments.below.${below as "school" | "class"}.none`)}
          />
          <Pages view={view} href={`${path}/${id}`} page={page} hasMore={seen.hasMoreBelow} />
          {mayEdit && isOpen && (
            <LinkList
              links={[
                {
                  href: `${path}/new?in=${id}`,
                  label: t(`establishments.add.${below as "school" | "class"}`),
                },
              ]}
            />
          )}
        </Section>
      )}
      {props.relays.length > 0 && (
        <Section title={t("establishments.relays")} id="relays">
          <p class="hint">{t("establishments.relays.zone", { zone: props.zone })}</p>
          <div class="establishment-relays">
            {props.relays.map((relay) => (
              <RelayPart key={relay.id} view={view} seen={seen} relay={relay} mayEdit={mayEdit} />
            ))}
          </div>
        </Section>
      )}
      {type !== "class" && <WorkersPart {...props} />}
    </DeskPage>
  );
}

function Above({ view, above }: { view: View; above: EstablishmentSeen["above"] }) {
  const { t } = view;
  return (
    <nav class="establishment-above" aria-label={t("establishments.above")}>
      <ol>
        <li>
          <a href={path}>{t("establishments.title")}</a>
        </li>
        {above.map(({ id, name, isInside }) => (
          <li key={id}>{isInside ? <a href={`${path}/${id}`}>{name}</a> : <bdi>{name}</bdi>}</li>
        ))}
      </ol>
    </nav>
  );
}

const kindsShown: Kind[] = ["pupil", "guardian", "staff"];

function factsOf({ view, seen, zone }: { view: View; seen: EstablishmentSeen; zone: string }) {
  const { t } = view;
  const { establishment, people } = seen;
  const { type, code, details } = establishment;
  const rows: { label: string; value: ComponentChildren }[] = [
    { label: t("establishments.type"), value: typeWord(t, type) },
    {
      label: t(type === "school" ? "establishments.code.uai" : "establishments.code"),
      value: <Exact>{code}</Exact>,
    },
  ];
  const add = (label: string, value: ComponentChildren, isThere: boolean) => {
    if (isThere) rows.push({ label, value });
  };
  const isClass = type === "class";
  add(t("establishments.timezone"), zone, !isClass);
  add(t("establishments.phone"), <Exact>{details.phone}</Exact>, details.phone !== null);
  add(t("establishments.email"), <Exact>{details.email}</Exact>, details.email !== null);
  add(t("establishments.postal"), <Lines lines={details.postal} />, details.postal.length > 0);
  add(
    t("establishments.addresses"),
    <Lines lines={details.addresses} isExact />,
    details.addresses.length > 0,
  );
  for (const kind of isClass ? (["pupil"] as const) : kindsShown) {
    rows.push({
      label: t(`establishments.people.${kind as "pupil" | "guardian" | "staff"}`),
      value: new Intl.NumberFormat(view.locale).format(people[kind] ?? 0),
    });
  }
  return rows;
}

function Lines({ lines, isExact = false }: { lines: string[]; isExact?: boolean }) {
  return (
    <ul class="establishment-lines">
      {lines.map((line) => (
        <li key={line}>{isExact ? <Exact>{line}</Exact> : <bdi>{line}</bdi>}</li>
      ))}
    </ul>
  );
}

function RelayPart(props: { view: View; seen: EstablishmentSeen; relay: RelayNamed; mayEdit: boolean }) {
  const { view, seen, relay, mayEdit } = props;
  const { t, locale } = view;
  const lines = relay.lines[locale] ?? Object.values(relay.lines)[0] ?? [];
  const isOwn = Object.keys(relay.own).length > 0;
  return (
    <section class="establishment-relay" aria-labelledby={`relay-${relay.id}`}>
      <h3 id={`relay-${relay.id}`}>
        <bdi>{relay.name}</bdi> {isOwn && <Tag>{t("establishments.relay.own")}</Tag>}
      </h3>
      <Facts
        rows={[
          ...hoursRows(t, locale, relay.hours),
          ...(relay.closedOn.length === 0
            ? []
            : [
                {
                  label: t("establishments.relay.closed-on"),
                  value: <Lines lines={relay.closedOn.map((day) => dayIn(locale, day))} />,
                },
              ]),
          ...(lines.length === 0
            ? []
            : [{ label: t("establishments.relay.lines"), value: <Lines lines={lines} /> }]),
        ]}
      />
      {mayEdit && (
        <p>
          <a href={`${path}/${seen.establishment.id}/relays/${relay.id}`}>
            {t("establishments.relay.change", { name: relay.name })}
          </a>
        </p>
      )}
    </section>
  );
}

function WorkersPart({ view, staff, seen }: DeskProps & { seen: EstablishmentSeen }) {
  const { t } = view;
  return (
    <Section title={t("establishments.workers")} id="workers">
      <ItemList
        label={t("establishments.workers")}
        empty={t("establishments.workers.none")}
        items={seen.workers.map(({ accountId, name, roles }) => ({
          key: accountId,
          title: staff.may.has("people.see") ? (
            <a href={`/desk/people/${accountId}`}>
              <bdi>{name === "" ? t("people.person.pseudonymised") : name}</bdi>
            </a>
          ) : (
            <bdi>{name === "" ? t("people.person.pseudonymised") : name}</bdi>
          ),
          lines: roles,
        }))}
      />
      {seen.hasMoreWorkers && <p class="hint">{t("establishments.workers.more")}</p>}
    </Section>
  );
}
