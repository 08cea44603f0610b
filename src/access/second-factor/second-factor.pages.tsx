import { Button, LinkList } from "../../ui/buttons.tsx";
import { Exact, Facts } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { Notice, WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { CodeField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import { QrCode } from "./qr-code.tsx";

interface FormProps {
  view: View;
  errors: FieldError[];
  returnPath: string;
}

/** At the desk's door: the code of the application. */
export function ProvePage({ view, errors, returnPath }: FormProps) {
  const { t } = view;
  return (
    <Page view={view} title={t("second-factor.title")} hasErrors={errors.length > 0}>
      <p>{t("second-factor.prove.what", { brand: view.brand.name })}</p>
      <Form view={view} action="/desk/second-factor" errors={errors} fields={{ return: returnPath }}>
        <CodeField
          view={view}
          name="code"
          label={t("second-factor.code.label")}
          hint={t("second-factor.code.hint")}
          required
        />
        <Button>{t("second-factor.prove.submit")}</Button>
      </Form>
      <h2>{t("second-factor.lost.title")}</h2>
      <LinkList
        links={[
          {
            href: `/desk/second-factor/recovery-code?return=${encodeURIComponent(returnPath)}`,
            label: t("second-factor.recovery.title"),
          },
          { href: "/account", label: t("desk.to-account") },
        ]}
      />
    </Page>
  );
}

/** The same with one of the ten codes kept for that day; and what is left when they are lost too. */
export function RecoveryCodePage({ view, errors, returnPath }: FormProps) {
  const { t } = view;
  return (
    <Page view={view} title={t("second-factor.recovery.title")} hasErrors={errors.length > 0}>
      <p>{t("second-factor.recovery.what")}</p>
      <Form
        view={view}
        action="/desk/second-factor/recovery-code"
        errors={errors}
        fields={{ return: returnPath }}
      >
        <CodeField
          view={view}
          name="code"
          letters
          label={t("second-factor.recovery.label")}
          hint={t("second-factor.recovery.hint")}
          required
        />
        <Button>{t("second-factor.recovery.submit")}</Button>
      </Form>
      <h2>{t("second-factor.none-left.title")}</h2>
      <p>{t("second-factor.none-left.what")}</p>
      <LinkList
        links={[
          {
            href: `/desk/second-factor?return=${encodeURIComponent(returnPath)}`,
            label: t("second-factor.recovery.back"),
          },
        ]}
      />
    </Page>
  );
}

/** Three steps: an application, the picture or the key, and one code that shows that it works. */
export function SetUpPage(
  props: FormProps & { action: string; replaces: boolean; secretPlain: string; address: string },
) {
  const { view, errors, returnPath } = props;
  const { t } = view;
  const words = props.replaces ? "replace" : "set-up";
  return (
    <Page view={view} title={t(`second-factor.${words}.title`)} hasErrors={errors.length > 0}>
      <p>{t(`second-factor.${words}.why`)}</p>
      <Form view={view} action={props.action} errors={errors} fields={{ return: returnPath }}>
        <h2>{t("second-factor.set-up.app.title")}</h2>
        <p>{t("second-factor.set-up.app.what")}</p>
        <h2>{t("second-factor.set-up.scan.title")}</h2>
        <p>{t("second-factor.set-up.scan.what")}</p>
        <QrCode text={props.address} label={t("second-factor.set-up.scan.picture")} />
        <p>
          <a href={props.address}>{t("second-factor.set-up.scan.here")}</a>
        </p>
        <p>
          {t("second-factor.set-up.scan.key")}{" "}
          <span class="secret-key">
            <Exact>{props.secretPlain.match(/.{1,4}/g)?.join(" ")}</Exact>
          </span>
        </p>
        <h2>{t("second-factor.set-up.code.title")}</h2>
        <CodeField
          view={view}
          name="code"
          label={t("second-factor.code.label")}
          hint={t("second-factor.code.hint")}
          required
        />
        <Button>{t("second-factor.set-up.submit")}</Button>
      </Form>
      <LinkList links={[{ href: "/account", label: t("desk.to-account") }]} />
    </Page>
  );
}

/** The only page that ever shows the recovery codes: to be printed, or copied by hand. */
export function CodesPage({
  view,
  codes,
  isFirst,
  returnPath,
}: {
  view: View;
  codes: string[];
  /** The second factor was set up just now. */
  isFirst: boolean;
  returnPath: string;
}) {
  const { t } = view;
  return (
    <Page view={view} title={t("second-factor.codes.title")} tone="good">
      {isFirst && <p>{t("second-factor.codes.ready")}</p>}
      <p>{t("second-factor.codes.what")}</p>
      <ul class="recovery-codes">
        {codes.map((code) => (
          <li key={code}>
            <Exact>{code}</Exact>
          </li>
        ))}
      </ul>
      <Notice view={view} tone="careful">
        <p>{t("second-factor.codes.once")}</p>
        <p>{t("second-factor.codes.never-ask")}</p>
      </Notice>
      <Form
        view={view}
        action="/desk/second-factor/codes/kept"
        fields={{ return: returnPath }}
        explainsRequired={false}
      >
        <Button>{t("second-factor.codes.kept")}</Button>
      </Form>
    </Page>
  );
}

/** On the way to the desk, when the codes were never kept or few are left. */
export function MakeCodesPage(props: { view: View; left: number; areKept: boolean; returnPath: string }) {
  const { view, returnPath } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("second-factor.make-codes.title")} tone="careful">
      <p>
        {props.areKept
          ? t("second-factor.make-codes.few", { left: props.left })
          : t("second-factor.make-codes.not-kept")}
      </p>
      <p>{t("second-factor.make-codes.what")}</p>
      <Form
        view={view}
        action="/account/second-factor/codes"
        fields={{ return: returnPath }}
        explainsRequired={false}
      >
        <Button>{t("second-factor.make-codes.submit")}</Button>
      </Form>
      <LinkList links={[{ href: returnPath, label: t("second-factor.make-codes.later") }]} />
    </Page>
  );
}

