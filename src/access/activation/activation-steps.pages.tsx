import type { ComponentChildren } from "preact";
import type { ContactChannel } from "../../accounts/accounts.ts";
import { Button, LinkList, PressButton } from "../../ui/buttons.tsx";
import { Exact, Facts } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { SmsNotReceived } from "../../ui/not-received.tsx";
import { Details, WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import type { PasswordRules } from "../../ui/password-field.tsx";
import { NewLinkForm, SpentLinkPage } from "../../ui/spent-link-page.tsx";
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
      <StopButton view={view} />
      <WhomToAsk view={view} />
    </Page>
  );
}

/** For whoever sits where somebody else began: this browser forgets it. */
function StopButton({ view }: { view: View }) {
  return <PressButton action="/activate/stop" label={view.t("activation.stop")} />;
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
  /** A pupil may well have none; of others, whoever looks for a way without is shown one. */
  isPupil: boolean;
  /** Whether several accounts may share one address. */
  sharesEmail: boolean;
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
      {props.isPupil ? (
        <>
          <p>{t("activation.later.what")}</p>
          <PressButton action="/activate/later" label={t("activation.later")} />
        </>
      ) : (
        <Details summary={t("activation.contact.none")}>
          {props.sharesEmail && <p>{t("activation.contact.none.shared")}</p>}
          <p>{t("activation.contact.none.what")}</p>
          <PressButton action="/activate/later" label={t("activation.contact.none.go-on")} />
        </Details>
      )}
      <StopButton view={view} />
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
  isPupil: boolean;
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
      {props.isPupil && <PressButton action="/activate/later" label={t("activation.later")} />}
      <LinkList links={[{ href: "/activate/contact", label: t("activation.contact.other") }]} />
      <StopButton view={view} />
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

/** A link of such a message that serves no more: which way, and what now (promise 4). */
export function SpentContactLinkPage(props: {
  view: View;
  condition: "expired" | "used" | "replaced" | "refused" | "unknown";
  /** Whether the browser that began has it open, and may have the message sent again. */
  mayResend: boolean;
}) {
  const { view, condition } = props;
  const { t } = view;
  const [title, what] = spentContactLink[condition];
  return (
    <SpentLinkPage
      view={view}
      title={t(title)}
      what={t(what)}
      links={[
        condition === "used"
          ? { href: "/forgot-password", label: t("recovery.title") }
          : { href: "/activate", label: t("activation.letter.again") },
        { href: "/sign-in", label: t("ui.to-sign-in") },
      ]}
    >
      {props.mayResend && <NewLinkForm view={view} action="/activate/contact/resend" fields={{}} />}
    </SpentLinkPage>
  );
}

const spentContactLink = {
  expired: ["activation.expired.title", "activation.contact.link.expired"],
  used: ["activation.used.title", "activation.used.what"],
  replaced: ["activation.replaced.title", "activation.contact.link.replaced"],
  refused: ["contacts.refused.title", "contacts.refused.what"],
  unknown: ["activation.unknown.title", "activation.unknown.what"],
} as const;

export function ActivationRefusedPage({ view }: { view: View }) {
  const { t } = view;
  return (
    <Page view={view} title={t("contacts.refused.title")} tone="good">
      <p>{t("contacts.refused.what")}</p>
      <LinkList links={[{ href: "/", label: t("ui.to-start") }]} />
    </Page>
  );
}
