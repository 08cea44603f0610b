import { greetingOf, type MessageTemplates } from "../../ui/message-template.ts";

interface ChangedParams {
  name: string | null;
  identifier: string;
  at: number;
  /** Null: the role was withdrawn. */
  role: string | null;
  by: string;
}

const words = (role: string | null) => (role === null ? "withdrawn" : "changed");

export const staffMessages: MessageTemplates = {
  "staff.changed": {
    email(view, params: ChangedParams) {
      const { t, brandName } = view;
      const values = { brand: brandName, role: params.role ?? "", by: params.by };
      return {
        subject: t(`staff.mail.${words(params.role)}.subject`, values),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [t(`staff.mail.${words(params.role)}.what`, values), t("staff.mail.signed-out")],
          facts: [
            [t("mail.identifier"), params.identifier],
            [t("second-factor.mail.at"), view.moment(params.at)],
          ],
          button: { label: t("ui.to-sign-in"), url: view.page("/sign-in") },
          notYou: { text: t("staff.mail.not-right") },
          neverAsk: false,
          why: t("staff.mail.why", { brand: brandName }),
        },
      };
    },
    sms: ({ t, brandName }, { role }: { role: string | null }) =>
      t(`staff.mail.${words(role)}.sms`, { brand: brandName, role: role ?? "" }),
  },
};
