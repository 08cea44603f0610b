import { Button, LinkList } from "../../ui/buttons.tsx";
import { Radios } from "../../ui/choices.tsx";
import { Form } from "../../ui/form.tsx";
import { Notice } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import type { View } from "../../ui/view.ts";

export type HowMuch = "portal" | "everything";

/** What would be cleared, before anything is; says it when somebody is signed in. */
export function ClearSitePage({ view, signedInAs }: { view: View; signedInAs: string | null }) {
  const { t } = view;
  return (
    <Page view={view} title={t("clear-site.title")}>
      <p>{t("clear-site.what")}</p>
      {signedInAs !== null && (
        <Notice view={view} tone="careful" title={t("clear-site.signed-in", { name: signedInAs })}>
          <p>{t("clear-site.signed-in.what")}</p>
        </Notice>
      )}
      <p>{t("clear-site.codes")}</p>
      <Form
        view={view}
        action="/help/diagnosis/clear"
        fields={signedInAs === null ? {} : { sure: "1" }}
        explainsRequired={false}
      >
        <Radios
          view={view}
          name="how"
          legend={t("clear-site.how")}
          value="portal"
          options={(["portal", "everything"] as const).map((value) => ({
            value,
            label: t(`clear-site.how.${value}`),
            hint: t(`clear-site.how.${value}.hint`),
          }))}
        />
        <Button>{t(signedInAs === null ? "clear-site.submit" : "clear-site.submit.sign-out")}</Button>
      </Form>
      <LinkList links={[{ href: "/help/diagnosis", label: t("diagnosis.to-start") }]} />
    </Page>
  );
}

/** What was cleared, and what next. */
export function ClearedSitePage({ view, how }: { view: View; how: HowMuch }) {
  const { t } = view;
  return (
    <Page view={view} title={t("clear-site.done.title")} tone="good">
      <p>{t(`clear-site.done.${how}`)}</p>
      <p>{t("clear-site.done.next")}</p>
      <p>
        <a class="button" href="/sign-in">
          {t("ui.to-sign-in")}
        </a>
      </p>
      <LinkList
        links={[
          { href: "/help/diagnosis/checks", label: t("diagnosis.to-checks") },
          { href: "/help/diagnosis", label: t("diagnosis.to-start") },
        ]}
      />
    </Page>
  );
}
