import { symptoms } from "../../config/symptoms.ts";
import { QuietButton } from "../../ui/buttons.tsx";
import { Form } from "../../ui/form.tsx";
import { Details } from "../../ui/notices.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import { TextArea } from "../../ui/text-area.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import { type CaseForm, type CasePageProps, CasePress } from "./desk-case-props.tsx";
import { relayIn, symptomWords } from "./desk-case-words.ts";

/** What can be done with the case itself. What is asked for seldom is folded. */
export function CaseActs(props: CasePageProps) {
  const { view, staff, file } = props;
  const { t } = view;
  const { row } = file;
  const isOver = row.status === "solved" || row.status === "closed";
  return (
    <section class="case-card" aria-labelledby="acts-title">
      <h2 id="acts-title">{t("inbox.acts.title")}</h2>
      <div class="acts">
        {row.assignee_id === staff.accountId ? (
          <CasePress number={row.number} act="put-back" label={t("inbox.acts.put-back")} />
        ) : (
          <CasePress number={row.number} act="take" label={t("inbox.acts.take")} />
        )}
        {!isOver && <CasePress number={row.number} act="solve" label={t("inbox.acts.solve")} />}
        {row.status !== "closed" && (
          <CasePress number={row.number} act="close" label={t("inbox.acts.close")} />
        )}
        {isOver && <CasePress number={row.number} act="reopen" label={t("inbox.acts.reopen")} />}
      </div>
      <HandOver {...props} />
      {!isOver && props.escalatesTo !== null && <Escalate {...props} escalatesTo={props.escalatesTo} />}
      <ChangeSymptom {...props} />
      <Move {...props} />
      <Merge {...props} />
    </section>
  );
}

const errorsOf = ({ failed }: CasePageProps, form: CaseForm) => (failed?.form === form ? failed.errors : []);
const isOpen = ({ failed }: CasePageProps, form: CaseForm) => failed?.form === form;

function HandOver(props: CasePageProps) {
  const { view, staff, file, draft, relaysToHandTo } = props;
  const { t } = view;
  const colleagues = file.colleagues.filter(({ accountId }) => accountId !== staff.accountId);
  return (
    <Details summary={t("inbox.hand-over.title")} isOpen={isOpen(props, "hand-over")}>
      <Form
        view={view}
        action={`/desk/cases/${file.row.number}/hand-over`}
        errors={errorsOf(props, "hand-over")}
        explainsRequired={false}
      >
        <SelectField
          view={view}
          name="to"
          label={t("inbox.hand-over.to")}
          options={[
            { value: "", label: t("inbox.hand-over.choose") },
            ...relaysToHandTo.map(({ id, name }) => ({
              value: `relay:${id}`,
              label: t("inbox.hand-over.relay", { name }),
            })),
            ...colleagues.map(({ accountId, name }) => ({
              value: `staff:${accountId}`,
              label: t("inbox.hand-over.colleague", { name }),
            })),
          ]}
          value={draft.to}
        />
        <TextArea
          view={view}
          name="reason"
          label={t("inbox.hand-over.reason")}
          hint={t("inbox.hand-over.reason.hint")}
          value={draft.reason}
          rows={2}
        />
        <QuietButton>{t("inbox.hand-over.submit")}</QuietButton>
      </Form>
    </Details>
  );
}

function Escalate(props: CasePageProps & { escalatesTo: string }) {
  const { view, context, file, draft } = props;
  const { t } = view;
  const relay = relayIn(context, props.escalatesTo);
  return (
    <Details summary={t("inbox.escalate.title")} isOpen={isOpen(props, "escalate")}>
      <p class="hint">{t("inbox.escalate.what", { relay })}</p>
      <Form
        view={view}
        action={`/desk/cases/${file.row.number}/escalate`}
        errors={errorsOf(props, "escalate")}
        explainsRequired={false}
      >
        <TextArea
          view={view}
          name="escalate-reason"
          label={t("inbox.hand-over.reason")}
          value={draft["escalate-reason"]}
          rows={2}
        />
        <QuietButton>{t("inbox.escalate.submit", { relay })}</QuietButton>
      </Form>
    </Details>
  );
}

function ChangeSymptom(props: CasePageProps) {
  const { view, file } = props;
  const { t } = view;
  return (
    <Details summary={t("inbox.symptom.title")} isOpen={isOpen(props, "symptom")}>
      <Form
        view={view}
        action={`/desk/cases/${file.row.number}/symptom`}
        errors={errorsOf(props, "symptom")}
        explainsRequired={false}
      >
        <SelectField
          view={view}
          name="symptom"
          label={t("inbox.symptom.label")}
          options={symptoms.map((id) => ({ value: id, label: symptomWords(t, id) }))}
          value={file.row.symptom}
        />
        <QuietButton>{t("inbox.symptom.submit")}</QuietButton>
      </Form>
    </Details>
  );
}

/** Another establishment: chosen among those inside one's walls, or named where there are none. */
function Move(props: CasePageProps) {
  const { view, file, draft } = props;
  const { t } = view;
  const places = file.placesToMoveTo;
  if (places !== "typed" && places.length === 0) return null;
  return (
    <Details summary={t("inbox.place.title")} isOpen={isOpen(props, "place")}>
      <p class="hint">{t("inbox.place.what")}</p>
      <Form
        view={view}
        action={`/desk/cases/${file.row.number}/place`}
        errors={errorsOf(props, "place")}
        explainsRequired={false}
      >
        {places === "typed" ? (
          <TextField
            view={view}
            name="place"
            label={t("inbox.place.label")}
            hint={t("inbox.place.hint")}
            value={draft.place ?? (file.standsAt === null ? (file.row.establishment ?? "") : "")}
          />
        ) : (
          <SelectField
            view={view}
            name="place"
            label={t("inbox.place.label")}
            options={[
              { value: "", label: t("inbox.hand-over.choose") },
              ...places.map(({ id, name }) => ({ value: id, label: name })),
            ]}
            value={draft.place}
          />
        )}
        <QuietButton>{t("inbox.place.submit")}</QuietButton>
      </Form>
    </Details>
  );
}

function Merge(props: CasePageProps) {
  const { view, file, draft } = props;
  const { t } = view;
  return (
    <Details summary={t("inbox.merge.title")} isOpen={isOpen(props, "merge")}>
      <p class="hint">{t("inbox.merge.what")}</p>
      <Form
        view={view}
        action={`/desk/cases/${file.row.number}/merge`}
        errors={errorsOf(props, "merge")}
        explainsRequired={false}
      >
        <TextField
          view={view}
          name="merge"
          label={t("inbox.merge.label")}
          hint={t("inbox.merge.hint")}
          value={draft.merge}
        />
        <QuietButton>{t("inbox.merge.submit")}</QuietButton>
      </Form>
    </Details>
  );
}
