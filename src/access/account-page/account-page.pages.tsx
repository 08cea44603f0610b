import type { Account, ContactPoint } from "../../accounts/accounts.ts";
import type { Translate } from "../../i18n/translations.ts";
import { Button, LinkList, PressButton } from "../../ui/buttons.tsx";
import { Radios } from "../../ui/choices.tsx";
import { Exact, Facts, ItemList, Section, Tag } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { Notice } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import type { PagePart } from "../../ui/page-part.ts";
import type { PasswordRules } from "../../ui/password-field.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import { NewPasswordField, PasswordAgainField } from "../fields.tsx";
import type { Activity, Device } from "./account-page.ts";
import { contactState } from "./contact-state.tsx";
import { eventWords } from "./event-words.ts";

export interface ShownAccount {
  account: Account;
  identifiers: string[];
  contacts: { point: ContactPoint; shown: string; canChange: boolean; canRemove: boolean }[];
  waiting: { shown: string; askedAt: number }[];
  frozenUntil: number | null;
  /** Has a desk, and the second factor that opens it. */
  isStaff: boolean;
  now: number;
}

/** Who I am, what reaches me, and what I can change. */
export function AccountPage(props: { view: View; shown: ShownAccount; parts: PagePart[] }) {
  const { view, shown, parts } = props;
  const { t } = view;
  const { account, identifiers, frozenUntil } = shown;
  return (
    <Page view={view} title={t("account.title")} wide>
      {shown.isStaff && <LinkList links={[{ href: "/desk", label: t("desk.to-desk") }]} />}
      <Facts
        rows={[
          { label: t("account.name"), value: <bdi>{account.name}</bdi> },
          ...(account.nickname === null
            ? []
            : [{ label: t("account.nickname"), value: <Exact>{account.nickname}</Exact> }]),
          { label: t("account.kind"), value: t(`account.kind.${account.kind}`) },
          {
            label: t("account.identifiers", { count: identifiers.length }),
            value: identifiers.map((identifier) => (
              <div key={identifier}>
                <Exact>{identifier}</Exact>
              </div>
            )),
          },
        ]}
      />
      <Section title={t("account.contacts")} id="contacts">
        {frozenUntil !== null && (
          <Notice view={view} tone="careful" title={t("contacts.frozen.title")}>
            <p>{t("contacts.frozen.until", { moment: view.moment(frozenUntil) })}</p>
          </Notice>
        )}
        <ItemList
          label={t("account.contacts")}
          empty={t("account.contacts.none")}
          items={[...contactItems(view, shown), ...waitingItems(view, shown)]}
        />
        {frozenUntil === null && (
          <LinkList links={[{ href: "/account/contacts/add", label: t("contacts.add.title") }]} />
        )}
      </Section>
      {parts.map(({ id, title, content }) => (
        <Section key={id} title={title} id={id}>
          {content}
        </Section>
      ))}
      <Section title={t("account.security")} id="security">
        <LinkList
          links={[
            { href: "/account/password", label: t("account.password.title") },
            ...(shown.isStaff ? [{ href: "/account/second-factor", label: t("second-factor.title") }] : []),
            { href: "/account/devices", label: t("account.devices.title") },
            { href: "/account/journal", label: t("account.journal.title") },
            { href: "/account/language", label: t("account.language.title") },
          ]}
        />
      </Section>
    </Page>
  );
}

function contactItems(view: View, { contacts, frozenUntil, now }: ShownAccount) {
  const { t } = view;
  return contacts.map(({ point, shown, canChange, canRemove }) => {
    const state = contactState(view, point, now);
    const needsProof = point.state !== "verified" || point.dead_since !== null;
    return {
      key: point.id,
      title: <Exact>{shown}</Exact>,
      lines: [state.line],
      tag: <Tag tone={state.tone}>{state.word}</Tag>,
      acts: frozenUntil === null && canChange && (
        <>
          {needsProof && (
            <PressButton
              action={`/account/contacts/${point.id}/verify`}
              label={t("contacts.verify")}
              about={shown}
            />
          )}
          <a href={`/account/contacts/${point.id}/correct`}>
            {t("contacts.correct")} <span class="unseen">{shown}</span>
          </a>
          {canRemove && (
            <a href={`/account/contacts/${point.id}/remove`}>
              {t("contacts.remove")} <span class="unseen">{shown}</span>
            </a>
          )}
        </>
      ),
    };
  });
}

