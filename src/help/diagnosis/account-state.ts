import { type Budgets, spendRequest } from "../../access/budgets/budgets.ts";
import type {
  Challenge,
  Challenges,
  CodeOutcome,
  LinkCondition,
} from "../../access/challenges/challenges.ts";
import type { Account, ContactPoint, Identifier } from "../../accounts/accounts.ts";
import { parseEmailAddress } from "../../accounts/addresses/email-address.ts";
import { parseMobileNumber } from "../../accounts/addresses/phone-number.ts";
import { mayBeTold } from "../../accounts/reach.ts";
import type { ChannelKind, Kind, Preset } from "../../config/preset.ts";
import type { Journal } from "../../journal/journal.ts";
import { stranger } from "../../journal/journal.ts";
import type { Caller } from "../../kernel/caller.ts";
import { type Clock, day, hour, second } from "../../kernel/clock.ts";
import type { Keys } from "../../kernel/keys.ts";
import { done } from "../../kernel/outcome.ts";
import type { MessageStatus } from "../../outbox/outbox.store.ts";
import type { Requests } from "../../outbox/requests.ts";
import type { Db, Store, Tx } from "../../store/store.ts";

/**
 * « Voir l’état de mon compte »: whoever proves to read an address or number is told how the accounts behind it
 * are, what became of the last messages to it, and which page puts it right. The form is the same for everybody
 * (promise 2), the message carries link and code (promise 4), and what it opens can only be read: for an hour, in
 * the browser that opened it, and it signs nobody in.
 *
 * Tables: none of its own; challenges (purpose "see-state"). What a browser may read is a sealed value in its own
 * address line, bound to its binding cookie.
 * Settings: recallChannels, recoverWithDeclared, messages.*, limits "request.*", "sms.*".
 * Refusals: email.*, phone.*, account-state.too-many, .too-early, .nothing-to-send, code.*, conditions of a link.
 * Requests: account-state.ask, resolved by account-state.worker. Messages: account-state.link; truth.no-account.
 */
export interface StateContext {
  channel: ChannelKind;
  address: string;
  addressKey: string;
  /** As its owner writes it, for the waiting page. */
  shown: string;
}

/** What the worker receives. */
export interface StateRequest {
  challengeId: string;
  linkPlain: string;
  codePlain: string;
  context: StateContext;
  sourceKey: string;
}

export interface StateForm {
  channel: string;
  email: string;
  phone: string;
}

type AddressRefusal = Extract<
  ReturnType<typeof parseEmailAddress> | ReturnType<typeof parseMobileNumber>,
  { ok: false }
>["refusal"];

export type StateOutcome =
  | { ok: true }
  | { ok: false; refusal: AddressRefusal; field: "email" | "phone" }
  | { ok: false; refusal: "account-state.nothing-to-send" }
  | { ok: false; refusal: "account-state.too-many" | "account-state.too-early"; until: number };

/** `works`: nothing of what we know is in the way. */
export type AccountCondition =
  | "works"
  | "locked"
  | "invited"
  | "by-letter"
  | "unconfirmed"
  | "disabled"
  | "closed";

export interface AccountSeen {
  id: string;
  /** Null where only a registry says that the address or number is theirs, and nobody invited them (`by-letter`). */
  name: string | null;
  kind: Kind;
  /** Null with the name. */
  identifier: string | null;
  condition: AccountCondition;
  lockedUntil: number | null;
}

export interface MessageSeen {
  id: string;
  template: string;
  queuedAt: number;
  leftAt: number | null;
  status: MessageStatus;
  tries: number;
}

export interface StateSeen {
  channel: ChannelKind;
  shown: string;
  accounts: AccountSeen[];
  messages: MessageSeen[];
  /** When the page closes. */
  until: number;
}

export interface StateAccounts {
  contactPointsAt(db: Db, addressKey: string): Promise<(ContactPoint & { account: Account })[]>;
  identifiersOf(db: Db, accountId: string): Promise<Identifier[]>;
}

interface Pass {
  context: StateContext;
  browser: string;
  until: number;
}

export const readFor = hour;
const messagesShown = 8;
const messagesOf = 30 * day;

export type AccountState = ReturnType<typeof createAccountState>;

