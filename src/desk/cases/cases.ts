import type { SmsBudgets } from "../../access/budgets/sms-ceilings.ts";
import type { Challenges } from "../../access/challenges/challenges.ts";
import type { Preset } from "../../config/preset.ts";
import type { Journal } from "../../journal/journal.ts";
import { type Clock, day } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Keys } from "../../kernel/keys.ts";
import type { Job } from "../../operate/jobs.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { type CaseSeen, isAskedWhether } from "./case-input.ts";
import { createCaseLinks } from "./case-links.ts";
import { createCaseMails } from "./case-mails.ts";
import { createCasePlaces, type Establishments } from "./case-places.ts";
import { createCaseTalk } from "./case-talk.ts";
import { type CaseWallsDeps, createCaseWalls } from "./case-walls.ts";
import * as rows from "./cases.store.ts";
import { createChatRecord } from "./chat-record.ts";
import { createConversation } from "./conversation.ts";
import { createEndings } from "./endings.ts";
import { createIdentity, type IdentityDeps } from "./identity.ts";
import { createInboxStaff } from "./inbox-staff.ts";
import { createOpening } from "./opening.ts";
import { createRouting } from "./routing.ts";

export type { By, CaseSeen, Evidence, OpenCase } from "./case-input.ts";
export type {
  CaseAttachmentRow as CaseAttachment,
  CaseMessageRow as CaseMessage,
  CaseRow as Case,
  CaseStatus,
} from "./cases.store.ts";
export type { AnswerRefusal } from "./conversation.ts";
export type { EndRefusal, Satisfaction } from "./endings.ts";
export type { Corrected, IdentityRefusal } from "./identity.ts";

/**
 * Cases: requests for help, whatever they come by (form, mail, chat, staff), what is said in them both ways, who
 * they are about, and how they end. The rules stand in parts beside this file: opening, conversation, identity,
 * endings, case-links, case-mails, routing.
 *
 * Who writes is nobody until proved (`identity_proved_at`), and no message tells the writer whether an account
 * exists (promises 2, 7).
 *
 * Tables: cases, case_messages, case_attachments, case_words. Reads sessions and journal for `closeSignedIn`.
 * Settings: caseRouting, relays, support.address, retention.casesDays, recoverWithDeclared, messages.*, limits
 * "case-acknowledgement.per-address".
 * Refusals: cases.not-found, .merged, .already, .empty, .too-long, .newer-message, .other-person, .not-tied,
 * .identity-proved, .identity-not-proved, .no-contact-point, .nothing-to-apply, .too-many.
 * Messages: cases.acknowledgement, .answer, .solved, .reopened, .closed, .signed-in, .identity.
 */
export interface CasesDeps
  extends Omit<IdentityDeps, "talk" | "places" | "mayAct" | "challenges" | "budgets" | "journal" | "outbox">,
    Pick<CaseWallsDeps, "relaysFor" | "wallsFor" | "staffNow"> {
  store: Store;
  clock: Clock;
  ids: Ids;
  keys: Keys;
  preset: Preset;
  timezone: string;
  journal: Journal;
  outbox: Outbox;
  budgets: SmsBudgets;
  challenges: Challenges;
  /** Where cases can stand; null where the portal knows no establishments. */
  establishments: Establishments | null;
}

const forgottenAtOnce = 500;

export type Cases = ReturnType<typeof createCases>;

export function createCases(deps: CasesDeps) {
  const { store, clock, ids, keys, preset, timezone } = deps;
  const { contactPointsOf } = deps.accounts;

  const { establishments } = deps;
  const walls = createCaseWalls({
    preset,
    relaysFor: deps.relaysFor,
    wallsFor: deps.wallsFor,
    staffNow: deps.staffNow,
    findPlaces: establishments?.find ?? null,
  });
  const { maySee, mayAct } = walls;
  const colleagues = createInboxStaff({ clock, preset });

  const links = createCaseLinks({ keys, supportAddress: preset.support.address });
  const routing = createRouting({
    clock,
    preset,
    timezone,
    calendarAt: establishments?.calendarAt ?? null,
    isAnsweredAt: colleagues.isAnsweredAt,
  });
  const talk = createCaseTalk({ clock, ids });
  const mails = createCaseMails({ preset, outbox: deps.outbox, links, routing });
  const places = createCasePlaces({ talk, establishments, isColleague: colleagues.isColleague });
  const opening = createOpening({ ...deps, routing, places, talk, mails, contactPointsOf });
  const conversation = createConversation({ clock, routing, talk, mails, mayAct });
  const identity = createIdentity({ ...deps, places, talk, mayAct });
  const { recordChat } = createChatRecord({ clock, talk, openOnce: opening.openOnce });
  const endings = createEndings({ store, clock, talk, mails, conversation, contactPointsOf, mayAct });

  /** The case that a person may read by its link, with what was said both ways in it and in those merged into it. */
  async function readForPerson(db: Db, caseId: string): Promise<CaseSeen | null> {
    const linked = await rows.findCase(db, caseId);
    let row = linked;
    for (let steps = 0; row?.merged_into && steps < 10; steps++)
      row = await rows.findCase(db, row.merged_into);
    if (!linked || !row) return null;
    const isAsked = isAskedWhether(row.email_key === linked.email_key ? row : linked);
    const merged = await rows.mergedInto(db, row.id);
    const caseIds = [row.id, ...merged.map(({ id }) => id)];
    return { row, isAsked, caseIds, messages: await rows.messagesOf(db, caseIds, ["person", "staff"]) };
  }

  /** Whether it once had an address that was taken from it. */
  async function hasLostAddress(db: Db, caseId: string): Promise<boolean> {
    const events = await rows.messagesOf(db, [caseId], ["event"]);
    return events.some(({ body }) => body === "cases.event.disowned" || body === "cases.event.replaced");
  }

  const jobs: Job[] = [
    { name: "cases.close-signed-in", everySeconds: 60, run: endings.closeSignedIn },
    { name: "cases.close-resting", everySeconds: 3600, run: endings.closeResting },
  ];

  return {
    openCase: opening.openCase,
    /** Makes a case of a conversation that is over. */
    recordChat,
    addPersonMessage: conversation.addPersonMessage,
    addStaffAnswer: conversation.addStaffAnswer,
    addNote: conversation.addNote,
    /** Writes what happened, for staff: a key `cases.event.*` and its values. */
    addEvent: conversation.addEvent,
    holdAsked: conversation.holdAsked,
    ...identity,
    solve: endings.solve,
    close: endings.close,
    reopen: endings.reopen,
    rate: endings.rate,
    disown: endings.disown,
    replaceBy: endings.replaceBy,
    merge: endings.merge,
    ...links,
    ...routing,
    maySee,
    mayAct,
    /** Who sees which cases, by what they may and where. */
    walls,
    /** Who answers which cases. */
    colleagues,
    /** Puts a case at another establishment. */
    movePlace: places.move,
    /** Where cases can stand; null where the portal knows no establishments. */
    establishments,
    readForPerson,
    hasLostAddress,
    find: rows.findCase,
    findByNumber: rows.findByNumber,
    findMessageByMail: rows.findMessageByMail,
    newestOpenOfEmail: rows.newestOpenOfEmail,
    casesOfAccount: rows.casesOfAccount,
    jobs,
    /** Forgets what was closed too long ago; its pictures go in the next turn of their own job. */
    async forget(tx: Tx): Promise<void> {
      await rows.forget(tx, clock.now() - preset.retention.casesDays * day, forgottenAtOnce);
    },
  };
}
