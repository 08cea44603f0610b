import type { Staff } from "../../kernel/caller.ts";
import { Button, LinkList, PressButton } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Exact, Facts, ItemList, Section } from "../../ui/facts.tsx";
import { Notice } from "../../ui/notices.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { View } from "../../ui/view.ts";
import { importsPath } from "./imports.pages.tsx";
import type { RegistrySchool } from "./registry-import.ts";

export const conflictsPath = `${importsPath}/conflicts`;
export const keepPath = (accountId: string, contactPointId: string) =>
  `/desk/people/${accountId}/registry/${contactPointId}/keep`;

/** A contact point as this member of staff may see it. */
export interface ShownContact {
  id: string;
  channel: "email" | "sms";
  shown: string;
}

export interface ShownConflict {
  registry: ShownContact;
  proved: ShownContact[];
  /** Since when the registry says so. */
  since: number;
  /** Until then the registry's does not serve; null where it does. */
  waitsUntil: number | null;
}

/** On the page of a person: both values, and what can be done about it. */
export function ConflictsOfPerson(props: {
  view: View;
  accountId: string;
  conflicts: ShownConflict[];
  mayCorrect: boolean;
  /** The last one that a person proved is never taken away. */
  hasOneProved: boolean;
}) {
  const { view, accountId, conflicts, mayCorrect, hasOneProved } = props;
  const { t } = view;
  return (
    <>
      <p>{t("registry-import.conflict.what")}</p>
      {conflicts.map(({ registry, proved, since, waitsUntil }) => (
        <div key={registry.id} class="conflict">
          <Facts
            rows={[
              {
                label: t("registry-import.conflict.registry"),
                value: (
                  <>
                    <Exact>{registry.shown}</Exact>
                    <p class="hint">{t("registry-import.conflict.since", { moment: view.moment(since) })}</p>
                    {waitsUntil !== null && (
                      <p class="hint">
                        {t("registry-import.conflict.waits", { moment: view.moment(waitsUntil) })}
                      </p>
                    )}
                  </>
                ),
              },
              {
                label: t("registry-import.conflict.proved", { count: proved.length }),
                value: proved.map((point) => (
                  <div key={point.id}>
                    <Exact>{point.shown}</Exact>
                  </div>
                )),
              },
            ]}
          />
          {mayCorrect && (
            <>
              <LinkList
                links={[
                  ...[registry, ...(hasOneProved ? [] : proved)].map(({ id, shown }) => ({
                    href: `/desk/people/${accountId}/contacts/${id}/remove`,
                    label: t("people.contact.remove.title", { contact: shown }),
                  })),
                  ...(hasOneProved ? proved : []).map(({ id, shown }) => ({
                    href: `/desk/people/${accountId}/contacts/${id}/replace`,
                    label: t("people.contact.replace.title", { contact: shown }),
                  })),
                ]}
              />
              {hasOneProved && <p class="hint">{t("registry-import.conflict.only-proved")}</p>}
              <PressButton
                action={keepPath(accountId, registry.id)}
                label={t("registry-import.conflict.keep")}
                about={registry.shown}
              />
              <p class="hint">{t("registry-import.conflict.keep.hint")}</p>
            </>
          )}
        </div>
      ))}
    </>
  );
}

/** What a registry says of a person beside names and contact points. */
export function RegistrySays({ view, acceptsSms }: { view: View; acceptsSms: boolean }) {
  const { t } = view;
  const said = acceptsSms ? "registry-import.sms.yes" : "registry-import.sms.no";
  return (
    <>
      <Facts rows={[{ label: t("registry-import.sms"), value: t(said) }]} />
      {!acceptsSms && <p class="hint">{t("registry-import.sms.no.hint")}</p>}
    </>
  );
}

export interface ConflictsPageProps {
  view: View;
  staff: Staff;
  /** The school looked at; null: none is chosen yet, or none of that code is within reach. */
  school: RegistrySchool | null;
  typed: string;
  /** Some of theirs, to choose from. */
  schools: RegistrySchool[];
  conflicts: (ShownConflict & { accountId: string; name: string })[];
  isFirst: boolean;
  next: string | null;
}

/** Of one school: people of whom its registry says something else than they proved. */
export function ConflictsPage(props: ConflictsPageProps) {
  const { view, staff, school, typed, schools, conflicts, isFirst, next } = props;
  const { t } = view;
  const path = `${conflictsPath}?school=${encodeURIComponent(school?.code ?? "")}`;
  return (
    <DeskPage view={view} staff={staff} current="imports" title={t("registry-import.conflicts.title")}>
      {school === null && typed !== "" && (
        <Notice view={view} tone="careful">
          <p>{t("registry-import.refusal.school-unknown", { what: typed })}</p>
        </Notice>
      )}
      {school === null ? (
        <ChooseSchool view={view} typed={typed} schools={schools} />
      ) : (
        <Section title={`${school.name} (${school.code})`} id="conflicts">
          <p>{t("registry-import.conflict.what")}</p>
          <ItemList
            empty={t("registry-import.conflicts.none")}
            items={conflicts.map(({ accountId, name, registry, proved, since }) => ({
              key: registry.id,
              title: (
                <a href={`/desk/people/${accountId}`}>
                  <bdi>{name}</bdi>
                </a>
              ),
              lines: [
                <>
                  {t("registry-import.conflict.registry")} <Exact>{registry.shown}</Exact>
                </>,
                <>
                  {t("registry-import.conflict.proved", { count: proved.length })}{" "}
                  {proved.map((point) => (
                    <Exact key={point.id}>{point.shown}</Exact>
                  ))}
                </>,
                t("registry-import.conflict.since", { moment: view.moment(since) }),
              ],
            }))}
          />
        </Section>
      )}
      <LinkList
        links={[
          ...(next === null
            ? []
            : [
                {
                  href: `${path}&before=${encodeURIComponent(next)}`,
                  label: t("registry-import.people.next"),
                },
              ]),
          ...(isFirst ? [] : [{ href: path, label: t("registry-import.people.first") }]),
          { href: importsPath, label: t("registry-import.back") },
        ]}
      />
    </DeskPage>
  );
}

function ChooseSchool({ view, typed, schools }: Pick<ConflictsPageProps, "view" | "typed" | "schools">) {
  const { t } = view;
  if (schools.length > 0) {
    return (
      <LinkList
        label={t("letters.schools")}
        links={schools.map(({ code, name }) => ({
          href: `${conflictsPath}?school=${encodeURIComponent(code)}`,
          label: `${name} (${code})`,
        }))}
      />
    );
  }
  return (
    <form class="form" method="get" action={conflictsPath}>
      <TextField
        view={view}
        name="school"
        label={t("registry-import.field.school")}
        value={typed}
        autocomplete="off"
      />
      <Button>{t("registry-import.conflicts.show")}</Button>
    </form>
  );
}
