import * as accountRows from "../accounts/accounts.store.ts";
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
import type { Staff } from "../kernel/caller.ts";
import * as outboxRows from "../outbox/outbox.store.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Part } from "./part.ts";
import type { PeoplePart } from "./people.ts";

export type InboxPart = ReturnType<typeof wireInbox>;

/** The desk's side of cases: the inbox, one case with its acts, prepared answers, escalation, reports. */
export function wireInbox(
  ground: Ground,
  { outbox }: Pick<Foundations, "outbox">,
  neighbours: {
    cases: Cases;
    people: Pick<PeoplePart, "people" | "person">;
    readAttachment: DeskCaseRoutesDeps["readAttachment"];
  },
) {
  const { config, preset, clock, ids, store, translations } = ground;
  const { cases } = neighbours;
  const { colleagues, establishments, walls } = cases;
  const { contactPointsOf } = accountRows;

  const people = peopleBeside(neighbours.people);

  const inbox = createInbox({ store, clock, ids, walls, establishments });
  const canned = createCannedAnswers({
    store,
    clock,
    ids,
    preset,
    translations,
    reach: inbox.reach,
  });
  const inboxCase = createInboxCase({
    store,
    cases,
    inbox,
    canned,
    personCard: people.personCard,
    shownTo: people.shownTo,
    isSuppressed: outboxRows.isSuppressed,
  });
  const acts = createInboxActs({ store, clock, preset, cases });
  const escalation = createEscalation({
    store,
    clock,
    ids,
    preset,
    cases,
    outbox,
    contactPointsOf,
  });
  const reports = createCaseReports({
    store,
    clock,
    preset,
    timezone: config.timezone,
    routing: cases,
    walls,
  });

  /** All its views are counted by one question, which serves each line of the same page. */
  const counted = new WeakMap<Staff, ReturnType<typeof inbox.deskCounts>>();
  const countsFor = (staff: Staff) => {
    const known = counted.get(staff) ?? inbox.deskCounts(staff);
    counted.set(staff, known);
    return known;
  };

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
      count: async (staff) => (await countsFor(staff))[view],
    })),
    routes(_http, desk) {
      deskCasesRoutes(desk, { store, clock, preset, inbox, colleagues });
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
      caseReportsRoutes(desk, { clock, preset, inbox, reports, walls });
    },
  };
  return { part, inbox, deskCounts: inbox.deskCounts };
}

/** The person beside a case, and the search that ties one to them: as the room of people sees and finds them. */
function peopleBeside({ people, person }: Pick<PeoplePart, "people" | "person">) {
  async function personCard(staff: Staff, accountId: string): Promise<PersonCard | null> {
    const seen = staff.may.has("people.see") ? await person.see(staff, accountId) : null;
    if (!seen) return null;
    const { account, identifiers, contacts, locks } = seen;
    return {
      accountId,
      name: account.name,
      identifiers,
      kind: account.kind,
      status: account.status,
      lockedUntil: locks.length === 0 ? null : Math.max(...locks.map(({ until }) => until)),
      contacts: contacts
        .filter(({ point }) => point.state !== "obsolete")
        .map(({ point, shown }) => ({
          id: point.id,
          shown,
          state: point.state,
          isDead: point.dead_since !== null,
        })),
    };
  }

  async function searchPeople(staff: Staff, typed: string): Promise<PersonFound[]> {
    const found = await people.search(staff, { typed, state: "any", after: "" });
    if (!found.ok || found.asked !== "people") return [];
    return [...found.people, ...found.near].map(({ account, identifiers, contacts }) => ({
      accountId: account.id,
      name: account.name,
      identifiers: identifiers.map(({ kind, shown }) =>
        kind === "email" ? person.shownTo(staff, account, { channel: "email", address: shown }) : shown,
      ),
      contacts: contacts.map((contact) => person.shownTo(staff, account, contact)),
    }));
  }

  return { personCard, searchPeople, shownTo: person.shownTo };
}
