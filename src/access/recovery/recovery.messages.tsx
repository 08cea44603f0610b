import { smsSegments, toGsm7WhereAllowed, withOriginBoundCode } from "../../channels/sms-text.ts";
import { greetingOf, type MessageTemplates, type MessageView } from "../../ui/message-template.ts";

interface ResetParams {
  name: string | null;
  identifier: string;
  askedAt: number;
  browser: string | null;
  validForSeconds: number;
  /** Why the message came by another channel than the one asked for. */
  instead: "none" | "limit" | null;
}

interface UnavailableParams {
  status: "disabled" | "closed";
  /** The account to use instead, where it became one with another. */
  joinedWith: { identifier: string; at: number } | null;
  name: string | null;
  identifier: string;
  askedAt: number;
  browser: string | null;
  /** Whom to ask, in every language. */
  relays: { name: Record<string, string>; lines: Record<string, string[]> }[];
}

interface DoneParams {
  name: string | null;
  identifier: string;
  changedAt: number;
  browser: string | null;
}

/** An SMS is charged by its parts: the link is left out where it would need a third. */
const partsAtMost = 2;

function fits(view: MessageView, text: string, link: string): boolean {
  const plain = toGsm7WhereAllowed(text, view.locale);
  return smsSegments(withOriginBoundCode(plain, new URL(link).hostname, "00000000")).segments <= partsAtMost;
}

export const recoveryMessages: MessageTemplates = {
  "recovery.reset": {
    email(view, params: ResetParams) {
      const { t, brandName } = view;
      return {
        subject: t("recovery.reset.subject"),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [
            t("recovery.reset.what", { brand: brandName }),
            ...(params.instead ? [t(`recovery.reset.email-instead.${params.instead}`)] : []),
            t("recovery.reset.how", { duration: view.duration(params.validForSeconds) }),
          ],
          facts: [
            [t("mail.identifier"), params.identifier],
            [t("mail.asked-at"), view.moment(params.askedAt)],
            [t("mail.asked-from"), params.browser ?? t("mail.browser-unknown")],
          ],
          button: { label: t("recovery.reset.button"), url: view.link("/reset") },
          code: view.codePlain ?? undefined,
          notYou: { text: t("recovery.reset.not-you") },
          neverAsk: true,
          why: t("recovery.reset.why", { brand: brandName }),
        },
      };
    },
    sms(view, params: ResetParams) {
      const { t, brandName } = view;
      const needed = t("recovery.reset.sms", {
        brand: brandName,
        code: view.codePlain ?? "",
        identifier: params.identifier,
      });
      const link = view.link("/reset");
      const instead = params.instead ? t(`recovery.reset.sms-instead.${params.instead}`) : null;
      const withLink = `${needed}\n${t("recovery.reset.sms-link", { link })}`;
      const whole = instead ? `${withLink}\n${instead}` : withLink;
      const texts = [whole, withLink, ...(instead ? [`${needed}\n${instead}`] : [])];
      return texts.find((text) => fits(view, text, link)) ?? needed;
    },
  },

  "recovery.unavailable": {
    email(view, params: UnavailableParams) {
      const { t, brandName, locale } = view;
      const { joinedWith } = params;
      return {
        subject: t(joinedWith ? "recovery.joined.subject" : "recovery.unavailable.subject", {
          brand: brandName,
        }),
        content: {
          greeting: greetingOf(t, params.name),
          ...(joinedWith
            ? {
                paragraphs: [
                  t("recovery.joined.what", {
                    brand: brandName,
                    identifier: joinedWith.identifier,
                    moment: view.moment(joinedWith.at),
                  }),
                  t("recovery.joined.use", { identifier: joinedWith.identifier }),
                ],
                button: { label: t("recovery.joined.button"), url: view.page("/forgot-password") },
              }
            : {
                paragraphs: [
                  t(`recovery.unavailable.${params.status}`, { brand: brandName }),
                  t("recovery.unavailable.ask"),
                ],
                list: params.relays.map((relay) => ({
                  title: relay.name[locale] ?? Object.values(relay.name)[0] ?? "",
                  text: (relay.lines[locale] ?? Object.values(relay.lines)[0] ?? []).join(" "),
                })),
              }),
          facts: [
            [t("mail.identifier"), params.identifier],
            [t("mail.asked-at"), view.moment(params.askedAt)],
            [t("mail.asked-from"), params.browser ?? t("mail.browser-unknown")],
          ],
          notYou: { text: t("recovery.unavailable.not-you") },
          neverAsk: false,
          why: t("recovery.reset.why", { brand: brandName }),
        },
      };
    },
    sms: ({ t, brandName }, { identifier, joinedWith }: UnavailableParams) =>
      joinedWith
        ? t("recovery.joined.sms", { brand: brandName, identifier, other: joinedWith.identifier })
        : t("recovery.unavailable.sms", { brand: brandName, identifier }),
  },

  "recovery.done": {
    email(view, params: DoneParams) {
      const { t, brandName } = view;
      return {
        subject: t("recovery.done.subject", { brand: brandName }),
        content: {
          greeting: greetingOf(t, params.name),
          paragraphs: [t("recovery.done.what", { brand: brandName }), t("recovery.done.ended")],
          facts: [
            [t("mail.identifier"), params.identifier],
            [t("recovery.done.changed-at"), view.moment(params.changedAt)],
            [t("mail.asked-from"), params.browser ?? t("mail.browser-unknown")],
          ],
          button: { label: t("ui.to-sign-in"), url: view.page("/sign-in") },
          notYou: {
            text: t("recovery.done.not-you"),
            url: view.page("/forgot-password"),
            label: t("recovery.done.not-you-link"),
          },
          neverAsk: false,
          why: t("recovery.done.why", { brand: brandName }),
        },
      };
    },
    sms: ({ t, brandName, page, moment }, { identifier, changedAt }: DoneParams) =>
      t("recovery.done.sms", {
        brand: brandName,
        identifier,
        moment: moment(changedAt),
        link: page("/forgot-password"),
      }),
  },
};
