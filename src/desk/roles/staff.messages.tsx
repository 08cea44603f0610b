import { greetingOf, type MessageTemplates, type MessageView } from "../../ui/message-template.ts";

interface ToldParams {
  name: string | null;
  identifier: string;
  at: number;
  by: string;
}

interface ChangedParams extends ToldParams {
  /** Null: the role was withdrawn. */
  role: string | null;
}

interface LentParams extends ToldParams {
  role: string;
  /** The last day, in words. */
  until: string;
}

const words = (role: string | null) => (role === null ? "withdrawn" : "changed");

const factsOf = ({ t, moment }: MessageView, { identifier, at }: ToldParams): [string, string][] => [
  [t("mail.identifier"), identifier],
  [t("second-factor.mail.at"), moment(at)],
];

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
          facts: factsOf(view, params),
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
  "staff.lent": {
    email(view, params: LentParams) {
      const { t, brandName } = view;
      const values = { brand: brandName, role: params.role, until: params.until, by: params.by };
      return {
        subject: t("staff.mail.lent.subject", values),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [t("staff.mail.lent.what", values), t("staff.mail.lent.ends")],
          facts: factsOf(view, params),
          button: { label: t("desk.to-desk"), url: view.page("/desk") },
          notYou: { text: t("staff.mail.not-right") },
          neverAsk: false,
          why: t("staff.mail.why", { brand: brandName }),
        },
      };
    },
    sms: ({ t, brandName }, { role, until }: LentParams) =>
      t("staff.mail.lent.sms", { brand: brandName, role, until }),
  },
  "staff.taken": {
    email(view, params: ToldParams & { role: string }) {
      const { t, brandName } = view;
      const values = { brand: brandName, role: params.role, by: params.by };
      return {
        subject: t("staff.mail.taken.subject", values),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [t("staff.mail.taken.what", values), t("staff.mail.signed-out")],
          facts: factsOf(view, params),
          button: { label: t("ui.to-sign-in"), url: view.page("/sign-in") },
          notYou: { text: t("staff.mail.not-right") },
          neverAsk: false,
          why: t("staff.mail.why", { brand: brandName }),
        },
      };
    },
    sms: ({ t, brandName }, { role }: { role: string }) =>
      t("staff.mail.taken.sms", { brand: brandName, role }),
  },
};