export function createAccountState(deps: {
  store: Store;
  clock: Clock;
  keys: Keys;
  preset: Preset;
  /** By what a message can be asked for here. */
  channels: ChannelKind[];
  journal: Journal;
  requests: Requests;
  budgets: Budgets;
  challenges: Challenges;
  accounts: StateAccounts;
  lockedUntil: (db: Db, accountId: string) => Promise<number | null>;
  /** By what an account is activated to which nobody invited its person; null for every other. */
  opensBy: (db: Db, account: Account) => Promise<string | null>;
  messagesTo: (
    db: Db,
    addressKey: string,
    since: number,
    limit: number,
  ) => Promise<
    {
      id: string;
      template: string;
      queued_at: number;
      left_at: number | null;
      status: MessageStatus;
      tries: number;
    }[]
  >;
}) {
  const { store, clock, preset, challenges, accounts, keys } = deps;
  /** How long a request concerns its browser: sending may take that long, and then the code works. */
  const concernsFor = (preset.messages.resetUsefulForSeconds + preset.messages.codeValidForSeconds) * second;

  function channelOf(form: StateForm): ChannelKind {
    const [usual, other] = deps.channels as [ChannelKind, ChannelKind?];
    const chosen = deps.channels.find((channel) => channel === form.channel);
    if (chosen) return chosen;
    const isFilled = { email: form.email.trim() !== "", sms: form.phone.trim() !== "" };
    return other && isFilled[other] && !isFilled[usual] ? other : usual;
  }

  function readAddress(
    form: StateForm,
  ): { ok: true; context: StateContext } | (StateOutcome & { ok: false }) {
    const channel = channelOf(form);
    if (channel === "email") {
      const email = parseEmailAddress(form.email);
      if (!email.ok) return { ...email, field: "email" };
      const { address, key } = email;
      return { ok: true, context: { channel, address, addressKey: key, shown: address } };
    }
    const number = parseMobileNumber(form.phone, preset.phoneCountry);
    if (!number.ok) return { ...number, field: "phone" };
    const { e164, shown } = number;
    return { ok: true, context: { channel, address: e164, addressKey: e164, shown } };
  }

  /** This browser's request; null when there is none, or one so old that somebody else may sit here by now. */
  async function latest(caller: Caller): Promise<{ challenge: Challenge; context: StateContext } | null> {
    const challenge = await challenges.latestOfBrowser(store, "see-state", caller.browserId);
    if (!challenge || challenge.requested_at + concernsFor <= clock.now()) return null;
    const context = challenges.contextOf<StateContext>(challenge);
    return context && { challenge, context };
  }

  /** Commits the request for everybody alike. A repeat replaces this browser's earlier one, never multiplies. */
  function ask(caller: Caller, context: StateContext, resends: number): Promise<StateOutcome> {
    return store.transact(async (tx: Tx): Promise<StateOutcome> => {
      const budget = await spendRequest(deps.budgets, tx, caller);
      if (!budget.ok) return { ok: false, refusal: "account-state.too-many", until: budget.until };
      const opened = await challenges.open(tx, {
        purpose: "see-state",
        subject: context.addressKey,
        caller,
        locale: caller.locale,
        context,
        lastsForSeconds: preset.messages.resetUsefulForSeconds,
        resends,
      });
      const payload: StateRequest = {
        challengeId: opened.id,
        linkPlain: opened.linkPlain,
        codePlain: opened.codePlain,
        context,
        sourceKey: caller.sourceKey,
      };
      await deps.requests.commit(tx, { kind: "account-state.ask", payload, incident: caller.incident });
      await deps.journal.record(tx, {
        event: "account-state.asked",
        accountId: null,
        actor: stranger,
        caller,
      });
      return done;
    });
  }

  /** « Voir l’état de mon compte », and the correction of a mistyped address on the waiting page. */
  async function requestState(caller: Caller, form: StateForm): Promise<StateOutcome> {
    const read = readAddress(form);
    if (!read.ok) return read;
    const last = await latest(caller);
    const isRepeat =
      last?.context.addressKey === read.context.addressKey && last.challenge.status !== "redeemed";
    return ask(caller, read.context, isRepeat ? last.challenge.resends + 1 : 0);
  }

  /** Sends again; refused before its time, which the waiting page counts down. */
  async function resend(caller: Caller): Promise<StateOutcome> {
    const last = await latest(caller);
    if (!last) return { ok: false, refusal: "account-state.nothing-to-send" };
    const until = last.challenge.next_resend_at ?? 0;
    if (until > clock.now()) return { ok: false, refusal: "account-state.too-early", until };
    return ask(caller, last.context, last.challenge.resends + 1);
  }

  /** A new message in one press, from the page of a link that serves no more, in whatever browser. */
  async function askAgain(caller: Caller, linkPlain: string): Promise<StateOutcome> {
    const { challenge } = await challenges.readLink(store, "see-state", linkPlain);
    const context = challenge && challenges.contextOf<StateContext>(challenge);
    return context ? ask(caller, context, 0) : { ok: false, refusal: "account-state.nothing-to-send" };
  }

  // ── What was proved ────────────────────────────────────────────────────────────────────────────────────────

  /** What this browser may read for an hour; another browser cannot, even with the same address line. */
  const passFor = (caller: Caller, context: StateContext): string =>
    keys.seal(
      "account-state.pass",
      JSON.stringify({ context, browser: caller.browserId, until: clock.now() + readFor } satisfies Pass),
    );

  async function opened(
    tx: Tx,
    caller: Caller,
    challenge: Challenge,
    by: "link" | "code",
  ): Promise<string | null> {
    const context = challenges.contextOf<StateContext>(challenge);
    if (!context || challenge.account_id === null) return null;
    const accountId = challenge.account_id;
    await challenges.endOfAccount(tx, accountId, { purpose: "see-state", exceptId: challenge.id });
    await deps.journal.record(tx, {
      event: "account-state.seen",
      accountId,
      actor: { kind: "person", id: accountId },
      params: { by },
      caller,
    });
    return passFor(caller, context);
  }

  /** Spends the link; answers what this browser may read from now on. */
  function openByLink(
    caller: Caller,
    linkPlain: string,
  ): Promise<{ ok: true; pass: string } | { ok: false; condition: Exclude<LinkCondition, "open"> }> {
    return store.transact(async (tx) => {
      const { condition, challenge } = await challenges.redeemLink(tx, "see-state", linkPlain);
      const pass = condition === "open" && challenge ? await opened(tx, caller, challenge, "link") : null;
      if (pass !== null) return { ok: true, pass };
      return { ok: false, condition: condition === "open" ? "unknown" : condition };
    });
  }

  /** The same with the code, in the browser that asked; a press that comes twice opens it twice. */
  function openByCode(
    caller: Caller,
    typed: string,
  ): Promise<{ ok: true; pass: string } | (CodeOutcome & { ok: false })> {
    return store.transact(async (tx) => {
      const judged = await challenges.redeemByCode(tx, caller, "see-state", typed);
      if (!judged.ok) return judged;
      const pass = judged.isRepeated
        ? passAgain(caller, judged.challenge)
        : await opened(tx, caller, judged.challenge, "code");
      return pass ? { ok: true as const, pass } : { ok: false as const, refusal: "code.ended" as const };
    });
  }

  function passAgain(caller: Caller, challenge: Challenge): string | null {
    const context = challenges.contextOf<StateContext>(challenge);
    return context && passFor(caller, context);
  }

  /** What a pass lets this browser read now; null where it is another's, altered, or over. */
  async function see(caller: Caller, sealed: string): Promise<StateSeen | null> {
    const opened = keys.open("account-state.pass", sealed);
    if (opened === null) return null;
    const { context, browser, until } = JSON.parse(opened) as Pass;
    if (browser !== caller.browserId || until <= clock.now()) return null;
    return { ...(await stateOf(context)), until };
  }

  async function stateOf({ channel, addressKey, shown }: StateContext): Promise<Omit<StateSeen, "until">> {
    const points = await accounts.contactPointsAt(store, addressKey);
    const told = points.filter((point) => mayBeTold(point, channel, { preset, now: clock.now() }));
    const seen: AccountSeen[] = [];
    for (const { account } of told) {
      const lockedUntil = await deps.lockedUntil(store, account.id);
      const isByLetter = (await deps.opensBy(store, account)) !== null;
      const [identifier] = await accounts.identifiersOf(store, account.id);
      seen.push({
        id: account.id,
        name: isByLetter ? null : account.name,
        kind: account.kind,
        identifier: isByLetter ? null : (identifier?.shown ?? shown),
        condition: isByLetter ? "by-letter" : conditionOf(account, lockedUntil),
        lockedUntil,
      });
    }
    const since = clock.now() - messagesOf;
    const messages = await deps.messagesTo(store, addressKey, since, messagesShown);
    return {
      channel,
      shown,
      accounts: seen,
      messages: messages.map(({ id, template, queued_at, left_at, status, tries }) => ({
        id,
        template,
        queuedAt: queued_at,
        leftAt: left_at,
        status,
        tries,
      })),
    };
  }

  return {
    channels: deps.channels,
    channelOf,
    latest,
    requestState,
    resend,
    askAgain,
    /** What stands behind a link. Changes nothing, and tells nothing of the accounts (promise 4). */
    look: (linkPlain: string) => challenges.readLink(store, "see-state", linkPlain),
    openByLink,
    openByCode,
    see,
    /** What became of this browser's request: that it was opened, never where. */
    async follow(caller: Caller): Promise<"waiting" | "opened"> {
      const last = await latest(caller);
      return last?.challenge.status === "redeemed" ? "opened" : "waiting";
    },
  };
}

function conditionOf(account: Account, lockedUntil: number | null): AccountCondition {
  switch (account.status) {
    case "disabled":
    case "closed":
      return account.status;
    case "pending":
      return account.password_hash === null ? "invited" : "unconfirmed";
    case "active":
      return lockedUntil === null ? "works" : "locked";
  }
}
