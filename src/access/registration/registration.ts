import { type EmailRefusal, parseEmailAddress } from "../../accounts/addresses/email-address.ts";
import type { Preset } from "../../config/preset.ts";
import type { Journal } from "../../journal/journal.ts";
import { stranger } from "../../journal/journal.ts";
import type { Caller } from "../../kernel/caller.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import { done } from "../../kernel/outcome.ts";
import type { Requests } from "../../outbox/requests.ts";
import type { Store, Tx } from "../../store/store.ts";
import type { Budgets } from "../budgets/budgets.ts";
import type { Challenge, Challenges } from "../challenges/challenges.ts";
import { type NicknameRefusal, parseNickname } from "./nickname.ts";

/**
 * Registration: a person asks for an account (community, service). The form answers the same for an address that
 * has an account already; the truth goes to the mailbox (promise 2).
 *
 * Tables: none of its own; challenges (purpose "confirm") hold the draft, sealed, for as long as its own browser may
 * repeat or correct the request: not after that browser asked anew or the account was opened, nor when it has expired.
 * Settings: registration.*, password.minLength, messages.*, limits "sign-up.per-source".
 * Refusals: email.*, name.*, nickname.*, password.*, registration.too-many, registration.too-early,
 * registration.nothing-to-send.
 * Requests: registration.sign-up, resolved by registration.worker.
 * Messages: registration.activate, .already, .disabled, .reminder.
 */
export interface SignUpForm {
  email: string;
  name: string;
  nickname: string;
  password: string;
}

/** What is asked for, as kept in the challenge until it is confirmed. */
export interface Draft {
  email: string;
  emailKey: string;
  name: string;
  nickname: { shown: string; key: string } | null;
  passwordHash: string;
  locale: string;
}

/** What the waiting page's request is about. Without a draft the browser only asked for the message again. */
export interface ConfirmContext {
  email: string;
  emailKey: string;
  draft: Draft | null;
}

/** What the worker receives. `abandons` is the request that this one corrects. */
export interface SignUpRequest {
  challengeId: string;
  linkPlain: string;
  codePlain: string;
  context: ConfirmContext;
  sourceKey: string;
  incident: string;
  abandons: string | null;
}

export type FieldRefusal =
  | { field: "email"; refusal: EmailRefusal }
  | { field: "name"; refusal: "name.missing" | "name.too-long" }
  | { field: "nickname"; refusal: NicknameRefusal | "nickname.taken" }
  | { field: "password"; refusal: `password.rule.${string}` };

export type SignUpOutcome =
  | { ok: true }
  | { ok: false; refusal: "registration.invalid"; fields: FieldRefusal[] }
  | { ok: false; refusal: "registration.too-many"; until: number };

export type ResendOutcome =
  | { ok: true }
  | { ok: false; refusal: "registration.too-early" | "registration.too-many"; until: number }
  | { ok: false; refusal: "registration.nothing-to-send" };

export type CorrectOutcome = ResendOutcome | { ok: false; refusal: EmailRefusal };

export type Registration = ReturnType<typeof createRegistration>;

