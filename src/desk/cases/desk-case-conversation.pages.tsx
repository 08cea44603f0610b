import { Exact, Tag } from "../../ui/facts.tsx";
import { Details } from "../../ui/notices.tsx";
import type { View } from "../../ui/view.ts";
import type { CaseAttachment, CaseMessage } from "./cases.ts";
import { type DeskContext, eventWords } from "./desk-case-words.ts";
import type { CaseFile } from "./inbox-case.ts";

/** What was said, in order. Who speaks is told by words and by shape: a note for staff is never taken for an answer. */
export function Conversation({ view, context, file }: { view: View; context: DeskContext; file: CaseFile }) {
  const { t } = view;
  return (
    <section aria-labelledby="said-title" class="case-said">
      <h2 id="said-title">{t("inbox.said.title")}</h2>
      <ol class="case-messages">
        {file.messages.map((message) =>
          message.kind === "event" ? (
            <Happening key={message.id} view={view} context={context} message={message} />
          ) : (
            <Said
              key={message.id}
              view={view}
              message={message}
              number={file.row.number}
              from={file.merged.find(({ id }) => id === message.case_id)?.number ?? null}
              attachments={file.attachments.filter(({ message_id }) => message_id === message.id)}
              isNewest={message.id === file.seen}
            />
          ),
        )}
      </ol>
      <Attachments
        view={view}
        number={file.row.number}
        attachments={file.attachments.filter(({ message_id }) => message_id === null)}
      />
    </section>
  );
}

function Said(props: {
  view: View;
  message: CaseMessage;
  /** Number of the merged case that it was said in. */
  from: string | null;
  /** Of the case whose page it is. */
  number: string;
  attachments: CaseAttachment[];
  isNewest: boolean;
}) {
  const { view, message, from } = props;
  const { t } = view;
  const kind = message.kind as "person" | "staff" | "note";
  return (
    <li class={`case-message is-from-${kind}`} id={props.isNewest ? "newest" : undefined}>
      <p class="case-message-who">
        <Tag>{t(`inbox.said.${kind}`)}</Tag> <bdi>{message.author_name ?? t("inbox.said.nobody")}</bdi>
      </p>
      <p class="hint">
        {view.moment(message.at)} · {t(`inbox.channel.${message.channel}`)}
        {from !== null && (
          <>
            {" "}
            · {t("inbox.said.in")} <Exact>{from}</Exact>
          </>
        )}
      </p>
      <Text text={message.body} />
      {message.quoted !== null && message.quoted !== "" && (
        <Details summary={t("inbox.said.quoted")}>
          <Text text={message.quoted} />
        </Details>
      )}
      <Attachments view={view} number={props.number} attachments={props.attachments} />
    </li>
  );
}

/** Plain text as it was written: lines kept, nothing in it made into a link that we would vouch for. */
function Text({ text }: { text: string }) {
  return (
    <div class="case-text" dir="auto">
      {text}
    </div>
  );
}

function Happening({ view, context, message }: { view: View; context: DeskContext; message: CaseMessage }) {
  const { t } = view;
  return (
    <li class="case-happening">
      <p>{eventWords(view, context, message)}</p>
      <p class="hint">
        {message.author_name === null
          ? view.moment(message.at)
          : t("inbox.event.by", { name: message.author_name, moment: view.moment(message.at) })}
      </p>
    </li>
  );
}

function Attachments(props: { view: View; number: string; attachments: CaseAttachment[] }) {
  const { view, number, attachments } = props;
  if (attachments.length === 0) return null;
  return (
    <ul class="links" aria-label={view.t("inbox.attachments")}>
      {attachments.map(({ id, name, bytes }) => (
        <li key={id}>
          <a href={`/desk/cases/${number}/attachments/${id}`}>
            <bdi>{name}</bdi>
          </a>
          <span class="hint">{view.t("inbox.attachment.size", { kilobytes: Math.ceil(bytes / 1024) })}</span>
        </li>
      ))}
    </ul>
  );
}
