import type { Account, ContactPoint, Identifier, NewAccount } from "../../accounts/accounts.ts";
import type { Actor, Journal } from "../../journal/journal.ts";
import { stranger } from "../../journal/journal.ts";
import type { Caller, Person } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import { done } from "../../kernel/outcome.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import type { Challenge, Challenges, LinkCondition } from "../challenges/challenges.ts";
import { type ContactContext, frozenUntil } from "./contacts.ts";
import { maskContact } from "./mask-contact.ts";
import type { ContactNews } from "./warn-contacts.ts";

/**
 * Proving a contact point by the link of its message, in any browser, or by its code, in the browser that asked.
 * Where the e-mail address identifies, the identifier changes in the same transaction. Proving signs nobody in.
 */
export type Proved = { ok: true; context: ContactContext; accountId: string };
export type ProveRefusal =
  | { ok: false; refusal: "contacts.taken" | "contacts.gone" }
  | { ok: false; refusal: "contacts.frozen"; until: number };
export type ProveByLinkOutcome =
  | Proved
  | ProveRefusal
  | { ok: false; refusal: "contacts.link"; condition: Exclude<LinkCondition, "open"> };

export type ProveAccounts = {
  hold(tx: Tx, id: string): Promise<Account | null>;
  findById(db: Db, id: string): Promise<Account | null>;
  contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
  updateContactPoint(tx: Tx, id: string, change: Partial<ContactPoint>): Promise<void>;
  findByIdentifier(db: Db, key: string): Promise<Account | null>;
  insertIdentifier(tx: Tx, row: Identifier): Promise<boolean>;
  deleteIdentifier(tx: Tx, key: string, accountId: string): Promise<void>;
  addContactPoint(tx: Tx, accountId: string, contact: NewAccount["contacts"][number]): Promise<ContactPoint>;
  verifyContactPoint(tx: Tx, contactPointId: string): Promise<void>;
  removeUnfinished(tx: Tx, accountId: string, reason: "corrected"): Promise<void>;
  emailIdentifies: boolean;
};

export type ProveContact = ReturnType<typeof createProveContact>;

