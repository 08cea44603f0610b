import type { ComponentChildren } from "preact";
import type { MessageKey } from "../../i18n/translations.ts";
import { Button, LinkList, PressButton } from "../../ui/buttons.tsx";
import { Acts, Exact, Facts } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { Details, Notice } from "../../ui/notices.tsx";
import { Page } from "../../ui/page.tsx";
import { TextArea } from "../../ui/text-area.tsx";
import { EmailField, TextField } from "../../ui/text-fields.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import type { Chat, ChatMessage, ChatState } from "./chat.ts";
import type { ChatValues } from "./chat-form.ts";
import { ChatLog } from "./chat-log.pages.tsx";
import type { Standing } from "./chat-visitor.ts";

export interface ChatFormPageProps {
  view: View;
  state: ChatState;
  values: ChatValues;
  errors: FieldError[];
  asksAboutSchool: boolean;
  /** What is sent along by itself. */
  evidence: { label: string; value: ComponentChildren }[];
  carried: Record<string, string>;
  /** By when a written request is answered. */
  expectedAt: number;
  /** Too many came: until when. */
  waitUntil: number | null;
  /** What stands in the form was written to a conversation that is not open here any more. */
  isGone: boolean;
}

/** Who is there, how long it takes, and one form: for the chat where that is possible, else for a written request. */
export function ChatFormPage(props: ChatFormPageProps) {
  const { view, state, errors, values, carried } = props;
  const { t } = view;
  return (
    <Page
      view={view}
      title={t("chat.title")}
      hasErrors={errors.length > 0}
      scripts={state.isOpen ? [view.assets.chatJs] : []}
    >
      {props.isGone && (
        <Notice view={view} tone="careful" title={t("chat.none")} role="status">
          <p>{t("chat.none.kept")}</p>
        </Notice>
      )}
      {props.waitUntil === null ? (
        <Presence {...props} />
      ) : (
        <Notice view={view} tone="careful" title={t("wait.too-many")} role="status">
          <p>{t("contact.too-many", { moment: view.moment(props.waitUntil) })}</p>
          <p>{t("contact.too-many.kept")}</p>
        </Notice>
      )}
      <Form view={view} action="/chat" errors={errors} fields={{ ...carried, live: "" }}>
        <TextField
          view={view}
          name="name"
          label={t("contact.name")}
          autocomplete="name"
          value={values.name}
          required
        />
        <EmailField
          view={view}
          name="email"
          label={t("contact.email")}
          hint={t(props.asksAboutSchool ? "chat.email.hint.optional" : "chat.email.hint")}
          value={values.email}
          required={!props.asksAboutSchool}
        />
        {props.asksAboutSchool && (
          <TextField
            view={view}
            name="establishment"
            label={t("contact.establishment")}
            autocomplete="organization"
            value={values.establishment}
          />
        )}
        <TextArea
          view={view}
          name="what"
          label={t("contact.what")}
          hint={t("contact.what.hint")}
          value={values.what}
          required
        />
        <Details summary={t("contact.evidence.title")}>
          <Facts rows={props.evidence} />
        </Details>
        <Button>{t(state.isOpen ? "chat.begin" : "contact.submit")}</Button>
      </Form>
      <LinkList
        links={[
          { href: "/help", label: t("chat.to-help") },
          { href: "/contact", label: t("chat.to-contact"), hint: t("chat.to-contact.hint") },
        ]}
      />
    </Page>
  );
}

function Presence({ view, state, expectedAt }: ChatFormPageProps) {
  const { t } = view;
  if (!state.isOpen) {
    return (
      <Notice
        view={view}
        tone="careful"
        title={t(state.isSomebodyThere ? "chat.busy.title" : "chat.nobody.title")}
      >
        <p>{t("chat.write-instead")}</p>
        <p>{t("contact.expected", { at: new Date(expectedAt) })}</p>
      </Notice>
    );
  }
  return (
    <>
      <Notice view={view} tone="good" title={t("chat.there.title")}>
        <p>{waitWords(view, state.minutes)}</p>
      </Notice>
      <noscript>
        <p>{t("chat.no-script")}</p>
      </noscript>
    </>
  );
}

/** How long one waits, as well as it is known. */
function waitWords({ t }: View, minutes: number | null): string {
  return minutes === 0 ? t("chat.wait.soon") : t("chat.wait.minutes", { minutes: minutes ?? 5 });
}

export interface TalkPageProps {
  view: View;
  standing: Standing;
  messages: ChatMessage[];
  ownUrl: string;
  typed: string;
  errors: FieldError[];
  /** Drawn for the next message: the same one sent twice is said once. */
  messageKey: string;
}

/** The conversation in this browser. */
export function TalkPage(props: TalkPageProps) {
  const { view, messages, standing, errors } = props;
  const { t } = view;
  return (
    <Page
      view={view}
      title={t("chat.talk.title")}
      hasErrors={errors.length > 0}
      scripts={[view.assets.chatJs]}
      wide
    >
      <div
        class="chat"
        data-chat="/chat/events"
        data-chat-news="/chat/news"
        data-chat-last={messages.at(-1)?.seq ?? 0}
        data-chat-unread={t("chat.unread-title", { count: "{count}", title: "{title}" })}
        data-chat-offline={t("chat.offline")}
        data-chat-unsent={t("chat.unsent")}
      >
        <div class="chat-state" role="status" data-chat-state>
          <StandingWords view={view} standing={standing} />
        </div>
        {standing.row.account_id !== null && (
          <p class="hint">
            {t("chat.signed-in.ends")} {standing.row.email !== null && t("chat.signed-in.ends.mail")}
          </p>
        )}
        <ChatLog
          view={view}
          messages={messages}
          reader="person"
          ownUrl={props.ownUrl}
          label={t("chat.log")}
        />
        <p class="chat-trouble" role="alert" data-chat-trouble />
        <noscript>
          <p>
            {t("chat.reload.what")} <a href="/chat/talk">{t("chat.reload")}</a>
          </p>
        </noscript>
        <SayForm {...props} action="/chat/say" label={t("chat.text")} hint={t("chat.text.hint")} />
        <div class="chat-acts" data-chat-acts>
          <TalkActs view={view} standing={standing} />
        </div>
      </div>
    </Page>
  );
}

