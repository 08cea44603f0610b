import type { Account, ContactPoint } from "../../accounts/accounts.ts";
import { type PhoneRefusal, parseMobileNumber } from "../../accounts/addresses/phone-number.ts";
import type { Preset } from "../../config/preset.ts";
import { smsCountriesOf } from "../../config/sms-countries.ts";
import { type Journal, stranger } from "../../journal/journal.ts";
import type { Caller } from "../../kernel/caller.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import { done } from "../../kernel/outcome.ts";
import type { Requests } from "../../outbox/requests.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { type Budgets, spendRequest } from "../budgets/budgets.ts";
import type { Challenge, Challenges, CodeOutcome } from "../challenges/challenges.ts";
import type { ActivationSteps } from "./activation-steps.ts";
import { readBirthDate } from "./birth-date.ts";

/**
 * Activation of a guardian alone: a mobile number that the school knows, the code sent to it, then the birth date of
 * one's child. Nobody is named before the date is right. A number that the school does not know gets the same pages, a
 * decoy, and no SMS (promise 2): a worker looks it up (mobile-activation.worker). Two guardians of one child who share
 * a number cannot be told apart: their letters can. The SMS has no link, so wrong codes end their own code and no other.
 *
 * Tables: none of its own; challenges (purpose "activate-mobile"). Settings: phoneCountry, smsCountries, messages.*,
 * limits "request.per-source", "birth-date.tries-per-number", "sms.*".
 * Refusals: phone.*, code.*, activation.too-many, .too-early, .nothing-to-send, .date-missing, .date-malformed,
 * .date-wrong, .too-many-dates, .several, .already. Requests: activation.mobile. Events: activation.mobile-asked,
 * .date-wrong. Messages: activation.mobile, activation.already.
 */
export interface MobileContext {
  e164: string;
  /** As its owner writes it, for the waiting page. */
  shown: string;
}

/** What the worker receives. */
export interface MobileRequest {
  challengeId: string;
  codePlain: string;
  context: MobileContext;
  sourceKey: string;
  incident: string;
}

export type MobileOutcome =
  | { ok: true }
  | { ok: false; refusal: PhoneRefusal; field: "phone" }
  | { ok: false; refusal: "activation.nothing-to-send" }
  | { ok: false; refusal: "activation.too-many" | "activation.too-early"; until: number };

export type BirthDateOutcome =
  | { ok: true }
  /** Nothing was proved in this browser, or too long ago. */
  | { ok: false; refusal: "activation.unproved" }
  | {
      ok: false;
      refusal: "activation.date-missing" | "activation.date-malformed" | "activation.date-wrong";
      field: "birth-date";
    }
  | { ok: false; refusal: "activation.too-many-dates"; until: number }
  /** Several guardians, or one whose account is open: said only after the code and the date were right. */
  | { ok: false; refusal: "activation.several" | "activation.already" };

/** A guardian whom the school can reach at a number. */
export type GuardianAtNumber = Pick<Account, "id" | "status"> & { contactPointId: string };

/**
 * The guardians among those reached at a number: what a registry or staff declared and that has waited (promise 7), or
 * what a guardian proved. Each once.
 */
export function guardiansAmong(
  points: (ContactPoint & { account: Account })[],
  now: number,
): GuardianAtNumber[] {
  const reached = points.filter(
    ({ channel, state, origin, usable_from: from, account }) =>
      channel === "sms" &&
      account.kind === "guardian" &&
      (account.status === "pending" || account.status === "active") &&
      (state === "verified" || origin !== "person") &&
      (from === null || from <= now),
  );
  const once = new Map(reached.map((point) => [point.account.id, point]));
  return [...once.values()].map(({ id, account }) => ({
    id: account.id,
    status: account.status,
    contactPointId: id,
  }));
}

export type MobileActivation = ReturnType<typeof createMobileActivation>;

