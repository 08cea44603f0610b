import type { Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import { done, type Outcome, refused } from "../../kernel/outcome.ts";
import type { Tx } from "../../store/store.ts";
import { type By, cutAt, longestBody } from "./case-input.ts";
import type { CaseMails } from "./case-mails.ts";
import type { CaseTalk } from "./case-talk.ts";
import {
  type CaseRow,
  closeMergedWith,
  findCase,
  holdCase,
  newestMessage,
  updateCase,
} from "./cases.store.ts";
import type { Routing } from "./routing.ts";

export type AnswerRefusal =
  | "cases.not-found"
  | "cases.merged"
  | "cases.empty"
  | "cases.too-long"
  | "cases.newer-message";

export interface ConversationDeps {
  clock: Clock;
  routing: Routing;
  talk: CaseTalk;
  mails: CaseMails;
  /** Whether they may answer this case, where it stands. */
  mayAct: (staff: Staff, row: CaseRow) => boolean;
}

/** What is said in a case, both ways. */
export function createConversation(deps: ConversationDeps) {
  const { clock, routing, talk, mails } = deps;

  /** The case in which a merged one goes on, held; null when there is none. */
  async function holdLive(tx: Tx, caseId: string): Promise<CaseRow | null> {
    let row = await holdCase(tx, caseId);
    for (let steps = 0; row?.merged_into && steps < 10; steps++) row = await holdCase(tx, row.merged_into);
    return row;
  }

  /**
   * The case that a press by a link is about, held: the one that it goes on in where both have one address, since that
   * is what its page shows; else the one that the link names, whose mailbox it was sent to.
   */
  async function holdAsked(tx: Tx, linkedId: string): Promise<CaseRow | null> {
    const linked = await holdCase(tx, linkedId);
    if (!linked?.merged_into) return linked;
    const live = await holdLive(tx, linked.merged_into);
    return live !== null && live.email_key === linked.email_key ? live : linked;
  }

  /** What changes when it is the staff's turn; a time that was promised before is kept. */
  async function staffsTurn(tx: Tx, row: CaseRow): Promise<Partial<CaseRow>> {
    const now = clock.now();
    const due = await routing.dueTimes(tx, row.relay, row, now);
    const isOver = row.status === "solved" || row.status === "closed";
    const answerDue = row.status === "open" ? (row.first_answer_due_at ?? due.answer) : due.answer;
    return {
      status: "open",
      waits_for: "staff",
      last_message_at: now,
      first_answer_due_at: answerDue,
      ...(row.status === "open"
        ? {}
        : {
            escalate_at: answerDue,
            escalation_step: 0,
            expected_at: await routing.expectedAnswer(tx, row.relay, row),
          }),
      ...(isOver
        ? {
            resolution_due_at: due.resolution,
            solved_at: null,
            closed_at: null,
            reopened: row.reopened + 1,
            satisfaction: null,
            satisfaction_at: null,
          }
        : {}),
    };
  }

  /**
   * The person writes again. A case that was over is open once more, and one that goes on in another is continued
   * there. Answers the case that has the message; null when there is none any more. `author` is named where it is
   * somebody else than the writer of the case.
   */
  async function addPersonMessage(
    tx: Tx,
    caseId: string,
    said: {
      body: string;
      quoted?: string | null;
      channel: "form" | "mail" | "chat";
      mailId?: string | null;
      author?: string;
    },
  ): Promise<{ row: CaseRow; messageId: string } | null> {
    const row = await holdLive(tx, caseId);
    if (!row) return null;
    const messageId = await talk.say(tx, row.id, {
      kind: "person",
      channel: said.channel,
      author_name: said.author ?? row.name,
      body: cutAt(said.body, longestBody),
      quoted: said.quoted ?? null,
      mail_id: said.mailId ?? null,
    });
    const change = { ...(await staffsTurn(tx, row)), person_wrote_at: clock.now() };
    await updateCase(tx, row.id, change);
    const changed = { ...row, ...change };
    await closeMergedWith(tx, changed);
    if (row.status === "solved" || row.status === "closed")
      await tellReopened(tx, changed, { kind: "person" });
    return { row: changed, messageId };
  }

  async function tellReopened(tx: Tx, row: CaseRow, by: By): Promise<void> {
    await talk.note(tx, row.id, "cases.event.reopened", by);
    await mails.send(tx, row, "cases.reopened", { expectedAt: row.expected_at });
  }

  /**
   * Staff answer: mailed with the address that brings the reply back here. `seen` is the newest message on the page
   * that they wrote from: when another has come since, nothing is sent, so that two do not answer past each
   * other. With `isSolved` the mail asks whether all is well.
   */
  async function addStaffAnswer(
    tx: Tx,
    staff: Staff,
    caseId: string,
    body: string,
    options: { seen?: string | null; isSolved?: boolean } = {},
  ): Promise<Outcome<{ messageId: string; row: CaseRow }, AnswerRefusal>> {
    const text = body.trim();
    if (text === "") return refused("cases.empty");
    if (text.length > longestBody) return refused("cases.too-long");
    const row = await holdCase(tx, caseId);
    if (!row || !deps.mayAct(staff, row)) return refused("cases.not-found");
    if (row.status === "merged") return refused("cases.merged");
    if (options.seen !== undefined && (await newestMessage(tx, caseId))?.id !== (options.seen ?? undefined)) {
      return refused("cases.newer-message");
    }
    const now = clock.now();
    const messageId = await talk.say(tx, row.id, {
      kind: "staff",
      channel: "desk",
      author_id: staff.accountId,
      author_name: staff.name,
      body: text,
    });
    const isSolved = options.isSolved ?? false;
    const change: Partial<CaseRow> = {
      status: isSolved ? "solved" : "waiting",
      waits_for: isSolved ? "nobody" : "person",
      first_answered_at: row.first_answered_at ?? now,
      first_answer_due_at: null,
      last_message_at: now,
      escalate_at: null,
      solved_at: isSolved ? now : null,
      closed_at: null,
      ...(isSolved ? { closes_on_sign_in: 0 } : {}),
      assignee_id: row.assignee_id ?? staff.accountId,
    };
    await updateCase(tx, row.id, change);
    const changed = { ...row, ...change };
    await closeMergedWith(tx, changed);
    if (isSolved) await talk.note(tx, row.id, "cases.event.solved", { kind: "staff", staff });
    await mails.sendToAll(tx, changed, "cases.answer", { body: text, by: staff.name, isSolved });
    return { ...done, messageId, row: changed };
  }

  /** A note that only staff read. */
  async function addNote(
    tx: Tx,
    staff: Staff,
    caseId: string,
    body: string,
  ): Promise<Outcome<{ messageId: string }, "cases.not-found" | "cases.empty" | "cases.too-long">> {
    const text = body.trim();
    if (text === "") return refused("cases.empty");
    if (text.length > longestBody) return refused("cases.too-long");
    const row = await findCase(tx, caseId);
    if (!row || !deps.mayAct(staff, row)) return refused("cases.not-found");
    const messageId = await talk.say(tx, caseId, {
      kind: "note",
      channel: "desk",
      author_id: staff.accountId,
      author_name: staff.name,
      body: text,
    });
    return { ...done, messageId };
  }

  return {
    holdLive,
    holdAsked,
    staffsTurn,
    addPersonMessage,
    addStaffAnswer,
    addNote,
    tellReopened,
    addEvent: talk.note,
  };
}

export type Conversation = ReturnType<typeof createConversation>;
