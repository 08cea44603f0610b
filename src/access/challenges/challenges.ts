import type { Preset } from "../../config/preset.ts";
import type { Caller } from "../../kernel/caller.ts";
import { type Clock, minute, second } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import { equalInConstantTime, type Keys } from "../../kernel/keys.ts";
import { drawDigits, drawToken, type Random } from "../../kernel/random.ts";
import { oneAtATime } from "../../store/abilities.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { type Budgets, everybody } from "../budgets/budgets.ts";
import * as rows from "./challenges.store.ts";

export type { ChallengeRow as Challenge, Purpose } from "./challenges.store.ts";

/**
 * Challenges (promise 4): one secret record behind one request. Its link works in any browser; its code only in
 * the browser that asked, five tries; wrong codes end the code, never the link. A record of the same shape is
 * made for everybody; where there is no account it stays a decoy (promise 2).
 *
 * Tables: challenges. Settings: messages.codeValidForSeconds, messages.resend*, limits "code.*".
 * Conditions of a link: open, expired, used, replaced, refused, unknown.
 */
type Challenge = rows.ChallengeRow;
type Purpose = rows.Purpose;

export type LinkCondition = "open" | "expired" | "used" | "replaced" | "refused" | "unknown";

export type CodeOutcome =
  | { ok: true; challenge: Challenge }
  | { ok: false; refusal: "code.wrong"; triesLeft: number }
  | { ok: false; refusal: "code.ended" | "code.expired" | "code.none" | "code.budget" };

export interface Opened {
  id: string;
  linkPlain: string;
  codePlain: string;
}

const triesOfACode = 5;
const repeatedWithin = minute;
const liveAtMost = 3;
const digitsOfACode = 8;
/** Whose half hour starts when the message leaves; the others live as long as what they are about. */
const shortLived: Purpose[] = ["reset", "verify-contact", "see-state", "activate-contact", "activate-mobile"];
/**
 * Whose messages carry a code alone: a count for a day would leave no way in, and let a stranger keep the owner out
 * (promise 6). Each code has its five tries, and each costs an SMS, which has ceilings of its own.
 */
const linkless: Purpose[] = ["activate-mobile"];
/** Fewer than a code has, so that nobody takes the one for the other. */
const digitsOfAPairing = 6;

export type Challenges = ReturnType<typeof createChallenges>;

/** A code as its digest was made: people type it in groups. */
const plainOf = (typed: string) => typed.replaceAll(/[\s.-]/g, "");