export function createRegistration(deps: {
  store: Store;
  clock: Clock;
  preset: Preset;
  journal: Journal;
  requests: Requests;
  budgets: Budgets;
  challenges: Challenges;
  hashPassword: (plain: string) => Promise<string>;
  /** Ids of the password rules that are not met. */
  failedPasswordRules: (plain: string, unlike: string[]) => Promise<string[]>;
  /** False while somebody else has it. */
  reserveNickname: (tx: Tx, key: string, challengeId: string, until: number) => Promise<boolean>;
  /** Public by nature: that a nickname is taken tells nothing of an address. False for this browser's own. */
  isNicknameTaken: (tx: Tx, key: string, browserId: string) => Promise<boolean>;
}) {
  const { store, clock, preset, challenges, budgets } = deps;

  async function checkForm(form: SignUpForm) {
    const fields: FieldRefusal[] = [];
    const email = parseEmailAddress(form.email);
    if (!email.ok) fields.push({ field: "email", refusal: email.refusal });
    const name = form.name.normalize("NFC").replaceAll(/\s+/gu, " ").trim();
    if (name === "") fields.push({ field: "name", refusal: "name.missing" });
    else if ([...name].length > 200) fields.push({ field: "name", refusal: "name.too-long" });
    const nickname = preset.registration.asksNickname ? parseNickname(form.nickname) : null;
    if (nickname && !nickname.ok) fields.push({ field: "nickname", refusal: nickname.refusal });
    const unlike = [name, form.nickname, form.email];
    for (const rule of await deps.failedPasswordRules(form.password, unlike)) {
      fields.push({ field: "password", refusal: `password.rule.${rule}` });
    }
    return { fields, email, name, nickname };
  }

  /** Commits the request for everybody alike; `abandons` names the one it corrects. */
  async function commitRequest(
    tx: Tx,
    caller: Caller,
    context: ConfirmContext,
    earlier: { resends: number; abandons: string | null },
  ): Promise<string> {
    const replaced = await challenges.latestOfBrowser(tx, "confirm", caller.browserId);
    const opened = await challenges.open(tx, {
      purpose: "confirm",
      subject: context.emailKey,
      caller,
      locale: caller.locale,
      context,
      lastsForSeconds: preset.registration.unfinishedKeptForSeconds,
      resends: earlier.resends,
    });
    // Only a browser's latest request is ever repeated or corrected. One that somebody else refused, replaced or
    // ended keeps its draft until it expires: a mistyped address must still be correctable after its owner said no.
    if (replaced) await challenges.eraseFromContext(tx, replaced, "draft");
    const payload: SignUpRequest = {
      challengeId: opened.id,
      linkPlain: opened.linkPlain,
      codePlain: opened.codePlain,
      context,
      sourceKey: caller.sourceKey,
      incident: caller.incident,
      abandons: earlier.abandons,
    };
    await deps.requests.commit(tx, { kind: "registration.sign-up", payload, incident: caller.incident });
    return opened.id;
  }

  /**
   * Asks for an account. Hashing comes before the transaction and is done for everybody; nothing here looks
   * whether the address has an account.
   */
  async function signUp(caller: Caller, form: SignUpForm): Promise<SignUpOutcome> {
    const { fields, email, name, nickname } = await checkForm(form);
    if (fields.length > 0 || !email.ok || (nickname && !nickname.ok)) {
      return { ok: false, refusal: "registration.invalid", fields };
    }
    const draft: Draft = {
      email: email.address,
      emailKey: email.key,
      name,
      nickname: nickname && { shown: nickname.shown, key: nickname.key },
      passwordHash: await deps.hashPassword(form.password),
      locale: caller.locale,
    };
    return store.transact(async (tx): Promise<SignUpOutcome> => {
      const budget = await budgets.spend(tx, "sign-up.per-source", caller.sourceKey);
      if (!budget.ok) return { ok: false, refusal: "registration.too-many", until: budget.until };
      if (nickname && (await deps.isNicknameTaken(tx, nickname.key, caller.browserId))) {
        const fields: FieldRefusal[] = [{ field: "nickname", refusal: "nickname.taken" }];
        return { ok: false, refusal: "registration.invalid", fields };
      }
      const context = { email: email.address, emailKey: email.key, draft };
      const challengeId = await commitRequest(tx, caller, context, { resends: 0, abandons: null });
      if (nickname) {
        const until = clock.now() + preset.registration.unfinishedKeptForSeconds * second;
        await deps.reserveNickname(tx, nickname.key, challengeId, until);
      }
      await deps.journal.record(tx, {
        event: "registration.asked",
        accountId: null,
        actor: stranger,
        caller,
      });
      return done;
    });
  }

  /** This browser's request; null once it has run out: a removed sign-up is not made again from its draft. */
  async function latest(caller: Caller): Promise<{ challenge: Challenge; context: ConfirmContext } | null> {
    const challenge = await challenges.latestOfBrowser(store, "confirm", caller.browserId);
    if (!challenge || challenge.expires_at <= clock.now()) return null;
    const context = challenges.contextOf<ConfirmContext>(challenge);
    return context && { challenge, context };
  }

  /** Sends again; a repeat replaces, never multiplies. Refused before its time, which the waiting page counts down. */
  async function resend(caller: Caller): Promise<ResendOutcome> {
    const last = await latest(caller);
    if (!last) return { ok: false, refusal: "registration.nothing-to-send" };
    const until = last.challenge.next_resend_at ?? 0;
    if (until > clock.now()) return { ok: false, refusal: "registration.too-early", until };
    return repeat(caller, last.context, { resends: last.challenge.resends + 1, abandons: null });
  }

  /** Corrects a mistyped address without starting again and without waiting. */
  async function correct(caller: Caller, typed: string): Promise<CorrectOutcome> {
    const last = await latest(caller);
    if (!last) return { ok: false, refusal: "registration.nothing-to-send" };
    const email = parseEmailAddress(typed);
    if (!email.ok) return email;
    if (email.key === last.context.emailKey) return resend(caller);
    const { draft } = last.context;
    const context: ConfirmContext = {
      email: email.address,
      emailKey: email.key,
      draft: draft && { ...draft, email: email.address, emailKey: email.key },
    };
    return repeat(caller, context, { resends: last.challenge.resends, abandons: last.challenge.id });
  }

  async function repeat(
    caller: Caller,
    context: ConfirmContext,
    earlier: { resends: number; abandons: string | null },
  ): Promise<ResendOutcome> {
    return store.transact(async (tx): Promise<ResendOutcome> => {
      const budget = await budgets.spend(tx, "sign-up.per-source", caller.sourceKey);
      if (!budget.ok) return { ok: false, refusal: "registration.too-many", until: budget.until };
      await commitRequest(tx, caller, context, earlier);
      return done;
    });
  }

  /** « Vous n'avez pas reçu les instructions de confirmation ? »: from any browser, for any address. */
  async function askAgain(caller: Caller, typed: string): Promise<CorrectOutcome> {
    const email = parseEmailAddress(typed);
    if (!email.ok) return email;
    const last = await latest(caller);
    if (last && last.context.emailKey === email.key) return resend(caller);
    return repeat(
      caller,
      { email: email.address, emailKey: email.key, draft: null },
      { resends: 0, abandons: null },
    );
  }

  return { signUp, resend, correct, askAgain, latest };
}
