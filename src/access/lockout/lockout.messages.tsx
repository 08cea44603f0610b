import type { MessageTemplates, MessageView } from "../../ui/message-template.ts";

interface LockedParams {
  identifier: string;
  tries: number;
  at: number;
  browser: string | null;
  isAsked: boolean;
  lockedUntil: number;
}

interface NotLockedParams {
  identifier: string;
  at: number;
  browser: string | null;
}

function from({ t, moment }: MessageView, params: NotLockedParams): [string, string][] {
  return [
    [t("mail.identifier"), params.identifier],
    [t("lockout.mail.at"), moment(params.at)],
    [t("mail.asked-from"), params.browser ?? t("mail.browser-unknown")],
  ];
}

export const lockoutMessages: MessageTemplates = {
  "lockout.locked": {
    email(view, params: LockedParams) {
      const { t, brandName } = view;
      return {
        subject: t("lockout.mail.subject", { brand: brandName }),
        content: {
          paragraphs: [
            t(params.isAsked ? "lockout.mail.asked" : "lockout.mail.what", {
              brand: brandName,
              tries: params.tries,
            }),
            t("lockout.mail.how"),
            t("lockout.mail.until", { moment: view.moment(params.lockedUntil) }),
          ],
          button: { label: t("lockout.unlock.button"), url: view.link("/unlock") },
          code: view.codePlain ?? undefined,
          facts: from(view, params),
          notYou: {
            text: t("lockout.mail.not-you"),
            url: view.page("/forgot-password"),
            label: t("lockout.mail.not-you-link"),
          },
          neverAsk: true,
          why: t(params.isAsked ? "lockout.mail.asked-why" : "lockout.mail.why", { brand: brandName }),
        },
      };
    },
    sms(view, params: LockedParams) {
      return view.t("lockout.sms", {
        brand: view.brandName,
        link: view.link("/unlock"),
        code: view.codePlain ?? "",
        moment: view.moment(params.lockedUntil),
      });
    },
  },

  "lockout.not-locked": {
    email(view, params: NotLockedParams) {
      const { t, brandName } = view;
      return {
        subject: t("lockout.not-locked.subject", { brand: brandName }),
        content: {
          paragraphs: [t("lockout.not-locked.what", { brand: brandName }), t("lockout.not-locked.how")],
          button: { label: t("ui.to-sign-in"), url: view.page("/sign-in") },
          secondary: {
            before: t("lockout.not-locked.forgot"),
            label: t("lockout.mail.not-you-link"),
            url: view.page("/forgot-password"),
          },
          facts: from(view, params),
          notYou: { text: t("lockout.not-locked.not-you") },
          neverAsk: false,
          why: t("lockout.mail.asked-why", { brand: brandName }),
        },
      };
    },
    sms(view) {
      return view.t("lockout.not-locked.sms", { brand: view.brandName, link: view.page("/sign-in") });
    },
  },
};
