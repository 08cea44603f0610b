import type { Caller, KnownBrowser } from "../../kernel/caller.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Keys } from "../../kernel/keys.ts";
import { drawToken, type Random } from "../../kernel/random.ts";
import type { Asked, Db, Tx } from "../../store/store.ts";
import * as rows from "./known-browsers.store.ts";

export type { KnownBrowserRow } from "./known-browsers.store.ts";

/**
 * Known browsers (promise 6): 128 random bits per browser and account, so that the owner's browser keeps its own
 * count of failures while strangers are locked. Made known by sign-in, unlock or recovery; forgotten by recovery
 * or "it wasn't me". Being known opens nothing: the password is judged all the same.
 *
 * Tables: known_browsers. Settings: sessions.knownBrowserForSeconds.
 */
export type KnownBrowsers = ReturnType<typeof createKnownBrowsers>;

/** A family's computer is known to several accounts; the one that signed in longest ago gives way. */
const accountsAtMost = 8;

export function createKnownBrowsers(deps: {
  clock: Clock;
  random: Random;
  ids: Ids;
  keys: Keys;
  keptForSeconds: number;
}) {
  const { clock, random, ids, keys, keptForSeconds } = deps;
  const digestsOf = (token: string) => keys.digests("known-browser", token);

  /** The tokens of a cookie, newest first; anything else in it is dropped. */
  function tokensOf(cookieValue: string | null): string[] {
    if (cookieValue === null || cookieValue.length > 1000) return [];
    const tokens = cookieValue.split(".").filter((token) => /^[A-Za-z0-9_-]{22}$/.test(token));
    return [...new Set(tokens)].slice(0, accountsAtMost);
  }

  /**
   * The id under which this account knows the browser; null if it does not. For an unknown account the same
   * question is asked, and finds nothing (promise 2): what is asked depends on the browser's cookie alone.
   */
  async function recognise(
    db: Asked,
    cookieValue: string | null,
    accountId: string | null,
  ): Promise<string | null> {
    const tokens = tokensOf(cookieValue);
    if (tokens.length === 0) return null;
    const found = await rows.find(db, accountId ?? "", tokens.flatMap(digestsOf), clock.now());
    return found?.id ?? null;
  }

  /** The browser as the account is to know it: found, or drawn now. `write` makes it known, or renews that. */
  async function meet(
    tx: Tx,
    caller: Pick<Caller, "browser">,
    accountId: string,
    cookieValue: string | null,
  ): Promise<{ known: KnownBrowser; write(): Promise<void> }> {
    const now = clock.now();
    const lasting = { last_used_at: now, expires_at: now + keptForSeconds * second, browser: caller.browser };
    const tokens = tokensOf(cookieValue);
    const found = tokens.length === 0 ? null : await rows.find(tx, accountId, tokens.flatMap(digestsOf), now);
    const kept = found && tokens.find((token) => digestsOf(token).includes(found.digest));
    const token = kept ?? drawToken(random);
    const id = found?.id ?? ids.uuid();
    const drawn = { id, account_id: accountId, made_known_at: now, ...lasting };
    const others = tokens.filter((other) => other !== token);
    return {
      known: {
        knownBrowserId: id,
        cookieValue: [token, ...others].slice(0, accountsAtMost).join("."),
        maxAgeSeconds: keptForSeconds,
      },
      write: () =>
        found
          ? rows.renew(tx, id, lasting)
          : rows.insert(tx, { ...drawn, digest: keys.digest("known-browser", token) }),
    };
  }

  /** Makes the browser known to the account, or renews that; answers its cookie. */
  async function makeKnown(...asked: Parameters<typeof meet>): Promise<KnownBrowser> {
    const { known, write } = await meet(...asked);
    await write();
    return known;
  }

  return {
    recognise,
    meet,
    makeKnown,
    /** After a recovery, or "it wasn't me": no browser is known any more. */
    forgetAll: rows.removeOfAccount,
    list: (db: Db, accountId: string) => rows.listOfAccount(db, accountId, clock.now()),
    forgetExpired: (tx: Tx) => rows.forget(tx, clock.now()),
  };
}
