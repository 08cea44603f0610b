import type { View } from "../../ui/view.ts";
import { PasswordTriesPage } from "../password-tries-page.tsx";

/** The password of somebody signed in was asked again too often: until when, and the way that needs none. */
export function PasswordAgainTriesPage({ view, until }: { view: View; until: number }) {
  const { t } = view;
  return (
    <PasswordTriesPage
      view={view}
      until={until}
      next={t("password-again.too-many.next")}
      links={[
        { href: "/forgot-password", label: t("password-again.forgot") },
        { href: "/account", label: t("contacts.back") },
      ]}
    />
  );
}
