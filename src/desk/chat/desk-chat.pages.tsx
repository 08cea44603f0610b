import type { ComponentChildren } from "preact";
import type { Staff } from "../../kernel/caller.ts";
import { Button, PressButton, QuietButton } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { Acts, Exact, Facts, ItemList, Tag } from "../../ui/facts.tsx";
import { Form } from "../../ui/form.tsx";
import { Notice } from "../../ui/notices.tsx";
import { SelectField } from "../../ui/select-field.tsx";
import type { FieldError, View } from "../../ui/view.ts";
import { SayForm } from "./chat.pages.tsx";
import type { Chat, ChatMessage } from "./chat.ts";
import { ChatLog } from "./chat-log.pages.tsx";
import type { DeskChats } from "./chat-staff.ts";

const choicesOfTakes = [1, 2, 3, 4, 5, 6, 8, 10, 15, 20];
const clockWords = ({ t }: View, at: number) => t("chat.time", { at: new Date(at) });

export interface DeskChatsPageProps {
  view: View;
  staff: Staff;
  chats: DeskChats;
  /** A colleague's conversations, when they are asked for. */
  colleague: { name: string; isThere: boolean; rows: Chat[] } | null;
}

/** Who waits, whom I talk with, who else is there. */
export function DeskChatsPage({ view, staff, chats, colleague }: DeskChatsPageProps) {
  const { t } = view;
  return (
    <DeskPage view={view} staff={staff} current="chat" title={t("desk-chat.title")}>
      <div class="chat-desk" data-desk-chat="/desk/chat/events" data-desk-chat-there={thereFlag(chats)}>
        <Availability view={view} chats={chats} />
        <div class="chat-lists" data-desk-chat-list>
          <ChatLists view={view} chats={chats} chatId={null} />
        </div>
      </div>
      {colleague && (
        <section class="section" id="colleague" aria-labelledby="colleague-title">
          <h2 id="colleague-title">{t("desk-chat.of", { name: colleague.name })}</h2>
          <ItemList
            empty={t("desk-chat.of.none")}
            items={colleague.rows.map((row) => ({
              key: row.id,
              title: <ChatLink row={row} />,
              lines: [standingOf(view, row)],
              acts: colleague.isThere ? undefined : <TakeButton view={view} row={row} />,
            }))}
          />
        </section>
      )}
      <noscript>
        <p>
          {t("desk-chat.reload.what")} <a href="/desk/chat">{t("chat.reload")}</a>
        </p>
      </noscript>
    </DeskPage>
  );
}

const thereFlag = ({ me }: DeskChats) => (me?.isOpen ? "1" : "0");

function Availability({ view, chats }: { view: View; chats: DeskChats }) {
  const { t } = view;
  const { me } = chats;
  const isOpen = me?.isOpen === true;
  const takes = me?.takesAtOnce ?? 4;
  return (
    <section class="chat-available" aria-labelledby="available-title">
      <h2 id="available-title">{t("desk-chat.available")}</h2>
      <p>
        <Tag tone={isOpen ? "good" : "careful"}>
          {t(isOpen ? "desk-chat.available.yes" : "desk-chat.available.no")}
        </Tag>
      </p>
      <Form
        view={view}
        action="/desk/chat/available"
        fields={{ live: "", available: "1" }}
        explainsRequired={false}
      >
        <SelectField
          view={view}
          name="takes"
          label={t("desk-chat.takes")}
          value={String(takes)}
          options={[...new Set([...choicesOfTakes, takes])]
            .sort((one, other) => one - other)
            .map((count) => ({ value: String(count), label: String(count) }))}
        />
        {isOpen ? (
          <QuietButton>{t("desk-chat.takes.change")}</QuietButton>
        ) : (
          <Button>{t("desk-chat.available.press")}</Button>
        )}
      </Form>
      {isOpen && (
        <PressButton
          action="/desk/chat/available"
          fields={{ available: "0", takes: String(takes) }}
          label={t("desk-chat.available.stop")}
        />
      )}
      <p class="hint">{t("desk-chat.available.hint")}</p>
    </section>
  );
}

function ChatLink({ row, isCurrent = false }: { row: Chat; isCurrent?: boolean }) {
  return (
    <a href={`/desk/chat/${row.id}`} aria-current={isCurrent ? "page" : undefined}>
      <bdi>{row.name}</bdi>
    </a>
  );
}

const TakeButton = ({ view, row }: { view: View; row: Chat }) => (
  <PressButton
    action={`/desk/chat/${row.id}/take`}
    label={view.t("desk-chat.take")}
    about={row.name}
    fields={{ live: "" }}
  />
);

