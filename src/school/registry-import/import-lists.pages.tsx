import type { Staff } from "../../kernel/caller.ts";
import { LinkList } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Exact, ItemList, Section } from "../../ui/facts.tsx";
import type { View } from "../../ui/view.ts";
import type { Change, PersonData } from "./compare.ts";
import { importsPath } from "./imports.pages.tsx";
import type { FaultRow, Import, PersonAction, ShownPerson, UnmatchedLink } from "./registry-import.ts";
import { faultWords, personName, placeWords, writeKey } from "./registry-import-words.ts";

interface ListProps {
  view: View;
  staff: Staff;
  one: Import;
  isFirst: boolean;
  isFull: boolean;
}

/** People of one action; `isFull`: there may be more behind the last. */
export function ImportPeoplePage(props: ListProps & { action: PersonAction; people: ShownPerson[] }) {
  const { view, staff, one, action, people } = props;
  const { t } = view;
  const path = `${importsPath}/${one.id}/people?action=${action}`;
  const last = people.at(-1);
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="imports"
      title={t("registry-import.people.title", { action })}
    >
      <ItemList
        empty={t("registry-import.people.none")}
        items={people.map((person) => ({
          key: `${person.establishment_id} ${person.kind} ${person.record_id}`,
          title: <PersonTitle staff={staff} person={person} />,
          lines: linesOf(view, one, person),
        }))}
      />
      <Onward {...props} path={path} after={last && writeKey(last)} />
    </DeskPage>
  );
}

function PersonTitle({ staff, person }: { staff: Staff; person: ShownPerson }) {
  const name = <bdi>{personName(person)}</bdi>;
  const isHelped = staff.may.has("people.see") && staff.helps.includes(person.kind);
  if (person.account_id === null || !isHelped) return name;
  return <a href={`/desk/people/${person.account_id}`}>{name}</a>;
}

function linesOf(view: View, one: Import, person: ShownPerson): string[] {
  const { t } = view;
  const { className, classCode } = JSON.parse(person.data) as Partial<PersonData>;
  const said = className ?? classCode;
  const kind = t(`registry-import.kind.${person.kind}`);
  const changes = person.changes === null ? [] : (JSON.parse(person.changes) as Change[]);
  const list = new Intl.ListFormat(view.locale, { type: "conjunction" });
  const words = changes.map((change) => t(`registry-import.change.${change}`));
  return [
    said ? `${kind} · ${t("registry-import.person.class", { class: said })}` : kind,
    ...(words.length === 0 ? [] : [t("registry-import.person.changes", { changes: list.format(words) })]),
    ...(person.line === 0 ? [] : [placeWords(view, one, person)]),
  ];
}

export function UnmatchedPage(props: ListProps & { links: UnmatchedLink[] }) {
  const { view, staff, one, links } = props;
  const { t } = view;
  const last = links.at(-1);
  return (
    <DeskPage view={view} staff={staff} current="imports" title={t("registry-import.unmatched.title")}>
      <p>{t("registry-import.unmatched.what")}</p>
      <ItemList
        empty={t("registry-import.people.none")}
        items={links.map((link) => ({
          key: `${link.establishment_id} ${link.guardian_record_id} ${link.pupil_record_id}`,
          title: t("registry-import.unmatched.one", {
            guardian: guardianName(link),
            pupil: link.pupil_record_id.replace(/^name:/, ""),
          }),
          lines: [placeWords(view, one, link)],
        }))}
      />
      <Onward {...props} path={`${importsPath}/${one.id}/unmatched?`} after={last && writeKey(last)} />
    </DeskPage>
  );
}

/** By name where the guardian is known or in the file, beside the number that the registry gives them. */
function guardianName({
  guardian_first_name: first,
  guardian_surname: surname,
  ...link
}: UnmatchedLink): string {
  const name = `${first ?? ""} ${surname ?? ""}`.trim();
  return name === "" ? link.guardian_record_id : `${name} (${link.guardian_record_id})`;
}

export function FaultsPage(props: ListProps & { faults: FaultRow[]; keptAtMost: number }) {
  const { view, staff, one, faults, keptAtMost } = props;
  const { t } = view;
  const { refused, noted } = one.counts;
  const part = (isRefused: boolean) => faults.filter((fault) => (fault.is_refused === 1) === isRefused);
  const last = faults.at(-1);
  return (
    <DeskPage view={view} staff={staff} current="imports" title={t("registry-import.faults.title")}>
      <p>{t("registry-import.faults.see", { refused, noted })}</p>
      {refused + noted > keptAtMost && <p>{t("registry-import.faults.more", { count: keptAtMost })}</p>}
      <LinkList
        links={[{ href: `${importsPath}/${one.id}/faults.csv`, label: t("registry-import.faults.csv") }]}
      />
      {part(true).length > 0 && (
        <Section title={t("registry-import.faults.refused")} id="refused">
          <FaultList view={view} one={one} faults={part(true)} />
        </Section>
      )}
      {part(false).length > 0 && (
        <Section title={t("registry-import.faults.noted")} id="noted">
          <FaultList view={view} one={one} faults={part(false)} />
        </Section>
      )}
      <Onward {...props} path={`${importsPath}/${one.id}/faults?`} after={last && String(last.position)} />
    </DeskPage>
  );
}

function FaultList({ view, one, faults }: { view: View; one: Import; faults: FaultRow[] }) {
  return (
    <ItemList
      empty=""
      items={faults.map((fault) => ({
        key: String(fault.position),
        title: <bdi>{placeWords(view, one, fault)}</bdi>,
        lines: [
          faultWords(view, fault),
          ...(fault.what === "" ? [] : [<Exact key="what">{fault.what}</Exact>]),
        ],
      }))}
    />
  );
}

/** The next page of a list, its first, and the import. */
function Onward(props: ListProps & { path: string; after: string | undefined }) {
  const { view, one, path, after, isFirst, isFull } = props;
  const { t } = view;
  const next = after === undefined ? "" : `${path}&after=${encodeURIComponent(after)}`;
  return (
    <LinkList
      links={[
        ...(isFull && after !== undefined ? [{ href: next, label: t("registry-import.people.next") }] : []),
        ...(isFirst ? [] : [{ href: path, label: t("registry-import.people.first") }]),
        {
          href: `${importsPath}/${one.id}`,
          label: t("registry-import.one.title", { files: one.files.map(({ name }) => name).join(", ") }),
        },
      ]}
    />
  );
}