/** Where one writes; the script sends it without leaving the page. */
export function SayForm(props: {
  view: View;
  action: string;
  label: string;
  hint?: string;
  typed: string;
  errors: FieldError[];
  messageKey: string;
}) {
  const { view } = props;
  return (
    <div class="chat-say" data-chat-say>
      <Form
        view={view}
        action={props.action}
        errors={props.errors}
        fields={{ key: props.messageKey }}
        explainsRequired={false}
      >
        <TextArea
          view={view}
          name="text"
          label={props.label}
          hint={props.hint}
          value={props.typed}
          rows={3}
          autocomplete="off"
        />
        <Acts>
          <Button>{view.t("chat.send")}</Button>
          <span class="hint" data-chat-keys hidden>
            {view.t("chat.keys")}
          </span>
        </Acts>
      </Form>
    </div>
  );
}

/** Where the conversation stands, in a sentence or two. */
export function StandingWords({ view, standing }: { view: View; standing: Standing }) {
  const { t } = view;
  const { row, position } = standing;
  if (row.status === "ended") return <p>{t("chat.state.ended")}</p>;
  if (row.status === "open") return <p>{t("chat.state.open", { name: row.staff_name ?? "" })}</p>;
  if (!standing.isSomebodyThere) return <p>{t("chat.state.alone")}</p>;
  return (
    <>
      <p>
        {t("chat.state.position", { position: position ?? 1 })} {waitWords(view, standing.minutes)}
      </p>
      <p class="hint">{t("chat.state.stay")}</p>
    </>
  );
}

/** How to leave: every way says what becomes of the question. */
export function TalkActs({ view, standing }: { view: View; standing: Standing }) {
  const { t } = view;
  const { row, isUnanswered } = standing;
  if (row.status === "ended") return null;
  if (row.status === "waiting") {
    return (
      <Acts>
        <PressButton action="/chat/end" fields={{ how: "by-mail" }} label={t("chat.end.by-mail")} />
        <PressButton action="/chat/end" fields={{ how: "dropped" }} label={t("chat.end.dropped")} />
      </Acts>
    );
  }
  return (
    <Acts>
      {isUnanswered && (
        <PressButton action="/chat/end" fields={{ how: "by-mail" }} label={t("chat.end.by-mail")} />
      )}
      <PressButton
        action="/chat/end"
        fields={{ how: "person" }}
        label={t(isUnanswered ? "chat.end.settled" : "chat.end")}
      />
    </Acts>
  );
}

export interface EndedPageProps {
  view: View;
  row: Chat;
  messages: ChatMessage[];
  ownUrl: string;
  /** Only where no mail brings it. */
  followPath: string | null;
  typed: string;
  errors: FieldError[];
  messageKey: string;
}

/** The conversation is over: why, what becomes of it, and all of it to read once more. */
export function EndedPage(props: EndedPageProps) {
  const { view, row, messages, followPath } = props;
  const { t } = view;
  const goesOn = row.answer_by !== null;
  return (
    <Page
      view={view}
      title={t(goesOn ? "chat.ended.goes-on.title" : "chat.ended.title")}
      tone="good"
      hasErrors={props.errors.length > 0}
    >
      <p>{t(`chat.system.ended.${row.ended_by}` as MessageKey, { name: row.staff_name ?? "" })}</p>
      {row.answer_by !== null && <p>{t("contact.expected", { at: new Date(row.answer_by) })}</p>}
      {row.case_number !== null && (
        <Facts
          rows={[
            { label: t("cases.number"), value: <Exact>{row.case_number}</Exact> },
            ...(row.email === null || row.is_mailed === 0
              ? []
              : [{ label: t("chat.ended.address"), value: <Exact>{row.email}</Exact> }]),
          ]}
        />
      )}
      {row.is_mailed === 1 && <p>{t("chat.ended.mail")}</p>}
      {followPath !== null && (
        <LinkList
          links={[{ href: followPath, label: t("contact.sent.follow"), hint: t("contact.sent.follow.hint") }]}
        />
      )}
      <h2>{t("chat.ended.said")}</h2>
      <ChatLog view={view} messages={messages} reader="person" ownUrl={props.ownUrl} label={t("chat.log")} />
      <Details summary={t("chat.ended.add")} isOpen={props.errors.length > 0 || props.typed !== ""}>
        <SayForm {...props} action="/chat/say" label={t("chat.text")} />
      </Details>
      <p class="hint">{t("chat.ended.close.hint")}</p>
      <PressButton action="/chat/close" label={t("chat.ended.close")} />
      <LinkList
        links={[
          { href: "/help", label: t("chat.to-help") },
          { href: "/sign-in", label: t("ui.to-sign-in") },
        ]}
      />
    </Page>
  );
}
