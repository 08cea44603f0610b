import type { ContactPoint } from "../../accounts/accounts.ts";
import type { Staff } from "../../kernel/caller.ts";
import { type Clock, day } from "../../kernel/clock.ts";
import { done, type Outcome, refused } from "../../kernel/outcome.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { type By, isAskedWhether } from "./case-input.ts";
import type { CaseMails } from "./case-mails.ts";
import type { CaseTalk } from "./case-talk.ts";
import {
  type CaseRow,
  closeMergedWith,
  dropAddressOfMerged,
  hasSignedInSince,
  holdCase,
  mergedInto,
  restingSince,
  signedInSince,
  updateCase,
} from "./cases.store.ts";
import type { Conversation } from "./conversation.ts";

export type EndRefusal = "cases.not-found" | "cases.merged" | "cases.already" | "cases.other-person";

/** How well it went: 3 yes, 2 in part, 1 no. */
export type Satisfaction = 1 | 2 | 3;

/** An answer that nobody replied to for this long ends the case; a reply opens it again. */
const silenceFor = 14 * day;
/** What was said to be solved is closed when nobody said otherwise for this long. */
const solvedFor = 7 * day;
const atOnce = 200;

export interface EndingsDeps {
  store: Store;
  clock: Clock;
  talk: CaseTalk;
  mails: CaseMails;
  conversation: Conversation;
  contactPointsOf: (db: Db, accountId: string) => Promise<ContactPoint[]>;
  /** Whether they may answer this case, where it stands. */
  mayAct: (staff: Staff, row: CaseRow) => boolean;
}

