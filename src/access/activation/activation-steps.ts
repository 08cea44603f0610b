import type { Account, Accounts, ContactChannel, ContactPoint, Identifier } from "../../accounts/accounts.ts";
import { type EmailRefusal, parseEmailAddress } from "../../accounts/addresses/email-address.ts";
import { type PhoneRefusal, parseMobileNumber } from "../../accounts/addresses/phone-number.ts";
import type { Preset } from "../../config/preset.ts";
import { smsCountriesOf } from "../../config/sms-countries.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Caller, StartedSession } from "../../kernel/caller.ts";
import { type Clock, hour, second } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { Keys } from "../../kernel/keys.ts";
import { done } from "../../kernel/outcome.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { everybody, spendRequest } from "../budgets/budgets.ts";
import type { SmsBudgets } from "../budgets/sms-ceilings.ts";
import type { Challenge, Challenges, CodeOutcome, LinkCondition } from "../challenges/challenges.ts";
import * as rows from "./activation-steps.store.ts";

/**
 * The steps of an activation that its own person begins, by the code of a letter or by a mobile number: password, then
 * a contact point that is proved, then the account is open. Each step stands on a page of its own and is committed, so
 * that the next one finds it, for an hour from the last act: whoever sits there later must not go on. The link of a
 * message works as long as the message is useful. In the browser that began it the account page opens at once; the
 * link opened elsewhere ends on sign-in (promise 5). One browser may begin for several people, such as two children:
 * the newest is the one that its pages show, and each one's link opens their own account.
 *
 * Tables: activations; challenges (purpose "activate-contact") hold the contact point given, until it is proved.
 * Settings: recoveryChannels, password.minLength, phoneCountry, smsCountries, messages.*, limits "request.*", "sms.*",
 * "new-password.per-challenge".
 * Refusals: activation.none, .letter-closed, .letter-expired, .letter-replaced, .letter-used, .too-many, .too-early,
 * email.*, phone.*, password.rule.*, code.*. Events: activation.begun-by-letter, -by-mobile, .contact-asked, .opened, sign-in.done.
 * Messages: activation.contact, .open.
 */
export interface BegunActivation {
  id: string;
  account: Account;
  identifiers: Identifier[];
  /** The number that the activation began with; null for a letter. */
  provedPoint: ContactPoint | null;
  step: "password" | "contact";
}

/** Why there is nothing to go on with. `replaced`: begun anew; `closed`: the account was, or is disabled. */
export type NoActivation =
  | "none"
  | "opened"
  | "expired"
  | "replaced"
  | "closed"
  | "letter-expired"
  | "letter-replaced"
  | "letter-used";
export type ActivationLook =
  | { ok: true; activation: BegunActivation; row: rows.ActivationRow }
  | { ok: false; why: NoActivation };

export interface OpenedAccount {
  identifier: string;
  /** Set only in the browser that began. */
  session: StartedSession | null;
}

/** What a contact point given here is, until it is proved. */
export interface GivenContact {
  activationId: string;
  channel: ContactChannel;
  address: string;
  key: string;
}

type Refused = { ok: false; refusal: "activation.none"; why: NoActivation };
export type PasswordOutcome =
  | { ok: true; opened: OpenedAccount | null }
  | { ok: false; refusal: "activation.password"; failedRules: string[]; activation: BegunActivation }
  | { ok: false; refusal: "activation.too-many"; until: number }
  | Refused;
export type ContactOutcome =
  | { ok: true }
  | { ok: false; refusal: EmailRefusal | PhoneRefusal; field: "email" | "phone" }
  | { ok: false; refusal: "activation.too-many" | "activation.too-early"; until: number }
  | Refused;
export type OpenOutcome = ({ ok: true } & OpenedAccount) | Refused;
/** What is behind the link of a message: the condition of the link itself, or of what it would open. */
export type ContactLinkCondition = Exclude<LinkCondition, "open"> | Exclude<NoActivation, "none" | "opened">;
export type ContactLinkLook =
  | { ok: true; challenge: Challenge; given: GivenContact; row: rows.ActivationRow }
  | { ok: false; condition: ContactLinkCondition };
export type ContactLinkOutcome =
  | ({ ok: true } & OpenedAccount)
  | { ok: false; condition: ContactLinkCondition };

