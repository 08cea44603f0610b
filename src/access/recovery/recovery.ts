import { normaliseIdentifier } from "../../accounts/addresses/username.ts";
import type { ChannelKind, Preset } from "../../config/preset.ts";
import type { Journal } from "../../journal/journal.ts";
import { stranger } from "../../journal/journal.ts";
import type { Caller } from "../../kernel/caller.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import { done } from "../../kernel/outcome.ts";
import type { Requests } from "../../outbox/requests.ts";
import type { Store, Tx } from "../../store/store.ts";
import { type Budgets, spendRequest } from "../budgets/budgets.ts";
import type { Challenge, Challenges, CodeOutcome } from "../challenges/challenges.ts";

/**
 * Recovery: a person who forgot the password gets back in. One form, the same for everybody: nothing here looks
 * whether the identifier has an account (promise 2). A worker does (recovery.worker); the new password is chosen
 * in password-replacement.
 *
 * Tables: none of its own; challenges (purpose "reset").
 * Settings: recoveryChannels, recoverWithDeclared, password.minLength, messages.*, limits "request.*", "sms.*".
 * Refusals: recovery.identifier-missing, recovery.too-many, recovery.too-early, recovery.nothing-to-send, code.*;
 * of a new password: password.rule.*, recovery.too-many-passwords, and the conditions of a link.
 * Requests: recovery.ask, resolved by recovery.worker.
 * Messages: recovery.reset, .unavailable, .done.
 */
export interface RecoveryContext {
  /** As typed, for the truth to a mistyped address; never shown on a page. */
  typed: string;
  identifierKey: string;
  channel: ChannelKind;
}

/** What the worker receives. */
export interface RecoveryRequest {
  challengeId: string;
  linkPlain: string;
  codePlain: string;
  context: RecoveryContext;
  sourceKey: string;
  incident: string;
}

export type AskOutcome =
  | { ok: true }
  | { ok: false; refusal: "recovery.identifier-missing" | "recovery.nothing-to-send" }
  | { ok: false; refusal: "recovery.too-many" | "recovery.too-early"; until: number };

export type Recovery = ReturnType<typeof createRecovery>;

const longestKept = 320;

export function createRecovery(deps: {
  store: Store;
  clock: Clock;
  preset: Preset;
  /** By what a message can be asked for here, the first unless another is chosen. */
  channels: ChannelKind[];
  journal: Journal;
  requests: Requests;
  budgets: Budgets;
  challenges: Challenges;
}) {
  const { store, clock, preset, channels, challenges } = deps;
  /** How long a request concerns its browser: sending may take that long, and then the code works. */
  const concernsFor = (preset.messages.resetUsefulForSeconds + preset.messages.codeValidForSeconds) * second;

  function channelOf(chosen: string): ChannelKind {
    return channels.find((channel) => channel === chosen) ?? (channels[0] as ChannelKind);
  }

  /**
   * This browser's request; null when there is none, or one so old that somebody else may sit here by now. Decoys
   * are judged alike: by when they were asked for, which no account can change.
   */
  async function latest(caller: Caller): Promise<{ challenge: Challenge; context: RecoveryContext } | null> {
    const challenge = await challenges.latestOfBrowser(store, "reset", caller.browserId);
    if (!challenge || challenge.requested_at + concernsFor <= clock.now()) return null;
    const context = challenges.contextOf<RecoveryContext>(challenge);
    return context && { challenge, context };
  }

  /** Commits the request for everybody alike. A repeat replaces this browser's earlier one, never multiplies. */
  function ask(caller: Caller, context: RecoveryContext, resends: number): Promise<AskOutcome> {
    return store.transact(async (tx: Tx): Promise<AskOutcome> => {
      const budget = await spendRequest(deps.budgets, tx, caller);
      if (!budget.ok) return { ok: false, refusal: "recovery.too-many", until: budget.until };
      const opened = await challenges.open(tx, {
        purpose: "reset",
        subject: context.identifierKey,
        caller,
        locale: caller.locale,
        context,
        lastsForSeconds: preset.messages.resetUsefulForSeconds,
        resends,
      });
      const payload: RecoveryRequest = {
        challengeId: opened.id,
        linkPlain: opened.linkPlain,
        codePlain: opened.codePlain,
        context,
        sourceKey: caller.sourceKey,
        incident: caller.incident,
      };
      await deps.requests.commit(tx, { kind: "recovery.ask", payload, incident: caller.incident });
      await deps.journal.record(tx, { event: "recovery.asked", accountId: null, actor: stranger, caller });
      return done;
    });
  }

  /** « Mot de passe oublié ? »: refused only when nothing was typed, or to a source that asks too often. */
  async function requestRecovery(
    caller: Caller,
    form: { identifier: string; channel: string },
  ): Promise<AskOutcome> {
    const identifierKey = normaliseIdentifier(form.identifier);
    if (identifierKey === "") return { ok: false, refusal: "recovery.identifier-missing" };
    const last = await latest(caller);
    const isRepeat = last?.context.identifierKey === identifierKey && last.challenge.status !== "redeemed";
    return ask(
      caller,
      {
        typed: form.identifier.trim().slice(0, longestKept),
        identifierKey,
        channel: channelOf(form.channel),
      },
      isRepeat ? last.challenge.resends + 1 : 0,
    );
  }

  /** Sends again; refused before its time, which the waiting page counts down. */
  async function resend(caller: Caller): Promise<AskOutcome> {
    const last = await latest(caller);
    if (!last) return { ok: false, refusal: "recovery.nothing-to-send" };
    const until = last.challenge.next_resend_at ?? 0;
    if (until > clock.now()) return { ok: false, refusal: "recovery.too-early", until };
    return ask(caller, last.context, last.challenge.resends + 1);
  }

  /** The same by another channel, without waiting: what was asked for may be what does not arrive. */
  async function useOtherChannel(caller: Caller, channel: string): Promise<AskOutcome> {
    const last = await latest(caller);
    if (!last) return { ok: false, refusal: "recovery.nothing-to-send" };
    return ask(caller, { ...last.context, channel: channelOf(channel) }, last.challenge.resends + 1);
  }

  /** A new message in one press, from the page of a link that serves no more, in whatever browser it was opened. */
  async function askAgain(caller: Caller, linkPlain: string): Promise<AskOutcome> {
    if (linkPlain === "") {
      const last = await latest(caller);
      return last
        ? ask(caller, last.context, last.challenge.resends + 1)
        : { ok: false, refusal: "recovery.nothing-to-send" };
    }
    const { challenge } = await challenges.readLink(store, "reset", linkPlain);
    const context = challenge && challenges.contextOf<RecoveryContext>(challenge);
    return context ? ask(caller, context, 0) : { ok: false, refusal: "recovery.nothing-to-send" };
  }

  /** Judges the code in the browser that asked. What it proved already stays proved. */
  async function tryCode(
    caller: Caller,
    typed: string,
  ): Promise<{ ok: true } | (CodeOutcome & { ok: false })> {
    if (await challenges.provedOf(store, "reset", caller.browserId)) return done;
    const judged = await challenges.tryCode(caller, "reset", typed);
    return judged.ok ? done : judged;
  }

  /** What became of this browser's request: only that it is finished or proved, never more. */
  async function follow(caller: Caller): Promise<"waiting" | "proved" | "finished"> {
    const last = await latest(caller);
    if (last?.challenge.status === "redeemed") return "finished";
    return (await challenges.provedOf(store, "reset", caller.browserId)) ? "proved" : "waiting";
  }

  return { channels, latest, requestRecovery, resend, useOtherChannel, askAgain, tryCode, follow };
}
