import type { ComponentChildren } from "preact";
import { useContext } from "preact/hooks";
import type { Kind } from "../../config/preset.ts";
import type { Symptom } from "../../config/symptoms.ts";
import type { MessageKey } from "../../i18n/translations.ts";
import { Checkbox, Radios } from "../../ui/choices.tsx";
import { Exact, Facts } from "../../ui/facts.tsx";
import { FieldFrame, FieldNotes } from "../../ui/field.tsx";
import { FormErrors } from "../../ui/form.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import { TextArea } from "../../ui/text-area.tsx";
import { EmailField, PhoneField, TextField } from "../../ui/text-fields.tsx";
import type { View } from "../../ui/view.ts";
import type { KeptPicture } from "./attachments.ts";
import type { ContactValues } from "./contact-form.ts";
import { notKnown, notListed, type PlaceQuestion } from "./contact-place.ts";
import type { Evidence } from "./evidence.ts";

/** What the fields of the form need. */
export interface FieldsProps {
  view: View;
  values: ContactValues;
  symptoms: Symptom[];
  kinds: Kind[];
  asksAboutSchool: boolean;
  /** Which establishment is meant, where that is asked. */
  place: PlaceQuestion | null;
  mayHaveNoEmail: boolean;
  evidence: Evidence;
  /** Titles of the articles that were read. */
  articles: string[];
  isEvidenceKept: boolean;
}

export const symptomWords = (view: View, symptom: Symptom) => view.t(`symptom.${symptom}` as MessageKey);

export function WhatHappened({ view, values, symptoms }: FieldsProps) {
  const { t } = view;
  return (
    <>
      <SelectField
        view={view}
        name="symptom"
        label={t("contact.symptom.label")}
        options={symptoms.map((symptom) => ({ value: symptom, label: symptomWords(view, symptom) }))}
        value={values.symptom}
        required
      />
      <TextArea
        view={view}
        name="what"
        label={t("contact.what")}
        hint={t("contact.what.hint")}
        value={values.what}
        required
      />
      <TextArea
        view={view}
        name="tried"
        label={t("contact.tried")}
        hint={t("contact.tried.hint")}
        value={values.tried}
        rows={2}
      />
      <TextField
        view={view}
        name="change"
        label={t("contact.change")}
        hint={t("contact.change.hint")}
        value={values.change}
      />
    </>
  );
}

/** Which of several establishments, or which academy: radios, so that it is answered without script. */
function WhichPlace({ view, question }: { view: View; question: PlaceQuestion }) {
  const { t } = view;
  const { which, options, answer } = question;
  const other = which === "academy" ? notKnown : notListed;
  return (
    <Radios
      view={view}
      name="place"
      legend={t(`contact.place.${which}`)}
      hint={which === "academy" ? t("contact.place.academy.hint") : undefined}
      options={[
        ...options.map(({ id, name, about }) => ({
          value: id,
          label: name,
          hint: about === "" ? undefined : about,
        })),
        { value: other, label: t(`contact.place.${which}.other`) },
      ]}
      value={answer}
      required
    />
  );
}

export function Who({ view, values, kinds, asksAboutSchool, place }: FieldsProps) {
  const { t } = view;
  return (
    <>
      {kinds.length > 0 && (
        <Radios
          view={view}
          name="kind"
          legend={t("contact.kind")}
          options={kinds.map((kind) => ({ value: kind, label: t(`contact.kind.${kind}`) }))}
          value={values.kind}
          required
        />
      )}
      <TextField
        view={view}
        name="name"
        label={t("contact.name")}
        autocomplete="name"
        value={values.name}
        required
      />
      <TextField
        view={view}
        name="identifier"
        label={t("contact.identifier")}
        hint={t("contact.identifier.hint")}
        autocomplete="username"
        value={values.identifier}
      />
      {asksAboutSchool && (
        <>
          <TextField
            view={view}
            name="establishment"
            label={t("contact.establishment")}
            autocomplete="organization"
            value={values.establishment}
          />
          {place !== null && <WhichPlace view={view} question={place} />}
          <TextField
            view={view}
            name="pupil"
            label={t("contact.pupil")}
            hint={t("contact.pupil.hint")}
            autocomplete="off"
            value={values.pupil}
          />
          <TextField
            view={view}
            name="class"
            label={t("contact.class")}
            autocomplete="off"
            value={values.class}
          />
          <TextField
            view={view}
            name="relation"
            label={t("contact.relation")}
            hint={t("contact.relation.hint")}
            autocomplete="off"
            value={values.relation}
          />
        </>
      )}
    </>
  );
}

