import { greetingOf, type MessageTemplates, type MessageView } from "../../ui/message-template.ts";

interface ReportedParams {
  school: string;
  at: number;
}

interface DecidedParams {
  name: string | null;
  identifier: string;
  decision: "removed" | "kept";
  school: string;
  why: string;
}

interface JoinParams {
  name: string | null;
  at: number;
  /** Whether it goes to the account that stays, or to the one that was joined with it. */
  side: "kept" | "joined";
  how: "alone" | "guardian";
  kept: string;
  joined: string;
  until: number;
}

const identifiers = ({ t }: MessageView, { kept, joined }: JoinParams): [string, string][] => [
  [t("families.mail.kept"), kept],
  [t("families.mail.joined"), joined],
];

export const familiesMessages: MessageTemplates = {
  // To a school's own mailbox, which many may read: it names nobody.
  "families.reported": {
    email(view, { school, at }: ReportedParams) {
      const { t, brandName } = view;
      return {
        subject: t("families.reported.subject", { school }),
        content: {
          paragraphs: [t("families.reported.what", { school }), t("families.reported.next")],
          facts: [[t("families.reported.at"), view.moment(at)]],
          button: { label: t("families.reported.button"), url: view.page("/desk/families") },
          neverAsk: false,
          why: t("families.reported.why", { brand: brandName, school }),
        },
      };
    },
  },

  "families.decided": {
    email(view, params: DecidedParams) {
      const { t, brandName } = view;
      const { decision, school } = params;
      return {
        subject: t(`families.decided.${decision}.subject`),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [
            t(`families.decided.${decision}.what`, { school }),
            t("families.decided.reason", { why: params.why }),
            t(`families.decided.${decision}.next`),
          ],
          facts: [[t("mail.identifier"), params.identifier]],
          button: { label: t("families.decided.button"), url: view.page("/account") },
          neverAsk: false,
          why: t("families.mail.why", { brand: brandName }),
        },
      };
    },
    sms: (view, { decision }: DecidedParams) =>
      view.t(`families.decided.${decision}.sms`, { brand: view.brandName, link: view.page("/account") }),
  },

  "families.joined": {
    email(view, params: JoinParams) {
      const { t, brandName } = view;
      const { kept, joined, how, side } = params;
      return {
        subject: t("families.joined.subject", { brand: brandName }),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [
            t(`families.joined.how.${how}`, { brand: brandName }),
            t("families.joined.use", { kept, joined }),
            t(`families.joined.then.${side}`, { kept, joined }),
          ],
          facts: [...identifiers(view, params), [t("families.joined.at"), view.moment(params.at)]],
          button: { label: t("ui.to-sign-in"), url: view.page("/sign-in") },
          notYou: {
            text: t("families.joined.not-you", { moment: view.moment(params.until) }),
            url: view.link("/account/unjoin"),
            label: t("families.unjoin.link"),
          },
          neverAsk: true,
          why: t("families.mail.why", { brand: brandName }),
        },
      };
    },
    sms: (view, { kept, joined }: JoinParams) =>
      view.t("families.joined.sms", {
        brand: view.brandName,
        kept,
        joined,
        link: view.link("/account/unjoin"),
      }),
  },

  "families.separated": {
    email(view, params: JoinParams) {
      const { t, brandName } = view;
      const { side, kept, joined } = params;
      return {
        subject: t("families.separated.subject", { brand: brandName }),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [
            t("families.separated.what"),
            t("families.separated.use", { kept, joined }),
            t(`families.separated.then.${side}`, { kept, joined }),
          ],
          facts: [...identifiers(view, params), [t("families.separated.at"), view.moment(params.at)]],
          button: { label: t("ui.to-sign-in"), url: view.page("/sign-in") },
          notYou: {
            text: t("families.separated.not-you"),
            url: view.page("/forgot-password"),
            label: t("not-me.next.link"),
          },
          neverAsk: false,
          why: t("families.mail.why", { brand: brandName }),
        },
      };
    },
    sms: (view, { kept, joined }: JoinParams) =>
      view.t("families.separated.sms", { brand: view.brandName, kept, joined }),
  },
};
