import type { Account, ContactPoint, Identifier } from "../../accounts/accounts.ts";
import { mayBeTold, nameFor } from "../../accounts/reach.ts";
import type { ChannelKind, Preset } from "../../config/preset.ts";
import { type Journal, stranger } from "../../journal/journal.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Tx } from "../../store/store.ts";
import { everybody } from "../budgets/budgets.ts";
import type { SmsBudgets } from "../budgets/sms-ceilings.ts";
import type { Challenges } from "../challenges/challenges.ts";
import type { Truth } from "../truth/truth.ts";
import type { ListedAccount, OpensBy } from "./identifier-recall.messages.tsx";
import type { RecallRequest } from "./identifier-recall.ts";

/** Whose identifiers are wanted: those of every account at this address or number. */
export interface RecallAsked {
  channel: ChannelKind;
  /** As typed in its usual spelling: only for the truth to an address without account. */
  address: string;
  addressKey: string;
  askedAt: number;
  browser: string | null;
  locale: string;
  sourceKey: string;
  /** What the person asked for: only chooses words. */
  about: "recall" | "reset";
}

export interface RecallAccounts {
  contactPointsAt(db: Db, addressKey: string): Promise<(ContactPoint & { account: Account })[]>;
  identifiersOf(db: Db, accountId: string): Promise<Identifier[]>;
}

/** Resolves what « Identifiant oublié ? » asked for, and what recovery asks in its stead. */
export function createRecallResolver(deps: {
  clock: Clock;
  preset: Preset;
  hasSms: boolean;
  journal: Journal;
  outbox: Outbox;
  budgets: SmsBudgets;
  challenges: Challenges;
  truth: Truth;
  accounts: RecallAccounts;
  /** The account that one became one with; null where it did with none. */
  joinedWith: (db: Db, accountId: string) => Promise<{ identifier: string } | null>;
  /** By what an account is activated to which nobody invited its person: it is not told whose it is. */
  opensBy: (db: Db, account: Account) => Promise<OpensBy | null>;
  /** Tells how, and nothing else. */
  tellHow: (
    tx: Tx,
    point: ContactPoint,
    accountId: string | null,
    by: OpensBy,
    asked: RecallAsked,
  ) => Promise<void>;
}) {
  const { clock, preset, budgets, accounts } = deps;

  async function resolveRecall(tx: Tx, request: RecallRequest): Promise<string> {
    const challenge = await deps.challenges.find(tx, request.challengeId);
    if (challenge?.status !== "open") return "replaced before it was resolved";
    return recall(tx, {
      ...request.context,
      askedAt: challenge.requested_at,
      browser: challenge.browser,
      locale: challenge.locale,
      sourceKey: request.sourceKey,
      about: "recall",
    });
  }

  /** Tells an address or number every account that it belongs to, in one message. Answers a private word. */
  async function recall(tx: Tx, asked: RecallAsked): Promise<string> {
    if (asked.channel === "sms" && !deps.hasSms) return "SMS is off";
    const found = (await accounts.contactPointsAt(tx, asked.addressKey)).filter((point) =>
      mayBeTold(point, asked.channel, { preset, now: clock.now() }),
    );
    const [first] = found;
    if (!first) {
      if (asked.channel === "sms") return "no account at this number";
      const { address: email, addressKey: emailKey } = asked;
      return deps.truth.tellUnknown(tx, { ...asked, email, emailKey });
    }
    // Counted by the address, which is what receives it: a family's accounts must not use up each other's.
    if (!(await budgets.spend(tx, "request.per-account", asked.addressKey)).ok)
      return "over the address's limit";
    if (!(await budgets.spend(tx, "request.service-wide", everybody)).ok) return "over the service's limit";
    if (asked.channel === "sms") {
      const spent = await budgets.spendSms(tx, { number: first.address, sourceKey: asked.sourceKey });
      if (!spent.ok) return `over the limits of SMS: ${spent.refusal}`;
    }
    const listed: ListedAccount[] = [];
    for (const point of found) listed.push(await list(tx, point, asked.channel));
    const ways = listed.flatMap(({ opensBy }) => opensBy ?? []);
    // Of several people: it stands in the timeline of none alone, unless there is only one.
    const accountId = found.length === 1 ? first.account_id : null;
    if (ways.length === found.length) {
      const by = ways.includes("letter-or-mobile") ? "letter-or-mobile" : "letter";
      await deps.tellHow(tx, first, accountId, by, asked);
      return `told how ${found.length} are activated`;
    }
    await deps.outbox.enqueue(tx, {
      template: "identifier-recall.list",
      channel: asked.channel,
      to: first.address,
      toKey: first.address_key,
      accountId,
      contactPointId: accountId && first.id,
      challengeId: null,
      locale: asked.locale,
      params: {
        accounts: listed,
        about: asked.about,
        isEmailIdentifier: preset.identifier === "email",
        askedAt: asked.askedAt,
        browser: asked.browser,
      },
      secrets: null,
      usefulForSeconds: preset.messages.noticeUsefulForSeconds,
      priority: "usual",
    });
    return `told of ${found.length}`;
  }

  /** What one account is listed with; its identifier is told, unless nobody was invited to it yet. */
  async function list(
    tx: Tx,
    point: ContactPoint & { account: Account },
    channel: ChannelKind,
  ): Promise<ListedAccount> {
    const { account } = point;
    const { kind, status } = account;
    const opensBy = await deps.opensBy(tx, account);
    if (opensBy) return { kind, status, opensBy, joinedWith: null, name: null, identifier: "" };
    const joined = await deps.joinedWith(tx, account.id);
    const [identifier] = await accounts.identifiersOf(tx, account.id);
    await deps.journal.record(tx, {
      event: `identifier-recall.sent-by-${channel}`,
      accountId: account.id,
      actor: stranger,
      caller: null,
    });
    const shown = identifier?.shown ?? point.address;
    return {
      kind,
      status,
      opensBy,
      joinedWith: joined?.identifier ?? null,
      name: nameFor(point, account),
      identifier: shown,
    };
  }

  return { resolveRecall, recall };
}
