import type { Preset } from "../../config/preset.ts";
import type { Caller } from "../../kernel/caller.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Keys } from "../../kernel/keys.ts";
import type { Requests } from "../../outbox/requests.ts";
import type { Asked, Db, Tx } from "../../store/store.ts";
import type { Challenges } from "../challenges/challenges.ts";
import * as rows from "./lockout.store.ts";

/**
 * Lockout: so many wrong passwords in a row lock the identifier for a while, for browsers that the account does
 * not know; each known browser has a count of its own (promise 6). Counted by an HMAC of the identifier as typed,
 * so that an unknown one is warned and locked exactly like a known one (promise 2).
 *
 * Tables: lockout_counters. Settings: lockout.*, limits "lock-message.per-account", "request.*".
 * Rules to end a lock: unlock. Refusals: lockout.*. Requests: lockout.locked, lockout.asked, resolved by
 * lockout.worker. Messages: lockout.locked, lockout.not-locked.
 */
export type Charge =
  /** `triesLeft` after this one; with `lock` this try was the last, and has locked unless it proves right. */
  | { ok: true; key: string; triesLeft: number; lock: { id: string; until: number } | null }
  | { ok: false; until: number };

/** What the unlock page of a browser is about. `lockedUntil` is null where the person only asked for a message. */
export interface UnlockContext {
  identifier: string;
  identifierKey: string;
  lockedUntil: number | null;
}

/** What the worker receives. */
export interface UnlockRequest {
  challengeId: string;
  linkPlain: string;
  codePlain: string;
  context: UnlockContext;
  sourceKey: string;
}

export interface LockoutAccounts {
  identifiersOf(db: Db, accountId: string): Promise<{ key: string; shown: string }[]>;
}

export type Lockout = ReturnType<typeof createLockout>;