export function HowToReach({ view, values, mayHaveNoEmail }: FieldsProps) {
  const { t } = view;
  return (
    <>
      <EmailField
        view={view}
        name="email"
        label={t("contact.email")}
        hint={t("contact.email.hint")}
        value={values.email}
        required={!mayHaveNoEmail}
      />
      {mayHaveNoEmail && (
        <Checkbox
          view={view}
          name="no-email"
          label={t("contact.no-email")}
          hint={t("contact.no-email.hint")}
          checked={values["no-email"] !== ""}
        />
      )}
      <PhoneField
        view={view}
        name="phone"
        label={t("contact.phone")}
        hint={t("contact.phone.hint")}
        value={values.phone}
      />
    </>
  );
}

/** Files to choose, or with script to paste; those that came already need not be chosen again. */
export function PicturesField({ view, kept }: { view: View; kept: KeptPicture[] }) {
  const { t } = view;
  const mistakes = useContext(FormErrors).filter(({ field }) => field === "pictures");
  const error = mistakes.length > 0 ? mistakes.map(({ message }) => message).join(" ") : undefined;
  return (
    <FieldFrame error={error}>
      <label for="pictures">{t("contact.pictures")}</label>
      <FieldNotes view={view} id="pictures" hint={t("contact.pictures.hint")} error={error} />
      {kept.map(({ id, name }, index) => (
        <Checkbox key={id} view={view} name={`drop-${index}`} label={t("contact.pictures.drop", { name })} />
      ))}
      <input
        id="pictures"
        name="pictures"
        type="file"
        multiple
        accept="image/png,image/jpeg,image/webp,image/gif"
        aria-describedby={error === undefined ? "pictures-hint" : "pictures-hint pictures-error"}
        aria-invalid={error === undefined ? undefined : "true"}
        data-pictures={t("contact.pictures.paste")}
      />
    </FieldFrame>
  );
}

export function EvidenceShown({ view, evidence, articles, isEvidenceKept }: FieldsProps) {
  const { t } = view;
  return (
    <section class="evidence" aria-labelledby="evidence-title">
      <h3 id="evidence-title">{t("contact.evidence.title")}</h3>
      <Facts rows={evidenceRows(view, evidence, articles)} />
      <Checkbox
        view={view}
        name="evidence"
        label={t("contact.evidence.keep")}
        hint={t("contact.evidence.hint")}
        checked={isEvidenceKept}
      />
    </section>
  );
}

/** What came with a case by itself, in words. */
function evidenceRows(
  view: View,
  evidence: Evidence,
  articles: string[],
): { label: string; value: ComponentChildren }[] {
  const { t } = view;
  const rows: [label: string, value: ComponentChildren | undefined][] = [
    [t("contact.evidence.at"), view.moment(evidence.at)],
    [t("contact.evidence.path"), evidence.path && <Exact>{evidence.path}</Exact>],
    [t("contact.evidence.message"), evidence.messageShown],
    [t("contact.evidence.incident"), evidence.incident && <Exact>{evidence.incident}</Exact>],
    [t("contact.evidence.browser"), evidence.browser],
    [t("contact.evidence.device"), evidence.device && t(`contact.device.${evidence.device}` as MessageKey)],
    [t("contact.evidence.articles"), articles.join(", ")],
    [
      t("contact.evidence.diagnosis"),
      evidence.diagnosis && (
        <ul>
          {evidence.diagnosis.map(({ question, answer }) => (
            <li key={question}>
              {question} <strong>{answer}</strong>
            </li>
          ))}
        </ul>
      ),
    ],
  ];
  return rows.flatMap(([label, value]) => (value === undefined || value === "" ? [] : [{ label, value }]));
}
