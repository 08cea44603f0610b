import * as accountRows from "../accounts/accounts.store.ts";
import { parseEmailAddress } from "../accounts/addresses/email-address.ts";
import { normaliseIdentifier } from "../accounts/addresses/username.ts";
import { cannedAnswersRoutes } from "../desk/cases/canned-answers.routes.tsx";
import { createCannedAnswers } from "../desk/cases/canned-answers.ts";
import { caseReportsRoutes } from "../desk/cases/case-reports.routes.tsx";
import { createCaseReports } from "../desk/cases/case-reports.ts";
import { newestMessage } from "../desk/cases/cases.store.ts";
import type { Cases } from "../desk/cases/cases.ts";
import { type DeskCaseRoutesDeps, deskCaseRoutes } from "../desk/cases/desk-case.routes.tsx";
import { deskCasesRoutes } from "../desk/cases/desk-cases.routes.tsx";
import { createEscalation } from "../desk/cases/escalation.ts";
import { createInbox } from "../desk/cases/inbox.ts";
import { createInboxActs } from "../desk/cases/inbox-acts.ts";
import { createInboxCase, type PersonCard, type PersonFound } from "../desk/cases/inbox-case.ts";
import { createInboxStaff } from "../desk/cases/inbox-staff.ts";
import type { Roles } from "../desk/roles/roles.ts";
import type { Staff } from "../kernel/caller.ts";
import * as outboxRows from "../outbox/outbox.store.ts";
import type { Db } from "../store/store.ts";
import type { Door } from "./door.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Part } from "./part.ts";

export type InboxPart = ReturnType<typeof wireInbox>;

/** The desk's side of cases: the inbox, one case with its acts, prepared answers, escalation, reports. */
export function wireInbox(
  ground: Ground,
  { outbox }: Pick<Foundations, "outbox">,
  neighbours: {
    cases: Cases;
    roles: Roles;
    lockout: Pick<Door["lockout"], "lockedUntil">;
    /** Who people are: their card beside a case, and the search that ties one to them. */
    people?: {
      personCard: (staff: Staff, accountId: string) => Promise<PersonCard | null>;
      searchPeople: DeskCaseRoutesDeps["searchPeople"];
    };
    readAttachment: DeskCaseRoutesDeps["readAttachment"];
  },
) {
  const { config, preset, clock, ids, store, translations } = ground;
  const { cases } = neighbours;
  const { contactPointsOf } = accountRows;

  const nameOf = async (db: Db, accountId: string) =>
    (await accountRows.findById(db, accountId))?.name ?? null;
  const people = neighbours.people ?? plainPeople(ground, neighbours);

  const { colleaguesOf } = createInboxStaff({ clock, preset });
  const inbox = createInbox({ store, clock, ids, preset, nameOf });
  const canned = createCannedAnswers({
    store,
    clock,
    ids,
    preset,
    translations,
    reach: inbox.reach,
    linkOf: (caseId, locale) =>
      `${config.url}/contact/case?${new URLSearchParams({ token: cases.caseLinkToken(caseId), lang: locale })}`,
  });
  const inboxCase = createInboxCase({
    store,
    cases,
    inbox,
    canned,
    nameOf,
    colleaguesOf,
    personCard: people.personCard,
    isSuppressed: outboxRows.isSuppressed,
  });
  const acts = createInboxActs({ store, clock, preset, cases, colleaguesOf });
  const escalation = createEscalation({
    store,
    clock,
    ids,
    preset,
    cases,
    outbox,
    contactPointsOf,
    colleaguesOf,
  });
  const reports = createCaseReports({
    store,
    clock,
    preset,
    timezone: config.timezone,
    relayOf: cases.relayOf,
    reach: inbox.reach,
  });

  const part: Part = {
    jobs: [
      ...escalation.jobs,
      { name: "case-reports.count-days", everySeconds: 3600, run: reports.countDays },
    ],
    forget: [reports.forget],
    news: (["late", "mine", "unassigned"] as const).map((view) => ({
      act: "cases.see",
      href: `/desk/cases?view=${view}`,
      key: `inbox.news.${view}`,
      count: async (staff) => (await inbox.deskCounts(staff))[view],
    })),
    routes(_http, desk) {
      deskCasesRoutes(desk, { store, clock, preset, inbox, colleaguesOf });
      deskCaseRoutes(desk, {
        store,
        clock,
        preset,
        inbox,
        inboxCase,
        acts,
        escalation,
        newestOf: async (db, caseId) => (await newestMessage(db, caseId))?.id ?? null,
        searchPeople: people.searchPeople,
        readAttachment: neighbours.readAttachment,
      });
      cannedAnswersRoutes(desk, { clock, preset, inbox, canned });
      caseReportsRoutes(desk, { clock, preset, inbox, reports });
    },
  };
  return { part, inbox, deskCounts: inbox.deskCounts };
}

/** The person of a case from the account alone, and a search by whole identifiers and addresses. */
function plainPeople(
  { store }: Ground,
  { roles, lockout }: { roles: Roles; lockout: Pick<Door["lockout"], "lockedUntil"> },
) {
  const namesOf = async (accountId: string) =>
    (await accountRows.identifiersOf(store, accountId)).map(({ shown }) => shown);

  async function personCard(staff: Staff, accountId: string): Promise<PersonCard | null> {
    const account = await accountRows.findById(store, accountId);
    if (!account || !(await roles.mayHelp(store, staff, accountId))) return null;
    return {
      accountId,
      name: account.name,
      identifiers: await namesOf(accountId),
      kind: account.kind,
      status: account.status,
      lockedUntil: await lockout.lockedUntil(store, accountId),
      contacts: (await accountRows.contactPointsOf(store, accountId)).filter(
        ({ state }) => state !== "obsolete",
      ),
    };
  }

  async function searchPeople(staff: Staff, words: string): Promise<PersonFound[]> {
    const named = await accountRows.findByIdentifier(store, normaliseIdentifier(words));
    const email = parseEmailAddress(words);
    const reached = email.ok ? await accountRows.contactPointsAt(store, email.key) : [];
    const found = new Set([...(named ? [named.id] : []), ...reached.map(({ account }) => account.id)]);
    const cards = await Promise.all([...found].map((id) => personCard(staff, id)));
    return cards
      .filter((card) => card !== null)
      .map(({ accountId, name, identifiers, contacts }) => ({
        accountId,
        name,
        identifiers,
        contacts: contacts.map(({ address }) => address),
      }));
  }

  return { personCard, searchPeople };
}
