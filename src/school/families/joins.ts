import type { Account, Identifier } from "../../accounts/accounts.ts";
import { type Actor, type Journal, stranger, system } from "../../journal/journal.ts";
import type { Caller } from "../../kernel/caller.ts";
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
 * registries said meanwhile. Undone once, the two are never joined by themselves again.
 *
 * Tables: family_joins, family_join_places; moves memberships, guardianships, registry_records (`moves.store.ts`).
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
    contactPointsOf(db: Db, accountId: string): Promise<{ address_key: string }[]>;
    moveStatus(
      tx: Tx,
      id: string,
      from: Account["status"],
      change: Partial<Account> & { status: Account["status"] },
    ): Promise<boolean>;
  };
  isStaff(db: Db, accountId: string): Promise<boolean>;
  /** Ends sessions, challenges and known browsers. */
  endAccess(tx: Tx, accountId: string): Promise<void>;
  tellContacts(
    tx: Tx,
    account: Account,
    message: {
      template: string;
      params: Record<string, string | number | null>;
      linkPlain?: string;
      /** Addresses and numbers that were told already. */
      except?: ReadonlySet<string>;
    },
  ): Promise<void>;
}

/** Whom two accounts of one guardian are, and what became of it. */
export interface JoinSeen {
  id: string;
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
    if (refusal !== null || !kept || !joined || asked.isStill?.(joined) === false) {
      return { ok: false, refusal: refusal ?? "families.join.over" };
    }
    const places = new Set([...(await moves.placesOf(tx, keptId)), ...(await moves.placesOf(tx, joinedId))]);
    const moved = await moves.moveAll(tx, { from: joinedId, to: keptId });
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

  /** Each contact point once: what both accounts are reached by is told of the one that stays. */
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
    await deps.tellContacts(tx, kept, {
      template,
      params: { ...params, side: "kept" },
      ...(links ? { linkPlain: links.kept } : {}),
    });
    const told = new Set((await accounts.contactPointsOf(tx, kept.id)).map((point) => point.address_key));
    await deps.tellContacts(tx, joined, {
      template,
      params: { ...params, side: "joined" },
      except: told,
      ...(links ? { linkPlain: links.joined } : {}),
    });
  }

  // ── Undoing ──────────────────────────────────────────────────────────────────────────────────────────────────

  /** The account in which everything of this one stands now: itself, or that with which it was joined. */
  async function holderOf(db: Db, accountId: string): Promise<string> {
    const passed = new Set<string>();
    for (let id = accountId; ; ) {
      const into = passed.has(id) ? null : await rows.findJoinOf(db, id);
      if (!into) return id;
      passed.add(id);
      id = into.kept_id;
    }
  }

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
    row: rows.JoinRow,
    by: { actor: Actor; caller: Caller; reason?: string },
  ): Promise<Exclude<UndoCondition, "unknown">> {
    await oneAtATime(tx, linksLock);
    const now = clock.now();
    const holderId = await holderOf(tx, row.kept_id);
    const [holder, joined] = await holdBoth(tx, holderId, row.joined_id);
    if (!holder || !joined || !(await rows.endJoin(tx, row.id, now))) {
      return conditionOf(await rows.findJoin(tx, row.id)) === "late" ? "late" : "over";
    }
    const others = (await rows.joinsInto(tx, holderId)).filter(({ id }) => id !== row.id);
    await moves.moveBack(tx, JSON.parse(row.moved) as moves.Moved, {
      from: holderId,
      to: row.joined_id,
      since: row.joined_at,
      at: now,
      elsewhere: new Set(others.flatMap(placesIn)),
    });
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
      keptIdentifier: await identifierOf(db, row.kept_id),
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
      return row ? undo(tx, row, { actor: stranger, caller }) : "unknown";
    });
  }

  /** A join into somebody's own account; null where there is none. */
  async function ofOwner(db: Db, accountId: string, joinId: string): Promise<rows.JoinRow | null> {
    const row = await rows.findJoin(db, joinId);
    return row && (await holderOf(db, row.kept_id)) === accountId ? row : null;
  }

  function undoByOwner(caller: Caller, accountId: string, joinId: string): Promise<UndoCondition> {
    return store.transact(async (tx) => {
      const row = await ofOwner(tx, accountId, joinId);
      return row ? undo(tx, row, { actor: { kind: "person", id: accountId }, caller }) : "unknown";
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
    /** What came into an account by joins, the newest first. */
    async joinsInto(accountId: string): Promise<JoinSeen[]> {
      return Promise.all((await rows.joinsInto(store, accountId)).map((row) => seen(store, row)));
    },
    /** A join into somebody's own account, with what became of it. */
    async lookAtOwn(
      accountId: string,
      joinId: string,
    ): Promise<{ condition: UndoCondition; join: JoinSeen } | null> {
      const row = await ofOwner(store, accountId, joinId);
      return row && { condition: conditionOf(row), join: await seen(store, row) };
    },
    /** Where an account went; null where it was not joined with another. */
    async wentInto(accountId: string): Promise<JoinSeen | null> {
      const row = await rows.findJoinOf(store, accountId);
      return row && seen(store, row);
    },
  };
}

/** The establishments that a join brought with it. */
function placesIn(row: rows.JoinRow): string[] {
  const {
    came = [],
    memberships = [],
    ties = [],
    records = [],
  } = JSON.parse(row.moved) as Partial<moves.Moved>;
  return [
    ...came,
    ...memberships.map((one) => one.row.establishment_id),
    ...ties.map((one) => one.row.establishment_id),
    ...records.map((one) => one.establishment_id),
  ];
}
