import type { Preset } from "../../config/preset.ts";
import type { Caller, Person, StartedSession } from "../../kernel/caller.ts";
import { type Clock, minute, second } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Keys } from "../../kernel/keys.ts";
import { drawToken, type Random } from "../../kernel/random.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { joinLookups, type Lookup } from "./session-lookup.ts";
import * as rows from "./sessions.store.ts";

/**
 * Sessions: one signed-in browser each, read from the database at every request, so that a revocation holds at
 * once (ASVS 5.0 §7.4). A new id at every sign-in (§7.2.4); idle and absolute limits as the preset says (§7.3).
 *
 * Tables: sessions. Settings: sessions.*. Port: `sessionsEnded`, for the applications connected to them.
 */
export type Sessions = ReturnType<typeof createSessions>;

/** The body of `GET /api/session`. */
export interface SignedInPerson {
  accountId: string;
  name: string;
  locale: string;
  kind: string;
  nickname?: string;
  username?: string;
}

const touchedEvery = minute;

export function createSessions(deps: {
  store: Store;
  clock: Clock;
  random: Random;
  ids: Ids;
  keys: Keys;
  limits: Preset["sessions"];
  /** Told in the same transaction which sessions ended: connected applications sign out with them. */
  sessionsEnded: (tx: Tx, accountId: string, sessionIds: string[]) => Promise<void>;
}) {
  const { store, clock, random, ids, keys, limits } = deps;

  const idleFor = (isRemembered: boolean) =>
    (isRemembered ? limits.rememberedIdleForSeconds : limits.idleForSeconds) * second;

  async function start(
    tx: Tx,
    caller: Caller,
    asked: { accountId: string; isRemembered: boolean; knownBrowserId: string | null },
  ): Promise<StartedSession> {
    const cookiePlain = drawToken(random);
    const now = clock.now();
    const absoluteSeconds = asked.isRemembered
      ? limits.rememberedAbsoluteForSeconds
      : limits.absoluteForSeconds;
    const sessionId = ids.uuid();
    await rows.insert(tx, {
      id: sessionId,
      digest: keys.digest("session", cookiePlain),
      account_id: asked.accountId,
      known_browser_id: asked.knownBrowserId,
      created_at: now,
      last_seen_at: now,
      idle_until: now + idleFor(asked.isRemembered),
      absolute_until: now + absoluteSeconds * second,
      is_remembered: asked.isRemembered ? 1 : 0,
      browser: caller.browser,
      source_address: caller.sourceAddress,
      second_factor_at: null,
    });
    return { cookiePlain, maxAgeSeconds: asked.isRemembered ? absoluteSeconds : null, sessionId };
  }

  const findLive = (digests: string[]) => rows.findLive(store, digests, clock.now());
  const lookUp: Lookup<rows.LiveSession> = joinLookups(findLive);

  /** Idle limits being moved: one write serves all requests that arrive at once. */
  const touching = new Map<string, Promise<void>>();

  async function touch(row: rows.LiveSession, now: number): Promise<void> {
    const idleUntil = now + idleFor(row.is_remembered === 1);
    const underWay =
      touching.get(row.id) ??
      store
        .transactLightly((tx) => rows.touch(tx, row.id, now, idleUntil))
        .finally(() => touching.delete(row.id));
    touching.set(row.id, underWay);
    await underWay;
  }

  /** The live session of this cookie; null when there is none any more. */
  async function peekLive(cookiePlain: string): Promise<rows.LiveSession | null> {
    if (!/^[A-Za-z0-9_-]{22}$/.test(cookiePlain)) return null;
    return lookUp(keys.digests("session", cookiePlain));
  }

  /** The same. Moves the idle limit once a minute. */
  async function readLive(cookiePlain: string): Promise<rows.LiveSession | null> {
    const row = await peekLive(cookiePlain);
    const now = clock.now();
    if (row && row.last_seen_at + touchedEvery <= now) await touch(row, now);
    return row;
  }

  const personOf = (row: rows.LiveSession): Person => ({
    accountId: row.account_id,
    sessionId: row.id,
    name: row.name,
    locale: row.locale,
    secondFactorAt: row.second_factor_at,
  });

  async function read(cookiePlain: string): Promise<Person | null> {
    const row = await readLive(cookiePlain);
    return row && personOf(row);
  }

  /** Who is signed in, asked by a page of itself: the idle limit stands still, for nobody may sit there (ASVS 5.0 §7.3.1). */
  async function peek(cookiePlain: string): Promise<Person | null> {
    const row = await peekLive(cookiePlain);
    return row && personOf(row);
  }

  /** What a program is told of who is signed in. */
  async function describe(cookiePlain: string): Promise<SignedInPerson | null> {
    const row = await readLive(cookiePlain);
    if (!row) return null;
    const { account_id: accountId, name, locale, kind, nickname, username } = row;
    return {
      accountId,
      name,
      locale,
      kind,
      ...(nickname === null ? {} : { nickname }),
      ...(username === null ? {} : { username }),
    };
  }

  /** The same session under a new cookie, when its person proved themselves again (ASVS 5.0 §7.2.4). */
  async function renew(
    tx: Tx,
    person: Person,
    proof: { second_factor_at?: number } = {},
  ): Promise<StartedSession | null> {
    const cookiePlain = drawToken(random);
    const digest = keys.digest("session", cookiePlain);
    const row = await rows.renew(tx, person.sessionId, { digest, ...proof });
    if (!row) return null;
    const leftSeconds = Math.max(1, Math.floor((row.absolute_until - clock.now()) / second));
    return { cookiePlain, maxAgeSeconds: row.is_remembered === 1 ? leftSeconds : null, sessionId: row.id };
  }

  async function end(tx: Tx, person: Person): Promise<void> {
    if (await rows.remove(tx, { id: person.sessionId })) {
      await deps.sessionsEnded(tx, person.accountId, [person.sessionId]);
    }
  }

  /** Ends one session of the same account; false if it is not one of theirs. */
  async function endOther(tx: Tx, accountId: string, sessionId: string): Promise<boolean> {
    const isEnded = await rows.remove(tx, { id: sessionId, accountId });
    if (isEnded) await deps.sessionsEnded(tx, accountId, [sessionId]);
    return isEnded;
  }

  /** Ends all sessions of an account, or all but one; answers how many. */
  async function endOfAccount(tx: Tx, accountId: string, exceptSessionId?: string): Promise<number> {
    const ended = await rows.removeOfAccount(tx, accountId, exceptSessionId);
    if (ended.length > 0) await deps.sessionsEnded(tx, accountId, ended);
    return ended.length;
  }

  return {
    start,
    read,
    peek,
    describe,
    renew: (tx: Tx, person: Person) => renew(tx, person),
    /** The same when a second factor was proved: it holds for this session, until it ends. */
    renewProved: (tx: Tx, person: Person) => renew(tx, person, { second_factor_at: clock.now() }),
    forgetProofs: rows.forgetProofs,
    end,
    endOther,
    endOfAccount,
    /** Forgets sessions that ended, and addresses older than `addressesBefore`. */
    forgetOld: (tx: Tx, addressesBefore: number) => rows.forget(tx, clock.now(), addressesBefore),
    list: (db: Db, accountId: string) => rows.listOfAccount(db, accountId, clock.now()),
  };
}