export function createProveContact(deps: {
  store: Store;
  clock: Clock;
  journal: Journal;
  challenges: Challenges;
  accounts: ProveAccounts;
  /** It answers again: messages may go there. */
  unsuppress: (tx: Tx, addressKey: string) => Promise<void>;
  warnContacts: (tx: Tx, account: Account, points: ContactPoint[], news: ContactNews) => Promise<void>;
}) {
  const { store, clock, challenges, accounts } = deps;

  /** What the page behind a link shows; changes nothing (promise 4). */
  async function look(linkPlain: string) {
    const { condition, challenge } = await challenges.readLink(store, "verify-contact", linkPlain);
    const context = challenge && challenges.contextOf<ContactContext>(challenge);
    return { condition: context ? condition : ("unknown" as const), challenge, context };
  }

  /**
   * Makes the address name this account; false if it names another. A sign-up that nobody finished gives way:
   * the mailbox was proved here, and never there.
   */
  async function takeIdentifier(tx: Tx, account: Account, context: ContactContext): Promise<boolean> {
    if (context.channel !== "email" || !accounts.emailIdentifies) return true;
    const holder = await accounts.findByIdentifier(tx, context.key);
    if (holder?.id === account.id) return true;
    if (holder && holder.status !== "pending") return false;
    if (holder) {
      await challenges.endOfAccount(tx, holder.id);
      await accounts.removeUnfinished(tx, holder.id, "corrected");
    }
    return accounts.insertIdentifier(tx, {
      key: context.key,
      account_id: account.id,
      kind: "email",
      shown: context.address,
    });
  }

  /** Everything that a proof changes, in the transaction that spent the challenge. */
  async function settle(
    tx: Tx,
    caller: Caller,
    actor: Actor,
    account: Account,
    challenge: Challenge,
  ): Promise<Proved | ProveRefusal> {
    const context = challenges.contextOf<ContactContext>(challenge);
    if (!context) return { ok: false, refusal: "contacts.gone" };
    const points = await accounts.contactPointsOf(tx, account.id);
    const same = points.find(
      (point) => point.channel === context.channel && point.address_key === context.key,
    );
    if (context.contactPointId !== null && !same) return { ok: false, refusal: "contacts.gone" };
    if (!(await takeIdentifier(tx, account, context))) {
      return { ok: false, refusal: "contacts.taken" };
    }
    const { channel, address, key } = context;
    if (same) await accounts.verifyContactPoint(tx, same.id);
    else {
      await accounts.addContactPoint(tx, account.id, {
        channel,
        address,
        key,
        state: "verified",
        origin: "person",
      });
    }
    const replaced = points.find((point) => point.id === context.replacesId && point.id !== same?.id);
    if (replaced) await retire(tx, account, replaced);
    await challenges.endOfAccount(tx, account.id, { purpose: "verify-contact", exceptId: challenge.id });
    await deps.unsuppress(tx, key);
    const what = replaced ? "replaced" : "added";
    await deps.journal.record(tx, {
      event: same && !replaced ? "contacts.verified" : replaced ? "contacts.replaced" : "contacts.added",
      accountId: account.id,
      actor,
      params: { contact: maskContact(context) },
      caller,
    });
    if (!same || replaced) {
      const others = points.filter((point) => point.id !== same?.id);
      await deps.warnContacts(tx, account, others, { what, contact: context, caller });
    }
    return { ...done, context, accountId: account.id };
  }

  async function retire(tx: Tx, account: Account, point: ContactPoint): Promise<void> {
    await accounts.updateContactPoint(tx, point.id, { state: "obsolete", obsolete_at: clock.now() });
    if (point.channel === "email") await accounts.deleteIdentifier(tx, point.address_key, account.id);
    // A link that is on its way to the old one must not open the account any more.
    await challenges.endOfAccount(tx, account.id, { purpose: "reset" });
  }

  /** An account that may still change, held until the transaction ends; its row before the challenge's. */
  async function holdOpen(tx: Tx, accountId: string | null): Promise<Account | ProveRefusal> {
    const account = accountId === null ? null : await accounts.hold(tx, accountId);
    if (account?.status !== "active") return { ok: false, refusal: "contacts.gone" };
    const until = frozenUntil(account, clock.now());
    return until === null ? account : { ok: false, refusal: "contacts.frozen", until };
  }

  /** Proves by link; whoever presses holds the mailbox or telephone, signed in or not. */
  async function proveByLink(
    caller: Caller,
    linkPlain: string,
    person: Person | null,
  ): Promise<ProveByLinkOutcome> {
    return store.transact(async (tx): Promise<ProveByLinkOutcome> => {
      const read = await challenges.readLink(tx, "verify-contact", linkPlain);
      if (read.condition !== "open" || !read.challenge) return spent(read.condition);
      const account = await holdOpen(tx, read.challenge.account_id);
      if ("refusal" in account) return account;
      const { condition, challenge } = await challenges.redeemLink(tx, "verify-contact", linkPlain);
      if (condition !== "open" || !challenge) return spent(condition);
      const isOwner = person?.accountId === account.id;
      const actor = isOwner ? ({ kind: "person", id: account.id } as const) : stranger;
      return settle(tx, caller, actor, account, challenge);
    });
  }

  /** Proves by the code, in the browser that asked and while its person is signed in. */
  function proveByCode(caller: Caller, person: Person, typed: string) {
    return store.transact(async (tx) => {
      const latest = await challenges.latestOfBrowser(tx, "verify-contact", caller.browserId);
      if (latest?.account_id !== person.accountId) {
        return { ok: false as const, refusal: "code.none" as const };
      }
      const account = await holdOpen(tx, person.accountId);
      if ("refusal" in account) return account;
      const judged = await challenges.redeemByCode(tx, caller, "verify-contact", typed);
      if (!judged.ok) return judged;
      const { challenge } = judged;
      const actor = { kind: "person", id: account.id } as const;
      const proved = judged.isRepeated
        ? await settledAlready(tx, account, challenge)
        : challenge.account_id === account.id && (await settle(tx, caller, actor, account, challenge));
      return proved || { ok: false as const, refusal: "code.ended" as const };
    });
  }

  /** What was proved a moment ago, for a press that came twice. */
  async function settledAlready(tx: Tx, account: Account, challenge: Challenge): Promise<Proved | null> {
    const context = challenges.contextOf<ContactContext>(challenge);
    const isProved = (await accounts.contactPointsOf(tx, account.id)).some(
      ({ state, channel, address_key: key }) =>
        state === "verified" && channel === context?.channel && key === context.key,
    );
    return context && isProved ? { ...done, context, accountId: account.id } : null;
  }

  /** The owner of the mailbox asked for nothing: the request ends, and nothing was changed. */
  async function refuse(caller: Caller, linkPlain: string): Promise<{ condition: LinkCondition }> {
    return store.transact(async (tx) => {
      const { condition, challenge } = await challenges.redeemLink(
        tx,
        "verify-contact",
        linkPlain,
        "refused",
      );
      if (condition !== "open" || !challenge) return { condition };
      const context = challenges.contextOf<ContactContext>(challenge);
      await deps.journal.record(tx, {
        event: "contacts.refused",
        accountId: challenge.account_id,
        actor: stranger,
        params: { contact: context ? maskContact(context) : "" },
        caller,
      });
      return { condition: "refused" as const };
    });
  }

  return { look, proveByLink, proveByCode, refuse };
}

function spent(condition: LinkCondition): ProveByLinkOutcome {
  return { ok: false, refusal: "contacts.link", condition: condition === "open" ? "used" : condition };
}
