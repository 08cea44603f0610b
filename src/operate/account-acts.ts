import type {
  Account,
  AccountStatus,
  Accounts,
  ContactPoint,
  Identifier,
  Kind,
} from "../accounts/accounts.ts";
import { parseEmailAddress } from "../accounts/addresses/email-address.ts";
import { normaliseIdentifier } from "../accounts/addresses/username.ts";
import type { Preset } from "../config/preset.ts";
import { type JournalEntry, system } from "../journal/journal.ts";
import type { Clock } from "../kernel/clock.ts";
import { done, type Outcome, refused } from "../kernel/outcome.ts";
import type { Db, Store, Tx } from "../store/store.ts";

/**
 * What the operator can do to an account from the command line. No password, code or link is ever chosen or shown:
 * a new account is opened by its own person, with an invitation.
 *
 * Journal: operate.account-*. Refusals: the sentences of command-line/account.ts.
 */
export interface NewAccountAsked {
  email: string;
  name: string | null;
  kind: Kind | null;
  username: string | null;
  role: string | null;
  /** The code of the academy or school at whose walls the role ends. */
  establishment?: string | null;
  language: string | null;
}

export type CreateRefusal =
  | "email"
  | "kind"
  | "language"
  | "role"
  | PlaceRefusal
  | "username-missing"
  | "username-unused"
  | "username-malformed"
  | "taken";

export type ActRefusal =
  | "unknown"
  | "several"
  | "status"
  | "joined"
  | "role"
  | PlaceRefusal
  | "no-role"
  | "no-factor";

/** A role that ends at walls must say at whose; one that reaches everybody has none. */
export type PlaceRefusal = "establishment-missing" | "establishment-unknown" | "establishment-unused";

export interface RoleAsked {
  role: string;
  /** The code of the academy or school at whose walls it ends. */
  establishment: string | null;
}

/** One account, as the operator may see it. */
export interface AccountShown {
  account: Account;
  identifiers: Identifier[];
  contacts: ContactPoint[];
  /** Each with the code of the establishment at whose walls it ends, and when it ends. */
  roles: { role: string; establishment: string | null; expiresAt: number | null }[];
  lockedUntil: number | null;
  sessions: number;
  hasSecondFactor: boolean;
}

interface Establishment {
  id: string;
  name: string;
  code: string;
}

interface GivenRole {
  grantId: string;
  role: { id: string };
  establishmentId: string | null;
  expiresAt: number | null;
}

interface AccountRows {
  hold(tx: Tx, id: string): Promise<Account | null>;
  findById(db: Db, id: string): Promise<Account | null>;
  findByIdentifier(db: Db, key: string): Promise<Account | null>;
  contactPointsAt(db: Db, key: string): Promise<(ContactPoint & { account: Account })[]>;
  contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
  identifiersOf(db: Db, accountId: string): Promise<Identifier[]>;
  moveStatus(
    tx: Tx,
    id: string,
    from: AccountStatus,
    change: Partial<Account> & { status: AccountStatus },
  ): Promise<boolean>;
}

export type AccountActs = ReturnType<typeof createAccountActs>;

