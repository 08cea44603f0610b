import { Button, LinkList } from "../../ui/buttons.tsx";
import { Exact } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { SmsNotReceived } from "../../ui/not-received.tsx";
import { WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { PhoneField, TextField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import { WaitingForCode } from "../../ui/waiting-for-code.tsx";

/** For guardians without their letter: the number that they gave to the school. */
export function MobilePage({ view, typed, errors }: { view: View; typed: string; errors: FieldError[] }) {
  const { t } = view;
  return (
    <Page view={view} title={t("activation.mobile.title")} hasErrors={errors.length > 0}>
      <p>{t("activation.mobile.intro")}</p>
      <Form view={view} action="/activate/mobile" errors={errors}>
        <PhoneField
          view={view}
          name="phone"
          label={t("activation.mobile.phone")}
          hint={t("activation.mobile.phone.hint")}
          value={typed}
          required
        />
        <Button>{t("activation.mobile.send")}</Button>
      </Form>
      <LinkList links={[{ href: "/activate", label: t("activation.by-letter") }]} />
      <WhomToAsk view={view} />
    </Page>
  );
}

/** After asking: the same words whether the school knows the number or not. */
export function MobileWaitingPage(props: {
  view: View;
  shown: string;
  resendAt: number;
  now: number;
  errors: FieldError[];
}) {
  const { view, errors } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("recovery.waiting.title.sms")} hasErrors={errors.length > 0}>
      <p>
        {t("activation.mobile.sent")} <Exact>{props.shown}</Exact>
      </p>
      <p>{t("activation.mobile.what")}</p>
      <WaitingForCode
        view={view}
        followPath="/activate/mobile/follow"
        code={{ action: "/activate/mobile/code", submit: t("activation.go-on"), errors }}
        resend={{
          action: "/activate/mobile/resend",
          label: t("registration.waiting.resend"),
          until: props.resendAt,
          now: props.now,
        }}
      >
        <SmsNotReceived view={view} advice={[t("recovery.no-sms.network"), t("activation.mobile.no-sms")]} />
      </WaitingForCode>
      <LinkList
        links={[
          { href: "/activate/mobile", label: t("activation.mobile.other") },
          { href: "/activate", label: t("activation.by-letter") },
        ]}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}

/** Whose guardian: only the right date names anybody. */
export function BirthDatePage({ view, typed, errors }: { view: View; typed: string; errors: FieldError[] }) {
  const { t } = view;
  return (
    <Page view={view} title={t("activation.date.title")} hasErrors={errors.length > 0}>
      <p>{t("activation.date.intro")}</p>
      <Form view={view} action="/activate/mobile/birth-date" errors={errors}>
        <TextField
          view={view}
          name="birth-date"
          label={t("activation.date.label")}
          hint={t("activation.date.hint")}
          inputMode="numeric"
          autocomplete="off"
          value={typed}
          required
        />
        <Button>{t("activation.go-on")}</Button>
      </Form>
      <WhomToAsk view={view} />
    </Page>
  );
}

/** After a right code and a right date: what cannot go on by telephone. */
export function MobileEndPage({ view, why }: { view: View; why: "several" | "already" }) {
  const { t } = view;
  return (
    <Page view={view} title={t(`activation.${why}.title`)} tone="careful">
      <p>{t(`activation.${why}.what`)}</p>
      <p>{t(`activation.${why}.next`)}</p>
      <LinkList
        links={[
          ...(why === "several"
            ? [{ href: "/activate", label: t("activation.by-letter") }]
            : [
                { href: "/sign-in", label: t("ui.to-sign-in") },
                { href: "/forgot-identifier", label: t("identifier-recall.title") },
              ]),
        ]}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}

/** Three dates were tried for this number today. */
export function TooManyDatesPage({ view, until }: { view: View; until: number }) {
  const { t } = view;
  return (
    <Page view={view} title={t("activation.dates-spent.title")} tone="careful">
      <p>{t("wait.until", { moment: view.moment(until) })}</p>
      <p>{t("activation.dates-spent.next")}</p>
      <LinkList links={[{ href: "/activate", label: t("activation.by-letter") }]} />
      <WhomToAsk view={view} />
    </Page>
  );
}
