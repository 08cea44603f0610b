import type { MessageTemplates } from "../../ui/message-template.ts";

interface InviteParams {
  name: string;
  identifier: string;
  lastsForSeconds: number;
}

export const activationMessages: MessageTemplates = {
  "activation.invite": {
    email(view, params: InviteParams) {
      const { t, brandName } = view;
      return {
        subject: t("registration.activate.subject"),
        content: {
          greeting: t("mail.greeting", { name: params.name }),
          paragraphs: [
            t("activation.invite.what", { brand: brandName }),
            t("activation.invite.how", { duration: view.duration(params.lastsForSeconds) }),
          ],
          facts: [[t("mail.identifier"), params.identifier]],
          button: { label: t("activation.invite.button"), url: view.link("/activate") },
          notYou: { text: t("activation.invite.not-you") },
          neverAsk: true,
          why: t("activation.invite.why", { brand: brandName }),
        },
      };
    },
    sms: (view, params: InviteParams) =>
      view.t("activation.invite.sms", {
        brand: view.brandName,
        identifier: params.identifier,
        link: view.link("/activate"),
      }),
  },

  "activation.open": {
    email(view, params: { name: string; identifier: string }) {
      const { t, brandName } = view;
      return {
        subject: t("confirmation.open.subject", { brand: brandName }),
        content: {
          greeting: t("mail.greeting", { name: params.name }),
          paragraphs: [t("confirmation.open.what", { brand: brandName }), t("confirmation.open.keep")],
          facts: [[t("mail.identifier"), params.identifier]],
          button: { label: t("ui.to-sign-in"), url: view.page("/sign-in") },
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
    sms: ({ t, brandName }, { identifier }: { identifier: string }) =>
      t("activation.open.sms", { brand: brandName, identifier }),
  },
};
