import { greetingOf, type MessageTemplates, type MessageView } from "../../ui/message-template.ts";

interface Told {
  name: string | null;
  identifier: string;
  at: number;
}

const factsOf = (view: MessageView, told: Told, browser?: string | null): [string, string][] => [
  [view.t("mail.identifier"), told.identifier],
  [view.t("second-factor.mail.at"), view.moment(told.at)],
  ...(browser === undefined
    ? []
    : [[view.t("mail.asked-from"), browser ?? view.t("mail.browser-unknown")] as [string, string]]),
];

/** What every message of the second factor ends with: what to do if it was somebody else. */
const ending = ({ t, page, brandName }: MessageView) => ({
  notYou: {
    text: t("second-factor.mail.not-you"),
    url: page("/forgot-password"),
    label: t("not-me.next.link"),
  },
  why: t("second-factor.mail.why", { brand: brandName }),
});

export const secondFactorMessages: MessageTemplates = {
  "second-factor.changed": {
    email(
      view,
      params: Told & { what: "set-up" | "replaced" | "removed" | "codes-made"; browser: string | null },
    ) {
      const { t, brandName } = view;
      return {
        subject: t(`second-factor.changed.${params.what}.subject`, { brand: brandName }),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [t(`second-factor.changed.${params.what}.what`, { brand: brandName })],
          facts: factsOf(view, params, params.browser),
          button: { label: t("second-factor.mail.button"), url: view.page("/account/second-factor") },
          neverAsk: true,
          ...ending(view),
        },
      };
    },
    sms: ({ t, brandName }, { what }: { what: "set-up" | "replaced" | "removed" | "codes-made" }) =>
      t(`second-factor.changed.${what}.sms`, { brand: brandName }),
  },

  "second-factor.code-used": {
    email(view, params: Told & { left: number; browser: string | null }) {
      const { t, brandName } = view;
      return {
        subject: t("second-factor.code-used.subject", { brand: brandName }),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [
            t("second-factor.code-used.what", { brand: brandName }),
            t("second-factor.code-used.left", { left: params.left }),
          ],
          facts: factsOf(view, params, params.browser),
          button: { label: t("second-factor.mail.button"), url: view.page("/account/second-factor") },
          neverAsk: true,
          ...ending(view),
        },
      };
    },
    sms: ({ t, brandName }, { left }: { left: number }) =>
      t("second-factor.code-used.sms", { brand: brandName, left }),
  },

  "second-factor.guessed": {
    email(view, params: Told & { browser: string | null }) {
      const { t, brandName } = view;
      return {
        subject: t("second-factor.guessed.subject", { brand: brandName }),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [
            t("second-factor.guessed.what", { brand: brandName }),
            t("second-factor.guessed.next"),
          ],
          facts: factsOf(view, params, params.browser),
          button: { label: t("not-me.next.link"), url: view.page("/forgot-password") },
          notYou: { text: t("second-factor.guessed.it-was-me") },
          neverAsk: true,
          why: t("second-factor.mail.why", { brand: brandName }),
        },
      };
    },
    sms: (view) =>
      view.t("second-factor.guessed.sms", { brand: view.brandName, link: view.page("/forgot-password") }),
  },

  "second-factor.reset-asked": {
    email(view, params: Told & { by: string; effectiveAt: number }) {
      const { t, brandName } = view;
      return {
        subject: t("second-factor.reset-asked.subject", { brand: brandName }),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [
            t("second-factor.reset-asked.what", { by: params.by, brand: brandName }),
            t("second-factor.reset-asked.when", { moment: view.moment(params.effectiveAt) }),
            t("second-factor.reset-asked.if-not"),
          ],
          facts: factsOf(view, params),
          button: {
            label: t("second-factor-reset.keep.submit"),
            url: view.link("/account/second-factor/keep"),
          },
          notYou: { text: t("second-factor.reset-asked.not-you") },
          neverAsk: true,
          why: t("second-factor.mail.why", { brand: brandName }),
        },
      };
    },
    sms: (view, { effectiveAt }: { effectiveAt: number }) =>
      view.t("second-factor.reset-asked.sms", {
        brand: view.brandName,
        moment: view.moment(effectiveAt),
        link: view.link("/account/second-factor/keep"),
      }),
  },

  "second-factor.reset-kept": {
    email(view, params: Told) {
      const { t, brandName } = view;
      return {
        subject: t("second-factor.reset-kept.subject", { brand: brandName }),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [t("second-factor.reset-kept.what", { brand: brandName })],
          facts: factsOf(view, params),
          button: { label: t("ui.to-sign-in"), url: view.page("/sign-in") },
          neverAsk: true,
          ...ending(view),
        },
      };
    },
    sms: ({ t, brandName }) => t("second-factor.reset-kept.sms", { brand: brandName }),
  },

  "second-factor.reset": {
    email(view, params: Told) {
      const { t, brandName } = view;
      return {
        subject: t("second-factor.reset.subject", { brand: brandName }),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [t("second-factor.reset.what", { brand: brandName }), t("second-factor.reset.next")],
          facts: factsOf(view, params),
          button: { label: t("ui.to-sign-in"), url: view.page("/sign-in?return=/desk") },
          neverAsk: true,
          ...ending(view),
        },
      };
    },
    sms: ({ t, brandName }) => t("second-factor.reset.sms", { brand: brandName }),
  },
};
