import type { MessageTemplates } from "../../ui/message-template.ts";

interface ActivateParams {
  askedAt: number;
  browser: string | null;
  keptForSeconds: number;
}

interface AlreadyParams {
  askedAt: number;
  browser: string | null;
  isSignUp: boolean;
}

export const registrationMessages: MessageTemplates = {
  "registration.activate": {
    email(view, params: ActivateParams) {
      const { t, brandName } = view;
      const link = view.link("/confirm");
      return {
        subject: t("registration.activate.subject"),
        content: {
          paragraphs: [
            t("registration.activate.what", { brand: brandName }),
            t(view.codePlain ? "registration.activate.how" : "registration.activate.how-link", {
              duration: view.duration(params.keptForSeconds),
            }),
          ],
          button: { label: t("registration.activate.button"), url: link },
          code: view.codePlain ?? undefined,
          facts: [
            [t("mail.asked-at"), view.moment(params.askedAt)],
            [t("mail.asked-from"), params.browser ?? t("mail.browser-unknown")],
          ],
          notYou: {
            text: t("registration.activate.not-you"),
            url: link,
            label: t("registration.activate.not-you-link"),
          },
          neverAsk: true,
          why: t("registration.activate.why", { brand: brandName }),
        },
      };
    },
  },

  "registration.reminder": {
    email(view, params: ActivateParams & { removedAt: number }) {
      const { t, brandName } = view;
      const link = view.link("/confirm");
      return {
        subject: t("registration.reminder.subject"),
        content: {
          paragraphs: [
            t("registration.reminder.what", { brand: brandName }),
            t("registration.reminder.until", { moment: view.moment(params.removedAt) }),
          ],
          button: { label: t("registration.activate.button"), url: link },
          facts: [
            [t("mail.asked-at"), view.moment(params.askedAt)],
            [t("mail.asked-from"), params.browser ?? t("mail.browser-unknown")],
          ],
          notYou: {
            text: t("registration.activate.not-you"),
            url: link,
            label: t("registration.activate.not-you-link"),
          },
          neverAsk: true,
          why: t("registration.reminder.why", { brand: brandName }),
        },
      };
    },
  },

  "registration.already": {
    email(view, params: AlreadyParams) {
      const { t, brandName } = view;
      return {
        subject: t("registration.already.subject", { brand: brandName }),
        content: {
          paragraphs: [
            t(params.isSignUp ? "registration.already.sign-up" : "registration.already.confirm", {
              brand: brandName,
            }),
            t("registration.already.how"),
          ],
          button: { label: t("ui.to-sign-in"), url: view.page("/sign-in") },
          secondary: {
            before: t("registration.already.forgot"),
            label: t("registration.already.forgot-link"),
            url: view.page("/forgot-password"),
          },
          facts: [
            [t("mail.asked-at"), view.moment(params.askedAt)],
            [t("mail.asked-from"), params.browser ?? t("mail.browser-unknown")],
          ],
          notYou: { text: t("registration.already.not-you") },
          neverAsk: false,
          why: t("registration.already.why", { brand: brandName }),
        },
      };
    },
  },

  "registration.disabled": {
    email(view, params: AlreadyParams) {
      const { t, brandName } = view;
      return {
        subject: t("registration.already.subject", { brand: brandName }),
        content: {
          paragraphs: [t("registration.disabled.what", { brand: brandName }), t("registration.disabled.how")],
          facts: [
            [t("mail.asked-at"), view.moment(params.askedAt)],
            [t("mail.asked-from"), params.browser ?? t("mail.browser-unknown")],
          ],
          notYou: { text: t("registration.already.not-you") },
          neverAsk: false,
          why: t("registration.already.why", { brand: brandName }),
        },
      };
    },
  },
};
