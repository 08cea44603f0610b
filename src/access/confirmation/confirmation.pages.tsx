import { Button, LinkList, PressButton } from "../../ui/buttons.tsx";
import { Exact, Facts } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { NewLinkForm, SpentLinkPage } from "../../ui/spent-link-page.tsx";
import { EmailField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";

/** Behind the link of the mail: what is asked, from where, and two buttons as plain as each other. */
export function ConfirmPage(props: {
  view: View;
  token: string;
  email: string;
  name: string;
  askedAt: number;
  browser: string | null;
}) {
  const { view, token } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("confirmation.title")}>
      <p>{t("confirmation.intro", { brand: view.brand.name })}</p>
      <Facts
        rows={[
          { label: t("registration.email"), value: <Exact>{props.email}</Exact> },
          { label: t("registration.name"), value: props.name },
          { label: t("mail.asked-at"), value: view.moment(props.askedAt) },
          { label: t("mail.asked-from"), value: props.browser ?? t("mail.browser-unknown") },
        ]}
      />
      <Form view={view} action="/confirm" fields={{ token }} explainsRequired={false}>
        <Button>{t("registration.activate.button")}</Button>
      </Form>
      <p>{t("confirmation.refuse.what")}</p>
      <PressButton
        action="/confirm/refuse"
        label={t("confirmation.refuse.button")}
        fields={{ token }}
        tone="wrong"
      />
    </Page>
  );
}

/** « Vous n'avez pas reçu les instructions de confirmation ? » */
export function AskAgainPage({ view, email, errors }: { view: View; email: string; errors: FieldError[] }) {
  const { t } = view;
  return (
    <Page view={view} title={t("confirmation.not-received")} hasErrors={errors.length > 0}>
      <p>{t("confirmation.ask-again.intro")}</p>
      <Form view={view} action="/confirm/again" errors={errors}>
        <EmailField view={view} name="email" label={t("registration.email")} value={email} required />
        <Button>{t("confirmation.ask-again.submit")}</Button>
      </Form>
      <WhomToAsk view={view} />
    </Page>
  );
}

/** A link that serves no more: which way, and a new one in one press (promise 4). */
export function SpentConfirmLinkPage({
  view,
  condition,
  email,
}: {
  view: View;
  condition: "expired" | "used" | "replaced" | "refused" | "unknown";
  /** Known only to who holds a link that was once good. */
  email: string | null;
}) {
  const { t } = view;
  const canAskAgain = condition === "expired" || condition === "replaced" || condition === "unknown";
  return (
    <SpentLinkPage
      view={view}
      title={t(`confirmation.${condition}.title`)}
      what={t(`confirmation.${condition}.what`)}
      links={[
        ...(canAskAgain && email === null ? [{ href: "/confirm", label: t("challenge.new-link") }] : []),
        { href: "/sign-in", label: t("ui.to-sign-in") },
      ]}
    >
      {canAskAgain && email !== null && (
        <NewLinkForm view={view} action="/confirm/again" fields={{ email }} />
      )}
    </SpentLinkPage>
  );
}

export function RefusedPage({ view }: { view: View }) {
  const { t } = view;
  return (
    <Page view={view} title={t("confirmation.refused.done")} tone="good">
      <p>{t("confirmation.refused.what")}</p>
      <LinkList links={[{ href: "/", label: t("ui.to-start") }]} />
    </Page>
  );
}
