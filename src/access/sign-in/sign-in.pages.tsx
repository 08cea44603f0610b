import { Button, LinkList } from "../../ui/buttons.tsx";
import { Checkbox } from "../../ui/choices.tsx";
import { Exact } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { Notice, WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { PasswordField } from "../../ui/password-field.tsx";
import { type StatusNotice, StatusNotices } from "../../ui/status-notices.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import { IdentifierField } from "../fields.tsx";

export interface SignInPageProps {
  view: View;
  notices: StatusNotice[];
  identifierKind: "username" | "email" | "username-or-email";
  isSignUpOpen: boolean;
  /** Whether accounts are prepared for people, and activated with the code of a letter. */
  isActivatedByLetter: boolean;
  identifier: string;
  isRemembered: boolean;
  /** Where to go on to; "" for the account page. */
  returnPath: string;
  errors: FieldError[];
  /** « Vous avez encore un essai avant le verrouillage de votre compte. » */
  isLastTry?: boolean;
  /** Identifier and password did not go together: said alike to everybody, whatever the account (promise 2). */
  isWrong?: boolean;
  /** Somebody is signed in in this browser already. */
  other?: { name: string; continueTo: string };
}

export function SignInPage(props: SignInPageProps) {
  const { view, errors, other } = props;
  const { t } = view;
  const fields = {
    ...(props.returnPath === "" ? {} : { return: props.returnPath }),
    ...(other ? { other: "1" } : {}),
  };
  return (
    <Page view={view} title={t("sign-in.title")} hasErrors={errors.length > 0}>
      <StatusNotices view={view} notices={props.notices} />
      {other && (
        <Notice view={view} tone="careful" title={t("sign-in.other-account", { name: other.name })}>
          <p>
            <a href={other.continueTo}>{t("sign-in.other-account.continue", { name: other.name })}</a>
          </p>
          <p>{t("sign-in.other-account.replace")}</p>
        </Notice>
      )}
      {props.isLastTry && (
        <Notice view={view} tone="careful" title={t("sign-in.last-try")}>
          <p>{t("sign-in.last-try.what")}</p>
        </Notice>
      )}
      <Form view={view} action="/sign-in" errors={errors} fields={fields}>
        <IdentifierField
          view={view}
          label={t("sign-in.identifier")}
          hint={t(`sign-in.identifier.hint.${props.identifierKind}`)}
          value={props.identifier}
          forgot={t("sign-in.forgot-identifier")}
        />
        <PasswordField
          view={view}
          name="password"
          label={t("sign-in.password")}
          autocomplete="current-password"
          aside={{ href: "/forgot-password", label: t("sign-in.forgot-password") }}
          required
        />
        {props.isWrong && props.isActivatedByLetter && (
          <p>
            {t("sign-in.wrong.letter")} <a href="/activate">{t("sign-in.wrong.activate")}</a>
          </p>
        )}
        <Checkbox
          view={view}
          name="remember"
          label={t("sign-in.remember")}
          hint={t("sign-in.remember.hint")}
          checked={props.isRemembered}
        />
        <Button>{t("sign-in.submit")}</Button>
      </Form>
      <LinkList
        links={[
          ...(props.isActivatedByLetter ? [{ href: "/activate", label: t("sign-in.activate") }] : []),
          ...(props.isSignUpOpen ? [{ href: "/sign-up", label: t("sign-in.sign-up") }] : []),
          // Where accounts are prepared for people, what they confirm is their invitation.
          {
            href: props.isSignUpOpen ? "/confirm" : "/activate/invitation",
            label: t("confirmation.not-received"),
          },
          { href: "/unlock", label: t("lockout.not-received") },
        ]}
      />
    </Page>
  );
}

/** « Votre adresse IP est temporairement bloquée. »: until when, and everything that works meanwhile. */
export function BlockedPage({ view, until }: { view: View; until: number }) {
  const { t } = view;
  return (
    <Page view={view} title={t("sign-in.blocked")} tone="careful">
      <p>{t("sign-in.blocked.what")}</p>
      <p>{t("sign-in.blocked.until", { moment: view.moment(until) })}</p>
      <p>{t("sign-in.blocked.meanwhile")}</p>
      <LinkList
        links={[
          { href: "/forgot-password", label: t("sign-in.forgot-password") },
          { href: "/forgot-identifier", label: t("sign-in.forgot-identifier") },
          { href: "/unlock", label: t("lockout.not-received") },
        ]}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}

/** Said only after the right password: the account waits to be confirmed. */
export function PendingPage({ view, email }: { view: View; email: string | null }) {
  const { t } = view;
  return (
    <Page view={view} title={t("sign-in.pending")} tone="careful">
      {email === null ? (
        <p>{t("sign-in.pending.ask")}</p>
      ) : (
        <>
          <p>
            {t("sign-in.pending.what")} <Exact>{email}</Exact>
          </p>
          <p>{t("sign-in.pending.next")}</p>
          <Form view={view} action="/confirm/again" fields={{ email }} explainsRequired={false}>
            <Button>{t("confirmation.ask-again.submit")}</Button>
          </Form>
        </>
      )}
      <LinkList links={[{ href: "/sign-in", label: t("ui.to-sign-in") }]} />
      <WhomToAsk view={view} />
    </Page>
  );
}

/** Said only after the right password: the account is disabled or closed. */
export function InactivePage({ view, state }: { view: View; state: "disabled" | "closed" }) {
  const { t } = view;
  return (
    <Page view={view} title={t(`sign-in.${state}`)} tone="careful">
      <p>{t(`sign-in.${state}.what`)}</p>
      <p>{t("sign-in.inactive.next")}</p>
      <WhomToAsk view={view} />
      <LinkList links={[{ href: "/sign-in", label: t("ui.to-sign-in") }]} />
    </Page>
  );
}

/** Said only after the right password: the account became one with another of the same guardian. */
export function JoinedPage(props: { view: View; identifier: string; undoToken: string | null }) {
  const { view, identifier, undoToken } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("sign-in.joined")} tone="careful">
      <p>
        {t("sign-in.joined.what")} <Exact>{identifier}</Exact>
      </p>
      <p>{t("sign-in.joined.next")}</p>
      <LinkList links={[{ href: "/sign-in", label: t("sign-in.joined.to-sign-in") }]} />
      {undoToken !== null && (
        <>
          <h2>{t("sign-in.joined.not-you")}</h2>
          <p>{t("sign-in.joined.undo")}</p>
          <LinkList
            links={[
              {
                href: `/account/unjoin?token=${encodeURIComponent(undoToken)}`,
                label: t("families.unjoin.link"),
              },
            ]}
          />
        </>
      )}
      <WhomToAsk view={view} />
    </Page>
  );
}
