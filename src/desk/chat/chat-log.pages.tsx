import type { ComponentChildren } from "preact";
import type { MessageKey } from "../../i18n/translations.ts";
import type { View } from "../../ui/view.ts";
import type { ChatMessage } from "./chat.ts";

export interface LogProps {
  view: View;
  messages: ChatMessage[];
  /** Who reads: their own words stand on their side. */
  reader: "person" | "staff";
  /** The portal's own address: where staff name a page of it, the person can press it. */
  ownUrl: string;
}

/** What was said, in its order; what comes is read out by itself (WAI-ARIA `log`). */
export function ChatLog({ label, ...log }: LogProps & { label: string }) {
  return (
    // It scrolls, and must do so by keyboard, too (WCAG 2.1.1).
    <div class="chat-log" role="log" aria-label={label} tabindex={0} data-chat-log>
      <SaidList {...log} />
    </div>
  );
}

export function SaidList(log: LogProps) {
  return (
    <>
      {log.messages.map((message) => (
        <Said key={message.seq} {...log} message={message} />
      ))}
    </>
  );
}

function Said({ view, reader, ownUrl, message }: LogProps & { message: ChatMessage }) {
  const { t } = view;
  const time = <span class="chat-time">{t("chat.time", { at: new Date(message.at) })}</span>;
  if (message.kind === "system") {
    return (
      <div class="chat-happened" data-seq={message.seq}>
        <p>
          {happenedWords(view, message)} {time}
        </p>
      </div>
    );
  }
  const isOwn = message.kind === reader;
  const isOfPerson = message.kind === "person";
  return (
    <div class={isOwn ? "chat-said is-own" : "chat-said"} data-seq={message.seq}>
      <p class="chat-who">
        <bdi>{isOwn && isOfPerson ? t("chat.you") : (message.author_name ?? "")}</bdi> {time}
      </p>
      <p class="chat-text" dir="auto">
        {isOfPerson ? message.body : withOwnLinks(message.body, ownUrl)}
      </p>
    </div>
  );
}

/** What happened, in the language of whoever reads it. */
function happenedWords({ t }: View, message: ChatMessage): string {
  return t(message.body as MessageKey, JSON.parse(message.params ?? "{}") as Record<string, string>);
}

/** Pages of this portal can be pressed; any other address stays text, for nobody here vouches for it. */
export function withOwnLinks(text: string, ownUrl: string): ComponentChildren {
  const parts: ComponentChildren[] = [];
  let rest = text;
  for (let at = rest.indexOf(`${ownUrl}/`); at >= 0; at = rest.indexOf(`${ownUrl}/`)) {
    const address = /^[!-~]*/.exec(rest.slice(at))?.[0].replace(/[.,;:!?)\]"'>]+$/, "") ?? "";
    parts.push(
      rest.slice(0, at),
      <a href={address} dir="ltr">
        {address}
      </a>,
    );
    rest = rest.slice(at + address.length);
  }
  return [...parts, rest];
}
