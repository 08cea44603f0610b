import type { SmsBudgets } from "../../access/budgets/sms-ceilings.ts";
import type { Challenges } from "../../access/challenges/challenges.ts";
import type { Account, AccountStatus, Accounts, ContactPoint, Identifier } from "../../accounts/accounts.ts";
import { nameFor } from "../../accounts/reach.ts";
import type { Preset } from "../../config/preset.ts";
import type { Caller, Staff } from "../../kernel/caller.ts";
import { type Clock, day, second } from "../../kernel/clock.ts";
import { done } from "../../kernel/outcome.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Tx } from "../../store/store.ts";
import {
  type About,
  type ActOnPerson,
  type ActOutcome,
  type Asked,
  type NotPossible,
  notPossible,
  unknownPerson,
} from "./act-on-person.ts";

/**
 * What staff do to an account so that its person gets back in: end a lock, send a recovery by a chosen channel, close
 * it, delete one that was made on a mistyped address. What is sent goes to the person alone (promise 7).
 *
 * Limits: "staff-act.per-staff", "staff-message.per-address", "sms.*". Messages: people.recovery, people.closed, activation.invite.
 */
export interface ActAccounts extends Pick<Accounts, "usable" | "removeUnfinished"> {
  identifiersOf(db: Db, accountId: string): Promise<Identifier[]>;
  contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
  moveStatus(
    tx: Tx,
    id: string,
    from: AccountStatus,
    change: Partial<Account> & { status: AccountStatus },
  ): Promise<boolean>;
}

export type PeopleActs = ReturnType<typeof createPeopleActs>;