/** What the owner sees of it, and can do with it. */
export function SecondFactorPage(props: {
  view: View;
  setUpAt: number;
  codesLeft: number;
  resetAt: number | null;
}) {
  const { view, resetAt } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("second-factor.title")}>
      {resetAt !== null && <ResetWaiting view={view} resetAt={resetAt} />}
      <p>{t("second-factor.account.what")}</p>
      <Facts
        rows={[
          { label: t("second-factor.account.since"), value: view.moment(props.setUpAt) },
          {
            label: t("second-factor.account.codes"),
            value: t("second-factor.account.codes-left", { left: props.codesLeft }),
          },
        ]}
      />
      <LinkList
        links={[
          { href: "/account/second-factor/replace", label: t("second-factor.replace.title") },
          { href: "/desk/second-factor/codes", label: t("second-factor.make-codes.title") },
          { href: "/account/second-factor/remove", label: t("second-factor.remove.title") },
          { href: "/account", label: t("contacts.back") },
        ]}
      />
    </Page>
  );
}

/** Somebody asked to take the second factor away: shown wherever its owner comes by. */
export function ResetWaiting({ view, resetAt }: { view: View; resetAt: number }) {
  const { t } = view;
  return (
    <Notice view={view} tone="careful" title={t("second-factor-reset.waits.title")}>
      <p>{t("second-factor-reset.waits.what", { moment: view.moment(resetAt) })}</p>
      <form class="press" method="post" action="/account/second-factor/keep-mine">
        {/* biome-ignore lint/a11y/useButtonType: submits by default; `type="submit"` is kept for the main button. */}
        <button class="button is-quiet">{t("second-factor-reset.keep.submit")}</button>
      </form>
    </Notice>
  );
}

export function RemovePage({ view }: { view: View }) {
  const { t } = view;
  return (
    <Page view={view} title={t("second-factor.remove.title")} tone="careful">
      <p>{t("second-factor.remove.what")}</p>
      <Form view={view} action="/account/second-factor/remove" explainsRequired={false}>
        <Button tone="wrong">{t("second-factor.remove.submit")}</Button>
      </Form>
      <LinkList
        links={[
          { href: "/account/second-factor/replace", label: t("second-factor.replace.title") },
          { href: "/account/second-factor", label: t("second-factor.remove.no") },
        ]}
      />
    </Page>
  );
}

/** Behind the link of the message that a reset was asked for. */
export function KeepPage({ view, token, resetAt }: { view: View; token: string; resetAt: number }) {
  const { t } = view;
  return (
    <Page view={view} title={t("second-factor-reset.keep.title")}>
      <p>{t("second-factor-reset.keep.what", { moment: view.moment(resetAt) })}</p>
      <p>{t("second-factor-reset.keep.if")}</p>
      <Form view={view} action="/account/second-factor/keep" fields={{ token }} explainsRequired={false}>
        <Button>{t("second-factor-reset.keep.submit")}</Button>
      </Form>
      <p>{t("second-factor-reset.keep.it-was-me")}</p>
    </Page>
  );
}

/** What became of it: kept now, kept before, too late, or a link that is none of ours. */
export function KeepEndPage({ view, end }: { view: View; end: "now" | "kept" | "done" | "unknown" }) {
  const { t } = view;
  return (
    <Page
      view={view}
      title={t(`second-factor-reset.end.${end}.title`)}
      tone={end === "now" || end === "kept" ? "good" : "careful"}
    >
      <p>{t(`second-factor-reset.end.${end}.what`)}</p>
      {end !== "unknown" && <p>{t("second-factor-reset.end.password")}</p>}
      <LinkList
        links={[
          { href: "/forgot-password", label: t("not-me.next.link") },
          { href: "/sign-in", label: t("ui.to-sign-in") },
        ]}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}

/** Too many wrong codes: until when, and what that may mean. */
export function TooManyCodesPage({ view, until }: { view: View; until: number }) {
  const { t } = view;
  return (
    <Page view={view} title={t("second-factor.too-many.title")} tone="careful">
      <p>{t("second-factor.too-many.what")}</p>
      <p>{t("wait.until", { moment: view.moment(until) })}</p>
      <p>{t("second-factor.too-many.not-you")}</p>
      <LinkList
        links={[
          { href: "/forgot-password", label: t("not-me.next.link") },
          { href: "/account", label: t("desk.to-account") },
        ]}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}
