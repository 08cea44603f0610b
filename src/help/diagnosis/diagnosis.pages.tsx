import type { Symptom } from "../../config/symptoms.ts";
import { Button, LinkList } from "../../ui/buttons.tsx";
import { Section } from "../../ui/facts.tsx";
import { FormErrors } from "../../ui/form.tsx";
import { ErrorSummary, WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { type StatusNotice, StatusNotices } from "../../ui/status-notices.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import { type KnownCheck, QuietChecks } from "./checks.pages.tsx";

/** Where everybody begins: what happens to you? */
export function DiagnosisStartPage(props: {
  view: View;
  groups: { title: string; symptoms: Symptom[] }[];
  notices: StatusNotice[];
  known: KnownCheck[];
  origin: string;
}) {
  const { view } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("diagnosis.title")} scripts={[view.assets.helpJs]} wide>
      <StatusNotices view={view} notices={props.notices} />
      <p>{t("diagnosis.intro")}</p>
      <QuietChecks view={view} known={props.known} origin={props.origin} />
      <div class="symptoms">
        {props.groups.map(({ title, symptoms }) => (
          <section key={title}>
            <h2>{title}</h2>
            <ul class="answers">
              {symptoms.map((symptom) => (
                <li key={symptom}>
                  <a href={`/help/diagnosis/${symptom}`}>{t(`symptom.${symptom}`)}</a>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
      <Section title={t("diagnosis.directly")}>
        <LinkList
          links={[
            {
              href: "/help/diagnosis/state",
              label: t("account-state.title"),
              hint: t("diagnosis.directly.state"),
            },
            {
              href: "/help/diagnosis/checks",
              label: t("diagnosis.to-checks"),
              hint: t("diagnosis.directly.checks"),
            },
            {
              href: "/help/diagnosis/clear",
              label: t("clear-site.title"),
              hint: t("diagnosis.directly.clear"),
            },
          ]}
        />
      </Section>
      <WhomToAsk view={view} />
    </Page>
  );
}

/** What was answered so far, each with the way back to it. */
export interface AnsweredLine {
  question: string;
  answer: string;
  /** The page of that question, without its answer. */
  change: string;
}

function Answers({ view, lines }: { view: View; lines: AnsweredLine[] }) {
  const { t } = view;
  return (
    <Section title={t("diagnosis.answers")} id="answers">
      <dl class="answered">
        {lines.map(({ question, answer, change }) => (
          <div key={change}>
            <dt>{question}</dt>
            <dd>{answer}</dd>
            <dd class="answered-change">
              <a href={change}>
                {t("diagnosis.change")}
                <span class="unseen"> ({question})</span>
              </a>
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

/** One question a page; each answer is a link, so that nothing has to be sent and going back works. */
export function QuestionPage(props: {
  view: View;
  question: string;
  hint?: string;
  answers: { href: string; says: string }[];
  answered: AnsweredLine[];
}) {
  const { view, question, hint, answers } = props;
  return (
    <Page view={view} title={question}>
      {hint !== undefined && <p>{hint}</p>}
      <ul class="answers">
        {answers.map(({ href, says }) => (
          <li key={href}>
            <a href={href}>{says}</a>
          </li>
        ))}
      </ul>
      <Answers view={view} lines={props.answered} />
    </Page>
  );
}

/** A question answered in a few words. The form asks by GET: it changes nothing, and goes on to an address. */
export function WordsQuestionPage(props: {
  view: View;
  question: string;
  hint?: string;
  action: string;
  trail: string;
  node: string;
  answered: AnsweredLine[];
  errors: FieldError[];
}) {
  const { view, question, errors } = props;
  const { t } = view;
  return (
    <Page view={view} title={question} hasErrors={errors.length > 0}>
      <FormErrors.Provider value={errors}>
        <ErrorSummary view={view} errors={errors} />
        <form class="form" method="get" action={props.action} novalidate>
          {props.trail !== "" && <input type="hidden" name="a" value={props.trail} />}
          <input type="hidden" name="question" value={props.node} />
          <TextField view={view} name="words" label={t("diagnosis.words")} hint={props.hint} required />
          <Button>{t("diagnosis.next")}</Button>
        </form>
      </FormErrors.Provider>
      <Answers view={view} lines={props.answered} />
    </Page>
  );
}

/** An end: why, what to try first, the one button, and the way on for those whom it does not help. */
export function ActionPage(props: {
  view: View;
  title: string;
  why: string;
  steps: string[];
  button: { href: string; says: string; isContact: boolean };
  /** Null after the contact form: a person answers there. */
  otherwise: string | null;
  articles: { href: string; title: string }[];
  answered: AnsweredLine[];
}) {
  const { view, title, why, steps, button, otherwise, articles } = props;
  const { t } = view;
  return (
    <Page view={view} title={title} scripts={button.isContact ? [view.assets.helpJs] : []}>
      <p>{why}</p>
      {steps.length > 0 && (
        <ol class="steps">
          {steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      )}
      <p>
        <a class="button" href={button.href} {...(button.isContact ? { "data-carries-checks": "" } : {})}>
          {button.says}
        </a>
      </p>
      {otherwise !== null && (
        <p>
          <a class="button is-quiet" href={otherwise}>
            {t("diagnosis.otherwise")}
          </a>
        </p>
      )}
      {articles.length > 0 && (
        <Section title={t("diagnosis.read")}>
          <LinkList links={articles.map(({ href, title: label }) => ({ href, label }))} />
        </Section>
      )}
      <Answers view={view} lines={props.answered} />
    </Page>
  );
}
