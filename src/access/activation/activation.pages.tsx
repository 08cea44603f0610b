import { Button, LinkList } from "../../ui/buttons.tsx";
import { Form } from "../../ui/form.tsx";
import { WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { View } from "../../ui/view.ts";

/** Without a link: how an account is activated, and the invitation once more. */
export function AskInvitationPage({
  view,
  identifierKind,
}: {
  view: View;
  identifierKind: "username" | "email" | "username-or-email";
}) {
  const { t } = view;
  return (
    <Page view={view} title={t("activation.title")}>
      <p>{t("activation.intro")}</p>
      <p>{t("activation.again.intro")}</p>
      {/* The same request as for a forgotten password: the worker sees what the account needs. */}
      <Form view={view} action="/forgot-password">
        <TextField
          view={view}
          name="identifier"
          label={t("recovery.identifier")}
          hint={t(`recovery.identifier.hint.${identifierKind}`)}
          autocomplete="username"
          aside={{ href: "/forgot-identifier", label: t("identifier-recall.title") }}
          required
        />
        <Button>{t("activation.again.submit")}</Button>
      </Form>
      <LinkList
        links={[
          { href: "/confirm", label: t("confirmation.not-received") },
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
    <Page view={view} title={t(`activation.${condition}.title`)} tone="careful">
      <p>{t(`activation.${condition}.what`)}</p>
      {(condition === "expired" || condition === "replaced") && (
        <Form view={view} action="/activate/again" fields={{ token }} explainsRequired={false}>
          <Button>{t("challenge.new-link")}</Button>
        </Form>
      )}
      <LinkList
        links={[
          ...(condition === "unknown" ? [{ href: "/activate", label: t("challenge.new-link") }] : []),
          ...(condition === "used" ? [{ href: "/forgot-password", label: t("recovery.title") }] : []),
          { href: "/sign-in", label: t("ui.to-sign-in") },
        ]}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}
