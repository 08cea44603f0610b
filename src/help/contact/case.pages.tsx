import { Button, LinkList, PressButton } from "../../ui/buttons.tsx";
import { Acts, Exact, Facts, Section, Tag } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { Notice, WhomToAsk } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { SpentLinkPage } from "../../ui/spent-link-page.tsx";
import { TextArea } from "../../ui/text-area.tsx";
import type { FieldError, Tone, View } from "../../ui/view.ts";
import type { AttachmentRow, KeptPicture } from "./attachments.ts";
import { type ContactCase, type ContactMessage, otherAuthor } from "./contact-cases.ts";
import { PicturesField } from "./contact-fields.pages.tsx";

export interface CasePageProps {
  view: View;
  token: string;
  row: ContactCase;
  /** Whether the owner of the mailbox is still asked if they wrote it. */
  isAsked: boolean;
  messages: ContactMessage[];
  pictures: AttachmentRow[];
  relay: string;
  now: number;
  errors: FieldError[];
  typed: string;
  kept: KeptPicture[];
  carried: Record<string, string>;
  /** Of the person signed in; null when nobody is. */
  signedInName: string | null;
  /** Too many messages: until when. */
  waitUntil: number | null;
}

const stateTones = {
  open: undefined,
  waiting: "careful",
  solved: "good",
  closed: "good",
} as const satisfies Record<string, Tone | undefined>;

const isOver = ({ status }: ContactCase) => status === "solved" || status === "closed";

/** A case as its writer follows it, without account: the state in plain words, what was said, and what to do. */
export function CasePage(props: CasePageProps) {
  const { view, row, token, errors } = props;
  const { t } = view;
  return (
    <Page
      view={view}
      title={t("contact.case.title", { number: row.number })}
      hasErrors={errors.length > 0}
      scripts={[view.assets.helpJs]}
    >
      <State {...props} />
      {props.isAsked && <IsItYou {...props} />}
      {isOver(row) && row.satisfaction === null && <AllWell view={view} token={token} />}
      <Facts rows={factRows(props)} />
      <Section title={t("contact.case.said")} id="said">
        <Thread {...props} />
      </Section>
      <Section title={t(isOver(row) ? "contact.case.again" : "contact.case.add")} id="add">
        {props.waitUntil !== null && (
          <Notice view={view} tone="careful" title={t("wait.too-many")} role="status">
            <p>{t("contact.too-many", { moment: view.moment(props.waitUntil) })}</p>
            <p>{t("contact.too-many.kept")}</p>
          </Notice>
        )}
        <Form
          view={view}
          action="/contact/case/message"
          errors={errors}
          fields={{ ...props.carried, token }}
          hasFiles
        >
          <TextArea view={view} name="what" label={t("contact.case.message")} value={props.typed} required />
          <PicturesField view={view} kept={props.kept} />
          <Button>{t("contact.case.send")}</Button>
        </Form>
      </Section>
      {!isOver(row) && (
        <Section title={t("contact.case.settled")} id="settled">
          <p>{t("contact.case.settled.what")}</p>
          <PressButton
            action="/contact/case/solved"
            label={t("contact.case.settled.press")}
            fields={{ token }}
          />
        </Section>
      )}
      <WhoYouAre {...props} />
      <Section title={t("contact.case.record")} id="record">
        <LinkList
          links={[
            { href: `/contact/case/record?token=${token}`, label: t("contact.case.record.text") },
            { href: `/contact/case/record?as=json&token=${token}`, label: t("contact.case.record.json") },
          ]}
        />
      </Section>
    </Page>
  );
}

