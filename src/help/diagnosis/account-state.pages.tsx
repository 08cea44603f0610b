import type { ComponentChildren } from "preact";
import { ChannelChoice } from "../../access/fields.tsx";
import { NothingAskedPage } from "../../access/nothing-asked-page.tsx";
import type { ChannelKind } from "../../config/preset.ts";
import type { MessageKey } from "../../i18n/translations.ts";
import { Button, LinkList, QuietButton } from "../../ui/buttons.tsx";
import { Exact, Facts, Section, Tag } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { SmsNotReceived } from "../../ui/not-received.tsx";
import { Details, WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { NewLinkForm, SpentLinkPage } from "../../ui/spent-link-page.tsx";
import { EmailField, PhoneField } from "../../ui/text-fields.tsx";
import type { FieldError, Tone, View } from "../../ui/view.ts";
import { WaitingForCode } from "../../ui/waiting-for-code.tsx";
import type { AccountCondition, AccountSeen, MessageSeen, StateSeen } from "./account-state.ts";

const form = "/help/diagnosis/state";

/** « Voir l’état de mon compte »: one form, the same for everybody. */
export function AskStatePage(props: {
  view: View;
  channels: ChannelKind[];
  values: { channel: ChannelKind; email: string; phone: string };
  errors: FieldError[];
}) {
  const { view, channels, values, errors } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("account-state.title")} hasErrors={errors.length > 0}>
      <p>{t("account-state.intro")}</p>
      <Form view={view} action={form} errors={errors}>
        <ChannelChoice view={view} channels={channels} value={values.channel} />
        {channels.map((channel) => (
          <div key={channel} class="by-channel" data-channel={channel}>
            <AddressField view={view} channel={channel} values={values} />
          </div>
        ))}
        <Button>{t("account-state.submit")}</Button>
      </Form>
      <LinkList links={[{ href: "/help/diagnosis", label: t("diagnosis.to-start") }]} />
      <WhomToAsk view={view} />
    </Page>
  );
}

function AddressField(props: { view: View; channel: ChannelKind; values: { email: string; phone: string } }) {
  const { view, channel, values } = props;
  const { t } = view;
  return channel === "email" ? (
    <EmailField view={view} name="email" label={t("registration.email")} value={values.email} required />
  ) : (
    <PhoneField
      view={view}
      name="phone"
      label={t("identifier-recall.phone")}
      hint={t("identifier-recall.phone.hint")}
      value={values.phone}
      required
    />
  );
}

/** After asking: the address as it was typed, the field for the code, and every way to go on. */
export function StateWaitingPage(props: {
  view: View;
  channel: ChannelKind;
  shown: string;
  other: ChannelKind | null;
  resendAt: number;
  now: number;
  errors: FieldError[];
  notReceived: ComponentChildren;
}) {
  const { view, channel, shown, other, errors } = props;
  const { t } = view;
  return (
    <Page view={view} title={t(`recovery.waiting.title.${channel}`)} hasErrors={errors.length > 0}>
      <p>
        {t(`account-state.waiting.sent.${channel}`)} <Exact>{shown}</Exact>
      </p>
      <p>{t(`account-state.waiting.what.${channel}`)}</p>
      <WaitingForCode
        view={view}
        followPath={`${form}/follow`}
        code={{ action: `${form}/code`, submit: t("account-state.submit"), errors }}
        resend={{
          action: `${form}/resend`,
          label: t("registration.waiting.resend"),
          until: props.resendAt,
          now: props.now,
        }}
      >
        {channel === "email" ? (
          props.notReceived
        ) : (
          <SmsNotReceived
            view={view}
            advice={[t("recovery.no-sms.network"), t("identifier-recall.no-sms.number")]}
          />
        )}
      </WaitingForCode>
      <Details summary={t(`identifier-recall.waiting.wrong.${channel}`)}>
        <form class="form" method="post" action={form} novalidate>
          <input type="hidden" name="channel" value={channel} />
          <AddressField view={view} channel={channel} values={{ email: shown, phone: shown }} />
          <QuietButton>{t("identifier-recall.waiting.correct")}</QuietButton>
        </form>
      </Details>
      {other && (
        <LinkList
          links={[{ href: `${form}?channel=${other}`, label: t(`recovery.waiting.other.${other}`) }]}
        />
      )}
      <WhomToAsk view={view} />
    </Page>
  );
}

