import type { Account, ContactChannel, ContactPoint } from "../../accounts/accounts.ts";
import { type EmailRefusal, parseEmailAddress } from "../../accounts/addresses/email-address.ts";
import { type PhoneRefusal, parseMobileNumber } from "../../accounts/addresses/phone-number.ts";
import type { Preset } from "../../config/preset.ts";
import { smsCountriesOf } from "../../config/sms-countries.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Caller, Person } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import { done, type Outcome, refused } from "../../kernel/outcome.ts";
import type { Requests } from "../../outbox/requests.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { type Budgets, everybody } from "../budgets/budgets.ts";
import type { Challenge, Challenges } from "../challenges/challenges.ts";
import { maskContact } from "./mask-contact.ts";
import type { ContactNews } from "./warn-contacts.ts";

/**
 * Contacts: adding, correcting, verifying and removing what one is reached by. A new address or number is proved
 * first; only then does it serve, and the one it corrects becomes obsolete. Until then it stands in the sealed
 * challenge alone, where no other room can take it for a contact point.
 *
 * Tables: accounts' own; challenges (purpose "verify-contact") hold what was asked for.
 * Settings: identifier, sharedEmail, phoneCountry, messages.*, limits "request.*", "sms.*",
 * "password-again.per-account".
 * Refusals: email.*, phone.*, password-again.*, contacts.*, account.signed-out.
 * Requests: contacts.verify, resolved by contacts.worker: the page is the same for an address that is another
 * account's, and the truth goes to the mailbox (promise 2).
 * Messages: contacts.verify, contacts.taken; contacts.asked, .changed and .frozen, see warn-contacts and not-me.
 */
export interface ContactContext {
  channel: ContactChannel;
  address: string;
  key: string;
  /** The contact point that this one corrects. */
  replacesId: string | null;
  /** Set when it is a contact point already, to be verified. */
  contactPointId: string | null;
}

export interface VerifyRequest {
  challengeId: string;
  accountId: string;
  linkPlain: string;
  codePlain: string;
  context: ContactContext;
  sourceKey: string;
}

export interface ContactForm {
  channel: ContactChannel;
  typed: string;
  password: string;
  replacesId: string | null;
}

export type ContactFieldRefusal =
  | { field: "contact"; refusal: EmailRefusal | PhoneRefusal | "contacts.yours-already" }
  | { field: "current-password"; refusal: "password-again.missing" | "password-again.wrong" };

export type ContactRefusal =
  | { ok: false; refusal: "contacts.invalid"; fields: ContactFieldRefusal[] }
  | {
      ok: false;
      refusal: "contacts.too-many" | "contacts.too-early" | "password-again.too-many";
      until: number;
    }
  | { ok: false; refusal: "contacts.frozen"; until: number }
  | { ok: false; refusal: "contacts.not-found" | "contacts.nothing-waiting" | "account.signed-out" };

export type ContactOutcome = { ok: true } | ContactRefusal;
export type RemoveOutcome = ContactOutcome | { ok: false; refusal: "contacts.last" };

/** The password asked again, as another room judges it. */
export type JudgePassword = (
  caller: Caller,
  accountId: string,
  plain: string,
) => Promise<
  | { ok: true }
  | { ok: false; refusal: "password-again.missing" | "password-again.wrong" }
  | { ok: false; refusal: "password-again.too-many"; until: number }
>;

export type ContactAccounts = {
  findById(db: Db, id: string): Promise<Account | null>;
  contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
  updateContactPoint(tx: Tx, id: string, change: Partial<ContactPoint>): Promise<void>;
  deleteIdentifier(tx: Tx, key: string, accountId: string): Promise<void>;
};

/** Until when contact changes are frozen; null when they are not. */
export function frozenUntil(
  account: Pick<Account, "contacts_frozen_until"> | null,
  now: number,
): number | null {
  const until = account?.contacts_frozen_until ?? null;
  return until !== null && until > now ? until : null;
}

export type Contacts = ReturnType<typeof createContacts>;

