import type { Account, Accounts, ContactPoint } from "../../accounts/accounts.ts";
import type { Preset } from "../../config/preset.ts";
import type { Journal } from "../../journal/journal.ts";
import { stranger } from "../../journal/journal.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import { Fault } from "../../kernel/fault.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Tx } from "../../store/store.ts";
import type { Budgets } from "../budgets/budgets.ts";
import type { Challenges } from "../challenges/challenges.ts";
import type { Truth } from "../truth/truth.ts";
import type { Draft, SignUpRequest } from "./registration.ts";

/** What the worker needs of the accounts. */
export type SignUpAccounts = Pick<Accounts, "create" | "takeNickname" | "findEmail" | "removeUnfinished"> & {
  findByIdentifier(db: Db, key: string): Promise<Account | null>;
  updateAccount(tx: Tx, id: string, change: Partial<Account>): Promise<void>;
};

/**
 * Resolves what a sign-up page, its correction or « Vous n'avez pas reçu… » asked for. Answers a private word.
 * Runs in the transaction that marks the request resolved.
 */
export function createSignUpResolver(deps: {
  clock: Clock;
  preset: Preset;
  journal: Journal;
  outbox: Outbox;
  budgets: Budgets;
  challenges: Challenges;
  truth: Truth;
  accounts: SignUpAccounts;
}) {
  const { preset, challenges, accounts } = deps;

  const keptUntil = () => deps.clock.now() + preset.registration.unfinishedKeptForSeconds * second;

  return async function resolveSignUp(tx: Tx, request: SignUpRequest): Promise<string> {
    const challenge = await challenges.find(tx, request.challengeId);
    if (challenge?.status !== "open") return "replaced before it was resolved";
    if (request.abandons) await abandon(tx, request.abandons, request.context.emailKey);
    const known = await accounts.findByIdentifier(tx, request.context.emailKey);
    const { draft } = request.context;

    if (!known && draft === null) {
      return deps.truth.tellUnknown(tx, {
        email: request.context.email,
        emailKey: request.context.emailKey,
        locale: challenge.locale,
        sourceKey: request.sourceKey,
        askedAt: challenge.requested_at,
        browser: challenge.browser,
        about: "confirm",
      });
    }
    if (!known) {
      const made = await createPending(tx, draft as Draft, challenge.id);
      await deps.journal.record(tx, {
        event: "registration.created",
        accountId: made.account.id,
        actor: stranger,
        caller: {
          incident: request.incident,
          browser: challenge.browser,
          sourceAddress: challenge.source_address,
        },
      });
      return sendActivation(tx, request, made.account, made.email);
    }
    const email = await accounts.findEmail(tx, known.id);
    if (!email) return "account without e-mail";
    if (!(await deps.budgets.spend(tx, "request.per-account", known.id)).ok)
      return "over the account's limit";
    if (known.status === "pending") {
      if (draft) {
        // The latest sign-up replaces a pending one: only its own link and password count from now on.
        await challenges.replaceOfAccount(tx, known.id, "confirm", challenge.id);
        await replacePending(tx, known, draft, challenge.id);
      }
      return sendActivation(tx, request, known, email);
    }
    await notify(
      tx,
      known.status === "active" ? "registration.already" : "registration.disabled",
      known,
      email,
      {
        askedAt: challenge.requested_at,
        browser: challenge.browser,
        isSignUp: draft !== null,
      },
    );
    return known.status;
  };

  async function createPending(tx: Tx, draft: Draft, challengeId: string) {
    const made = await accounts.create(tx, {
      kind: preset.registration.kind,
      status: "pending",
      name: draft.name,
      locale: draft.locale,
      passwordHash: draft.passwordHash,
      contacts: [
        { channel: "email", address: draft.email, key: draft.emailKey, state: "declared", origin: "person" },
      ],
    });
    // Another sign-up with this address was resolved at the same moment: the request is resolved once more.
    if (!made) throw new Fault("The address was taken while its account was made.");
    const { account } = made;
    const nickname = await accounts.takeNickname(tx, account.id, draft.nickname, challengeId, keptUntil());
    await accounts.updateAccount(tx, account.id, { nickname });
    return { account: { ...account, nickname }, email: made.contacts[0] as ContactPoint };
  }

  async function replacePending(tx: Tx, account: Account, draft: Draft, challengeId: string): Promise<void> {
    const nickname = await accounts.takeNickname(tx, account.id, draft.nickname, challengeId, keptUntil());
    await accounts.updateAccount(tx, account.id, {
      name: draft.name,
      nickname,
      locale: draft.locale,
      password_hash: draft.passwordHash,
      created_at: deps.clock.now(),
      reminded_at: null,
    });
  }

  /** The request that a correction abandons: its account goes, unless it is finished or another sign-up's by now. */
  async function abandon(tx: Tx, challengeId: string, keptKey: string): Promise<void> {
    const earlier = await challenges.find(tx, challengeId);
    if (!earlier?.account_id) return;
    const context = challenges.contextOf<{ emailKey: string }>(earlier);
    if (!context || context.emailKey === keptKey) return;
    const account = await accounts.findByIdentifier(tx, context.emailKey);
    if (account?.status !== "pending" || account.id !== earlier.account_id) return;
    await challenges.endOfAccount(tx, account.id);
    await accounts.removeUnfinished(tx, account.id, "corrected");
  }

  async function sendActivation(
    tx: Tx,
    request: SignUpRequest,
    account: Account,
    email: ContactPoint,
  ): Promise<string> {
    const challenge = await challenges.find(tx, request.challengeId);
    await challenges.attach(tx, request.challengeId, { accountId: account.id, contactPointId: email.id });
    await enqueueActivation(deps, tx, account, email, {
      challengeId: request.challengeId,
      locale: challenge?.locale ?? account.locale,
      askedAt: challenge?.requested_at ?? account.created_at,
      browser: challenge?.browser ?? null,
      secrets: { codePlain: request.codePlain, linkPlain: request.linkPlain },
    });
    return "activation sent";
  }

  async function notify(
    tx: Tx,
    template: string,
    account: Account,
    email: ContactPoint,
    params: Record<string, string | number | boolean | null>,
  ): Promise<void> {
    await deps.outbox.enqueue(tx, {
      template,
      channel: "email",
      to: email.address,
      toKey: email.address_key,
      accountId: account.id,
      contactPointId: email.id,
      challengeId: null,
      locale: account.locale,
      params,
      secrets: null,
      usefulForSeconds: preset.messages.noticeUsefulForSeconds,
      priority: "usual",
    });
  }
}