export function createAccountActs(deps: {
  store: Store;
  clock: Clock;
  preset: Preset;
  accounts: AccountRows & Pick<Accounts, "create">;
  invite: (tx: Tx, accountId: string, contactPointId: string) => Promise<void>;
  lockedUntil: (db: Db, accountId: string) => Promise<number | null>;
  clearLockout: (tx: Tx, accountId: string) => Promise<void>;
  listSessions: (db: Db, accountId: string) => Promise<object[]>;
  endSessions: (tx: Tx, accountId: string) => Promise<number>;
  endChallenges: (tx: Tx, accountId: string) => Promise<void>;
  forgetKnownBrowsers: (tx: Tx, accountId: string) => Promise<void>;
  roles: {
    isStaff(db: Db, accountId: string): Promise<boolean>;
    givenTo(db: Db, accountId: string): Promise<GivenRole[]>;
    grant(
      tx: Tx,
      given: { accountId: string; role: string; grantedBy: null; establishmentId: string | null },
    ): Promise<void>;
    takeGiven(tx: Tx, grantId: string): Promise<boolean>;
    revoke(tx: Tx, accountId: string): Promise<void>;
  };
  /** Null where the preset has no establishments. */
  establishments: {
    /** The open academy or school of a code. */
    findByCode(db: Db, typed: string): Promise<Establishment | null>;
    named(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, Establishment>>;
    addWorker(tx: Tx, accountId: string, establishmentId: string, since: number): Promise<void>;
  } | null;
  /** Writes a line on the side of a person, which the head of their establishment sees as well. */
  recordAct: (tx: Tx, entry: JournalEntry & { accountId: string }) => Promise<void>;
  /** Tells every contact point that a role was given, or taken; `title` null: none is left. */
  tellRole: (tx: Tx, account: Account, what: "given" | "taken", title: string | null) => Promise<void>;
  /** The account with which this one became one; null where it did with none. */
  joinedWith: (db: Db, accountId: string) => Promise<object | null>;
  hasSecondFactor: (db: Db, accountId: string) => Promise<boolean>;
  /** Takes a second factor away at once and tells everybody; false if there is none. */
  resetSecondFactor: (tx: Tx, account: Account) => Promise<boolean>;
}) {
  const { store, clock, preset, accounts, roles, establishments } = deps;

  const record = (tx: Tx, accountId: string, event: string, params = {}) =>
    deps.recordAct(tx, {
      event: `operate.${event}`,
      accountId,
      actor: system,
      reason: "command line",
      params,
    });
  const knownRole = (id: string) => preset.roles.find((role) => role.id === id) ?? null;

  async function create(asked: NewAccountAsked): Promise<Outcome<{ account: Account }, CreateRefusal>> {
    const email = parseEmailAddress(asked.email);
    if (!email.ok) return refused("email");
    const kind = asked.kind ?? defaultKind(asked.role);
    if (!preset.kinds.includes(kind)) return refused("kind");
    const locale = asked.language ?? preset.languages.default;
    if (!preset.languages.offered.includes(locale)) return refused("language");
    const role = asked.role === null ? null : knownRole(asked.role);
    if (asked.role !== null && !role) return refused("role");
    const place = await placeOf(role, asked.establishment ?? null);
    if (typeof place === "string") return refused(place);
    const username = readUsername(asked.username);
    if (typeof username === "string") return refused(username);
    return store.transact(async (tx) => {
      const made = await accounts.create(tx, {
        kind,
        status: "pending",
        name: asked.name ?? email.address,
        locale,
        passwordHash: null,
        username,
        contacts: [
          { channel: "email", address: email.address, key: email.key, state: "declared", origin: "staff" },
        ],
      });
      if (!made) return refused("taken");
      const { account, contacts } = made;
      const establishmentId = place?.id ?? null;
      if (role) {
        await roles.grant(tx, { accountId: account.id, role: role.id, grantedBy: null, establishmentId });
      }
      if (place && kind === "staff") {
        await establishments?.addWorker(tx, account.id, place.id, clock.now());
      }
      await record(tx, account.id, "account-created");
      await deps.invite(tx, account.id, (contacts[0] as ContactPoint).id);
      return { ...done, account };
    });
  }

  /** The establishment of a code, for a role that needs one. */
  async function placeOf(
    role: Preset["roles"][number] | null,
    code: string | null,
  ): Promise<Establishment | null | PlaceRefusal> {
    if (role?.reach !== "establishment") return code === null ? null : "establishment-unused";
    if (code === null) return "establishment-missing";
    return (await establishments?.findByCode(store, code)) ?? "establishment-unknown";
  }

  const defaultKind = (role: string | null): Kind =>
    role !== null && preset.kinds.includes("staff") ? "staff" : preset.registration.kind;

  function readUsername(typed: string | null) {
    if (typed === null) return preset.identifier === "username" ? ("username-missing" as const) : null;
    if (preset.identifier === "email") return "username-unused" as const;
    const key = normaliseIdentifier(typed);
    if (!/^[a-z0-9][a-z0-9._-]{1,62}$/.test(key)) return "username-malformed" as const;
    return { key, shown: typed.trim() };
  }

  /** The account that an identifier names, or the only one that an e-mail address reaches. */
  async function find(typed: string): Promise<Outcome<{ account: Account }, "unknown" | "several">> {
    const key = normaliseIdentifier(typed);
    const named = await accounts.findByIdentifier(store, key);
    if (named) return { ...done, account: named };
    const reached = await accounts.contactPointsAt(store, key);
    const [first, ...others] = new Map(reached.map(({ account }) => [account.id, account])).values();
    if (!first) return refused("unknown");
    return others.length > 0 ? refused("several") : { ...done, account: first };
  }

  async function show(typed: string): Promise<Outcome<{ shown: AccountShown }, "unknown" | "several">> {
    const found = await find(typed);
    if (!found.ok) return found;
    const { account } = found;
    const shown = {
      account,
      identifiers: await accounts.identifiersOf(store, account.id),
      contacts: await accounts.contactPointsOf(store, account.id),
      roles: await rolesShown(account.id),
      lockedUntil: await deps.lockedUntil(store, account.id),
      sessions: (await deps.listSessions(store, account.id)).length,
      hasSecondFactor: await deps.hasSecondFactor(store, account.id),
    };
    return { ...done, shown };
  }

  async function rolesShown(accountId: string): Promise<AccountShown["roles"]> {
    const given = await roles.givenTo(store, accountId);
    const named = await establishments?.named(
      store,
      given.flatMap(({ establishmentId }) => establishmentId ?? []),
    );
    return given.map(({ role, establishmentId, expiresAt }) => ({
      role: role.id,
      establishment: named?.get(establishmentId ?? "")?.code ?? null,
      expiresAt,
    }));
  }

  /** Does something to the account that was named; false from `act` means that its status forbids it. */
  async function change(
    typed: string,
    event: string,
    act: (tx: Tx, account: Account) => Promise<boolean | "joined">,
  ): Promise<Outcome<object, ActRefusal>> {
    const found = await find(typed);
    if (!found.ok) return found;
    return store.transact(async (tx) => {
      const isDone = await act(tx, found.account);
      if (isDone !== true) return refused(isDone || "status");
      await record(tx, found.account.id, event);
      return done;
    });
  }

  /** Gives a role, or takes one away; every session ends, so that what was open on the desk is not. */
  async function changeRole(
    typed: string,
    asked: RoleAsked,
    what: "given" | "taken",
  ): Promise<Outcome<object, ActRefusal>> {
    const role = knownRole(asked.role);
    if (!role) return refused("role");
    const found = await find(typed);
    if (!found.ok) return found;
    const place = await placeOf(role, asked.establishment);
    // One that was given before the role had walls opens nothing, and can be taken without naming any.
    const isNowhere = what === "taken" && place === "establishment-missing";
    if (typeof place === "string" && !isNowhere) return refused(place);
    const at = typeof place === "string" ? null : place;
    return store.transact(async (tx) => {
      const account = await accounts.hold(tx, found.account.id);
      if (!account || account.status === "closed") return refused("status");
      const held = (await roles.givenTo(tx, account.id)).filter((given) => given.role.id === role.id);
      const there = held.filter(({ establishmentId }) => establishmentId === (at?.id ?? null));
      if (what === "given") {
        const establishmentId = at?.id ?? null;
        await roles.grant(tx, { accountId: account.id, role: role.id, grantedBy: null, establishmentId });
      } else {
        if (there.length === 0)
          return refused(isNowhere && held.length > 0 ? "establishment-missing" : "no-role");
        for (const { grantId } of there) await roles.takeGiven(tx, grantId);
      }
      await deps.endSessions(tx, account.id);
      const name = role.name[account.locale] ?? role.id;
      const title = at === null ? name : `${name} (${at.name})`;
      await record(tx, account.id, what === "given" ? "role-given" : "role-withdrawn", { role: title });
      const isStaff = what === "given" || (await roles.isStaff(tx, account.id));
      await deps.tellRole(tx, account, what, isStaff ? title : null);
      return done;
    });
  }

  /** For the highest role, which nobody on the desk is above, and for whoever cannot wait a day. */
  async function resetSecondFactor(typed: string): Promise<Outcome<object, ActRefusal>> {
    const found = await find(typed);
    if (!found.ok) return found;
    return store.transact(async (tx) => {
      if (!(await deps.resetSecondFactor(tx, found.account))) return refused("no-factor");
      await record(tx, found.account.id, "second-factor-reset");
      return done;
    });
  }

  /** Nobody is signed in any more, and nothing that was asked for works. */
  async function endEverything(tx: Tx, accountId: string): Promise<void> {
    await deps.endSessions(tx, accountId);
    await deps.endChallenges(tx, accountId);
  }

  return {
    create,
    show,
    unlock: (typed: string) =>
      change(typed, "account-unlocked", async (tx, { id }) => {
        await deps.clearLockout(tx, id);
        return true;
      }),
    disable: (typed: string) =>
      change(typed, "account-disabled", async (tx, { id }) => {
        const isDisabled = await accounts.moveStatus(tx, id, "active", { status: "disabled" });
        if (isDisabled) await endEverything(tx, id);
        return isDisabled;
      }),
    enable: (typed: string) =>
      change(typed, "account-enabled", async (tx, { id, status }) => {
        // Its pupils and records stand in the other one: what wakes it is their separation.
        if (status === "disabled" && (await deps.joinedWith(tx, id))) return "joined";
        return accounts.moveStatus(tx, id, "disabled", { status: "active" });
      }),
    close: (typed: string) =>
      change(typed, "account-closed", async (tx, { id, status }) => {
        const closed = { status: "closed", closed_at: clock.now() } as const;
        if (status === "closed" || !(await accounts.moveStatus(tx, id, status, closed))) return false;
        await endEverything(tx, id);
        await deps.forgetKnownBrowsers(tx, id);
        await roles.revoke(tx, id);
        return true;
      }),
    grant: (typed: string, asked: RoleAsked) => changeRole(typed, asked, "given"),
    revoke: (typed: string, asked: RoleAsked) => changeRole(typed, asked, "taken"),
    resetSecondFactor,
    signOut: (typed: string) =>
      change(typed, "account-signed-out", async (tx, { id }) => {
        await deps.endSessions(tx, id);
        return true;
      }),
  };
}