export function createMobileActivation(deps: {
  store: Store;
  clock: Clock;
  preset: Preset;
  journal: Journal;
  requests: Requests;
  budgets: Budgets;
  challenges: Challenges;
  begin: ActivationSteps["begin"];
  /** Guardians to whom this number is declared, pending or active. */
  guardiansAt: (db: Db, numberKey: string) => Promise<GuardianAtNumber[]>;
  /** Which of these guardians answer for a child born that day (`2012-05-31`); ended and denied links do not count. */
  guardiansOfChildBorn: (db: Db, guardianIds: string[], birthDate: string) => Promise<string[]>;
}) {
  const { store, clock, preset, challenges } = deps;
  const { messages } = preset;
  const purpose = "activate-mobile";
  /** How long a request concerns its browser: sending may take that long, and then the code works. */
  const concernsFor = (messages.resetUsefulForSeconds + messages.codeValidForSeconds) * second;

  /** This browser's request; null when there is none, or one so old that somebody else may sit here by now. */
  async function latest(caller: Caller): Promise<{ challenge: Challenge; context: MobileContext } | null> {
    const challenge = await challenges.latestOfBrowser(store, purpose, caller.browserId);
    if (!challenge || challenge.requested_at + concernsFor <= clock.now()) return null;
    const context = challenges.contextOf<MobileContext>(challenge);
    return context && { challenge, context };
  }

  /** Commits the request for everybody alike. A repeat replaces this browser's earlier one, never multiplies. */
  function ask(caller: Caller, context: MobileContext, resends: number): Promise<MobileOutcome> {
    return store.transact(async (tx: Tx): Promise<MobileOutcome> => {
      const budget = await spendRequest(deps.budgets, tx, caller);
      if (!budget.ok) return { ok: false, refusal: "activation.too-many", until: budget.until };
      const opened = await challenges.open(tx, {
        purpose,
        subject: context.e164,
        caller,
        locale: caller.locale,
        context,
        lastsForSeconds: messages.resetUsefulForSeconds,
        resends,
      });
      const payload: MobileRequest = {
        challengeId: opened.id,
        codePlain: opened.codePlain,
        context,
        sourceKey: caller.sourceKey,
        incident: caller.incident,
      };
      await deps.requests.commit(tx, { kind: "activation.mobile", payload, incident: caller.incident });
      await deps.journal.record(tx, {
        event: "activation.mobile-asked",
        accountId: null,
        actor: stranger,
        caller,
      });
      return done;
    });
  }

  /**
   * The number: refused only where it is none that an SMS could go to, or to a source that asks too often. Given once
   * more before the pause is over, it leads to the waiting page and sends nothing.
   */
  async function requestCode(caller: Caller, typed: string): Promise<MobileOutcome> {
    const number = parseMobileNumber(typed, preset.phoneCountry, smsCountriesOf(preset));
    if (!number.ok) return { ...number, field: "phone" };
    const { e164, shown } = number;
    const last = await latest(caller);
    const isRepeat = last?.context.e164 === e164 && last.challenge.status !== "redeemed";
    // The SMS is on its way: the waiting page says from when another can be asked for.
    if (isRepeat && (last.challenge.next_resend_at ?? 0) > clock.now()) return done;
    return ask(caller, { e164, shown }, isRepeat ? last.challenge.resends + 1 : 0);
  }

  /** Sends again; refused before its time, which the waiting page counts down. */
  async function resend(caller: Caller): Promise<MobileOutcome> {
    const last = await latest(caller);
    if (!last) return { ok: false, refusal: "activation.nothing-to-send" };
    const until = last.challenge.next_resend_at ?? 0;
    if (until > clock.now()) return { ok: false, refusal: "activation.too-early", until };
    return ask(caller, last.context, last.challenge.resends + 1);
  }

  /** Judges the code in the browser that asked. What it proved already stays proved. */
  async function tryCode(
    caller: Caller,
    typed: string,
  ): Promise<{ ok: true } | (CodeOutcome & { ok: false })> {
    if (await challenges.provedOf(store, purpose, caller.browserId)) return done;
    const judged = await challenges.tryCode(caller, purpose, typed);
    return judged.ok ? done : judged;
  }

  /** Whether this browser may be asked for the birth date. */
  async function isProved(caller: Caller): Promise<boolean> {
    return (await challenges.provedOf(store, purpose, caller.browserId)) !== null;
  }

  /**
   * The child's birth date, tried three times a number and day whoever tries. The try is spent before it is judged, so
   * that tries at once share none. Right: this browser goes on to choose a password.
   */
  async function giveBirthDate(caller: Caller, typed: string): Promise<BirthDateOutcome> {
    const field = "birth-date";
    if (!(await isProved(caller))) return { ok: false, refusal: "activation.unproved" };
    if (typed.trim() === "") return { ok: false, refusal: "activation.date-missing", field };
    const date = readBirthDate(typed);
    if (date === null) return { ok: false, refusal: "activation.date-malformed", field };
    return store.transact(async (tx): Promise<BirthDateOutcome> => {
      const challenge = await challenges.provedOf(tx, purpose, caller.browserId);
      const context = challenge && challenges.contextOf<MobileContext>(challenge);
      if (!context) return { ok: false, refusal: "activation.unproved" };
      const tries = await deps.budgets.spend(tx, "birth-date.tries-per-number", context.e164);
      if (!tries.ok) return { ok: false, refusal: "activation.too-many-dates", until: tries.until };
      const guardians = await deps.guardiansAt(tx, context.e164);
      const ids = await deps.guardiansOfChildBorn(
        tx,
        guardians.map(({ id }) => id),
        date,
      );
      const found = guardians.filter(({ id }) => ids.includes(id));
      const [only] = found;
      if (!only) return refuseWrong(tx, caller, challenge.account_id);
      if (found.length > 1) return { ok: false, refusal: "activation.several" };
      if (only.status !== "pending") return { ok: false, refusal: "activation.already" };
      if (!(await challenges.redeemProved(tx, purpose, caller.browserId))) {
        return { ok: false, refusal: "activation.unproved" };
      }
      const { id: accountId, contactPointId } = only;
      await deps.begin(tx, caller, { accountId, letterId: null, contactPointId });
      return done;
    });
  }

  async function refuseWrong(tx: Tx, caller: Caller, accountId: string | null): Promise<BirthDateOutcome> {
    await deps.journal.record(tx, { event: "activation.date-wrong", accountId, actor: stranger, caller });
    return { ok: false, refusal: "activation.date-wrong", field: "birth-date" };
  }

  /** What became of this browser's request: only that it is finished or proved, never more. */
  async function follow(caller: Caller): Promise<"waiting" | "proved" | "finished"> {
    const last = await latest(caller);
    if (last?.challenge.status === "redeemed") return "finished";
    return (await isProved(caller)) ? "proved" : "waiting";
  }

  return { latest, requestCode, resend, tryCode, isProved, giveBirthDate, follow };
}
