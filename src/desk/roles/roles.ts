import type { Account } from "../../accounts/accounts.ts";
import type { StaffAct } from "../../config/acts.ts";
import type { Kind, Preset } from "../../config/preset.ts";
import type { Person, RelayReach, Staff } from "../../kernel/caller.ts";
import { type Clock, day } from "../../kernel/clock.ts";
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

/** A role as somebody holds it. */
export interface Held {
  role: Role;
  /** The establishment at whose walls it ends; null for a role that reaches everybody. */
  establishmentId: string | null;
}

/** The same, with how they came by it. */
interface HeldFrom extends Held {
  /** Null: the operator's command line. */
  grantedBy: string | null;
  grantedAt: number;
}

/** A role as it was given, for the pages about staff. */
export interface Given {
  grantId: string;
  role: Role;
  /** Null for a role that reaches everybody; for one with walls (`isNowhere`) it was given without saying whose. */
  establishmentId: string | null;
  /** A role with walls that was given without any opens nothing. */
  isNowhere: boolean;
  /** Null: for good. */
  expiresAt: number | null;
}

/** A role that somebody may lend, and until when at the latest: as long as they have what lets them; null: no end. */
export interface Lendable {
  role: Role;
  until: number | null;
}

/** Whom an act of theirs reaches: kinds of person everywhere, and kinds inside establishments. */
export interface Reach {
  kinds: Kind[];
  within: { kinds: Kind[]; establishmentId: string }[];
}

export interface Grant {
  accountId: string;
  role: string;
  /** The staff member who gives it; null: the operator's command line, or the trial. */
  grantedBy: string | null;
  establishmentId?: string | null;
  expiresAt?: number | null;
}

/** How long whoever got a role is taken for the hand of whoever gave it: as long as a person can say « it was not me ». */
const handFor = 7 * day;

async function some<One>(list: readonly One[], is: (one: One) => Promise<boolean>): Promise<boolean> {
  for (const one of list) if (await is(one)) return true;
  return false;
}

