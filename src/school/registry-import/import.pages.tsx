import { regional } from "../../i18n/moment.ts";
import type { Staff } from "../../kernel/caller.ts";
import { Button, LinkList, PressButton } from "../../ui/buttons.tsx";
import { BarTable } from "../../ui/chart.tsx";
import { Checkbox } from "../../ui/choices.tsx";
import { Follow } from "../../ui/countdown.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Facts, Section, Tag } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { Notice } from "../../ui/notices.tsx";
import type { View } from "../../ui/view.ts";
import { conflictsPath } from "./conflicts.pages.tsx";
import { BackToImports, importsPath, namesOf, statusTones } from "./imports.pages.tsx";
import type { Import, ImportStatus, PersonAction, RegistrySchool } from "./registry-import.ts";
import { nextStepWords, placeWords, refusalWords } from "./registry-import-words.ts";

export interface ImportPageProps {
  view: View;
  staff: Staff;
  one: Import;
  closesAfterDays: number;
  /** Schools of an import that is applied, and what of them is within reach. */
  onward: Onward[];
}

export interface Onward {
  school: RegistrySchool;
  hasLetters: boolean;
  hasStatistics: boolean;
}

export const schoolsLinkedAtMost = 10;
/** Of what is shown as what it changes, or did. */
const shownWith: ImportStatus[] = ["ready", "applying", "applied", "failed", "abandoned"];
const personActions: PersonAction[] = ["new", "changed", "moved", "returned", "gone", "same"];
const listed: PersonAction[] = ["new", "changed", "moved", "returned", "gone"];

/** One import: why it was refused, what it would change, how far it is, or what it did. */
export function ImportPage(props: ImportPageProps) {
  const { view, staff, one } = props;
  const { t } = view;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="imports"
      title={t("registry-import.one.title", { files: namesOf(one) })}
      tone={one.status === "refused" ? "wrong" : undefined}
    >
      <State {...props} />
      <Files view={view} one={one} />
      {shownWith.includes(one.status) && <Changes {...props} />}
      {one.status === "ready" && <ApplyForm {...props} />}
      <BackToImports view={view} />
    </DeskPage>
  );
}

function State({ view, one, onward }: ImportPageProps) {
  const { t } = view;
  if (one.refusal) {
    const next = nextStepWords(view, one.refusal);
    return (
      <>
        <Notice view={view} tone="wrong" title={t("registry-import.refused.title")}>
          <p>
            <bdi>{placeWords(view, one, one.refusal)}</bdi>
          </p>
          <p>{refusalWords(view, one.refusal)}</p>
          {next !== null && <p>{next}</p>}
          <p>{t("registry-import.refused.nothing")}</p>
        </Notice>
        <LinkList links={[{ href: importsPath, label: t("registry-import.refused.again") }]} />
      </>
    );
  }
  if (one.status === "applying") return <Progress view={view} one={one} />;
  if (one.status === "failed") return <Stopped view={view} one={one} />;
  if (one.status === "applied") {
    return (
      <>
        <p>{t("registry-import.report.done", { moment: view.moment(one.statusAt) })}</p>
        <Next view={view} onward={onward} />
      </>
    );
  }
  if (one.status === "reading") {
    return (
      <>
        <p>{t("registry-import.reading")}</p>
        <PressButton action={`${importsPath}/${one.id}/cancel`} label={t("registry-import.cancel")} />
      </>
    );
  }
  if (one.status === "abandoned") return <p>{t("registry-import.abandoned", howFar(one))}</p>;
  return <p>{t(one.status === "ready" ? "registry-import.preview.what" : "registry-import.cancelled")}</p>;
}

const howFar = ({ done, total }: Import) => ({ done, total });

/** It threw too often: what is done stays, and somebody decides about the rest. */
function Stopped({ view, one }: { view: View; one: Import }) {
  const { t } = view;
  const path = `${importsPath}/${one.id}`;
  return (
    <Notice view={view} tone="wrong" title={t("registry-import.stopped", howFar(one))}>
      <p>{t("registry-import.stopped.what")}</p>
      {one.fault && <p>{t("registry-import.fault-reference", { incident: one.fault.incident })}</p>}
      <PressButton action={`${path}/resume`} label={t("registry-import.resume")} />
      <PressButton action={`${path}/abandon`} label={t("registry-import.abandon")} />
    </Notice>
  );
}

/** What is usually done after the people of a school have come. */
function Next({ view, onward }: { view: View; onward: Onward[] }) {
  const { t } = view;
  const links = onward.flatMap(({ school, hasLetters, hasStatistics }) => {
    const name = `${school.name} (${school.code})`;
    return [
      ...(hasLetters
        ? [
            {
              href: `/desk/letters/schools/${school.id}`,
              label: t("registry-import.next.letters", { school: name }),
            },
          ]
        : []),
      ...(hasStatistics
        ? [
            {
              href: `/desk/statistics/${school.id}`,
              label: t("registry-import.next.statistics", { school: name }),
            },
          ]
        : []),
    ];
  });
  return links.length === 0 ? null : <LinkList label={t("registry-import.next")} links={links} />;
}