function waitingItems(view: View, { waiting }: ShownAccount) {
  const { t } = view;
  return waiting.map(({ shown, askedAt }) => ({
    key: `${shown} ${askedAt}`,
    title: <Exact>{shown}</Exact>,
    lines: [t("contacts.state.waiting", { moment: view.moment(askedAt) })],
    tag: <Tag tone="careful">{t("contacts.word.waiting")}</Tag>,
    acts: <a href="/account/contacts/waiting">{t("contacts.to-waiting")}</a>,
  }));
}

export function ChangePasswordPage(props: {
  view: View;
  identifier: string;
  rules: PasswordRules;
  errors: FieldError[];
}) {
  const { view } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("account.password.title")} hasErrors={props.errors.length > 0}>
      <p>{t("account.password.what")}</p>
      <Form view={view} action="/account/password" errors={props.errors}>
        <PasswordAgainField view={view} identifier={props.identifier} />
        <NewPasswordField
          view={view}
          name="new-password"
          label={t("account.password.new")}
          rules={props.rules}
        />
        <Button>{t("account.password.submit")}</Button>
      </Form>
      <LinkList links={[{ href: "/account", label: t("contacts.back") }]} />
    </Page>
  );
}

export function DevicesPage({ view, devices }: { view: View; devices: Device[] }) {
  const { t } = view;
  return (
    <Page view={view} title={t("account.devices.title")} wide>
      <p>{t("account.devices.what")}</p>
      <ItemList
        empty={t("account.devices.none")}
        items={devices.map((device) => ({
          key: device.id,
          title: <bdi>{device.browser ?? t("mail.browser-unknown")}</bdi>,
          tag: device.isThisOne ? <Tag tone="good">{t("account.devices.this")}</Tag> : undefined,
          lines: [
            t("account.devices.since", { moment: view.moment(device.since) }),
            t("account.devices.seen", { moment: view.moment(device.lastSeenAt) }),
          ],
          acts: device.isThisOne ? undefined : (
            <PressButton
              action={`/account/devices/${device.id}/sign-out`}
              label={t("account.devices.sign-out")}
              about={device.browser ?? t("mail.browser-unknown")}
            />
          ),
        }))}
      />
      {devices.length > 1 && (
        <PressButton
          action="/account/devices/sign-out-others"
          label={t("account.devices.sign-out-others")}
          tone="wrong"
        />
      )}
      <p>{t("account.devices.unknown")}</p>
      <LinkList
        links={[
          { href: "/account/password", label: t("account.password.title") },
          { href: "/account", label: t("contacts.back") },
        ]}
      />
    </Page>
  );
}

export function JournalPage(props: {
  view: View;
  lines: Activity[];
  older: string | null;
  isFirst: boolean;
}) {
  const { view } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("account.journal.title")} wide>
      <p>{t("account.journal.what")}</p>
      <ItemList
        empty={t("account.journal.none")}
        items={props.lines.map((line) => ({
          key: line.id,
          title: eventWords(t, line.event, line.params),
          lines: [view.moment(line.at), byWords(t, line)],
        }))}
      />
      <LinkList
        links={[
          ...(props.older === null
            ? []
            : [{ href: `/account/journal?before=${props.older}`, label: t("account.journal.older") }]),
          ...(props.isFirst ? [] : [{ href: "/account/journal", label: t("account.journal.newest") }]),
          { href: "/account", label: t("contacts.back") },
        ]}
      />
      <p>{t("account.journal.not-you")}</p>
      <LinkList links={[{ href: "/account/password", label: t("account.password.title") }]} />
    </Page>
  );
}

function byWords(t: Translate, line: Activity): string {
  const by = t(`account.journal.by.${line.by}`);
  return line.browser === null ? by : t("account.journal.by.from", { by, browser: line.browser });
}

export function AccountLanguagePage({
  view,
  chosen,
  errors,
}: {
  view: View;
  chosen: string;
  errors: FieldError[];
}) {
  const { t } = view;
  return (
    <Page view={view} title={t("account.language.title")} hasErrors={errors.length > 0}>
      <Form view={view} action="/account/language" errors={errors} explainsRequired={false}>
        <Radios
          view={view}
          name="language"
          legend={t("account.language.legend")}
          hint={t("account.language.what")}
          options={view.languages.map(({ code, name }) => ({ value: code, label: name, lang: code }))}
          value={chosen}
        />
        <Button>{t("account.language.submit")}</Button>
      </Form>
      <LinkList links={[{ href: "/account", label: t("contacts.back") }]} />
    </Page>
  );
}
