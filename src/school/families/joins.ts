import type { Account, Identifier } from "../../accounts/accounts.ts";
import { type Actor, type Journal, stranger, system } from "../../journal/journal.ts";
import type { Caller, Person } from "../../kernel/caller.ts";
import { type Clock, day, minute } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Keys } from "../../kernel/keys.ts";
import { drawToken, type Random } from "../../kernel/random.ts";
import { oneAtATime } from "../../store/abilities.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { linksLock } from "./families.ts";
import * as rows from "./joins.store.ts";
import * as moves from "./moves.store.ts";

/**
 * Several accounts of one guardian, made by the registries of several schools, become one: the account that stays gets
 * what the other had of schools, pupils and records, so that the next import meets the right one. The other is disabled,
 * keeps its contact points and its password, and tells whoever signs in there which account to use.
 *
 * For thirty days either owner, or staff of one of the schools, can undo it; then everything is as it was, but for what
 * registries said meanwhile of schools and pupils. What they said of addresses and numbers was said of either of the two:
 * it goes, and their next files are compared in full. Undone once, the two are never joined by themselves again.
 *
 * Tables: family_joins, family_join_places; moves memberships, guardianships, registry_records (`moves.store.ts`), cases.
 * Messages: families.joined, families.separated. Journal: families.joined, .joined-into, .separated, .settled.
 */
export interface JoinsDeps {
  store: Store;
  clock: Clock;
  random: Random;
  ids: Ids;
  keys: Keys;
  journal: Journal;
  accounts: {
    hold(tx: Tx, accountId: string): Promise<Account | null>;
    identifiersOf(db: Db, accountId: string): Promise<Identifier[]>;
    removeDeclaredSince(tx: Tx, accountId: string, since: number): Promise<boolean>;
    moveStatus(
      tx: Tx,
      id: string,
      from: Account["status"],
      change: Partial<Account> & { status: Account["status"] },
    ): Promise<boolean>;
  };
  isStaff(db: Db, accountId: string): Promise<boolean>;
  /** The account of a session that still lives, held until the transaction ends. */
  holdSignedIn(tx: Tx, person: Person): Promise<Account | null>;
  /** Ends sessions, challenges and known browsers. */
  endAccess(tx: Tx, accountId: string): Promise<void>;
  /** Ends what was sent to replace a forgotten password. */
  endResets(tx: Tx, accountId: string): Promise<void>;
  /** Gives the requests for help of one account to another, all or these of them; answers which. */
  moveCases(tx: Tx, way: moves.Way, only?: readonly string[]): Promise<string[]>;
  /** Answers the keys of the addresses and numbers to which a message goes. */
  tellReached(
    tx: Tx,
    account: Account,
    message: {
      template: string;
      params: Record<string, string | number | null>;
      linkPlain?: string;
      /** Addresses and numbers that were told already. */
      except?: ReadonlySet<string>;
    },
  ): Promise<ReadonlySet<string>>;
}

/** Two accounts of one guardian, and what became of it. */
export interface JoinSeen {
  id: string;
  /** Of the account in which everything stands now. */
  keptIdentifier: string;
  joinedIdentifier: string;
  joinedAt: number;
  /** Null once it cannot be undone. */
  undoUntil: number | null;
}

export type JoinRefusal =
  | "families.join.same"
  | "families.join.not-guardian"
  | "families.join.frozen"
  | "families.join.over";

/** `over`: undone already; `late`: its thirty days are over. */
export type UndoCondition = "open" | "over" | "late" | "unknown";

export const undoForDays = 30;
const tokenFor = 15 * minute;
const dueAtOnce = 50;

export type Joins = ReturnType<typeof createJoins>;

