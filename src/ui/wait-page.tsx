import { LinkList } from "./buttons.tsx";
import { WhomToAsk } from "./notices.tsx";
import { Page } from "./page.tsx";
import type { View } from "./view.ts";

/** Too early, or too often: until when, and what to do meanwhile. */
export function WaitPage({
  view,
  title,
  until,
  back,
}: {
  view: View;
  title: string;
  until: number;
  back: string;
}) {
  const { t } = view;
  return (
    <Page view={view} title={title} tone="careful">
      <p>{t("wait.until", { moment: view.moment(until) })}</p>
      <p>{t("wait.meanwhile")}</p>
      <LinkList links={[{ href: back, label: t("wait.back") }]} />
      <WhomToAsk view={view} />
    </Page>
  );
}
