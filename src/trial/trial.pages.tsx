import type { CapturedMessage } from "../channels/capture.ts";
import type { MessageKey } from "../i18n/translations.ts";
import { LinkList, PressButton } from "../ui/buttons.tsx";
import { Exact, Facts, ItemList, Section, Tag } from "../ui/facts.tsx";
import { Details } from "../ui/notices.tsx";
import { Page } from "../ui/page.tsx";
import type { View } from "../ui/view.ts";
import { trialPassword } from "./people.ts";
import { trialSchools } from "./schools.ts";
import { identifierOf, type TrialPerson, type TrialPlace } from "./trial-person.ts";

interface TrialPageProps {
  view: View;
  people: TrialPerson[];
  messages: CapturedMessage[];
  /** How many older messages are not on the page. */
  hidden: number;
  showNumber: (e164: string) => string;
  /** What the telephones of the staff show now. */
  code: { code: string; leftSeconds: number };
  /** What a role of the preset is called. */
  nameOfRole: (role: string) => string;
  isOpenToSignUp: boolean;
}

/** The people by kind, each under its own heading. */
const groups = [
  { id: "people", title: "trial.people.title", kind: "member" },
  { id: "families", title: "trial.families.title", kind: "guardian" },
  { id: "pupils", title: "trial.pupils.title", kind: "pupil" },
  { id: "staff", title: "trial.staff.title", kind: "staff" },
] as const;

/** Who can be tried, and what has been sent. Reload it to see what is new. */
export function TrialPage(props: TrialPageProps) {
  const { view, people, messages } = props;
  const { t } = view;
  const shown = groups.flatMap(({ id, title, kind }) => {
    const inGroup = people.filter((person) => person.kind === kind);
    return inGroup.length === 0 ? [] : [{ id, title: t(title), people: inGroup }];
  });
  return (
    <Page view={view} title={t("trial.title")} wide>
      <p>{t("trial.intro")}</p>
      <LinkList
        links={[
          { href: "/sign-in", label: t("trial.to.sign-in") },
          ...(props.isOpenToSignUp ? [{ href: "/sign-up", label: t("trial.to.sign-up") }] : []),
          { href: "/forgot-password", label: t("trial.to.forgot-password") },
          { href: "/forgot-identifier", label: t("trial.to.forgot-identifier") },
          ...(hasSchools(people) ? [{ href: "/activate", label: t("trial.to.activate") }] : []),
          { href: "/desk", label: t("trial.to.desk") },
        ]}
      />
      <p>
        {t("trial.password")} <Exact>{trialPassword}</Exact>
      </p>
      <p>{t("trial.nobody")}</p>
      <LinkList
        label={t("trial.on-this-page")}
        links={[{ id: "messages", title: t("trial.messages.title") }, ...shown].map(({ id, title }) => ({
          href: `#${id}`,
          label: title,
        }))}
      />
      <Messages view={view} messages={messages} hidden={props.hidden} />
      {shown.map((group) => (
        <Section key={group.id} title={group.title} id={group.id}>
          {group.id === "staff" && <AboutStaff {...props} />}
          <ItemList
            empty=""
            items={group.people.map((person) => ({
              key: identifierOf(person),
              title: person.name,
              tag: (
                <Tag>
                  {person.role === undefined ? t(`trial.kind.${person.kind}`) : props.nameOfRole(person.role)}
                </Tag>
              ),
              lines: describePerson(person, props),
            }))}
          />
        </Section>
      ))}
    </Page>
  );
}

const hasSchools = (people: TrialPerson[]) => people.some(({ place }) => place !== undefined);

function AboutStaff({ view: { t }, people }: TrialPageProps) {
  return (
    <>
      <p>{t("trial.staff.what")}</p>
      {hasSchools(people) && (
        <p>
          {t("trial.registry")} <a href="/_trial/registry.csv">registre.csv</a>
        </p>
      )}
    </>
  );
}

/** What to try with this person, how to be them, and where they stand. */
function describePerson(person: TrialPerson, { view: { t }, people, showNumber, code }: TrialPageProps) {
  const reached = person.contacts.map(({ channel, address }) =>
    channel === "sms" ? showNumber(address) : address,
  );
  const children = childrenOf(person, people);
  return [
    t(`trial.story.${person.story}` as MessageKey),
    <>
      {t("trial.identifier")} <Exact>{identifierOf(person)}</Exact>
      {person.hasPassword && (
        <>
          {" · "}
          {t("trial.person.password")} <Exact>{trialPassword}</Exact>
        </>
      )}
    </>,
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
    ...(person.place
      ? [
          <>
            {t("trial.place")} <bdi>{placeName(person.place)}</bdi>
          </>,
        ]
      : []),
    ...(children.length === 0
      ? []
      : [
          <>
            {t("trial.children")} <bdi>{children.join(", ")}</bdi>
          </>,
        ]),
  ];
}

/** Such as « Collège des Tilleuls, 6e A ». */
function placeName({ code, classCode }: TrialPlace): string {
  const school = trialSchools.find((one) => one.code === code);
  const ofClass = school?.classes.find((one) => one.code === classCode);
  return [school?.name, ofClass?.name].filter((name) => name !== undefined).join(", ");
}

/** Their names; of somebody who has yet to activate their account, with the birth dates that they are asked for. */
function childrenOf({ place, status }: TrialPerson, people: TrialPerson[]): string[] {
  const named = new Set(place?.children?.map(({ username }) => username));
  return people
    .filter(({ username }) => username !== null && named.has(username))
    .map((child) => {
      const born = child.place?.birthDate?.split("-").reverse().join("/");
      return status === "pending" && born ? `${child.name} (${born})` : child.name;
    });
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