export function createJoins(deps: JoinsDeps) {
  const { store, clock, keys, journal, accounts } = deps;

  const identifierOf = async (db: Db, accountId: string) =>
    (await accounts.identifiersOf(db, accountId))[0]?.shown ?? "";

  const isFrozen = (account: Account) => (account.contacts_frozen_until ?? 0) > clock.now();

  /** Both accounts, held in the order of their ids, so that two joins of the same two cannot wait for each other. */
  async function holdBoth(tx: Tx, one: string, other: string): Promise<[Account | null, Account | null]> {
    const held = new Map<string, Account | null>();
    for (const id of [one, other].sort()) held.set(id, await accounts.hold(tx, id));
    return [held.get(one) ?? null, held.get(other) ?? null];
  }

  /** Why an account cannot be joined as things stand; null where it can. */
  async function notJoinable(tx: Tx, account: Account | null): Promise<JoinRefusal | null> {
    if (account?.status !== "active") return "families.join.over";
    if (account.kind !== "guardian" || (await deps.isStaff(tx, account.id)))
      return "families.join.not-guardian";
    return isFrozen(account) ? "families.join.frozen" : null;
  }

  /** Joins two accounts, under the lock of the links. Nothing but a refusal changes nothing. */
  async function join(
    tx: Tx,
    asked: {
      keptId: string;
      joinedId: string;
      how: rows.JoinRow["how"];
      actor: Actor;
      caller: Caller | null;
      /** Whether what was proved of the other account still holds; asked once nothing can come between. */
      isStill?: (joined: Account) => boolean;
    },
  ): Promise<{ ok: true } | { ok: false; refusal: JoinRefusal }> {
    const { keptId, joinedId } = asked;
    if (keptId === joinedId) return { ok: false, refusal: "families.join.same" };
    await oneAtATime(tx, linksLock);
    const [kept, joined] = await holdBoth(tx, keptId, joinedId);
    const refusal = (await notJoinable(tx, kept)) ?? (await notJoinable(tx, joined));
    // One of which everything stands in another is joined already, whatever state it was put into since.
    const isOne = (await rows.keptOf(tx, [keptId, joinedId])).length > 0;
    if (refusal !== null || !kept || !joined || isOne || asked.isStill?.(joined) === false) {
      return { ok: false, refusal: refusal ?? "families.join.over" };
    }
    const way = { from: joinedId, to: keptId };
    const places = new Set([
      ...(await moves.openPlacesOf(tx, keptId)),
      ...(await moves.openPlacesOf(tx, joinedId)),
    ]);
    const moved = { ...(await moves.moveAll(tx, way)), cases: await deps.moveCases(tx, way) };
    if (!(await accounts.moveStatus(tx, joinedId, "active", { status: "disabled" }))) {
      throw new Fault("An account that is held changed its state.");
    }
    await deps.endAccess(tx, joinedId);
    const now = clock.now();
    const links = { kept: drawToken(deps.random), joined: drawToken(deps.random) };
    const row: rows.JoinRow = {
      id: deps.ids.uuid(),
      kept_id: keptId,
      joined_id: joinedId,
      how: asked.how,
      joined_at: now,
      undo_until: now + undoForDays * day,
      kept_link_digest: keys.digest("families.undo", links.kept),
      joined_link_digest: keys.digest("families.undo", links.joined),
      moved: JSON.stringify(moved),
      status: "joined",
      status_at: now,
    };
    await rows.insertJoin(tx, row, [...places]);
    // What now stands in one account may be joined with a third one.
    await rows.insertCheck(tx, deps.ids.uuid(), keptId);
    await tellBoth(tx, "families.joined", { kept, joined, how: asked.how, until: row.undo_until, links });
    const names = { kept: await identifierOf(tx, keptId), joined: await identifierOf(tx, joinedId) };
    for (const [accountId, event, identifier] of [
      [keptId, "families.joined", names.joined],
      [joinedId, "families.joined-into", names.kept],
    ] as const) {
      const { actor, caller } = asked;
      await journal.record(tx, {
        event,
        accountId,
        actor,
        caller,
        params: { identifier },
        reason: asked.how,
      });
    }
    return { ok: true };
  }

  /** Each contact point once: what both accounts are reached by is told of the one that stays, if anything goes there. */
  async function tellBoth(
    tx: Tx,
    template: "families.joined" | "families.separated",
    about: {
      kept: Account;
      joined: Account;
      how: string;
      until: number;
      links: { kept: string; joined: string } | null;
    },
  ): Promise<void> {
    const { kept, joined, how, until, links } = about;
    const names = { kept: await identifierOf(tx, kept.id), joined: await identifierOf(tx, joined.id) };
    const params = { ...names, how, until };
    const told = await deps.tellReached(tx, kept, {
      template,
      params: { ...params, side: "kept" },
      ...(links ? { linkPlain: links.kept } : {}),
    });
    await deps.tellReached(tx, joined, {
      template,
      params: { ...params, side: "joined" },
      except: told,
      ...(links ? { linkPlain: links.joined } : {}),
    });
  }

  // ── Undoing ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** The joins by which everything of an account came where it stands now, one after the other. */
  async function wayOf(db: Db, accountId: string): Promise<rows.JoinRow[]> {
    const way: rows.JoinRow[] = [];
    for (let id = accountId; ; ) {
      const into = await rows.findJoinOf(db, id);
      if (!into || way.some((row) => row.id === into.id)) return way;
      way.push(into);
      id = into.kept_id;
    }
  }

  /** The account in which everything of this one stands now: itself, or that with which it was joined. */
  const holderOf = async (db: Db, accountId: string): Promise<string> =>
    (await wayOf(db, accountId)).at(-1)?.kept_id ?? accountId;

  /** Of these accounts, those of which everything stands in another one now, with that one. */
  async function holdersOf(db: Db, accountIds: string[]): Promise<Map<string, string>> {
    const holders = new Map<string, string>();
    for (const { joined_id, kept_id } of await rows.keptOf(db, accountIds)) {
      holders.set(joined_id, await holderOf(db, kept_id));
    }
    return holders;
  }

  /** Undoes a join: exactly one of those who try at once does. */
  async function undo(
    tx: Tx,
    joinId: string,
    by: { actor: Actor; caller: Caller; reason?: string },
  ): Promise<UndoCondition> {
    await oneAtATime(tx, linksLock);
    const row = await rows.findJoin(tx, joinId);
    if (!row) return "unknown";
    const now = clock.now();
    const way = await wayOf(tx, row.kept_id);
    const holderId = way.at(-1)?.kept_id ?? row.kept_id;
    const [holder, joined] = await holdBoth(tx, holderId, row.joined_id);
    if (!holder || !joined || !(await rows.endJoin(tx, row.id, now))) {
      return conditionOf(await rows.findJoin(tx, row.id)) === "late" ? "late" : "over";
    }
    await takeBack(tx, row, { way, holderId, now });
    // What registries said of the one was put to the other, where its number would reset the other's password.
    for (const { kept_id, joined_at } of [row, ...way]) {
      if (await accounts.removeDeclaredSince(tx, kept_id, joined_at)) await deps.endResets(tx, kept_id);
    }
    // Whatever else was decided of it meanwhile, such as closing it, stands.
    await accounts.moveStatus(tx, row.joined_id, "disabled", { status: "active" });
    await tellBoth(tx, "families.separated", {
      kept: holder,
      joined: { ...joined, status: "active" },
      how: row.how,
      until: row.undo_until,
      links: null,
    });
    const names = [await identifierOf(tx, holderId), await identifierOf(tx, row.joined_id)];
    for (const [accountId, identifier] of [
      [holderId, names[1] ?? ""],
      [row.joined_id, names[0] ?? ""],
    ] as const) {
      await journal.record(tx, { ...by, event: "families.separated", accountId, params: { identifier } });
    }
    return "open";
  }

  /** Moves back what a join moved, out of the account in which it stands now, and out of what further joins took there. */
  async function takeBack(
    tx: Tx,
    row: rows.JoinRow,
    { way, holderId, now }: { way: rows.JoinRow[]; holderId: string; now: number },
  ): Promise<void> {
    const back = { from: holderId, to: row.joined_id };
    const onWay = way.map(({ id, moved }) => ({ id, moved: moves.readMoved(moved) }));
    const others = (await rows.joinsInto(tx, [holderId])).filter(
      ({ id }) => !way.some((one) => one.id === id),
    );
    const elsewhere = new Set(others.flatMap(({ moved }) => moves.placesIn(moves.readMoved(moved))));
    const own = moves.readMoved(row.moved);
    const seenThere = moves.seenFrom(
      own,
      onWay.map(({ moved }) => moved),
    );
    await moves.moveBack(tx, seenThere, { ...back, since: row.joined_at, at: now, elsewhere });
    await deps.moveCases(tx, back, own.cases);
    const gone = new Set(own.came.filter((id) => !elsewhere.has(id)));
    for (const { id, moved } of onWay) {
      await rows.keepMoved(tx, id, JSON.stringify(moves.without(moved, gone)));
    }
  }

  const conditionOf = (row: rows.JoinRow | null): UndoCondition => {
    if (!row) return "unknown";
    if (row.status === "undone") return "over";
    return row.status === "joined" && row.undo_until > clock.now() ? "open" : "late";
  };

  /**
   * The join that a token is about: of a message of either account, or of the page that is shown after the right password
   * of the account that was joined.
   */
  async function byToken(db: Db, token: string): Promise<rows.JoinRow | null> {
    if (/^[A-Za-z0-9_-]{22}$/.test(token))
      return rows.findJoinByLink(db, keys.digests("families.undo", token));
    const opened = token.length > 400 ? null : keys.open("families.undo-token", token);
    if (opened === null) return null;
    const { joinId, until } = JSON.parse(opened) as { joinId: string; until: number };
    return until > clock.now() ? rows.findJoin(db, joinId) : null;
  }

  async function seen(db: Db, row: rows.JoinRow): Promise<JoinSeen> {
    return {
      id: row.id,
      keptIdentifier: await identifierOf(db, await holderOf(db, row.kept_id)),
      joinedIdentifier: await identifierOf(db, row.joined_id),
      joinedAt: row.joined_at,
      undoUntil: conditionOf(row) === "open" ? row.undo_until : null,
    };
  }

  /** What the page behind a token shows; changes nothing (promise 4). */
  async function look(token: string): Promise<{ condition: UndoCondition; join: JoinSeen | null }> {
    const row = await byToken(store, token);
    return { condition: conditionOf(row), join: row && (await seen(store, row)) };
  }

  function undoByToken(caller: Caller, token: string): Promise<UndoCondition> {
    return store.transact(async (tx) => {
      const row = await byToken(tx, token);
      return row ? undo(tx, row.id, { actor: stranger, caller }) : "unknown";
    });
  }

  /** A join into somebody's own account; null where there is none. */
  async function ofOwner(db: Db, accountId: string, joinId: string): Promise<rows.JoinRow | null> {
    const row = await rows.findJoin(db, joinId);
    return row && (await holderOf(db, row.kept_id)) === accountId ? row : null;
  }

  function undoByOwner(
    caller: Caller,
    person: Person,
    joinId: string,
  ): Promise<UndoCondition | "signed-out"> {
    return store.transact(async (tx) => {
      await oneAtATime(tx, linksLock);
      const account = await deps.holdSignedIn(tx, person);
      if (!account) return "signed-out";
      const row = await ofOwner(tx, account.id, joinId);
      return row ? undo(tx, row.id, { actor: { kind: "person", id: account.id }, caller }) : "unknown";
    });
  }

  /** Where an account went that was joined with another, for whoever has just given its right password. */
  async function joinedWith(
    db: Db,
    accountId: string,
  ): Promise<{ identifier: string; undoToken: string | null } | null> {
    const row = await rows.findJoinOf(db, accountId);
    if (!row) return null;
    const token = { joinId: row.id, until: clock.now() + tokenFor };
    return {
      identifier: await identifierOf(db, await holderOf(db, row.kept_id)),
      undoToken: conditionOf(row) === "open" ? keys.seal("families.undo-token", JSON.stringify(token)) : null,
    };
  }

  /** The account in which everything of this one stands now, and since when; null where it was joined with none. */
  async function wentInto(db: Db, accountId: string): Promise<{ identifier: string; at: number } | null> {
    const row = await rows.findJoinOf(db, accountId);
    if (!row) return null;
    return { identifier: await identifierOf(db, await holderOf(db, row.kept_id)), at: row.joined_at };
  }

  // ── In time ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** After thirty days an account that was joined is closed for good. */
  async function settleDue(): Promise<void> {
    const now = clock.now();
    for (;;) {
      const due = await rows.listDue(store, now, dueAtOnce);
      for (const row of due) {
        await store.transact(async (tx) => {
          await oneAtATime(tx, linksLock);
          await accounts.hold(tx, row.joined_id);
          if (!(await rows.settleJoin(tx, row.id, now))) return;
          const closed = { status: "closed", closed_at: now } as const;
          if (!(await accounts.moveStatus(tx, row.joined_id, "disabled", closed))) return;
          await journal.record(tx, { event: "families.settled", accountId: row.joined_id, actor: system });
        });
      }
      if (due.length < dueAtOnce) return;
    }
  }

  return {
    join,
    undo,
    look,
    undoByToken,
    undoByOwner,
    joinedWith,
    settleDue,
    holderOf,
    holdersOf,
    wentInto,
    /** What stands in an account by joins, in one step or in several, the newest first; of whom nothing is left, not. */
    async joinsInto(accountId: string): Promise<JoinSeen[]> {
      const all = await Promise.all(
        (await rows.joinsInto(store, [accountId])).map((row) => seen(store, row)),
      );
      return all.filter(({ joinedIdentifier }) => joinedIdentifier !== "");
    },
    /** A join into somebody's own account, with what became of it. */
    async lookAtOwn(
      accountId: string,
      joinId: string,
    ): Promise<{ condition: UndoCondition; join: JoinSeen } | null> {
      const row = await ofOwner(store, accountId, joinId);
      return row && { condition: conditionOf(row), join: await seen(store, row) };
    },
  };
}
