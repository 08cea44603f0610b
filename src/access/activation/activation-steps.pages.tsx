import type { ComponentChildren } from "preact";
import type { ContactChannel } from "../../accounts/accounts.ts";
import { Button, LinkList, PressButton } from "../../ui/buttons.tsx";
import { Exact, Facts } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { SmsNotReceived } from "../../ui/not-received.tsx";
import { WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import type { PasswordRules } from "../../ui/password-field.tsx";
import { EmailField, PhoneField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import { WaitingForCode } from "../../ui/waiting-for-code.tsx";
import { ChannelChoice, NewPasswordField } from "../fields.tsx";

/** The identifier to keep, and the password to choose. */
export function ActivationPasswordPage(props: {
  view: View;
  name: string;
  identifier: string;
  rules: PasswordRules;
  errors: FieldError[];
}) {
  const { view, errors } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("activation.password.title")} hasErrors={errors.length > 0}>
      <p>{t("activation.password.greeting", { name: props.name })}</p>
      <Facts
        rows={[{ label: t("activation.password.identifier"), value: <Exact>{props.identifier}</Exact> }]}
      />
      <p>{t("activation.password.keep")}</p>
      <Form view={view} action="/activate/password" errors={errors}>
        <NewPasswordField
          view={view}
          name="password"
          label={t("recovery.password")}
          username={props.identifier}
          rules={props.rules}
        />
        <Button>{t("activation.go-on")}</Button>
      </Form>
      <WhomToAsk view={view} />
    </Page>
  );
}

export interface ContactValues {
  channel: ContactChannel;
  email: string;
  phone: string;
}

/** By what the person gets back in one day: an address or a number that is theirs. */
export function ActivationContactPage(props: {
  view: View;
  channels: ContactChannel[];
  /** Whether they may open the account without one. */
  mayDoWithout: boolean;
  values: ContactValues;
  errors: FieldError[];
}) {
  const { view, channels, values, errors } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("activation.contact.title")} hasErrors={errors.length > 0}>
      <p>{t("activation.contact.why")}</p>
      <Form view={view} action="/activate/contact" errors={errors}>
        <ChannelChoice view={view} channels={channels} value={values.channel} />
        {channels.map((channel) => (
          <div key={channel} class="by-channel" data-channel={channel}>
            {channel === "email" ? (
              <EmailField
                view={view}
                name="email"
                label={t("activation.contact.email")}
                value={values.email}
                required
              />
            ) : (
              <PhoneField
                view={view}
                name="phone"
                label={t("activation.contact.phone")}
                value={values.phone}
                required
              />
            )}
          </div>
        ))}
        <Button>{t("activation.contact.send")}</Button>
      </Form>
      {props.mayDoWithout ? (
        <>
          <p>{t("activation.later.what")}</p>
          <PressButton action="/activate/later" label={t("activation.later")} />
        </>
      ) : (
        <p>{t("activation.contact.none")}</p>
      )}
      <WhomToAsk view={view} />
    </Page>
  );
}

/** After giving it: the code to type, and every way to go on. */
export function ActivationContactWaitingPage(props: {
  view: View;
  channel: ContactChannel;
  contact: string;
  resendAt: number;
  now: number;
  errors: FieldError[];
  mayDoWithout: boolean;
  /** What to look for in a mailbox. */
  notReceived: ComponentChildren;
}) {
  const { view, channel, errors } = props;
  const { t } = view;
  return (
    <Page view={view} title={t(`contacts.waiting.title.${channel}`)} hasErrors={errors.length > 0}>
      <p>
        {t("contacts.waiting.sent")} <Exact>{props.contact}</Exact>
      </p>
      <p>{t("contacts.waiting.what")}</p>
      <WaitingForCode
        view={view}
        followPath="/activate/contact/follow"
        code={{ action: "/activate/contact/code", submit: t("activation.contact.open"), errors }}
        resend={{
          action: "/activate/contact/resend",
          label: t("contacts.waiting.resend"),
          until: props.resendAt,
          now: props.now,
        }}
      >
        {channel === "sms" ? (
          <SmsNotReceived view={view} advice={[t("contacts.waiting.no-sms")]} />
        ) : (
          props.notReceived
        )}
      </WaitingForCode>
      {props.mayDoWithout && <PressButton action="/activate/later" label={t("activation.later")} />}
      <LinkList links={[{ href: "/activate/contact", label: t("activation.contact.other") }]} />
      <WhomToAsk view={view} />
    </Page>
  );
}

/** Behind the link of the message. Opening it changes nothing (promise 4). */
export function ActivationLinkPage(props: {
  view: View;
  token: string;
  channel: ContactChannel;
  contact: string;
  askedAt: number;
  browser: string | null;
}) {
  const { view, token, channel } = props;
  const { t } = view;
  return (
    <Page view={view} title={t(`contacts.prove.title.${channel}`)}>
      <p>{t("activation.contact.link.what", { brand: view.brand.name })}</p>
      <Facts
        rows={[
          { label: t(`contacts.field.${channel}`), value: <Exact>{props.contact}</Exact> },
          { label: t("mail.asked-at"), value: view.moment(props.askedAt) },
          { label: t("mail.asked-from"), value: props.browser ?? t("mail.browser-unknown") },
        ]}
      />
      <Form view={view} action="/activate/contact/link" fields={{ token }} explainsRequired={false}>
        <Button>{t("activation.contact.open")}</Button>
      </Form>
      <p>{t("contacts.prove.not-you")}</p>
      <PressButton
        action="/activate/contact/refuse"
        label={t("contacts.refuse.button")}
        fields={{ token }}
        tone="wrong"
      />
    </Page>
  );
}

export function ActivationRefusedPage({ view }: { view: View }) {
  const { t } = view;
  return (
    <Page view={view} title={t("contacts.refused.title")} tone="good">
      <p>{t("contacts.refused.what")}</p>
      <LinkList links={[{ href: "/", label: t("ui.to-start") }]} />
    </Page>
  );
}