/** The waiting page in a browser that asked for nothing lately, or refuses cookies. */
export function NoStateAskedPage({ view }: { view: View }) {
  return <NothingAskedPage view={view} links={[{ href: form, label: view.t("account-state.title") }]} />;
}

/** In the browser that asked, once the link was opened elsewhere: what it shows is for that browser. */
export function OpenedElsewherePage({ view }: { view: View }) {
  const { t } = view;
  return (
    <Page view={view} title={t("account-state.elsewhere.title")} tone="good">
      <p>{t("account-state.elsewhere.what")}</p>
      <LinkList
        links={[
          { href: form, label: t("account-state.again") },
          { href: "/sign-in", label: t("ui.to-sign-in") },
        ]}
      />
    </Page>
  );
}

/** Behind the link: nothing is told yet, so that a scanner of mails learns nothing (promise 4). */
export function OpenStatePage(props: { view: View; token: string; askedAt: number; browser: string | null }) {
  const { view, token, askedAt, browser } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("account-state.title")}>
      <p>{t("account-state.open.what")}</p>
      <Facts
        rows={[
          { label: t("mail.asked-at"), value: view.moment(askedAt) },
          { label: t("mail.asked-from"), value: browser ?? t("mail.browser-unknown") },
        ]}
      />
      <Form view={view} action={`${form}/open`} fields={{ token }} explainsRequired={false}>
        <Button>{t("account-state.submit")}</Button>
      </Form>
    </Page>
  );
}

export function SpentStateLinkPage(props: {
  view: View;
  condition: "expired" | "used" | "replaced" | "refused" | "unknown";
  token: string;
}) {
  const { view, token } = props;
  const { t } = view;
  const condition = props.condition === "refused" ? "unknown" : props.condition;
  return (
    <SpentLinkPage
      view={view}
      title={t(`account-state.${condition}.title`)}
      what={t(`account-state.${condition}.what`)}
      links={[
        ...(condition === "unknown" ? [{ href: form, label: t("challenge.new-link") }] : []),
        { href: "/sign-in", label: t("ui.to-sign-in") },
      ]}
    >
      {condition !== "unknown" && <NewLinkForm view={view} action={`${form}/again`} fields={{ token }} />}
    </SpentLinkPage>
  );
}

