import type { Translate } from "../i18n/translations.ts";
import type { MailContent } from "./mail-content.ts";

/** What the words of a message may use. It is made when the message leaves, in the language stored with it. */
export interface MessageView {
  t: Translate;
  locale: string;
  brandName: string;
  /** Name and address that mails come from. */
  sender: { name: string; address: string };
  /** The `Message-ID` of another mail of ours, by its id in the outbox: for `In-Reply-To` and `References`. */
  mailId(messageId: string): string;
  /** The address of a page, in the language of the message. */
  page(path: string): string;
  /** The same with this message's secret link token. */
  link(path: string): string;
  /** Date, time and zone. */
  moment(ms: number): string;
  /** "30 minutes", "3 days". */
  duration(seconds: number): string;
  codePlain: string | null;
}

/** How a mail begins; nothing where the name may be a stranger's words (`nameFor` of accounts/reach.ts). */
export const greetingOf = (t: Translate, name: string | null): string | undefined =>
  name === null ? undefined : t("mail.greeting", { name });

/** An e-mail in words. */
export interface WrittenMail {
  subject: string;
  content: MailContent;
  /** Where answers go, a bare address; null or absent: to the sender. */
  replyTo?: string | null;
  /** Of the few that `channels/smtp-headers.ts` allows: `References`, `In-Reply-To`, `Auto-Submitted`, `List-Id`. */
  headers?: Record<string, string>;
}

/** E-mail (subject and content) and SMS of one message, together. Pure; `params` is what was enqueued. */
export interface MessageTemplate {
  email?(view: MessageView, params: never): WrittenMail;
  sms?(view: MessageView, params: never): string;
}

/** Templates by the name they are enqueued with: `room.what`. */
export type MessageTemplates = Record<string, MessageTemplate>;
