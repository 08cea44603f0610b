import type { Symptom } from "../../config/symptoms.ts";
import type { Db, Tx } from "../../store/store.ts";
import type { CasePlace } from "./cases.store.ts";

/** `time`: not answered in time; `hand`: by staff; `sends`: what is sent to the person keeps failing. */
export type EscalatedHow = "time" | "hand" | "sends";

export interface EscalationRow {
  id: string;
  case_id: string;
  from_relay: string;
  to_relay: string;
  how: EscalatedHow;
  by_staff: string | null;
  reason: string | null;
  at: number;
}

interface DigestRow {
  staff_id: string;
  /** Id of the newest escalation that was told. */
  told_up_to: string;
  sent_at: number;
}

interface EscalationTables {
  case_escalations: EscalationRow;
  escalation_digests: DigestRow;
}

const of = (db: Db) => db.tables<EscalationTables>();
const places = (values: readonly unknown[]) =>
  values.length === 0 ? "null" : values.map(() => "?").join(", ");

export async function insertEscalation(tx: Tx, row: EscalationRow): Promise<void> {
  await of(tx).insertInto("case_escalations").values(row).execute();
}

export async function hasEscalatedFor(db: Db, caseId: string, how: EscalatedHow): Promise<boolean> {
  const row = await of(db)
    .selectFrom("case_escalations")
    .select("id")
    .where("case_id", "=", caseId)
    .where("how", "=", how)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Ids of the cases whose answer is overdue, the longest first. */
export async function overdue(db: Db, now: number, limit: number): Promise<string[]> {
  const rows = await db.ask<{ id: string }>(
    `select id from cases where escalate_at is not null and escalate_at <= ? order by escalate_at limit ${limit}`,
    [now],
  );
  return rows.map(({ id }) => id);
}

/** A message that did not arrive and will not be tried again. */
export interface FailedMessage {
  id: string;
  template: string;
  account_id: string | null;
  /** JSON. */
  params: string;
}

/**
 * Messages that ended without arriving since a moment, as far as they matter to a case: its answers, and whatever went
 * to somebody who has a live case. An address that refused for good is left out: that is no fault of ours.
 */
export async function failedSince(db: Db, since: number, limit: number): Promise<FailedMessage[]> {
  return db.ask<FailedMessage>(
    `select m.id, m.template, m.account_id, m.params from messages m
     where m.status in ('failed', 'given-up') and m.status_at >= ?
       and (m.template = 'cases.answer' or exists (
         select 1 from cases c where c.account_id = m.account_id and c.status in ('open', 'waiting')))
       and not exists (select 1 from suppressions s where s.recipient_key = m.recipient_key)
     order by m.status_at limit ${limit}`,
    [since],
  );
}

/** How the newest messages to an account ended, the newest first. */
export async function newestMessagesOf(
  db: Db,
  accountId: string,
  limit: number,
): Promise<{ status: string; contact_point_id: string | null }[]> {
  return db.ask(
    `select status, contact_point_id from messages where account_id = ?
     order by queued_at desc, id desc limit ${limit}`,
    [accountId],
  );
}

/** Ids of the live cases of an account. */
export async function liveCasesOf(db: Db, accountId: string): Promise<string[]> {
  const rows = await db.ask<{ id: string }>(
    "select id from cases where account_id = ? and status in ('open', 'waiting') order by id",
    [accountId],
  );
  return rows.map(({ id }) => id);
}

/** Relays to which anything escalated after this id and waits there still, and where those cases stand. */
export async function escalatedWhere(db: Db, afterId: string): Promise<({ to_relay: string } & CasePlace)[]> {
  return db.ask(
    `select distinct e.to_relay, c.establishment_id, c.academy_id
     from case_escalations e join cases c on c.id = e.case_id
     where e.id > ? and c.relay = e.to_relay and c.status = 'open'`,
    [afterId],
  );
}

/** A relay, everywhere or inside one establishment. */
export interface RelayThere {
  relay: string;
  establishmentId: string | null;
}

/** A case that escalated and still waits where it went. */
export interface ToldCase {
  id: string;
  number: string;
  symptom: Symptom;
  from_relay: string;
  to_relay: string;
  how: EscalatedHow;
}

/** What escalated to one of these after this id, and waits there still; the oldest first. */
export async function escalatedTo(
  db: Db,
  relays: RelayThere[],
  afterId: string,
  limit: number,
): Promise<ToldCase[]> {
  const everywhere = relays.flatMap(({ relay, establishmentId }) => (establishmentId === null ? relay : []));
  const inside = Map.groupBy(
    relays.filter(({ establishmentId }) => establishmentId !== null),
    ({ relay }) => relay,
  );
  const walled = [...inside].map(([relay, those]) => {
    const ids = those.map(({ establishmentId }) => establishmentId as string);
    const text = `e.to_relay = ? and (c.establishment_id in (${places(ids)}) or c.academy_id in (${places(ids)}))`;
    return { text: ` or ${text}`, values: [relay, ...ids, ...ids] };
  });
  return db.ask<ToldCase>(
    `select e.id, c.number, c.symptom, e.from_relay, e.to_relay, e.how
     from case_escalations e join cases c on c.id = e.case_id
     where e.id > ? and (e.to_relay in (${places(everywhere)})${walled.map(({ text }) => text).join("")})
       and c.relay = e.to_relay and c.status = 'open'
     order by e.id limit ${limit}`,
    [afterId, ...everywhere, ...walled.flatMap(({ values }) => values)],
  );
}

export async function digestOf(db: Db, staffId: string): Promise<DigestRow | null> {
  return (
    (await of(db)
      .selectFrom("escalation_digests")
      .selectAll()
      .where("staff_id", "=", staffId)
      .executeTakeFirst()) ?? null
  );
}

/** False where another node has told them since `expected`. */
export async function recordDigest(tx: Tx, row: DigestRow, expected: DigestRow | null): Promise<boolean> {
  if (expected === null) {
    const inserted = await of(tx)
      .insertInto("escalation_digests")
      .values(row)
      .onConflict((conflict) => conflict.column("staff_id").doNothing())
      .executeTakeFirst();
    return inserted.numInsertedOrUpdatedRows === 1n;
  }
  const updated = await of(tx)
    .updateTable("escalation_digests")
    .set({ told_up_to: row.told_up_to, sent_at: row.sent_at })
    .where("staff_id", "=", row.staff_id)
    .where("sent_at", "=", expected.sent_at)
    .executeTakeFirst();
  return updated.numUpdatedRows === 1n;
}

/** How many open cases are past what was promised, by relay. */
export async function countLate(db: Db, now: number): Promise<{ relay: string; count: number }[]> {
  const rows = await db.ask<{ relay: string; count: number }>(
    `select relay, count(*) as count from cases
     where status in ('open', 'waiting') and status = 'open' and
       case when first_answer_due_at < resolution_due_at then first_answer_due_at
         else coalesce(resolution_due_at, first_answer_due_at, 9007199254740991) end < ?
     group by relay`,
    [now],
  );
  return rows.map(({ relay, count }) => ({ relay, count: Number(count) }));
}