/** The hour is over, or the address line came from another browser. */
export function StateClosedPage({ view }: { view: View }) {
  const { t } = view;
  return (
    <Page view={view} title={t("account-state.over.title")} tone="careful">
      <p>{t("account-state.over.what")}</p>
      <LinkList
        links={[
          { href: form, label: t("account-state.again") },
          { href: "/help/diagnosis", label: t("diagnosis.to-start") },
        ]}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}

const tones: Record<AccountCondition, Tone> = {
  works: "good",
  locked: "careful",
  invited: "careful",
  "by-letter": "careful",
  unconfirmed: "careful",
  disabled: "wrong",
  closed: "wrong",
};

/** The page that puts it right, for each condition: the first is the one to press. */
const remedies: Record<AccountCondition, { to: string; says: MessageKey }[]> = {
  works: [
    { to: "/sign-in", says: "account-state.do.sign-in" },
    { to: "/forgot-password", says: "account-state.do.reset" },
  ],
  locked: [
    { to: "/unlock", says: "account-state.do.unlock" },
    { to: "/forgot-password", says: "account-state.do.reset" },
  ],
  invited: [{ to: "/activate", says: "account-state.do.activate" }],
  "by-letter": [{ to: "/activate", says: "activation.by-letter" }],
  unconfirmed: [{ to: "/confirm", says: "account-state.do.confirm" }],
  disabled: [{ to: "/contact?symptom=account-not-working", says: "account-state.do.contact" }],
  closed: [{ to: "/contact?symptom=account-not-working", says: "account-state.do.contact" }],
};

/** How the accounts behind one address or number are, each with what puts it right. It can only be read. */
export function StatePage({ view, seen }: { view: View; seen: StateSeen }) {
  const { t } = view;
  return (
    <Page view={view} title={t("account-state.seen.title")} wide>
      <p>
        {t(`account-state.seen.of.${seen.channel}`)} <Exact>{seen.shown}</Exact>
      </p>
      {seen.accounts.length === 0 && <p class="empty">{t("account-state.seen.none")}</p>}
      {seen.accounts.map((account) => (
        <AccountPart key={account.id} view={view} account={account} />
      ))}
      <Section title={t("account-state.messages.title")} id="messages">
        {seen.messages.length === 0 ? (
          <p class="empty">{t("account-state.messages.none")}</p>
        ) : (
          <ul class="items">
            {seen.messages.map((message) => (
              <MessageLine key={message.id} view={view} message={message} />
            ))}
          </ul>
        )}
      </Section>
      <p class="hint">{t("account-state.seen.until", { moment: view.moment(seen.until) })}</p>
      <LinkList
        links={[
          { href: "/help/diagnosis", label: t("diagnosis.to-start") },
          { href: "/contact?symptom=account-not-working", label: t("account-state.do.contact") },
        ]}
      />
    </Page>
  );
}

function AccountPart({ view, account }: { view: View; account: AccountSeen }) {
  const { t } = view;
  const { condition, lockedUntil, identifier } = account;
  const title = account.name ?? t(`identifier-recall.kind.${account.kind}`);
  return (
    <Section title={title}>
      <Facts
        rows={[
          ...(identifier === null
            ? []
            : [{ label: t("mail.identifier"), value: <Exact>{identifier}</Exact> }]),
          { label: t("identifier-recall.kind"), value: t(`identifier-recall.kind.${account.kind}`) },
          {
            label: t("account-state.seen.state"),
            value: <Tag tone={tones[condition]}>{t(`account-state.condition.${condition}`)}</Tag>,
          },
        ]}
      />
      <p>
        {condition === "locked" && lockedUntil !== null
          ? t("account-state.what.locked", { moment: view.moment(lockedUntil) })
          : t(`account-state.what.${condition}` as MessageKey)}
      </p>
      <div class="acts">
        {remedies[condition].map(({ to, says }, index) => (
          <a key={to} class={index === 0 ? "button" : "button is-quiet"} href={to}>
            {t(says)}
            <span class="unseen"> ({title})</span>
          </a>
        ))}
      </div>
    </Section>
  );
}

/** What each message was, by the name it was sent under; a newer or older one is just « un message ». */
const named = [
  "recovery.reset",
  "recovery.done",
  "recovery.unavailable",
  "registration.activate",
  "activation.invite",
  "identifier-recall.list",
  "lockout.locked",
  "contacts.verify",
  "account-state.link",
  "truth.no-account",
  "cases.answer",
] as const;

function MessageLine({ view, message }: { view: View; message: MessageSeen }) {
  const { t } = view;
  const name = named.find((one) => one === message.template) ?? "other";
  return (
    <li>
      <div class="item-words">
        <p class="item-title">{t(`account-state.message.${name}`)}</p>
        <p class="hint">{view.moment(message.queuedAt)}</p>
      </div>
      <Tag tone={toneOfMessage(message)}>{fateOf(view, message)}</Tag>
    </li>
  );
}

function toneOfMessage({ status }: MessageSeen): Tone {
  if (status === "sent" || status === "cancelled") return "good";
  return status === "failed" || status === "given-up" ? "wrong" : "careful";
}

/** What became of it, in words. */
function fateOf({ t, moment }: View, { status, tries, leftAt }: MessageSeen): string {
  switch (status) {
    case "sent":
      return t("account-state.fate.sent", { moment: moment(leftAt ?? 0) });
    case "queued":
    case "sending":
      return t(tries > 0 ? "account-state.fate.retried" : "account-state.fate.waiting");
    case "held":
      return t("account-state.fate.held");
    case "failed":
      return t("account-state.fate.failed");
    case "given-up":
      return t("account-state.fate.given-up");
    case "cancelled":
      return t("account-state.fate.cancelled");
  }
}
