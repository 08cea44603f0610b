import type { Kind } from "../../config/preset.ts";
import { formatDay } from "../../i18n/moment.ts";
import type { Staff } from "../../kernel/caller.ts";
import { Button, LinkList } from "../../ui/buttons.tsx";
import { Radios } from "../../ui/choices.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Exact, ItemList } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { Notice } from "../../ui/notices.tsx";
import { EstablishmentSearch } from "../../ui/search-form.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import type { LetterSchool, ListedSchool, Pending, PrintedBefore } from "./letters.ts";

export const lettersPath = "/desk/letters";

interface LettersPageProps {
  view: View;
  staff: Staff;
}

/** For whoever prints for several schools: which. */
export function LetterSchoolsPage(
  props: LettersPageProps & { typed: string; found: ListedSchool[]; hasMore: boolean },
) {
  const { view, staff, typed, found, hasMore } = props;
  const { t } = view;
  const isSearch = typed !== "";
  return (
    <DeskPage view={view} staff={staff} current="letters" title={t("letters.title")}>
      {(isSearch || found.length > 0) && (
        <EstablishmentSearch view={view} action={lettersPath} typed={typed} />
      )}
      {(isSearch || hasMore) && (
        <p role="status">
          {isSearch && t("establishments.search.count", { count: found.length })}
          {hasMore && ` ${t("establishments.search.more")}`}
        </p>
      )}
      <ItemList
        label={t(isSearch ? "establishments.search.results" : "letters.schools")}
        empty={t(isSearch ? "establishments.search.none" : "letters.no-school")}
        items={found.map(({ id, name, code }) => ({
          key: id,
          title: (
            <a href={`${lettersPath}/schools/${id}`}>
              <bdi>{name}</bdi>
            </a>
          ),
          lines: [<Exact key="code">{code}</Exact>],
        }))}
      />
      {isSearch && <LinkList links={[{ href: lettersPath, label: t("letters.schools") }]} />}
    </DeskPage>
  );
}

export interface LetterSchoolProps extends LettersPageProps {
  school: LetterSchool;
  /** Whether there are other schools to print for. */
  hasOthers: boolean;
  kinds: Kind[];
  /** How many have not activated their account: in all of the school, and of each class. */
  waiting: { byKind: Map<Kind, Pending>; ofClasses: ({ classId: string; kind: Kind } & Pending)[] };
  chosen: { kind: string; classId: string; isForAll: boolean };
  errors: FieldError[];
}

/** Letters to all of a school, or of a class, who have not activated their account. */
export function LetterSchoolPage(props: LetterSchoolProps) {
  const { view, staff, school, kinds, waiting, chosen, errors } = props;
  const { t } = view;
  const counted = (pending: Pending = { all: 0, withoutLetter: 0 }) => ({
    count: pending.withoutLetter,
    all: pending.all,
  });
  const ofClass = (id: string) =>
    (["pupil", "guardian"] as const)
      .filter((kind) => kinds.includes(kind))
      .map((kind) => {
        const pending = waiting.ofClasses.find((one) => one.classId === id && one.kind === kind);
        return t(`letters.class.of.${kind}`, counted(pending));
      })
      .join(", ");
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="letters"
      title={t("letters.title-of", { school: school.name })}
      hasErrors={errors.length > 0}
    >
      <p>{t("letters.intro")}</p>
      <Form view={view} action={`${lettersPath}/schools/${school.id}`} errors={errors}>
        <Radios
          view={view}
          name="kind"
          legend={t("letters.kind")}
          required
          options={kinds.map((kind) => ({
            value: kind,
            label: t("letters.kind.option", {
              kind: t(`letters.kind.${kind}`),
              ...counted(waiting.byKind.get(kind)),
            }),
          }))}
          value={chosen.kind || (kinds.length === 1 ? kinds[0] : undefined)}
        />
        <SelectField
          view={view}
          name="class"
          label={t("letters.class")}
          hint={t("letters.class.hint")}
          value={chosen.classId}
          options={[
            { value: "", label: t("letters.class.all") },
            ...school.classes.map(({ id, name }) => ({
              value: id,
              label: t("letters.class.option", { class: name, waiting: ofClass(id) }),
            })),
          ]}
        />
        <Radios
          view={view}
          name="to"
          legend={t("letters.to")}
          hint={t("letters.to.hint")}
          options={[
            { value: "without-letter", label: t("letters.to.without-letter") },
            { value: "everybody", label: t("letters.to.everybody") },
          ]}
          value={chosen.isForAll ? "everybody" : "without-letter"}
        />
        <Notice view={view} tone="careful" title={t("letters.secret.title")}>
          <p>{t("letters.secret.what")}</p>
        </Notice>
        <Button>{t("letters.print-all")}</Button>
      </Form>
      {props.hasOthers && <LinkList links={[{ href: lettersPath, label: t("letters.schools") }]} />}
    </DeskPage>
  );
}

interface NewestProps {
  view: View;
  timezone: string;
  newest: PrintedBefore;
}

/** What became of the letter printed last. */
function NewestLetter({ view, timezone, newest }: NewestProps) {
  const { condition, at, lastDay } = newest;
  return (
    <p>
      {view.t(`letters.newest.${condition}`, {
        moment: view.moment(at),
        until: formatDay(view.locale, timezone, lastDay),
      })}
    </p>
  );
}

/** When the last letter was printed, and the way to the next. */
export function LetterOfPerson(
  props: Omit<NewestProps, "newest"> & { accountId: string; newest: PrintedBefore | null },
) {
  const { view, timezone, accountId, newest } = props;
  const { t } = view;
  return (
    <>
      {newest ? (
        <NewestLetter view={view} timezone={timezone} newest={newest} />
      ) : (
        <p>{t("letters.none-yet")}</p>
      )}
      <LinkList links={[{ href: `${lettersPath}/people/${accountId}`, label: t("letters.print") }]} />
    </>
  );
}

export interface LetterPersonProps extends LettersPageProps {
  timezone: string;
  accountId: string;
  person: { name: string; isPending: boolean; newest: PrintedBefore | null };
}

/** A letter to one person. */
export function LetterPersonPage({ view, staff, timezone, accountId, person }: LetterPersonProps) {
  const { t } = view;
  const { name, isPending, newest } = person;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="people"
      title={t("letters.person.title", { name })}
      heading={
        <>
          {t("letters.person.heading")} <bdi>{name}</bdi>
        </>
      }
    >
      {newest && <NewestLetter view={view} timezone={timezone} newest={newest} />}
      {isPending ? (
        <Form view={view} action={`${lettersPath}/people/${accountId}`} explainsRequired={false}>
          <Notice view={view} tone="careful" title={t("letters.replaces.title")}>
            <p>{t("letters.replaces.what")}</p>
            <p>{t("letters.secret.what")}</p>
          </Notice>
          <Button>{t("letters.print")}</Button>
        </Form>
      ) : (
        <p>{t("letters.person.active")}</p>
      )}
      <LinkList links={[{ href: `/desk/people/${accountId}`, label: t("letters.back-to-person") }]} />
    </DeskPage>
  );
}
