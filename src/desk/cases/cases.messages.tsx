import type { MailContent } from "../../ui/mail-content.ts";
import type { MessageTemplates, MessageView, WrittenMail } from "../../ui/message-template.ts";

/** What every mail of a case is given: see `CaseMailParams` in case-mails.ts. */
interface Params {
  caseId: string;
  number: string;
  name: string | null;
  relay: string;
  replyTo: string | null;
  mailIds: string[];
}

interface Expected extends Params {
  /** Null: nothing was said. */
  expectedAt: number | null;
  isConfirmed?: boolean;
}

interface Answer extends Params {
  body: string;
  /** Who wrote it. */
  by: string;
  isSolved: boolean;
}

interface IdentityParams {
  name: string;
  number: string;
  openedAt: number;
  lastsForSeconds: number;
}

/** Where a person follows their case, and where they say whether all is well. */
const casePath = "/contact/case";
const wellPath = "/contact/well";

/**
 * The thread of a case: its own id first, which every mail of it names, then what the person wrote. A reply is told
 * by its `Reply-To`; mail programs keep the conversation together by these (RFC 5322 §3.6.4).
 */
function threadOf(view: MessageView, params: Params): Record<string, string> {
  const ids = [view.mailId(params.caseId), ...params.mailIds.filter((id) => /^<[!-;=?-~]{3,250}>$/.test(id))];
  return { References: ids.join(" "), "In-Reply-To": ids.at(-1) as string };
}

function caseMail(
  view: MessageView,
  params: Params,
  mail: { subject: string; content: Omit<MailContent, "greeting" | "neverAsk" | "why"> & { why?: string } },
  headers: Record<string, string> = {},
): WrittenMail {
  const { t } = view;
  const greeting =
    params.name === null ? t("cases.mail.greeting") : t("mail.greeting", { name: params.name });
  return {
    subject: mail.subject,
    content: {
      greeting,
      why: t("cases.mail.why", { brand: view.brandName, number: params.number }),
      ...mail.content,
      neverAsk: true,
    },
    replyTo: params.replyTo,
    headers: { ...threadOf(view, params), ...headers },
  };
}

/** By when an answer comes, in plain words. */
const whenExpected = (view: MessageView, { expectedAt }: Expected) =>
  expectedAt === null ? [] : [view.t("cases.mail.expected", { at: new Date(expectedAt) })];

/** How to go on by mail, where that is possible. */
const byReply = (view: MessageView, params: Params) =>
  params.replyTo === null ? [] : [view.t("cases.mail.by-reply")];

export const casesMessages: MessageTemplates = {
  "cases.acknowledgement": {
    email(view, params: Expected) {
      const { t } = view;
      return caseMail(view, params, {
        subject: t("cases.acknowledgement.subject", { number: params.number }),
        content: {
          paragraphs: [
            t("cases.acknowledgement.what", { relay: params.relay }),
            ...whenExpected(view, params),
            ...(params.isConfirmed ? [] : [t("cases.acknowledgement.confirm")]),
            ...byReply(view, params),
          ],
          facts: [[t("cases.number"), params.number]],
          button: { label: t("cases.mail.follow"), url: view.link(casePath) },
          notYou: { text: t("cases.acknowledgement.not-you") },
          why: t("cases.acknowledgement.why", { brand: view.brandName }),
        },
      });
    },
  },

  "cases.answer": {
    email(view, params: Answer) {
      const { t } = view;
      return caseMail(
        view,
        params,
        {
          subject: t("cases.answer.subject", { number: params.number }),
          content: {
            paragraphs: [
              t("cases.answer.by", { by: params.by, relay: params.relay }),
              ...params.body.split(/\n{2,}/),
              ...(params.isSolved ? [t("cases.answer.solved")] : []),
              ...byReply(view, params),
            ],
            facts: [[t("cases.number"), params.number]],
            ...(params.isSolved
              ? {
                  button: { label: t("cases.well.button"), url: view.link(wellPath) },
                  secondary: { label: t("cases.mail.follow"), url: view.link(casePath) },
                }
              : { button: { label: t("cases.mail.follow"), url: view.link(casePath) } }),
          },
        },
        // A person wrote it: it may be answered as any letter.
        { "Auto-Submitted": "no" },
      );
    },
  },

  "cases.solved": {
    email(view, params: Params) {
      const { t } = view;
      return caseMail(view, params, {
        subject: t("cases.solved.subject", { number: params.number }),
        content: {
          paragraphs: [t("cases.solved.what"), t("cases.well.ask"), ...byReply(view, params)],
          facts: [[t("cases.number"), params.number]],
          button: { label: t("cases.well.button"), url: view.link(wellPath) },
        },
      });
    },
  },

  "cases.signed-in": {
    email(view, params: Params) {
      const { t } = view;
      return caseMail(view, params, {
        subject: t("cases.signed-in.subject", { number: params.number }),
        content: {
          paragraphs: [
            t("cases.signed-in.what", { brand: view.brandName }),
            t("cases.well.ask"),
            ...byReply(view, params),
          ],
          facts: [[t("cases.number"), params.number]],
          button: { label: t("cases.well.button"), url: view.link(wellPath) },
        },
      });
    },
  },

  "cases.reopened": {
    email(view, params: Expected) {
      const { t } = view;
      return caseMail(view, params, {
        subject: t("cases.reopened.subject", { number: params.number }),
        content: {
          paragraphs: [
            t("cases.reopened.what", { relay: params.relay }),
            ...whenExpected(view, params),
            ...byReply(view, params),
          ],
          facts: [[t("cases.number"), params.number]],
          button: { label: t("cases.mail.follow"), url: view.link(casePath) },
        },
      });
    },
  },

  "cases.closed": {
    email(view, params: Params & { why: "staff" | "silence" }) {
      const { t } = view;
      return caseMail(view, params, {
        subject: t("cases.closed.subject", { number: params.number }),
        content: {
          paragraphs: [t(`cases.closed.${params.why}`), t("cases.closed.again"), ...byReply(view, params)],
          facts: [[t("cases.number"), params.number]],
          button: { label: t("cases.mail.follow"), url: view.link(casePath) },
          secondary: { label: t("cases.well.button"), url: view.link(wellPath) },
        },
      });
    },
  },

  "cases.identity": {
    email(view, params: IdentityParams) {
      const { t, brandName } = view;
      return {
        subject: t("cases.identity.subject", { brand: brandName }),
        content: {
          greeting: t("mail.greeting", { name: params.name }),
          paragraphs: [
            t("cases.identity.what", { brand: brandName }),
            t("cases.identity.how", { duration: view.duration(params.lastsForSeconds) }),
          ],
          facts: [
            [t("cases.number"), params.number],
            [t("cases.identity.opened-at"), view.moment(params.openedAt)],
          ],
          button: { label: t("cases.identity.button"), url: view.link("/contact/identity") },
          notYou: { text: t("cases.identity.not-you") },
          neverAsk: true,
          why: t("cases.identity.why", { brand: brandName }),
        },
      };
    },
    sms: (view, params: IdentityParams) =>
      view.t("cases.identity.sms", {
        brand: view.brandName,
        number: params.number,
        link: view.link("/contact/identity"),
      }),
  },
};
