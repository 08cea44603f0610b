import type { Budgets } from "../../access/budgets/budgets.ts";
import type { Account, Accounts, ContactPoint } from "../../accounts/accounts.ts";
import { type EmailRefusal, parseEmailAddress } from "../../accounts/addresses/email-address.ts";
import { normaliseIdentifier } from "../../accounts/addresses/username.ts";
import type { Preset } from "../../config/preset.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Caller, Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import { done } from "../../kernel/outcome.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import * as rows from "./roles.store.ts";
import type { Role, Roles } from "./roles.ts";

/**
 * Who is staff, and how they become and cease to be it. Every act asks for a reason, and is written on both sides:
 * on the line of the person, who can read it, and on that of whoever acted (promise 7). Never for oneself.
 *
 * An account that somebody has already never becomes staff by another's hand: a person's own account and mailbox
 * would open the desk without their having agreed. Staff have an account of their own, on an address of their own.
 *
 * Tables: staff_grants, by roles.ts. Settings: roles, limits "staff-act.per-staff". Messages: staff.changed, and
 * activation.invite of its room. Refusals: staff.*. Journal: staff.*.
 */
export type StaffRules = ReturnType<typeof createStaffRules>;

export interface StaffMember extends rows.StaffRow {
  roles: Role[];
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

export interface InviteForm {
  name: string;
  email: string;
  role: string;
  username: string;
  reason: string;
}

export interface StaffFieldRefusal {
  field: "name" | "email" | "role" | "username" | "reason";
  refusal: string;
}

export type StaffOutcome<Done extends object = object> =
  | ({ ok: true } & Done)
  | { ok: false; refusal: "staff.invalid"; fields: StaffFieldRefusal[] }
  | { ok: false; refusal: "staff.too-many"; until: number }
  /** Nobody whom this member of staff may do that to: answered like what does not exist. */
  | { ok: false; refusal: "staff.unknown" }
  | { ok: false; refusal: "second-factor-reset.none" | "second-factor-reset.waiting" };

/** The line of the person, and that of whoever acted. */
const acts = {
  invited: { event: "staff.invited" },
  "role-changed": { event: "staff.role-changed" },
  "role-withdrawn": { event: "staff.role-withdrawn" },
} as const;
const doneBy = {
  invited: { event: "staff.did-invited" },
  "role-changed": { event: "staff.did-role-changed" },
  "role-withdrawn": { event: "staff.did-role-withdrawn" },
} as const satisfies Record<keyof typeof acts, { event: string }>;

const longestReason = 300;
const longestName = 200;
const listedAtOnce = 50;

export interface StaffDeps {
  store: Store;
  clock: Clock;
  preset: Preset;
  journal: Journal;
  budgets: Budgets;
  roles: Roles;
  accounts: Pick<Accounts, "create" | "findEmail"> & {
    findById(db: Db, id: string): Promise<Account | null>;
    hold(tx: Tx, id: string): Promise<Account | null>;
    findByIdentifier(db: Db, key: string): Promise<Account | null>;
    contactPointsAt(db: Db, key: string): Promise<ContactPoint[]>;
    deleteAccount(tx: Tx, id: string): Promise<void>;
  };
  invite: (tx: Tx, accountId: string, contactPointId: string, caller: Caller) => Promise<void>;
  endChallenges: (tx: Tx, accountId: string) => Promise<void>;
  endSessions: (tx: Tx, accountId: string) => Promise<number>;
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
  tellContacts: (
    tx: Tx,
    account: Account,
    message: { template: string; params: Record<string, string | number | null> },
  ) => Promise<void>;
}

/** The words of the form are about somebody else. */
const emailRefusal = (refusal: EmailRefusal) =>
  refusal === "email.missing" ? "staff.email.missing" : refusal;

export function createStaffRules(deps: StaffDeps) {
  const { store, clock, preset, roles, accounts } = deps;

  async function describe(db: Db, staff: Staff, row: rows.StaffRow): Promise<StaffMember> {
    return {
      ...row,
      roles: await roles.rolesHeld(db, row.id),
      email: (await accounts.findEmail(db, row.id))?.address ?? null,
      secondFactorAt: await deps.secondFactor.setUpAt(db, row.id),
      resetAt: await deps.secondFactor.waitingUntil(db, row.id),
      isYou: row.id === staff.accountId,
      mayChange: await roles.mayChange(db, staff.accountId, row.id),
      mayReset: await roles.mayReset(db, staff.accountId, row.id),
    };
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

  /** What a role is called in the language of whoever will read it. */
  function nameOf(role: Role, locale: string): string {
    return role.name[locale] ?? role.name[preset.languages.default] ?? role.id;
  }

  function readReason(typed: string): { reason: string; refusal: string | null } {
    const reason = typed.normalize("NFC").replaceAll(/\s+/gu, " ").trim();
    if (reason === "") return { reason, refusal: "staff.reason.missing" };
    return { reason, refusal: [...reason].length > longestReason ? "staff.reason.too-long" : null };
  }

  async function bothSides(
    tx: Tx,
    caller: Caller,
    staff: Staff,
    about: {
      account: Account;
      what: keyof typeof acts;
      role: Role | null;
      reason: string;
    },
  ): Promise<void> {
    const { account, what, role, reason } = about;
    const actor = { kind: "staff", id: staff.accountId } as const;
    const of = (locale: string): Record<string, string> =>
      role === null ? {} : { role: nameOf(role, locale) };
    await deps.journal.record(tx, {
      event: acts[what].event,
      accountId: account.id,
      actor,
      caller,
      params: { ...of(account.locale), by: staff.name, why: reason },
    });
    await deps.journal.record(tx, {
      event: doneBy[what].event,
      accountId: staff.accountId,
      actor,
      caller,
      params: { ...of(staff.locale), name: account.name, why: reason },
    });
  }

  const invalid = (fields: StaffFieldRefusal[]) => ({ ok: false, refusal: "staff.invalid", fields }) as const;
  const unknown = { ok: false, refusal: "staff.unknown" } as const;

  async function spendAct(
    tx: Tx,
    staff: Staff,
  ): Promise<{ ok: false; refusal: "staff.too-many"; until: number } | null> {
    const budget = await deps.budgets.spend(tx, "staff-act.per-staff", staff.accountId);
    return budget.ok ? null : { ok: false, refusal: "staff.too-many", until: budget.until };
  }

  /** Makes an account for a new member of staff, and sends its person an invitation to choose a password. */
  async function invite(
    caller: Caller,
    staff: Staff,
    form: InviteForm,
  ): Promise<StaffOutcome<{ accountId: string }>> {
    const fields: StaffFieldRefusal[] = [];
    const name = form.name.normalize("NFC").replaceAll(/\s+/gu, " ").trim();
    if (name === "") fields.push({ field: "name", refusal: "staff.name.missing" });
    else if ([...name].length > longestName) fields.push({ field: "name", refusal: "name.too-long" });
    const email = parseEmailAddress(form.email);
    if (!email.ok) fields.push({ field: "email", refusal: emailRefusal(email.refusal) });
    const username = readUsername(form.username);
    if ("refusal" in username) fields.push({ field: "username", refusal: username.refusal });
    const role = (await grantable(staff)).find(({ id }) => id === form.role);
    if (!role) fields.push({ field: "role", refusal: "staff.role.missing" });
    const { reason, refusal } = readReason(form.reason);
    if (refusal) fields.push({ field: "reason", refusal });
    if (fields.length > 0 || !email.ok || !role || "refusal" in username) return invalid(fields);

    return store.transact(async (tx): Promise<StaffOutcome<{ accountId: string }>> => {
      if (!(await mayGive(tx, staff, role))) return unknown;
      const spent = await spendAct(tx, staff);
      if (spent) return spent;
      const holder = await accounts.findByIdentifier(tx, email.key);
      const reached = await accounts.contactPointsAt(tx, email.key);
      if (holder || reached.length > 0) return invalid([{ field: "email", refusal: "staff.email.used" }]);
      const made = await accounts.create(tx, {
        kind: "staff",
        status: "pending",
        name,
        locale: preset.languages.default,
        passwordHash: null,
        username: username.username,
        contacts: [
          { channel: "email", address: email.address, key: email.key, state: "declared", origin: "staff" },
        ],
      });
      if (!made) return invalid([{ field: "username", refusal: "staff.username.used" }]);
      const { account, contacts } = made;
      await roles.grant(tx, { accountId: account.id, role: role.id, grantedBy: staff.accountId });
      await bothSides(tx, caller, staff, { account, what: "invited", role, reason });
      await deps.invite(tx, account.id, (contacts[0] as ContactPoint).id, caller);
      return { ...done, accountId: account.id };
    });
  }

  function readUsername(
    typed: string,
  ): { username: { key: string; shown: string } | null } | { refusal: string } {
    if (preset.identifier !== "username") return { username: null };
    const key = normaliseIdentifier(typed);
    if (key === "") return { refusal: "staff.username.missing" };
    if (!/^[a-z0-9][a-z0-9._-]{1,62}$/.test(key)) return { refusal: "staff.username.malformed" };
    return { username: { key, shown: typed.trim() } };
  }

  const grantable = (staff: Staff): Promise<Role[]> => roles.grantable(store, staff.accountId);

  /** Whether whoever acts may still give this role: held, so that nobody takes theirs at the same moment. */
  async function mayGive(tx: Tx, staff: Staff, role: Role): Promise<boolean> {
    const by = await accounts.hold(tx, staff.accountId);
    const given = by?.status === "active" ? await roles.grantable(tx, by.id) : [];
    return given.some(({ id }) => id === role.id);
  }

  /**
   * The account that staff may change, held until the transaction ends together with that of whoever acts, so that of
   * two who withdraw each other one is left. In the order of their ids, lest each hold one and wait for the other.
   */
  async function holdBelow(tx: Tx, staff: Staff, accountId: string): Promise<Account | null> {
    const held = new Map<string, Account | null>();
    for (const id of [accountId, staff.accountId].sort()) held.set(id, await accounts.hold(tx, id));
    const account = held.get(accountId) ?? null;
    if (!account || account.status === "closed" || held.get(staff.accountId)?.status !== "active")
      return null;
    return (await roles.mayChange(tx, staff.accountId, accountId)) ? account : null;
  }

  /** The invitation once more, for who lost it; only while it was not followed. */
  async function inviteAgain(caller: Caller, staff: Staff, accountId: string): Promise<StaffOutcome> {
    return store.transact(async (tx): Promise<StaffOutcome> => {
      const account = await holdBelow(tx, staff, accountId);
      const point = account?.status === "pending" ? await accounts.findEmail(tx, accountId) : null;
      if (!point) return unknown;
      const spent = await spendAct(tx, staff);
      if (spent) return spent;
      await deps.invite(tx, accountId, point.id, caller);
      return done;
    });
  }

  /** Gives another role in the place of all roles held, or with `role` "" none; every session ends. */
  async function changeRole(
    caller: Caller,
    staff: Staff,
    accountId: string,
    form: { role: string; reason: string },
  ): Promise<StaffOutcome> {
    const fields: StaffFieldRefusal[] = [];
    const role = form.role === "" ? null : (await grantable(staff)).find(({ id }) => id === form.role);
    if (role === undefined) fields.push({ field: "role", refusal: "staff.role.missing" });
    const { reason, refusal } = readReason(form.reason);
    if (refusal) fields.push({ field: "reason", refusal });
    if (fields.length > 0 || role === undefined) return invalid(fields);
    return store.transact(async (tx): Promise<StaffOutcome> => {
      const account = await holdBelow(tx, staff, accountId);
      if (!account || (role !== null && !(await mayGive(tx, staff, role)))) return unknown;
      const held = await roles.rolesOf(tx, accountId);
      if (role !== null && held.length === 1 && held[0] === role.id) {
        return invalid([{ field: "role", refusal: "staff.role.same" }]);
      }
      const spent = await spendAct(tx, staff);
      if (spent) return spent;
      await roles.revoke(tx, accountId);
      if (role) await roles.grant(tx, { accountId, role: role.id, grantedBy: staff.accountId });
      const what = role === null ? "role-withdrawn" : "role-changed";
      await bothSides(tx, caller, staff, { account, what, role, reason });
      if (role === null && account.status === "pending") await withdrawInvitation(tx, accountId);
      else await endAndTell(tx, staff, account, role);
      return done;
    });
  }

  /** Nobody has ever used it: its address is free again, for the invitation that is spelled right. */
  async function withdrawInvitation(tx: Tx, accountId: string): Promise<void> {
    await deps.endChallenges(tx, accountId);
    await accounts.deleteAccount(tx, accountId);
  }

  async function endAndTell(tx: Tx, staff: Staff, account: Account, role: Role | null): Promise<void> {
    await deps.endSessions(tx, account.id);
    await deps.tellContacts(tx, account, {
      template: "staff.changed",
      params: { role: role === null ? null : nameOf(role, account.locale), by: staff.name },
    });
  }

  async function askReset(
    caller: Caller,
    staff: Staff,
    accountId: string,
    form: { reason: string },
  ): Promise<StaffOutcome> {
    const { reason, refusal } = readReason(form.reason);
    if (refusal) return invalid([{ field: "reason", refusal }]);
    return store.transact(async (tx): Promise<StaffOutcome> => {
      const spent = await spendAct(tx, staff);
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
    nameOf,
    invite,
    inviteAgain,
    changeRole,
    askReset,
    keepFactor,
  };
}
