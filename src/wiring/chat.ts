import * as accountRows from "../accounts/accounts.store.ts";
import type { Cases } from "../desk/cases/cases.ts";
import { relayName } from "../desk/cases/routing.ts";
import { chatRoutes } from "../desk/chat/chat.routes.tsx";
import { createChat } from "../desk/chat/chat.ts";
import { deskChatRoutes } from "../desk/chat/desk-chat.routes.tsx";
import type { Contact } from "../help/contact/contact.ts";
import type { EvidenceRules } from "../help/contact/evidence.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Part } from "./part.ts";

export type ChatPart = ReturnType<typeof wireChat>;

/** Conversations with staff who are there. What nobody can answer becomes a written request. */
export function wireChat(
  ground: Ground,
  { allAccounts, budgets, outbox }: Pick<Foundations, "allAccounts" | "budgets" | "outbox">,
  neighbours: { cases: Cases; contact: Contact; evidence: EvidenceRules },
) {
  const { config, preset, clock, ids, keys, store, signals, onFault } = ground;
  const { cases, contact, evidence } = neighbours;
  const { hasChat } = preset.support;

  const chat = createChat({
    store,
    clock,
    ids,
    keys,
    preset,
    budgets,
    outbox,
    signals,
    onFault,
    recordChat: cases.recordChat,
    addToCase: async (tx, caseId, body) =>
      (await cases.addPersonMessage(tx, caseId, { body, channel: "chat" })) !== null,
    caseLinkToken: cases.caseLinkToken,
    replyAddress: cases.replyAddress,
    relayName: (relay, locale) => relayName(cases.relayOf(relay), locale),
  });

  const part: Part = {
    // What was begun is seen through, even where the chat was turned off since.
    turns: [{ name: "chat: follow", turn: chat.follow }],
    forget: [chat.forget],
    news: hasChat
      ? [
          {
            act: "chat.answer",
            href: "/desk/chat",
            key: "desk-chat.news",
            count: async () => (await chat.live.queue()).waiting,
          },
        ]
      : [],
    routes(http, desk) {
      chatRoutes(http, {
        clock,
        ids,
        preset,
        url: config.url,
        chat,
        evidence,
        async aboutPerson({ accountId }) {
          const account = await accountRows.findById(store, accountId);
          if (!account) return null;
          const email = await allAccounts.findEmail(store, accountId);
          return { name: account.name, kind: account.kind, email: email?.address ?? null };
        },
        expectedAnswer: (symptom) => cases.expectedAnswer(store, cases.route(symptom, null)),
        async writeInstead(caller, person, { symptom, draft, text, ...asked }) {
          const sent = await contact.send(caller, {
            request: {
              ...asked,
              ...notAsked,
              symptom,
              what: text,
            },
            draft,
            isEvidenceKept: true,
            pictures: [],
            person,
            replaces: "",
          });
          if (!sent.ok) return sent;
          return { ok: true, path: sent.sentPath };
        },
        caseLinkToken: cases.caseLinkToken,
      });
      deskChatRoutes(desk, { clock, ids, url: config.url, chat });
    },
  };
  return { part, chatState: chat.state, sessionsEnded: chat.sessionsEnded };
}

/** What the form of written requests asks, and this one does not. */
const notAsked = {
  kind: null,
  identifier: "",
  pupil: "",
  pupilClass: "",
  relation: "",
  phone: "",
  newEmail: "",
  newPhone: "",
  tried: "",
  change: "",
};
