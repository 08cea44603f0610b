import type { Kind } from "../../config/preset.ts";
import type { Staff } from "../../kernel/caller.ts";
import { Button, LinkList } from "../../ui/buttons.tsx";
import { Radios } from "../../ui/choices.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Form } from "../../ui/form.tsx";
import { Notice } from "../../ui/notices.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import type { LetterSchool } from "./letters.ts";

export const lettersPath = "/desk/letters";

interface LettersPageProps {
  view: View;
  staff: Staff;
}

/** For whoever prints for several schools: which. */
export function LetterSchoolsPage({
  view,
  staff,
  schools,
}: LettersPageProps & { schools: Pick<LetterSchool, "id" | "name">[] }) {
  const { t } = view;
  return (
    <DeskPage view={view} staff={staff} current="letters" title={t("letters.title")}>
      {schools.length === 0 ? (
        <p class="empty">{t("letters.no-school")}</p>
      ) : (
        <LinkList
          label={t("letters.schools")}
          links={schools.map(({ id, name }) => ({ href: `${lettersPath}/schools/${id}`, label: name }))}
        />
      )}
    </DeskPage>
  );
}

export interface LetterSchoolProps extends LettersPageProps {
  school: LetterSchool;
  /** Whether there are other schools to print for. */
  hasOthers: boolean;
  kinds: Kind[];
  /** How many have not activated their account, by kind; and of pupils, by class. */
  waiting: { byKind: Map<Kind, number>; byClass: Map<string, number> };
  chosen: { kind: string; classId: string };
  errors: FieldError[];
}

/** Letters to all of a school, or of a class, who have not activated their account. */
export function LetterSchoolPage(props: LetterSchoolProps) {
  const { view, staff, school, kinds, waiting, chosen, errors } = props;
  const { t } = view;
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
              count: waiting.byKind.get(kind) ?? 0,
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
              label: t("letters.class.option", { class: name, count: waiting.byClass.get(id) ?? 0 }),
            })),
          ]}
        />
        <ReplacesNotice view={view} />
        <Button>{t("letters.print-all")}</Button>
      </Form>
      {props.hasOthers && <LinkList links={[{ href: lettersPath, label: t("letters.schools") }]} />}
    </DeskPage>
  );
}

export interface LetterPersonProps extends LettersPageProps {
  accountId: string;
  person: {
    name: string;
    isPending: boolean;
    newest: { status: "live" | "replaced" | "used"; printed_at: number } | null;
  };
}

/** When the last letter was printed, and the way to the next. */
export function LetterOfPerson(props: {
  view: View;
  accountId: string;
  newest: LetterPersonProps["person"]["newest"];
}) {
  const { view, accountId, newest } = props;
  const { t } = view;
  return (
    <>
      <p>
        {newest
          ? t(`letters.newest.${newest.status}`, { moment: view.moment(newest.printed_at) })
          : t("letters.none-yet")}
      </p>
      <LinkList links={[{ href: `${lettersPath}/people/${accountId}`, label: t("letters.print") }]} />
    </>
  );
}

/** A letter to one person. */
export function LetterPersonPage({ view, staff, accountId, person }: LetterPersonProps) {
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
      {newest && <p>{t(`letters.newest.${newest.status}`, { moment: view.moment(newest.printed_at) })}</p>}
      {isPending ? (
        <Form view={view} action={`${lettersPath}/people/${accountId}`} explainsRequired={false}>
          <ReplacesNotice view={view} />
          <Button>{t("letters.print")}</Button>
        </Form>
      ) : (
        <p>{t("letters.person.active")}</p>
      )}
      <LinkList links={[{ href: `/desk/people/${accountId}`, label: t("letters.back-to-person") }]} />
    </DeskPage>
  );
}

function ReplacesNotice({ view }: { view: View }) {
  const { t } = view;
  return (
    <Notice view={view} tone="careful" title={t("letters.replaces.title")}>
      <p>{t("letters.replaces.what")}</p>
      <p>{t("letters.replaces.file")}</p>
    </Notice>
  );
}
