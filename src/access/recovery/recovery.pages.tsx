import type { ComponentChildren } from "preact";
import type { ChannelKind } from "../../config/preset.ts";
import { Button, LinkList, PressButton } from "../../ui/buttons.tsx";
import { Radios } from "../../ui/choices.tsx";
import { Countdown, Follow } from "../../ui/countdown.tsx";
import { Section } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { PasswordField, type PasswordRules } from "../../ui/password-field.tsx";
import { CodeField, TextField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";

export interface ForgotValues {
  identifier: string;
  channel: ChannelKind;
}

/** « Mot de passe oublié ? »: one form, the same for everybody. */
export function ForgotPasswordPage(props: {
  view: View;
  identifierKind: "username" | "email" | "username-or-email";
  channels: ChannelKind[];
  values: ForgotValues;
  errors: FieldError[];
}) {
  const { view, values, errors, channels } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("recovery.title")} hasErrors={errors.length > 0}>
      <p>{t("recovery.intro")}</p>
      <Form view={view} action="/forgot-password" errors={errors}>
        <TextField
          view={view}
          name="identifier"
          label={t("recovery.identifier")}
          hint={t(`recovery.identifier.hint.${props.identifierKind}`)}
          autocomplete="username"
          value={values.identifier}
          aside={{ href: "/forgot-identifier", label: t("identifier-recall.title") }}
          required
        />
        {channels.length > 1 && (
          <Radios
            view={view}
            name="channel"
            legend={t("recovery.channel")}
            options={channels.map((channel) => ({ value: channel, label: t(`recovery.channel.${channel}`) }))}
            value={values.channel}
          />
        )}
        <Button>{t("recovery.submit")}</Button>
      </Form>
      <LinkList links={[{ href: "/sign-in", label: t("ui.to-sign-in") }]} />
    </Page>
  );
}

/** After asking: the same words whether the account exists or not; every way to go on (promise 1). */
export function RecoveryWaitingPage(props: {
  view: View;
  channel: ChannelKind;
  other: ChannelKind | null;
  resendAt: number;
  now: number;
  errors: FieldError[];
  /** What to look for in a mailbox. */
  notReceived: ComponentChildren;
}) {
  const { view, channel, other, errors } = props;
  const { t } = view;
  return (
    <Page view={view} title={t(`recovery.waiting.title.${channel}`)} hasErrors={errors.length > 0}>
      <p>{t(`recovery.waiting.sent.${channel}`)}</p>
      <p>{t("recovery.waiting.what")}</p>
      <Follow view={view} path="/forgot-password/follow" />
      <Form view={view} action="/forgot-password/code" errors={errors}>
        <CodeField
          view={view}
          name="code"
          label={t("challenge.code")}
          hint={t("challenge.code.hint")}
          required
        />
        <Button>{t("recovery.waiting.go-on")}</Button>
      </Form>
      {channel === "sms" ? <NoSms view={view} hasEmail={other !== null} /> : props.notReceived}
      {other && (
        <PressButton
          action="/forgot-password/other"
          label={t(`recovery.waiting.other.${other}`)}
          fields={{ channel: other }}
        />
      )}
      <Countdown
        view={view}
        until={props.resendAt}
        now={props.now}
        action="/forgot-password/resend"
        label={t("registration.waiting.resend")}
      />
      <LinkList
        links={[
          { href: "/forgot-password", label: t("recovery.waiting.other-identifier") },
          { href: "/forgot-identifier", label: t("identifier-recall.title") },
        ]}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}

function NoSms({ view, hasEmail }: { view: View; hasEmail: boolean }) {
  const { t } = view;
  return (
    <Section title={t("not-received.title")}>
      <ul>
        <li>{t("recovery.no-sms.network")}</li>
        {hasEmail && <li>{t("recovery.no-sms.email")}</li>}
        <li>{t("recovery.no-sms.number")}</li>
      </ul>
    </Section>
  );
}

/** The waiting page in a browser that asked for nothing lately, or refuses cookies. */
export function NothingAskedPage({ view }: { view: View }) {
  const { t } = view;
  return (
    <Page view={view} title={t("registration.nothing.title")}>
      <p>{t("registration.nothing.what")}</p>
      <p>{t("registration.nothing.next")}</p>
      <LinkList
        links={[
          { href: "/forgot-password", label: t("recovery.title") },
          { href: "/sign-in", label: t("ui.to-sign-in") },
        ]}
      />
    </Page>
  );
}

/** Behind the link, or after the code: the new password. Opening it changes nothing. */
export function NewPasswordPage(props: {
  view: View;
  action: string;
  title: string;
  intro: string;
  submit: string;
  /** Null where the browser proved itself by the code. */
  token: string | null;
  /** So that password managers keep the password under the right name. */
  identifier: string;
  rules: PasswordRules;
  errors: FieldError[];
}) {
  const { view, errors } = props;
  const { t } = view;
  return (
    <Page view={view} title={props.title} hasErrors={errors.length > 0}>
      <p>{props.intro}</p>
      <Form
        view={view}
        action={props.action}
        errors={errors}
        fields={props.token === null ? {} : { token: props.token }}
      >
        <PasswordField
          view={view}
          name="password"
          label={t("recovery.password")}
          hint={t("password.advice")}
          autocomplete="new-password"
          username={props.identifier}
          rules={props.rules}
          required
        />
        <Button>{props.submit}</Button>
      </Form>
      <WhomToAsk view={view} />
    </Page>
  );
}

/** A link that serves no more: which way, and a new message in one press (promise 4). */
export function SpentResetLinkPage({
  view,
  condition,
  token,
}: {
  view: View;
  condition: "expired" | "used" | "replaced" | "unknown" | "unavailable";
  /** Null where there is nothing that could be asked for again. */
  token: string | null;
}) {
  const { t } = view;
  const canAskAgain = condition !== "unavailable" && token !== null;
  return (
    <Page view={view} title={t(`recovery.${condition}.title`)} tone="careful">
      <p>{t(`recovery.${condition}.what`)}</p>
      {canAskAgain && (
        <Form
          view={view}
          action="/forgot-password/again"
          fields={token === "" ? {} : { token }}
          explainsRequired={false}
        >
          <Button>{t("challenge.new-link")}</Button>
        </Form>
      )}
      <LinkList
        links={[
          ...(token === null && condition !== "unavailable"
            ? [{ href: "/forgot-password", label: t("challenge.new-link") }]
            : []),
          { href: "/sign-in", label: t("ui.to-sign-in") },
        ]}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}
