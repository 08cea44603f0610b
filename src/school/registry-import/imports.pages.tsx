import type { Staff } from "../../kernel/caller.ts";
import { Button, LinkList } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Exact, ItemList, Section, Tag } from "../../ui/facts.tsx";
import { FieldFrame, FieldNotes } from "../../ui/field.tsx";
import { Form } from "../../ui/form.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import type { Import, ImportStatus } from "./registry-import.ts";

export const importsPath = "/desk/imports";
export const filesAtMost = 4;
/** Of all files of one form together: what the examples of reverse proxies let pass. */
export const megabytesAtMost = 24;

export interface ImportsPageProps {
  view: View;
  staff: Staff;
  imports: Import[];
  schoolCode: string;
  errors: FieldError[];
}

export const statusTones = {
  reading: "careful",
  refused: "wrong",
  ready: "careful",
  applying: "careful",
  applied: "good",
  cancelled: undefined,
  failed: "wrong",
  abandoned: undefined,
} as const satisfies Record<ImportStatus, "careful" | "wrong" | "good" | undefined>;

/** The registry's files: loading some, and what became of those before. */
export function ImportsPage({ view, staff, imports, schoolCode, errors }: ImportsPageProps) {
  const { t } = view;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="imports"
      title={t("registry-import.title")}
      hasErrors={errors.length > 0}
    >
      <p>{t("registry-import.intro")}</p>
      <Section title={t("registry-import.load")} id="load">
        <Form view={view} action={importsPath} errors={errors} explainsRequired={false} hasFiles>
          <FilesField view={view} errors={errors} />
          <TextField
            view={view}
            name="school"
            label={t("registry-import.field.school")}
            hint={t("registry-import.field.school.hint")}
            value={schoolCode}
            autocomplete="off"
          />
          <Button>{t("registry-import.submit")}</Button>
        </Form>
      </Section>
      <LinkList links={[{ href: `${importsPath}/conflicts`, label: t("registry-import.conflicts.title") }]} />
      <Section title={t("registry-import.list")} id="imports">
        <ItemList
          empty={t("registry-import.none")}
          items={imports.map((one) => ({
            key: one.id,
            title: (
              <a href={`${importsPath}/${one.id}`}>
                <Exact>{namesOf(one)}</Exact>
              </a>
            ),
            tag: <Tag tone={statusTones[one.status]}>{t(`registry-import.status.${one.status}`)}</Tag>,
            lines: [
              t("registry-import.made", { moment: view.moment(one.madeAt) }),
              ...one.schools.slice(0, 3).map(({ code, name }) => <bdi key={code}>{`${name} (${code})`}</bdi>),
            ],
          }))}
        />
      </Section>
    </DeskPage>
  );
}

export const namesOf = (one: Import): string => one.files.map(({ name }) => name).join(", ") || "—";

function FilesField({ view, errors }: { view: View; errors: FieldError[] }) {
  const { t } = view;
  const error = errors.find(({ field }) => field === "files")?.message;
  const values = { most: filesAtMost, megabytes: megabytesAtMost };
  return (
    <FieldFrame error={error}>
      <label for="files">{t("registry-import.field.files")}</label>
      <FieldNotes view={view} id="files" hint={t("registry-import.field.files.hint", values)} error={error} />
      <input
        id="files"
        name="files"
        type="file"
        multiple
        required
        accept=".xml,.csv,.txt,.zip"
        aria-describedby={error === undefined ? "files-hint" : "files-hint files-error"}
        aria-invalid={error === undefined ? undefined : "true"}
      />
    </FieldFrame>
  );
}

export function BackToImports({ view }: { view: View }) {
  return <LinkList links={[{ href: importsPath, label: view.t("registry-import.back") }]} />;
}
