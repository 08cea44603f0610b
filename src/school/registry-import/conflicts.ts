import type { Budgets } from "../../access/budgets/budgets.ts";
import type { Account, ContactPoint, Kind } from "../../accounts/accounts.ts";
import type { StaffAct } from "../../config/acts.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Caller, Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import { done } from "../../kernel/outcome.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { type ConflictRow, insertSettled, listConflicts, settledAmong } from "./conflicts.store.ts";
import { findContacts, type KnownContact } from "./registry.store.ts";

/**
 * Where a registry says another address or number than the person proved: both are kept, and staff who know the person
 * say which is right. By the usual acts on contact points, or by leaving both as they are: then nothing is shown any
 * more, until the registry brings another.
 *
 * Tables: registry_settled; reads contact_points, accounts, memberships. Limit: "staff-act.per-staff". Acts: people.see,
 * contact.correct. Events: registry-import.kept of the person, desk.registry-kept of whoever did it.
 */
export interface Conflict<Point> {
  registry: Point;
  /** What the person proved on the same channel. */
  proved: Point[];
}

type Comparable = Pick<ContactPoint, "id" | "channel" | "address_key" | "state" | "origin">;

export interface ListedConflict extends Conflict<KnownContact> {
  accountId: string;
  name: string;
  kind: Kind;
}

export type KeepOutcome =
  | { ok: true }
  | { ok: false; refusal: "people.unknown" }
  | { ok: false; refusal: "people.too-many"; until: number };

export const conflictsPageSize = 50;

const unknown = { ok: false, refusal: "people.unknown" } as const;

export type Conflicts = ReturnType<typeof createConflicts>;

/** Among the live contact points of one person. */
export function conflictsAmong<Point extends Comparable>(points: readonly Point[]): Conflict<Point>[] {
  return points
    .filter(({ origin, state }) => origin === "registry" && state === "declared")
    .flatMap((registry) => {
      const proved = points.filter(
        ({ channel, state, address_key: key }) =>
          channel === registry.channel && state === "verified" && key !== registry.address_key,
      );
      return proved.length === 0 ? [] : [{ registry, proved }];
    });
}

export function createConflicts(deps: {
  store: Store;
  clock: Clock;
  journal: Journal;
  budgets: Pick<Budgets, "spend">;
  /** The account, held until the transaction ends. */
  hold: (tx: Tx, accountId: string) => Promise<Account | null>;
  contactPointsOf: (db: Db, accountId: string) => Promise<ContactPoint[]>;
  mayHelp: (db: Db, staff: Staff, accountId: string, act: StaffAct) => Promise<boolean>;
  /** For the journal. */
  mask: (contact: Pick<ContactPoint, "channel" | "address">) => string;
}) {
  const { store, clock } = deps;

  /** Those among a person's contact points with which nobody has dealt yet. */
  async function unsettled<Point extends Comparable>(points: readonly Point[]): Promise<Conflict<Point>[]> {
    const found = conflictsAmong(points);
    const settled = await settledAmong(
      store,
      found.map(({ registry }) => registry.id),
    );
    return found.filter(({ registry }) => !settled.has(registry.id));
  }

  /** The newest in one school, of people whom this member of staff may see; `before`: the last of the page before. */
  async function ofSchool(
    staff: Staff,
    schoolId: string,
    before: string | null,
  ): Promise<{ conflicts: ListedConflict[]; next: string | null }> {
    const rows = await listConflicts(store, schoolId, before, conflictsPageSize);
    const contacts = await findContacts(store, [...new Set(rows.map((row) => row.account_id))]);
    const conflicts: ListedConflict[] = [];
    for (const row of rows) {
      if (!(await deps.mayHelp(store, staff, row.account_id, "people.see"))) continue;
      conflicts.push(...listed(row, contacts.get(row.account_id) ?? []));
    }
    return { conflicts, next: rows.length < conflictsPageSize ? null : (rows.at(-1)?.id ?? null) };
  }

  /** Both stay as they are. Pressed twice, it is done once. */
  function keepBoth(
    caller: Caller,
    staff: Staff,
    asked: { accountId: string; contactPointId: string },
  ): Promise<KeepOutcome> {
    return store.transact(async (tx): Promise<KeepOutcome> => {
      const account = await deps.hold(tx, asked.accountId);
      if (!account || !(await deps.mayHelp(tx, staff, account.id, "contact.correct"))) return unknown;
      const points = await deps.contactPointsOf(tx, account.id);
      const found = conflictsAmong(points).find(({ registry }) => registry.id === asked.contactPointId);
      if (!found) return unknown;
      const budget = await deps.budgets.spend(tx, "staff-act.per-staff", staff.accountId);
      if (!budget.ok) return { ok: false, refusal: "people.too-many", until: budget.until };
      const { registry } = found;
      const settled = { contact_point_id: registry.id, settled_by: staff.accountId, settled_at: clock.now() };
      if (!(await insertSettled(tx, settled))) return done;
      const contact = deps.mask(registry);
      const by = { actor: { kind: "staff", id: staff.accountId } as const, caller };
      await deps.journal.record(tx, {
        ...by,
        event: "registry-import.kept",
        accountId: account.id,
        params: { contact },
      });
      await deps.journal.record(tx, {
        ...by,
        event: "desk.registry-kept",
        accountId: staff.accountId,
        params: { contact, name: account.name },
      });
      return done;
    });
  }

  return { unsettled, ofSchool, keepBoth };
}

function listed(row: ConflictRow, contacts: KnownContact[]): ListedConflict[] {
  const found = conflictsAmong(contacts).find(({ registry }) => registry.id === row.id);
  return found ? [{ accountId: row.account_id, name: row.name, kind: row.kind, ...found }] : [];
}
