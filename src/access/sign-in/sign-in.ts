import type { AccountAtTheDoor, ContactPoint } from "../../accounts/accounts.ts";
import { normaliseIdentifier } from "../../accounts/addresses/username.ts";
import type { Journal } from "../../journal/journal.ts";
import { stranger } from "../../journal/journal.ts";
import type { Caller, Person, StartedSession } from "../../kernel/caller.ts";
import type { Asked, Db, Store, Tx } from "../../store/store.ts";
import type { Budgets } from "../budgets/budgets.ts";

/**
 * Sign-in: an identifier and a password open a session. Nothing here tells whether an account exists: an unknown
 * one is asked for by the same statements, judged by the same hash, warned and locked alike (promise 2).
 *
 * Tables: none of its own. Settings: lockout.*, sessions.*, slowedAddresses, limits "sign-in.*".
 * Refusals: sign-in.*. Events: sign-in.done, sign-in.refused.
 */
export interface SignInForm {
  identifier: string;
  password: string;
  isRemembered: boolean;
  /** The person was told who is signed in in this browser, and goes on as another. */
  replacesAnother: boolean;
}

export type SignInOutcome =
  /** `stopAt`: a page to show on the way to where the person was going; null to go on at once. */
  | { ok: true; accountId: string; session: StartedSession; stopAt: string | null; isStaff: boolean }
  | { ok: false; refusal: "sign-in.missing"; fields: ("identifier" | "password")[] }
  | { ok: false; refusal: "sign-in.other-account"; name: string }
  | { ok: false; refusal: "sign-in.wrong"; isLastTry: boolean }
  | { ok: false; refusal: "sign-in.locked"; until: number }
  | { ok: false; refusal: "sign-in.blocked"; until: number }
  | { ok: false; refusal: "sign-in.pending"; email: string | null }
  /** One with another account by now: which one, and what undoes it (null where nothing does any more). */
  | { ok: false; refusal: "sign-in.joined"; identifier: string; undoToken: string | null }
  | { ok: false; refusal: "sign-in.disabled" | "sign-in.closed" };

export type SignInRefusal = Exclude<SignInOutcome, { ok: true }>;

/** One try as the lockout charged it. */
type Charge =
  | { ok: true; key: string; triesLeft: number; lock: { id: string; until: number } | null }
  | { ok: false; until: number };

interface LockContext {
  identifier: string;
  identifierKey: string;
  lockedUntil: number;
}

export interface SignInDeps {
  store: Store;
  journal: Journal;
  budgets: Budgets;
  passwords: {
    verify(hash: string | null, plain: string): Promise<boolean>;
    hash(plain: string): Promise<string>;
    needsRehash(hash: string): boolean;
  };
  accounts: {
    findAtTheDoor(db: Asked, key: string): Promise<AccountAtTheDoor | null>;
    findEmail(db: Db, accountId: string): Promise<ContactPoint | null>;
    holdActive(tx: Tx, id: string, passwordHash: string): Promise<boolean>;
    replaceHash(tx: Tx, id: string, from: string, to: string): Promise<void>;
  };
  lockout: {
    counterKey(identifierKey: string, knownBrowserId: string | null): string;
    charge(db: Asked, key: string): Promise<Charge>;
    refund(tx: Tx, charged: Charge & { ok: true }): Promise<void>;
    reset(tx: Tx, key: string): Promise<void>;
    commitLock(tx: Tx, caller: Caller, context: LockContext): Promise<void>;
  };
  recognise: (db: Asked, cookieValue: string | null, accountId: string | null) => Promise<string | null>;
  /** Starts a session in a browser that becomes known with it. */
  startSession: (tx: Tx, caller: Caller, accountId: string, isRemembered: boolean) => Promise<StartedSession>;
  endSession: (tx: Tx, person: Person) => Promise<void>;
  /** The account that this one became one with; null where it did with none. */
  joinedWith: (db: Db, accountId: string) => Promise<{ identifier: string; undoToken: string | null } | null>;
  /** A page on which the person is to stop first; null for none. */
  afterSignIn: (tx: Tx, account: AccountAtTheDoor) => Promise<string | null>;
  /** Whether they have a desk: staff who were going nowhere else are sent there. */
  isStaff: (tx: Tx, accountId: string) => Promise<boolean>;
  /** Holds back a try from an establishment's addresses, which are never blocked (promise 6). */
  slowDown: () => Promise<void>;
}

/** What is known of a try before its password is judged. */
interface Try {
  caller: Caller;
  identifier: string;
  identifierKey: string;
  account: AccountAtTheDoor | null;
  knownBrowserId: string | null;
}

/** Past the door, with a try charged and still to be judged; or refused there. */
type Entrance =
  | { ok: true; made: Try; charged: Charge & { ok: true }; isSlowed: boolean }
  | { ok: false; why: "other-account"; name: string }
  | { ok: false; why: "blocked" | "locked"; made: Try; until: number };

export type SignIn = ReturnType<typeof createSignIn>;

