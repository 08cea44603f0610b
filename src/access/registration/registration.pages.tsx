import { Button, LinkList, PressButton, QuietButton } from "../../ui/buttons.tsx";
import { Exact } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { NotReceived } from "../../ui/not-received.tsx";
import { Details, Notice, WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import type { PasswordRules } from "../../ui/password-field.tsx";
import { EmailField, TextField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import { WaitingForCode } from "../../ui/waiting-for-code.tsx";
import { NewPasswordField } from "../fields.tsx";
import { NothingAskedPage } from "../nothing-asked-page.tsx";

export interface SignUpValues {
  email: string;
  name: string;
  nickname: string;
}

export function SignUpPage(props: {
  view: View;
  asksNickname: boolean;
  values: SignUpValues;
  errors: FieldError[];
  rules: PasswordRules;
}) {
  const { view, values, errors } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("registration.title")} hasErrors={errors.length > 0}>
      <p>{t("registration.intro", { brand: view.brand.name })}</p>
      <Form view={view} action="/sign-up" errors={errors}>
        <EmailField
          view={view}
          name="email"
          label={t("registration.email")}
          hint={t("registration.email.hint")}
          value={values.email}
          required
        />
        <TextField
          view={view}
          name="name"
          label={t("registration.name")}
          autocomplete="name"
          value={values.name}
          required
        />
        {props.asksNickname && (
          <TextField
            view={view}
            name="nickname"
            label={t("registration.nickname")}
            hint={t("registration.nickname.hint")}
            autocomplete="nickname"
            value={values.nickname}
            required
          />
        )}
        <NewPasswordField
          view={view}
          name="password"
          label={t("registration.password")}
          rules={props.rules}
        />
        <Button>{t("registration.submit")}</Button>
      </Form>
      <LinkList
        links={[
          { href: "/sign-in", label: t("registration.has-account") },
          { href: "/confirm", label: t("confirmation.not-received") },
        ]}
      />
    </Page>
  );
}

export interface Waiting {
  email: string;
  suggestion: string | null;
  resendAt: number;
  now: number;
  sender: { name: string; address: string };
}

/** After a sign-up: what was sent where, what to look for, and every way to go on (promise 1). */
export function SignUpWaitingPage({
  view,
  waiting,
  errors,
  typedEmail,
}: {
  view: View;
  waiting: Waiting;
  errors: FieldError[];
  typedEmail?: string;
}) {
  const { t } = view;
  const emailErrors = errors.filter((error) => error.field === "email");
  const codeErrors = errors.filter((error) => error.field === "code");
  return (
    <Page view={view} title={t("registration.waiting.title")} hasErrors={errors.length > 0}>
      <p>
        {t("registration.waiting.sent")} <Exact>{waiting.email}</Exact>
      </p>
      {waiting.suggestion && (
        <Notice view={view} tone="careful" title={t("registration.waiting.suggestion")}>
          <p>
            <Exact>{waiting.suggestion}</Exact>
          </p>
          <PressButton
            action="/sign-up/correct"
            label={t("registration.waiting.use-suggestion")}
            fields={{ email: waiting.suggestion }}
          />
        </Notice>
      )}
      <p>{t("registration.waiting.what")}</p>
      <WaitingForCode
        view={view}
        followPath="/sign-up/follow"
        code={{ action: "/confirm/code", submit: t("registration.activate.button"), errors: codeErrors }}
        resend={{
          action: "/sign-up/resend",
          label: t("registration.waiting.resend"),
          until: waiting.resendAt,
          now: waiting.now,
        }}
      >
        <NotReceived view={view} sender={waiting.sender} subject={t("registration.activate.subject")} />
      </WaitingForCode>
      <Details summary={t("registration.waiting.wrong-address")} isOpen={emailErrors.length > 0}>
        <Form view={view} action="/sign-up/correct" errors={emailErrors} explainsRequired={false}>
          <EmailField
            view={view}
            name="email"
            label={t("registration.waiting.right-address")}
            value={typedEmail ?? waiting.email}
            required
          />
          <QuietButton>{t("registration.waiting.correct")}</QuietButton>
        </Form>
      </Details>
      <WhomToAsk view={view} />
    </Page>
  );
}

/** The waiting page in a browser that asked for nothing, or refuses cookies. */
export function NothingWaitingPage({ view }: { view: View }) {
  const { t } = view;
  return (
    <NothingAskedPage
      view={view}
      links={[
        { href: "/confirm", label: t("confirmation.not-received") },
        { href: "/sign-up", label: t("registration.title") },
      ]}
    >
      <p>{t("registration.nothing.next")}</p>
    </NothingAskedPage>
  );
}

/** This portal opens accounts in another way. */
export function ClosedPage({ view }: { view: View }) {
  const { t } = view;
  return (
    <Page view={view} title={t("registration.closed.title")}>
      <p>{t("registration.closed.what")}</p>
      <p>{t("registration.closed.next")}</p>
      <WhomToAsk view={view} />
      <LinkList links={[{ href: "/sign-in", label: t("ui.to-sign-in") }]} />
    </Page>
  );
}
