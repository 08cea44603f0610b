import { Button, HiddenFields, LinkList, PressButton } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Acts, Exact, Facts, ItemList, Section, Tag } from "../../ui/facts.tsx";
import { FieldFrame, FieldNotes } from "../../ui/field.tsx";
import { Form } from "../../ui/form.tsx";
import { Details, Notice } from "../../ui/notices.tsx";
import type { FieldError } from "../../ui/view.ts";
import type { FileFault } from "./establishment-file.ts";
import { refusalWords, typeWord } from "./establishment-words.ts";
import type { DeskProps } from "./establishments.pages.tsx";
import type { Preview } from "./load-establishments.ts";

const path = "/desk/establishments";
const shownAtMost = 200;

/** Choosing a file; where one was refused, each of its faults with its line. */
export function EstablishmentFilePage({
  view,
  staff,
  faults,
  errors,
}: DeskProps & { faults: FileFault[]; errors: FieldError[] }) {
  const { t } = view;
  const error = errors[0]?.message;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="establishments"
      title={t("establishments.file.title")}
      hasErrors={errors.length > 0}
    >
      <p>{t("establishments.file.intro")}</p>
      <Form view={view} action={`${path}/file`} errors={errors} explainsRequired={false} hasFiles>
        <FieldFrame error={error}>
          <label for="file">{t("establishments.file.field")}</label>
          <FieldNotes view={view} id="file" hint={t("establishments.file.field.hint")} error={error} />
          <input
            id="file"
            name="file"
            type="file"
            accept=".csv,.txt,.json,text/csv,application/json"
            required
            aria-describedby={error === undefined ? "file-hint" : "file-hint file-error"}
            aria-invalid={error === undefined ? undefined : "true"}
          />
        </FieldFrame>
        <Button>{t("establishments.file.check")}</Button>
      </Form>
      {faults.length > 0 && (
        <Section title={t("establishments.file.faults")} id="faults">
          <ItemList
            label={t("establishments.file.faults")}
            empty=""
            items={faults.slice(0, shownAtMost).map((fault, index) => ({
              key: String(index),
              title: t("establishments.file.line", { line: fault.line }),
              lines: [
                refusalWords(t, fault.refusal),
                ...(fault.what === undefined || fault.what === ""
                  ? []
                  : [<Exact key="what">{fault.what}</Exact>]),
              ],
            }))}
          />
          {faults.length > shownAtMost && (
            <p class="hint">{t("establishments.file.more", { count: faults.length - shownAtMost })}</p>
          )}
        </Section>
      )}
      <Details summary={t("establishments.file.form")}>
        <p>{t("establishments.file.form.csv")}</p>
        <pre class="establishment-sample" tabindex={0} dir="ltr">
          {sampleCsv}
        </pre>
        <ul class="points">
          <li>{t("establishments.file.form.columns")}</li>
          <li>{t("establishments.file.form.lists")}</li>
          <li>{t("establishments.file.form.missing")}</li>
          <li>{t("establishments.file.form.json")}</li>
        </ul>
      </Details>
      <LinkList links={[{ href: path, label: t("establishments.back") }]} />
    </DeskPage>
  );
}

const sampleCsv = `type;code;name;parent;timezone;phone;email;postal;addresses
academy;AC-PARIS;Académie de Paris;;Europe/Paris;;;;
school;0752387M;Collège des Lilas;AC-PARIS;;01 00 00 00 00;college@ecole.example;1 rue du Port|75001 PARIS;192.0.2.0/24
class;6A;Sixième A;0752387M;;;;;`;

/** What the file would change, before anything is. */
export function EstablishmentPreviewPage({
  view,
  staff,
  preview,
  hasChangedMeanwhile,
}: DeskProps & { preview: Preview; hasChangedMeanwhile: boolean }) {
  const { t } = view;
  const { changes, faults } = preview;
  const added = changes.filter(({ kind }) => kind === "added").length;
  const isApplicable = changes.length > 0 && faults.length === 0;
  const action = `${path}/file/${preview.fileId}`;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="establishments"
      title={t("establishments.file.preview")}
      tone={hasChangedMeanwhile ? "careful" : undefined}
    >
      {hasChangedMeanwhile && (
        <Notice view={view} tone="careful" title={t("establishments.file.changed-meanwhile")} role="status">
          <p>{t("establishments.file.changed-meanwhile.next")}</p>
        </Notice>
      )}
      <Facts
        rows={[
          { label: t("establishments.file.field"), value: <Exact>{preview.filename}</Exact> },
          { label: t("establishments.file.added"), value: added },
          { label: t("establishments.file.changed"), value: changes.length - added },
          { label: t("establishments.file.unchanged"), value: preview.unchanged },
        ]}
      />
      <p>{t(isApplicable ? "establishments.file.nothing-yet" : "establishments.file.nothing-to-do")}</p>
      <Acts>
        {isApplicable && (
          <form class="press" method="post" action={`${action}/apply`}>
            <HiddenFields fields={{ digest: preview.digest }} />
            <Button>{t("establishments.file.apply")}</Button>
          </form>
        )}
        <PressButton action={`${action}/drop`} label={t("establishments.file.drop")} />
      </Acts>
      {faults.length > 0 && (
        <ItemList
          label={t("establishments.file.faults")}
          empty=""
          items={faults.slice(0, shownAtMost).map((fault, index) => ({
            key: String(index),
            title: t("establishments.file.line", { line: fault.line }),
            lines: [refusalWords(t, fault.refusal)],
          }))}
        />
      )}
      {changes.length > 0 && (
        <Section title={t("establishments.file.changes")} id="changes">
          <ItemList
            label={t("establishments.file.changes")}
            empty=""
            items={changes.slice(0, shownAtMost).map(({ line, kind, type, code, name, fields }) => ({
              key: String(line),
              title: <bdi>{name}</bdi>,
              tag: (
                <Tag tone={kind === "added" ? "good" : "careful"}>
                  {t(`establishments.file.kind.${kind}`)}
                </Tag>
              ),
              lines: [
                <>
                  {typeWord(t, type)} <Exact>{code}</Exact> · {t("establishments.file.line", { line })}
                </>,
                ...(fields.length === 0
                  ? []
                  : [
                      new Intl.ListFormat(view.locale, { type: "conjunction" }).format(
                        fields.map((field) => t(`establishments.file.field.${field}`)),
                      ),
                    ]),
              ],
            }))}
          />
          {changes.length > shownAtMost && (
            <p class="hint">{t("establishments.file.more", { count: changes.length - shownAtMost })}</p>
          )}
        </Section>
      )}
    </DeskPage>
  );
}