export function createPeopleActs(deps: {
  clock: Clock;
  preset: Preset;
  hasSms: boolean;
  outbox: Outbox;
  budgets: SmsBudgets;
  challenges: Challenges;
  accounts: ActAccounts;
  onPerson: ActOnPerson;
  mask: (contact: { channel: ContactPoint["channel"]; address: string }) => string;
  frozenUntil: (account: Account, now: number) => number | null;
  lockedUntil: (db: Db, accountId: string) => Promise<number | null>;
  clearLockout: (tx: Tx, accountId: string) => Promise<void>;
  endSessions: (tx: Tx, accountId: string) => Promise<number>;
  forgetKnownBrowsers: (tx: Tx, accountId: string) => Promise<void>;
  /** Whether anybody signed in to it, as far as that is remembered. */
  wasUsed: (db: Db, accountId: string) => Promise<boolean>;
  /** The invitation of an account that was made for its person. */
  invite: (tx: Tx, accountId: string, contactPointId: string, caller: Caller) => Promise<void>;
  /** The activation message of a sign-up that was never confirmed. */
  resendActivation: (
    tx: Tx,
    account: Account,
    asked: { locale: string; askedAt: number; browser: string | null; to: ContactPoint },
  ) => Promise<string>;
  /** Tells every contact point of the account. */
  tellContacts: (
    tx: Tx,
    account: Account,
    message: { template: string; params: Record<string, string | number | null> },
  ) => Promise<void>;
}) {
  const { clock, accounts, challenges, onPerson, budgets } = deps;

  /** Ends every lock and count of failures. It makes no browser known: nobody proved anything. */
  function unlock(caller: Caller, staff: Staff, asked: Asked): Promise<ActOutcome> {
    return onPerson.act(caller, staff, { ...asked, act: "account.unlock" }, async (tx, about) => {
      const { account } = about;
      if ((await deps.lockedUntil(tx, account.id)) === null) return notPossible("people.not-locked");
      await deps.clearLockout(tx, account.id);
      await challenges.endOfAccount(tx, account.id, { purpose: "unlock" });
      await onPerson.record(tx, about, "people.unlocked", "desk.unlocked");
      return done;
    });
  }

  /** The contact points that a recovery can be sent to now: in a freeze, none that staff put in and nobody proved. */
  async function waysOf(db: Db, account: Account): Promise<ContactPoint[]> {
    const isFrozen = deps.frozenUntil(account, clock.now()) !== null;
    const points = (await accounts.contactPointsOf(db, account.id)).filter(
      ({ origin, state }) => !(isFrozen && origin === "staff" && state === "declared"),
    );
    const isPending = account.status === "pending";
    if (account.status !== "active" && !isPending) return [];
    const use = { acceptsDeclared: deps.preset.recoverWithDeclared || isPending };
    // A sign-up is confirmed by mail alone.
    const channels =
      !deps.hasSms || (isPending && account.password_hash !== null) ? ["email"] : ["email", "sms"];
    return (["email", "sms"] as const)
      .filter((channel) => channels.includes(channel))
      .flatMap((channel) => accounts.usable(points, channel, use));
  }

  async function mayGoBy(tx: Tx, point: ContactPoint): Promise<NotPossible | null> {
    const own = await budgets.spend(tx, "staff-message.per-address", point.address_key);
    if (!own.ok) return "people.address-limit";
    if (point.channel === "email") return null;
    const sms = await budgets.spendSms(tx, { number: point.address, sourceKey: null });
    return sms.ok ? null : "people.sms-limit";
  }

  /**
   * Sends a link to choose a new password to one contact point of record; to somebody who never opened the account,
   * the invitation or the activation message once more.
   */
  function sendRecovery(
    caller: Caller,
    staff: Staff,
    asked: Asked & { contactPointId: string },
  ): Promise<ActOutcome> {
    return onPerson.act(caller, staff, { ...asked, act: "recovery.send" }, async (tx, about) => {
      const { account } = about;
      const ways = await waysOf(tx, account);
      if (ways.length === 0) return notPossible("people.no-way");
      const point = ways.find(({ id }) => id === asked.contactPointId);
      if (!point) return unknownPerson;
      const limit = await mayGoBy(tx, point);
      if (limit) return notPossible(limit);
      const contact = deps.mask(point);
      if (account.status === "active") {
        await enqueueRecovery(tx, about, point);
        await onPerson.record(tx, about, "people.recovery-sent", "desk.recovery-sent", { contact });
        return done;
      }
      if (account.password_hash === null) await deps.invite(tx, account.id, point.id, caller);
      else {
        const { locale } = account;
        await deps.resendActivation(tx, account, { locale, askedAt: clock.now(), browser: null, to: point });
      }
      await onPerson.record(tx, about, "people.activation-sent", "desk.activation-sent", { contact });
      return done;
    });
  }

  /** Bound to no browser, and without a code: only who has the mailbox or the telephone can use it. */
  async function enqueueRecovery(tx: Tx, { account }: About, point: ContactPoint): Promise<void> {
    const [identifier] = await accounts.identifiersOf(tx, account.id);
    const { messages } = deps.preset;
    const opened = await challenges.open(tx, {
      purpose: "reset",
      subject: identifier?.key ?? account.id,
      caller: null,
      locale: account.locale,
      // What a new link in one press is asked for by, where this one came too late.
      context: {
        typed: identifier?.shown ?? "",
        identifierKey: identifier?.key ?? "",
        channel: point.channel,
      },
      lastsForSeconds: messages.resetUsefulForSeconds,
    });
    await challenges.attach(tx, opened.id, { accountId: account.id, contactPointId: point.id });
    await deps.outbox.enqueue(tx, {
      template: "people.recovery",
      channel: point.channel,
      to: point.address,
      toKey: point.address_key,
      accountId: account.id,
      contactPointId: point.id,
      challengeId: opened.id,
      locale: account.locale,
      params: {
        name: nameFor(point, account),
        identifier: identifier?.shown ?? "",
        at: clock.now(),
        validForSeconds: messages.codeValidForSeconds,
      },
      secrets: { codePlain: null, linkPlain: opened.linkPlain },
      usefulForSeconds: messages.resetUsefulForSeconds,
      priority: "urgent",
    });
  }

  /** Closes an account for good: nobody is signed in any more, and nothing that was asked for works. */
  function close(caller: Caller, staff: Staff, asked: Asked): Promise<ActOutcome> {
    return onPerson.act(caller, staff, { ...asked, act: "account.close" }, async (tx, about) => {
      const { account } = about;
      const closed = { status: "closed", closed_at: clock.now() } as const;
      const isOpen = account.status !== "closed";
      if (!isOpen || !(await accounts.moveStatus(tx, account.id, account.status, closed))) {
        return notPossible("people.closed-already");
      }
      await deps.endSessions(tx, account.id);
      await challenges.endOfAccount(tx, account.id);
      await deps.forgetKnownBrowsers(tx, account.id);
      await onPerson.record(tx, about, "people.closed", "desk.closed");
      await deps.tellContacts(tx, account, { template: "people.closed", params: {} });
      return done;
    });
  }

  /** Whether an account can be deleted as made on a mistyped address: nobody ever used it. */
  async function isUnused(db: Db, account: Account): Promise<boolean> {
    const isOpen = account.status === "pending" || account.status === "active";
    if (!isOpen || !(await wasTyped(db, account))) return false;
    return account.status === "pending" || (isRemembered(account) && !(await deps.wasUsed(db, account.id)));
  }

  /** The journal and the known browsers are forgotten: of an older account nobody knows that it was never used. */
  function isRemembered({ activated_at: activatedAt }: Account): boolean {
    const { retention, sessions } = deps.preset;
    const rememberedFor = Math.min(retention.journalDays * day, sessions.knownBrowserForSeconds * second);
    return activatedAt !== null && activatedAt > clock.now() - rememberedFor;
  }

  /** By the person or by staff. What a registry says is put right in the registry: it would only come again. */
  async function wasTyped(db: Db, { id }: Account): Promise<boolean> {
    if (deps.preset.registration.isOpen) return true;
    return (await accounts.contactPointsOf(db, id)).some(({ origin }) => origin !== "registry");
  }

  /**
   * Deletes an account that was made on a mistyped address: the address and the nickname are free again. Nobody is
   * told, for the mailbox is a stranger's or nobody's, and nothing remembers it: a later request is answered as
   * for an address that never had an account.
   */
  function deleteMistyped(caller: Caller, staff: Staff, asked: Asked): Promise<ActOutcome> {
    return onPerson.act(caller, staff, { ...asked, act: "account.delete-mistyped" }, async (tx, about) => {
      const { account } = about;
      if (!(await isUnused(tx, account))) return notPossible("people.used-already");
      const contacts = await accounts.contactPointsOf(tx, account.id);
      const contact = contacts[0] ? deps.mask(contacts[0]) : "–";
      await challenges.expireOfAccount(tx, account.id);
      // Before it is gone: where the person belonged is known only until then.
      await onPerson.record(tx, about, "people.deleted-mistyped", "desk.deleted-mistyped", { contact });
      await accounts.removeUnfinished(tx, account.id, "corrected");
      return done;
    });
  }

  return { unlock, waysOf, sendRecovery, close, isUnused, deleteMistyped };
}
