import type { ComponentChildren } from "preact";
import type { ChannelKind, Kind } from "../../config/preset.ts";
import { Button, LinkList, QuietButton } from "../../ui/buttons.tsx";
import { Radios } from "../../ui/choices.tsx";
import { Countdown } from "../../ui/countdown.tsx";
import { Exact } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { SmsNotReceived } from "../../ui/not-received.tsx";
import { Details, WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { EmailField, PhoneField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import { ChannelChoice } from "../fields.tsx";
import { NothingAskedPage } from "../nothing-asked-page.tsx";

export interface RecallValues {
  kind: Kind | null;
  channel: ChannelKind;
  email: string;
  phone: string;
}

/** « Identifiant oublié ? ». Only the field of the chosen channel shows, where the style sheet can tell. */
export function ForgotIdentifierPage(props: {
  view: View;
  kinds: Kind[];
  channels: ChannelKind[];
  isEmailIdentifier: boolean;
  values: RecallValues;
  errors: FieldError[];
}) {
  const { view, kinds, channels, values, errors } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("identifier-recall.title")} hasErrors={errors.length > 0}>
      <p>
        {t(
          props.isEmailIdentifier ? "identifier-recall.intro.email-is-identifier" : "identifier-recall.intro",
        )}
      </p>
      <Form view={view} action="/forgot-identifier" errors={errors}>
        {kinds.length > 0 && (
          <Radios
            view={view}
            name="kind"
            legend={t("identifier-recall.kind")}
            options={kinds.map((kind) => ({ value: kind, label: t(`identifier-recall.kind.${kind}`) }))}
            value={values.kind ?? undefined}
          />
        )}
        <ChannelChoice view={view} channels={channels} value={values.channel} />
        {channels.map((channel) => (
          <div key={channel} class="by-channel" data-channel={channel}>
            <AddressField view={view} channel={channel} value={values} />
          </div>
        ))}
        <Button>{t("identifier-recall.submit")}</Button>
      </Form>
      <LinkList links={[{ href: "/sign-in", label: t("ui.to-sign-in") }]} />
      <WhomToAsk view={view} />
    </Page>
  );
}

function AddressField({
  view,
  channel,
  value,
}: {
  view: View;
  channel: ChannelKind;
  value: { email: string; phone: string };
}) {
  const { t } = view;
  return channel === "email" ? (
    <EmailField view={view} name="email" label={t("registration.email")} value={value.email} required />
  ) : (
    <PhoneField
      view={view}
      name="phone"
      label={t("identifier-recall.phone")}
      hint={t("identifier-recall.phone.hint")}
      value={value.phone}
      required
    />
  );
}

/** After asking: the address as it was typed, what to look for, and every way to go on. */
export function RecallWaitingPage(props: {
  view: View;
  channel: ChannelKind;
  shown: string;
  other: ChannelKind | null;
  resendAt: number;
  now: number;
  notReceived: ComponentChildren;
}) {
  const { view, channel, shown, other } = props;
  const { t } = view;
  return (
    <Page view={view} title={t(`recovery.waiting.title.${channel}`)}>
      <p>
        {t(`identifier-recall.waiting.sent.${channel}`)} <Exact>{shown}</Exact>
      </p>
      <p>{t(`identifier-recall.waiting.what.${channel}`)}</p>
      <LinkList links={[{ href: "/sign-in", label: t("ui.to-sign-in") }]} />
      {channel === "email" ? (
        props.notReceived
      ) : (
        <SmsNotReceived
          view={view}
          advice={[t("recovery.no-sms.network"), t("identifier-recall.no-sms.number")]}
        />
      )}
      <Countdown
        view={view}
        until={props.resendAt}
        now={props.now}
        action="/forgot-identifier/resend"
        label={t("registration.waiting.resend")}
      />
      <Details summary={t(`identifier-recall.waiting.wrong.${channel}`)}>
        <Form view={view} action="/forgot-identifier" fields={{ channel }} explainsRequired={false}>
          <AddressField view={view} channel={channel} value={{ email: shown, phone: shown }} />
          <QuietButton>{t("identifier-recall.waiting.correct")}</QuietButton>
        </Form>
      </Details>
      {other && (
        <LinkList
          links={[
            {
              href: `/forgot-identifier?channel=${other}`,
              label: t(`recovery.waiting.other.${other}`),
            },
          ]}
        />
      )}
      <WhomToAsk view={view} />
    </Page>
  );
}

/** The waiting page in a browser that asked for nothing lately, or refuses cookies. */
export function NothingRecalledPage({ view }: { view: View }) {
  const { t } = view;
  return (
    <NothingAskedPage
      view={view}
      links={[{ href: "/forgot-identifier", label: t("identifier-recall.title") }]}
    />
  );
}
