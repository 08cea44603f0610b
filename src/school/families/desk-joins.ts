import type { Budgets } from "../../access/budgets/budgets.ts";
import type { Account, ContactPoint, Identifier } from "../../accounts/accounts.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Caller, Staff } from "../../kernel/caller.ts";
import type { Db, Store } from "../../store/store.ts";
import { type FamiliesDeps, rowsAtOnce } from "./families.ts";
import * as rows from "./joins.store.ts";
import type { Joins, UndoCondition } from "./joins.ts";

/** Joined accounts as staff of the schools see them: both schools are told by their list, and either may undo it. */
export interface DeskJoin {
  id: string;
  /** Of the account in which everything stands now. */
  accountId: string;
  name: string;
  /** Where the two differ. */
  joinedName: string | null;
  keptIdentifier: string;
  joinedIdentifier: string;
  how: "alone" | "guardian";
  joinedAt: number;
  state: "joined" | "undone" | "settled";
  stateAt: number;
  undoUntil: number;
  /** Whether their page may be opened. */
  isOpen: boolean;
}

export type UndoByStaffOutcome =
  | { ok: true; condition: Exclude<UndoCondition, "unknown"> }
  | { ok: false; refusal: "families.invalid"; fields: { field: string; refusal: string }[] }
  | { ok: false; refusal: "families.unknown" }
  | { ok: false; refusal: "families.too-many"; until: number };

export type DeskJoins = ReturnType<typeof createDeskJoins>;

export function createDeskJoins(
  deps: Pick<FamiliesDeps, "wallsFor" | "mayHelp" | "readReason" | "findAccount"> & {
    store: Store;
    journal: Journal;
    budgets: Budgets;
    identifiersOf(db: Db, accountId: string): Promise<Identifier[]>;
    /** The account that an identifier names, however it was typed. */
    findNamed(db: Db, typed: string): Promise<Account | null>;
    contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
    maskContact(contact: Pick<ContactPoint, "channel" | "address">): string;
    joins: Pick<Joins, "undo" | "holderOf">;
  },
) {
  const { store } = deps;

  async function shown(db: Db, staff: Staff, row: rows.ShownJoin): Promise<DeskJoin> {
    const identifierOf = async (id: string) => (await deps.identifiersOf(db, id))[0]?.shown ?? "";
    const accountId = await deps.joins.holderOf(db, row.kept_id);
    const name = accountId === row.kept_id ? row.name : ((await deps.findAccount(db, accountId))?.name ?? "");
    return {
      id: row.id,
      accountId,
      name,
      joinedName: row.joined_name === name ? null : row.joined_name,
      keptIdentifier: await identifierOf(accountId),
      joinedIdentifier: await identifierOf(row.joined_id),
      how: row.how,
      joinedAt: row.joined_at,
      state: row.status,
      stateAt: row.status_at,
      undoUntil: row.undo_until,
      isOpen: await deps.mayHelp(db, staff, accountId, "people.see"),
    };
  }

  /**
   * The newest, inside the walls of this member of staff, of people whom they may help there now; or those of one
   * identifier. `next`: before which the next ones stand.
   */
  async function list(
    staff: Staff,
    asked: { before: string; typed: string },
  ): Promise<{ joins: DeskJoin[]; next: string | null }> {
    const named = asked.typed === "" ? null : await deps.findNamed(store, asked.typed);
    if (asked.typed !== "" && !named) return { joins: [], next: null };
    const found = await rows.listJoins(store, deps.wallsFor(staff, "families.see"), {
      ...(named ? { accountId: named.id } : {}),
      ...(asked.before === "" ? {} : { before: asked.before }),
      limit: rowsAtOnce + 1,
    });
    const here = found.slice(0, rowsAtOnce);
    const joins: DeskJoin[] = [];
    for (const row of here) {
      const one = await shown(store, staff, row);
      if (await deps.mayHelp(store, staff, one.accountId, "families.see")) joins.push(one);
    }
    return { joins, next: found.length > rowsAtOnce ? (here.at(-1)?.id ?? null) : null };
  }

  /** Addresses and numbers that staff added to the account that stays while the two were one: masked. */
  async function addedSince(staff: Staff, join: DeskJoin): Promise<string[]> {
    if (!(await deps.mayHelp(store, staff, join.accountId, "people.see"))) return [];
    const points = await deps.contactPointsOf(store, join.accountId);
    return points
      .filter((point) => point.origin === "staff" && point.created_at > join.joinedAt)
      .map((point) => deps.maskContact(point));
  }

  /** One that they may undo; null where there is none for them. */
  async function find(db: Db, staff: Staff, joinId: string): Promise<DeskJoin | null> {
    const walls = deps.wallsFor(staff, "families.see");
    const [row] = await rows.listJoins(db, walls, { id: joinId, limit: 1 });
    if (!row) return null;
    const one = await shown(db, staff, row);
    return (await deps.mayHelp(db, staff, one.accountId, "families.see")) ? one : null;
  }

  async function undo(
    caller: Caller,
    staff: Staff,
    asked: { joinId: string; reason: string },
  ): Promise<UndoByStaffOutcome> {
    const { reason, fields } = deps.readReason(asked.reason);
    if (fields.length > 0) {
      const isKnown = (await find(store, staff, asked.joinId)) !== null;
      return isKnown
        ? { ok: false, refusal: "families.invalid", fields }
        : { ok: false, refusal: "families.unknown" };
    }
    return store.transact(async (tx): Promise<UndoByStaffOutcome> => {
      const spent = await deps.budgets.spend(tx, "staff-act.per-staff", staff.accountId);
      if (!spent.ok) return { ok: false, refusal: "families.too-many", until: spent.until };
      const one = await find(tx, staff, asked.joinId);
      if (!one) return { ok: false, refusal: "families.unknown" };
      const actor = { kind: "staff", id: staff.accountId } as const;
      const condition = await deps.joins.undo(tx, one.id, { actor, caller, reason });
      if (condition === "unknown") return { ok: false, refusal: "families.unknown" };
      if (condition === "open") {
        await deps.journal.record(tx, {
          event: "desk.family-separated",
          accountId: staff.accountId,
          actor,
          caller,
          reason,
          params: { name: one.name, identifier: one.joinedIdentifier },
        });
      }
      return { ok: true, condition };
    });
  }

  return {
    list,
    addedSince,
    find: (staff: Staff, joinId: string) => find(store, staff, joinId),
    undo,
  };
}
