import { Button, LinkList, PressButton } from "../../ui/buttons.tsx";
import { Exact, Facts } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { NotReceived } from "../../ui/not-received.tsx";
import { WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { SpentLinkPage } from "../../ui/spent-link-page.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import { WaitingForCode } from "../../ui/waiting-for-code.tsx";
import { IdentifierField } from "../fields.tsx";

export interface UnlockWaiting {
  resendAt: number;
  now: number;
  sender: { name: string; address: string };
}

/** « Votre compte est verrouillé. »: what happened, until when, and every way out. The same for everybody. */
export function LockedPage(props: {
  view: View;
  identifier: string;
  until: number;
  /** Null in a browser that has not asked: it has no code to type. */
  waiting: UnlockWaiting | null;
  errors: FieldError[];
}) {
  const { view, waiting, errors, identifier } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("lockout.locked")} tone="careful" hasErrors={errors.length > 0}>
      <p>
        {t("lockout.locked.what")} <Exact>{identifier}</Exact>
      </p>
      <p>{t("lockout.locked.until", { moment: view.moment(props.until) })}</p>
      <p>{t("lockout.locked.mail")}</p>
      {waiting ? (
        <CodeAndResend view={view} waiting={waiting} errors={errors} />
      ) : (
        <PressButton
          action="/unlock/ask"
          label={t("lockout.ask.submit")}
          fields={{ identifier }}
          tone="main"
        />
      )}
      <LinkList
        links={[
          {
            href: "/forgot-password",
            label: t("sign-in.forgot-password"),
            hint: t("lockout.locked.recovery"),
          },
          { href: "/sign-in", label: t("ui.to-sign-in") },
        ]}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}

/** After asking for the instructions: the same whether the account exists, is locked, or neither. */
export function UnlockSentPage(props: {
  view: View;
  identifier: string;
  waiting: UnlockWaiting;
  errors: FieldError[];
}) {
  const { view, errors } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("lockout.sent")} hasErrors={errors.length > 0}>
      <p>
        {t("lockout.sent.what")} <Exact>{props.identifier}</Exact>
      </p>
      <p>{t("lockout.sent.next")}</p>
      <CodeAndResend view={view} waiting={props.waiting} errors={errors} />
      <LinkList
        links={[
          { href: "/unlock", label: t("lockout.sent.another") },
          { href: "/sign-in", label: t("ui.to-sign-in") },
        ]}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}

function CodeAndResend({
  view,
  waiting,
  errors,
}: {
  view: View;
  waiting: UnlockWaiting;
  errors: FieldError[];
}) {
  const { t } = view;
  return (
    <WaitingForCode
      view={view}
      followPath="/unlock/follow"
      code={{ action: "/unlock/code", submit: t("lockout.unlock.button"), errors }}
      resend={{
        action: "/unlock/resend",
        label: t("lockout.resend"),
        until: waiting.resendAt,
        now: waiting.now,
      }}
    >
      <NotReceived
        view={view}
        sender={waiting.sender}
        subject={t("lockout.mail.subject", { brand: view.brand.name })}
      />
    </WaitingForCode>
  );
}

/** « Vous n'avez pas reçu les instructions de déverrouillage ? » */
export function AskUnlockPage({
  view,
  identifier,
  errors,
}: {
  view: View;
  identifier: string;
  errors: FieldError[];
}) {
  const { t } = view;
  return (
    <Page view={view} title={t("lockout.not-received")} hasErrors={errors.length > 0}>
      <p>{t("lockout.ask.intro")}</p>
      <Form view={view} action="/unlock/ask" errors={errors}>
        <IdentifierField
          view={view}
          label={t("sign-in.identifier")}
          value={identifier}
          forgot={t("sign-in.forgot-identifier")}
        />
        <Button>{t("lockout.ask.submit")}</Button>
      </Form>
      <WhomToAsk view={view} />
    </Page>
  );
}

/** Behind the link of the mail: one button, so that a mail scanner that follows links unlocks nothing. */
export function UnlockPage(props: {
  view: View;
  token: string;
  identifier: string;
  askedAt: number;
  browser: string | null;
}) {
  const { view, token } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("lockout.unlock.title")}>
      <p>{t("lockout.unlock.what")}</p>
      <Facts
        rows={[
          { label: t("sign-in.identifier"), value: <Exact>{props.identifier}</Exact> },
          { label: t("lockout.mail.at"), value: view.moment(props.askedAt) },
          { label: t("mail.asked-from"), value: props.browser ?? t("mail.browser-unknown") },
        ]}
      />
      <Form view={view} action="/unlock" fields={{ token }} explainsRequired={false}>
        <Button>{t("lockout.unlock.button")}</Button>
      </Form>
      <p>{t("lockout.unlock.not-you")}</p>
      <LinkList links={[{ href: "/forgot-password", label: t("sign-in.forgot-password") }]} />
    </Page>
  );
}

/** A link that serves no more: which way, and a new one in one press (promise 4). */
export function SpentUnlockLinkPage({
  view,
  condition,
  identifier,
}: {
  view: View;
  condition: "expired" | "used" | "replaced" | "refused" | "unknown";
  /** Known only to who holds a link that was once good. */
  identifier: string | null;
}) {
  const { t } = view;
  const shown = condition === "refused" ? "used" : condition;
  return (
    <SpentLinkPage
      view={view}
      title={t(`lockout.${shown}.title`)}
      what={t(`lockout.${shown}.what`)}
      links={[{ href: "/sign-in", label: t("ui.to-sign-in") }]}
    >
      {identifier === null ? (
        <LinkList links={[{ href: "/unlock", label: t("challenge.new-link") }]} />
      ) : (
        <PressButton
          action="/unlock/ask"
          label={t("challenge.new-link")}
          fields={{ identifier }}
          tone="main"
        />
      )}
    </SpentLinkPage>
  );
}
