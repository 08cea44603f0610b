import type { ComponentChildren } from "preact";
import type { Kind } from "../../accounts/accounts.ts";
import type { Staff } from "../../kernel/caller.ts";
import { Button, LinkList } from "../../ui/buttons.tsx";
import { Radios } from "../../ui/choices.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Exact, Facts } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { Notice } from "../../ui/notices.tsx";
import { TextField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import type { InviteForm } from "./invitations.ts";
import type { Pairing } from "./pairing.ts";
import type { PersonSeen } from "./person.ts";

export interface ActPageProps {
  view: View;
  staff: Staff;
  person: PersonSeen;
  errors: FieldError[];
  /** What was typed before, to be put right and not typed again. */
  reason: string;
}

const pathOf = ({ account }: PersonSeen) => `/desk/people/${account.id}`;

/** One act, one page: what it does, the reason, one button. It is also where what cannot be undone is confirmed. */
function ActPage(
  props: ActPageProps & {
    title: string;
    action: string;
    fields?: Record<string, string>;
    before?: ComponentChildren;
    submit: string;
    tone?: "main" | "wrong";
    /** False where the reason was given on the page before. */
    asksReason?: boolean;
    children?: ComponentChildren;
  },
) {
  const { view, staff, person, errors, asksReason = true } = props;
  const { t } = view;
  return (
    <DeskPage view={view} staff={staff} current="people" title={props.title} hasErrors={errors.length > 0}>
      {props.before}
      <Form
        view={view}
        action={props.action}
        errors={errors}
        fields={props.fields}
        explainsRequired={asksReason}
      >
        {props.children}
        {asksReason && (
          <TextField
            view={view}
            name="reason"
            label={t("people.reason")}
            hint={t("people.reason.hint")}
            value={props.reason}
            autocomplete="off"
            required
          />
        )}
        <Button tone={props.tone}>{props.submit}</Button>
      </Form>
      <LinkList
        links={[{ href: pathOf(person), label: t("people.person.back-to", { name: person.account.name }) }]}
      />
    </DeskPage>
  );
}

const Sentences = ({ children }: { children: string[] }) => (
  <>
    {children.map((sentence) => (
      <p key={sentence}>{sentence}</p>
    ))}
  </>
);

/** Unlock, close, delete: a reason and a button. */
export function PlainActPage(props: ActPageProps & { act: "unlock" | "close" | "delete" }) {
  const { act, person } = props;
  const { t } = props.view;
  const sentences = [
    t(`people.${act}.what`),
    ...(act === "close" ? [t("people.close.then")] : act === "delete" ? [t("people.delete.then")] : []),
  ];
  return (
    <ActPage
      {...props}
      title={t(`people.${act}.title`, { name: person.account.name })}
      action={`${pathOf(person)}/${act}`}
      before={
        <>
          <Sentences>{sentences}</Sentences>
          {act === "delete" && (
            <Facts
              rows={[
                {
                  label: t("people.contacts.title"),
                  value: person.contacts.map(({ point, shown }) => (
                    <div key={point.id}>
                      <Exact>{shown}</Exact>
                    </div>
                  )),
                },
              ]}
            />
          )}
        </>
      }
      submit={t(`people.${act}.submit`)}
      tone={act === "unlock" ? "main" : "wrong"}
    />
  );
}

export function RecoveryPage(props: ActPageProps & { chosen: string }) {
  const { person } = props;
  const { t } = props.view;
  const words = person.account.status === "active" ? "recovery" : "activation";
  return (
    <ActPage
      {...props}
      title={t(`people.${words}.title`, { name: person.account.name })}
      action={`${pathOf(person)}/recovery`}
      before={<p>{t(`people.${words}.what`)}</p>}
      submit={t("people.recovery.submit")}
    >
      <Radios
        view={props.view}
        name="contact"
        legend={t("people.recovery.which")}
        options={person.ways.map(({ id, channel, shown }) => ({
          value: id,
          label: t(`people.recovery.${channel}`, { contact: shown }),
        }))}
        value={props.chosen || person.ways[0]?.id}
        required
      />
    </ActPage>
  );
}

/** What to say on the telephone, and the number that is read out. */
export function PairingPage(props: ActPageProps & { number: string }) {
  const { view, person } = props;
  const { t } = view;
  return (
    <ActPage
      {...props}
      title={t("people.pairing.title", { name: person.account.name })}
      action={`${pathOf(person)}/browser`}
      before={
        <>
          <ol class="points person-steps">
            <li>{t("people.pairing.step.identify")}</li>
            <li>{t("people.pairing.step.open", { identifier: person.identifiers[0] ?? "" })}</li>
            <li>{t("people.pairing.step.read")}</li>
          </ol>
          <Notice view={view} tone="careful">
            <p>{t("people.pairing.never")}</p>
          </Notice>
        </>
      }
      submit={t("people.pairing.check")}
    >
      <TextField
        view={view}
        name="number"
        label={t("people.pairing.number")}
        hint={t("people.pairing.number.hint")}
        value={props.number}
        inputMode="numeric"
        autocomplete="off"
        required
      />
    </ActPage>
  );
}

/** Whose browser it is, before it is let in: that cannot be taken back. */
export function ConfirmPairingPage(props: ActPageProps & { number: string; pairing: Pairing }) {
  const { view, person, pairing } = props;
  const { t } = view;
  return (
    <ActPage
      {...props}
      title={t("people.pairing.confirm.title")}
      action={`${pathOf(person)}/browser`}
      fields={{ number: props.number, reason: props.reason, confirmed: "1" }}
      before={
        <>
          <Facts
            rows={[
              { label: t("people.pairing.number"), value: <Exact>{props.number}</Exact> },
              {
                label: t("people.pairing.confirm.browser"),
                value: <Exact>{pairing.browser ?? t("mail.browser-unknown")}</Exact>,
              },
              { label: t("mail.asked-at"), value: view.moment(pairing.askedAt) },
            ]}
          />
          <Sentences>{[t("people.pairing.confirm.what"), t("people.pairing.confirm.then")]}</Sentences>
        </>
      }
      submit={t("people.pairing.submit")}
      asksReason={false}
    />
  );
}

/** A new contact point, or one in another's place. */
export function CorrectContactPage(
  props: ActPageProps & {
    channel: "email" | "sms";
    replaced: { id: string; shown: string } | null;
    typed: string;
  },
) {
  const { view, person, channel, replaced } = props;
  const { t } = view;
  const waits = person.contacts.some(({ point }) => point.state === "verified");
  return (
    <ActPage
      {...props}
      title={
        replaced === null
          ? t(`contacts.add.${channel}`)
          : t("people.contact.replace.title", { contact: replaced.shown })
      }
      action={
        replaced === null
          ? `${pathOf(person)}/contacts/add/${channel}`
          : `${pathOf(person)}/contacts/${replaced.id}/replace`
      }
      before={
        <Sentences>
          {[t("people.contact.told"), t(waits ? "people.contact.will-wait" : "people.contact.at-once")]}
        </Sentences>
      }
      submit={t("people.contact.submit")}
    >
      {/* Another's address: nothing that this browser knows of its own user belongs here. */}
      <TextField
        view={view}
        name="contact"
        type={channel === "email" ? "email" : "tel"}
        inputMode={channel === "email" ? "email" : "tel"}
        label={t(`contacts.field.${channel}`)}
        hint={t(`contacts.field.${channel}.hint`)}
        value={props.typed}
        autocomplete="off"
        required
      />
    </ActPage>
  );
}

export function ContactActPage(
  props: ActPageProps & { act: "remove" | "approve"; contact: { id: string; shown: string } },
) {
  const { act, contact, person } = props;
  const { t } = props.view;
  return (
    <ActPage
      {...props}
      title={t(`people.contact.${act}.title`, { contact: contact.shown })}
      action={`${pathOf(person)}/contacts/${contact.id}/${act}`}
      before={<Sentences>{[t(`people.contact.${act}.what`), t("people.contact.told")]}</Sentences>}
      submit={t(`people.contact.${act}.submit`)}
      tone={act === "remove" ? "wrong" : "main"}
    />
  );
}

/** "It wasn't me" was said: until when nobody changes contact points, and what works meanwhile. */
export function FrozenPersonPage({
  view,
  staff,
  person,
  until,
}: Pick<ActPageProps, "view" | "staff" | "person"> & { until: number }) {
  const { t } = view;
  return (
    <DeskPage view={view} staff={staff} current="people" title={t("people.frozen.title")} tone="careful">
      <p>{t("people.frozen.what", { moment: view.moment(until) })}</p>
      <p>{t("people.frozen.next")}</p>
      <LinkList
        links={[{ href: pathOf(person), label: t("people.person.back-to", { name: person.account.name }) }]}
      />
    </DeskPage>
  );
}

export function InvitePersonPage(props: {
  view: View;
  staff: Staff;
  kinds: Kind[];
  asksUsername: boolean;
  isUsernameRequired: boolean;
  typed: InviteForm;
  errors: FieldError[];
}) {
  const { view, staff, kinds, typed, errors } = props;
  const { t } = view;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="people"
      title={t("people.invite.title")}
      hasErrors={errors.length > 0}
    >
      <p>{t("people.invite.what")}</p>
      <Form view={view} action="/desk/people/invite" errors={errors}>
        <TextField
          view={view}
          name="name"
          label={t("people.invite.name")}
          value={typed.name}
          autocomplete="off"
          required
        />
        <TextField
          view={view}
          name="email"
          type="email"
          inputMode="email"
          label={t("people.invite.email")}
          hint={t("contacts.field.email.hint")}
          value={typed.email}
          autocomplete="off"
          required
        />
        {props.asksUsername && (
          <TextField
            view={view}
            name="username"
            label={t("people.invite.username")}
            hint={t("people.invite.username.hint")}
            value={typed.username}
            autocomplete="off"
            required={props.isUsernameRequired}
          />
        )}
        <Radios
          view={view}
          name="kind"
          legend={t("people.invite.kind")}
          options={kinds.map((kind) => ({ value: kind, label: t(`account.kind.${kind}`) }))}
          value={typed.kind || (kinds.length === 1 ? kinds[0] : undefined)}
          required
        />
        <Radios
          view={view}
          name="language"
          legend={t("people.invite.language")}
          options={view.languages.map(({ code, name }) => ({ value: code, label: name, lang: code }))}
          value={typed.language || view.locale}
          required
        />
        <TextField
          view={view}
          name="reason"
          label={t("people.reason")}
          hint={t("people.reason.hint")}
          value={typed.reason}
          autocomplete="off"
          required
        />
        <Button>{t("people.invite.submit")}</Button>
      </Form>
      <LinkList links={[{ href: "/desk/people", label: t("people.person.back") }]} />
    </DeskPage>
  );
}
