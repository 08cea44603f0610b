import { parseEmailAddress } from "../../accounts/addresses/email-address.ts";
import { parseMobileNumber } from "../../accounts/addresses/phone-number.ts";
import type { ChannelKind, Kind, Preset } from "../../config/preset.ts";
import type { Journal } from "../../journal/journal.ts";
import { stranger } from "../../journal/journal.ts";
import type { Caller } from "../../kernel/caller.ts";
import { type Clock, day } from "../../kernel/clock.ts";
import { done } from "../../kernel/outcome.ts";
import type { Requests } from "../../outbox/requests.ts";
import type { Store, Tx } from "../../store/store.ts";
import { type Budgets, spendRequest } from "../budgets/budgets.ts";
import type { Challenge, Challenges } from "../challenges/challenges.ts";

/**
 * Recall of a forgotten identifier: the person writes an address or a mobile number, and one message to it lists
 * every account that it belongs to. The form looks nothing up and answers the same to everybody (promise 2).
 *
 * Tables: none of its own; challenges (purpose "recall") hold what the waiting page is about.
 * Settings: recallChannels, recoverWithDeclared, phoneCountry, messages.*, limits "request.*", "sms.*".
 * Refusals: email.*, phone.*, identifier-recall.too-many, .too-early, .nothing-to-send.
 * Requests: identifier-recall.ask, resolved by identifier-recall.worker.
 * Messages: identifier-recall.list; truth.no-account.
 */
export interface RecallContext {
  channel: ChannelKind;
  /** Where the message goes if it is some account's: the address in its usual spelling, or an E.164 number. */
  address: string;
  addressKey: string;
  /** As its owner writes it, for the waiting page. */
  shown: string;
}

/** What the worker receives. */
export interface RecallRequest {
  challengeId: string;
  context: RecallContext;
  sourceKey: string;
}

export interface RecallForm {
  kind: string;
  channel: string;
  email: string;
  phone: string;
}

type AddressRefusal = Extract<
  ReturnType<typeof parseEmailAddress> | ReturnType<typeof parseMobileNumber>,
  { ok: false }
>["refusal"];

export type RecallOutcome =
  | { ok: true }
  | { ok: false; refusal: AddressRefusal; field: "email" | "phone" }
  | { ok: false; refusal: "identifier-recall.nothing-to-send" }
  | { ok: false; refusal: "identifier-recall.too-many" | "identifier-recall.too-early"; until: number };

export type IdentifierRecall = ReturnType<typeof createIdentifierRecall>;

export function createIdentifierRecall(deps: {
  store: Store;
  clock: Clock;
  preset: Preset;
  /** By what a message can be asked for here. */
  channels: ChannelKind[];
  journal: Journal;
  requests: Requests;
  budgets: Budgets;
  challenges: Challenges;
}) {
  const { store, clock, preset, challenges } = deps;

  /** Whom the person says to be: it only orders the channels. */
  function kindOf(said: string): Kind | null {
    return preset.kinds.find((kind) => kind === said) ?? null;
  }

  function channelsFor(said: string): ChannelKind[] {
    const kind = kindOf(said);
    const usual = kind ? preset.recallChannels[kind] : [];
    return [...deps.channels].sort((one, other) => placeIn(usual, one) - placeIn(usual, other));
  }

  /** The channel chosen; else the one whose field was filled in; else the usual one of the kind. */
  function channelOf(form: RecallForm): ChannelKind {
    const [usual, other] = channelsFor(form.kind) as [ChannelKind, ChannelKind?];
    const chosen = deps.channels.find((channel) => channel === form.channel);
    if (chosen) return chosen;
    const typed = (channel: ChannelKind) => (channel === "email" ? form.email : form.phone).trim() !== "";
    return other && typed(other) && !typed(usual) ? other : usual;
  }

  /** This browser's request; null when there is none, or one so old that somebody else may sit here by now. */
  async function latest(caller: Caller): Promise<{ challenge: Challenge; context: RecallContext } | null> {
    const challenge = await challenges.latestOfBrowser(store, "recall", caller.browserId);
    if (!challenge || challenge.requested_at + day <= clock.now()) return null;
    const context = challenges.contextOf<RecallContext>(challenge);
    return context && { challenge, context };
  }

  /** Commits the request for everybody alike. A repeat replaces, never multiplies. */
  function ask(caller: Caller, context: RecallContext, resends: number): Promise<RecallOutcome> {
    return store.transact(async (tx: Tx): Promise<RecallOutcome> => {
      const budget = await spendRequest(deps.budgets, tx, caller);
      if (!budget.ok) return { ok: false, refusal: "identifier-recall.too-many", until: budget.until };
      const opened = await challenges.open(tx, {
        purpose: "recall",
        subject: context.addressKey,
        caller,
        locale: caller.locale,
        context,
        lastsForSeconds: preset.messages.noticeUsefulForSeconds,
        resends,
      });
      const payload: RecallRequest = { challengeId: opened.id, context, sourceKey: caller.sourceKey };
      await deps.requests.commit(tx, { kind: "identifier-recall.ask", payload, incident: caller.incident });
      await deps.journal.record(tx, {
        event: "identifier-recall.asked",
        accountId: null,
        actor: stranger,
        caller,
      });
      return done;
    });
  }

  function readAddress(
    form: RecallForm,
  ): { ok: true; context: RecallContext } | (RecallOutcome & { ok: false }) {
    const channel = channelOf(form);
    if (channel === "email") {
      const email = parseEmailAddress(form.email);
      if (!email.ok) return { ...email, field: "email" };
      return {
        ok: true,
        context: { channel, address: email.address, addressKey: email.key, shown: email.address },
      };
    }
    const number = parseMobileNumber(form.phone, preset.phoneCountry);
    if (!number.ok) return { ...number, field: "phone" };
    return {
      ok: true,
      context: { channel, address: number.e164, addressKey: number.e164, shown: number.shown },
    };
  }

  /** « Identifiant oublié ? », and the correction of a mistyped address on the waiting page. */
  async function requestRecall(caller: Caller, form: RecallForm): Promise<RecallOutcome> {
    const read = readAddress(form);
    if (!read.ok) return read;
    const last = await latest(caller);
    const isRepeat = last?.context.addressKey === read.context.addressKey;
    return ask(caller, read.context, isRepeat ? last.challenge.resends + 1 : 0);
  }

  /** Sends again; refused before its time, which the waiting page counts down. */
  async function resend(caller: Caller): Promise<RecallOutcome> {
    const last = await latest(caller);
    if (!last) return { ok: false, refusal: "identifier-recall.nothing-to-send" };
    const until = last.challenge.next_resend_at ?? 0;
    if (until > clock.now()) return { ok: false, refusal: "identifier-recall.too-early", until };
    return ask(caller, last.context, last.challenge.resends + 1);
  }

  /** Whom a person can say to be, where that makes a difference. */
  const kinds: Kind[] = preset.kinds.includes("pupil") && deps.channels.length > 1 ? preset.kinds : [];

  return { kinds, kindOf, channelsFor, channelOf, latest, requestRecall, resend };
}

function placeIn(usual: ChannelKind[], channel: ChannelKind): number {
  const place = usual.indexOf(channel);
  return place < 0 ? usual.length : place;
}
