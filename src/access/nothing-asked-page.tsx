import type { ComponentChildren } from "preact";
import { LinkList } from "../ui/buttons.tsx";
import { Page } from "../ui/page.tsx";
import type { View } from "../ui/view.ts";

/** A waiting page in a browser that asked for nothing lately, or refuses cookies. */
export function NothingAskedPage({
  view,
  links,
  children,
}: {
  view: View;
  links: { href: string; label: string }[];
  /** What else can be done with the message. */
  children?: ComponentChildren;
}) {
  const { t } = view;
  return (
    <Page view={view} title={t("registration.nothing.title")}>
      <p>{t("registration.nothing.what")}</p>
      {children}
      <LinkList links={[...links, { href: "/sign-in", label: t("ui.to-sign-in") }]} />
    </Page>
  );
}
