import type { Account, Accounts } from "../../accounts/accounts.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Caller, Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import { done } from "../../kernel/outcome.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { choosePlace, type Place, type PlaceForm, type Places } from "./places.ts";
import * as rows from "./roles.store.ts";
import type { Given, Role, Roles } from "./roles.ts";
import {
  invalid,
  readReason,
  type StaffActs,
  type StaffFieldRefusal,
  type StaffRefusal,
  unknown,
} from "./staff-acts.ts";
import type { InvitedForm, StaffInvitations } from "./staff-invitations.ts";

/**
 * Who is staff, and how they become and cease to be it. Every act asks for a reason, and is written on both sides:
 * on the line of the person, who can read it, and on that of whoever acted (promise 7). Never for oneself.
 *
 * Tables: staff_grants, by roles.ts. Settings: roles, limits "staff-act.per-staff". Messages: staff.changed, .taken, and
 * activation.invite of its room. Refusals: staff.*. Journal: staff.*.
 */
export type StaffRules = ReturnType<typeof createStaffRules>;

/** A role of somebody, with what it ends at: a place, a day, both or neither. */
export interface MemberRole extends Given {
  place: Place | null;
  /** In which days are told there (IANA). */
  timezone: string;
}

export interface StaffMember extends rows.StaffRow {
  given: MemberRole[];
  email: string | null;
  /** When the second factor was set up; null without one. */
  secondFactorAt: number | null;
  /** When a reset that was asked for takes effect; null when none waits. */
  resetAt: number | null;
  isYou: boolean;
  /** What the viewer may do with them. */
  mayChange: boolean;
  mayReset: boolean;
}

export interface InviteForm extends InvitedForm, PlaceForm {
  role: string;
  reason: string;
}

export type StaffOutcome<Done extends object = object> = ({ ok: true } & Done) | StaffRefusal;

export type ResetOutcome =
  | StaffOutcome
  | { ok: false; refusal: "second-factor-reset.none" | "second-factor-reset.waiting" };

const listedAtOnce = 50;

export interface StaffDeps {
  store: Store;
  clock: Clock;
  journal: Journal;
  roles: Roles;
  acts: StaffActs;
  invitations: StaffInvitations;
  /** Null where the preset knows no establishments. */
  places: Places | null;
  /** The portal's (IANA). */
  timezone: string;
  accounts: Pick<Accounts, "findEmail"> & { findById(db: Db, id: string): Promise<Account | null> };
  endSessions: (tx: Tx, accountId: string) => Promise<number>;
  /** What only a role that they may have lost let them do goes back to the others. */
  rolesEnded: (tx: Tx, account: Account) => Promise<void>;
  secondFactor: {
    setUpAt(db: Db, accountId: string): Promise<number | null>;
    waitingUntil(db: Db, accountId: string): Promise<number | null>;
    askReset(
      tx: Tx,
      caller: Caller,
      staff: Staff,
      asked: { accountId: string; reason: string },
    ): Promise<
      | { ok: true }
      | {
          ok: false;
          refusal:
            | "second-factor-reset.not-yours"
            | "second-factor-reset.none"
            | "second-factor-reset.waiting";
        }
    >;
    keep(tx: Tx, caller: Caller, staff: Staff, accountId: string): Promise<boolean>;
  };
  /** Tells every contact point of the account. */
  tellContacts: TellContacts;
}

export type TellContacts = (
  tx: Tx,
  account: Account,
  message: { template: string; params: Record<string, string | number | null> },
) => Promise<void>;

