import { type Clock, hour, minute, second } from "../../kernel/clock.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import {
  type ChatRow,
  type EndedBy,
  holdChat,
  listAgents,
  listOverdue,
  renewPresence,
  touchSeen,
  updateChat,
} from "./chat.store.ts";
import type { Ending } from "./chat-ending.ts";
import type { Live } from "./chat-live.ts";
import { presenceLasts } from "./chat-staff.ts";
import { isSignedOut, type Talk, topics } from "./chat-talk.ts";

/** A page that says nothing for so long is closed. */
const personGoneAfter = 2 * minute;
/** Nobody is there: the person is told, and then answered by mail. */
const aloneFor = minute;
/** Whoever has it is gone, and the person waits for an answer. */
const unansweredFor = 90 * second;
const waitsAtMost = hour;
const restsAtMost = 30 * minute;
/** A node that stood still so long, as at a restart, finds those whose pages are open still there; no later. */
const absentAtMost = 5 * minute;
const lookedAtEvery = 15 * second;
const atOnce = 2000;

/** What must be done about a living conversation by itself. */
export type NextStep = { end: EndedBy } | "offer-to-others" | "alone" | "not-alone" | null;

/** Who is there, as far as this needs to know. */
export type Here = { staffId: string; isOpen: boolean }[];

/** The rule: what a conversation comes to when nobody does anything. */
export function nextStep(row: ChatRow, here: Here, now: number): NextStep {
  if (row.status === "ended") return null;
  if (isSignedOut(row)) return { end: "signed-out" };
  if (now - row.person_seen_at >= personGoneAfter) return { end: "person-left" };
  const isSomebodyOpen = here.some(({ isOpen }) => isOpen);
  if (row.status === "waiting") {
    // One that is offered to others may have begun long before anybody was missing.
    if (now - (row.waits_since ?? row.asked_at) >= waitsAtMost) return { end: "waited-long" };
    if (isSomebodyOpen) return row.alone_since === null ? null : "not-alone";
    if (row.alone_since === null) return "alone";
    return now - row.alone_since >= aloneFor ? { end: "nobody" } : null;
  }
  const isHolderHere = here.some(({ staffId }) => staffId === row.staff_id);
  const isLeft = !isHolderHere && row.waits_since !== null && now - row.waits_since >= unansweredFor;
  if (isLeft) return isSomebodyOpen ? "offer-to-others" : { end: "staff-left" };
  return now - row.last_message_at >= restsAtMost ? { end: "rested" } : null;
}

export interface FollowDeps {
  store: Store;
  clock: Clock;
  talk: Talk;
  ending: Ending;
  live: Live;
  raise: (tx: Tx, topic: string) => Promise<void>;
  onFault: (cause: unknown, what: string) => void;
}

/**
 * Looks after conversations that somebody has left, four times a minute, on every node: each looks again at what it
 * found, held, before it does anything, so that no step is taken twice and none is lost with a node that is killed.
 */
export function createFollow(deps: FollowDeps) {
  const { store, clock, talk, live } = deps;
  let lookedAt = Number.NEGATIVE_INFINITY;

  /** Whose pages are open on this node is there. */
  async function renewOpenPages(): Promise<void> {
    const people = live.people.list();
    const staff = live.staff.list();
    if (people.length === 0 && staff.length === 0) return;
    const now = clock.now();
    await store.transactLightly(async (tx) => {
      await touchSeen(tx, people, now);
      await renewPresence(tx, staff, { since: now - absentAtMost, until: now + presenceLasts });
    });
  }

  async function here(db: Db): Promise<Here> {
    const agents = await listAgents(db, clock.now());
    return agents.map((agent) => ({ staffId: agent.staff_id, isOpen: agent.is_open === 1 }));
  }

  async function step(id: string): Promise<boolean> {
    return store.transact(async (tx) => {
      const row = await holdChat(tx, id);
      const next = row && nextStep(row, await here(tx), clock.now());
      if (!row || next === null) return false;
      await doStep(tx, row, next);
      return true;
    });
  }

  async function doStep(tx: Tx, row: ChatRow, next: NonNullable<NextStep>): Promise<void> {
    if (typeof next === "object") {
      await deps.ending.end(tx, row, next.end);
      return;
    }
    switch (next) {
      case "offer-to-others":
        await talk.happen(
          tx,
          row,
          "chat.system.offered",
          { name: row.staff_name ?? "" },
          { status: "waiting", staff_id: null, staff_name: null, alone_since: null },
        );
        await deps.raise(tx, topics.desk);
        if (row.staff_id !== null) await deps.raise(tx, topics.staff(row.staff_id));
        return;
      case "alone":
      case "not-alone":
        await updateChat(tx, row.id, { alone_since: next === "alone" ? clock.now() : null });
        await deps.raise(tx, topics.chat(row.id));
    }
  }

  /** A turn of the worker; answers how much it did. */
  async function follow(): Promise<number> {
    const now = clock.now();
    if (now - lookedAt < lookedAtEvery) return 0;
    lookedAt = now;
    await renewOpenPages();
    const overdue = await listOverdue(
      store,
      { seen: now - personGoneAfter, answered: now - unansweredFor, said: now - restsAtMost },
      atOnce,
    );
    if (overdue.length === 0) return 0;
    const agents = await here(store);
    let count = 0;
    for (const row of overdue) {
      // Most of them are only slow: nothing is held for those.
      if (nextStep(row, agents, now) === null) continue;
      try {
        if (await step(row.id)) count++;
      } catch (cause) {
        // The others are not left waiting for one that fails; it is tried again at the next look.
        deps.onFault(cause, "chat: follow");
      }
    }
    return count;
  }

  return { follow };
}
