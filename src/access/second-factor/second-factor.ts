import type { Account, Identifier } from "../../accounts/accounts.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Caller, Person, StartedSession } from "../../kernel/caller.ts";
import { type Clock, minute } from "../../kernel/clock.ts";
import type { Keys } from "../../kernel/keys.ts";
import { drawCrockford, type Random } from "../../kernel/random.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import type { Budgets } from "../budgets/budgets.ts";
import * as rows from "./second-factor.store.ts";
import { secretBytes, stepOfCode, toBase32, totpAddress } from "./totp.ts";

/**
 * The second factor, without which the desk stays closed: the code of an authenticator application (TOTP, RFC 6238),
 * or one of ten recovery codes that each serve once (NIST SP 800-63B-4 §3.1.2, look-up secrets; ASVS 5.0 §6.5).
 * It is proved once in each session, and survives a recovery of the password: whoever reads the mailbox alone does
 * not come to the desk.
 *
 * Tables: second_factors, second_factor_codes. Settings: limits "second-factor.wrong-per-account",
 * "lock-message.per-account". Refusals: second-factor.*. Messages: second-factor.changed, .code-used, .guessed.
 */
export type SecondFactor = ReturnType<typeof createSecondFactor>;

/** What the owner's pages show; never the secret. */
export interface SecondFactorState {
  setUpAt: number;
  codesLeft: number;
  areCodesKept: boolean;
}

/** What an application needs to know before it is proved that it knows it. */
export interface Preparation {
  /** Base 32, to be typed where no picture can be read. */
  secretPlain: string;
  /** `otpauth://…`, for the QR code. */
  address: string;
}

type CodeRefusal =
  | { ok: false; refusal: "second-factor.missing" | "second-factor.wrong" | "second-factor.wrong-recovery" }
  | { ok: false; refusal: "second-factor.too-many"; until: number }
  | { ok: false; refusal: "account.signed-out" };

export type ProveOutcome = { ok: true; session: StartedSession; state: SecondFactorState } | CodeRefusal;
export type SetUpOutcome =
  | { ok: true; session: StartedSession; codes: string[] }
  | { ok: false; refusal: "second-factor.set-up-already" }
  | CodeRefusal;

/** What is told of, with its line in the journal. */
const changes = {
  "set-up": { event: "second-factor.set-up" },
  replaced: { event: "second-factor.replaced" },
  removed: { event: "second-factor.removed" },
  "codes-made": { event: "second-factor.codes-made" },
} as const;

const codesMade = 10;
const codeLength = 12;
/** Changing a second factor asks for a proof younger than this (ASVS 5.0 §7.5.1). */
const freshFor = 10 * minute;

export interface SecondFactorDeps {
  store: Store;
  clock: Clock;
  random: Random;
  keys: Keys;
  journal: Journal;
  budgets: Budgets;
  brandName: string;
  identifiersOf: (db: Db, accountId: string) => Promise<Identifier[]>;
  /** The account of a session that still lives, held until the transaction ends; null if the session ended. */
  holdSignedIn: (tx: Tx, person: Person) => Promise<Account | null>;
  /** The same session under a new cookie, proved by a second factor. */
  renewProved: (tx: Tx, person: Person) => Promise<StartedSession | null>;
  /** No session of the account counts as proved any more. */
  forgetProofs: (tx: Tx, accountId: string) => Promise<void>;
  endOtherSessions: (tx: Tx, accountId: string, keptSessionId: string) => Promise<number>;
  /** Ends a reset that waits, as kept by its owner. */
  keepWaiting: (tx: Tx, caller: Caller, accountId: string) => Promise<unknown>;
  /** The newest line of the account's journal about one of these events. */
  newestLineOf: (db: Db, accountId: string, events: string[]) => Promise<{ id: string } | null>;
  /** Tells every contact point of the account. */
  tellContacts: (
    tx: Tx,
    account: Account,
    message: { template: string; params: Record<string, string | number | null> },
  ) => Promise<void>;
}

