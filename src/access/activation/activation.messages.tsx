import type { MessageTemplates } from "../../ui/message-template.ts";
import type { OpensBy } from "./activation.ts";

interface InviteParams {
  name: string;
  identifier: string;
  lastsForSeconds: number;
}

interface ByLetterParams {
  by: OpensBy;
  askedAt: number;
  browser: string | null;
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

  // To a contact point that nobody proved: no name, no identifier, and no link but to a page for everybody.
  "activation.by-letter": {
    email(view, params: ByLetterParams) {
      const { t, brandName } = view;
      return {
        subject: t("activation.by-letter.subject", { brand: brandName }),
        content: {
          paragraphs: [
            t("activation.by-letter.what", { brand: brandName }),
            t("activation.by-letter.how"),
            t("activation.by-letter.ask"),
          ],
          facts: [
            [t("mail.asked-at"), view.moment(params.askedAt)],
            [t("mail.asked-from"), params.browser ?? t("mail.browser-unknown")],
          ],
          button: { label: t("activation.by-letter"), url: view.page("/activate") },
          ...(params.by === "letter-or-mobile" && {
            secondary: {
              before: t("activation.by-mobile.hint"),
              label: t("activation.by-mobile"),
              url: view.page("/activate/mobile"),
            },
          }),
          notYou: { text: t("recovery.unavailable.not-you") },
          neverAsk: false,
          why: t("activation.invite.why", { brand: brandName }),
        },
      };
    },
    sms: ({ t, brandName, page }, { by }: ByLetterParams) =>
      t(`activation.by-letter.sms.${by}`, {
        brand: brandName,
        link: page(by === "letter" ? "/activate" : "/activate/mobile"),
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
