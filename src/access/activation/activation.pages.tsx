import { Button, LinkList } from "../../ui/buttons.tsx";
import { Form } from "../../ui/form.tsx";
import { WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { NewLinkForm, SpentLinkPage } from "../../ui/spent-link-page.tsx";
import type { View } from "../../ui/view.ts";
import { IdentifierField } from "../fields.tsx";

/** Without a link: how an account is activated, and the invitation once more. */
export function AskInvitationPage({
  view,
  identifierKind,
  isSignUpOpen,
}: {
  view: View;
  identifierKind: "username" | "email" | "username-or-email";
  /** Whether there are accounts that their own people began, and confirm. */
  isSignUpOpen: boolean;
}) {
  const { t } = view;
  return (
    <Page view={view} title={t("activation.title")}>
      <p>{t("activation.intro")}</p>
      <p>{t("activation.again.intro")}</p>
      {/* The same request as for a forgotten password: the worker sees what the account needs. */}
      <Form view={view} action="/forgot-password">
        <IdentifierField
          view={view}
          label={t("recovery.identifier")}
          hint={t(`recovery.identifier.hint.${identifierKind}`)}
          forgot={t("identifier-recall.title")}
        />
        <Button>{t("activation.again.submit")}</Button>
      </Form>
      <LinkList
        links={[
          ...(isSignUpOpen ? [{ href: "/confirm", label: t("confirmation.not-received") }] : []),
          { href: "/sign-in", label: t("ui.to-sign-in") },
        ]}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}

/** An invitation that serves no more: which way, and a new one in one press (promise 4). */
export function SpentInvitationPage({
  view,
  condition,
  token,
}: {
  view: View;
  condition: "expired" | "used" | "replaced" | "unknown";
  token: string;
}) {
  const { t } = view;
  return (
    <SpentLinkPage
      view={view}
      title={t(`activation.${condition}.title`)}
      what={t(`activation.${condition}.what`)}
      links={[
        ...(condition === "unknown" ? [{ href: "/activate", label: t("challenge.new-link") }] : []),
        ...(condition === "used" ? [{ href: "/forgot-password", label: t("recovery.title") }] : []),
        { href: "/sign-in", label: t("ui.to-sign-in") },
      ]}
    >
      {(condition === "expired" || condition === "replaced") && (
        <NewLinkForm view={view} action="/activate/again" fields={{ token }} />
      )}
    </SpentLinkPage>
  );
}