async function enqueueActivation(
  deps: { preset: Preset; outbox: Outbox },
  tx: Tx,
  account: Account,
  email: ContactPoint,
  asked: {
    challengeId: string;
    locale: string;
    askedAt: number;
    browser: string | null;
    secrets: { codePlain: string | null; linkPlain: string };
  },
): Promise<void> {
  const { unfinishedKeptForSeconds } = deps.preset.registration;
  await deps.outbox.enqueue(tx, {
    template: "registration.activate",
    channel: "email",
    to: email.address,
    toKey: email.address_key,
    accountId: account.id,
    contactPointId: email.id,
    challengeId: asked.challengeId,
    locale: asked.locale,
    params: { askedAt: asked.askedAt, browser: asked.browser, keptForSeconds: unfinishedKeptForSeconds },
    secrets: asked.secrets,
    usefulForSeconds: unfinishedKeptForSeconds,
    priority: "urgent",
  });
}

/**
 * Sends the activation message of an unfinished sign-up once more, for a recovery that found it pending. It has a
 * link and no code: the page that the person looks at waits for another code. It goes to `to`, else to the address
 * that messages to the account go to. Answers a private word.
 */
export function createActivationResend(deps: {
  preset: Preset;
  outbox: Outbox;
  challenges: Challenges;
  accounts: Pick<Accounts, "findEmail">;
}) {
  return async function resendActivation(
    tx: Tx,
    account: Account,
    asked: { locale: string; askedAt: number; browser: string | null; to?: ContactPoint },
  ): Promise<string> {
    const email = asked.to ?? (await deps.accounts.findEmail(tx, account.id));
    if (!email) return "account without e-mail";
    const opened = await deps.challenges.open(tx, {
      purpose: "confirm",
      subject: email.address_key,
      caller: null,
      locale: asked.locale,
      context: { email: email.address, emailKey: email.address_key, draft: null },
      lastsForSeconds: deps.preset.registration.unfinishedKeptForSeconds,
    });
    await deps.challenges.attach(tx, opened.id, { accountId: account.id, contactPointId: email.id });
    const secrets = { codePlain: null, linkPlain: opened.linkPlain };
    const { locale, askedAt, browser } = asked;
    const challengeId = opened.id;
    await enqueueActivation(deps, tx, account, email, { locale, askedAt, browser, challengeId, secrets });
    return "activation sent again";
  };
}
