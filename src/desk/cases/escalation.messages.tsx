import type { MessageKey } from "../../i18n/translations.ts";
import type { MessageTemplates, MessageView } from "../../ui/message-template.ts";

interface DigestParams {
  cases: { number: string; symptom: string; from: string; how: string }[];
  hasMore: boolean;
}

/** For staff. No word of those who wrote stands in it: only numbers, symptoms, and where cases came from. */
export const escalationMessages: MessageTemplates = {
  "escalation.digest": {
    email({ t, page }: MessageView, { cases, hasMore }: DigestParams) {
      return {
        subject: t("escalation.mail.subject", { count: cases.length }),
        headers: { "Auto-Submitted": "auto-generated" },
        content: {
          paragraphs: [
            t("escalation.mail.what", { count: cases.length }),
            ...(hasMore ? [t("escalation.mail.more")] : []),
          ],
          list: cases.map(({ number, symptom, from, how }) => ({
            title: t("escalation.mail.case", { number, symptom: t(`symptom.${symptom}` as MessageKey) }),
            text: t(`escalation.mail.how.${how}` as MessageKey, { from }),
          })),
          button: { label: t("escalation.mail.open"), url: page("/desk/cases?view=team") },
          neverAsk: false,
          why: t("escalation.mail.why"),
        },
      };
    },
  },
};
