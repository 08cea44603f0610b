import { smsSegments, toGsm7WhereAllowed, withOriginBoundCode } from "../../channels/sms-text.ts";
import { greetingOf, type MessageTemplates } from "../../ui/message-template.ts";

interface LinkParams {
  /** Null where several people share the mailbox, or nobody proved it. */
  name: string | null;
  askedAt: number;
  browser: string | null;
  validForSeconds: number;
}

/** An SMS is charged by its parts: the link is left out where it would need a third. */
const partsAtMost = 2;

export const accountStateMessages: MessageTemplates = {
  "account-state.link": {
    email(view, params: LinkParams) {
      const { t, brandName } = view;
      return {
        subject: t("account-state.mail.subject", { brand: brandName }),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [
            t("account-state.mail.what", { brand: brandName }),
            t("account-state.mail.how", { duration: view.duration(params.validForSeconds) }),
          ],
          facts: [
            [t("mail.asked-at"), view.moment(params.askedAt)],
            [t("mail.asked-from"), params.browser ?? t("mail.browser-unknown")],
          ],
          button: { label: t("account-state.mail.button"), url: view.link("/help/diagnosis/state/open") },
          code: view.codePlain ?? undefined,
          notYou: { text: t("account-state.mail.not-you") },
          neverAsk: true,
          why: t("account-state.mail.why", { brand: brandName }),
        },
      };
    },
    sms(view) {
      const { t, brandName, locale } = view;
      const link = view.link("/help/diagnosis/state/open");
      const needed = t("account-state.sms", { brand: brandName, code: view.codePlain ?? "" });
      const whole = `${needed}\n${t("account-state.sms.link", { link })}`;
      const plain = withOriginBoundCode(
        toGsm7WhereAllowed(whole, locale),
        new URL(link).hostname,
        "00000000",
      );
      return smsSegments(plain).segments <= partsAtMost ? whole : needed;
    },
  },
};
