import { greetingOf, type MessageTemplates } from "../../ui/message-template.ts";

interface ClosedParams {
  name: string | null;
  identifier: string;
  at: number;
  days: number;
}

export const registryImportMessages: MessageTemplates = {
  /** By e-mail alone: nobody has to know it within the hour. */
  "registry-import.closed": {
    email(view, params: ClosedParams) {
      const { t, brandName } = view;
      return {
        subject: t("people.mail.closed.subject", { brand: brandName }),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [
            t("registry-import.mail.closed.what", { brand: brandName, days: params.days }),
            t("registry-import.mail.closed.next"),
          ],
          facts: [
            [t("mail.identifier"), params.identifier],
            [t("people.mail.at"), view.moment(params.at)],
          ],
          neverAsk: false,
          why: t("registry-import.mail.closed.why", { brand: brandName }),
        },
      };
    },
  },
};