export function createChallenges(deps: {
  store: Store;
  clock: Clock;
  random: Random;
  ids: Ids;
  keys: Keys;
  budgets: Budgets;
  messages: Preset["messages"];
  /** What has not left yet for a challenge that ends will not leave. */
  cancelMessages: (tx: Tx, challengeId: string) => Promise<void>;
}) {
  const { store, clock, random, ids, keys, budgets, messages } = deps;
  const codeValidFor = messages.codeValidForSeconds * second;

  const browserDigests = (browserId: string) => keys.digests("challenge.browser", browserId);
  const linkDigests = (linkPlain: string) => keys.digests("challenge.link", linkPlain);

  /** The wait before another message may be asked for: 60 s, doubling up to a quarter of an hour. */
  function resendPause(resends: number): number {
    return Math.min(messages.resendAfterSeconds * 2 ** resends, messages.resendCeilingSeconds) * second;
  }

  async function endAndCancel(
    tx: Tx,
    match: Parameters<typeof rows.endLive>[1],
    status: rows.ChallengeStatus,
  ): Promise<void> {
    for (const id of await rows.endLive(tx, match, status, clock.now())) await deps.cancelMessages(tx, id);
  }

  /**
   * Opens a challenge and ends this browser's earlier one for the same purpose, and only that: another browser's
   * request cannot be ended by asking (promise 6). `context` is sealed. `lastsForSeconds` bounds its life until
   * the message leaves. `ofAccount`: whose it is, where that is known already; then another's of this browser stays.
   */
  async function open(
    tx: Tx,
    asked: {
      purpose: Purpose;
      /** Normalised identifier, address or number as typed: wrong codes are counted by it, decoys' alike. */
      subject: string;
      caller: Caller | null;
      ofAccount?: string;
      locale: string;
      context: object;
      lastsForSeconds: number;
      resends?: number;
      /** For a reminder: the browser of the request that it repeats. */
      browser?: string | null;
    },
  ): Promise<Opened> {
    const { purpose, caller } = asked;
    if (caller) {
      const own = { purpose, browserDigests: browserDigests(caller.browserId), accountId: asked.ofAccount };
      await endAndCancel(tx, own, "replaced");
    }
    const opened = {
      id: ids.uuid(),
      linkPlain: drawToken(random),
      codePlain: drawDigits(random, digitsOfACode),
    };
    const now = clock.now();
    const resends = asked.resends ?? 0;
    await rows.insert(tx, {
      id: opened.id,
      purpose,
      subject_key: keys.digest("challenge.subject", asked.subject),
      account_id: null,
      contact_point_id: null,
      browser_digest: caller ? keys.digest("challenge.browser", caller.browserId) : null,
      link_digest: keys.digest("challenge.link", opened.linkPlain),
      code_digest: keys.digest(`challenge.code.${opened.id}`, opened.codePlain),
      code_tries_left: triesOfACode,
      status: "open",
      status_at: now,
      requested_at: now,
      left_at: null,
      expires_at: now + asked.lastsForSeconds * second,
      context: keys.seal("challenge.context", JSON.stringify(asked.context)),
      locale: asked.locale,
      browser: caller?.browser ?? asked.browser ?? null,
      source_address: caller?.sourceAddress ?? null,
      resends,
      next_resend_at: now + resendPause(resends),
      pairing_number: caller && purpose === "reset" ? drawDigits(random, digitsOfAPairing) : null,
      approved_by: null,
    });
    return opened;
  }

  /**
   * Binds a challenge to the account that was found. At most three live per purpose: the oldest go, so that the
   * newest message in the mailbox always works. False if it ended before anybody came to resolve it.
   */
  async function attach(
    tx: Tx,
    id: string,
    to: { accountId: string; contactPointId: string | null },
  ): Promise<boolean> {
    const challenge = await rows.find(tx, id);
    if (challenge?.status !== "open") return false;
    await rows.update(tx, id, { account_id: to.accountId, contact_point_id: to.contactPointId });
    // "It wasn't me" answers a warning, not a request: whoever causes more warnings must not silence the first.
    if (challenge.purpose === "not-me") return true;
    const live = await rows.liveOf(tx, to.accountId, challenge.purpose);
    // Whoever asks for more must not end what a right code or a member of staff has approved.
    const surplus = live.slice(liveAtMost).filter(({ status }) => status === "open");
    if (surplus.length > 0) await endAndCancel(tx, { ids: surplus.map((one) => one.id) }, "replaced");
    return true;
  }

  /** Its message has left: only now its half hour starts (promise 3). */
  async function messageLeft(tx: Tx, id: string, at: number): Promise<void> {
    const challenge = await rows.find(tx, id);
    if (!challenge || challenge.left_at !== null) return;
    const isShort = shortLived.includes(challenge.purpose);
    await rows.update(tx, id, {
      left_at: at,
      ...(isShort ? { expires_at: at + codeValidFor } : {}),
    });
  }

  /** For how many seconds it serves if its message leaves now; 0 where it is over, null where it is forgotten. */
  async function servesFor(db: Db, id: string): Promise<number | null> {
    const challenge = await rows.find(db, id);
    if (!challenge) return null;
    const rest = Math.ceil((challenge.expires_at - clock.now()) / second);
    if (rest <= 0 || (challenge.status !== "open" && challenge.status !== "proved")) return 0;
    const startsNow = challenge.left_at === null && shortLived.includes(challenge.purpose);
    return startsNow ? messages.codeValidForSeconds : rest;
  }

  /** Moves a challenge on, by whoever comes first; once it is redeemed, a message still on its way has no use. */
  async function move(
    tx: Tx,
    id: string,
    from: rows.ChallengeStatus,
    change: Parameters<typeof rows.move>[3],
  ): Promise<boolean> {
    const isMoved = await rows.move(tx, id, from, change, clock.now());
    if (isMoved && change.status === "redeemed") await deps.cancelMessages(tx, id);
    return isMoved;
  }

  function conditionOf(challenge: Challenge | null): LinkCondition {
    // A decoy's link was never sent to anybody; finding one means nothing.
    if (challenge === null || challenge.account_id === null) return "unknown";
    switch (challenge.status) {
      case "open":
      case "proved":
        return challenge.expires_at > clock.now() ? "open" : "expired";
      case "redeemed":
      case "ended":
        return "used";
      default:
        return challenge.status;
    }
  }

  async function readLink(
    db: Db,
    purpose: Purpose,
    linkPlain: string,
  ): Promise<{ condition: LinkCondition; challenge: Challenge | null }> {
    const isShaped = /^[A-Za-z0-9_-]{22}$/.test(linkPlain);
    const challenge = isShaped ? await rows.findByLink(db, purpose, linkDigests(linkPlain)) : null;
    const condition = conditionOf(challenge);
    return { condition, challenge: condition === "unknown" ? null : challenge };
  }

  /** Spends the link: exactly one of those who try at once gets the challenge. */
  async function redeemLink(
    tx: Tx,
    purpose: Purpose,
    linkPlain: string,
    status: "redeemed" | "refused" = "redeemed",
  ): Promise<{ condition: LinkCondition; challenge: Challenge | null }> {
    const read = await readLink(tx, purpose, linkPlain);
    if (read.condition !== "open" || read.challenge === null) return read;
    if (await move(tx, read.challenge.id, read.challenge.status, { status })) return read;
    const again = await readLink(tx, purpose, linkPlain);
    return again.condition === "open" ? { ...again, condition: "used" } : again;
  }

  /** The newest request of this browser, decoy or not: what its waiting page shows. */
  function latestOfBrowser(db: Db, purpose: Purpose, browserId: string): Promise<Challenge | null> {
    return rows.latestOfBrowser(db, purpose, browserDigests(browserId));
  }

  const isCodeOf = (challenge: Challenge, codePlain: string): boolean =>
    keys
      .digests(`challenge.code.${challenge.id}`, codePlain)
      .some((digest) => equalInConstantTime(digest, challenge.code_digest ?? ""));

  async function mayJudge(tx: Tx, caller: Caller, { purpose, subject_key }: Challenge): Promise<boolean> {
    const allowed = [
      ...(linkless.includes(purpose) ? [] : [await budgets.look(tx, "code.wrong-per-account", subject_key)]),
      // A whole school behind one address is never blocked (promise 6).
      ...(caller.isSlowed ? [] : [await budgets.look(tx, "code.wrong-per-source", caller.sourceKey)]),
      await budgets.look(tx, "code.wrong-service-wide", everybody),
    ];
    return allowed.every(({ ok }) => ok);
  }

  async function spendWrong(tx: Tx, caller: Caller, { purpose, subject_key }: Challenge): Promise<void> {
    if (!linkless.includes(purpose)) await budgets.spend(tx, "code.wrong-per-account", subject_key);
    // What one source has used up, a school's too, must not eat into everybody's share.
    const ofSource = await budgets.spend(tx, "code.wrong-per-source", caller.sourceKey);
    if (ofSource.ok) await budgets.spend(tx, "code.wrong-service-wide", everybody);
  }

  /**
   * Judges a code in the browser that asked. The try is taken before the code is compared, so that tries at once
   * cannot share one; decoys lose tries alike. Counted by what was typed, never by the account that was found for it:
   * a count that moved would tell that there is one, and whose (promise 2). `right`: what becomes of a challenge whose
   * code it is.
   */
  async function judgeCode(
    tx: Tx,
    caller: Caller,
    purpose: Purpose,
    codePlain: string,
    right: (challenge: Challenge) => Partial<Challenge> & { status: "proved" | "redeemed" },
  ): Promise<CodeOutcome> {
    const latest = await rows.latestOfBrowser(tx, purpose, browserDigests(caller.browserId));
    if (!latest) return { ok: false, refusal: "code.none" };
    if (latest.status === "proved" || latest.status === "redeemed")
      return { ok: false, refusal: "code.ended" };
    if (!(await mayJudge(tx, caller, latest))) return { ok: false, refusal: "code.budget" };
    const challenge = await rows.takeCodeTry(tx, latest.id);
    if (!challenge) return { ok: false, refusal: "code.ended" };
    // A request that others crowded out or a success ended has no code any more: wrong, as on a decoy.
    if (!isCodeOf(challenge, codePlain) || challenge.account_id === null) {
      await spendWrong(tx, caller, challenge);
      return challenge.code_tries_left > 0
        ? { ok: false, refusal: "code.wrong", triesLeft: challenge.code_tries_left }
        : { ok: false, refusal: "code.ended" };
    }
    // Only who holds the right code learns that it came too late: a wrong one is simply wrong.
    const change = right(challenge);
    const isMoved = await move(tx, challenge.id, "open", change);
    return isMoved
      ? { ok: true, challenge: { ...challenge, ...change } }
      : { ok: false, refusal: "code.expired" };
  }

  /** Judges a code in the browser that asked. Right: the challenge is `proved`, for this browser to finish. */
  function tryCode(caller: Caller, purpose: Purpose, typed: string): Promise<CodeOutcome> {
    return store.transact((tx) =>
      judgeCode(tx, caller, purpose, plainOf(typed), ({ expires_at }) => ({
        status: "proved",
        expires_at: Math.max(expires_at, clock.now() + codeValidFor),
      })),
    );
  }

  /**
   * Judges a code and spends its challenge with it, for what ends there: whatever the code opens is committed in the
   * same transaction, or the code still works. A press that comes twice is answered twice: with `isRepeated` the same
   * browser has brought the same code within the last minute, and what it opened is done already.
   */
  async function redeemByCode(
    tx: Tx,
    caller: Caller,
    purpose: Purpose,
    typed: string,
  ): Promise<CodeOutcome & { isRepeated?: boolean }> {
    const codePlain = plainOf(typed);
    // One press at a time: the second sees what the first has done.
    await oneAtATime(tx, `code ${keys.digest("challenge.browser", caller.browserId)}`);
    const latest = await latestOfBrowser(tx, purpose, caller.browserId);
    // Only a code that was redeemed here is still kept; a link that was, wherever, leaves none.
    const isRecent = latest?.status === "redeemed" && latest.status_at > clock.now() - repeatedWithin;
    if (isRecent && isCodeOf(latest, codePlain)) return { ok: true, challenge: latest, isRepeated: true };
    return judgeCode(tx, caller, purpose, codePlain, ({ code_digest }) => ({
      status: "redeemed",
      code_digest,
    }));
  }

  /**
   * The open request of an account behind the number that its browser shows (promise 7): what was typed there names
   * the account, whether or not a message could leave. Null where there is none, and where two show the same one:
   * of those the right one cannot be told.
   */
  async function findByPairingNumber(
    db: Db,
    asked: { number: string; accountId: string; identifierKeys: string[]; askedAfter: number },
  ): Promise<Challenge | null> {
    const { number, accountId, askedAfter } = asked;
    const subjectKeys = asked.identifierKeys.flatMap((key) => keys.digests("challenge.subject", key));
    if (subjectKeys.length === 0) return null;
    const match = { purpose: "reset" as const, number, accountId, subjectKeys, askedAfter, now: clock.now() };
    const [found, second] = await rows.openByPairingNumber(db, match);
    return found && !second ? found : null;
  }

  /**
   * Approves the browser of a request, as the right code would: it alone may now finish. False for all but one of
   * those who approve, type the code or come too late at once.
   */
  async function approve(
    tx: Tx,
    challenge: Challenge,
    by: { accountId: string; staffId: string },
  ): Promise<boolean> {
    const now = clock.now();
    // Its half hour starts here, and a message that leaves later does not start another.
    const times = { left_at: challenge.left_at ?? now, expires_at: now + codeValidFor };
    const change = { account_id: by.accountId, approved_by: by.staffId, ...times };
    return move(tx, challenge.id, "open", { ...change, status: "proved" });
  }

  /** What this browser proved by its code, or staff for it, and may finish now; null if there is nothing. */
  async function provedOf(db: Db, purpose: Purpose, browserId: string): Promise<Challenge | null> {
    const latest = await latestOfBrowser(db, purpose, browserId);
    return latest?.status === "proved" && latest.expires_at > clock.now() ? latest : null;
  }

  /** Spends what this browser proved; null for all but one of those who try at once. */
  async function redeemProved(tx: Tx, purpose: Purpose, browserId: string): Promise<Challenge | null> {
    const proved = await provedOf(tx, purpose, browserId);
    if (!proved) return null;
    return (await move(tx, proved.id, "proved", { status: "redeemed" })) ? proved : null;
  }

  /** What an account has asked for and not yet answered, the newest first. */
  async function waitingOf(db: Db, accountId: string, purpose: Purpose): Promise<Challenge[]> {
    const found: Challenge[] = [];
    for (const { id } of await rows.liveOf(db, accountId, purpose)) {
      const challenge = await rows.find(db, id);
      if (challenge && challenge.expires_at > clock.now()) found.push(challenge);
    }
    return found;
  }

  function isOwnBrowser(challenge: Challenge, browserId: string): boolean {
    return browserDigests(browserId).some((digest) =>
      equalInConstantTime(digest, challenge.browser_digest ?? ""),
    );
  }

  function contextOf<Context>(challenge: Challenge): Context | null {
    const opened = challenge.context === null ? null : keys.open("challenge.context", challenge.context);
    return opened === null ? null : (JSON.parse(opened) as Context);
  }

  /** Erases one part of what a challenge keeps; the rest stays readable. */
  async function eraseFromContext(tx: Tx, challenge: Challenge, part: string): Promise<void> {
    const context = contextOf<Record<string, unknown>>(challenge);
    if (context === null || (context[part] ?? null) === null) return;
    const kept = keys.seal("challenge.context", JSON.stringify({ ...context, [part]: null }));
    await rows.update(tx, challenge.id, { context: kept });
  }

  return {
    open,
    attach,
    messageLeft,
    servesFor,
    readLink,
    redeemLink,
    latestOfBrowser,
    tryCode,
    redeemByCode,
    findByPairingNumber,
    /** What a member of staff approved by this number already; null if there is nothing. */
    approvedBy: (db: Db, asked: { number: string; accountId: string; staffId: string; askedAfter: number }) =>
      rows.approvedByPairingNumber(db, { ...asked, purpose: "reset" }),
    approve,
    provedOf,
    redeemProved,
    waitingOf,
    isOwnBrowser,
    contextOf,
    eraseFromContext,
    /** What expired requests of a purpose were about, where nothing asks any more. */
    eraseExpired: (tx: Tx, purpose: Purpose) => rows.eraseExpired(tx, purpose, clock.now()),
    resendPause,
    find: rows.find,
    sentTo: rows.sentTo,
    /** The newest live request of an account for a purpose; null if there is none. */
    async newestOfAccount(db: Db, accountId: string, purpose: Purpose): Promise<Challenge | null> {
      const [newest] = await rows.liveOf(db, accountId, purpose);
      return newest ? rows.find(db, newest.id) : null;
    },
    /** Ends what is live of an account: of one purpose, or of all (promise 5). */
    endOfAccount: (
      tx: Tx,
      accountId: string,
      match: { purpose?: Purpose; exceptId?: string; exceptPurpose?: Purpose } = {},
    ) => endAndCancel(tx, { accountId, ...match }, "ended"),
    /** What was asked for came to nothing in time: links say that they have expired. */
    async expireOfAccount(tx: Tx, accountId: string): Promise<void> {
      for (const id of await rows.expireLive(tx, clock.now(), accountId)) await deps.cancelMessages(tx, id);
    },
    /** The latest sign-up replaces a pending one, whatever browser made it. */
    replaceOfAccount: (tx: Tx, accountId: string, purpose: Purpose, exceptId: string) =>
      endAndCancel(tx, { accountId, purpose, exceptId }, "replaced"),
  };
}