export function createContacts(deps: {
  store: Store;
  clock: Clock;
  preset: Preset;
  hasSms: boolean;
  journal: Journal;
  requests: Requests;
  budgets: Budgets;
  challenges: Challenges;
  accounts: ContactAccounts;
  passwordAgain: JudgePassword;
  /** The account of a session that still lives, held until the transaction ends; null if the session ended. */
  holdSignedIn: (tx: Tx, person: Person) => Promise<Account | null>;
  warnContacts: (tx: Tx, account: Account, points: ContactPoint[], news: ContactNews) => Promise<void>;
}) {
  const { store, clock, preset, budgets, challenges, accounts } = deps;

  function parse(form: ContactForm): Outcome<{ address: string; key: string }, EmailRefusal | PhoneRefusal> {
    if (form.channel === "email") return parseEmailAddress(form.typed);
    const mobile = parseMobileNumber(form.typed, preset.phoneCountry, smsCountriesOf(preset));
    return mobile.ok ? { ...done, address: mobile.e164, key: mobile.e164 } : mobile;
  }

  const invalid = (...fields: ContactFieldRefusal[]): ContactRefusal => ({
    ok: false,
    refusal: "contacts.invalid",
    fields,
  });

  /** Spends what one message costs. The narrowest first: what one has used up does not eat into everybody's share. */
  async function spendRequest(tx: Tx, caller: Caller, accountId: string): Promise<ContactOutcome> {
    const limits = [
      ["request.per-account", accountId],
      // A whole school behind one address is never blocked (promise 6).
      ...(caller.isSlowed ? [] : [["request.per-source", caller.sourceKey] as const]),
      ["request.service-wide", everybody],
    ] as const;
    for (const [name, key] of limits) {
      const spent = await budgets.spend(tx, name, key);
      if (!spent.ok) return { ok: false, refusal: "contacts.too-many", until: spent.until };
    }
    return done;
  }

  /** Commits the request, the same for an address that is free and one that is another account's. */
  async function commitRequest(
    tx: Tx,
    caller: Caller,
    accountId: string,
    context: ContactContext,
    resends: number,
  ): Promise<void> {
    const opened = await challenges.open(tx, {
      purpose: "verify-contact",
      subject: context.key,
      caller,
      locale: caller.locale,
      context,
      lastsForSeconds: preset.messages.resetUsefulForSeconds,
      resends,
    });
    const contactPointId = context.contactPointId;
    await challenges.attach(tx, opened.id, { accountId, contactPointId });
    const payload: VerifyRequest = {
      challengeId: opened.id,
      accountId,
      linkPlain: opened.linkPlain,
      codePlain: opened.codePlain,
      context,
      sourceKey: caller.sourceKey,
    };
    await deps.requests.commit(tx, { kind: "contacts.verify", payload, incident: caller.incident });
  }

  function record(
    tx: Tx,
    caller: Caller,
    accountId: string,
    event: string,
    contact: { channel: ContactChannel; address: string },
  ): Promise<void> {
    const actor = { kind: "person", id: accountId } as const;
    const params = { contact: maskContact(contact) };
    return deps.journal.record(tx, { event, accountId, actor, caller, params });
  }

  /** A contact point of this account that still lives; somebody else's is as unknown as one that never was. */
  async function find(db: Db, person: Person, id: string): Promise<ContactPoint | null> {
    const points = await accounts.contactPointsOf(db, person.accountId);
    return points.find((point) => point.id === id) ?? null;
  }

  async function frozen(
    person: Person,
  ): Promise<{ ok: false; refusal: "contacts.frozen"; until: number } | null> {
    const until = frozenUntil(await accounts.findById(store, person.accountId), clock.now());
    return until === null ? null : { ok: false, refusal: "contacts.frozen", until };
  }

  /** Everything that every change checks again in its own transaction, where nothing can come between. */
  async function hold(
    tx: Tx,
    person: Person,
  ): Promise<{ ok: true; account: Account; points: ContactPoint[] } | ContactRefusal> {
    const account = await deps.holdSignedIn(tx, person);
    if (!account) return refused("account.signed-out");
    const until = frozenUntil(account, clock.now());
    if (until !== null) return { ok: false, refusal: "contacts.frozen", until };
    return { ...done, account, points: await accounts.contactPointsOf(tx, account.id) };
  }

  /** Asks to add a contact point, or to correct one. The others are warned at once, with a way to stop it. */
  async function ask(caller: Caller, person: Person, form: ContactForm): Promise<ContactOutcome> {
    if (form.channel === "sms" && !deps.hasSms) return refused("contacts.not-found");
    const isFrozen = await frozen(person);
    if (isFrozen) return isFrozen;
    const parsed = parse(form);
    if (!parsed.ok) return invalid({ field: "contact", refusal: parsed.refusal });
    const judged = await deps.passwordAgain(caller, person.accountId, form.password);
    if (!judged.ok) {
      return judged.refusal === "password-again.too-many"
        ? judged
        : invalid({ field: "current-password", refusal: judged.refusal });
    }
    return store.transact(async (tx): Promise<ContactOutcome> => {
      const held = await hold(tx, person);
      if (!held.ok) return held;
      const { account, points } = held;
      const replaced = points.find((point) => point.id === form.replacesId);
      if (form.replacesId !== null && replaced?.channel !== form.channel)
        return refused("contacts.not-found");
      const same = points.find((point) => point.channel === form.channel && point.address_key === parsed.key);
      if (same && same.state === "verified" && same.dead_since === null) {
        return invalid({ field: "contact", refusal: "contacts.yours-already" });
      }
      const spent = await spendRequest(tx, caller, account.id);
      if (!spent.ok) return spent;
      const replacesId = replaced && replaced.id !== same?.id ? replaced.id : null;
      const contact = { channel: form.channel, address: parsed.address };
      await commitRequest(
        tx,
        caller,
        account.id,
        { ...contact, key: parsed.key, replacesId, contactPointId: same?.id ?? null },
        0,
      );
      await record(tx, caller, account.id, "contacts.asked", contact);
      await deps.warnContacts(
        tx,
        account,
        points.filter((point) => point.id !== same?.id),
        { what: "asked", contact, caller },
      );
      return done;
    });
  }

  /** Sends a link and a code to a contact point that one has already: declared, or silent for a while. */
  async function verify(caller: Caller, person: Person, id: string): Promise<ContactOutcome> {
    return store.transact(async (tx): Promise<ContactOutcome> => {
      const held = await hold(tx, person);
      if (!held.ok) return held;
      const point = held.points.find((candidate) => candidate.id === id);
      if (!point || (point.channel === "sms" && !deps.hasSms)) return refused("contacts.not-found");
      const spent = await spendRequest(tx, caller, held.account.id);
      if (!spent.ok) return spent;
      const { channel, address, address_key: key } = point;
      const context = { channel, address, key, replacesId: null, contactPointId: point.id };
      await commitRequest(tx, caller, held.account.id, context, 0);
      await record(tx, caller, held.account.id, "contacts.verify-asked", point);
      return done;
    });
  }

  /** What this browser asked for last; null if it asked for nothing, or for another account. */
  async function latest(
    caller: Caller,
    person: Person,
  ): Promise<{ challenge: Challenge; context: ContactContext } | null> {
    const challenge = await challenges.latestOfBrowser(store, "verify-contact", caller.browserId);
    if (challenge?.account_id !== person.accountId) return null;
    const context = challenges.contextOf<ContactContext>(challenge);
    return context && { challenge, context };
  }

  /** Sends again; a repeat replaces, never multiplies. Refused before its time, which the page counts down. */
  async function resend(caller: Caller, person: Person): Promise<ContactOutcome> {
    const last = await latest(caller, person);
    if (!last || ["redeemed", "refused", "ended"].includes(last.challenge.status)) {
      return refused("contacts.nothing-waiting");
    }
    const until = last.challenge.next_resend_at ?? 0;
    if (until > clock.now()) return { ok: false, refusal: "contacts.too-early", until };
    return repeat(caller, person, last.context, last.challenge.resends + 1);
  }

  /** A new message for a link that came too late: for its own account only, which asked with its password. */
  async function askAgain(caller: Caller, person: Person, linkPlain: string): Promise<ContactOutcome> {
    const { condition, challenge } = await challenges.readLink(store, "verify-contact", linkPlain);
    const isOwn = condition === "expired" && challenge?.account_id === person.accountId;
    const context = isOwn ? challenges.contextOf<ContactContext>(challenge) : null;
    return context ? repeat(caller, person, context, 0) : refused("contacts.nothing-waiting");
  }

  async function repeat(
    caller: Caller,
    person: Person,
    context: ContactContext,
    resends: number,
  ): Promise<ContactOutcome> {
    return store.transact(async (tx): Promise<ContactOutcome> => {
      const held = await hold(tx, person);
      if (!held.ok) return held;
      const spent = await spendRequest(tx, caller, held.account.id);
      if (!spent.ok) return spent;
      await commitRequest(tx, caller, held.account.id, context, resends);
      return done;
    });
  }

  /** Takes a contact point away: never the last one, nor the last that is verified. */
  async function remove(
    caller: Caller,
    person: Person,
    form: { id: string; password: string },
  ): Promise<RemoveOutcome> {
    const isFrozen = await frozen(person);
    if (isFrozen) return isFrozen;
    const judged = await deps.passwordAgain(caller, person.accountId, form.password);
    if (!judged.ok) {
      return judged.refusal === "password-again.too-many"
        ? judged
        : invalid({ field: "current-password", refusal: judged.refusal });
    }
    return store.transact(async (tx): Promise<RemoveOutcome> => {
      const held = await hold(tx, person);
      if (!held.ok) return held;
      const point = held.points.find((candidate) => candidate.id === form.id);
      if (!point) return refused("contacts.not-found");
      if (isLast(held.points, point)) return refused("contacts.last");
      await accounts.updateContactPoint(tx, point.id, { state: "obsolete", obsolete_at: clock.now() });
      if (point.channel === "email") await accounts.deleteIdentifier(tx, point.address_key, held.account.id);
      // A link that is on its way to what was removed must not open the account any more.
      await challenges.endOfAccount(tx, held.account.id, { purpose: "reset" });
      await record(tx, caller, held.account.id, "contacts.removed", point);
      await deps.warnContacts(tx, held.account, held.points, { what: "removed", contact: point, caller });
      return done;
    });
  }

  /** What was asked for and waits for an answer. */
  async function waiting(db: Db, accountId: string) {
    const found = await challenges.waitingOf(db, accountId, "verify-contact");
    return found.flatMap((challenge) => {
      const context = challenges.contextOf<ContactContext>(challenge);
      if (!context || context.contactPointId !== null) return [];
      return [{ channel: context.channel, address: context.address, askedAt: challenge.requested_at }];
    });
  }

  /** For the waiting page: only whether it is finished. */
  async function follow(caller: Caller, person: Person): Promise<"waiting" | "finished"> {
    return (await latest(caller, person))?.challenge.status === "redeemed" ? "finished" : "waiting";
  }

  return {
    ask,
    verify,
    resend,
    askAgain,
    remove,
    latest,
    waiting,
    follow,
    frozen,
    find: (person: Person, id: string) => find(store, person, id),
    canRemove: async (person: Person, id: string) => {
      const points = await accounts.contactPointsOf(store, person.accountId);
      const point = points.find((candidate) => candidate.id === id);
      return point !== undefined && !isLast(points, point);
    },
  };
}

/** True for what must stay: the only contact point, or the only one that is proved. */
export function isLast(points: ContactPoint[], point: ContactPoint): boolean {
  const others = points.filter((candidate) => candidate.id !== point.id);
  return (
    others.length === 0 || (point.state === "verified" && !others.some((one) => one.state === "verified"))
  );
}
