import { Button, LinkList } from "../../ui/buttons.tsx";
import { Exact, Facts } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import type { View } from "../../ui/view.ts";

/** Behind « Ce n'est pas moi » : what was done, and what the press will do. */
export function NotMePage(props: {
  view: View;
  token: string;
  what:
    | "asked"
    | "added"
    | "replaced"
    | "removed"
    | "staff-added"
    | "staff-replaced"
    | "staff-removed"
    | "staff-approved"
    | "browser-approved";
  /** Null where it is about no contact point. */
  contact: string | null;
  askedAt: number;
  browser: string | null;
  days: number;
}) {
  const { view, token } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("not-me.title")}>
      <p>{t(`not-me.what.${props.what}`, { brand: view.brand.name })}</p>
      <Facts
        rows={[
          ...(props.contact === null
            ? []
            : [{ label: t("not-me.contact"), value: <Exact>{props.contact}</Exact> }]),
          { label: t("mail.asked-at"), value: view.moment(props.askedAt) },
          { label: t("mail.asked-from"), value: props.browser ?? t("mail.browser-unknown") },
        ]}
      />
      <p>{t("not-me.if")}</p>
      <div class="prose">
        <ul>
          <li>{t("not-me.does.freeze", { days: props.days })}</li>
          <li>{t("not-me.does.sign-out")}</li>
          <li>{t("not-me.does.take-back")}</li>
          <li>{t("not-me.does.cancel")}</li>
        </ul>
      </div>
      <Form view={view} action="/account/not-me" fields={{ token }} explainsRequired={false}>
        <Button tone="wrong">{t("not-me.button")}</Button>
      </Form>
      <p>{t("not-me.it-was-me")}</p>
    </Page>
  );
}

/** What was done, and what to do next; it opens nothing to anybody (promise 7). */
export function NotMeDonePage({ view, until }: { view: View; until: number }) {
  const { t } = view;
  return (
    <Page view={view} title={t("not-me.done.title")} tone="good">
      <div class="prose">
        <ul>
          <li>{t("not-me.done.frozen", { moment: view.moment(until) })}</li>
          <li>{t("not-me.done.signed-out")}</li>
          <li>{t("not-me.done.taken-back")}</li>
          <li>{t("not-me.done.cancelled")}</li>
        </ul>
      </div>
      <h2>{t("not-me.next.title")}</h2>
      <p>{t("not-me.next.password")}</p>
      <LinkList links={[{ href: "/forgot-password", label: t("not-me.next.link") }]} />
      <p>{t("not-me.next.ask")}</p>
      <WhomToAsk view={view} />
    </Page>
  );
}

export function SpentNotMePage({
  view,
  condition,
  days,
}: {
  view: View;
  condition: "expired" | "used" | "replaced" | "refused" | "unknown";
  /** How long such a link works. */
  days: number;
}) {
  const { t } = view;
  const words = condition === "used" || condition === "expired" ? condition : "unknown";
  return (
    <Page view={view} title={t(`not-me.spent.${words}.title`)} tone="careful">
      <p>{t(`not-me.spent.${words}.what`, { days })}</p>
      <p>{t("not-me.next.password")}</p>
      <LinkList links={[{ href: "/forgot-password", label: t("not-me.next.link") }]} />
      <p>{t("not-me.next.ask")}</p>
      <WhomToAsk view={view} />
    </Page>
  );
}