export function createSignIn(deps: SignInDeps) {
  const { store, lockout, accounts, budgets } = deps;

  /** Judged, and found right: an active account whose password this is, with the try that it cost. */
  type Admitted = { ok: true; made: Try; account: AccountAtTheDoor; charged: Charge & { ok: true } };

  async function signIn(caller: Caller, form: SignInForm, current: Person | null): Promise<SignInOutcome> {
    const admitted = await admit(caller, form, current);
    if (!admitted.ok) return admitted;
    // 7. Session fixation: a new id at every sign-in, and this browser's old session ends (ASVS 5.0 §7.2.4).
    return open(admitted.made, admitted.account, form, admitted.charged, current);
  }

  /**
   * Judges an identifier and its password as a sign-in does, by the same counters and with the same refusals, and opens
   * nothing: for somebody signed in who owns another account, too. `noteRight` writes down, whoever's account it is, that
   * its password was given: a guess that was right must not pass without a trace.
   */
  async function judgeOther(
    caller: Caller,
    typed: Pick<SignInForm, "identifier" | "password">,
    noteRight: (tx: Tx, accountId: string) => Promise<void>,
  ): Promise<{ ok: true; accountId: string; passwordHash: string } | SignInRefusal> {
    const form = { ...typed, isRemembered: false, replacesAnother: true };
    const admitted = await admit(caller, form, null);
    if (!admitted.ok) return admitted;
    const { id, password_hash } = admitted.account;
    await store.transact(async (tx) => {
      await lockout.reset(tx, admitted.charged.key);
      await noteRight(tx, id);
    });
    return { ok: true, accountId: id, passwordHash: password_hash as string };
  }

  /** The order below is the order of defence. */
  async function admit(
    caller: Caller,
    form: SignInForm,
    current: Person | null,
  ): Promise<Admitted | SignInRefusal> {
    const identifierKey = normaliseIdentifier(form.identifier);
    const fields = missing(identifierKey, form.password);
    if (fields.length > 0) return { ok: false, refusal: "sign-in.missing", fields };

    const entered = await store.withoutTransaction((db) =>
      enter(db, caller, { ...form, identifierKey }, current),
    );
    if (!entered.ok) return refuseEntrance(entered);
    const { made, charged } = entered;

    // 5. Timing: an account that is unknown or has no password is judged against a dummy hash.
    const isRight = await judge(entered, form.password);

    // 6. Probing for states: what an account is, is said only after its right password.
    if (!isRight || !made.account) return refuseWrong(made, charged);
    if (made.account.status !== "active") return refuseInactive(made, made.account, charged);
    return { ok: true, made, account: made.account, charged };
  }

  /** What comes before the password is judged: a few questions, and one statement that charges the try. */
  async function enter(
    db: Asked,
    caller: Caller,
    form: SignInForm & { identifierKey: string },
    current: Person | null,
  ): Promise<Entrance> {
    // 1. Account enumeration: the same questions whoever is named; an unknown account goes on like any other.
    const [made, failures] = await Promise.all([
      recogniseTry(db, caller, form),
      budgets.look(db, "sign-in.failures-per-source", caller.sourceKey),
    ]);

    // 2. Session mix-up (login CSRF, a shared computer): nobody's session is replaced without their being told.
    if (current && current.accountId !== made.account?.id && !form.replacesAnother) {
      return { ok: false, why: "other-account", name: current.name };
    }

    // 3. Password spraying from one address: stops unknown browsers only, so that it cannot keep an owner out.
    const blockedUntil = failures.ok || made.knownBrowserId !== null ? null : failures.until;
    if (blockedUntil !== null && !caller.isSlowed) {
      return { ok: false, why: "blocked", made, until: blockedUntil };
    }

    // 4. Guessing one password: the try is charged before it is judged, so that tries at once share no charge.
    //    While locked nothing is judged, not even the right password.
    const charged = await lockout.charge(db, lockout.counterKey(made.identifierKey, made.knownBrowserId));
    if (!charged.ok) return { ok: false, why: "locked", made, until: charged.until };
    return { ok: true, made, charged, isSlowed: blockedUntil !== null };
  }

  async function refuseEntrance(refused: Entrance & { ok: false }): Promise<SignInRefusal> {
    if (refused.why === "other-account") {
      return { ok: false, refusal: "sign-in.other-account", name: refused.name };
    }
    const { made, until } = refused;
    return store.transactLightly(async (tx): Promise<SignInRefusal> => {
      if (refused.why === "blocked") {
        await record(tx, made, "address blocked");
        return { ok: false, refusal: "sign-in.blocked", until };
      }
      await record(tx, made, "locked");
      const hammeringUntil = await countWhileLocked(tx, made);
      return hammeringUntil === null
        ? { ok: false, refusal: "sign-in.locked", until }
        : { ok: false, refusal: "sign-in.blocked", until: hammeringUntil };
    });
  }

  async function recogniseTry(
    db: Asked,
    caller: Caller,
    { identifier, identifierKey }: { identifier: string; identifierKey: string },
  ): Promise<Try> {
    const account = await accounts.findAtTheDoor(db, identifierKey);
    const knownBrowserId = await deps.recognise(db, caller.knownCookie, account?.id ?? null);
    return { caller, identifier: identifier.trim().slice(0, 320), identifierKey, account, knownBrowserId };
  }

  /** Hammering one locked identifier meets the short block too (promise 6). */
  async function countWhileLocked(tx: Tx, made: Try): Promise<number | null> {
    const { sourceKey, isSlowed } = made.caller;
    if (made.knownBrowserId !== null) return null;
    await budgets.spend(tx, "sign-in.failures-per-source", sourceKey);
    const atThis = await budgets.spend(
      tx,
      "sign-in.tries-per-identifier-while-locked",
      `${sourceKey} ${made.identifierKey}`,
    );
    return atThis.ok || isSlowed ? null : atThis.until;
  }

  async function judge(entered: Entrance & { ok: true }, password: string): Promise<boolean> {
    try {
      // An establishment's addresses are slowed, never blocked (promise 6).
      if (entered.isSlowed) await deps.slowDown();
      return await deps.passwords.verify(entered.made.account?.password_hash ?? null, password);
    } catch (cause) {
      // A crowd at the door must lock nobody out: what was not judged is not counted.
      await store.transact((tx) => lockout.refund(tx, entered.charged));
      throw cause;
    }
  }

  async function refuseWrong(made: Try, charged: Charge & { ok: true }): Promise<SignInRefusal> {
    const { caller, identifier, identifierKey } = made;
    return store.transact(async (tx): Promise<SignInRefusal> => {
      if (made.knownBrowserId === null) {
        await budgets.spend(tx, "sign-in.failures-per-source", caller.sourceKey);
      }
      await record(tx, made, made.account ? "wrong password" : "no account");
      if (!charged.lock) return { ok: false, refusal: "sign-in.wrong", isLastTry: charged.triesLeft === 1 };
      const lockedUntil = charged.lock.until;
      await deps.journal.record(tx, {
        event: "lockout.locked",
        accountId: made.account?.id ?? null,
        actor: stranger,
        reason: made.knownBrowserId === null ? "unknown browser" : "known browser",
        caller,
      });
      await lockout.commitLock(tx, caller, { identifier, identifierKey, lockedUntil });
      return { ok: false, refusal: "sign-in.locked", until: lockedUntil };
    });
  }

  async function refuseInactive(
    made: Try,
    account: AccountAtTheDoor,
    charged: Charge & { ok: true },
  ): Promise<SignInRefusal> {
    return store.transact(async (tx): Promise<SignInRefusal> => {
      await lockout.reset(tx, charged.key);
      await record(tx, made, account.status);
      const joined = account.status === "pending" ? null : await deps.joinedWith(tx, account.id);
      if (joined) return { ok: false, refusal: "sign-in.joined", ...joined };
      if (account.status === "disabled") return { ok: false, refusal: "sign-in.disabled" };
      if (account.status !== "pending") return { ok: false, refusal: "sign-in.closed" };
      const email = await accounts.findEmail(tx, account.id);
      return { ok: false, refusal: "sign-in.pending", email: email?.address ?? null };
    });
  }

  async function open(
    made: Try,
    account: AccountAtTheDoor,
    form: SignInForm,
    charged: Charge & { ok: true },
    current: Person | null,
  ): Promise<SignInOutcome> {
    const judgedHash = account.password_hash as string;
    const strongerHash = deps.passwords.needsRehash(judgedHash)
      ? await deps.passwords.hash(form.password)
      : null;
    // A session lost in a power cut costs one more sign-in, and its journal line told of nothing else.
    return store.transactLightly(async (tx): Promise<SignInOutcome> => {
      // A recovery that committed while we judged has ended every session: this one must not come after it.
      if (!(await accounts.holdActive(tx, account.id, judgedHash))) {
        await record(tx, made, "changed while it was judged");
        return { ok: false, refusal: "sign-in.wrong", isLastTry: charged.triesLeft === 1 };
      }
      if (strongerHash !== null) await accounts.replaceHash(tx, account.id, judgedHash, strongerHash);
      if (current) await deps.endSession(tx, current);
      const [session, stopAt, isStaff] = await Promise.all([
        deps.startSession(tx, made.caller, account.id, form.isRemembered),
        deps.afterSignIn(tx, account),
        deps.isStaff(tx, account.id),
        lockout.reset(tx, charged.key),
        deps.journal.record(tx, {
          event: "sign-in.done",
          accountId: account.id,
          actor: { kind: "person", id: account.id },
          caller: made.caller,
        }),
      ]);
      return { ok: true, accountId: account.id, session, stopAt, isStaff };
    });
  }

  /** A line of the same shape for known and unknown; its reason is for authorised staff. */
  function record(tx: Tx, made: Try, reason: string): Promise<void> {
    return deps.journal.record(tx, {
      event: "sign-in.refused",
      accountId: made.account?.id ?? null,
      actor: stranger,
      reason,
      caller: made.caller,
    });
  }

  return { signIn, judgeOther };
}

function missing(identifierKey: string, password: string): ("identifier" | "password")[] {
  const fields: ("identifier" | "password")[] = [];
  if (identifierKey === "") fields.push("identifier");
  if (password === "") fields.push("password");
  return fields;
}
