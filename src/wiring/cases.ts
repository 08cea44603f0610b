import * as accountRows from "../accounts/accounts.store.ts";
import * as caseRows from "../desk/cases/cases.store.ts";
import { type Cases, type CasesDeps, createCases } from "../desk/cases/cases.ts";
import { relayName } from "../desk/cases/routing.ts";
import type { Roles } from "../desk/roles/roles.ts";
import type { Articles } from "../help/articles/articles.ts";
import { createAttachments } from "../help/contact/attachments.ts";
import { caseRoutes } from "../help/contact/case.routes.tsx";
import { contactRoutes } from "../help/contact/contact.routes.tsx";
import { type Contact, createContact } from "../help/contact/contact.ts";
import { createEvidence, type EvidenceRules } from "../help/contact/evidence.ts";
import { uploadsOf } from "../operate/backup/write-backup.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Part } from "./part.ts";
import { type Places, wirePlaces } from "./places.ts";
import type { ServiceStatusPart } from "./service-status.ts";

export type CasesPart = ReturnType<typeof wireCases>;

/** Requests for help: the rules that form, mail, chat and desk share. */
export function wireCases(
  ground: Ground,
  foundations: Foundations,
  neighbours: Pick<CasesDeps, "correctContact"> & { roles: Roles },
) {
  const { config, preset, clock, ids, keys, store, journal, hasSms } = ground;
  const { allAccounts, outbox, budgets, challenges } = foundations;
  const { roles, ...others } = neighbours;
  const places = wirePlaces(ground, roles);

  const cases = createCases({
    store,
    clock,
    ids,
    keys,
    preset,
    timezone: config.timezone,
    hasSms,
    journal,
    outbox,
    budgets,
    challenges,
    accounts: allAccounts,
    relaysFor: roles.relaysFor,
    wallsFor: roles.wallsFor,
    staffNow: roles.staffNow,
    establishments: places?.ofCases ?? null,
    mayHelp: roles.mayHelp,
    ...others,
  });
  const attachments = createAttachments({
    clock,
    ids,
    keys,
    uploadsFolder: uploadsOf(config),
    insert: caseRows.insertAttachment,
    find: caseRows.findAttachment,
    listOf: caseRows.attachmentsOf,
    existingCases: (caseIds) => caseRows.existing(store, caseIds),
  });

  const part: Part = {
    jobs: [...cases.jobs, { name: "cases.sweep-pictures", everySeconds: 3600, run: attachments.sweep }],
    forget: [cases.forget],
    routes() {},
  };
  return { cases, attachments, places, part };
}

/** How people who are not signed in ask for help, and follow it. */
export function wireContact(
  ground: Ground,
  { budgets, allAccounts }: Pick<Foundations, "budgets" | "allAccounts">,
  neighbours: {
    cases: Cases;
    attachments: CasesPart["attachments"];
    places: Places | null;
    articles: Pick<Articles, "forSymptom" | "read">;
    /** Whether somebody is there to chat with, and has room. */
    isChatOpen: () => Promise<boolean>;
    /** What was answered in the diagnosis, in words. */
    readDiagnosis: (trail: string, locale: string) => { question: string; answer: string }[];
    currentNotices: ServiceStatusPart["currentNotices"];
  },
): Part & { contact: Contact; evidence: EvidenceRules } {
  const { config, preset, clock, ids, keys, store, hasSms } = ground;
  const { cases, attachments, articles } = neighbours;

  const contact = createContact({
    store,
    clock,
    ids,
    keys,
    preset,
    budgets,
    cases,
    attachments,
    async aboutPerson({ accountId }) {
      const account = await accountRows.findById(store, accountId);
      if (!account) return null;
      const [identifier] = await accountRows.identifiersOf(store, accountId);
      const email = await allAccounts.findEmail(store, accountId);
      const { name, kind } = account;
      return { name, kind, identifier: identifier?.shown ?? "", email: email?.address ?? null };
    },
  });
  const evidence = createEvidence({ clock, ids, keys, readDiagnosis: neighbours.readDiagnosis });

  return {
    contact,
    evidence,
    routes(http) {
      contactRoutes(http, {
        clock,
        preset,
        hasSms,
        sender: config.mail.from,
        host: new URL(config.url).host,
        contact,
        evidence,
        attachments,
        places: neighbours.places?.ofContact ?? null,
        routing: {
          route: cases.route,
          relayOf: cases.relayOf,
          expectedAnswer: (relay) => cases.expectedAnswer(store, relay),
        },
        async suggest(symptom, locale) {
          const found = await articles.forSymptom(symptom, locale);
          return found
            .slice(0, 4)
            .map(({ slug, title, summary }) => ({ title, href: `/help/${slug}`, hint: summary }));
        },
        isChatOpen: neighbours.isChatOpen,
        currentNotices: neighbours.currentNotices,
        articleTitle: async (slug, locale) => (await articles.read(slug, locale))?.title ?? null,
        diagnosisPath: (symptom) => `/help/diagnosis/${symptom}`,
        caseLinkToken: cases.caseLinkToken,
      });
      caseRoutes(http, {
        clock,
        preset,
        contact,
        attachments,
        relayName: (relay, locale) => relayName(cases.relayOf(relay), locale),
        readPicture: (id, caseIds) => attachments.read(store, id, caseIds),
        identity: {
          read: (linkPlain) => cases.readIdentityLink(store, linkPlain),
          answer: (caller, linkPlain, isTheirs) =>
            store.transact((tx) => cases.answerIdentity(tx, caller, linkPlain, isTheirs)),
        },
      });
    },
  };
}
