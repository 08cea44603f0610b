import { greetingOf, type MessageTemplates } from "../../ui/message-template.ts";

interface PasswordChangedParams {
  name: string | null;
  identifier: string;
  at: number;
  browser: string | null;
}

export const accountPageMessages: MessageTemplates = {
  "account.password-changed": {
    email(view, params: PasswordChangedParams) {
      const { t, brandName } = view;
      return {
        subject: t("account.password-changed.subject", { brand: brandName }),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [
            t("account.password-changed.what", { brand: brandName }),
            t("account.password-changed.signed-out"),
          ],
          facts: [
            [t("mail.identifier"), params.identifier],
            [t("account.password-changed.at"), view.moment(params.at)],
            [t("account.password-changed.from"), params.browser ?? t("mail.browser-unknown")],
          ],
          notYou: {
            text: t("account.password-changed.not-you"),
            url: view.page("/forgot-password"),
            label: t("not-me.next.link"),
          },
          button: { label: t("account.password-changed.button"), url: view.page("/account") },
          neverAsk: false,
          why: t("account.password-changed.why", { brand: brandName }),
        },
      };
    },
    sms: (view) =>
      view.t("account.password-changed.sms", {
        brand: view.brandName,
        link: view.page("/forgot-password"),
      }),
  },
};
