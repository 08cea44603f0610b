import type { Kind } from "../../config/preset.ts";
import type { Symptom } from "../../config/symptoms.ts";
import { stranger } from "../../journal/journal.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Tx } from "../../store/store.ts";
import type { Evidence, OpenCase } from "./case-input.ts";
import type { CaseTalk } from "./case-talk.ts";
import { type CaseRow, holdCase, updateCase } from "./cases.store.ts";

/** A conversation that is over, and becomes a case. */
export interface ChatRecord {
  /** Of the conversation: the case has the same, so that it is made once. */
  id: string;
  locale: string;
  symptom: Symptom;
  kind: Kind | null;
  name: string;
  email: { address: string; key: string } | null;
  establishment: string | null;
  evidence: Evidence;
  /** The account that its writer was signed in to. */
  accountId: string | null;
  askedAt: number;
  /** In its order; the first is the person's. */
  said: { by: "person" | "staff"; staffId: string | null; name: string | null; body: string; at: number }[];
  isSolved: boolean;
  assigneeId: string | null;
  isAcknowledged: boolean;
  endedBy: string;
}

/** Makes a case of a conversation: what was said keeps its times, and the case stands as the conversation left it. */
export function createChatRecord(deps: {
  clock: Clock;
  talk: CaseTalk;
  openOnce: (tx: Tx, asked: OpenCase) => Promise<{ row: CaseRow; isNew: boolean }>;
}) {
  async function recordChat(tx: Tx, chat: ChatRecord): Promise<CaseRow> {
    const { row, isNew } = await deps.openOnce(tx, {
      id: chat.id,
      origin: "chat",
      locale: chat.locale,
      subject: "",
      body: chat.said[0]?.body ?? "",
      said: chat.said,
      openedAt: chat.askedAt,
      symptom: chat.symptom,
      kind: chat.kind,
      name: chat.name,
      email: chat.email,
      phone: null,
      establishment: chat.establishment,
      evidence: chat.evidence,
      accountId: chat.accountId,
      isIdentityProved: chat.accountId !== null,
      isAcknowledged: chat.isAcknowledged,
      assigneeId: chat.assigneeId,
      caller: null,
      actor: chat.accountId === null ? stranger : { kind: "person", id: chat.accountId },
    });
    const change = isNew
      ? standing(row, chat, deps.clock.now())
      : standingAfter((await holdCase(tx, row.id)) ?? row, chat, deps.clock.now());
    await updateCase(tx, row.id, change);
    await deps.talk.note(tx, row.id, `cases.event.chat.${chat.endedBy}`, { kind: "system" });
    return { ...row, ...change };
  }

  return { recordChat };
}

function standing(row: CaseRow, { said, isSolved }: ChatRecord, now: number): Partial<CaseRow> {
  const lastOf = (by: "person" | "staff") => said.findLast((one) => one.by === by)?.at ?? null;
  const change: Partial<CaseRow> = {
    first_answered_at: said.find((one) => one.by === "staff")?.at ?? null,
    person_wrote_at: lastOf("person") ?? row.person_wrote_at,
  };
  if (!isSolved) return change;
  return {
    ...change,
    status: "solved",
    waits_for: "nobody",
    first_answer_due_at: null,
    expected_at: null,
    escalate_at: null,
    closes_on_sign_in: 0,
    solved_at: now,
  };
}

/** Of a case that was there before the conversation, which somebody may have answered, or ended, meanwhile. */
function standingAfter(row: CaseRow, chat: ChatRecord, now: number): Partial<CaseRow> {
  const change = standing(row, chat, now);
  const saidAt = change.person_wrote_at ?? 0;
  const kept = {
    first_answered_at: row.first_answered_at ?? change.first_answered_at,
    person_wrote_at: Math.max(row.person_wrote_at, saidAt),
  };
  return row.status === "open" && row.person_wrote_at <= saidAt ? { ...change, ...kept } : kept;
}
