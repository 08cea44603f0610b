import type { MessageTemplates } from "../../ui/message-template.ts";

interface ContactParams {
  askedAt: number;
  browser: string | null;
  validForSeconds: number;
}

/** What an activation sends that its own person began. Nothing that somebody typed stands in these (promise 2). */
export const activationStepsMessages: MessageTemplates = {
  "activation.contact": {
    email(view, params: ContactParams) {
      const { t, brandName } = view;
      return {
        subject: t("contacts.verify.subject"),
        content: {
          paragraphs: [
            t("activation.contact.mail.what", { brand: brandName }),
            t("contacts.verify.how", { duration: view.duration(params.validForSeconds) }),
          ],
          facts: [
            [t("mail.asked-at"), view.moment(params.askedAt)],
            [t("mail.asked-from"), params.browser ?? t("mail.browser-unknown")],
          ],
          button: { label: t("contacts.verify.button"), url: view.link("/activate/contact/link") },
          code: view.codePlain ?? undefined,
          notYou: { text: t("contacts.verify.not-you") },
          neverAsk: true,
          why: t("contacts.verify.why", { brand: brandName }),
        },
      };
    },
    sms: (view) =>
      view.t("contacts.verify.sms", {
        brand: view.brandName,
        code: view.codePlain ?? "",
        link: view.link("/activate/contact/link"),
      }),
  },

  "activation.mobile": {
    sms: ({ t, brandName, codePlain }) =>
      t("activation.mobile.sms", { brand: brandName, code: codePlain ?? "" }),
  },

  "activation.already": {
    sms: ({ t, brandName, page }) =>
      t("activation.already.sms", { brand: brandName, link: page("/forgot-identifier") }),
  },
};
