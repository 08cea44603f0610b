import type { ComponentChildren } from "preact";
import type { ChannelKind } from "../../config/preset.ts";
import { Button, LinkList, PressButton } from "../../ui/buttons.tsx";
import { Form } from "../../ui/form.tsx";
import { SmsNotReceived } from "../../ui/not-received.tsx";
import { WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import type { PasswordRules } from "../../ui/password-field.tsx";
import { NewLinkForm, SpentLinkPage } from "../../ui/spent-link-page.tsx";
import { type StatusNotice, StatusNotices } from "../../ui/status-notices.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import { WaitingForCode } from "../../ui/waiting-for-code.tsx";
import { ChannelChoice, IdentifierField, NewPasswordField } from "../fields.tsx";
import { NothingAskedPage } from "../nothing-asked-page.tsx";

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
        <IdentifierField
          view={view}
          label={t("recovery.identifier")}
          hint={t(`recovery.identifier.hint.${props.identifierKind}`)}
          value={values.identifier}
          forgot={t("identifier-recall.title")}
        />
        <ChannelChoice view={view} channels={channels} value={values.channel} />
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
  /** Read out to staff on the telephone, who approve this browser by it; null where nobody could. */
  pairingNumber: string | null;
  /** What concerns everybody now, such as mails that leave late. */
  notices: StatusNotice[];
}) {
  const { view, channel, other, errors, pairingNumber } = props;
  const { t } = view;
  return (
    <Page view={view} title={t(`recovery.waiting.title.${channel}`)} hasErrors={errors.length > 0}>
      <StatusNotices view={view} notices={props.notices} />
      <p>{t(`recovery.waiting.sent.${channel}`)}</p>
      <p>{t("recovery.waiting.what")}</p>
      <WaitingForCode
        view={view}
        followPath="/forgot-password/follow"
        code={{ action: "/forgot-password/code", submit: t("recovery.waiting.go-on"), errors }}
        resend={{
          action: "/forgot-password/resend",
          label: t("registration.waiting.resend"),
          until: props.resendAt,
          now: props.now,
        }}
      >
        {channel === "sms" ? <NoSms view={view} hasEmail={other !== null} /> : props.notReceived}
        {other && (
          <PressButton
            action="/forgot-password/other"
            label={t(`recovery.waiting.other.${other}`)}
            fields={{ channel: other }}
          />
        )}
      </WaitingForCode>
      {pairingNumber !== null && <PairingNumber view={view} number={pairingNumber} />}
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

/** The same for everybody, account or not: a number that says nothing, and opens nothing by itself (promise 7). */
function PairingNumber({ view, number }: { view: View; number: string }) {
  const { t } = view;
  return (
    <section class="pairing" aria-labelledby="pairing-title">
      <h2 id="pairing-title">{t("recovery.pairing.title")}</h2>
      <p>
        {t("recovery.pairing.give")} <bdi class="pairing-number">{inGroupsOfThree(number)}</bdi>
      </p>
      <p class="hint">{t("recovery.pairing.never-the-code")}</p>
    </section>
  );
}

// A space that does not break: read out as two numbers of three digits, copied as one.
const inGroupsOfThree = (number: string) => number.replaceAll(/(?<=\d)(?=(?:\d{3})+$)/g, "\u202f");

function NoSms({ view, hasEmail }: { view: View; hasEmail: boolean }) {
  const { t } = view;
  return (
    <SmsNotReceived
      view={view}
      advice={[
        t("recovery.no-sms.network"),
        ...(hasEmail ? [t("recovery.no-sms.email")] : []),
        t("recovery.no-sms.number"),
      ]}
    />
  );
}

/** The waiting page in a browser that asked for nothing lately, or refuses cookies. */
export function NoRecoveryWaitingPage({ view }: { view: View }) {
  const { t } = view;
  return (
    <NothingAskedPage view={view} links={[{ href: "/forgot-password", label: t("recovery.title") }]}>
      <p>{t("registration.nothing.next")}</p>
    </NothingAskedPage>
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
        <NewPasswordField
          view={view}
          name="password"
          label={t("recovery.password")}
          username={props.identifier}
          rules={props.rules}
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
    <SpentLinkPage
      view={view}
      title={t(`recovery.${condition}.title`)}
      what={t(`recovery.${condition}.what`)}
      links={[
        ...(token === null && condition !== "unavailable"
          ? [{ href: "/forgot-password", label: t("challenge.new-link") }]
          : []),
        { href: "/sign-in", label: t("ui.to-sign-in") },
      ]}
    >
      {canAskAgain && (
        <NewLinkForm view={view} action="/forgot-password/again" fields={token === "" ? {} : { token }} />
      )}
    </SpentLinkPage>
  );
}