function State({ view, row, now }: CasePageProps) {
  const { t } = view;
  const due = row.expected_at;
  const isLate = row.status === "open" && due !== null && due < now;
  const status = row.status === "merged" ? "open" : row.status;
  return (
    <div class="case-state">
      <p>
        <Tag tone={isLate ? "wrong" : stateTones[status]}>
          {t(`contact.case.state.${isLate ? "late" : status}`)}
        </Tag>
      </p>
      <p>{t(`contact.case.what.${isLate ? "late" : status}`)}</p>
      {status === "open" && !isLate && due !== null && (
        <p>{t("cases.mail.expected", { at: new Date(due) })}</p>
      )}
    </div>
  );
}

/** Opening the link changes nothing; only this press says that the mailbox is the writer's. */
function IsItYou({ view, token }: CasePageProps) {
  const { t } = view;
  return (
    <Notice view={view} tone="careful" title={t("contact.case.you.title")}>
      <p>{t("contact.case.you.what")}</p>
      <Acts>
        <PressButton action="/contact/case/confirm" label={t("contact.case.you.yes")} fields={{ token }} />
        <PressButton action="/contact/case/not-me" label={t("contact.case.you.no")} fields={{ token }} />
      </Acts>
    </Notice>
  );
}

/** « Tout va bien ? », one press. */
export function AllWell({ view, token }: { view: View; token: string }) {
  const { t } = view;
  return (
    <section class="well" aria-labelledby="well-title">
      <h2 id="well-title">{t("contact.well.title")}</h2>
      <Acts>
        {([3, 2, 1] as const).map((well) => (
          <PressButton
            key={well}
            action="/contact/well"
            label={t(`contact.well.${well}`)}
            fields={{ token, well: String(well) }}
          />
        ))}
      </Acts>
      <p class="hint">{t("contact.well.hint")}</p>
    </section>
  );
}

function factRows({ view, row, relay }: CasePageProps) {
  const { t } = view;
  const newContact = [row.new_email, row.new_phone].filter((detail) => detail !== null);
  return [
    { label: t("cases.number"), value: <Exact>{row.number}</Exact> },
    { label: t("contact.sent.relay"), value: relay },
    { label: t("contact.case.opened-at"), value: view.moment(row.opened_at) },
    { label: t("contact.symptom.label"), value: t(`symptom.${row.symptom}` as "symptom.other") },
    ...(newContact.length > 0
      ? [
          {
            label: t("contact.case.new-details"),
            value: (
              <>
                {newContact.map((detail) => (
                  <span key={detail} class="line">
                    <Exact>{detail}</Exact>
                  </span>
                ))}
                <span class="hint">
                  {t(
                    row.details_applied_at === null
                      ? "contact.case.details-wait"
                      : "contact.case.details-applied",
                  )}
                </span>
              </>
            ),
          },
        ]
      : []),
  ];
}

function Thread({ view, messages, pictures, token, row }: CasePageProps) {
  const { t } = view;
  const first = messages.find(({ kind }) => kind === "person")?.id;
  const authorOf = (message: ContactMessage) =>
    message.kind === "staff" ? (message.author_name ?? view.brand.name) : otherAuthor(message, row.name);
  return (
    <ol class="thread">
      {messages.map((message) => {
        const own = pictures.filter((picture) => (picture.message_id ?? first) === message.id);
        return (
          <li key={message.id} class={`said is-${message.kind}`}>
            <p class="said-by">
              <strong>
                <bdi>{authorOf(message) ?? t("contact.case.you")}</bdi>
              </strong>{" "}
              <span class="hint">{view.moment(message.at)}</span>
            </p>
            <p class="said-words" dir="auto">
              {message.body}
            </p>
            {own.length > 0 && (
              <LinkList
                links={own.map((picture) => ({
                  href: `/contact/case/picture?id=${picture.id}&token=${token}`,
                  label: t("contact.case.picture", { name: picture.name }),
                }))}
              />
            )}
          </li>
        );
      })}
      {messages.length === 0 && <li class="empty">{t("contact.case.nothing", { number: row.number })}</li>}
    </ol>
  );
}

