import type { ContactPoint } from "../../accounts/accounts.ts";
import type { Preset } from "../../config/preset.ts";
import type { Staff } from "../../kernel/caller.ts";
import { type Clock, day, hour } from "../../kernel/clock.ts";
import { type Ids, lowestUuidAt } from "../../kernel/ids.ts";
import { done, type Outcome, refused } from "../../kernel/outcome.ts";
import type { Job } from "../../operate/jobs.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { type By, oneLine } from "./case-input.ts";
import { type CaseRow, holdCase, updateCase } from "./cases.store.ts";
import type { Cases } from "./cases.ts";
import * as rows from "./escalation.store.ts";
import type { Colleague } from "./inbox-staff.ts";
import { relayAt, relayName } from "./routing.ts";

/**
 * Escalation: a case goes on to the relay that the preset names when its answer is overdue (at most three steps),
 * when staff say so, or, once, to those who run the portal when what is sent to the person keeps failing although the
 * address is right. The new relay's own hours begin anew, and its staff are told by mail, once an hour at most. The case
 * stands where it stood: inside walls, only those of its school or academy see it, and are told.
 *
 * Tables: case_escalations, escalation_digests; cases by `cases.store.ts`; reads messages and suppressions.
 * Settings: relays.escalatesTo, roles. Messages: escalation.digest.
 * Refusals: cases.not-found, cases.merged, cases.already, escalation.nobody, escalation.reason-missing.
 */
export type Escalation = ReturnType<typeof createEscalation>;

export type EscalationRefusal =
  | "cases.not-found"
  | "cases.merged"
  | "cases.already"
  | "escalation.nobody"
  | "escalation.reason-missing";

const stepsAtMost = 3;
const atOnce = 200;
const longestReason = 300;
const toldEvery = hour;
const toldAtMost = 20;
/** What nobody was told of within this time is no news. */
const newsFor = day;
/** A message is found failed by a turn that comes soon after; what it was about is looked at once more then. */
const lookBackFor = 2 * hour;
const failuresInARow = 3;

