import type { SmsBudgets } from "../../access/budgets/sms-ceilings.ts";
import type { Challenge, Challenges, LinkCondition } from "../../access/challenges/challenges.ts";
import type { Account, Accounts, ContactPoint } from "../../accounts/accounts.ts";
import { parseEmailAddress } from "../../accounts/addresses/email-address.ts";
import { parseMobileNumber } from "../../accounts/addresses/phone-number.ts";
import type { Preset } from "../../config/preset.ts";
import { smsCountriesOf } from "../../config/sms-countries.ts";
import { type Journal, stranger } from "../../journal/journal.ts";
import type { Caller, Person, Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import { done, type Outcome, refused } from "../../kernel/outcome.ts";
import type { Outbox } from "../../outbox/outbox.ts";
import type { Db, Tx } from "../../store/store.ts";
import type { By } from "./case-input.ts";
import type { CasePlaces } from "./case-places.ts";
import type { CaseTalk } from "./case-talk.ts";
import {
  type CaseRow,
  type EmailConfirmedBy,
  findCase,
  holdCase,
  type IdentityProvedBy,
  updateCase,
} from "./cases.store.ts";

export type IdentityRefusal =
  | "cases.not-found"
  | "cases.not-tied"
  | "cases.identity-proved"
  | "cases.identity-not-proved"
  | "cases.no-contact-point"
  | "cases.nothing-to-apply"
  | "cases.too-many";

/** What the identity link is about. */
export interface IdentityContext {
  caseId: string;
}

/** What a correction came to, as the room of people's contact points says it. */
export type Corrected = { ok: true } | { ok: false; refusal: string };

export interface IdentityDeps {
  clock: Clock;
  preset: Preset;
  hasSms: boolean;
  journal: Journal;
  outbox: Outbox;
  budgets: SmsBudgets;
  challenges: Challenges;
  talk: CaseTalk;
  places: Pick<CasePlaces, "followAccount">;
  accounts: Pick<Accounts, "usable"> & {
    findById(db: Db, id: string): Promise<Account | null>;
    contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
    contactPointsAt(db: Db, addressKey: string): Promise<(ContactPoint & { account: Account })[]>;
  };
  /** Whether they may answer this case, where it stands. */
  mayAct: (staff: Staff, row: CaseRow) => boolean;
  /** False for oneself, for anybody with a role, for kinds that the role does not help (promise 7). */
  mayHelp: (db: Db, staff: Staff, accountId: string) => Promise<boolean>;
  /** Corrects one contact point as promise 7 allows: limits, waiting time, second approval, everybody told. */
  correctContact: (
    tx: Tx,
    staff: Staff,
    asked: {
      accountId: string;
      channel: "email" | "sms";
      address: string;
      addressKey: string;
      reason: string;
      caller: Caller;
    },
  ) => Promise<Corrected>;
}

const identityLinkLasts = 7 * 86_400;

/**
 * Who a case is about, and whether they are who writes. Tying a case to an account is what staff believe; proof is
 * only what the account, or a contact point of its record, answers: a press in a mail sent there, or a session of
 * that account. Names, numbers, `From:` and references prove nothing.
 */
export function createIdentity(deps: IdentityDeps) {
  const { clock, challenges, accounts, talk, journal } = deps;

  /** Contact points that the record of an account may be answered by. */
  async function ofRecord(db: Db, accountId: string): Promise<ContactPoint[]> {
    const points = await accounts.contactPointsOf(db, accountId);
    const use = { acceptsDeclared: deps.preset.recoverWithDeclared };
    return (["email", "sms"] as const)
      .flatMap((channel) => accounts.usable(points, channel, use))
      .filter((point) => point.state === "verified" || point.origin !== "person");
  }

  async function proveIdentity(tx: Tx, caseId: string, how: IdentityProvedBy): Promise<boolean> {
    const row = await holdCase(tx, caseId);
    if (!row?.account_id || row.identity_proved_at !== null) return row?.identity_proved_at != null;
    await updateCase(tx, caseId, { identity_proved_at: clock.now(), identity_proved_by: how });
    await talk.note(tx, caseId, `cases.event.identity-proved.${how}`, { kind: "person" });
    await journal.record(tx, {
      event: "cases.identity-proved",
      accountId: row.account_id,
      actor: { kind: "person", id: row.account_id },
      params: { number: row.number },
      reason: how,
    });
    return true;
  }

  /** Says whom a case is about, or takes that back (`accountId` null). What was proved is not taken back by hand. */
  async function tieToAccount(
    tx: Tx,
    staff: Staff,
    caseId: string,
    accountId: string | null,
    caller: Caller | null = null,
  ): Promise<Outcome<{ isProved: boolean }, IdentityRefusal>> {
    const row = await holdCase(tx, caseId);
    if (!row || !deps.mayAct(staff, row)) return refused("cases.not-found");
    if (row.account_id === accountId) return { ...done, isProved: row.identity_proved_at !== null };
    if (row.identity_proved_at !== null) return refused("cases.identity-proved");
    if (accountId !== null && !(await deps.mayHelp(tx, staff, accountId))) return refused("cases.not-found");
    await tie(tx, row, accountId, { kind: "staff", staff });
    await journal.record(tx, {
      event: accountId === null ? "cases.untied" : "cases.tied",
      accountId: accountId ?? row.account_id,
      actor: { kind: "staff", id: staff.accountId },
      params: { number: row.number },
      caller,
    });
    const isProved = accountId !== null && (await proveByConfirmedEmail(tx, row, accountId));
    return { ...done, isProved };
  }

  async function tie(tx: Tx, row: CaseRow, accountId: string | null, by: By): Promise<void> {
    const account = accountId === null ? null : await accounts.findById(tx, accountId);
    await updateCase(tx, row.id, {
      account_id: accountId,
      tied_at: accountId === null ? null : clock.now(),
      kind: row.kind ?? account?.kind ?? null,
    });
    const event = accountId === null ? "cases.event.untied" : "cases.event.tied";
    await talk.note(tx, row.id, event, by, { name: account?.name ?? "" });
    if (accountId !== null) await deps.places.followAccount(tx, row, accountId, by);
  }

  /** The address of the case was proved by a press in a mail sent there; is it one of the account's record? */
  async function proveByConfirmedEmail(tx: Tx, row: CaseRow, accountId: string): Promise<boolean> {
    if (row.email_confirmed_by !== "link") return false;
    const points = await ofRecord(tx, accountId);
    const isOfRecord = points.some(
      (point) => point.channel === "email" && point.address_key === row.email_key,
    );
    return isOfRecord && (await proveIdentity(tx, row.id, "link"));
  }

  /**
   * The address of a case is shown to be the writer's. Only the press that says « it is me » (`link`) proves that whoever
   * has the mailbox wrote the case. It proves who writes, too, where the mailbox is of the record of the account that
   * the case is tied to, or of one account alone.
   */
  async function confirmEmail(tx: Tx, caseId: string, by: EmailConfirmedBy): Promise<void> {
    const row = await holdCase(tx, caseId);
    if (!row || row.email_key === null) return;
    if (row.email_confirmed_by !== null && (row.email_confirmed_by === "link" || by !== "link")) return;
    await updateCase(tx, caseId, {
      email_confirmed_at: row.email_confirmed_at ?? clock.now(),
      email_confirmed_by: by,
    });
    if (by !== "link") return;
    const confirmed: CaseRow = { ...row, email_confirmed_by: by };
    if (row.account_id !== null) {
      await proveByConfirmedEmail(tx, confirmed, row.account_id);
      return;
    }
    const owners = new Map<string, Account>();
    for (const { account } of await accounts.contactPointsAt(tx, row.email_key)) {
      if (account.status !== "closed") owners.set(account.id, account);
    }
    const [owner] = owners.values();
    if (!owner || owners.size > 1) return;
    const points = await ofRecord(tx, owner.id);
    if (!points.some((point) => point.channel === "email" && point.address_key === row.email_key)) return;
    await tie(tx, row, owner.id, { kind: "system" });
    await proveIdentity(tx, caseId, "link");
  }

  /** Somebody signed in, with the case's own link, says that it is theirs. False where it is about another account. */
  async function claim(tx: Tx, caseId: string, person: Person): Promise<boolean> {
    const row = await holdCase(tx, caseId);
    if (!row || (row.account_id !== null && row.account_id !== person.accountId)) return false;
    if (row.account_id === null) await tie(tx, row, person.accountId, { kind: "person" });
    return proveIdentity(tx, caseId, "signed-in");
  }

  /** Where an identity link can be sent for a case: contact points of record, the usable ones of its account. */
  async function waysToProve(db: Db, row: CaseRow): Promise<ContactPoint[]> {
    if (row.account_id === null || row.identity_proved_at !== null) return [];
    return (await ofRecord(db, row.account_id)).filter((point) => point.channel === "email" || deps.hasSms);
  }

  /** Asks a contact point of record whether its owner wrote this case: a link, one press. */
  async function askIdentity(
    tx: Tx,
    staff: Staff,
    caseId: string,
    contactPointId: string,
    caller: Caller,
  ): Promise<Outcome<object, IdentityRefusal>> {
    const row = await holdCase(tx, caseId);
    if (!row || !deps.mayAct(staff, row)) return refused("cases.not-found");
    if (row.account_id === null) return refused("cases.not-tied");
    if (row.identity_proved_at !== null) return refused("cases.identity-proved");
    if (!(await deps.mayHelp(tx, staff, row.account_id))) return refused("cases.not-found");
    const point = (await waysToProve(tx, row)).find(({ id }) => id === contactPointId);
    const account = await accounts.findById(tx, row.account_id);
    if (!point || !account) return refused("cases.no-contact-point");
    const budgets = [
      await deps.budgets.spend(tx, "request.per-account", account.id),
      ...(point.channel === "sms"
        ? [await deps.budgets.spendSms(tx, { number: point.address, sourceKey: null })]
        : []),
    ];
    if (budgets.some(({ ok }) => !ok)) return refused("cases.too-many");
    const context: IdentityContext = { caseId };
    const opened = await challenges.open(tx, {
      purpose: "case-identity",
      subject: caseId,
      caller: null,
      locale: account.locale,
      context,
      lastsForSeconds: identityLinkLasts,
    });
    await challenges.attach(tx, opened.id, { accountId: account.id, contactPointId: point.id });
    await deps.outbox.enqueue(tx, {
      template: "cases.identity",
      channel: point.channel,
      to: point.address,
      toKey: point.address_key,
      accountId: account.id,
      contactPointId: point.id,
      challengeId: opened.id,
      locale: account.locale,
      params: {
        name: account.name,
        number: row.number,
        openedAt: row.opened_at,
        lastsForSeconds: identityLinkLasts,
      },
      secrets: { codePlain: null, linkPlain: opened.linkPlain },
      usefulForSeconds: deps.preset.messages.noticeUsefulForSeconds,
      priority: "usual",
    });
    await talk.note(tx, caseId, `cases.event.identity-asked.${point.channel}`, { kind: "staff", staff });
    await journal.record(tx, {
      event: "cases.identity-asked",
      accountId: account.id,
      actor: { kind: "staff", id: staff.accountId },
      params: { number: row.number },
      caller,
    });
    return done;
  }

  /** Once the owner said yes by one link, the others that were sent for the same case serve no more. */
  const wasAnswered = (row: CaseRow) => row.identity_proved_by === "identity-link";

  /** What stands behind an identity link; opening it changes nothing (promise 4). */
  async function readIdentityLink(
    db: Db,
    linkPlain: string,
  ): Promise<{ condition: LinkCondition; row: CaseRow | null; challenge: Challenge | null }> {
    const { condition, challenge } = await challenges.readLink(db, "case-identity", linkPlain);
    const context = challenge && challenges.contextOf<IdentityContext>(challenge);
    const row = context ? await findCase(db, context.caseId) : null;
    if (condition !== "open") return { condition, row, challenge };
    return { condition: !row ? "unknown" : wasAnswered(row) ? "used" : "open", row, challenge };
  }

  /**
   * The owner's answer: yes proves who writes; no takes the case off the account, with whatever seemed to prove that it
   * is theirs, and staff see why.
   */
  async function answerIdentity(
    tx: Tx,
    caller: Caller,
    linkPlain: string,
    isTheirs: boolean,
  ): Promise<LinkCondition> {
    const { condition, challenge } = await challenges.redeemLink(
      tx,
      "case-identity",
      linkPlain,
      isTheirs ? "redeemed" : "refused",
    );
    const context = challenge && challenges.contextOf<IdentityContext>(challenge);
    const row = context && condition === "open" ? await holdCase(tx, context.caseId) : null;
    if (!row || !challenge?.account_id) return condition === "open" ? "unknown" : condition;
    // Staff have tied it to somebody else since: this answer is about another account.
    if (row.account_id !== challenge.account_id) return "replaced";
    if (wasAnswered(row)) return "used";
    if (isTheirs) {
      await proveIdentity(tx, row.id, "identity-link");
      return "open";
    }
    await tie(tx, row, null, { kind: "system" });
    await updateCase(tx, row.id, { identity_proved_at: null, identity_proved_by: null });
    await talk.note(tx, row.id, "cases.event.identity-refused", { kind: "system" });
    await journal.record(tx, {
      event: "cases.identity-refused",
      accountId: challenge.account_id,
      actor: stranger,
      params: { number: row.number },
      caller,
    });
    return "open";
  }

  /**
   * Puts the details that the person gave into the record, in one act: only once it is proved who writes, and by
   * the rule that every correction by staff obeys. What is already on record is passed over.
   */
  async function applyContactDetails(
    tx: Tx,
    staff: Staff,
    caseId: string,
    reason: string,
    caller: Caller,
  ): Promise<Outcome<{ applied: ("email" | "sms")[] }, IdentityRefusal> | { ok: false; refusal: string }> {
    const row = await holdCase(tx, caseId);
    if (!row || !deps.mayAct(staff, row)) return refused("cases.not-found");
    if (row.account_id === null) return refused("cases.not-tied");
    if (row.identity_proved_at === null) return refused("cases.identity-not-proved");
    if (!(await deps.mayHelp(tx, staff, row.account_id))) return refused("cases.not-found");
    const held = await accounts.contactPointsOf(tx, row.account_id);
    const given = newPoints(row).filter(
      ({ channel, key }) => !held.some((point) => point.channel === channel && point.address_key === key),
    );
    if (row.details_applied_at !== null || given.length === 0) return refused("cases.nothing-to-apply");
    for (const { channel, address, key } of given) {
      const corrected = await deps.correctContact(tx, staff, {
        accountId: row.account_id,
        channel,
        address,
        addressKey: key,
        reason,
        caller,
      });
      if (!corrected.ok) return corrected;
    }
    await updateCase(tx, caseId, { details_applied_at: clock.now() });
    await talk.note(tx, caseId, "cases.event.details-applied", { kind: "staff", staff });
    return { ...done, applied: given.map(({ channel }) => channel) };
  }

  function newPoints(row: CaseRow): { channel: "email" | "sms"; address: string; key: string }[] {
    const email = parseEmailAddress(row.new_email ?? "");
    const phone = parseMobileNumber(
      row.new_phone ?? "",
      deps.preset.phoneCountry,
      smsCountriesOf(deps.preset),
    );
    return [
      ...(email.ok ? [{ channel: "email" as const, address: email.address, key: email.key }] : []),
      ...(phone.ok ? [{ channel: "sms" as const, address: phone.e164, key: phone.e164 }] : []),
    ];
  }

  return {
    proveIdentity,
    tieToAccount,
    confirmEmail,
    claim,
    waysToProve,
    askIdentity,
    readIdentityLink,
    answerIdentity,
    applyContactDetails,
  };
}

export type Identity = ReturnType<typeof createIdentity>;
