import { greetingOf, type MessageTemplates, type MessageView } from "../../ui/message-template.ts";

interface VerifyParams {
  askedAt: number;
  browser: string | null;
  validForSeconds: number;
}

interface WarningParams {
  name: string | null;
  identifier: string;
  at: number;
  browser: string | null;
  what: "asked" | "added" | "replaced" | "removed";
  contact: string;
  days: number;
}

interface FrozenParams {
  name: string | null;
  identifier: string;
  at: number;
  until: number;
}

const askedFacts = (view: MessageView, at: number, browser: string | null): [string, string][] => [
  [view.t("mail.asked-at"), view.moment(at)],
  [view.t("mail.asked-from"), browser ?? view.t("mail.browser-unknown")],
];

/** A warning to a contact point that the account has already, with « Ce n'est pas moi ». */
function warning(view: MessageView, params: WarningParams) {
  const { t, brandName } = view;
  return {
    subject: t(`contacts.warn.${params.what}.subject`, { brand: brandName }),
    content: {
      greeting: greetingOf(t, params.name),
      paragraphs: [t(`contacts.warn.${params.what}.what`, { brand: brandName }), t("contacts.warn.if-you")],
      facts: [
        [t("mail.identifier"), params.identifier] as [string, string],
        [t("not-me.contact"), params.contact] as [string, string],
        ...askedFacts(view, params.at, params.browser),
      ],
      button: { label: t("contacts.warn.button"), url: view.link("/account/not-me") },
      notYou: { text: t("contacts.warn.not-you", { days: params.days }) },
      neverAsk: true,
      why: t("contacts.warn.why", { brand: brandName }),
    },
  };
}

const warningSms = (view: MessageView, params: WarningParams) =>
  view.t(`contacts.warn.${params.what}.sms`, {
    brand: view.brandName,
    contact: params.contact,
    link: view.link("/account/not-me"),
  });

export const contactsMessages: MessageTemplates = {
  "contacts.verify": {
    // It goes to an address that nobody proved: no name, no identifier, nothing that the asker chose (promise 2).
    email(view, params: VerifyParams) {
      const { t, brandName } = view;
      const link = view.link("/account/contacts/prove");
      return {
        subject: t("contacts.verify.subject"),
        content: {
          paragraphs: [
            t("contacts.verify.what", { brand: brandName }),
            t("contacts.verify.how", { duration: view.duration(params.validForSeconds) }),
          ],
          button: { label: t("contacts.verify.button"), url: link },
          code: view.codePlain ?? undefined,
          facts: askedFacts(view, params.askedAt, params.browser),
          notYou: { text: t("contacts.verify.not-you"), url: link, label: t("contacts.refuse.button") },
          neverAsk: true,
          why: t("contacts.verify.why", { brand: brandName }),
        },
      };
    },
    sms: (view) =>
      view.t("contacts.verify.sms", {
        brand: view.brandName,
        code: view.codePlain ?? "",
        link: view.link("/account/contacts/prove"),
      }),
  },

  "contacts.taken": {
    email(view, params: { askedAt: number; browser: string | null }) {
      const { t, brandName } = view;
      return {
        subject: t("contacts.taken.subject", { brand: brandName }),
        content: {
          paragraphs: [t("contacts.taken.mail", { brand: brandName }), t("contacts.taken.how")],
          button: { label: t("ui.to-sign-in"), url: view.page("/sign-in") },
          facts: askedFacts(view, params.askedAt, params.browser),
          notYou: { text: t("contacts.taken.not-you") },
          neverAsk: false,
          why: t("contacts.taken.why", { brand: brandName }),
        },
      };
    },
  },

  "contacts.asked": { email: warning, sms: warningSms },
  "contacts.changed": { email: warning, sms: warningSms },

  "contacts.frozen": {
    email(view, params: FrozenParams) {
      const { t, brandName } = view;
      return {
        subject: t("contacts.frozen.subject", { brand: brandName }),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [
            t("contacts.frozen.mail", { brand: brandName }),
            t("contacts.frozen.mail-until", { moment: view.moment(params.until) }),
            t("contacts.frozen.mail-next"),
          ],
          facts: [[t("mail.identifier"), params.identifier]],
          button: { label: t("not-me.next.link"), url: view.page("/forgot-password") },
          notYou: { text: t("contacts.frozen.mail-not-you") },
          neverAsk: false,
          why: t("contacts.warn.why", { brand: brandName }),
        },
      };
    },
    sms: (view, params: FrozenParams) =>
      view.t("contacts.frozen.sms", { brand: view.brandName, moment: view.moment(params.until) }),
  },
};
