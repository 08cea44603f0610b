import type { MessageTemplates, MessageView } from "../../ui/message-template.ts";
import type { TranscriptLine, TranscriptParams } from "./chat-ending.ts";

/** « 14:03 · Camille », and below what was said. */
function paragraphOf({ t }: MessageView, { at, by, text }: TranscriptLine): string {
  return `${t("chat.transcript.line", { at: new Date(at), by: by ?? t("chat.transcript.you") })}\n${text}`;
}

/**
 * The conversation, once it is over. Whole to an address that is known to be the person's; to any other only what staff
 * said, and the link where the whole is read (promise 2).
 */
export const chatMessages: MessageTemplates = {
  "chat.transcript": {
    email(view, params: TranscriptParams) {
      const { t } = view;
      const { number, relay, lines } = params;
      const first = lines[0];
      return {
        subject: t("chat.transcript.subject", { number }),
        content: {
          greeting:
            params.name === null ? t("cases.mail.greeting") : t("mail.greeting", { name: params.name }),
          paragraphs: [
            t(params.isWhole ? "chat.transcript.whole" : "chat.transcript.part", {
              relay,
              at: new Date(first?.at ?? 0),
            }),
            ...lines.map((line) => paragraphOf(view, line)),
            ...(params.isCut ? [t("chat.transcript.cut")] : []),
            params.expectedAt === null
              ? t("chat.transcript.over")
              : t("chat.transcript.goes-on", { at: new Date(params.expectedAt) }),
            ...(params.replyTo === null ? [] : [t("cases.mail.by-reply")]),
          ],
          facts: [[t("cases.number"), number]],
          button: { label: t("chat.transcript.button"), url: view.link("/contact/case") },
          notYou: { text: t("chat.transcript.not-you") },
          neverAsk: true,
          why: t("chat.transcript.why", { brand: view.brandName }),
        },
        replyTo: params.replyTo,
        // The id of the request, which every mail of it names: mail programs keep them together (RFC 5322 §3.6.4).
        headers: { References: view.mailId(params.caseId), "In-Reply-To": view.mailId(params.caseId) },
      };
    },
  },
};
