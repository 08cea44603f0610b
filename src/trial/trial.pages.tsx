import type { CapturedMessage } from "../channels/capture.ts";
import type { MessageKey } from "../i18n/translations.ts";
import { LinkList, PressButton } from "../ui/buttons.tsx";
import { Exact, Facts, ItemList, Section, Tag } from "../ui/facts.tsx";
import { Details } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import type { View } from "../ui/view.ts";
import { identifierOf, type TrialPerson, trialPassword } from "./people.ts";

/** Who can be tried, and what has been sent. Reload it to see what is new. */
export function TrialPage(props: {
  view: View;
  people: TrialPerson[];
  messages: CapturedMessage[];
  /** How many older messages are not on the page. */
  hidden: number;
  showNumber: (e164: string) => string;
  /** What the telephones of the staff show now. */
  code: { code: string; leftSeconds: number };
  isOpenToSignUp: boolean;
}) {
  const { view, people, messages } = props;
  const { t } = view;
  const listed = (group: TrialPerson[]) => (
    <ItemList
      empty=""
      items={group.map((person) => ({
        key: identifierOf(person),
        title: person.name,
        tag: (
          <Tag>{t(`trial.kind.${person.story === "operator" ? "operator" : person.kind}` as MessageKey)}</Tag>
        ),
        lines: describePerson(view, person, props),
      }))}
    />
  );
  return (
    <Page view={view} title={t("trial.title")} wide>
      <p>{t("trial.intro")}</p>
      <LinkList
        links={[
          { href: "/sign-in", label: t("trial.to.sign-in") },
          ...(props.isOpenToSignUp ? [{ href: "/sign-up", label: t("trial.to.sign-up") }] : []),
          { href: "/forgot-password", label: t("trial.to.forgot-password") },
          { href: "/forgot-identifier", label: t("trial.to.forgot-identifier") },
          { href: "/desk", label: t("trial.to.desk") },
        ]}
      />
      <Messages view={view} messages={messages} hidden={props.hidden} />
      <Section title={t("trial.people.title")} id="people">
        <p>
          {t("trial.password")} <Exact>{trialPassword}</Exact>
        </p>
        {listed(people.filter(({ role }) => role === undefined))}
        <p>{t("trial.nobody")}</p>
      </Section>
      <Section title={t("trial.staff.title")} id="staff">
        <p>{t("trial.staff.what")}</p>
        {listed(people.filter(({ role }) => role !== undefined))}
      </Section>
    </Page>
  );
}

function describePerson(
  view: View,
  person: TrialPerson,
  { showNumber, code }: { showNumber: (e164: string) => string; code: { code: string; leftSeconds: number } },
) {
  const { t } = view;
  const reached = person.contacts.map(({ channel, address }) =>
    channel === "sms" ? showNumber(address) : address,
  );
  return [
    <>
      {t("trial.identifier")} <Exact>{identifierOf(person)}</Exact>
    </>,
    ...(person.hasPassword
      ? [
          <>
            {t("trial.person.password")} <Exact>{trialPassword}</Exact>
          </>,
        ]
      : []),
    ...(person.role === undefined
      ? []
      : [
          <>
            {t("trial.staff.code")} <Exact>{code.code}</Exact>{" "}
            {t("trial.staff.code-until", { seconds: code.leftSeconds })}
          </>,
        ]),
    ...(reached.length === 0
      ? []
      : [
          <>
            {t("trial.reached")} <bdi>{reached.join(", ")}</bdi>
          </>,
        ]),
    t(`trial.story.${person.story}` as MessageKey),
  ];
}

function Messages({ view, messages, hidden }: { view: View; messages: CapturedMessage[]; hidden: number }) {
  const { t } = view;
  return (
    <Section title={t("trial.messages.title")} id="messages">
      <p>
        <a class="button is-quiet" href="/_trial">
          {t("trial.messages.reload")}
        </a>
      </p>
      {messages.length === 0 && <p class="empty">{t("trial.messages.none")}</p>}
      {messages.map((message, index) => (
        <Message key={message.id} view={view} message={message} isNewest={index === 0} />
      ))}
      {hidden > 0 && <p class="hint">{t("trial.messages.hidden", { count: hidden })}</p>}
      {messages.length > 0 && (
        <PressButton action="/_trial/messages/clear" label={t("trial.messages.clear")} />
      )}
      <p class="hint">
        <a href="/_trial/messages.json">messages.json</a>
      </p>
    </Section>
  );
}

function Message({ view, message, isNewest }: { view: View; message: CapturedMessage; isNewest: boolean }) {
  const { t } = view;
  const isEmail = message.channel === "email";
  const letter = (
    <>
      <pre class="letter" lang={message.locale} dir="auto">
        {message.text}
      </pre>
      {isEmail && (
        <p>
          <a href={`/_trial/messages/${message.id}.html`}>{t("trial.message.html")}</a>
        </p>
      )}
    </>
  );
  return (
    <article class="item-words">
      <h3>
        <bdi>{isEmail ? message.subject : t("trial.message.sms")}</bdi>
      </h3>
      <Facts
        rows={[
          { label: t("trial.message.to"), value: <Exact>{message.to}</Exact> },
          ...(message.replyTo
            ? [{ label: t("trial.message.reply-to"), value: <Exact>{message.replyTo}</Exact> }]
            : []),
          { label: t("trial.message.sent"), value: view.moment(message.sentAt) },
          ...(message.code ? [{ label: t("trial.message.code"), value: <Exact>{message.code}</Exact> }] : []),
          ...message.links
            .filter((link) => link.includes("token="))
            .map((link) => ({
              label: t("trial.message.link"),
              value: <a href={link}>{link}</a>,
            })),
        ]}
      />
      {isNewest ? letter : <Details summary={t("trial.message.read")}>{letter}</Details>}
    </article>
  );
}