function standingOf(view: View, row: Chat): string {
  const { t } = view;
  if (row.status === "waiting") return t("desk-chat.waits-since", { at: clockWords(view, row.asked_at) });
  return row.waits_since === null
    ? t("desk-chat.answered-at", { at: clockWords(view, row.last_message_at) })
    : t("desk-chat.unanswered-since", { at: clockWords(view, row.waits_since) });
}

/** The parts that change by themselves; `chatId` is the conversation of the page. */
export function ChatLists({ view, chats, chatId }: { view: View; chats: DeskChats; chatId: string | null }) {
  const { t } = view;
  const { waiting, mine, colleagues } = chats;
  const unanswered = mine.filter((row) => row.waits_since !== null).length;
  return (
    <>
      <section class="chat-list" aria-labelledby="waiting-title" data-waiting={waiting.length}>
        <h2 id="waiting-title">{t("desk-chat.waiting", { count: waiting.length })}</h2>
        <ItemList
          empty={t("desk-chat.waiting.none")}
          items={waiting.map((row) => ({
            key: row.id,
            title: <ChatLink row={row} isCurrent={row.id === chatId} />,
            lines: [standingOf(view, row), ...(row.establishment === null ? [] : [row.establishment])],
            acts: <TakeButton view={view} row={row} />,
          }))}
        />
      </section>
      <section class="chat-list" aria-labelledby="mine-title" data-unanswered={unanswered}>
        <h2 id="mine-title">{t("desk-chat.mine", { count: mine.length })}</h2>
        <ItemList
          empty={t("desk-chat.mine.none")}
          items={mine.map((row) => ({
            key: row.id,
            title: <ChatLink row={row} isCurrent={row.id === chatId} />,
            tag: row.waits_since !== null && <Tag tone="careful">{t("desk-chat.unanswered")}</Tag>,
            lines: [standingOf(view, row)],
          }))}
        />
      </section>
      <section class="chat-list" aria-labelledby="colleagues-title">
        <h2 id="colleagues-title">{t("desk-chat.colleagues")}</h2>
        <ItemList
          empty={t("desk-chat.colleagues.none")}
          items={colleagues.map(({ staffId, name, isOpen, talksWith }) => ({
            key: staffId,
            title: <a href={`/desk/chat?of=${staffId}#colleague`}>{name}</a>,
            lines: [
              t(isOpen ? "desk-chat.colleague.open" : "desk-chat.colleague.closed", { count: talksWith }),
            ],
          }))}
        />
      </section>
    </>
  );
}

export interface DeskTalkPageProps {
  view: View;
  staff: Staff;
  row: Chat;
  messages: ChatMessage[];
  chats: DeskChats;
  /** What came with it, in words. */
  evidence: { label: string; value: ComponentChildren }[];
  ownUrl: string;
  typed: string;
  errors: FieldError[];
  messageKey: string;
}

/** One conversation: what is said, who it is, and what can be done. */
export function DeskTalkPage(props: DeskTalkPageProps) {
  const { view, staff, row, messages, chats, errors } = props;
  const { t } = view;
  return (
    <DeskPage
      view={view}
      staff={staff}
      current="chat"
      title={t("desk-chat.talk.title", { name: row.name })}
      heading={<bdi>{row.name}</bdi>}
      hasErrors={errors.length > 0}
    >
      <p class="case-back">
        <a href="/desk/chat">{t("desk-chat.back")}</a>
      </p>
      <div
        class="chat-grid"
        data-chat={`/desk/chat/events?chat=${row.id}`}
        data-chat-news={`/desk/chat/${row.id}/news`}
        data-chat-last={messages.at(-1)?.seq ?? 0}
        data-chat-unread={t("chat.unread-title", { count: "{count}", title: "{title}" })}
        data-chat-offline={t("chat.offline")}
        data-chat-unsent={t("chat.unsent")}
        data-desk-chat-there={thereFlag(chats)}
      >
        <div class="chat-main">
          <div class="chat-state" role="status" data-chat-state>
            <DeskStanding view={view} staff={staff} row={row} />
          </div>
          <ChatLog
            view={view}
            messages={messages}
            reader="staff"
            ownUrl={props.ownUrl}
            label={t("chat.log")}
          />
          <p class="chat-trouble" role="alert" data-chat-trouble />
          <noscript>
            <p>
              {t("chat.reload.what")} <a href={`/desk/chat/${row.id}`}>{t("chat.reload")}</a>
            </p>
          </noscript>
          {(isMine(staff, row) || props.typed !== "") && (
            <SayForm
              {...props}
              action={`/desk/chat/${row.id}/say`}
              label={t("desk-chat.text")}
              hint={t("desk-chat.text.hint", { language: languageOf(view, row) })}
            />
          )}
        </div>
        <div class="chat-beside">
          <Who {...props} />
          <div class="chat-acts" data-chat-acts>
            <DeskTalkActs view={view} staff={staff} row={row} colleagues={chats.colleagues} />
          </div>
          <div class="chat-lists" data-desk-chat-list>
            <ChatLists view={view} chats={chats} chatId={row.id} />
          </div>
        </div>
      </div>
    </DeskPage>
  );
}

