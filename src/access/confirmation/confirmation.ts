import type { Account, Accounts, Identifier } from "../../accounts/accounts.ts";
import type { Preset } from "../../config/preset.ts";
import type { Journal } from "../../journal/journal.ts";
import { stranger } from "../../journal/journal.ts";
import type { Caller, StartedSession } from "../../kernel/caller.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import type { Challenge, Challenges, LinkCondition } from "../challenges/challenges.ts";

/**
 * Confirmation: the person proves the address that the account was asked for with. In the browser that signed up
 * the account page opens signed in; elsewhere it ends on sign-in, and never signs the waiting browser in
 * (promise 5).
 *
 * Tables: accounts' own. Settings: registration.unfinishedKeptForSeconds.
 * Conditions of a link: see challenges. Refusals of a code: code.*.
 * Messages: confirmation.open.
 */
export interface ConfirmedAccount {
  account: Account;
  identifier: string;
  /** Set only in the browser that signed up. */
  session: StartedSession | null;
}

export type ConfirmOutcome =
  | ({ ok: true } & ConfirmedAccount)
  | { ok: false; condition: Exclude<LinkCondition, "open">; challenge: Challenge | null };

export type ConfirmationAccounts = Pick<Accounts, "activate" | "removeUnfinished" | "findEmail"> & {
  findById(db: Db, id: string): Promise<Account | null>;
  identifiersOf(db: Db, accountId: string): Promise<Identifier[]>;
};

export type Confirmation = ReturnType<typeof createConfirmation>;

export function createConfirmation(deps: {
  store: Store;
  preset: Preset;
  journal: Journal;
  outbox: Outbox;
  challenges: Challenges;
  accounts: ConfirmationAccounts;
  /** Signs this browser in and makes it known. */
  startSession: (tx: Tx, caller: Caller, accountId: string) => Promise<StartedSession>;
}) {
  const { store, challenges, accounts, journal, preset } = deps;

  /** What the page behind a link shows; changes nothing (promise 4). */
  async function look(linkPlain: string) {
    const { condition, challenge } = await challenges.readLink(store, "confirm", linkPlain);
    const account = challenge?.account_id ? await accounts.findById(store, challenge.account_id) : null;
    const email = account ? await accounts.findEmail(store, account.id) : null;
    return { condition, challenge, account, email };
  }

  /** Everything that opening an account means, in the transaction that spent the challenge. */
  async function open(
    tx: Tx,
    caller: Caller,
    challenge: Challenge,
    mayStartSession: boolean,
  ): Promise<ConfirmedAccount | null> {
    const accountId = challenge.account_id as string;
    const isSignUpBrowser =
      challenges.isOwnBrowser(challenge, caller.browserId) &&
      challenges.contextOf<{ draft: object | null }>(challenge)?.draft != null;
    // It is spent: what the account was asked for with, its password's hash above all, is kept no longer.
    await challenges.eraseFromContext(tx, challenge, "draft");
    if (!(await accounts.activate(tx, accountId, challenge.contact_point_id))) return null;
    await challenges.endOfAccount(tx, accountId, { purpose: "confirm", exceptId: challenge.id });
    const account = (await accounts.findById(tx, accountId)) as Account;
    const [identifier] = await accounts.identifiersOf(tx, accountId);
    const session =
      mayStartSession && isSignUpBrowser ? await deps.startSession(tx, caller, accountId) : null;
    const line = { accountId, actor: { kind: "person", id: accountId }, caller } as const;
    await journal.record(tx, { ...line, event: "confirmation.opened" });
    if (session) await journal.record(tx, { ...line, event: "sign-in.done" });
    const email = await accounts.findEmail(tx, accountId);
    if (email) {
      await deps.outbox.enqueue(tx, {
        template: "confirmation.open",
        channel: "email",
        to: email.address,
        toKey: email.address_key,
        accountId,
        contactPointId: email.id,
        challengeId: null,
        locale: account.locale,
        params: { name: account.name, identifier: identifier?.shown ?? email.address },
        secrets: null,
        usefulForSeconds: preset.messages.noticeUsefulForSeconds,
        priority: "usual",
      });
    }
    return { account, identifier: identifier?.shown ?? "", session };
  }

  /**
   * Confirms by link. `isSomebodySignedIn`: this browser is somebody's already, and stays theirs. A link whose
   * account was opened meanwhile counts as used.
   */
  async function confirmByLink(
    caller: Caller,
    linkPlain: string,
    isSomebodySignedIn: boolean,
  ): Promise<ConfirmOutcome> {
    return store.transact(async (tx): Promise<ConfirmOutcome> => {
      const { condition, challenge } = await challenges.redeemLink(tx, "confirm", linkPlain);
      if (condition !== "open" || !challenge) {
        return { ok: false, condition: condition === "open" ? "unknown" : condition, challenge };
      }
      const opened = await open(tx, caller, challenge, !isSomebodySignedIn);
      return opened ? { ok: true, ...opened } : { ok: false, condition: "used", challenge };
    });
  }

  /** What was opened a moment ago, for a press that came twice: nobody is signed in by the second. */
  async function openedAlready(db: Db, accountId: string): Promise<ConfirmedAccount | null> {
    const account = await accounts.findById(db, accountId);
    const [identifier] = await accounts.identifiersOf(db, accountId);
    return account?.status === "active"
      ? { account, identifier: identifier?.shown ?? "", session: null }
      : null;
  }

  /** Confirms with the code, in the browser that asked for the message. */
  function confirmByCode(caller: Caller, typed: string, isSomebodySignedIn: boolean) {
    return store.transact(async (tx) => {
      const judged = await challenges.redeemByCode(tx, caller, "confirm", typed);
      if (!judged.ok) return judged;
      const { challenge } = judged;
      const opened = judged.isRepeated
        ? await openedAlready(tx, challenge.account_id as string)
        : await open(tx, caller, challenge, !isSomebodySignedIn);
      return opened
        ? { ok: true as const, ...opened }
        : { ok: false as const, refusal: "code.ended" as const };
    });
  }

  /** « Ce n'est pas moi » : the unfinished account is removed at once, and its address is free. */
  async function refuse(caller: Caller, linkPlain: string): Promise<{ condition: LinkCondition }> {
    return store.transact(async (tx) => {
      const { condition, challenge } = await challenges.redeemLink(tx, "confirm", linkPlain, "refused");
      if (condition !== "open" || !challenge?.account_id) return { condition };
      await challenges.endOfAccount(tx, challenge.account_id, { exceptId: challenge.id });
      const account = await accounts.findById(tx, challenge.account_id);
      if (account?.status === "pending") await accounts.removeUnfinished(tx, account.id, "refused");
      await journal.record(tx, {
        event: "confirmation.refused",
        accountId: challenge.account_id,
        actor: stranger,
        caller,
      });
      return { condition: "refused" as const };
    });
  }

  /** What became of this browser's request, for its waiting page: only that it is finished, never more. */
  async function follow(caller: Caller): Promise<"waiting" | "finished"> {
    const latest = await challenges.latestOfBrowser(store, "confirm", caller.browserId);
    return latest?.status === "redeemed" ? "finished" : "waiting";
  }

  return { look, confirmByLink, confirmByCode, refuse, follow };
}