/** A session proves who writes better than any mail; asked of everybody alike, with an account or without. */
function WhoYouAre({ view, row, token, signedInName }: CasePageProps) {
  const { t } = view;
  if (row.identity_proved_at !== null) return null;
  return (
    <Section title={t("contact.case.who")} id="who">
      {signedInName === null ? (
        <LinkList
          links={[
            {
              href: `/sign-in?return=${encodeURIComponent(`/contact/case?token=${token}`)}`,
              label: t("contact.case.who.sign-in"),
              hint: t("contact.case.who.hint"),
            },
          ]}
        />
      ) : (
        <>
          <p>{t("contact.case.who.signed-in", { name: signedInName })}</p>
          <PressButton
            action="/contact/case/confirm"
            label={t("contact.case.who.press")}
            fields={{ token }}
          />
        </>
      )}
    </Section>
  );
}

/** Where the mail of a solved case leads. */
export function WellPage({ view, token, number }: { view: View; token: string; number: string }) {
  const { t } = view;
  return (
    <Page view={view} title={t("contact.well.page", { number })}>
      <AllWell view={view} token={token} />
      <LinkList links={[{ href: `/contact/case?token=${token}`, label: t("cases.mail.follow") }]} />
    </Page>
  );
}

/** A link that leads to no case: cut off on the way, or the case was forgotten. */
export function UnknownCasePage({ view }: { view: View }) {
  const { t } = view;
  return (
    <SpentLinkPage
      view={view}
      title={t("contact.unknown.title")}
      what={t("contact.unknown.what")}
      links={[
        { href: "/contact", label: t("contact.unknown.write") },
        { href: "/help", label: t("contact.unknown.help") },
      ]}
    />
  );
}

/** « Est-ce vous ? », asked at a contact point of record. */
export function IdentityPage(props: {
  view: View;
  token: string;
  row: ContactCase;
  /** The address that the case was written from, masked. */
  from: string | null;
  browser: string | null;
  newDetails: string[];
}) {
  const { view, token, row, from, browser, newDetails } = props;
  const { t } = view;
  return (
    <Page view={view} title={t("contact.identity.title")}>
      <p>{t("contact.identity.what", { brand: view.brand.name })}</p>
      <Facts
        rows={[
          { label: t("cases.number"), value: <Exact>{row.number}</Exact> },
          { label: t("contact.case.opened-at"), value: view.moment(row.opened_at) },
          { label: t("contact.symptom.label"), value: t(`symptom.${row.symptom}` as "symptom.other") },
          ...(from === null ? [] : [{ label: t("contact.identity.from"), value: <Exact>{from}</Exact> }]),
          ...(browser === null ? [] : [{ label: t("contact.evidence.browser"), value: browser }]),
          ...(newDetails.length === 0
            ? []
            : [{ label: t("contact.case.new-details"), value: <Exact>{newDetails.join(", ")}</Exact> }]),
        ]}
      />
      <p>{t("contact.identity.means")}</p>
      <Form view={view} action="/contact/identity" fields={{ token, answer: "yes" }} explainsRequired={false}>
        <Button>{t("contact.identity.yes")}</Button>
      </Form>
      <PressButton
        action="/contact/identity"
        label={t("contact.case.you.no")}
        fields={{ token, answer: "no" }}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}

/** After the press, or a link that serves no more. */
export function IdentityAnsweredPage({
  view,
  answer,
}: {
  view: View;
  answer: "yes" | "no" | "expired" | "used" | "replaced" | "refused" | "unknown";
}) {
  const { t } = view;
  const isDone = answer === "yes" || answer === "no";
  return (
    <Page view={view} title={t(`contact.identity.${answer}.title`)} tone={isDone ? "good" : "careful"}>
      <p>{t(`contact.identity.${answer}.what`)}</p>
      <LinkList
        links={[
          ...(answer === "no" ? [{ href: "/account", label: t("contact.identity.see-account") }] : []),
          { href: "/help", label: t("contact.unknown.help") },
        ]}
      />
      <WhomToAsk view={view} />
    </Page>
  );
}