/** How far it is: looked at again by a press, or by itself with script. */
function Progress({ view, one }: { view: View; one: Import }) {
  const { t } = view;
  const percent = new Intl.NumberFormat(regional(view.locale), { style: "percent" });
  const path = `${importsPath}/${one.id}`;
  return (
    <Notice view={view} tone="careful" title={t("registry-import.applying")}>
      <p>
        <label for="progress">
          {t("registry-import.progress", { share: percent.format(one.done / Math.max(one.total, 1)) })}
        </label>{" "}
        <progress id="progress" value={one.done} max={Math.max(one.total, 1)} />
      </p>
      {one.fault && (
        <p>
          {t("registry-import.waits")}{" "}
          {t("registry-import.fault-reference", { incident: one.fault.incident })}
        </p>
      )}
      <p>{t("registry-import.applying.leave")}</p>
      <Follow view={view} path={path} />
      <p>
        <a href={path}>{t("registry-import.refresh")}</a>
      </p>
    </Notice>
  );
}

function Files({ view, one }: { view: View; one: Import }) {
  const { t } = view;
  if (one.files.length === 0) return null;
  return (
    <Section title={t("registry-import.files")} id="files">
      <Facts
        rows={one.files.map((file) => ({
          label: file.name,
          value: (
            <>
              {file.format !== null && t(`registry-import.format.${file.format}`)}
              {file.school && (
                <>
                  {" · "}
                  <bdi>{`${file.school.name} (${file.school.code})`}</bdi>
                </>
              )}
              {one.refusal === null && (
                <>
                  <br />
                  {t("registry-import.file.read", { people: file.people, links: file.links })}
                </>
              )}
            </>
          ),
        }))}
      />
      <p>
        <Tag tone={statusTones[one.status]}>{t(`registry-import.status.${one.status}`)}</Tag>
      </p>
    </Section>
  );
}

function Changes({ view, one }: ImportPageProps) {
  const { t } = view;
  const { counts } = one;
  const path = `${importsPath}/${one.id}`;
  const links = { ...counts.links, moved: null, returned: null };
  const isMet = (action: PersonAction) =>
    counts.pupil[action] + counts.guardian[action] > 0 && listed.includes(action);
  return (
    <Section
      title={t(one.status === "applied" ? "registry-import.report" : "registry-import.preview")}
      id="changes"
    >
      <BarTable
        view={view}
        caption={t("registry-import.count.caption")}
        head={t("registry-import.count.head")}
        columns={[
          { label: t("registry-import.count.pupils") },
          { label: t("registry-import.count.guardians") },
          { label: t("registry-import.count.links") },
        ]}
        rows={[
          ...personActions.map((action) => ({
            label: t(`registry-import.action.${action}`),
            href: isMet(action) ? `${path}/people?action=${action}` : undefined,
            values: [counts.pupil[action], counts.guardian[action], links[action]],
          })),
          {
            label: t("registry-import.action.unmatched"),
            href: counts.links.unmatched > 0 ? `${path}/unmatched` : undefined,
            values: [null, null, counts.links.unmatched],
          },
        ]}
        empty=""
      />
      {counts.conflicts > 0 && <p>{t("registry-import.conflicts", { count: counts.conflicts })}</p>}
      {counts.conflicts > 0 && one.status === "applied" && (
        <LinkList
          links={one.schools.slice(0, schoolsLinkedAtMost).map(({ code, name }) => ({
            href: `${conflictsPath}?school=${encodeURIComponent(code)}`,
            label: t("registry-import.conflicts.of", { school: `${name} (${code})` }),
          }))}
        />
      )}
      {counts.strayClasses > 0 && <p>{t("registry-import.stray-classes", { count: counts.strayClasses })}</p>}
      <p>
        {counts.refused + counts.noted === 0 ? (
          t("registry-import.faults.none")
        ) : (
          <a href={`${path}/faults`}>
            {t("registry-import.faults.see", { refused: counts.refused, noted: counts.noted })}
          </a>
        )}
      </p>
    </Section>
  );
}

function ApplyForm({ view, one, closesAfterDays }: ImportPageProps) {
  const { t } = view;
  const { counts } = one;
  const path = `${importsPath}/${one.id}`;
  const gone = counts.pupil.gone + counts.guardian.gone;
  const goneLinks = counts.links.gone;
  const changing = [counts.pupil, counts.guardian].some(
    (of) => of.new + of.changed + of.moved + of.returned + of.gone > 0,
  );
  const isNothing =
    !changing && counts.links.new + counts.links.changed + counts.links.unmatched + goneLinks === 0;
  return (
    <>
      {counts.losesMany && (
        <Notice view={view} tone="careful">
          <p>{lossWords(view, counts.losesMany)}</p>
        </Notice>
      )}
      {isNothing ? (
        <p>{t("registry-import.apply.nothing")}</p>
      ) : (
        <Form view={view} action={`${path}/apply`} explainsRequired={false}>
          {gone + goneLinks > 0 && (
            <Checkbox
              view={view}
              name="gone"
              label={
                gone > 0
                  ? t("registry-import.apply.gone", { count: gone })
                  : t("registry-import.apply.gone-links", { count: goneLinks })
              }
              hint={t("registry-import.apply.gone.hint", { days: closesAfterDays })}
              checked={!one.losesMany}
            />
          )}
          <Button>{t("registry-import.apply")}</Button>
        </Form>
      )}
      <PressButton action={`${path}/cancel`} label={t("registry-import.cancel")} />
    </>
  );
}

const lossWords = (
  { t }: View,
  { hasUnread, school, gone, known }: NonNullable<Import["counts"]["losesMany"]>,
): string =>
  t(hasUnread ? "registry-import.apply.unread" : "registry-import.apply.many", { school, gone, known });
