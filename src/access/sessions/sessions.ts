import type { Preset } from "../../config/preset.ts";
import type { Caller, Person, StartedSession } from "../../kernel/caller.ts";
import { type Clock, minute, second } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Keys } from "../../kernel/keys.ts";
import { drawToken, type Random } from "../../kernel/random.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import * as rows from "./sessions.store.ts";

/**
 * Sessions: one signed-in browser each, read from the database at every request, so that a revocation holds at
 * once (ASVS 5.0 §7.4). A new id at every sign-in (§7.2.4); idle and absolute limits as the preset says (§7.3).
 *
 * Tables: sessions. Settings: sessions.*. Port: `sessionsEnded`, for the applications connected to them.
 */
export type Sessions = ReturnType<typeof createSessions>;

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
    });
    return { cookiePlain, maxAgeSeconds: asked.isRemembered ? absoluteSeconds : null, sessionId };
  }

  /** Who is signed in with this cookie; null when nobody is any more. Moves the idle limit once a minute. */
  async function read(cookiePlain: string): Promise<Person | null> {
    if (!/^[A-Za-z0-9_-]{22}$/.test(cookiePlain)) return null;
    const now = clock.now();
    const [row] = await rows.findLive(store, keys.digests("session", cookiePlain), now);
    if (!row) return null;
    if (row.last_seen_at + touchedEvery <= now) {
      const idleUntil = now + idleFor(row.is_remembered === 1);
      await store.transact((tx) => rows.touch(tx, row.id, now, idleUntil));
    }
    return { accountId: row.account_id, sessionId: row.id, name: row.name, locale: row.locale };
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
    end,
    endOther,
    endOfAccount,
    list: (db: Db, accountId: string) => rows.listOfAccount(db, accountId, clock.now()),
  };
}