export function createEscalation(deps: {
  store: Store;
  clock: Clock;
  ids: Ids;
  preset: Pick<Preset, "relays" | "roles" | "messages">;
  cases: Cases;
  outbox: Pick<Outbox, "enqueue">;
  contactPointsOf: (db: Db, accountId: string) => Promise<ContactPoint[]>;
}) {
  const { store, clock, ids, preset, cases } = deps;

  const above = (relay: string): string | null =>
    preset.relays.find(({ id }) => id === relay)?.escalatesTo ?? null;

  /** The relay that a case escalates to; one that stands nowhere, to the first that sees it there. */
  function nextOf(row: Pick<CaseRow, "relay" | "establishment_id">): string | null {
    const next = above(row.relay);
    return next === null ? null : relayAt(preset, next, row);
  }

  /** The relay at the end of the chain: those who run the portal. */
  function lastOf(relay: string): string {
    let last = relay;
    for (let steps = 0, next = above(last); next !== null && steps < 12; steps++, next = above(last)) {
      last = next;
    }
    return last;
  }

  /** Puts a held case in another relay's hands. */
  async function escalate(
    tx: Tx,
    row: CaseRow,
    to: string,
    how: rows.EscalatedHow,
    said: { by: By; reason: string | null },
  ): Promise<void> {
    const now = clock.now();
    const due = await cases.dueTimes(tx, to, row, now);
    const step = row.escalation_step + (how === "time" ? 1 : 0);
    const waitsForStaff = row.status === "open";
    await updateCase(tx, row.id, {
      relay: to,
      assignee_id: null,
      escalation_step: step,
      first_answer_due_at: waitsForStaff ? due.answer : null,
      resolution_due_at: due.resolution,
      escalate_at:
        waitsForStaff && nextOf({ ...row, relay: to }) !== null && step < stepsAtMost ? due.answer : null,
    });
    await rows.insertEscalation(tx, {
      id: ids.uuid(),
      case_id: row.id,
      from_relay: row.relay,
      to_relay: to,
      how,
      by_staff: said.by.kind === "staff" ? said.by.staff.accountId : null,
      reason: said.reason,
      at: now,
    });
    await cases.addEvent(tx, row.id, `cases.event.escalated.${how}`, said.by, {
      from: row.relay,
      to,
      reason: said.reason ?? "",
    });
  }

  /** Cases whose answer is overdue go one step further; at the end of the steps they stay, and are late. */
  async function escalateOverdue(): Promise<void> {
    for (const id of await rows.overdue(store, clock.now(), atOnce)) {
      await store.transact(async (tx) => {
        const row = await holdCase(tx, id);
        // Answered, or taken further by another node, since it was found.
        if (row === null || row.escalate_at === null || row.escalate_at > clock.now()) return;
        const to = nextOf(row);
        if (row.status !== "open" || to === null || row.escalation_step >= stepsAtMost) {
          await updateCase(tx, id, { escalate_at: null });
          return;
        }
        await escalate(tx, row, to, "time", { by: { kind: "system" }, reason: null });
      });
    }
  }

  /** Staff say that they cannot help, and why; whoever takes the case reads it. */
  async function escalateByHand(
    staff: Staff,
    caseId: string,
    typedReason: string,
  ): Promise<Outcome<{ relay: string }, EscalationRefusal>> {
    const reason = oneLine(typedReason, longestReason);
    if (reason === "") return refused("escalation.reason-missing");
    return store.transact(async (tx): Promise<Outcome<{ relay: string }, EscalationRefusal>> => {
      const row = await holdCase(tx, caseId);
      if (!row || !cases.mayAct(await cases.walls.staffNow(tx, staff), row))
        return refused("cases.not-found");
      if (row.status === "merged") return refused("cases.merged");
      if (row.status !== "open" && row.status !== "waiting") return refused("cases.already");
      const to = nextOf(row);
      if (to === null) return refused("escalation.nobody");
      await escalate(tx, row, to, "hand", { by: { kind: "staff", staff }, reason });
      return { ...done, relay: to };
    });
  }

  /** Cases whose person cannot be reached although the address is right go to those who run the portal, once. */
  async function escalateFailedSends(): Promise<void> {
    const failed = await rows.failedSince(store, clock.now() - lookBackFor, atOnce);
    const caseIds = new Set(
      failed
        .filter(({ template }) => template === "cases.answer")
        .map(({ params }) => String((JSON.parse(params) as { caseId?: unknown }).caseId)),
    );
    for (const accountId of new Set(failed.flatMap(({ account_id }) => account_id ?? []))) {
      const ofAccount = await rows.liveCasesOf(store, accountId);
      if (ofAccount.length > 0 && (await keepsFailing(store, accountId))) {
        for (const id of ofAccount) caseIds.add(id);
      }
    }
    for (const id of caseIds) await store.transact((tx) => escalateUnreached(tx, id));
  }

  /** The last three messages to an account failed, each to a contact point that was proved and still stands. */
  async function keepsFailing(db: Db, accountId: string): Promise<boolean> {
    const newest = await rows.newestMessagesOf(db, accountId, failuresInARow);
    const points = await deps.contactPointsOf(db, accountId);
    const isRight = (id: string | null) =>
      points.some((point) => point.id === id && point.state === "verified" && point.dead_since === null);
    return (
      newest.length === failuresInARow &&
      newest.every(
        ({ status, contact_point_id }) =>
          (status === "failed" || status === "given-up") && isRight(contact_point_id),
      )
    );
  }

  async function escalateUnreached(tx: Tx, caseId: string): Promise<void> {
    const row = await holdCase(tx, caseId);
    if (!row || (row.status !== "open" && row.status !== "waiting")) return;
    if (await rows.hasEscalatedFor(tx, caseId, "sends")) return;
    // The answer did not arrive: it is the turn of those who can see why.
    const open: CaseRow = { ...row, status: "open" };
    await updateCase(tx, caseId, { status: "open", waits_for: "staff" });
    await escalate(tx, open, lastOf(row.relay), "sends", { by: { kind: "system" }, reason: null });
  }

  /** Tells the staff of the relays that cases went to: each at most once an hour, all new ones in one mail. */
  async function tellStaff(): Promise<void> {
    const oldest = lowestUuidAt(clock.now() - newsFor);
    const byStaff = new Map<string, { colleague: Colleague; relays: rows.RelayThere[] }>();
    const news = Map.groupBy(await rows.escalatedWhere(store, oldest), ({ to_relay }) => to_relay);
    for (const [relay, standing] of news) {
      const ids = standing.flatMap(({ establishment_id, academy_id }) => [establishment_id, academy_id]);
      const there = [...new Set(ids.filter((id) => id !== null))];
      for (const colleague of await cases.colleagues.answeringAt(store, relay, there)) {
        const known = byStaff.get(colleague.accountId) ?? { colleague, relays: [] };
        known.relays.push({ relay, establishmentId: colleague.establishmentId });
        byStaff.set(colleague.accountId, known);
      }
    }
    for (const { colleague, relays } of byStaff.values()) await tell(colleague, relays, oldest);
  }

  async function tell(colleague: Colleague, relays: rows.RelayThere[], oldest: string): Promise<void> {
    const now = clock.now();
    const before = await rows.digestOf(store, colleague.accountId);
    if (before && before.sent_at > now - toldEvery) return;
    const after = before && before.told_up_to > oldest ? before.told_up_to : oldest;
    const found = await rows.escalatedTo(store, relays, after, toldAtMost + 1);
    const last = found.at(-1);
    const point = last ? await mailboxOf(colleague.accountId) : null;
    if (!last || !point) return;
    await store.transact(async (tx) => {
      const digest = { staff_id: colleague.accountId, told_up_to: last.id, sent_at: now };
      if (!(await rows.recordDigest(tx, digest, before))) return;
      await deps.outbox.enqueue(tx, {
        template: "escalation.digest",
        channel: "email",
        to: point.address,
        toKey: point.address_key,
        accountId: colleague.accountId,
        contactPointId: point.id,
        challengeId: null,
        locale: colleague.locale,
        params: {
          cases: found.slice(0, toldAtMost).map(describe(colleague.locale)),
          hasMore: found.length > toldAtMost,
        },
        secrets: null,
        usefulForSeconds: preset.messages.noticeUsefulForSeconds,
        priority: "usual",
      });
    });
  }

  /** A mailbox that staff proved; nothing is sent to another. */
  async function mailboxOf(accountId: string): Promise<ContactPoint | null> {
    const points = await deps.contactPointsOf(store, accountId);
    return (
      points.find(
        ({ channel, state, dead_since }) =>
          channel === "email" && state === "verified" && dead_since === null,
      ) ?? null
    );
  }

  const nameIn = (relay: string, locale: string) => relayName(cases.relayOf(relay), locale);
  const describe = (locale: string) => (told: rows.ToldCase) => ({
    number: told.number,
    symptom: told.symptom,
    from: nameIn(told.from_relay, locale),
    how: told.how,
  });

  const jobs: Job[] = [
    {
      name: "escalation.overdue",
      everySeconds: 60,
      async run() {
        await escalateOverdue();
        await escalateFailedSends();
        await tellStaff();
      },
    },
  ];

  return { jobs, escalateByHand, nextOf };
}