export type StepAccounts = Pick<
  Accounts,
  "activate" | "addContactPoint" | "replacePassword" | "verifyContactPoint"
> & {
  findById(db: Db, id: string): Promise<Account | null>;
  hold(tx: Tx, id: string): Promise<Account | null>;
  identifiersOf(db: Db, accountId: string): Promise<Identifier[]>;
  contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
};

/** How long the browser may go on after each step; on a shared computer the next person must not. */
const stepLastsFor = hour;

export type ActivationSteps = ReturnType<typeof createActivationSteps>;

export function createActivationSteps(deps: {
  store: Store;
  clock: Clock;
  ids: Ids;
  keys: Keys;
  preset: Preset;
  hasSms: boolean;
  journal: Journal;
  outbox: Outbox;
  budgets: SmsBudgets;
  challenges: Challenges;
  accounts: StepAccounts;
  letters: {
    conditionOf(db: Db, letterId: string): Promise<"live" | "expired" | "replaced" | "used">;
    spendCode(tx: Tx, letterId: string): Promise<boolean>;
    endOfAccount(tx: Tx, accountId: string): Promise<void>;
  };
  hashPassword: (plain: string) => Promise<string>;
  /** Ids of the password rules that are not met. */
  failedPasswordRules: (plain: string, unlike: string[]) => Promise<string[]>;
  /** Messages reach this address after all. */
  unsuppress: (tx: Tx, addressKey: string) => Promise<void>;
  /** Signs this browser in and makes it known. */
  startSession: (tx: Tx, caller: Caller, accountId: string) => Promise<StartedSession>;
}) {
  const { store, clock, preset, challenges, accounts, journal, keys, letters } = deps;
  const { messages } = preset;

  const browserDigests = (browserId: string) => keys.digests("activation.browser", browserId);
  const none = (why: NoActivation): Refused => ({ ok: false, refusal: "activation.none", why });

  /** This browser proved who it is for: what it had begun before for the same person ends. */
  async function begin(
    tx: Tx,
    caller: Caller,
    proof: { accountId: string; letterId: string | null; contactPointId: string | null },
  ): Promise<void> {
    const digests = browserDigests(caller.browserId);
    const [browser_digest = ""] = digests;
    await rows.endOfAccount(tx, proof.accountId, digests);
    await rows.insert(tx, {
      id: deps.ids.uuid(),
      browser_digest,
      account_id: proof.accountId,
      letter_id: proof.letterId,
      contact_point_id: proof.contactPointId,
      password_hash: null,
      status: "begun",
      begun_at: clock.now(),
      browser_until: clock.now() + stepLastsFor,
      expires_at: clock.now() + stepLastsFor,
    });
    await journal.record(tx, {
      event: proof.letterId === null ? "activation.begun-by-mobile" : "activation.begun-by-letter",
      accountId: proof.accountId,
      actor: { kind: "person", id: proof.accountId },
      caller,
    });
  }

  /** What stands behind a row: nothing once its letter was replaced, or its account opened otherwise. */
  async function judgeRow(db: Db, row: rows.ActivationRow | null): Promise<ActivationLook> {
    if (!row) return { ok: false, why: "none" };
    // A press that came twice, or a page left open: it is done.
    if (row.status === "opened") return { ok: false, why: "opened" };
    const account = await accounts.findById(db, row.account_id);
    if (account?.status === "active") {
      return { ok: false, why: row.letter_id === null ? "opened" : "letter-used" };
    }
    if (account?.status !== "pending") return { ok: false, why: "closed" };
    if (row.letter_id !== null) {
      const condition = await letters.conditionOf(db, row.letter_id);
      if (condition !== "live") return { ok: false, why: `letter-${condition}` };
    }
    if (row.status === "ended") return { ok: false, why: "replaced" };
    if (row.expires_at <= clock.now()) return { ok: false, why: "expired" };
    const identifiers = await accounts.identifiersOf(db, account.id);
    const points = await accounts.contactPointsOf(db, account.id);
    const provedPoint = points.find(({ id }) => id === row.contact_point_id) ?? null;
    // The number was taken from the account meanwhile: it may be somebody else's by now.
    if (row.contact_point_id !== null && !provedPoint) return { ok: false, why: "none" };
    const step = row.password_hash === null ? "password" : "contact";
    return { ok: true, row, activation: { id: row.id, account, identifiers, provedPoint, step } };
  }

  /** The activation that this browser is in. Changes nothing (promise 4). */
  async function current(db: Db, caller: Caller): Promise<ActivationLook> {
    const look = await judgeRow(db, await rows.latestOfBrowser(db, browserDigests(caller.browserId)));
    return look.ok && look.row.browser_until <= clock.now() ? { ok: false, why: "expired" } : look;
  }

  /** After an act in its browser: that goes on for an hour, and the whole for `ms`, or as long as it did. */
  function lastingFor(row: rows.ActivationRow, ms: number) {
    const now = clock.now();
    return { browser_until: now + stepLastsFor, expires_at: Math.max(row.expires_at, now + ms) };
  }

  function failedRules({ account, identifiers, provedPoint }: BegunActivation, plain: string) {
    const names = [account.name, account.nickname ?? "", ...identifiers.map(({ shown }) => shown)];
    return deps.failedPasswordRules(plain, [...names, provedPoint?.address ?? ""]);
  }

  /** Keeps the password chosen. Where a number is proved already, the account is open with it. */
  async function choosePassword(
    caller: Caller,
    plain: string,
    isSomebodySignedIn: boolean,
  ): Promise<PasswordOutcome> {
    const look = await current(store, caller);
    if (!look.ok) return none(look.why);
    const failed = await failedRules(look.activation, plain);
    if (failed.length > 0) {
      return {
        ok: false,
        refusal: "activation.password",
        failedRules: failed,
        activation: look.activation,
      };
    }
    // Spent before anything is hashed: hashing is what costs the service most.
    const budget = await store.transact((tx) =>
      deps.budgets.spend(tx, "new-password.per-challenge", look.row.id),
    );
    if (!budget.ok) return { ok: false, refusal: "activation.too-many", until: budget.until };
    const password_hash = await deps.hashPassword(plain);
    return store.transact(async (tx): Promise<PasswordOutcome> => {
      await accounts.hold(tx, look.row.account_id);
      const again = await current(tx, caller);
      if (!again.ok || again.row.id !== look.row.id) return none(again.ok ? "none" : again.why);
      const kept = { password_hash, ...lastingFor(again.row, stepLastsFor) };
      if (!(await rows.keepPassword(tx, again.row.id, kept))) return none("none");
      if (again.row.contact_point_id === null) return { ok: true, opened: null };
      const opened = await open(tx, caller, { ...again.row, ...kept }, null, !isSomebodySignedIn);
      return opened.ok ? { ok: true, opened } : opened;
    });
  }

  /** By what this person may be reached, the usual one first. */
  function channelsOf({ account }: BegunActivation): ContactChannel[] {
    return preset.recoveryChannels[account.kind].filter((channel) => channel !== "sms" || deps.hasSms);
  }

  function readContact(
    channel: ContactChannel,
    typed: string,
  ): { ok: true; address: string; key: string } | (ContactOutcome & { ok: false }) {
    if (channel === "email") {
      const email = parseEmailAddress(typed);
      return email.ok ? email : { ...email, field: "email" };
    }
    const mobile = parseMobileNumber(typed, preset.phoneCountry, smsCountriesOf(preset));
    return mobile.ok ? { ...done, address: mobile.e164, key: mobile.e164 } : { ...mobile, field: "phone" };
  }

  /** Sends a code and a link to the contact point given: it counts once it is proved. */
  async function giveContact(
    caller: Caller,
    form: { channel: ContactChannel; typed: string },
  ): Promise<ContactOutcome> {
    const look = await current(store, caller);
    if (!look.ok || look.activation.step !== "contact") return none(look.ok ? "none" : look.why);
    const channel = channelsOf(look.activation).find((offered) => offered === form.channel) ?? "email";
    const contact = readContact(channel, form.typed);
    if (!contact.ok) return contact;
    const { address, key } = contact;
    return sendContactCode(caller, { activationId: look.row.id, channel, address, key }, 0);
  }

  function sendContactCode(caller: Caller, given: GivenContact, resends: number): Promise<ContactOutcome> {
    return store.transact(async (tx): Promise<ContactOutcome> => {
      const look = await current(tx, caller);
      if (!look.ok || look.row.id !== given.activationId) return none(look.ok ? "none" : look.why);
      const { account } = look.activation;
      const spent = await spendMessage(tx, caller, account.id, given);
      if (!spent.ok) return spent;
      const opened = await challenges.open(tx, {
        purpose: "activate-contact",
        subject: given.key,
        caller,
        ofAccount: account.id,
        locale: caller.locale,
        context: given,
        lastsForSeconds: messages.resetUsefulForSeconds,
        resends,
      });
      await challenges.attach(tx, opened.id, { accountId: account.id, contactPointId: null });
      await deps.outbox.enqueue(tx, {
        template: "activation.contact",
        channel: given.channel,
        to: given.address,
        toKey: given.key,
        accountId: account.id,
        contactPointId: null,
        challengeId: opened.id,
        locale: caller.locale,
        params: {
          askedAt: clock.now(),
          browser: caller.browser,
          validForSeconds: messages.codeValidForSeconds,
        },
        secrets: { codePlain: opened.codePlain, linkPlain: opened.linkPlain },
        usefulForSeconds: messages.resetUsefulForSeconds,
        priority: "urgent",
      });
      const concernsFor = messages.resetUsefulForSeconds + messages.codeValidForSeconds;
      await rows.prolong(tx, look.row.id, lastingFor(look.row, concernsFor * second));
      await journal.record(tx, {
        event: "activation.contact-asked",
        accountId: account.id,
        actor: { kind: "person", id: account.id },
        caller,
      });
      return done;
    });
  }

  /** The source first, then the narrowest: what a source is refused costs the account and everybody nothing. */
  async function spendMessage(
    tx: Tx,
    caller: Caller,
    accountId: string,
    given: GivenContact,
  ): Promise<{ ok: true } | (ContactOutcome & { ok: false })> {
    const { budgets } = deps;
    const limits = [
      () => spendRequest(budgets, tx, caller),
      () => budgets.spend(tx, "request.per-account", accountId),
      () => budgets.spend(tx, "request.service-wide", everybody),
    ];
    for (const spend of limits) {
      const spent = await spend();
      if (!spent.ok) return { ok: false, refusal: "activation.too-many", until: spent.until };
    }
    if (given.channel === "email") return done;
    const sms = await budgets.spendSms(tx, { number: given.address, sourceKey: caller.sourceKey });
    if (sms.ok) return done;
    if (sms.until === null) return { ok: false, refusal: "phone.country", field: "phone" };
    return { ok: false, refusal: "activation.too-many", until: sms.until };
  }

  /** What the waiting page of this browser is about; null when there is nothing. */
  async function waiting(caller: Caller): Promise<{ challenge: Challenge; given: GivenContact } | null> {
    const look = await current(store, caller);
    const challenge = await challenges.latestOfBrowser(store, "activate-contact", caller.browserId);
    const given = challenge && challenges.contextOf<GivenContact>(challenge);
    if (!look.ok || !challenge || given?.activationId !== look.row.id) return null;
    return { challenge, given };
  }

  /** Whether the link of a message stands for what this browser waits for: then it may have a new one in one press. */
  async function mayResend(caller: Caller, linkPlain: string): Promise<boolean> {
    const { challenge } = await challenges.readLink(store, "activate-contact", linkPlain);
    const given = challenge && challenges.contextOf<GivenContact>(challenge);
    const last = await waiting(caller);
    return (
      last !== null && last.challenge.status !== "refused" && last.given.activationId === given?.activationId
    );
  }

  /** Sends again; refused before its time, which the waiting page counts down. */
  async function resend(caller: Caller): Promise<ContactOutcome> {
    const last = await waiting(caller);
    if (!last) return none("none");
    const until = last.challenge.next_resend_at ?? 0;
    if (until > clock.now()) return { ok: false, refusal: "activation.too-early", until };
    return sendContactCode(caller, last.given, last.challenge.resends + 1);
  }

  /**
   * Everything that opening means, in one transaction: whoever comes at once, one gets through. The account's row is
   * held by whoever asks. What a reprinted letter or another browser ended meanwhile leads nowhere.
   */
  async function open(
    tx: Tx,
    caller: Caller,
    row: rows.ActivationRow,
    given: Omit<GivenContact, "activationId"> | null,
    mayStartSession: boolean,
  ): Promise<OpenOutcome> {
    const look = await judgeRow(tx, row);
    if (!look.ok || row.password_hash === null) return none(look.ok ? "none" : look.why);
    const { account, identifiers, provedPoint } = look.activation;
    // With the account's row held none of these can be refused any more; if one were, nothing of it may be kept.
    const isFirst =
      (await rows.end(tx, row.id, "opened")) &&
      (row.letter_id === null || (await letters.spendCode(tx, row.letter_id))) &&
      (await accounts.activate(tx, account.id, provedPoint?.id ?? null));
    if (!isFirst) throw new Fault("An activation was opened that is over.");
    await accounts.replacePassword(tx, account.id, row.password_hash);
    await challenges.endOfAccount(tx, account.id);
    await letters.endOfAccount(tx, account.id);
    await rows.endOfAccount(tx, account.id);
    const proved = given ?? (provedPoint && { ...provedPoint, key: provedPoint.address_key });
    if (given) await addProved(tx, account.id, given);
    if (proved) await deps.unsuppress(tx, proved.key);
    const identifier = identifiers[0]?.shown ?? "";
    await tell(tx, account, identifier, caller.locale);
    const session = mayStartSession ? await deps.startSession(tx, caller, account.id) : null;
    const line = { accountId: account.id, actor: { kind: "person", id: account.id }, caller } as const;
    await journal.record(tx, { ...line, event: "activation.opened" });
    // Whoever comes in by opening the account has signed in: nobody is to be told that they never did.
    if (session) await journal.record(tx, { ...line, event: "sign-in.done" });
    return { ok: true, identifier, session };
  }

  async function addProved(
    tx: Tx,
    accountId: string,
    { channel, address, key }: Omit<GivenContact, "activationId">,
  ): Promise<void> {
    const points = await accounts.contactPointsOf(tx, accountId);
    const same = points.find((point) => point.channel === channel && point.address_key === key);
    if (same) return accounts.verifyContactPoint(tx, same.id);
    await accounts.addContactPoint(tx, accountId, {
      channel,
      address,
      key,
      state: "verified",
      origin: "person",
    });
  }

  /** Every contact point is told, those of the registry too: a letter may have been opened by somebody else. */
  async function tell(tx: Tx, account: Account, identifier: string, locale: string): Promise<void> {
    for (const point of await accounts.contactPointsOf(tx, account.id)) {
      if (point.channel === "sms") {
        const asked = { number: point.address, sourceKey: null };
        if (!deps.hasSms || !(await deps.budgets.spendSms(tx, asked)).ok) continue;
      }
      await deps.outbox.enqueue(tx, {
        template: "activation.open",
        channel: point.channel,
        to: point.address,
        toKey: point.address_key,
        accountId: account.id,
        contactPointId: point.id,
        challengeId: null,
        locale,
        params: { name: account.name, identifier },
        secrets: null,
        usefulForSeconds: messages.noticeUsefulForSeconds,
        priority: "usual",
      });
    }
  }

  /**
   * Proves the contact point by its code, in the browser that began, and opens the account with it. What cannot be
   * opened spends no code.
   */
  function openByCode(
    caller: Caller,
    typed: string,
    isSomebodySignedIn: boolean,
  ): Promise<OpenOutcome | (CodeOutcome & { ok: false })> {
    return store.transact(async (tx) => {
      const latest = await challenges.latestOfBrowser(tx, "activate-contact", caller.browserId);
      if (latest?.account_id) await accounts.hold(tx, latest.account_id);
      const given = latest && challenges.contextOf<GivenContact>(latest);
      const look = await judgeRow(tx, given && (await rows.findById(tx, given.activationId)));
      if (given && !look.ok) return none(look.why);
      const judged = await challenges.redeemByCode(tx, caller, "activate-contact", typed);
      if (!judged.ok) return judged;
      return given && look.ok ? open(tx, caller, look.row, given, !isSomebodySignedIn) : none("none");
    });
  }

  /** What the page behind the link of a message shows; changes nothing (promise 4). */
  async function lookAtLink(db: Db, linkPlain: string): Promise<ContactLinkLook> {
    const { condition, challenge } = await challenges.readLink(db, "activate-contact", linkPlain);
    const given = challenge && challenges.contextOf<GivenContact>(challenge);
    if (!challenge || !given) return { ok: false, condition: "unknown" };
    if (condition !== "open" && condition !== "used") return { ok: false, condition };
    const look = await judgeRow(db, await rows.findById(db, given.activationId));
    if (!look.ok) return { ok: false, condition: linkConditionOf(look.why, condition) };
    // Ended, and not by an account that opened: staff corrected what the message went to.
    if (condition === "used") return { ok: false, condition: "replaced" };
    return { ok: true, challenge, given, row: look.row };
  }

  /** Of a link that is open, or used, when what it stands for cannot be gone on with. */
  function linkConditionOf(why: NoActivation, condition: "open" | "used"): ContactLinkCondition {
    if (why === "opened") return "used";
    if (why === "none") return condition === "used" ? "used" : "expired";
    return why;
  }

  /**
   * The same by the link, in any browser: elsewhere than where it began, nobody is signed in (promise 5). What cannot
   * be opened spends no link.
   */
  function openByLink(
    caller: Caller,
    linkPlain: string,
    isSomebodySignedIn: boolean,
  ): Promise<ContactLinkOutcome> {
    return store.transact(async (tx): Promise<ContactLinkOutcome> => {
      const read = await challenges.readLink(tx, "activate-contact", linkPlain);
      if (read.challenge?.account_id) await accounts.hold(tx, read.challenge.account_id);
      const look = await lookAtLink(tx, linkPlain);
      if (!look.ok) return look;
      const { challenge, given, row } = look;
      const { condition } = await challenges.redeemLink(tx, "activate-contact", linkPlain);
      if (condition !== "open") return { ok: false, condition };
      const isOwnBrowser = challenges.isOwnBrowser(challenge, caller.browserId);
      const opened = await open(tx, caller, row, given, isOwnBrowser && !isSomebodySignedIn);
      return opened.ok ? opened : { ok: false, condition: linkConditionOf(opened.why, "used") };
    });
  }

  /** The owner of the address knows of nothing: it is not added to anybody's account. */
  function refuseLink(caller: Caller, linkPlain: string): Promise<{ condition: LinkCondition }> {
    return store.transact(async (tx) => {
      const { condition, challenge } = await challenges.redeemLink(
        tx,
        "activate-contact",
        linkPlain,
        "refused",
      );
      if (condition !== "open" || !challenge) return { condition };
      await journal.record(tx, {
        event: "activation.contact-refused",
        accountId: challenge.account_id,
        actor: { kind: "stranger", id: null },
        caller,
      });
      return { condition: "refused" as const };
    });
  }

  /**
   * « Plus tard » : opens the account without a contact point. A pupil may have none, and a guardian may have nothing
   * but a landline: their letter has proved who they are, and the office helps them back in on the spot (promise 7).
   */
  function openWithout(caller: Caller, isSomebodySignedIn: boolean): Promise<OpenOutcome> {
    return store.transact(async (tx): Promise<OpenOutcome> => {
      const row = await rows.latestOfBrowser(tx, browserDigests(caller.browserId));
      if (row) await accounts.hold(tx, row.account_id);
      const look = await current(tx, caller);
      if (!look.ok) return none(look.why);
      if (look.activation.step !== "contact") return none("none");
      return open(tx, caller, look.row, null, !isSomebodySignedIn);
    });
  }

  /** « Ce n’est pas moi » : this browser forgets what it began. The letter still works, and so does a link sent. */
  function stop(caller: Caller): Promise<void> {
    return store.transact((tx) => rows.letGoOf(tx, browserDigests(caller.browserId), clock.now()));
  }

  /** What became of the message: only that it is finished, never more. */
  async function follow(caller: Caller): Promise<"waiting" | "finished"> {
    const latest = await challenges.latestOfBrowser(store, "activate-contact", caller.browserId);
    return latest?.status === "redeemed" ? "finished" : "waiting";
  }

  return {
    begin,
    current: (caller: Caller) => current(store, caller),
    choosePassword,
    channelsOf,
    giveContact,
    waiting,
    mayResend,
    resend,
    openByCode,
    lookAtLink: (linkPlain: string) => lookAtLink(store, linkPlain),
    openByLink,
    refuseLink,
    openWithout,
    stop,
    follow,
    forget: (tx: Tx, expiredBefore: number) => rows.forget(tx, expiredBefore),
  };
}