export function createSecondFactor(deps: SecondFactorDeps) {
  const { store, clock, keys, budgets } = deps;

  const seal = (secretPlain: string) => keys.seal("second-factor.secret", secretPlain);
  const digestsOf = (accountId: string, codePlain: string) =>
    keys.digests(`second-factor.code.${accountId}`, codePlain);

  async function state(db: Db, accountId: string): Promise<SecondFactorState | null> {
    const found = await rows.find(db, accountId);
    return found && stateOf(db, found);
  }

  async function stateOf(db: Db, found: rows.SecondFactorRow): Promise<SecondFactorState> {
    const codesLeft = await rows.countCodesLeft(db, found.account_id);
    return { setUpAt: found.set_up_at, codesLeft, areCodesKept: found.codes_kept_at !== null };
  }

  /**
   * The secrets that this session may set up now, the present one first. Derived from the master secret (RFC 4226
   * §7.5), so that opening the page changes nothing and a page left open or opened twice shows the same one; another
   * one for every session, after every set-up and after every removal.
   */
  async function preparedSecrets(
    db: Db,
    person: Person,
    found: rows.SecondFactorRow | null,
  ): Promise<string[]> {
    const removal = await deps.newestLineOf(db, person.accountId, [changes.removed.event]);
    const subject = `${person.accountId} ${person.sessionId} ${found?.set_up_at ?? 0} ${removal?.id ?? ""}`;
    return keys
      .digests("second-factor.preparation", subject)
      .map((digest) => toBase32(Buffer.from(digest, "base64url").subarray(0, secretBytes)));
  }

  async function prepare(person: Person): Promise<Preparation> {
    const found = await rows.find(store, person.accountId);
    const [secretPlain = ""] = await preparedSecrets(store, person, found);
    const [identifier] = await deps.identifiersOf(store, person.accountId);
    const label = identifier?.shown ?? person.name;
    return { secretPlain, address: totpAddress(secretPlain, { issuer: deps.brandName, label }) };
  }

  const record = (tx: Tx, caller: Caller, accountId: string, event: string, params = {}) =>
    deps.journal.record(tx, {
      event,
      accountId,
      actor: { kind: "person", id: accountId },
      caller,
      params,
    });

  /** Charged before anything is judged, right codes too: of a thousand tries at once, ten are judged. */
  async function charge(tx: Tx, caller: Caller, account: Account): Promise<CodeRefusal | null> {
    const budget = await budgets.spend(tx, "second-factor.wrong-per-account", account.id);
    if (budget.ok) return null;
    // Whoever comes as far as this knows the password: its owner must hear of it.
    if ((await budgets.spend(tx, "lock-message.per-account", account.id)).ok) {
      await record(tx, caller, account.id, "second-factor.guessed");
      await deps.tellContacts(tx, account, {
        template: "second-factor.guessed",
        params: { until: budget.until, browser: caller.browser },
      });
    }
    return { ok: false, refusal: "second-factor.too-many", until: budget.until };
  }

  async function refuseWrong(
    tx: Tx,
    caller: Caller,
    accountId: string,
    refusal: "second-factor.wrong" | "second-factor.wrong-recovery" = "second-factor.wrong",
  ): Promise<CodeRefusal> {
    await record(tx, caller, accountId, "second-factor.wrong");
    return { ok: false, refusal };
  }

  const drawCodes = () => Array.from({ length: codesMade }, () => drawCrockford(deps.random, codeLength));

  async function writeCodes(tx: Tx, accountId: string, codes: string[]): Promise<void> {
    const digests = codes.map((codePlain) => digestsOf(accountId, codePlain)[0] as string);
    await rows.replaceCodes(tx, accountId, digests, clock.now());
  }

  /**
   * Sets a second factor up once its application shows the right code, and proves this session by it. With
   * `replaces`, in the place of the present one, which this session must have proved a moment ago.
   */
  async function setUp(
    caller: Caller,
    person: Person,
    typed: string,
    { replaces }: { replaces: boolean },
  ): Promise<SetUpOutcome> {
    if (typed.trim() === "") return { ok: false, refusal: "second-factor.missing" };
    const codes = drawCodes();
    return store.transact(async (tx): Promise<SetUpOutcome> => {
      const account = await deps.holdSignedIn(tx, person);
      if (!account) return { ok: false, refusal: "account.signed-out" };
      const found = await rows.find(tx, account.id);
      // Whoever has only the password must not put their own telephone in the place of the owner's.
      if (found !== null && !(replaces && isFresh(person))) {
        return { ok: false, refusal: "second-factor.set-up-already" };
      }
      const charged = await charge(tx, caller, account);
      if (charged) return charged;
      const now = clock.now();
      for (const secretPlain of await preparedSecrets(tx, person, found)) {
        const step = stepOfCode(secretPlain, typed, now);
        if (step === null) continue;
        const session = await deps.renewProved(tx, person);
        if (!session) return { ok: false, refusal: "account.signed-out" };
        await rows.remove(tx, account.id);
        await rows.insert(tx, {
          account_id: account.id,
          secret: seal(secretPlain),
          set_up_at: now,
          last_step: step,
          codes_made_at: now,
          codes_kept_at: null,
        });
        await writeCodes(tx, account.id, codes);
        await deps.endOtherSessions(tx, account.id, person.sessionId);
        // It was asked for of the one that is gone, and would take this one away.
        await deps.keepWaiting(tx, caller, account.id);
        await changed(tx, caller, account, found === null ? "set-up" : "replaced");
        return { ok: true, session, codes: codes.map(inGroups) };
      }
      return refuseWrong(tx, caller, account.id);
    });
  }

  async function changed(
    tx: Tx,
    caller: Caller,
    account: Account,
    what: keyof typeof changes,
  ): Promise<void> {
    await record(tx, caller, account.id, changes[what].event);
    await deps.tellContacts(tx, account, {
      template: "second-factor.changed",
      params: { what, browser: caller.browser },
    });
  }

  /** Proves this session by the code of an application; a code that was taken once is not taken again. */
  function prove(caller: Caller, person: Person, typed: string): Promise<ProveOutcome> {
    return judge(caller, person, typed, "second-factor.wrong", async (tx, account, found) => {
      const secretPlain = keys.open("second-factor.secret", found.secret);
      const step = secretPlain === null ? null : stepOfCode(secretPlain, typed, clock.now());
      if (secretPlain === null || step === null) return false;
      if (!(await rows.takeStep(tx, account.id, step, seal(secretPlain)))) return false;
      await record(tx, caller, account.id, "second-factor.proved");
      return true;
    });
  }

  /** The same by a recovery code, which is spent with it; its owner is told. */
  function proveByRecoveryCode(caller: Caller, person: Person, typed: string): Promise<ProveOutcome> {
    return judge(caller, person, typed, "second-factor.wrong-recovery", async (tx, account) => {
      const digests = digestsOf(account.id, readRecoveryCode(typed));
      if (!(await rows.spendCode(tx, account.id, digests, clock.now()))) return false;
      const left = await rows.countCodesLeft(tx, account.id);
      await record(tx, caller, account.id, "second-factor.code-used", { left });
      await deps.tellContacts(tx, account, {
        template: "second-factor.code-used",
        params: { left, browser: caller.browser },
      });
      return true;
    });
  }

  async function judge(
    caller: Caller,
    person: Person,
    typed: string,
    refusal: "second-factor.wrong" | "second-factor.wrong-recovery",
    isRight: (tx: Tx, account: Account, found: rows.SecondFactorRow) => Promise<boolean>,
  ): Promise<ProveOutcome> {
    if (typed.trim() === "") return { ok: false, refusal: "second-factor.missing" };
    return store.transact(async (tx): Promise<ProveOutcome> => {
      const account = await deps.holdSignedIn(tx, person);
      if (!account) return { ok: false, refusal: "account.signed-out" };
      const charged = await charge(tx, caller, account);
      if (charged) return charged;
      const found = await rows.find(tx, account.id);
      if (!found || !(await isRight(tx, account, found))) {
        return refuseWrong(tx, caller, account.id, refusal);
      }
      const session = await deps.renewProved(tx, person);
      if (!session) return { ok: false, refusal: "account.signed-out" };
      return { ok: true, session, state: await stateOf(tx, found) };
    });
  }

  /** Whether this session was proved a moment ago: what a change of the second factor itself asks for. */
  function isFresh(person: Person): boolean {
    return person.secondFactorAt !== null && person.secondFactorAt > clock.now() - freshFor;
  }

  /** Ten new recovery codes; the old ones serve no more. Null where the proof is not fresh. */
  async function makeCodes(caller: Caller, person: Person): Promise<string[] | null> {
    const codes = drawCodes();
    return store.transact(async (tx) => {
      const account = await deps.holdSignedIn(tx, person);
      if (!account || !isFresh(person) || !(await rows.find(tx, account.id))) return null;
      await writeCodes(tx, account.id, codes);
      await changed(tx, caller, account, "codes-made");
      return codes.map(inGroups);
    });
  }

  /** The person says that they have kept their recovery codes. */
  async function keepCodes(person: Person): Promise<void> {
    if (person.secondFactorAt === null) return;
    await store.transact((tx) => rows.markCodesKept(tx, person.accountId, clock.now()));
  }

  /** Takes the second factor away; false where the proof is not fresh, or there is none. */
  async function remove(caller: Caller, person: Person): Promise<boolean> {
    return store.transact(async (tx) => {
      const account = await deps.holdSignedIn(tx, person);
      if (!account || !isFresh(person) || !(await rows.remove(tx, account.id))) return false;
      await deps.forgetProofs(tx, account.id);
      await deps.endOtherSessions(tx, account.id, person.sessionId);
      await changed(tx, caller, account, "removed");
      return true;
    });
  }

  return {
    state,
    isSetUp: async (db: Db, accountId: string) => (await rows.find(db, accountId)) !== null,
    prepare,
    setUp,
    prove,
    proveByRecoveryCode,
    isFresh,
    makeCodes,
    keepCodes,
    remove,
    /** For the trial's invented staff, whose secret is printed on `/_trial`. */
    async plant(tx: Tx, accountId: string, secretPlain: string): Promise<void> {
      const now = clock.now();
      await rows.insert(tx, {
        account_id: accountId,
        secret: seal(secretPlain),
        set_up_at: now,
        last_step: 0,
        codes_made_at: now,
        codes_kept_at: now,
      });
      await writeCodes(tx, accountId, drawCodes());
      await rows.markCodesKept(tx, accountId, now);
    },
  };
}

/** In groups of four, as the page shows it. */
export function inGroups(code: string): string {
  return code.match(/.{1,4}/g)?.join("-") ?? code;
}

/** What looks alike is alike: small letters, and Crockford's I, L and O. */
function readRecoveryCode(typed: string): string {
  return typed
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, "")
    .replaceAll(/[IL]/g, "1")
    .replaceAll("O", "0");
}
