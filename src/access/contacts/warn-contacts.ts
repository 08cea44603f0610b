import type { Account, ContactChannel, ContactPoint, Identifier } from "../../accounts/accounts.ts";
import { nameFor } from "../../accounts/reach.ts";
import type { Preset } from "../../config/preset.ts";
import type { Caller } from "../../kernel/caller.ts";
import { type Clock, day, second } from "../../kernel/clock.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Tx } from "../../store/store.ts";
import type { SmsBudgets } from "../budgets/sms-ceilings.ts";
import type { Challenges } from "../challenges/challenges.ts";
import { maskContact } from "./mask-contact.ts";

/** What contact points are warned of. `contact` is the new one, or the one removed. */
export interface ContactNews {
  what: "asked" | "added" | "replaced" | "removed";
  contact: { channel: ContactChannel; address: string };
  caller: Caller;
}

/** An act of staff that the person can say no to (promise 7). */
export type StaffNews =
  | "staff-added"
  | "staff-replaced"
  | "staff-removed"
  | "staff-approved"
  | "browser-approved";

/** What the page behind "it wasn't me" shows of the act. */
export interface NotMeContext {
  what: ContactNews["what"] | StaffNews;
  /** Masked; null where it is about no contact point. */
  contact: string | null;
  /** The one that staff put in. */
  contactPointId?: string;
  askedAt: number;
  browser: string | null;
}

/** How long "it wasn't me" works; its mail and its page say so. */
export const notMeForDays = 7;

export type WarnContacts = ReturnType<typeof createWarnContacts>;

/**
 * Tells contact points what happens to their account. Messages about contact points carry a link "it wasn't me",
 * one for all messages about the same act. By SMS only within the limits of the number and of the service.
 */
export function createWarnContacts(deps: {
  clock: Clock;
  preset: Preset;
  hasSms: boolean;
  outbox: Outbox;
  budgets: SmsBudgets;
  challenges: Challenges;
  accounts: {
    contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
    identifiersOf(db: Db, accountId: string): Promise<Identifier[]>;
  };
}) {
  const { clock, preset, budgets } = deps;

  async function maySend(tx: Tx, point: ContactPoint): Promise<boolean> {
    if (point.dead_since !== null) return false;
    // Given by staff and not serving yet: whoever reads there may be somebody else.
    if (point.usable_from !== null && point.usable_from > clock.now()) return false;
    if (point.channel === "email") return true;
    if (!deps.hasSms) return false;
    return (await budgets.spendSms(tx, { number: point.address, sourceKey: null })).ok;
  }

  async function send(
    tx: Tx,
    account: Account,
    points: ContactPoint[],
    message: {
      template: string;
      params: Record<string, string | number | null>;
      /** `challengeId` null: a link that a room of its own answers for. */
      link?: { challengeId: string | null; linkPlain: string };
    },
  ): Promise<ReadonlySet<string>> {
    const reached = new Set<string>();
    const [identifier] = await deps.accounts.identifiersOf(tx, account.id);
    for (const point of points) {
      if (!(await maySend(tx, point))) continue;
      await deps.outbox.enqueue(tx, {
        template: message.template,
        channel: point.channel,
        to: point.address,
        toKey: point.address_key,
        accountId: account.id,
        contactPointId: point.id,
        challengeId: message.link?.challengeId ?? null,
        locale: account.locale,
        params: {
          name: nameFor(point, account),
          identifier: identifier?.shown ?? point.address,
          at: clock.now(),
          ...message.params,
        },
        secrets: message.link ? { codePlain: null, linkPlain: message.link.linkPlain } : null,
        usefulForSeconds: preset.messages.noticeUsefulForSeconds,
        priority: "usual",
      });
      reached.add(point.address_key);
    }
    return reached;
  }

  /** Sends a message with the link "it wasn't me", one link for all that go out about the same act. */
  async function warn(
    tx: Tx,
    account: Account,
    points: ContactPoint[],
    news: { template: string; context: NotMeContext; params: Record<string, string | number | null> },
  ): Promise<void> {
    const { context } = news;
    const opened = await deps.challenges.open(tx, {
      purpose: "not-me",
      subject: account.id,
      caller: null,
      locale: account.locale,
      context,
      lastsForSeconds: (notMeForDays * day) / second,
    });
    await deps.challenges.attach(tx, opened.id, { accountId: account.id, contactPointId: null });
    await send(tx, account, points, {
      template: news.template,
      params: { ...news.params, what: context.what, contact: context.contact, days: notMeForDays },
      link: { challengeId: opened.id, linkPlain: opened.linkPlain },
    });
  }

  /** Warns of a change of contact points, with the link "it wasn't me". */
  function warnContacts(
    tx: Tx,
    account: Account,
    points: ContactPoint[],
    { what, contact, caller }: ContactNews,
  ): Promise<void> {
    const { browser } = caller;
    return warn(tx, account, points, {
      template: what === "asked" ? "contacts.asked" : "contacts.changed",
      context: { what, contact: maskContact(contact), askedAt: clock.now(), browser },
      params: { browser },
    });
  }

  /**
   * Tells every contact point of the account something, with the link that belongs to it; answers the keys of the
   * addresses and numbers to which a message goes.
   */
  async function tellReached(
    tx: Tx,
    account: Account,
    {
      linkPlain,
      except,
      ...message
    }: {
      template: string;
      params: Record<string, string | number | null>;
      linkPlain?: string;
      /** Keys of addresses and numbers that are told of it otherwise. */
      except?: ReadonlySet<string>;
    },
  ): Promise<ReadonlySet<string>> {
    const all = await deps.accounts.contactPointsOf(tx, account.id);
    const points = all.filter((point) => !except?.has(point.address_key));
    const link = linkPlain === undefined ? {} : { link: { challengeId: null, linkPlain } };
    return send(tx, account, points, { ...message, ...link });
  }

  /** The same, for whoever need not know whom it reaches. */
  async function tellContacts(
    tx: Tx,
    account: Account,
    message: Pick<Parameters<typeof tellReached>[2], "template" | "params">,
  ): Promise<void> {
    await tellReached(tx, account, message);
  }

  return { warn, warnContacts, tellContacts, tellReached };
}
