import type { Symptom } from "../../config/symptoms.ts";
import { Button, LinkList } from "../../ui/buttons.tsx";
import { Section } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { Details, Notice, WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { type StatusNotice, StatusNotices } from "../../ui/status-notices.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import type { KeptPicture } from "./attachments.ts";
import {
  EvidenceShown,
  type FieldsProps,
  HowToReach,
  PicturesField,
  symptomWords,
  WhatHappened,
  Who,
} from "./contact-fields.pages.tsx";

export interface Suggestion {
  title: string;
  href: string;
  hint?: string;
}

/** « Que se passe-t-il ? »: one press leads to what helps with it, and to the form. */
export function SymptomPage(props: {
  view: View;
  notices: StatusNotice[];
  links: { symptom: Symptom; href: string }[];
  /** Other ways to be helped just now. */
  others: Suggestion[];
}) {
  const { view, links, others } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("contact.title")}>
      <StatusNotices view={view} notices={props.notices} />
      <p>{t("contact.symptom.ask")}</p>
      <LinkList
        label={t("contact.symptom.label")}
        links={links.map(({ symptom, href }) => ({ href, label: symptomWords(view, symptom) }))}
      />
      {others.length > 0 && (
        <LinkList links={others.map(({ title, href, hint }) => ({ href, label: title, hint }))} />
      )}
      <WhomToAsk view={view} />
    </Page>
  );
}

export interface ContactFormPageProps extends FieldsProps {
  errors: FieldError[];
  notices: StatusNotice[];
  suggestions: Suggestion[];
  diagnosis: string;
  /** Pictures that came with the form already. */
  kept: KeptPicture[];
  /** Hidden fields: what the form carries. */
  carried: Record<string, string>;
  /** By when an answer can be expected. */
  expectedAt: number;
  /** Too many came: until when. */
  waitUntil: number | null;
  supportAddress: string | null;
}

/** One calm form, after what may help without it. */
export function ContactFormPage(props: ContactFormPageProps) {
  const { view, values, errors, waitUntil } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("contact.title")} hasErrors={errors.length > 0} scripts={[view.assets.helpJs]}>
      <StatusNotices view={view} notices={props.notices} />
      {waitUntil !== null && <WaitNotice {...props} waitUntil={waitUntil} />}
      {errors.length === 0 && waitUntil === null && <Suggestions {...props} />}
      <h2>{t("contact.write")}</h2>
      <p>{t("contact.expected", { at: new Date(props.expectedAt) })}</p>
      <Form view={view} action="/contact" errors={errors} fields={props.carried} hasFiles>
        <WhatHappened {...props} />
        <Who {...props} />
        <HowToReach {...props} />
        <Details
          summary={t("contact.details.title")}
          isOpen={values["new-email"] !== "" || values["new-phone"] !== ""}
        >
          <p>{t("contact.details.what")}</p>
          <TextField
            view={view}
            name="new-email"
            type="email"
            inputMode="email"
            label={t("contact.new-email")}
            value={values["new-email"]}
          />
          <TextField
            view={view}
            name="new-phone"
            type="tel"
            inputMode="tel"
            label={t("contact.new-phone")}
            value={values["new-phone"]}
          />
        </Details>
        <PicturesField view={view} kept={props.kept} />
        <EvidenceShown {...props} />
        <Button>{t("contact.submit")}</Button>
      </Form>
      <OtherWays {...props} />
    </Page>
  );
}

function WaitNotice({ view, waitUntil, supportAddress }: ContactFormPageProps & { waitUntil: number }) {
  const { t } = view;
  return (
    <Notice view={view} tone="careful" title={t("wait.too-many")} role="status">
      <p>{t("contact.too-many", { moment: view.moment(waitUntil) })}</p>
      <p>{t("contact.too-many.kept")}</p>
      {supportAddress !== null && <MailInstead view={view} address={supportAddress} />}
    </Notice>
  );
}

function Suggestions({ view, suggestions, diagnosis }: ContactFormPageProps) {
  const { t } = view;
  return (
    <Section title={t("contact.suggestions")} id="suggestions">
      <LinkList
        links={[
          ...suggestions.map(({ title, href, hint }) => ({ href, label: title, hint })),
          { href: diagnosis, label: t("contact.diagnosis"), hint: t("contact.diagnosis.hint") },
        ]}
      />
    </Section>
  );
}

function MailInstead({ view, address }: { view: View; address: string }) {
  return (
    <p>
      {view.t("contact.by-mail")}{" "}
      <a href={`mailto:${address}`}>
        <bdi>{address}</bdi>
      </a>
    </p>
  );
}

function OtherWays({ view, supportAddress }: ContactFormPageProps) {
  return (
    <>
      {supportAddress !== null && <MailInstead view={view} address={supportAddress} />}
      <WhomToAsk view={view} />
    </>
  );
}
