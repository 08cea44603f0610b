import type { MessageTemplates } from "../../ui/message-template.ts";

export const confirmationMessages: MessageTemplates = {
  "confirmation.open": {
    email(view, params: { name: string; identifier: string }) {
      const { t, brandName } = view;
      return {
        subject: t("confirmation.open.subject", { brand: brandName }),
        content: {
          greeting: t("mail.greeting", { name: params.name }),
          paragraphs: [t("confirmation.open.what", { brand: brandName }), t("confirmation.open.keep")],
          facts: [[t("mail.identifier"), params.identifier]],
          button: { label: t("confirmation.open.button"), url: view.page("/account") },
          notYou: {
            text: t("confirmation.open.not-you"),
            url: view.page("/forgot-password"),
            label: t("confirmation.open.not-you-link"),
          },
          neverAsk: false,
          why: t("confirmation.open.why", { brand: brandName }),
        },
      };
    },
  },
};
