import type { ComponentChildren } from "preact";
import type { ChannelKind, Kind } from "../../config/preset.ts";
import { Button, LinkList, QuietButton } from "../../ui/buttons.tsx";
import { Radios } from "../../ui/choices.tsx";
import { Countdown } from "../../ui/countdown.tsx";
import { Exact, Section } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { Details, WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";

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
        {channels.length > 1 && (
          <Radios
            view={view}
            name="channel"
            legend={t("recovery.channel")}
            options={channels.map((channel) => ({ value: channel, label: t(`recovery.channel.${channel}`) }))}
            value={values.channel}
          />
        )}
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
    <TextField
      view={view}
      name="email"
      type="email"
      inputMode="email"
      label={t("registration.email")}
      autocomplete="email"
      value={value.email}
      required
    />
  ) : (
    <TextField
      view={view}
      name="phone"
      type="tel"
      inputMode="tel"
      label={t("identifier-recall.phone")}
      hint={t("identifier-recall.phone.hint")}
      autocomplete="tel"
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
        <Section title={t("not-received.title")}>
          <ul>
            <li>{t("recovery.no-sms.network")}</li>
            <li>{t("identifier-recall.no-sms.number")}</li>
          </ul>
        </Section>
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
    <Page view={view} title={t("registration.nothing.title")}>
      <p>{t("registration.nothing.what")}</p>
      <LinkList
        links={[
          { href: "/forgot-identifier", label: t("identifier-recall.title") },
          { href: "/sign-in", label: t("ui.to-sign-in") },
        ]}
      />
    </Page>
  );
}
