import type { AccountStatus, Kind } from "../../accounts/accounts.ts";
import type { Translate } from "../../i18n/translations.ts";
import type { MessageTemplates } from "../../ui/message-template.ts";

export interface ListedAccount {
  kind: Kind;
  /** Null where nobody proved that the address is theirs. */
  name: string | null;
  identifier: string;
  status: AccountStatus;
}

interface ListParams {
  accounts: ListedAccount[];
  about: "recall" | "reset";
  isEmailIdentifier: boolean;
  askedAt: number;
  browser: string | null;
}

function titleOf(t: Translate, name: string | null, kindOf: Kind): string {
  const kind = t(`identifier-recall.kind.${kindOf}`);
  return name === null ? kind : t("identifier-recall.list.account", { name, kind });
}

export const recallMessages: MessageTemplates = {
  "identifier-recall.list": {
    email(view, params: ListParams) {
      const { t, brandName } = view;
      const count = params.accounts.length;
      return {
        subject: t("identifier-recall.list.subject", { brand: brandName }),
        content: {
          paragraphs: [
            t(`identifier-recall.list.${params.about}`, { brand: brandName }),
            ...(params.isEmailIdentifier ? [t("identifier-recall.list.email-is-identifier")] : []),
            t("identifier-recall.list.accounts", { count }),
          ],
          list: params.accounts.map(({ kind, name, identifier, status }) => ({
            title: titleOf(t, name, kind),
            text: [
              t("identifier-recall.list.identifier", { identifier }),
              ...(status === "active" ? [] : [t(`identifier-recall.status.${status}`)]),
            ].join(" – "),
          })),
          facts: [
            [t("mail.asked-at"), view.moment(params.askedAt)],
            [t("mail.asked-from"), params.browser ?? t("mail.browser-unknown")],
          ],
          button: { label: t("ui.to-sign-in"), url: view.page("/sign-in") },
          secondary: {
            before: t("registration.already.forgot"),
            label: t("registration.already.forgot-link"),
            url: view.page("/forgot-password"),
          },
          notYou: { text: t("identifier-recall.list.not-you") },
          neverAsk: false,
          why: t("identifier-recall.list.why", { brand: brandName }),
        },
      };
    },
    sms({ t, brandName }, { accounts }: ListParams) {
      const lines = accounts.map(({ name, kind, identifier, status }) => {
        const who = name ?? t(`identifier-recall.kind.${kind}`);
        return status === "active"
          ? t("identifier-recall.sms.account", { name: who, identifier })
          : t("identifier-recall.sms.account-status", {
              name: who,
              identifier,
              status: t(`identifier-recall.status.${status}`),
            });
      });
      return [t("identifier-recall.sms.intro", { brand: brandName, count: accounts.length }), ...lines].join(
        "\n",
      );
    },
  },
};
