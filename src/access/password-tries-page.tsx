import { LinkList } from "../ui/buttons.tsx";
import { WhomToAsk } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import type { View } from "../ui/view.ts";

/** A password was asked too often: until when, and where to go on. */
export function PasswordTriesPage({
  view,
  until,
  next,
  links,
}: {
  view: View;
  until: number;
  /** The way that needs no password, where there is one. */
  next?: string;
  links: { href: string; label: string }[];
}) {
  const { t } = view;
  return (
    <Page view={view} title={t("password-again.too-many.title")} tone="careful">
      <p>{t("password-again.too-many.what")}</p>
      <p>{t("wait.until", { moment: view.moment(until) })}</p>
      {next && <p>{next}</p>}
      <LinkList links={links} />
      <WhomToAsk view={view} />
    </Page>
  );
}