/** How cases end, go on, and become one. */
export function createEndings(deps: EndingsDeps) {
  const { store, clock, talk, mails, conversation } = deps;

  const isHidden = (by: By, row: CaseRow) => by.kind === "staff" && !deps.mayAct(by.staff, row);

  async function end(tx: Tx, row: CaseRow, status: "solved" | "closed"): Promise<CaseRow> {
    const now = clock.now();
    const change: Partial<CaseRow> = {
      status,
      waits_for: "nobody",
      first_answer_due_at: null,
      escalate_at: null,
      closes_on_sign_in: 0,
      last_message_at: now,
      solved_at: row.solved_at ?? (status === "solved" ? now : null),
      closed_at: status === "closed" ? now : null,
    };
    await updateCase(tx, row.id, change);
    const ended = { ...row, ...change };
    await closeMergedWith(tx, ended);
    return ended;
  }

  /** Said to be solved. The person is asked by mail whether all is well, unless they said it themselves. */
  async function solve(tx: Tx, by: By, caseId: string): Promise<Outcome<{ row: CaseRow }, EndRefusal>> {
    const held = await holdCase(tx, caseId);
    if (!held || isHidden(by, held)) return refused("cases.not-found");
    const row =
      held.status === "merged" && by.kind === "person" ? await conversation.holdLive(tx, caseId) : held;
    if (!row || row.status === "merged") return refused("cases.merged");
    if (row.status === "solved" || row.status === "closed") return refused("cases.already");
    const ended = await end(tx, row, "solved");
    await talk.note(tx, row.id, "cases.event.solved", by);
    if (by.kind !== "person") await mails.sendToAll(tx, ended, "cases.solved");
    return { ...done, row: ended };
  }

  /** Over, solved or not. The person is told, and that a reply opens it again. */
  async function close(
    tx: Tx,
    by: By,
    caseId: string,
    options: { isTold?: boolean; why?: "staff" | "silence" } = {},
  ): Promise<Outcome<{ row: CaseRow }, EndRefusal>> {
    const row = await holdCase(tx, caseId);
    if (!row || isHidden(by, row)) return refused("cases.not-found");
    if (row.status === "merged") return refused("cases.merged");
    if (row.status === "closed") return refused("cases.already");
    const ended = await end(tx, row, "closed");
    await talk.note(tx, row.id, "cases.event.closed", by);
    if (options.isTold !== false)
      await mails.sendToAll(tx, ended, "cases.closed", { why: options.why ?? "staff" });
    return { ...done, row: ended };
  }

  /** Not over after all. */
  async function reopen(tx: Tx, by: By, caseId: string): Promise<Outcome<{ row: CaseRow }, EndRefusal>> {
    const held = await holdCase(tx, caseId);
    if (!held || isHidden(by, held)) return refused("cases.not-found");
    const row =
      held.status === "merged" && by.kind === "person" ? await conversation.holdLive(tx, caseId) : held;
    if (!row || row.status === "merged") return refused("cases.merged");
    if (row.status !== "solved" && row.status !== "closed") return refused("cases.already");
    const change = await conversation.staffsTurn(tx, row);
    await updateCase(tx, row.id, change);
    const opened = { ...row, ...change };
    await closeMergedWith(tx, opened);
    await conversation.tellReopened(tx, opened, by);
    return { ...done, row: opened };
  }

  /** « Tout va bien ? », in one press. « Non » opens the case again. */
  async function rate(
    tx: Tx,
    caseId: string,
    satisfaction: Satisfaction,
  ): Promise<Outcome<{ row: CaseRow; isReopened: boolean }, EndRefusal>> {
    const row = await conversation.holdLive(tx, caseId);
    if (!row) return refused("cases.not-found");
    if (row.status !== "solved" && row.status !== "closed") return refused("cases.already");
    if (satisfaction === 1) {
      const reopened = await reopen(tx, { kind: "person" }, row.id);
      if (!reopened.ok) return reopened;
    }
    await updateCase(tx, row.id, { satisfaction, satisfaction_at: clock.now() });
    await talk.note(tx, row.id, `cases.event.rated.${satisfaction}`, { kind: "person" });
    return { ...done, row, isReopened: satisfaction === 1 };
  }

  /**
   * The owner of the address says that they did not write. Nothing goes there any more, what staff believed about
   * the account is taken back, and the case is over. Refused once somebody said at that address that it is theirs.
   */
  async function disown(tx: Tx, linkedId: string): Promise<Outcome<object, EndRefusal>> {
    const row = await conversation.holdAsked(tx, linkedId);
    if (!row) return refused("cases.not-found");
    if (row.email_key === null) return done;
    if (!isAskedWhether(row)) return refused("cases.already");
    // One that goes on in another, written from another address, only loses its own.
    if (row.status !== "merged") await end(tx, row, "closed");
    await updateCase(tx, row.id, {
      ...withoutAddress,
      ...(row.identity_proved_at === null ? { account_id: null, tied_at: null } : {}),
    });
    await dropAddressOfMerged(tx, row.id, row.email_key);
    await talk.note(tx, row.id, "cases.event.disowned", { kind: "person" });
    return done;
  }

  /** The same person sent the same again to the right address: nothing more goes to the wrong one. */
  async function replaceBy(tx: Tx, caseId: string, by: { number: string }): Promise<void> {
    const row = await holdCase(tx, caseId);
    if (row?.status !== "open" || row.email_confirmed_at !== null || row.first_answered_at !== null) return;
    await end(tx, row, "closed");
    await updateCase(tx, caseId, withoutAddress);
    await talk.note(tx, caseId, "cases.event.replaced", { kind: "person" }, { number: by.number });
  }

  /**
   * Two cases may become one only when one and the same person reads both. Anybody can type an address: it counts once
   * it was confirmed for both.
   */
  function isSamePerson(one: CaseRow, other: CaseRow): boolean {
    const areConfirmed = one.email_confirmed_at !== null && other.email_confirmed_at !== null;
    if (areConfirmed && one.email_key !== null && one.email_key === other.email_key) return true;
    const areProved = one.identity_proved_at !== null && other.identity_proved_at !== null;
    return areProved && one.account_id !== null && one.account_id === other.account_id;
  }

  /**
   * One case goes on in another: its messages stay where they are and are shown there, its link leads there. Refused
   * (`other-person`) unless both were written from the same confirmed address, or by the same proved person: what is
   * said in one would be read by the writer of the other.
   */
  async function merge(
    tx: Tx,
    staff: Staff,
    fromId: string,
    intoId: string,
  ): Promise<Outcome<{ row: CaseRow }, EndRefusal>> {
    if (fromId === intoId) return refused("cases.already");
    const held = new Map<string, CaseRow | null>();
    // In one order, so that two merges of the same two wait for each other instead of for ever.
    for (const id of [fromId, intoId].sort()) held.set(id, await holdCase(tx, id));
    const from = held.get(fromId) ?? null;
    const into = held.get(intoId) ?? null;
    if (!from || !into || !deps.mayAct(staff, from) || !deps.mayAct(staff, into))
      return refused("cases.not-found");
    if (from.status === "merged" || into.status === "merged") return refused("cases.merged");
    if (!isSamePerson(from, into)) return refused("cases.other-person");
    const by: By = { kind: "staff", staff };
    await updateCase(tx, from.id, {
      status: "merged",
      merged_into: into.id,
      waits_for: "nobody",
      first_answer_due_at: null,
      escalate_at: null,
      closes_on_sign_in: 0,
    });
    for (const earlier of await mergedInto(tx, from.id))
      await updateCase(tx, earlier.id, { merged_into: into.id });
    // What one still waits for, both wait for.
    const change: Partial<CaseRow> =
      from.status !== "open"
        ? {}
        : into.status === "open"
          ? { first_answer_due_at: earliest(from.first_answer_due_at, into.first_answer_due_at) }
          : await conversation.staffsTurn(tx, into);
    const row = { ...into, ...change };
    if (Object.keys(change).length > 0) await updateCase(tx, into.id, change);
    await closeMergedWith(tx, row);
    await talk.note(tx, from.id, "cases.event.merged-into", by, { number: into.number });
    await talk.note(tx, into.id, "cases.event.merged-from", by, { number: from.number });
    return { ...done, row };
  }

  /**
   * The address that the case would write to is the account's: without that, a stranger's case that was tied by
   * mistake would tell them when the owner signs in (promise 2).
   */
  async function isOwners(tx: Tx, row: CaseRow): Promise<boolean> {
    if (row.account_id === null) return false;
    if (row.identity_proved_at !== null) return true;
    if (row.email_confirmed_at === null) return false;
    const points = await deps.contactPointsOf(tx, row.account_id);
    return points.some(
      (point) =>
        point.channel === "email" && point.state === "verified" && point.address_key === row.email_key,
    );
  }

  /**
   * A case about access ends when its person has signed in, and asks whether all is well. A job looks at the few
   * cases that wait for it, rather than each sign-in at its cases: thousands sign in for one case, and a minute
   * later is soon enough.
   */
  async function closeSignedIn(): Promise<void> {
    for (const id of await signedInSince(store, atOnce)) {
      await store.transact(async (tx) => {
        const row = await holdCase(tx, id);
        if (row?.closes_on_sign_in !== 1 || (row.status !== "open" && row.status !== "waiting")) return;
        if (row.account_id === null || !(await isOwners(tx, row))) return;
        // The row was read again while it was held: a message that came meanwhile is answered, not closed.
        if (!(await hasSignedInSince(tx, row.account_id, row.person_wrote_at))) return;
        const ended = await end(tx, row, "solved");
        await talk.note(tx, id, "cases.event.signed-in", { kind: "system" });
        await mails.sendToAll(tx, ended, "cases.signed-in");
      });
    }
  }

  async function closeResting(): Promise<void> {
    const now = clock.now();
    const steps = [
      { status: "waiting", before: now - silenceFor },
      { status: "solved", before: now - solvedFor },
    ] as const;
    for (const { status, before } of steps) {
      for (const id of await restingSince(store, status, before, atOnce)) {
        await store.transact(async (tx) => {
          const row = await holdCase(tx, id);
          if (row?.status !== status || row.last_message_at > before) return;
          await close(tx, { kind: "system" }, id, { isTold: status === "waiting", why: "silence" });
        });
      }
    }
  }

  return { solve, close, reopen, rate, disown, replaceBy, merge, closeSignedIn, closeResting };
}

const withoutAddress = {
  email: null,
  email_key: null,
  email_confirmed_at: null,
  email_confirmed_by: null,
} satisfies Partial<CaseRow>;

const earliest = (...times: (number | null)[]): number | null => {
  const known = times.filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
};

export type Endings = ReturnType<typeof createEndings>;
