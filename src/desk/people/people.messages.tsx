import { greetingOf, type MessageTemplates, type MessageView } from "../../ui/message-template.ts";

interface RecoveryParams {
  name: string | null;
  identifier: string;
  at: number;
  validForSeconds: number;
}

interface StaffActParams {
  name: string | null;
  identifier: string;
  at: number;
  browser: string | null;
  what: "staff-added" | "staff-replaced" | "staff-removed" | "staff-approved";
  contact: string;
  /** From when on the new contact point serves; null when it does already, or is gone. */
  usableFrom: number | null;
  days: number;
}

const notMe = (view: MessageView, days: number) => ({
  button: { label: view.t("contacts.warn.button"), url: view.link("/account/not-me") },
  notYou: { text: view.t("contacts.warn.not-you", { days }) },
  neverAsk: true as const,
});

export const peopleMessages: MessageTemplates = {
  "people.recovery": {
    email(view, params: RecoveryParams) {
      const { t, brandName } = view;
      return {
        subject: t("people.mail.recovery.subject"),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [
            t("people.mail.recovery.what", { brand: brandName }),
            t("people.mail.recovery.how", { duration: view.duration(params.validForSeconds) }),
          ],
          facts: [
            [t("mail.identifier"), params.identifier],
            [t("people.mail.at"), view.moment(params.at)],
          ],
          button: { label: t("recovery.reset.button"), url: view.link("/reset") },
          notYou: { text: t("people.mail.recovery.not-you") },
          neverAsk: true,
          why: t("people.mail.recovery.why", { brand: brandName }),
        },
      };
    },
    sms: (view, { identifier }: RecoveryParams) =>
      view.t("people.mail.recovery.sms", {
        brand: view.brandName,
        identifier,
        link: view.link("/reset"),
      }),
  },

  "people.browser-approved": {
    email(view, params: StaffActParams) {
      const { t, brandName } = view;
      return {
        subject: t("people.mail.browser.subject", { brand: brandName }),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [
            t("people.mail.browser.what", { brand: brandName }),
            t("people.mail.browser.next"),
            t("contacts.warn.if-you"),
          ],
          facts: [
            [t("mail.identifier"), params.identifier],
            [t("people.mail.at"), view.moment(params.at)],
            [t("people.mail.browser.which"), params.browser ?? t("mail.browser-unknown")],
          ],
          ...notMe(view, params.days),
          why: t("people.mail.why", { brand: brandName }),
        },
      };
    },
    sms: (view) =>
      view.t("people.mail.browser.sms", { brand: view.brandName, link: view.link("/account/not-me") }),
  },

  "people.contact-corrected": {
    email(view, params: StaffActParams) {
      const { t, brandName } = view;
      const { what, usableFrom } = params;
      return {
        subject: t(`people.mail.${what}.subject`, { brand: brandName }),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [
            t(`people.mail.${what}.what`, { brand: brandName }),
            ...(usableFrom === null
              ? []
              : [t("people.mail.usable-from", { moment: view.moment(usableFrom) })]),
            t("contacts.warn.if-you"),
          ],
          facts: [
            [t("mail.identifier"), params.identifier],
            [t("not-me.contact"), params.contact],
            [t("people.mail.at"), view.moment(params.at)],
          ],
          ...notMe(view, params.days),
          why: t("contacts.warn.why", { brand: brandName }),
        },
      };
    },
    sms(view, { what, contact, usableFrom }: StaffActParams) {
      const words = { brand: view.brandName, contact, link: view.link("/account/not-me") };
      const waits = usableFrom !== null && (what === "staff-added" || what === "staff-replaced");
      return waits
        ? view.t(`people.mail.${what}.sms-from`, { ...words, moment: view.moment(usableFrom) })
        : view.t(`people.mail.${what}.sms`, words);
    },
  },

  "people.closed": {
    email(view, params: Pick<StaffActParams, "name" | "identifier" | "at">) {
      const { t, brandName } = view;
      return {
        subject: t("people.mail.closed.subject", { brand: brandName }),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [t("people.mail.closed.what", { brand: brandName }), t("people.mail.closed.next")],
          facts: [
            [t("mail.identifier"), params.identifier],
            [t("people.mail.at"), view.moment(params.at)],
          ],
          neverAsk: false,
          why: t("people.mail.why", { brand: brandName }),
        },
      };
    },
    sms: (view, { identifier }: { identifier: string }) =>
      view.t("people.mail.closed.sms", { brand: view.brandName, identifier }),
  },
};
