import type { ComponentChildren } from "preact";
import type { ContactChannel } from "../../accounts/accounts.ts";
import { Button, LinkList, PressButton } from "../../ui/buttons.tsx";
import { Exact, Facts, ItemList } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { NewLinkForm, SpentLinkPage } from "../../ui/spent-link-page.tsx";
import { EmailField, PhoneField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import { WaitingForCode } from "../../ui/waiting-for-code.tsx";
import { PasswordAgainField } from "../fields.tsx";

/** Which kinds of contact point can be added here. */
export function AddContactPage({ view }: { view: View }) {
  const { t } = view;
  return (
    <Page view={view} title={t("contacts.add.title")}>
      <p>{t("contacts.add.which")}</p>
      <LinkList
        links={[
          { href: "/account/contacts/add/email", label: t("contacts.add.email") },
          { href: "/account/contacts/add/mobile", label: t("contacts.add.sms") },
          { href: "/account", label: t("contacts.back") },
        ]}
      />
    </Page>
  );
}

/** A new address or number, or a better one in the place of `corrected`; the password is asked again. */
export function ContactFormPage(props: {
  view: View;
  action: string;
  channel: ContactChannel;
  corrected: string | null;
  typed: string;
  identifier: string;
  errors: FieldError[];
}) {
  const { view, channel, corrected } = props;
  const { t } = view;
  const ContactField = channel === "email" ? EmailField : PhoneField;
  const title = t(corrected === null ? `contacts.add.${channel}` : `contacts.correct.${channel}`);
  return (
    <Page view={view} title={title} hasErrors={props.errors.length > 0}>
      {corrected !== null && (
        <p>
          {t("contacts.correct.old")} <Exact>{corrected}</Exact>
        </p>
      )}
      <p>{t(`contacts.form.${channel}`)}</p>
      <Form view={view} action={props.action} errors={props.errors}>
        <ContactField
          view={view}
          name="contact"
          label={t(`contacts.field.${channel}`)}
          hint={t(`contacts.field.${channel}.hint`)}
          value={props.typed}
          required
        />
        <PasswordAgainField view={view} identifier={props.identifier} hint={t("password-again.hint")} />
        <Button>{t("contacts.form.submit")}</Button>
      </Form>
      <LinkList links={[{ href: "/account", label: t("contacts.back") }]} />
    </Page>
  );
}

/** After asking: what was sent where, its code, and what to do if nothing comes (promise 1). */
export function ContactWaitingPage(props: {
  view: View;
  channel: ContactChannel;
  contact: string;
  resendAt: number;
  now: number;
  errors: FieldError[];
  /** What to look for when an e-mail does not come. */
  notReceived: ComponentChildren;
}) {
  const { view, channel } = props;
  const { t } = view;
  return (
    <Page view={view} title={t(`contacts.waiting.title.${channel}`)} hasErrors={props.errors.length > 0}>
      <p>
        {t("contacts.waiting.sent")} <Exact>{props.contact}</Exact>
      </p>
      <p>{t("contacts.waiting.what")}</p>
      <WaitingForCode
        view={view}
        followPath="/account/contacts/follow"
        code={{ action: "/account/contacts/code", submit: t("contacts.prove.button"), errors: props.errors }}
        resend={{
          action: "/account/contacts/resend",
          label: t("contacts.waiting.resend"),
          until: props.resendAt,
          now: props.now,
        }}
      >
        {channel === "email" ? props.notReceived : <p>{t("contacts.waiting.no-sms")}</p>}
      </WaitingForCode>
      <LinkList links={[{ href: "/account", label: t("contacts.waiting.wrong") }]} />
      <WhomToAsk view={view} />
    </Page>
  );
}

/** Nothing is expected in this browser. */
export function NoContactWaitingPage({ view }: { view: View }) {
  const { t } = view;
  return (
    <Page view={view} title={t("contacts.nothing.title")}>
      <p>{t("contacts.nothing.what")}</p>
      <LinkList links={[{ href: "/account", label: t("contacts.back") }]} />
    </Page>
  );
}

export function RemoveContactPage(props: {
  view: View;
  id: string;
  contact: string;
  identifier: string;
  errors: FieldError[];
}) {
  const { view } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("contacts.remove.title")} hasErrors={props.errors.length > 0}>
      <p>
        {t("contacts.remove.which")} <Exact>{props.contact}</Exact>
      </p>
      <p>{t("contacts.remove.what")}</p>
      <Form view={view} action={`/account/contacts/${props.id}/remove`} errors={props.errors}>
        <PasswordAgainField view={view} identifier={props.identifier} hint={t("password-again.hint")} />
        <Button tone="wrong">{t("contacts.remove.button")}</Button>
      </Form>
      <LinkList links={[{ href: "/account", label: t("contacts.back") }]} />
    </Page>
  );
}