/** Whoever has taken it is who answers. */
export const isMine = (staff: Pick<Staff, "accountId">, row: Chat): boolean =>
  row.status === "open" && row.staff_id === staff.accountId;

const languageOf = (view: View, row: Chat) =>
  view.languages.find(({ code }) => code === row.locale)?.name ?? row.locale;

/** Whose it is, and whose turn. */
export function DeskStanding({
  view,
  staff,
  row,
}: {
  view: View;
  staff: Pick<Staff, "accountId">;
  row: Chat;
}) {
  const { t } = view;
  if (row.status === "ended") {
    return (
      <Notice view={view} tone="careful" title={t("desk-chat.over.title")}>
        <p>{t(`chat.system.ended.${row.ended_by ?? "staff"}`, { name: row.staff_name ?? "" })}</p>
        {row.case_number !== null && (
          <p>
            <a href={`/desk/cases/${row.case_number}`}>
              {t("desk-chat.over.case", { number: row.case_number })}
            </a>
          </p>
        )}
      </Notice>
    );
  }
  if (row.status === "waiting") return <p>{standingOf(view, row)}</p>;
  if (row.staff_id !== staff.accountId)
    return <p>{t("desk-chat.held-by", { name: row.staff_name ?? "" })}</p>;
  return <p>{standingOf(view, row)}</p>;
}

/** Who writes, as they say; what is proved is said apart. */
function Who({ view, staff, row, evidence }: DeskTalkPageProps) {
  const { t } = view;
  const maySearch = staff.may.has("people.search");
  const search = (words: string) => `/desk/people?q=${encodeURIComponent(words)}`;
  return (
    <section aria-labelledby="who-title">
      <h2 id="who-title">{t("desk-chat.who")}</h2>
      <p>
        <Tag tone={row.account_id === null ? "careful" : "good"}>
          {t(row.account_id === null ? "desk-chat.unproved" : "desk-chat.signed-in")}
        </Tag>
      </p>
      <Facts
        rows={[
          ...(row.email === null ? [] : [{ label: t("desk-chat.email"), value: <Exact>{row.email}</Exact> }]),
          ...(row.kind === null ? [] : [{ label: t("contact.kind"), value: t(`contact.kind.${row.kind}`) }]),
          ...(row.establishment === null
            ? []
            : [{ label: t("contact.establishment"), value: row.establishment }]),
          { label: t("desk-chat.language"), value: languageOf(view, row) },
          ...evidence,
        ]}
      />
      {maySearch && (
        <ul class="links">
          {row.account_id !== null && (
            <li>
              <a href={`/desk/people/${row.account_id}`}>{t("desk-chat.to-person")}</a>
            </li>
          )}
          {row.account_id === null && (
            <li>
              <a href={search(row.email ?? row.name)}>{t("desk-chat.search-person")}</a>
            </li>
          )}
          {row.incident !== null && (
            <li>
              <a href={search(row.incident)}>{t("desk-chat.search-incident")}</a>
            </li>
          )}
        </ul>
      )}
    </section>
  );
}

/** What can be done with it just now. */
export function DeskTalkActs({
  view,
  staff,
  row,
  colleagues,
}: {
  view: View;
  staff: Pick<Staff, "accountId">;
  row: Chat;
  colleagues: DeskChats["colleagues"];
}) {
  const { t } = view;
  if (row.status === "ended") return null;
  if (!isMine(staff, row)) {
    const isHolderThere = colleagues.some(({ staffId }) => staffId === row.staff_id);
    return row.status === "open" && isHolderThere ? null : <TakeButton view={view} row={row} />;
  }
  const others = colleagues.filter(({ staffId }) => staffId !== row.account_id);
  return (
    <>
      <h2>{t("desk-chat.acts")}</h2>
      <Acts>
        <PressButton action={`/desk/chat/${row.id}/end`} label={t("desk-chat.end")} />
        <PressButton action={`/desk/chat/${row.id}/case`} label={t("desk-chat.to-case")} />
      </Acts>
      <p class="hint">{t("desk-chat.end.hint")}</p>
      {others.length > 0 && (
        <Form view={view} action={`/desk/chat/${row.id}/hand-over`} explainsRequired={false}>
          <SelectField
            view={view}
            name="to"
            label={t("desk-chat.hand-over")}
            options={others.map(({ staffId, name }) => ({ value: staffId, label: name }))}
          />
          <QuietButton>{t("desk-chat.hand-over.press")}</QuietButton>
        </Form>
      )}
    </>
  );
}
