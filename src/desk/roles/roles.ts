import type { Account } from "../../accounts/accounts.ts";
import type { StaffAct } from "../../config/acts.ts";
import type { Preset } from "../../config/preset.ts";
import type { Person, Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Asked, Db, Tx } from "../../store/store.ts";
import * as rows from "./roles.store.ts";

/**
 * Roles: what staff may do, and for whom. A role is data of the preset; a grant gives one to an account, for good or
 * until a day, everywhere or inside one establishment.
 *
 * Tables: staff_grants. Settings: roles.
 */
export type Roles = ReturnType<typeof createRoles>;
export type Role = Preset["roles"][number];

export interface Grant {
  accountId: string;
  role: string;
  /** The staff member who gives it; null: the operator's command line, or the trial. */
  grantedBy: string | null;
  establishmentId?: string | null;
  expiresAt?: number | null;
}

export function createRoles(deps: {
  clock: Clock;
  ids: Ids;
  preset: Pick<Preset, "roles">;
  findAccount: (db: Db, id: string) => Promise<Account | null>;
}) {
  const { clock, ids, preset } = deps;
  const roleOf = (id: string): Role | null => preset.roles.find((role) => role.id === id) ?? null;

  /** The roles of an account that the preset still knows, the highest first. */
  async function rolesHeld(db: Db, accountId: string): Promise<Role[]> {
    const held = (await rows.grantsOf(db, accountId, clock.now())).flatMap(({ role }) => roleOf(role) ?? []);
    return [...new Set(held)].sort((a, b) => b.level - a.level);
  }

  /** Who a person is on the desk; null for somebody without a role. Read at each request: a withdrawal holds at once. */
  async function staffOf(db: Db, person: Person): Promise<Staff | null> {
    const held = await rolesHeld(db, person.accountId);
    if (held.length === 0) return null;
    return {
      accountId: person.accountId,
      sessionId: person.sessionId,
      name: person.name,
      locale: person.locale,
      roles: held.map(({ id }) => id),
      level: Math.max(...held.map(({ level }) => level)),
      may: new Set(held.flatMap(({ may }) => may)),
      helps: [...new Set(held.flatMap(({ helps }) => helps))],
      relays: [...new Set(held.flatMap(({ relays }) => relays))],
    };
  }

  /**
   * Whether staff may help this account: never themselves, never anyone with a role (promise 7), only kinds that a
   * role of theirs helps. With `act`, one and the same role must allow the act and help that kind. What may not be
   * helped is answered like what does not exist.
   */
  async function mayHelp(db: Db, staff: Staff, accountId: string, act?: StaffAct): Promise<boolean> {
    if (accountId === staff.accountId) return false;
    const account = await deps.findAccount(db, accountId);
    if (!account || (await rows.grantsOf(db, accountId, clock.now())).length > 0) return false;
    return staff.roles.some((id) => {
      const role = roleOf(id);
      // A role that ends at the walls of an establishment reaches nobody while accounts belong to none.
      if (role?.reach !== "everybody") return false;
      return role.helps.includes(account.kind) && (act === undefined || role.may.includes(act));
    });
  }

  /** The kinds of person for whom a role of theirs allows an act: what `mayHelp` judges one by one, for a search. */
  function kindsHelped(staff: Staff, act: StaffAct): Role["helps"] {
    const roles = staff.roles.flatMap((id) => roleOf(id) ?? []);
    const allowing = roles.filter(({ reach, may }) => reach === "everybody" && may.includes(act));
    return [...new Set(allowing.flatMap(({ helps }) => helps))];
  }

  /** Gives a role; a second grant of the same one changes nothing. */
  async function grant(tx: Tx, given: Grant): Promise<void> {
    const now = clock.now();
    const establishmentId = given.establishmentId ?? null;
    const held = await rows.grantsOf(tx, given.accountId, now);
    if (held.some((row) => row.role === given.role && row.establishment_id === establishmentId)) return;
    await rows.insertGrant(tx, {
      id: ids.uuid(),
      account_id: given.accountId,
      role: given.role,
      establishment_id: establishmentId,
      granted_at: now,
      granted_by: given.grantedBy,
      expires_at: given.expiresAt ?? null,
    });
  }

  const highestLevel = Math.max(...preset.roles.map(({ level }) => level));

  /** Lower than one's own; those of the highest level, whom nobody is above, may appoint each other. */
  const isBelow = (staff: Pick<Staff, "level">, level: number) =>
    level < staff.level || (staff.level === highestLevel && level === highestLevel);

  /** Whether staff may change the roles of this account: never their own. */
  async function mayChange(db: Db, staff: Staff, accountId: string): Promise<boolean> {
    if (accountId === staff.accountId) return false;
    const held = await rolesHeld(db, accountId);
    return held.length > 0 && held.every(({ level }) => isBelow(staff, level));
  }

  /** Whether that account, now, may take away the second factor of this one: a strictly higher role, with the act. */
  async function mayReset(db: Db, byAccountId: string, accountId: string): Promise<boolean> {
    if (byAccountId === accountId) return false;
    const act: StaffAct = "second-factor.reset";
    const held = await rolesHeld(db, accountId);
    const level = Math.max(0, ...held.map((role) => role.level));
    const by = await rolesHeld(db, byAccountId);
    return held.length > 0 && by.some((role) => role.level > level && role.may.includes(act));
  }

  return {
    staffOf,
    mayHelp,
    kindsHelped,
    mayChange,
    mayReset,
    /** The roles that staff may give. */
    grantable: (staff: Staff): Role[] => preset.roles.filter(({ level }) => isBelow(staff, level)),
    /** Those of these accounts that have a role. */
    staffAmong: (db: Db, accountIds: string[]) => rows.listGranted(db, accountIds, clock.now()),
    /** Whether an account has a role at all; cheap enough to be asked at every sign-in. */
    isStaff: (db: Asked, accountId: string) => rows.hasGrant(db, accountId, clock.now()),
    grant,
    /** Takes one role, or all; answers which were taken. */
    revoke: (tx: Tx, accountId: string, role?: string) => rows.removeGrants(tx, accountId, role),
    /** The ids of the roles of an account, the highest first. */
    rolesOf: async (db: Db, accountId: string) => (await rolesHeld(db, accountId)).map(({ id }) => id),
    rolesHeld,
    roleOf,
  };
}
