import { sql } from "kysely";
import type { Kind } from "../../config/preset.ts";
import type { Symptom } from "../../config/symptoms.ts";
import { holding } from "../../store/abilities.ts";
import type { Db, Tx } from "../../store/store.ts";

/**
 * `open`: somebody here must act. `waiting`: for the person. `solved`: said to be, the person may say otherwise.
 * `closed`: over. `merged`: goes on in another case.
 */
export type CaseStatus = "open" | "waiting" | "solved" | "closed" | "merged";
export type CaseOrigin = "form" | "mail" | "chat" | "staff";
export type WaitsFor = "staff" | "person" | "nobody";
/** By what the address of a case was shown to be the writer's. Only a `link` that was pressed proves a mailbox. */
export type EmailConfirmedBy = "link" | "session" | "reply";
/** By what a contact point of record, or the account itself, answered. */
export type IdentityProvedBy = "link" | "identity-link" | "signed-in";

export interface CaseRow {
  id: string;
  /** Such as `7KQ2-M9TD`. */
  number: string;
  status: CaseStatus;
  origin: CaseOrigin;
  relay: string;
  assignee_id: string | null;
  symptom: Symptom;
  kind: Kind | null;
  /** As typed: what the person says the account is named. */
  identifier: string | null;
  locale: string;
  subject: string;
  /** Whom staff, or a proof, say that it is about. */
  account_id: string | null;
  tied_at: number | null;
  identity_proved_at: number | null;
  identity_proved_by: IdentityProvedBy | null;
  name: string;
  email: string | null;
  email_key: string | null;
  email_confirmed_at: number | null;
  email_confirmed_by: EmailConfirmedBy | null;
  phone: string | null;
  /** As typed. */
  establishment: string | null;
  /** Where it stands: a school or an academy; null: nobody knows. */
  establishment_id: string | null;
  /** The academy that this is, or that it stands in. */
  academy_id: string | null;
  pupil: string | null;
  pupil_class: string | null;
  relation: string | null;
  new_email: string | null;
  new_phone: string | null;
  details_applied_at: number | null;
  /** `Evidence` as JSON. */
  evidence: string;
  incident: string | null;
  opened_at: number;
  /** Until when staff are to answer, at first and again after each message of the person; null: not their turn. */
  first_answer_due_at: number | null;
  /** By when the person was told to have an answer. */
  expected_at: number | null;
  first_answered_at: number | null;
  resolution_due_at: number | null;
  solved_at: number | null;
  closed_at: number | null;
  last_message_at: number;
  person_wrote_at: number;
  waits_for: WaitsFor;
  closes_on_sign_in: number;
  escalation_step: number;
  escalate_at: number | null;
  reopened: number;
  /** 1: not at all, 2: in part, 3: yes. */
  satisfaction: number | null;
  satisfaction_at: number | null;
  merged_into: string | null;
  follows: string | null;
}

/** Where a case stands. */
export type CasePlace = Pick<CaseRow, "establishment_id" | "academy_id">;

export const nowhere: CasePlace = { establishment_id: null, academy_id: null };

export interface CaseMessageRow {
  id: string;
  case_id: string;
  kind: "person" | "staff" | "note" | "event";
  author_id: string | null;
  author_name: string | null;
  channel: "form" | "mail" | "chat" | "desk" | "system";
  /** Plain text; of an event, the key of its words. */
  body: string;
  quoted: string | null;
  /** Values for the words of an event, as JSON. */
  params: string | null;
  at: number;
  /** Message-ID of the mail that brought it, with its angle brackets. */
  mail_id: string | null;
}

export interface CaseAttachmentRow {
  id: string;
  case_id: string;
  message_id: string | null;
  name: string;
  type: string;
  bytes: number;
  /** Under `uploads/`. */
  file: string;
  at: number;
}

