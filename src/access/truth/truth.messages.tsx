import type { MessageTemplates } from "../../ui/message-template.ts";

interface TruthParams {
  about: "confirm" | "reset" | "recall" | "unlock" | "see-state";
  askedAt: number;
  browser: string | null;
  removedAt: number | null;
  canSignUp: boolean;
}

export const truthMessages: MessageTemplates = {
  "truth.no-account": {
    email({ t, moment, page, brandName }, params: TruthParams) {
      const removed =
        params.removedAt === null ? [] : [t("truth.mail.removed", { when: moment(params.removedAt) })];
      return {
        subject: t("truth.mail.subject", { brand: brandName }),
        content: {
          paragraphs: [
            t(`truth.mail.${params.about}`, { brand: brandName }),
            ...removed,
            t("truth.mail.another-address"),
          ],
          facts: [
            [t("mail.asked-at"), moment(params.askedAt)],
            [t("mail.asked-from"), params.browser ?? t("mail.browser-unknown")],
          ],
          ...(params.canSignUp
            ? { button: { label: t("truth.mail.sign-up"), url: page("/sign-up") } }
            : { button: { label: t("truth.mail.sign-in"), url: page("/sign-in") } }),
          notYou: { text: t("truth.mail.not-you") },
          neverAsk: false,
          why: t("truth.mail.why", { brand: brandName }),
        },
      };
    },
  },
};
