import type { Budgets } from "../../access/budgets/budgets.ts";
import type { ContactPoint } from "../../accounts/accounts.ts";
import type { Symptom } from "../../config/symptoms.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Db, Tx } from "../../store/store.ts";
import { cutAt, longestBody, longestSubject, type OpenCase, oneLine, type SaidBefore } from "./case-input.ts";
import type { CaseMails } from "./case-mails.ts";
import type { CasePlaces } from "./case-places.ts";
import type { CaseTalk } from "./case-talk.ts";
import { addWords, type CaseRow, findCase, insertCase, messagesOf, placeWord } from "./cases.store.ts";
import type { Routing } from "./routing.ts";

/** Signing in does not put these right. */
const notAboutAccess: Symptom[] = ["other", "contact-changed"];

export interface OpeningDeps {
  clock: Clock;
  ids: Ids;
  journal: Journal;
  budgets: Budgets;
  routing: Routing;
  places: Pick<CasePlaces, "placeFor">;
  talk: CaseTalk;
  mails: CaseMails;
  contactPointsOf: (db: Db, accountId: string) => Promise<ContactPoint[]>;
}

/** Opens cases, whatever they come by. */
export function createOpening(deps: OpeningDeps) {
  const { clock, ids, routing, talk, mails } = deps;

  async function rowOf(tx: Tx, asked: OpenCase, number: string): Promise<CaseRow> {
    const now = clock.now();
    const place = await deps.places.placeFor(tx, asked);
    const relay = routing.relayAt(asked.relay ?? routing.route(asked.symptom, asked.kind), place);
    const due = await routing.dueTimes(tx, relay, place, now);
    const accountId = asked.accountId ?? null;
    const isProved = accountId !== null && asked.isIdentityProved === true;
    const isAccess = !notAboutAccess.includes(asked.symptom);
    return {
      id: asked.id ?? ids.uuid(),
      number,
      status: "open",
      origin: asked.origin,
      relay,
      assignee_id: asked.assigneeId ?? null,
      symptom: asked.symptom,
      kind: asked.kind,
      identifier: asked.identifier || null,
      locale: asked.locale,
      subject: oneLine(asked.subject || asked.body, longestSubject) || asked.symptom,
      account_id: accountId,
      tied_at: accountId === null ? null : now,
      identity_proved_at: isProved ? now : null,
      identity_proved_by: isProved ? "signed-in" : null,
      name: asked.name,
      email: asked.email?.address ?? null,
      email_key: asked.email?.key ?? null,
      email_confirmed_at: null,
      email_confirmed_by: null,
      phone: asked.phone || null,
      establishment: asked.establishment || null,
      ...place,
      pupil: asked.pupil || null,
      pupil_class: asked.pupilClass || null,
      relation: asked.relation || null,
      new_email: asked.newContact?.email || null,
      new_phone: asked.newContact?.phone || null,
      details_applied_at: null,
      evidence: JSON.stringify(asked.evidence),
      incident: asked.evidence.incident ?? null,
      opened_at: asked.openedAt ?? now,
      first_answer_due_at: due.answer,
      expected_at: await routing.expectedAnswer(tx, relay, place),
      first_answered_at: null,
      resolution_due_at: due.resolution,
      solved_at: null,
      closed_at: null,
      last_message_at: now,
      person_wrote_at: now,
      waits_for: "staff",
      // Who writes while signed in can sign in: doing it again says nothing.
      closes_on_sign_in: isAccess && !isProved ? 1 : 0,
      escalation_step: 0,
      escalate_at: due.answer,
      reopened: 0,
      satisfaction: null,
      satisfaction_at: null,
      merged_into: null,
      follows: asked.follows ?? null,
    };
  }

  /** The address needs no mail to confirm it where the account that the writer is signed in to proved it before. */
  async function confirmAtOnce(tx: Tx, row: CaseRow): Promise<CaseRow> {
    if (row.identity_proved_at === null || row.account_id === null || row.email_key === null) return row;
    const points = await deps.contactPointsOf(tx, row.account_id);
    const isOwn = points.some(
      (point) =>
        point.channel === "email" && point.state === "verified" && point.address_key === row.email_key,
    );
    return isOwn ? { ...row, email_confirmed_at: row.opened_at, email_confirmed_by: "session" } : row;
  }

  async function insertNumbered(tx: Tx, asked: OpenCase): Promise<{ row: CaseRow; isNew: boolean }> {
    for (let tries = 0; tries < 10; tries++) {
      // Drawn by chance: it must tell nobody how many others write.
      const row = await confirmAtOnce(tx, await rowOf(tx, asked, ids.reference()));
      if (await insertCase(tx, row)) return { row, isNew: true };
      const same = asked.id === undefined ? null : await findCase(tx, asked.id);
      if (same) return { row: same, isNew: false };
    }
    throw new Fault("Ten numbers in a row were taken by other cases.");
  }

  async function sayBefore(tx: Tx, row: CaseRow, said: SaidBefore[]): Promise<void> {
    for (const { by, staffId, name, body, at } of said) {
      const author = { author_id: by === "staff" ? staffId : null, author_name: name };
      await talk.say(tx, row.id, {
        kind: by,
        channel: "chat",
        ...author,
        body: cutAt(body, longestBody),
        at,
      });
    }
  }

  /** Of a conversation, what its case does not hold yet: a question that was sent as a request, and then asked in a chat. */
  async function notYetSaid(tx: Tx, row: CaseRow, said: SaidBefore[]): Promise<SaidBefore[]> {
    const held = (await messagesOf(tx, [row.id], ["person", "staff"])).map(({ kind, body }) => kind + body);
    return said.filter(({ by, body }) => {
      const at = held.indexOf(by + cutAt(body, longestBody));
      if (at >= 0) held.splice(at, 1);
      return at < 0;
    });
  }

  /** What it was opened with: one message, or all of a conversation. */
  async function sayFirst(tx: Tx, row: CaseRow, asked: OpenCase): Promise<void> {
    if (asked.said) return sayBefore(tx, row, asked.said);
    const isStaff = asked.origin === "staff";
    await talk.say(tx, row.id, {
      kind: isStaff ? "note" : "person",
      channel: asked.origin === "staff" ? "desk" : asked.origin,
      author_id: isStaff ? asked.actor.id : null,
      author_name: isStaff ? null : row.name,
      body: cutAt(asked.body, longestBody),
      quoted: asked.quoted ?? null,
      mail_id: asked.mailId ?? null,
    });
  }

  /**
   * Opens a case: says where it stands, chooses its relay, says until when it is to be answered, keeps the first message, and commits
   * the acknowledgement with number, link and expected delay. Looks at no account but the one that its writer is
   * signed in to, so that it tells nobody who has one (promise 2). What was asked with the `id` of a case that is
   * there already makes no second one; a conversation is added to it.
   */
  async function openOnce(tx: Tx, asked: OpenCase): Promise<{ row: CaseRow; isNew: boolean }> {
    const { row, isNew } = await insertNumbered(tx, asked);
    if (!isNew) {
      await sayBefore(tx, row, await notYetSaid(tx, row, asked.said ?? []));
      return { row, isNew };
    }
    await talk.indexCase(tx, row);
    if (row.establishment_id !== null) await addWords(tx, row.id, [placeWord(row.establishment_id)]);
    await sayFirst(tx, row, asked);
    await deps.journal.record(tx, {
      event: "cases.opened",
      accountId: row.identity_proved_at === null ? null : row.account_id,
      actor: asked.actor,
      params: { number: row.number },
      caller: asked.caller,
    });
    if (asked.isAcknowledged !== false) await acknowledge(tx, row);
    return { row, isNew };
  }

  const openCase = async (tx: Tx, asked: OpenCase): Promise<CaseRow> => (await openOnce(tx, asked)).row;

  async function acknowledge(tx: Tx, row: CaseRow): Promise<void> {
    if (row.email_key === null) return;
    if (!(await deps.budgets.spend(tx, "case-acknowledgement.per-address", row.email_key)).ok) return;
    await mails.send(
      tx,
      row,
      "cases.acknowledgement",
      { expectedAt: row.expected_at, isConfirmed: row.email_confirmed_at !== null },
      "urgent",
    );
  }

  return { openCase, openOnce };
}
