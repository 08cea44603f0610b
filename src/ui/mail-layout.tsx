import { describeMail } from "./mail-blocks.ts";
import type { MailContent, MailView } from "./mail-content.ts";
import { renderMailHtml } from "./mail-html.tsx";
import { renderMailText } from "./mail-text.ts";

export type { MailContent, MailView } from "./mail-content.ts";

/** Both parts of a mail from one description, so that they cannot say different things. */
export function renderMail(view: MailView, content: MailContent): { html: string; text: string } {
  const blocks = describeMail(view, content);
  return { html: renderMailHtml(view, blocks), text: renderMailText(view, blocks) };
}
