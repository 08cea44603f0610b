import type { Account, AccountStatus, Accounts } from "../../accounts/accounts.ts";
import type { Preset } from "../../config/preset.ts";
import { type Journal, system } from "../../journal/journal.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import type { Challenges } from "../challenges/challenges.ts";

/**
 * Unfinished sign-ups: reminded once, then removed, which frees the address. The journal keeps that it happened,
 * and whoever asks later is told by mail (promise 2).
 *
 * Settings: registration.remindAfterSeconds, registration.unfinishedKeptForSeconds.
 */
export interface UnfinishedAccounts extends Pick<Accounts, "findEmail" | "removeUnfinished"> {
  listUnfinished(
    db: Db,
    query: { createdBefore: number; onlyUnreminded: boolean; limit: number },
  ): Promise<Account[]>;
  findById(db: Db, id: string): Promise<Account | null>;
  moveStatus(
    tx: Tx,
    id: string,
    from: AccountStatus,
    change: Partial<Account> & { status: AccountStatus },
  ): Promise<boolean>;
}

const atOnce = 200;

export function createRegistrationJobs(deps: {
  store: Store;
  clock: Clock;
  preset: Preset;
  journal: Journal;
  outbox: Outbox;
  challenges: Challenges;
  accounts: UnfinishedAccounts;
}) {
  const { store, clock, accounts, challenges } = deps;
  const { remindAfterSeconds, unfinishedKeptForSeconds } = deps.preset.registration;
  const keptFor = unfinishedKeptForSeconds * second;

  /** Holds the account for this transaction; null if it was finished, or asked for anew, since it was listed. */
  async function holdUnfinished(tx: Tx, listed: Account): Promise<Account | null> {
    if (!(await accounts.moveStatus(tx, listed.id, "pending", { status: "pending" }))) return null;
    const account = await accounts.findById(tx, listed.id);
    return account?.created_at === listed.created_at ? account : null;
  }

  async function remind(tx: Tx, listed: Account): Promise<void> {
    const account = await holdUnfinished(tx, listed);
    if (!account || account.reminded_at !== null) return;
    const now = clock.now();
    await accounts.moveStatus(tx, account.id, "pending", { status: "pending", reminded_at: now });
    const email = await accounts.findEmail(tx, account.id);
    const removedAt = account.created_at + keptFor;
    if (!email || removedAt <= now) return;
    const lastsForSeconds = Math.ceil((removedAt - now) / second);
    const asked = await challenges.newestOfAccount(tx, account.id, "confirm");
    const browser = asked?.browser ?? null;
    const opened = await challenges.open(tx, {
      purpose: "confirm",
      subject: email.address_key,
      // No browser asked for it: its link works everywhere, and it has no code.
      caller: null,
      locale: account.locale,
      context: { email: email.address, emailKey: email.address_key, draft: null },
      lastsForSeconds,
      browser,
    });
    await challenges.attach(tx, opened.id, { accountId: account.id, contactPointId: email.id });
    await deps.outbox.enqueue(tx, {
      template: "registration.reminder",
      channel: "email",
      to: email.address,
      toKey: email.address_key,
      accountId: account.id,
      contactPointId: email.id,
      challengeId: opened.id,
      locale: account.locale,
      params: { askedAt: account.created_at, browser, keptForSeconds: lastsForSeconds, removedAt },
      secrets: { codePlain: null, linkPlain: opened.linkPlain },
      usefulForSeconds: lastsForSeconds,
      priority: "last",
    });
    await deps.journal.record(tx, {
      event: "registration.reminded",
      accountId: account.id,
      actor: system,
    });
  }

  async function remove(tx: Tx, listed: Account): Promise<void> {
    const account = await holdUnfinished(tx, listed);
    if (!account) return;
    await challenges.expireOfAccount(tx, account.id);
    await accounts.removeUnfinished(tx, account.id, "unfinished");
    await deps.journal.record(tx, { event: "registration.removed", accountId: account.id, actor: system });
  }

  /** Each account in a transaction of its own: a long list holds nobody else up. */
  async function each(
    query: { createdBefore: number; onlyUnreminded: boolean },
    act: (tx: Tx, account: Account) => Promise<void>,
  ): Promise<void> {
    const seen = new Set<string>();
    for (;;) {
      const listed = await accounts.listUnfinished(store, { ...query, limit: atOnce + seen.size });
      const fresh = listed.filter(({ id }) => !seen.has(id));
      if (fresh.length === 0) return;
      for (const account of fresh) {
        seen.add(account.id);
        await store.transact((tx) => act(tx, account));
      }
    }
  }

  return {
    remindUnfinished: () =>
      each({ createdBefore: clock.now() - remindAfterSeconds * second, onlyUnreminded: true }, remind),
    async removeUnfinished(): Promise<void> {
      await each({ createdBefore: clock.now() - keptFor, onlyUnreminded: false }, remove);
      // A request that has run out is not made again from its draft: nobody reads that, nor its address, any more.
      await store.transact((tx) => challenges.eraseExpired(tx, "confirm"));
    },
  };
}
