import { Button, LinkList } from "../../ui/buttons.tsx";
import { Form } from "../../ui/form.tsx";
import { WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { SpentLinkPage } from "../../ui/spent-link-page.tsx";
import { CodeField, TextField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";

/** What a letter shows: identifier and code. The other ways to begin stand below. */
export function LetterPage(props: {
  view: View;
  typed: { identifier: string; code: string };
  /** Whether guardians may begin with their mobile number. */
  offersMobile: boolean;
  errors: FieldError[];
}) {
  const { view, typed, errors } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("activation.title")} hasErrors={errors.length > 0}>
      <p>{t("activation.letter.intro")}</p>
      <Form view={view} action="/activate/letter" errors={errors}>
        <TextField
          view={view}
          name="identifier"
          label={t("activation.letter.identifier")}
          autocomplete="username"
          value={typed.identifier}
          required
        />
        <CodeField
          view={view}
          name="code"
          label={t("activation.letter.code")}
          hint={t("activation.letter.code.hint")}
          value={typed.code}
          letters
          required
        />
        <Button>{t("activation.go-on")}</Button>
      </Form>
      <LinkList
        label={t("activation.other-ways")}
        links={[
          ...(props.offersMobile
            ? [
                {
                  href: "/activate/mobile",
                  label: t("activation.by-mobile"),
                  hint: t("activation.by-mobile.hint"),
                },
              ]
            : []),
          { href: "/activate/invitation", label: t("activation.by-invitation") },
          { href: "/sign-in", label: t("ui.to-sign-in") },
        ]}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}

/** Why what a letter began leads nowhere; `closed`: the account was closed or disabled. */
export type SpentLetter = "expired" | "replaced" | "used" | "closed";

/** A code that was right, and serves no more: which way, and what now. */
export function SpentLetterPage({ view, why }: { view: View; why: SpentLetter }) {
  const { t } = view;
  return (
    <SpentLinkPage
      view={view}
      title={t(`activation.letter.${why}.title`)}
      what={t(`activation.letter.${why}.what`)}
      links={[
        ...(why === "used" ? [{ href: "/forgot-password", label: t("recovery.title") }] : []),
        ...(why === "expired" || why === "replaced"
          ? [{ href: "/activate", label: t("activation.letter.again") }]
          : []),
        { href: "/sign-in", label: t("ui.to-sign-in") },
      ]}
    />
  );
}

/** A page in the middle, in a browser that began nothing or waited too long. */
export function NothingBegunPage({ view, offersMobile }: { view: View; offersMobile: boolean }) {
  const { t } = view;
  return (
    <SpentLinkPage
      view={view}
      title={t("activation.none.title")}
      what={t("activation.none.what")}
      links={[
        { href: "/activate", label: t("activation.by-letter") },
        ...(offersMobile ? [{ href: "/activate/mobile", label: t("activation.by-mobile") }] : []),
        { href: "/sign-in", label: t("ui.to-sign-in") },
      ]}
    >
      <p>{t("activation.none.message")}</p>
    </SpentLinkPage>
  );
}
