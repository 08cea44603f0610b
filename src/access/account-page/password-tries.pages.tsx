import { LinkList } from "../../ui/buttons.tsx";
import { WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import type { View } from "../../ui/view.ts";

/** The password was asked again too often: until when, and the way that needs no password. */
export function PasswordTriesPage({ view, until }: { view: View; until: number }) {
  const { t } = view;
  return (
    <Page view={view} title={t("password-again.too-many.title")} tone="careful">
      <p>{t("password-again.too-many.what")}</p>
      <p>{t("wait.until", { moment: view.moment(until) })}</p>
      <p>{t("password-again.too-many.next")}</p>
      <LinkList
        links={[
          { href: "/forgot-password", label: t("password-again.forgot") },
          { href: "/account", label: t("contacts.back") },
        ]}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}