export function createLockout(deps: {
  clock: Clock;
  ids: Ids;
  keys: Keys;
  preset: Preset;
  requests: Requests;
  challenges: Challenges;
  accounts: LockoutAccounts;
  knownBrowsersOf: (db: Db, accountId: string) => Promise<{ id: string }[]>;
}) {
  const { clock, keys } = deps;
  const { triesBeforeLock, lockForSeconds, countForgottenAfterSeconds } = deps.preset.lockout;

  const counted = (identifierKey: string, knownBrowserId: string | null) =>
    knownBrowserId === null
      ? { purpose: "lockout.identifier", plain: identifierKey }
      : { purpose: "lockout.known-browser", plain: `${knownBrowserId} ${identifierKey}` };

  /** Under what the failures of an identifier are counted: for strangers, or for one known browser. */
  function counterKey(identifierKey: string, knownBrowserId: string | null): string {
    const { purpose, plain } = counted(identifierKey, knownBrowserId);
    return keys.digest(purpose, plain);
  }

  /** Charges a try before its password is judged: of many at once, no more than the limit are judged. */
  async function charge(db: Asked, key: string): Promise<Charge> {
    const now = clock.now();
    const charged = await rows.charge(db, key, {
      now,
      countsFrom: now - countForgottenAfterSeconds * second,
      triesBeforeLock,
      lockedUntil: now + lockForSeconds * second,
      lockId: deps.ids.uuid(),
    });
    if (!charged) {
      const counter = await rows.find(db, key);
      return { ok: false, until: counter?.locked_until ?? now };
    }
    const { locked_until: until, lock_id: id } = charged;
    return {
      ok: true,
      key,
      triesLeft: triesBeforeLock - charged.failures,
      lock: until === null || id === null ? null : { id, until },
    };
  }

  /** Opens a challenge to unlock and commits its request, for everybody alike (promise 2). */
  async function commitUnlockRequest(
    tx: Tx,
    caller: Caller,
    context: UnlockContext,
    asked: { kind: "lockout.locked" | "lockout.asked"; resends: number },
  ): Promise<void> {
    const lastsForMs = context.lockedUntil === null ? null : context.lockedUntil - clock.now();
    const opened = await deps.challenges.open(tx, {
      purpose: "unlock",
      subject: context.identifierKey,
      caller,
      locale: caller.locale,
      context,
      lastsForSeconds: lastsForMs === null ? lockForSeconds : Math.ceil(lastsForMs / second),
      resends: asked.resends,
    });
    const payload: UnlockRequest = {
      challengeId: opened.id,
      linkPlain: opened.linkPlain,
      codePlain: opened.codePlain,
      context,
      sourceKey: caller.sourceKey,
    };
    await deps.requests.commit(tx, { kind: asked.kind, payload, incident: caller.incident });
  }

  interface Counter {
    key: string;
    identifier: string;
    isKnownBrowser: boolean;
  }

  /** Every counter that can lock this account: all its identifiers, for strangers and for each known browser. */
  async function listCounters(db: Db, accountId: string): Promise<Counter[]> {
    const identifiers = await deps.accounts.identifiersOf(db, accountId);
    const browsers = await deps.knownBrowsersOf(db, accountId);
    const whoms = [null, ...browsers.map(({ id }) => id)];
    return identifiers.flatMap((identifier) =>
      whoms.flatMap((whom) => {
        const { purpose, plain } = counted(identifier.key, whom);
        const about = { identifier: identifier.shown, isKnownBrowser: whom !== null };
        return keys.digests(purpose, plain).map((key) => ({ key, ...about }));
      }),
    );
  }

  const countersOf = async (db: Db, accountId: string) =>
    (await listCounters(db, accountId)).map(({ key }) => key);

  /** The locks of an account, for staff: for whom, since when and until when, after how many wrong passwords. */
  async function locksOf(db: Db, accountId: string) {
    const counters = await listCounters(db, accountId);
    const locked = await rows.listLocked(
      db,
      counters.map(({ key }) => key),
      clock.now(),
    );
    return locked.flatMap((row) => {
      const counter = counters.find(({ key }) => key === row.key);
      if (!counter || row.locked_until === null) return [];
      const { identifier, isKnownBrowser } = counter;
      const times = { since: row.last_failure_at, until: row.locked_until };
      return [{ identifier, isKnownBrowser, failures: row.failures, ...times }];
    });
  }

  return {
    counterKey,
    charge,
    commitUnlockRequest,
    /** Gives a charged try back: it could not be judged. */
    refund: (tx: Tx, charged: Charge & { ok: true }) =>
      rows.refund(tx, charged.key, charged.lock?.id ?? null),
    /** The password was right: the count starts again. */
    reset: (tx: Tx, key: string) => rows.remove(tx, [key]),
    /** Ends every lock and count of an account: unlock and recovery (promise 5). */
    clearOfAccount: async (tx: Tx, accountId: string) => rows.remove(tx, await countersOf(tx, accountId)),
    locksOf,
    /** Which of these identifiers are locked for strangers, and until when: for a list, asked in one go. */
    async lockedIdentifiers(db: Db, identifierKeys: string[]): Promise<Map<string, number>> {
      const byCounter = new Map(
        identifierKeys.flatMap((identifierKey) => {
          const { purpose, plain } = counted(identifierKey, null);
          return keys.digests(purpose, plain).map((key) => [key, identifierKey] as const);
        }),
      );
      const locked = await rows.listLocked(db, [...byCounter.keys()], clock.now());
      return new Map(
        locked.map((row) => [byCounter.get(row.key) as string, row.locked_until as number] as const),
      );
    },
    /** Until when the account is locked for somebody; null when for nobody. */
    lockedUntil: async (db: Db, accountId: string) =>
      rows.lockedUntil(db, await countersOf(db, accountId), clock.now()),
    /** Forgets counts that count no more. */
    forgetOld: (tx: Tx) => rows.forget(tx, clock.now() - countForgottenAfterSeconds * second, clock.now()),
  };
}