export function createStaffRules(deps: StaffDeps) {
  const { store, clock, roles, accounts, acts, invitations, places } = deps;

  async function describe(db: Db, staff: Staff, row: rows.StaffRow): Promise<StaffMember> {
    return {
      ...row,
      given: await withPlaces(db, await roles.givenTo(db, row.id)),
      email: (await accounts.findEmail(db, row.id))?.address ?? null,
      secondFactorAt: await deps.secondFactor.setUpAt(db, row.id),
      resetAt: await deps.secondFactor.waitingUntil(db, row.id),
      isYou: row.id === staff.accountId,
      mayChange: await roles.mayChange(db, staff.accountId, row.id),
      mayReset: await roles.mayReset(db, staff.accountId, row.id),
    };
  }

  async function withPlaces(db: Db, given: Given[]): Promise<MemberRole[]> {
    const ids = given.flatMap(({ establishmentId }) => establishmentId ?? []);
    const named = ids.length > 0 ? await places?.named(db, ids) : undefined;
    return Promise.all(
      given.map(async (one) => {
        const { establishmentId, expiresAt } = one;
        const isTimed = establishmentId !== null && expiresAt !== null;
        const timezone = (isTimed && (await places?.timezoneOf(db, establishmentId))) || deps.timezone;
        return { ...one, place: named?.get(establishmentId ?? "") ?? null, timezone };
      }),
    );
  }

  /** One page of the list, the first is 1. */
  async function list(staff: Staff, page: number): Promise<{ members: StaffMember[]; hasMore: boolean }> {
    const found = await rows.listStaff(store, clock.now(), {
      limit: listedAtOnce + 1,
      offset: (page - 1) * listedAtOnce,
    });
    const members: StaffMember[] = [];
    for (const row of found.slice(0, listedAtOnce)) members.push(await describe(store, staff, row));
    return { members, hasMore: found.length > listedAtOnce };
  }

  async function see(staff: Staff, accountId: string): Promise<StaffMember | null> {
    const row = await rows.findStaff(store, clock.now(), accountId);
    return row && describe(store, staff, row);
  }

  const grantable = (staff: Staff): Promise<Role[]> => roles.grantable(store, staff.accountId);

  /** The role that a form names with the place that it asks for; what is wrong stands in `fields`. */
  async function readRole(
    staff: Staff,
    form: PlaceForm & { role: string },
  ): Promise<{ role: Role | null; place: Place | null; fields: StaffFieldRefusal[]; among: Place[] }> {
    const role = (await grantable(staff)).find(({ id }) => id === form.role) ?? null;
    const nothing = { role, place: null, fields: [], among: [] };
    if (!role) return { ...nothing, fields: [{ field: "role", refusal: "staff.role.missing" }] };
    if (role.reach === "everybody") return nothing;
    if (!places) return { ...nothing, fields: [{ field: "role", refusal: "staff.role.no-places" }] };
    const chosen = await choosePlace(places, store, form, null);
    if (chosen.ok) return { ...nothing, place: chosen.place };
    const { field, refusal, among } = chosen;
    return { ...nothing, fields: [{ field, refusal }], among };
  }

  /** Whether whoever acts may still give this role: held, so that nobody takes theirs at the same moment. */
  async function mayGive(tx: Tx, staff: Staff, role: Role): Promise<boolean> {
    const by = await acts.holdDoer(tx, staff);
    const given = by ? await roles.grantable(tx, by.id) : [];
    return given.some(({ id }) => id === role.id);
  }

  /** Makes an account for a new member of staff, and sends its person an invitation to choose a password. */
  async function invite(
    caller: Caller,
    staff: Staff,
    form: InviteForm,
  ): Promise<StaffOutcome<{ accountId: string }>> {
    const { invited, fields } = invitations.read(form);
    const { role, place, fields: ofRole, among } = await readRole(staff, form);
    const { reason, fields: ofReason } = readReason(form.reason);
    const refused = [...fields, ...ofRole, ...ofReason];
    if (refused.length > 0 || !invited || !role) return invalid(refused, among);

    return store.transact(async (tx): Promise<StaffOutcome<{ accountId: string }>> => {
      if (!(await mayGive(tx, staff, role))) return unknown;
      const spent = await acts.spend(tx, staff);
      if (spent) return spent;
      const made = await invitations.make(tx, invited, false);
      if (!made.ok) return invalid([made]);
      const { account, contact } = made;
      await roles.grant(tx, grantTo(account, staff, role, place));
      if (place) await places?.addWorker(tx, account.id, place.id, clock.now());
      const words = (locale: string) => ({ role: acts.titleOf(role, place, locale) });
      const placeId = place?.id ?? null;
      await acts.bothSides(tx, caller, staff, { account, what: "invited", words, reason, placeId });
      await invitations.send(tx, account.id, contact.id, caller);
      return { ...done, accountId: account.id };
    });
  }

  const grantTo = ({ id }: Account, staff: Staff, role: Role, place: Place | null) => ({
    accountId: id,
    role: role.id,
    grantedBy: staff.accountId,
    establishmentId: place?.id ?? null,
  });

  /** The account that staff may change, held until the transaction ends together with that of whoever acts. */
  async function holdBelow(tx: Tx, staff: Staff, accountId: string): Promise<Account | null> {
    const account = await acts.holdBoth(tx, staff, accountId);
    return account && (await roles.mayChange(tx, staff.accountId, accountId)) ? account : null;
  }

  /** The invitation once more, for who lost it; only while it was not followed. */
  async function inviteAgain(caller: Caller, staff: Staff, accountId: string): Promise<StaffOutcome> {
    return store.transact(async (tx): Promise<StaffOutcome> => {
      const account = await holdBelow(tx, staff, accountId);
      if (!account) return unknown;
      const spent = await acts.spend(tx, staff);
      if (spent) return spent;
      if (!(await invitations.sendAgain(tx, account, caller))) return unknown;
      await acts.bothSides(tx, caller, staff, { account, what: "invited-again", reason: null });
      return done;
    });
  }

  /**
   * Gives a role: one that ends at walls beside those that are held, one that reaches everybody in their place. Every
   * session ends.
   */
  async function giveRole(
    caller: Caller,
    staff: Staff,
    accountId: string,
    form: PlaceForm & { role: string; reason: string },
  ): Promise<StaffOutcome> {
    const { role, place, fields, among } = await readRole(staff, form);
    const { reason, fields: ofReason } = readReason(form.reason);
    const refused = [...fields, ...ofReason];
    if (refused.length > 0 || !role) return invalid(refused, among);
    return store.transact(async (tx): Promise<StaffOutcome> => {
      const account = await holdBelow(tx, staff, accountId);
      if (!account || !(await mayGive(tx, staff, role))) return unknown;
      const isHeld = (await roles.givenTo(tx, accountId)).some(
        (given) =>
          given.role.id === role.id &&
          given.establishmentId === (place?.id ?? null) &&
          !given.isNowhere &&
          given.expiresAt === null,
      );
      if (isHeld) return invalid([{ field: "role", refusal: "staff.role.same" }]);
      const spent = await acts.spend(tx, staff);
      if (spent) return spent;
      if (!place) await roles.revoke(tx, accountId);
      await roles.grant(tx, grantTo(account, staff, role, place));
      if (place) await places?.addWorker(tx, accountId, place.id, clock.now());
      const words = (locale: string) => ({ role: acts.titleOf(role, place, locale) });
      const placeId = place?.id ?? null;
      await acts.bothSides(tx, caller, staff, { account, what: "role-changed", words, reason, placeId });
      await deps.rolesEnded(tx, account);
      await deps.endSessions(tx, account.id);
      await deps.tellContacts(tx, account, {
        template: "staff.changed",
        params: { ...words(account.locale), by: staff.name },
      });
      return done;
    });
  }

  /** Takes one role away; every session ends. With the last one, an invitation that nobody followed is withdrawn. */
  async function takeRole(
    caller: Caller,
    staff: Staff,
    accountId: string,
    asked: { grantId: string; reason: string },
  ): Promise<StaffOutcome<{ isStaff: boolean }>> {
    const { reason, fields } = readReason(asked.reason);
    if (fields.length > 0) return invalid(fields);
    return store.transact(async (tx): Promise<StaffOutcome<{ isStaff: boolean }>> => {
      const account = await holdBelow(tx, staff, accountId);
      const given = await roles.findGiven(tx, asked.grantId);
      if (!account || given?.accountId !== accountId) return unknown;
      const spent = await acts.spend(tx, staff);
      if (spent) return spent;
      return { ...done, isStaff: await take(tx, caller, staff, { account, given, reason }) };
    });
  }

  /** Ends one role of an account that is held; answers whether any is left. */
  async function take(
    tx: Tx,
    caller: Caller,
    staff: Staff,
    about: { account: Account; given: Given; reason: string },
  ): Promise<boolean> {
    const { account, given, reason } = about;
    const [shown] = await withPlaces(tx, [given]);
    const title = (locale: string) => acts.titleOf(given.role, shown?.place ?? null, locale);
    await roles.takeGiven(tx, given.grantId);
    const isStaff = await roles.isStaff(tx, account.id);
    const isUnused = !isStaff && account.status === "pending";
    await acts.bothSides(tx, caller, staff, {
      account,
      what: isStaff ? "role-taken" : "role-withdrawn",
      ...(isStaff ? { words: (locale) => ({ role: title(locale) }) } : {}),
      reason,
      placeId: given.establishmentId,
    });
    await deps.rolesEnded(tx, account);
    if (isUnused) {
      await invitations.withdraw(tx, account.id);
      return false;
    }
    await deps.endSessions(tx, account.id);
    await deps.tellContacts(
      tx,
      account,
      isStaff
        ? { template: "staff.taken", params: { role: title(account.locale), by: staff.name } }
        : { template: "staff.changed", params: { role: null, by: staff.name } },
    );
    return isStaff;
  }

  async function askReset(
    caller: Caller,
    staff: Staff,
    accountId: string,
    form: { reason: string },
  ): Promise<ResetOutcome> {
    const { reason, fields } = readReason(form.reason);
    if (fields.length > 0) return invalid(fields);
    return store.transact(async (tx): Promise<ResetOutcome> => {
      const spent = await acts.spend(tx, staff);
      if (spent) return spent;
      const asked = await deps.secondFactor.askReset(tx, caller, staff, { accountId, reason });
      if (!asked.ok) {
        const { refusal: why } = asked;
        return why === "second-factor-reset.not-yours" ? unknown : { ok: false, refusal: why };
      }
      const account = await accounts.findById(tx, accountId);
      await deps.journal.record(tx, {
        event: "staff.did-reset-asked",
        accountId: staff.accountId,
        actor: { kind: "staff", id: staff.accountId },
        caller,
        params: { name: account?.name ?? "", why: reason },
      });
      return done;
    });
  }

  /** Takes a reset back before it takes effect; false if none waits, or it is not theirs to take back. */
  const keepFactor = (caller: Caller, staff: Staff, accountId: string): Promise<boolean> =>
    store.transact((tx) => deps.secondFactor.keep(tx, caller, staff, accountId));

  return {
    list,
    see,
    grantable,
    titleOf: acts.titleOf,
    /** The roles that somebody holds, for their own page. */
    heldBy: async (accountId: string): Promise<MemberRole[]> =>
      (await withPlaces(store, await roles.givenTo(store, accountId))).filter(({ isNowhere }) => !isNowhere),
    invite,
    inviteAgain,
    giveRole,
    takeRole,
    take,
    askReset,
    keepFactor,
    hasPlaces: places !== null,
  };
}
