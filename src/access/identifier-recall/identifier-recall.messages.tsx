import type { AccountStatus, Kind } from "../../accounts/accounts.ts";
import type { Translate } from "../../i18n/translations.ts";
import type { MessageTemplates } from "../../ui/message-template.ts";

/** How an account is activated that nobody invited. */
export type OpensBy = "letter" | "letter-or-mobile";

export interface ListedAccount {
  kind: Kind;
  /** Null where nobody proved that the address is theirs. */
  name: string | null;
  /** Empty where nobody was invited yet. */
  identifier: string;
  status: AccountStatus;
  opensBy: OpensBy | null;
  /** The identifier to use instead, where it became one with another. */
  joinedWith: string | null;
}

/** What there is to know of an account beside its identifier; nothing of one that is open. */
function stateOf(t: Translate, { status, joinedWith }: ListedAccount): string | null {
  if (joinedWith) return t("identifier-recall.status.joined", { identifier: joinedWith });
  return status === "active" ? null : t(`identifier-recall.status.${status}`);
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
          list: params.accounts.map((account) => ({
            title: titleOf(t, account.name, account.kind),
            text: account.opensBy
              ? t(`identifier-recall.opens-by.${account.opensBy}`)
              : [
                  t("identifier-recall.list.identifier", { identifier: account.identifier }),
                  stateOf(t, account),
                ]
                  .filter((part) => part !== null)
                  .join(" – "),
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
      const lines = accounts.map((account) => {
        const { identifier, opensBy } = account;
        const name = account.name ?? t(`identifier-recall.kind.${account.kind}`);
        if (opensBy) return t("identifier-recall.sms.opens-by", { kind: name });
        const status = stateOf(t, account);
        return status === null
          ? t("identifier-recall.sms.account", { name, identifier })
          : t("identifier-recall.sms.account-status", { name, identifier, status });
      });
      return [t("identifier-recall.sms.intro", { brand: brandName, count: accounts.length }), ...lines].join(
        "\n",
      );
    },
  },
};