export function createRoles(deps: {
  clock: Clock;
  ids: Ids;
  preset: Pick<Preset, "roles">;
  findAccount: (db: Db, id: string) => Promise<Account | null>;
  /** The establishments that an account belongs to now, with all that stands above them. */
  placesOf: (db: Asked, accountId: string) => Promise<ReadonlySet<string>>;
}) {
  const { clock, ids, preset } = deps;
  const roleOf = (id: string): Role | null => preset.roles.find((role) => role.id === id) ?? null;

  /**
   * What an account holds that the preset still knows, the highest first. A role that ends at walls, given without
   * saying whose, reaches nobody; one that reaches everybody has no walls.
   */
  async function heldBy(db: Db, accountId: string): Promise<HeldFrom[]> {
    const grants = await rows.grantsOf(db, accountId, clock.now());
    return grants
      .flatMap((grant) => {
        const from = { grantedBy: grant.granted_by, grantedAt: grant.granted_at };
        return holdingOf(grant).map((held) => ({ ...held, ...from }));
      })
      .sort((a, b) => b.role.level - a.role.level);
  }

  function holdingOf(grant: Pick<rows.GrantRow, "role" | "establishment_id">): Held[] {
    const role = roleOf(grant.role);
    if (!role) return [];
    const isWalled = role.reach === "establishment";
    return isWalled && grant.establishment_id === null
      ? []
      : [{ role, establishmentId: isWalled ? grant.establishment_id : null }];
  }

  /** The roles of an account, wherever it holds them, the highest first. */
  async function rolesHeld(db: Db, accountId: string): Promise<Role[]> {
    return [...new Set((await heldBy(db, accountId)).map(({ role }) => role))];
  }

  /** Who a person is on the desk; null for somebody without a role. Read at each request: a withdrawal holds at once. */
  async function staffOf(db: Db, person: Person): Promise<Staff | null> {
    const staff = await staffNow(db, person);
    return staff.roles.length === 0 ? null : staff;
  }

  /** The same for whoever was staff when their request came, with what they hold now: it may be nothing any more. */
  async function staffNow(
    db: Db,
    person: Pick<Staff, "accountId" | "sessionId" | "name" | "locale">,
  ): Promise<Staff> {
    const grants = await heldBy(db, person.accountId);
    const held = [...new Set(grants.map(({ role }) => role))];
    return {
      accountId: person.accountId,
      sessionId: person.sessionId,
      name: person.name,
      locale: person.locale,
      roles: held.map(({ id }) => id),
      grants: grants.map(({ role, establishmentId }) => ({ role: role.id, establishmentId })),
      may: new Set(held.flatMap(({ may }) => may)),
      helps: [...new Set(held.flatMap(({ helps }) => helps))],
      relays: [...new Set(held.flatMap(({ relays }) => relays))],
    };
  }

  /**
   * The roles by which staff help this account, as they are held now: a member of staff who was read at the beginning
   * of a request may have lost theirs since. None for themselves, nor for anyone with a role (promise 7), nor for a
   * kind that no role of theirs helps, nor beyond the walls at which a role ends. What may not be helped is answered
   * like what does not exist.
   */
  async function rolesFor(db: Db, staff: Pick<Staff, "accountId">, accountId: string): Promise<Role[]> {
    return [...new Set((await helpingFor(db, staff, accountId)).map(({ role }) => role))];
  }

  async function helpingFor(db: Db, staff: Pick<Staff, "accountId">, accountId: string): Promise<HeldFrom[]> {
    if (accountId === staff.accountId) return [];
    const account = await deps.findAccount(db, accountId);
    if (!account || (await rows.grantsOf(db, accountId, clock.now())).length > 0) return [];
    const helping = (await heldBy(db, staff.accountId)).filter(({ role }) =>
      role.helps.includes(account.kind),
    );
    const isWalled = helping.some(({ establishmentId }) => establishmentId !== null);
    const places = isWalled ? await deps.placesOf(db, accountId) : null;
    return helping.filter(({ establishmentId }) => establishmentId === null || places?.has(establishmentId));
  }

  /** What staff may do to this account: each act by a role that itself helps that kind of person. */
  async function actsFor(
    db: Db,
    staff: Pick<Staff, "accountId">,
    accountId: string,
  ): Promise<ReadonlySet<StaffAct>> {
    return new Set((await rolesFor(db, staff, accountId)).flatMap(({ may }) => may));
  }

  /** Whether staff may help this account, or do it this one act. */
  async function mayHelp(
    db: Db,
    staff: Pick<Staff, "accountId">,
    accountId: string,
    act?: StaffAct,
  ): Promise<boolean> {
    const helping = await rolesFor(db, staff, accountId);
    return helping.some(({ may }) => act === undefined || may.includes(act));
  }

  /**
   * Whether whoever approves a correction is a second member of staff (promise 7), and not the hand of the first: with a
   * role of their own for it, which the other did not give them, from before the correction. Nor may the first be the
   * hand of the second: with a role that the second gave them only for this.
   */
  async function isSecond(
    db: Db,
    approver: Pick<Staff, "accountId">,
    correction: { accountId: string; made_by: string; made_at: number },
  ): Promise<boolean> {
    const { accountId, made_by: corrector, made_at: at } = correction;
    const grantsFor = async (by: string, act: StaffAct) =>
      (await helpingFor(db, { accountId: by }, accountId)).filter(({ role }) => role.may.includes(act));
    const isOwn = async ({ grantedBy, grantedAt }: HeldFrom) =>
      grantedAt < at && !(await comesFrom(db, grantedBy, corrector));
    const isNoHand = async ({ grantedBy, grantedAt }: HeldFrom) =>
      grantedAt <= at - handFor || !(await comesFrom(db, grantedBy, approver.accountId));
    return (
      (await some(await grantsFor(approver.accountId, "contact.approve"), isOwn)) &&
      (await some(await grantsFor(corrector, "contact.correct"), isNoHand))
    );
  }

  /** Whether somebody gave a role, or gave everything to whoever did. */
  async function comesFrom(
    db: Db,
    giver: string | null,
    source: string,
    passed: readonly string[] = [],
  ): Promise<boolean> {
    if (giver === null || passed.includes(giver)) return false;
    if (giver === source) return true;
    const own = await rows.grantsOf(db, giver, clock.now());
    const isElse = async (grant: rows.GrantRow) =>
      !(await comesFrom(db, grant.granted_by, source, [...passed, giver]));
    return own.length > 0 && !(await some(own, isElse));
  }

  /** Whom these roles, as they are held, let an act reach. */
  function reachOf(held: Held[], act: StaffAct): Reach {
    const allowing = held.filter(({ role }) => role.may.includes(act));
    const kinds = new Set(
      allowing.filter((one) => one.establishmentId === null).flatMap(({ role }) => role.helps),
    );
    const within = new Map<string, Set<Kind>>();
    for (const { role, establishmentId } of allowing) {
      if (establishmentId === null) continue;
      const inside = within.get(establishmentId) ?? new Set();
      for (const kind of role.helps) if (!kinds.has(kind)) inside.add(kind);
      if (inside.size > 0) within.set(establishmentId, inside);
    }
    return {
      kinds: [...kinds],
      within: [...within].map(([establishmentId, inside]) => ({ establishmentId, kinds: [...inside] })),
    };
  }

  /** What `mayHelp` judges one by one, for a search and for what a page shows: as it was when the request came. */
  const reachFor = (staff: Staff, act: StaffAct): Reach =>
    reachOf(
      staff.grants.flatMap(({ role, establishmentId }) =>
        holdingOf({ role, establishment_id: establishmentId }),
      ),
      act,
    );

  /** The roles given to an account, the highest first; those that open nothing, too. */
  async function givenTo(db: Db, accountId: string): Promise<Given[]> {
    const given = (await rows.grantsOf(db, accountId, clock.now())).flatMap((row) => describe(row) ?? []);
    return given.sort((a, b) => b.role.level - a.role.level);
  }

  /** The roles given at one establishment, whoever holds them. */
  async function givenAt(db: Db, establishmentId: string): Promise<(Given & { accountId: string })[]> {
    const found = await rows.grantsAt(db, establishmentId, clock.now());
    return found.flatMap((row) => {
      const given = describe(row);
      return given ? [{ ...given, accountId: row.account_id }] : [];
    });
  }

  function describe(row: rows.GrantRow): Given | null {
    const role = roleOf(row.role);
    if (!role) return null;
    const establishmentId = role.reach === "establishment" ? row.establishment_id : null;
    const isNowhere = role.reach === "establishment" && establishmentId === null;
    return { grantId: row.id, role, establishmentId, isNowhere, expiresAt: row.expires_at };
  }

  /**
   * Gives a role. One that was given for a shorter time is prolonged; false where the account has it already, as long
   * as this or longer.
   */
  async function give(tx: Tx, given: Grant): Promise<boolean> {
    const now = clock.now();
    const establishmentId = given.establishmentId ?? null;
    const expiresAt = given.expiresAt ?? null;
    const same = (await rows.grantsOf(tx, given.accountId, now)).filter(
      (row) => row.role === given.role && row.establishment_id === establishmentId,
    );
    const isShorter = (held: number | null) => held !== null && (expiresAt === null || held < expiresAt);
    if (!same.every((row) => isShorter(row.expires_at))) return false;
    for (const { id } of same) await rows.removeGrant(tx, id);
    await rows.insertGrant(tx, {
      id: ids.uuid(),
      account_id: given.accountId,
      role: given.role,
      establishment_id: establishmentId,
      granted_at: now,
      granted_by: given.grantedBy,
      expires_at: expiresAt,
    });
    return true;
  }

  const highestLevel = Math.max(...preset.roles.map(({ level }) => level));

  /**
   * Whether these roles, of whoever manages staff, stand above a level: one of them must itself manage staff and be
   * higher. Those of the highest level, whom nobody is above, may appoint each other.
   */
  const manageAt = (held: Role[], level: number): boolean =>
    held.some(
      (role) =>
        role.may.includes("staff.manage") &&
        (level < role.level || (role.level === highestLevel && level === highestLevel)),
    );

  /**
   * The roles by which an account may do something about staff, wherever those are: none that ends at walls. Staff of
   * one establishment are lent roles there by `establishment-staff.ts`.
   */
  async function rolesEverywhere(db: Db, accountId: string): Promise<Role[]> {
    const held = await heldBy(db, accountId);
    return held.flatMap(({ role, establishmentId }) => (establishmentId === null ? [role] : []));
  }

  /**
   * Whether that account, now, may change the roles of this one: never its own. Whoever withdraws others keeps theirs,
   * so that somebody is always left who manages staff; where it is asked for an act, both accounts are held. Staff whose
   * last role has ended can be given one again.
   */
  async function mayChange(db: Db, byAccountId: string, accountId: string): Promise<boolean> {
    if (accountId === byAccountId) return false;
    const given = await givenTo(db, accountId);
    const by = await rolesEverywhere(db, byAccountId);
    if (given.length > 0) return given.every(({ role }) => manageAt(by, role.level));
    const account = await deps.findAccount(db, accountId);
    const hadRole = account?.kind === "staff" && account.status === "active";
    return hadRole && by.some(({ may }) => may.includes("staff.manage"));
  }

  /** The roles that an account may give now. */
  async function grantable(db: Db, byAccountId: string): Promise<Role[]> {
    const by = await rolesEverywhere(db, byAccountId);
    return preset.roles.filter(({ level }) => manageAt(by, level));
  }

  /** Nobody lends what they do not have: a lower role, whose acts, people and relays are all among their own. */
  const isPartOf = (role: Role, own: Role): boolean =>
    role.level < own.level &&
    role.may.every((act) => own.may.includes(act)) &&
    role.helps.every((kind) => own.helps.includes(kind)) &&
    role.relays.every((relay) => own.relays.includes(relay));

  /**
   * The roles that an account may lend now at an establishment, by a role of its own that lets it and ends there or
   * above. `line`: the establishment and all that stands above it.
   */
  async function lendable(db: Db, byAccountId: string, line: ReadonlySet<string>): Promise<Lendable[]> {
    const lending = (await givenTo(db, byAccountId)).filter(
      ({ role, establishmentId, isNowhere }) =>
        role.may.includes("staff.lend") &&
        !isNowhere &&
        (establishmentId === null || line.has(establishmentId)),
    );
    return preset.roles.flatMap((role) => {
      const by = lending.filter((own) => isPartOf(role, own.role));
      if (role.reach !== "establishment" || by.length === 0 || line.size === 0) return [];
      const ends = by.map(({ expiresAt }) => expiresAt);
      const isForGood = ends.includes(null);
      return [{ role, until: isForGood ? null : Math.max(...ends.map(Number)) }];
    });
  }

  /** Whether that account, now, may take away the second factor of this one: a strictly higher role, with the act. */
  async function mayReset(db: Db, byAccountId: string, accountId: string): Promise<boolean> {
    if (byAccountId === accountId) return false;
    const act: StaffAct = "second-factor.reset";
    const held = await rolesHeld(db, accountId);
    const level = Math.max(0, ...held.map((role) => role.level));
    const by = await rolesEverywhere(db, byAccountId);
    return held.length > 0 && by.some((role) => role.level > level && role.may.includes(act));
  }

  return {
    staffOf,
    staffNow,
    mayHelp,
    isSecond,
    actsFor,
    reachFor,
    /**
     * The relays whose cases an act of theirs reaches: everywhere, and inside establishments. A relay that they answer
     * everywhere is not named again inside one.
     */
    relaysFor(staff: Staff, act: StaffAct): RelayReach {
      const allowing = staff.grants.flatMap((grant) => {
        const role = roleOf(grant.role);
        return role?.may.includes(act) ? [{ ...grant, relays: role.relays }] : [];
      });
      const everywhere = new Set(
        allowing.flatMap(({ establishmentId, relays }) => (establishmentId === null ? relays : [])),
      );
      const within = new Map<string, RelayReach["within"][number]>();
      for (const { establishmentId, relays } of allowing) {
        for (const relay of relays) {
          if (establishmentId === null || everywhere.has(relay)) continue;
          within.set(`${establishmentId} ${relay}`, { relay, establishmentId });
        }
      }
      return { everywhere: [...everywhere], within: [...within.values()] };
    },
    /** Inside which establishments a role of theirs allows an act that is about no one person; null: everywhere. */
    wallsFor(staff: Staff, act: StaffAct): string[] | null {
      const allowing = staff.grants.filter(({ role }) => roleOf(role)?.may.includes(act));
      const inside = allowing.flatMap(({ establishmentId }) => establishmentId ?? []);
      return allowing.length > inside.length ? null : [...new Set(inside)];
    },
    /**
     * Whether staff see whole what others see masked, of somebody of this kind whom they may see: by a role that helps
     * the kind everywhere, or else within every establishment in which they see that kind at all.
     */
    seesWhole(staff: Staff, kind: Kind): boolean {
      const whole = reachFor(staff, "people.journal");
      if (whole.kinds.includes(kind)) return true;
      const seen = reachFor(staff, "people.see");
      if (seen.kinds.includes(kind)) return false;
      const isIn = (places: Reach["within"], establishmentId: string) =>
        places.some((place) => place.establishmentId === establishmentId && place.kinds.includes(kind));
      const places = seen.within.filter(({ kinds }) => kinds.includes(kind));
      return places.length > 0 && places.every((place) => isIn(whole.within, place.establishmentId));
    },
    /** The kinds of person whom an act of theirs helps everywhere: whoever has no place yet is made only by these. */
    kindsHelped: (staff: Staff, act: StaffAct): Kind[] => reachFor(staff, act).kinds,
    kindsHelpedNow: async (db: Db, staff: Staff, act: StaffAct): Promise<Kind[]> =>
      reachOf(await heldBy(db, staff.accountId), act).kinds,
    mayChange,
    mayReset,
    grantable,
    /** Those of these accounts that have a role. */
    staffAmong: (db: Asked, accountIds: string[]) => rows.listGranted(db, accountIds, clock.now()),
    /** Whether an account has a role at all; cheap enough to be asked at every sign-in. */
    isStaff: (db: Asked, accountId: string) => rows.hasGrant(db, accountId, clock.now()),
    give,
    /** The same, where it does not matter whether it is new. */
    async grant(tx: Tx, given: Grant): Promise<void> {
      await give(tx, given);
    },
    givenTo,
    lendable,
    /** One role as it was given, with whose it is; null once it has ended. */
    async findGiven(db: Db, grantId: string): Promise<(Given & { accountId: string }) | null> {
      const row = await rows.findGrant(db, grantId, clock.now());
      const given = row && describe(row);
      return row && given ? { ...given, accountId: row.account_id } : null;
    },
    /** Takes one role as it was given; false if it was gone already. */
    takeGiven: rows.removeGrant,
    /** Takes every role. */
    revoke: (tx: Tx, accountId: string) => rows.removeGrants(tx, accountId),
    givenAt,
    /** How many roles that end at walls were given without any, and open nothing. */
    async countNowhere(db: Asked): Promise<number> {
      const walled = preset.roles.filter(({ reach }) => reach === "establishment").map(({ id }) => id);
      return rows.countNowhere(db, walled, clock.now());
    },
    /** The ids of the roles given at one establishment, by who holds them. */
    rolesAt: async (db: Db, establishmentId: string) =>
      (await givenAt(db, establishmentId)).map(({ accountId, role }) => ({ accountId, role: role.id })),
    /** The ids of the roles of an account, the highest first. */
    rolesOf: async (db: Db, accountId: string) => (await rolesHeld(db, accountId)).map(({ id }) => id),
    rolesHeld,
    roleOf,
  };
}