export interface CaseTables {
  cases: CaseRow;
  case_messages: CaseMessageRow;
  case_attachments: CaseAttachmentRow;
  case_words: { word: string; case_id: string };
}

const of = (db: Db) => db.tables<CaseTables>();

/** False where its number is taken, or its id: a form that is sent twice at once. */
export async function insertCase(tx: Tx, row: CaseRow): Promise<boolean> {
  const inserted = await of(tx)
    .insertInto("cases")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return inserted.numInsertedOrUpdatedRows === 1n;
}

export async function findCase(db: Db, id: string): Promise<CaseRow | null> {
  return (await of(db).selectFrom("cases").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

export async function findByNumber(db: Db, number: string): Promise<CaseRow | null> {
  return (
    (await of(db).selectFrom("cases").selectAll().where("number", "=", number).executeTakeFirst()) ?? null
  );
}

/** The case as it is now, which nobody else changes until the transaction ends. */
export async function holdCase(tx: Tx, id: string): Promise<CaseRow | null> {
  const query = of(tx).selectFrom("cases").selectAll().where("id", "=", id);
  return (await holding(tx, query).executeTakeFirst()) ?? null;
}

export async function updateCase(tx: Tx, id: string, change: Partial<CaseRow>): Promise<void> {
  await of(tx).updateTable("cases").set(change).where("id", "=", id).execute();
}

/** The newest case of an address that is not over, for mails beyond their limit and for those without reference. */
export async function newestOpenOfEmail(db: Db, emailKey: string): Promise<CaseRow | null> {
  return (
    (await of(db)
      .selectFrom("cases")
      .selectAll()
      .where("email_key", "=", emailKey)
      .where("status", "in", ["open", "waiting", "solved"])
      .orderBy("opened_at", "desc")
      .limit(1)
      .executeTakeFirst()) ?? null
  );
}

/** The cases of an account, the newest first. */
export async function casesOfAccount(db: Db, accountId: string, limit: number): Promise<CaseRow[]> {
  return of(db)
    .selectFrom("cases")
    .selectAll()
    .where("account_id", "=", accountId)
    .orderBy("opened_at", "desc")
    .limit(limit)
    .execute();
}

/** The cases of one account become another's, all or these of them; answers which. */
export async function moveCases(
  tx: Tx,
  way: { from: string; to: string },
  only?: readonly string[],
): Promise<string[]> {
  if (only?.length === 0) return [];
  let update = of(tx).updateTable("cases").set({ account_id: way.to }).where("account_id", "=", way.from);
  if (only) update = update.where("id", "in", only);
  return (await update.returning("id").execute()).map(({ id }) => id);
}

/** Those that go on in this one. */
export async function mergedInto(db: Db, id: string): Promise<CaseRow[]> {
  return of(db).selectFrom("cases").selectAll().where("merged_into", "=", id).orderBy("opened_at").execute();
}

/** Those that go on in a case are kept as long as it is, and no longer. */
export async function closeMergedWith(tx: Tx, row: Pick<CaseRow, "id" | "closed_at">): Promise<void> {
  await of(tx)
    .updateTable("cases")
    .set({ closed_at: row.closed_at })
    .where("merged_into", "=", row.id)
    .execute();
}

/** Takes an address from those that go on in a case. */
export async function dropAddressOfMerged(tx: Tx, id: string, emailKey: string): Promise<void> {
  await of(tx)
    .updateTable("cases")
    .set({ email: null, email_key: null, email_confirmed_at: null, email_confirmed_by: null })
    .where("merged_into", "=", id)
    .where("email_key", "=", emailKey)
    .execute();
}

export async function insertMessage(tx: Tx, row: CaseMessageRow): Promise<void> {
  await of(tx).insertInto("case_messages").values(row).execute();
}

/** Everything said in these cases, in its order; `kinds` leaves the rest out. */
export async function messagesOf(
  db: Db,
  caseIds: string[],
  kinds?: CaseMessageRow["kind"][],
): Promise<CaseMessageRow[]> {
  if (caseIds.length === 0) return [];
  let query = of(db).selectFrom("case_messages").selectAll().where("case_id", "in", caseIds);
  if (kinds) query = query.where("kind", "in", kinds);
  return query.orderBy("at").orderBy("id").execute();
}

/** The newest message that a person or staff sent; null before there is one. */
export async function newestMessage(db: Db, caseId: string): Promise<CaseMessageRow | null> {
  return (
    (await of(db)
      .selectFrom("case_messages")
      .selectAll()
      .where("case_id", "=", caseId)
      .where("kind", "in", ["person", "staff"])
      .orderBy("at", "desc")
      .orderBy("id", "desc")
      .limit(1)
      .executeTakeFirst()) ?? null
  );
}

/** The message that a mail brought, by its Message-ID; a mail that comes twice is taken once. */
export async function findMessageByMail(db: Db, mailId: string): Promise<CaseMessageRow | null> {
  return (
    (await of(db)
      .selectFrom("case_messages")
      .selectAll()
      .where("mail_id", "=", mailId)
      .orderBy("at")
      .limit(1)
      .executeTakeFirst()) ?? null
  );
}

/** Message-IDs of the newest mails of a case, the oldest of them first. */
export async function mailIdsOf(db: Db, caseId: string, limit: number): Promise<string[]> {
  const rows = await of(db)
    .selectFrom("case_messages")
    .select("mail_id")
    .where("case_id", "=", caseId)
    .where("mail_id", "is not", null)
    .orderBy("at", "desc")
    .limit(limit)
    .execute();
  return rows.flatMap(({ mail_id }) => mail_id ?? []).reverse();
}

export async function insertAttachment(tx: Tx, row: CaseAttachmentRow): Promise<void> {
  await of(tx).insertInto("case_attachments").values(row).execute();
}

export async function attachmentsOf(db: Db, caseIds: string[]): Promise<CaseAttachmentRow[]> {
  if (caseIds.length === 0) return [];
  return of(db)
    .selectFrom("case_attachments")
    .selectAll()
    .where("case_id", "in", caseIds)
    .orderBy("at")
    .orderBy("id")
    .execute();
}

export async function findAttachment(db: Db, id: string): Promise<CaseAttachmentRow | null> {
  return (
    (await of(db).selectFrom("case_attachments").selectAll().where("id", "=", id).executeTakeFirst()) ?? null
  );
}

/** Adds folded words to those that a case is found by. */
export async function addWords(tx: Tx, caseId: string, words: string[]): Promise<void> {
  if (words.length === 0) return;
  await of(tx)
    .insertInto("case_words")
    .values(words.map((word) => ({ word, case_id: caseId })))
    .onConflict((conflict) => conflict.columns(["word", "case_id"]).doNothing())
    .execute();
}

/**
 * A word that no text can have, since those are letters and digits: by it a search inside one school begins with the
 * cases of that school, where they are fewer than those that have the words looked for.
 */
export const placeWord = (establishmentId: string) => `@${establishmentId}`;

/** Puts the place of a case, and the word by which a search finds it there. */
export async function putPlace(tx: Tx, caseId: string, place: CasePlace): Promise<void> {
  await updateCase(tx, caseId, place);
  await of(tx)
    .deleteFrom("case_words")
    .where("case_id", "=", caseId)
    .where("word", ">=", "@")
    .where("word", "<", "A")
    .execute();
  if (place.establishment_id !== null) await addWords(tx, caseId, [placeWord(place.establishment_id)]);
}

/** The team of a relay: everybody's, or that of one school or academy. */
export interface Team {
  relay: string;
  at: { column: keyof CasePlace; id: string } | null;
}

/** How many cases of a team wait for their first answer. */
export async function countUnanswered(db: Db, { relay, at }: Team): Promise<number> {
  let query = of(db)
    .selectFrom("cases")
    .select((select) => select.fn.countAll<number>().as("count"))
    .where("status", "=", "open")
    .where("relay", "=", relay)
    .where("first_answered_at", "is", null);
  if (at !== null) query = query.where(at.column, "=", at.id);
  return Number((await query.executeTakeFirstOrThrow()).count);
}

/** When the cases that a team answered last were opened and answered, the latest answer first. */
export async function recentFirstAnswers(
  db: Db,
  { relay, at }: Team,
  since: number,
  limit: number,
): Promise<{ opened_at: number; first_answered_at: number }[]> {
  let query = of(db)
    .selectFrom("cases")
    .select(["opened_at", "first_answered_at"])
    .where("relay", "=", relay)
    .where("first_answered_at", ">=", since)
    .orderBy("first_answered_at", "desc")
    .limit(limit);
  if (at !== null) {
    // What was answered since then was written in since then: so the index of the place is walked no further.
    query = query
      .where(at.column, "=", at.id)
      .where("status", "in", ["open", "waiting", "solved", "closed"])
      .where("last_message_at", ">=", since);
  }
  const rows = await query.execute();
  return rows.map((row) => ({
    opened_at: row.opened_at,
    first_answered_at: row.first_answered_at as number,
  }));
}

/**
 * Cases about access whose account has signed in since the person last wrote, where it is known that the writer is
 * its owner: the others would stay in the list for ever, and hide those behind them. A session that has ended since is
 * told by the journal. The condition on the flag is written out, so that both engines take its partial index.
 */
export async function signedInSince(db: Db, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select c.id from cases c
    where c.closes_on_sign_in = 1 and c.account_id is not null
      and (
        c.identity_proved_at is not null
        or c.email_confirmed_at is not null and exists (
          select 1 from contact_points p where p.account_id = c.account_id
          and p.channel = 'email' and p.state = 'verified' and p.address_key = c.email_key
        )
      )
      and (
      exists (select 1 from sessions s where s.account_id = c.account_id and s.created_at > c.person_wrote_at)
      or exists (
        select 1 from journal j
        where j.account_id = c.account_id and j.at > c.person_wrote_at and j.event = 'sign-in.done'
      )
    ) limit ${limit}`.execute(db.tables());
  return rows.map(({ id }) => id);
}

/** Whether an account has signed in since a moment. */
export async function hasSignedInSince(db: Db, accountId: string, since: number): Promise<boolean> {
  const { rows } = await sql<{ found: number }>`
    select 1 as found where
      exists (select 1 from sessions s where s.account_id = ${accountId} and s.created_at > ${since})
      or exists (
        select 1 from journal j
        where j.account_id = ${accountId} and j.at > ${since} and j.event = 'sign-in.done'
      )`.execute(db.tables());
  return rows.length > 0;
}

/** Ids of the cases in a state since before a moment, at most `limit`. */
export async function restingSince(
  db: Db,
  status: "waiting" | "solved",
  before: number,
  limit: number,
): Promise<string[]> {
  const rows = await of(db)
    .selectFrom("cases")
    .select("id")
    .where("status", "=", status)
    .where("last_message_at", "<=", before)
    .orderBy("last_message_at")
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

/** Removes cases that are over since before a moment, with their messages, pictures' rows and words. */
export async function forget(tx: Tx, closedBefore: number, limit: number): Promise<string[]> {
  const old = await of(tx)
    .selectFrom("cases")
    .select("id")
    .where("closed_at", "<", closedBefore)
    .orderBy("closed_at")
    .limit(limit)
    .execute();
  const ids = old.map(({ id }) => id);
  if (ids.length > 0) await of(tx).deleteFrom("cases").where("id", "in", ids).execute();
  return ids;
}

/** Which of these ids are cases. */
export async function existing(db: Db, ids: string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const rows = await of(db).selectFrom("cases").select("id").where("id", "in", ids).execute();
  return new Set(rows.map(({ id }) => id));
}