/** The only one, or the only proved one: it stays until another can take its place. */
export function LastContactPage({ view, id, contact }: { view: View; id: string; contact: string }) {
  const { t } = view;
  return (
    <Page view={view} title={t("contacts.last.title")} tone="careful">
      <p>
        <Exact>{contact}</Exact>
      </p>
      <p>{t("contacts.last.what")}</p>
      <LinkList
        links={[
          { href: "/account/contacts/add", label: t("contacts.add.title") },
          { href: `/account/contacts/${id}/correct`, label: t("contacts.last.correct") },
          { href: "/account", label: t("contacts.back") },
        ]}
      />
    </Page>
  );
}

/** Contact changes are frozen: since when nobody says, until when is told. */
export function FrozenContactsPage({ view, until }: { view: View; until: number }) {
  const { t } = view;
  return (
    <Page view={view} title={t("contacts.frozen.title")} tone="careful">
      <p>{t("contacts.frozen.until", { moment: view.moment(until) })}</p>
      <p>{t("contacts.frozen.what")}</p>
      <LinkList links={[{ href: "/account", label: t("contacts.back") }]} />
      <WhomToAsk view={view} />
    </Page>
  );
}

/** Behind the link of the message: what is asked, from where, and two buttons as plain as each other. */
export function ProveContactPage(props: {
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
      <p>{t(`contacts.prove.what.${channel}`, { brand: view.brand.name })}</p>
      <Facts
        rows={[
          { label: t(`contacts.field.${channel}`), value: <Exact>{props.contact}</Exact> },
          { label: t("mail.asked-at"), value: view.moment(props.askedAt) },
          { label: t("mail.asked-from"), value: props.browser ?? t("mail.browser-unknown") },
        ]}
      />
      <Form view={view} action="/account/contacts/prove" fields={{ token }} explainsRequired={false}>
        <Button>{t("contacts.prove.button")}</Button>
      </Form>
      <p>{t("contacts.prove.not-you")}</p>
      <PressButton
        action="/account/contacts/refuse"
        label={t("contacts.refuse.button")}
        fields={{ token }}
        tone="wrong"
      />
    </Page>
  );
}

/** Proved in a browser that is not signed in to the account: nothing else opens here. */
export function ContactProvedPage({ view, contact }: { view: View; contact: string }) {
  const { t } = view;
  return (
    <Page view={view} title={t("contacts.proved.title")} tone="good">
      <p>
        <Exact>{contact}</Exact>
      </p>
      <p>{t("contacts.proved.what")}</p>
      <LinkList links={[{ href: "/account", label: t("contacts.proved.account") }]} />
    </Page>
  );
}

export function ContactRefusedPage({ view }: { view: View }) {
  const { t } = view;
  return (
    <Page view={view} title={t("contacts.refused.title")} tone="good">
      <p>{t("contacts.refused.what")}</p>
      <LinkList links={[{ href: "/", label: t("ui.to-start") }]} />
    </Page>
  );
}

/** A link that serves no more: which way, and a new one in one press (promise 4). */
export function SpentContactLinkPage({
  view,
  condition,
  token,
}: {
  view: View;
  condition: "expired" | "used" | "replaced" | "refused" | "unknown";
  token: string;
}) {
  const { t } = view;
  return (
    <SpentLinkPage
      view={view}
      title={t(`contacts.spent.${condition}.title`)}
      what={t(`contacts.spent.${condition}.what`)}
      links={[{ href: "/account", label: t("contacts.proved.account") }]}
    >
      {condition === "expired" && (
        <NewLinkForm view={view} action="/account/contacts/again" fields={{ token }} />
      )}
    </SpentLinkPage>
  );
}

/** Proved, and yet it cannot serve: whoever holds the mailbox may know why. */
export function CannotServePage({ view, reason }: { view: View; reason: "taken" | "gone" }) {
  const { t } = view;
  return (
    <Page view={view} title={t(`contacts.${reason}.title`)} tone="careful">
      <p>{t(`contacts.${reason}.what`)}</p>
      <p>{t(`contacts.${reason}.next`)}</p>
      <LinkList
        links={[
          { href: "/account", label: t("contacts.proved.account") },
          { href: "/forgot-password", label: t("password-again.forgot") },
        ]}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}

/** After a sign-in: is this still right? Asked once a week at most, and never in the way for long. */
export function CheckContactsPage(props: {
  view: View;
  contacts: { id: string; shown: string; line: string }[];
  goOn: string;
}) {
  const { view } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("contacts.check.title")}>
      <p>{t("contacts.check.why")}</p>
      <ItemList
        empty={t("contacts.check.none")}
        items={props.contacts.map(({ id, shown, line }) => ({
          key: id,
          title: <Exact>{shown}</Exact>,
          lines: [line],
          acts: (
            <>
              <PressButton
                action={`/account/contacts/${id}/verify`}
                label={t("contacts.check.yes")}
                about={shown}
              />
              <a href={`/account/contacts/${id}/correct`}>
                {t("contacts.check.correct")} <span class="unseen">{shown}</span>
              </a>
            </>
          ),
        }))}
      />
      <LinkList links={[{ href: props.goOn, label: t("contacts.check.later") }]} />
      <WhomToAsk view={view} />
    </Page>
  );
}
