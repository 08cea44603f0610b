import type { Preset } from "../../config/preset.ts";
import { type Symptom, symptoms } from "../../config/symptoms.ts";
import type { Caller, Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import { done, type Outcome, refused } from "../../kernel/outcome.ts";
import type { Store, Tx } from "../../store/store.ts";
import { type By, oneLine } from "./case-input.ts";
import type { Establishments } from "./case-places.ts";
import type { Place } from "./case-walls.ts";
import { type CaseRow, holdCase, updateCase } from "./cases.store.ts";
import type { Cases } from "./cases.ts";
import { readName } from "./inbox-search.ts";
import { relayAt, relayName } from "./routing.ts";

/**
 * What staff do with a case, beside what `cases.ts` says of answers, identity and endings: who takes it, which team,
 * what it is about, where it stands, with which other it goes on. Every act checks again that the case may be answered,
 * on the row that it holds.
 *
 * Tables: cases, by `cases.store.ts`. Settings: relays, roles.
 * Refusals: cases.* of `cases.ts`, inbox.hand-over.reason-missing, .nobody, .same, inbox.merge.unknown,
 * inbox.symptom.unknown, inbox.place.missing, .unknown, .several, .same.
 */
export type InboxActs = ReturnType<typeof createInboxActs>;

export type HandOverRefusal =
  | "cases.not-found"
  | "cases.merged"
  | "inbox.hand-over.reason-missing"
  | "inbox.hand-over.nobody"
  | "inbox.hand-over.same";

const longestReason = 300;
/** Among so many of one name, those inside one's walls are looked for. */
const placesLookedAt = 50;

export type MoveRefusal =
  | "cases.not-found"
  | "cases.merged"
  | "inbox.place.missing"
  | "inbox.place.unknown"
  | "inbox.place.several"
  | "inbox.place.same";

export interface InboxActsDeps {
  store: Store;
  clock: Clock;
  preset: Pick<Preset, "relays" | "roles">;
  cases: Cases;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function createInboxActs(deps: InboxActsDeps) {
  const { store, clock, preset, cases } = deps;

  /** Holds a case that they may answer, by what they hold now, and that is still one of its own. */
  async function hold(
    tx: Tx,
    staff: Staff,
    caseId: string,
  ): Promise<Outcome<{ row: CaseRow }, "cases.not-found" | "cases.merged">> {
    const row = await holdCase(tx, caseId);
    if (!row || !cases.mayAct(await cases.walls.staffNow(tx, staff), row)) return refused("cases.not-found");
    return row.status === "merged" ? refused("cases.merged") : { ...done, row };
  }

  const by = (staff: Staff): By => ({ kind: "staff", staff });

  /** What another part judges: as whoever they are once the case is held, and not when their request came. */
  const act = <Result>(
    asked: Staff,
    caseId: string,
    work: (tx: Tx, staff: Staff) => Promise<Result>,
  ): Promise<Result> =>
    store.transact(async (tx) => {
      await holdCase(tx, caseId);
      return work(tx, await cases.walls.staffNow(tx, asked));
    });

  const answer = (
    staff: Staff,
    caseId: string,
    body: string,
    options: { seen: string | null; isSolved: boolean },
  ) => act(staff, caseId, (tx, now) => cases.addStaffAnswer(tx, now, caseId, body, options));

  const note = (staff: Staff, caseId: string, body: string) =>
    act(staff, caseId, (tx, now) => cases.addNote(tx, now, caseId, body));

  /** Takes a case, or puts it back where whoever comes takes it. */
  async function assignToMe(staff: Staff, caseId: string, isTaken: boolean) {
    return store.transact(async (tx) => {
      const held = await hold(tx, staff, caseId);
      if (!held.ok) return held;
      const assignee = isTaken ? staff.accountId : null;
      if (held.row.assignee_id === assignee) return done;
      await updateCase(tx, caseId, { assignee_id: assignee });
      await cases.addEvent(tx, caseId, isTaken ? "cases.event.taken" : "cases.event.put-back", by(staff));
      return done;
    });
  }

  /**
   * Hands a case to a colleague of its relay, or to another relay, with a reason that whoever takes it reads. Another
   * relay has its own hours: what it promises begins anew.
   */
  async function handOver(
    staff: Staff,
    caseId: string,
    to: { colleague: string } | { relay: string },
    typedReason: string,
  ): Promise<Outcome<{ relay: string }, HandOverRefusal>> {
    const reason = oneLine(typedReason, longestReason);
    if (reason === "") return refused("inbox.hand-over.reason-missing");
    return store.transact(async (tx): Promise<Outcome<{ relay: string }, HandOverRefusal>> => {
      const held = await hold(tx, staff, caseId);
      if (!held.ok) return held;
      const { row } = held;
      return "colleague" in to
        ? toColleague(tx, staff, row, to.colleague, reason)
        : toRelay(tx, staff, row, to.relay, reason);
    });
  }

  async function toColleague(tx: Tx, staff: Staff, row: CaseRow, accountId: string, reason: string) {
    const colleagues = await cases.colleagues.colleaguesFor(tx, row);
    const colleague = colleagues.find((one) => one.accountId === accountId);
    // Nobody is given their own case (promise 7).
    if (!colleague || colleague.accountId === row.account_id) return refused("inbox.hand-over.nobody");
    if (row.assignee_id === accountId) return refused("inbox.hand-over.same");
    await updateCase(tx, row.id, { assignee_id: accountId });
    const params = { name: colleague.name, reason };
    await cases.addEvent(tx, row.id, "cases.event.handed-to-colleague", by(staff), params);
    return { ...done, relay: row.relay };
  }

  async function toRelay(tx: Tx, staff: Staff, row: CaseRow, relay: string, reason: string) {
    if (row.relay === relay) return refused("inbox.hand-over.same");
    if (!otherRelays(preset, row).some(({ id }) => id === relay)) return refused("inbox.hand-over.nobody");
    await updateCase(tx, row.id, { ...(await dueAnew(tx, row, relay)), relay, assignee_id: null });
    const params = { from: row.relay, to: relay, reason };
    await cases.addEvent(tx, row.id, "cases.event.handed-to-relay", by(staff), params);
    return { ...done, relay };
  }

  /** What another relay promises, from now on; only what was still promised is promised again. */
  async function dueAnew(tx: Tx, row: CaseRow, relay: string): Promise<Partial<CaseRow>> {
    const due = await cases.dueTimes(tx, relay, row, clock.now());
    return {
      ...(row.first_answer_due_at === null ? {} : { first_answer_due_at: due.answer }),
      ...(row.resolution_due_at === null ? {} : { resolution_due_at: due.resolution }),
      ...(row.escalate_at === null ? {} : { escalate_at: due.answer }),
    };
  }

  const solve = (staff: Staff, caseId: string) =>
    act(staff, caseId, (tx, now) => cases.solve(tx, by(now), caseId));
  const close = (staff: Staff, caseId: string) =>
    act(staff, caseId, (tx, now) => cases.close(tx, by(now), caseId));
  const reopen = (staff: Staff, caseId: string) =>
    act(staff, caseId, (tx, now) => cases.reopen(tx, by(now), caseId));

  /** This case goes on in another, named by its number. */
  async function merge(staff: Staff, caseId: string, number: string) {
    const { reference } = readName(number);
    return store.transact(async (tx) => {
      const into = reference === null ? null : await cases.findByNumber(tx, reference);
      // In one order, as the merge holds them itself.
      for (const id of [caseId, into?.id ?? caseId].sort()) await holdCase(tx, id);
      const now = await cases.walls.staffNow(tx, staff);
      if (!into || !cases.mayAct(now, into)) return refused("inbox.merge.unknown");
      return cases.merge(tx, now, caseId, into.id);
    });
  }

  /** Files the case under another symptom. It stays with its relay: whom it suits better, a hand-over says. */
  async function changeSymptom(staff: Staff, caseId: string, symptom: string) {
    const known = symptoms.find((one): one is Symptom => one === symptom);
    if (!known) return refused("inbox.symptom.unknown");
    return store.transact(async (tx) => {
      const held = await hold(tx, staff, caseId);
      if (!held.ok || held.row.symptom === known) return held.ok ? done : held;
      await updateCase(tx, caseId, { symptom: known });
      const params = { from: held.row.symptom, to: known };
      await cases.addEvent(tx, caseId, "cases.event.symptom-changed", by(staff), params);
      return done;
    });
  }

  /**
   * Puts a case at another establishment inside their walls: one that was chosen, by its id, or typed by its code or its
   * name. It stays with its relay, and what was promised stays promised.
   */
  async function move(staff: Staff, caseId: string, typed: string): Promise<Outcome<object, MoveRefusal>> {
    const { establishments } = cases;
    if (typed.trim() === "") return refused("inbox.place.missing");
    if (establishments === null) return refused("inbox.place.unknown");
    const reaches = ({ id, academyId }: Place) =>
      cases.walls.isInside(staff, "cases.answer", { establishment_id: id, academy_id: academyId });
    const named = await placesNamed(establishments, typed);
    const found = named.filter(reaches);
    const [place] = found;
    if (!place) return refused("inbox.place.unknown");
    if (found.length > 1) return refused("inbox.place.several");
    return store.transact(async (tx): Promise<Outcome<object, MoveRefusal>> => {
      const held = await hold(tx, staff, caseId);
      if (!held.ok) return held;
      if (held.row.establishment_id === place.id) return refused("inbox.place.same");
      await cases.movePlace(tx, held.row, place, by(staff));
      return done;
    });
  }

  async function placesNamed(establishments: Establishments, typed: string): Promise<Place[]> {
    if (!uuid.test(typed)) return establishments.search(typed, placesLookedAt);
    const place = (await establishments.find([typed])).get(typed);
    return place?.isOpen && place.type !== "class" ? [place] : [];
  }

  const tie = (staff: Staff, caller: Caller, caseId: string, accountId: string | null) =>
    act(staff, caseId, (tx, now) => cases.tieToAccount(tx, now, caseId, accountId, caller));

  const askIdentity = (staff: Staff, caller: Caller, caseId: string, contactPointId: string) =>
    act(staff, caseId, (tx, now) => cases.askIdentity(tx, now, caseId, contactPointId, caller));

  /**
   * The details that the person gave go into the record, in one press; the case itself is the reason. All of them or
   * none: what is refused takes back what went before.
   */
  async function applyDetails(staff: Staff, caller: Caller, row: CaseRow, reason: string) {
    type Applied = Awaited<ReturnType<Cases["applyContactDetails"]>>;
    let refusal: Applied | null = null;
    try {
      return await act(staff, row.id, async (tx, now) => {
        const applied = await cases.applyContactDetails(tx, now, row.id, reason, caller);
        refusal = applied.ok ? null : applied;
        if (refusal) throw new Fault("Refused: taken back.");
        return applied;
      });
    } catch (cause) {
      if (refusal) return refusal as Applied;
      throw cause;
    }
  }

  return {
    answer,
    note,
    assignToMe,
    handOver,
    solve,
    close,
    reopen,
    merge,
    changeSymptom,
    move,
    tie,
    askIdentity,
    applyDetails,
  };
}

/** The relays that a case can be handed to: one that stands nowhere, only to those that see it there. */
export function otherRelays(
  preset: Pick<Preset, "relays" | "roles">,
  row: Pick<CaseRow, "relay" | "establishment_id">,
): Preset["relays"] {
  return preset.relays.filter(({ id }) => id !== row.relay && relayAt(preset, id, row) === id);
}

/** The same, named in a language. */
export function relaysToHandTo(
  preset: Pick<Preset, "relays" | "roles">,
  row: Pick<CaseRow, "relay" | "establishment_id">,
  locale: string,
): { id: string; name: string }[] {
  return otherRelays(preset, row).map((relay) => ({ id: relay.id, name: relayName(relay, locale) }));
}
