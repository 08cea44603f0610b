import type { Budgets } from "../../access/budgets/budgets.ts";
import type { Challenges } from "../../access/challenges/challenges.ts";
import {
  type Account,
  type Accounts,
  type ContactChannel,
  type ContactPoint,
  contactWaitsFor,
  type Identifier,
} from "../../accounts/accounts.ts";
import { parseEmailAddress } from "../../accounts/addresses/email-address.ts";
import { parseMobileNumber } from "../../accounts/addresses/phone-number.ts";
import type { Preset } from "../../config/preset.ts";
import { smsCountriesOf } from "../../config/sms-countries.ts";
import { type Journal, system } from "../../journal/journal.ts";
import type { Caller, Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import { done } from "../../kernel/outcome.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import {
  type About,
  type ActOnPerson,
  type ActOutcome,
  type Asked,
  invalid,
  notPossible,
  unknownPerson,
} from "./act-on-person.ts";
import * as rows from "./people.store.ts";

/**
 * Contact points that staff correct (promise 7). A new one serves at once only where the account has no verified
 * one; otherwise after 24 hours, or once another member of staff approves it. The one that it replaces serves until
 * then. Every contact point is told, with « Ce n'est pas moi », which stops what waits.
 *
 * Tables: contact_corrections. Limits: "staff-act.per-staff", "staff-contact.per-staff".
 */
export interface Contact {
  channel: ContactChannel;
  address: string;
  key: string;
}

export interface CorrectionAccounts
  extends Pick<Accounts, "addContactPoint" | "retireContactPoint" | "emailIdentifies"> {
  contactPointsOf(db: Db, accountId: string): Promise<ContactPoint[]>;
  updateContactPoint(tx: Tx, id: string, change: Partial<ContactPoint>): Promise<void>;
  findByIdentifier(db: Db, key: string): Promise<Account | null>;
  insertIdentifier(tx: Tx, row: Identifier): Promise<boolean>;
  hold(tx: Tx, id: string): Promise<Account | null>;
}

export type CorrectionNews = "staff-added" | "staff-replaced" | "staff-removed" | "staff-approved";

export type ContactCorrections = ReturnType<typeof createContactCorrections>;

export function createContactCorrections(deps: {
  store: Store;
  clock: Clock;
  ids: Ids;
  preset: Preset;
  hasSms: boolean;
  journal: Journal;
  budgets: Budgets;
  challenges: Challenges;
  accounts: CorrectionAccounts;
  onPerson: ActOnPerson;
  /** Masked, for journal and warnings. */
  mask: (contact: { channel: ContactChannel; address: string }) => string;
  frozenUntil: (account: Account, now: number) => number | null;
  /** Whether an approver is somebody else than who made a correction, and not only on paper. */
  isSecond: (
    db: Db,
    approver: Staff,
    correction: { accountId: string; made_by: string; made_at: number },
  ) => Promise<boolean>;
  /** Tells these contact points, with the link by which the person says no. */
  warn: (
    tx: Tx,
    about: { account: Account; caller: Caller },
    points: ContactPoint[],
    news: { what: CorrectionNews; contact: string; contactPointId?: string; usableFrom: number | null },
  ) => Promise<void>;
}) {
  const { store, clock, accounts, onPerson, challenges } = deps;

  function parse(channel: ContactChannel, typed: string) {
    if (channel === "email") {
      const email = parseEmailAddress(typed);
      return email.ok ? { ...done, channel, address: email.address, key: email.key } : email;
    }
    const mobile = parseMobileNumber(typed, deps.preset.phoneCountry, smsCountriesOf(deps.preset));
    return mobile.ok ? { ...done, channel, address: mobile.e164, key: mobile.e164 } : mobile;
  }

  /** Those that may hear of the account: not one that waits, for whoever has it may be somebody else. */
  const listening = (points: ContactPoint[]) =>
    points.filter(({ usable_from: from }) => from === null || from <= clock.now());

  /** What is checked of the account before any of its contact points changes. */
  async function mayChange(tx: Tx, { account, staff }: About): Promise<ActOutcome> {
    const until = deps.frozenUntil(account, clock.now());
    if (until !== null) return { ok: false, refusal: "people.frozen", until };
    if (account.status !== "active" && account.status !== "pending") return notPossible("people.not-active");
    const budget = await deps.budgets.spend(tx, "staff-contact.per-staff", staff.accountId);
    return budget.ok ? done : { ok: false, refusal: "people.too-many", until: budget.until };
  }

  /** Ends what was on its way to a contact point that goes: its link must not open the account any more. */
  const endRequests = (tx: Tx, { id, status }: Account) =>
    challenges.endOfAccount(tx, id, status === "pending" ? {} : { purpose: "reset" });

  async function isAnothers(tx: Tx, account: Account, contact: Contact): Promise<boolean> {
    if (contact.channel !== "email" || !accounts.emailIdentifies) return false;
    const holder = await accounts.findByIdentifier(tx, contact.key);
    if (holder) return holder.id !== account.id;
    const identifier: Identifier = {
      key: contact.key,
      account_id: account.id,
      kind: "email",
      shown: contact.address,
    };
    return !(await accounts.insertIdentifier(tx, identifier));
  }

  /** Adds a contact point, or puts it in another's place. Where it cannot, nothing is changed. */
  async function put(
    tx: Tx,
    about: About,
    contact: Contact,
    replacesId: string | null,
  ): Promise<ActOutcome<{ usableFrom: number | null }>> {
    const { account, staff, caller } = about;
    if (contact.channel === "sms" && !deps.hasSms) return unknownPerson;
    const allowed = await mayChange(tx, about);
    if (!allowed.ok) return allowed;
    const points = await accounts.contactPointsOf(tx, account.id);
    const typed = points.find((point) => point.id === replacesId);
    if (replacesId !== null && typed?.channel !== contact.channel) return unknownPerson;
    const waiting = await rows.waitingOf(tx, account.id);
    // Of a slip that still waits, the place that it was to take counts.
    const slip = waiting.find((one) => typed !== undefined && one.contact_point_id === typed.id);
    const replaced = slip ? points.find(({ id }) => id === slip.replaces_id) : typed;
    const held = points.find(
      (point) => point.channel === contact.channel && point.address_key === contact.key,
    );
    // What a registry brought may take the place of what the person proved. It waits like what staff type: until then
    // the person can say no, which takes it away.
    const takesPlace =
      held?.state === "declared" && held.origin === "registry" && replaced?.state === "verified";
    const isWaiting = waiting.some((one) => one.contact_point_id === held?.id);
    if (held && (!takesPlace || isWaiting))
      return invalid({ field: "contact", refusal: "people.contact.theirs-already" });
    if (await isAnothers(tx, account, contact)) {
      return invalid({ field: "contact", refusal: "people.contact.taken" });
    }
    const now = clock.now();
    // One alone takes a place: what waited for the same would serve as well, and still take it.
    const overtaken = waiting.filter(
      (one) => one === slip || (replaced !== undefined && one.replaces_id === replaced.id),
    );
    for (const one of overtaken) await takeBack(tx, account, points, one);
    const usableFrom = points.some(({ state }) => state === "verified") ? now + contactWaitsFor : null;
    if (held) await accounts.updateContactPoint(tx, held.id, { usable_from: usableFrom });
    const point =
      held ??
      (await accounts.addContactPoint(tx, account.id, {
        ...contact,
        state: "declared",
        origin: "staff",
        usableFrom,
      }));
    await rows.insertCorrection(tx, {
      id: deps.ids.uuid(),
      account_id: account.id,
      contact_point_id: point.id,
      replaces_id: replaced?.id ?? null,
      made_by: staff.accountId,
      made_at: now,
      usable_from: usableFrom,
      status: usableFrom === null ? "done" : "waiting",
      status_at: now,
      approved_by: null,
    });
    if (replaced && usableFrom === null) await retire(tx, account, replaced);
    const shown = deps.mask(contact);
    if (replaced) {
      await onPerson.record(tx, about, "people.contact-replaced", "desk.contact-replaced", {
        contact: shown,
      });
    } else {
      await onPerson.record(tx, about, "people.contact-added", "desk.contact-added", { contact: shown });
    }
    const what = replaced ? "staff-replaced" : "staff-added";
    const others = points.filter(({ id }) => id !== point.id);
    await deps.warn(tx, { account, caller }, listening(others), {
      what,
      contact: shown,
      contactPointId: point.id,
      usableFrom,
    });
    return { ...done, usableFrom };
  }

  /** A correction that waits will not serve, nor will its contact point. */
  async function takeBack(
    tx: Tx,
    account: Account,
    points: ContactPoint[],
    { id, contact_point_id: pointId }: rows.CorrectionRow,
  ): Promise<void> {
    await rows.endCorrection(tx, id, { status: "cancelled", status_at: clock.now() });
    const point = points.find((one) => one.id === pointId);
    if (point) await retire(tx, account, point);
  }

  async function retire(tx: Tx, account: Account, point: ContactPoint): Promise<void> {
    await accounts.retireContactPoint(tx, point);
    await endRequests(tx, account);
  }

  /** Adds or replaces a contact point of a person. Refused besides: email.*, phone.* at the field. */
  function correct(
    caller: Caller,
    staff: Staff,
    asked: Asked & { channel: ContactChannel; typed: string; replacesId: string | null },
  ): Promise<ActOutcome<{ usableFrom: number | null }>> {
    const parsed = parse(asked.channel, asked.typed);
    const otherFields = parsed.ok ? [] : [{ field: "contact", refusal: parsed.refusal }];
    return onPerson.act(caller, staff, { ...asked, act: "contact.correct", otherFields }, (tx, about) =>
      parsed.ok ? put(tx, about, parsed, asked.replacesId) : Promise.resolve(invalid(...otherFields)),
    );
  }

  /** Takes a contact point away: never the last one that the person proved. */
  function remove(
    caller: Caller,
    staff: Staff,
    asked: Asked & { contactPointId: string },
  ): Promise<ActOutcome> {
    return onPerson.act(caller, staff, { ...asked, act: "contact.correct" }, async (tx, about) => {
      const { account } = about;
      const points = await accounts.contactPointsOf(tx, account.id);
      const point = points.find(({ id }) => id === asked.contactPointId);
      if (!point) return unknownPerson;
      const allowed = await mayChange(tx, about);
      if (!allowed.ok) return allowed;
      const others = points.filter(({ id }) => id !== point.id);
      if (point.state === "verified" && !others.some(({ state }) => state === "verified")) {
        return notPossible("people.contact.last-verified");
      }
      await retire(tx, account, point);
      for (const waiting of await rows.waitingOf(tx, account.id)) {
        if (waiting.contact_point_id === point.id) await takeBack(tx, account, [], waiting);
      }
      const contact = deps.mask(point);
      await onPerson.record(tx, about, "people.contact-removed", "desk.contact-removed", { contact });
      await deps.warn(tx, about, listening(points), { what: "staff-removed", contact, usableFrom: null });
      return done;
    });
  }

  /** A second member of staff lets a corrected contact point serve before its time. */
  function approve(
    caller: Caller,
    staff: Staff,
    asked: Asked & { contactPointId: string },
  ): Promise<ActOutcome> {
    return onPerson.act(caller, staff, { ...asked, act: "contact.approve" }, async (tx, about) => {
      const { account } = about;
      const points = await accounts.contactPointsOf(tx, account.id);
      const point = points.find(({ id }) => id === asked.contactPointId);
      if (!point) return unknownPerson;
      const waiting = (await rows.waitingOf(tx, account.id)).find(
        (correction) => correction.contact_point_id === point.id,
      );
      if (!waiting) return notPossible("people.contact.not-waiting");
      if (waiting.made_by === staff.accountId) return notPossible("people.contact.own-correction");
      if (!(await deps.isSecond(tx, staff, { ...waiting, accountId: account.id }))) {
        return notPossible("people.contact.same-hand");
      }
      const allowed = await mayChange(tx, about);
      if (!allowed.ok) return allowed;
      const now = clock.now();
      const ended = { status: "approved", status_at: now, approved_by: staff.accountId } as const;
      if (!(await rows.endCorrection(tx, waiting.id, ended))) {
        return notPossible("people.contact.not-waiting");
      }
      const others = listening(points);
      await accounts.updateContactPoint(tx, point.id, { usable_from: null });
      await retireReplaced(tx, account, points, waiting);
      const contact = deps.mask(point);
      await onPerson.record(tx, about, "people.contact-approved", "desk.contact-approved", { contact });
      await deps.warn(tx, about, others, {
        what: "staff-approved",
        contact,
        contactPointId: point.id,
        usableFrom: null,
      });
      return done;
    });
  }

  async function retireReplaced(
    tx: Tx,
    account: Account,
    points: ContactPoint[],
    { replaces_id: replacesId }: rows.CorrectionRow,
  ): Promise<void> {
    const replaced = points.find(({ id }) => id === replacesId);
    if (replaced) await retire(tx, account, replaced);
  }

  /**
   * What waited long enough serves from now on, and what it replaces no longer does. One that cannot be settled is tried
   * again at the next run, and keeps no other from its turn.
   */
  async function settleDue(): Promise<void> {
    const faults: unknown[] = [];
    for (const due of await rows.dueCorrections(store, clock.now(), 200)) {
      await store.transact((tx) => settle(tx, due)).catch((fault: unknown) => faults.push(fault));
    }
    if (faults.length > 0) throw new AggregateError(faults, "Corrected contact points were not settled.");
  }

  async function settle(tx: Tx, due: rows.CorrectionRow): Promise<void> {
    const account = await accounts.hold(tx, due.account_id);
    if (!account || deps.frozenUntil(account, clock.now()) !== null) return;
    const points = await accounts.contactPointsOf(tx, account.id);
    const point = points.find(({ id }) => id === due.contact_point_id);
    const status = point ? "done" : "cancelled";
    const isMine = await rows.endCorrection(tx, due.id, { status, status_at: clock.now() });
    if (!isMine || !point) return;
    await retireReplaced(tx, account, points, due);
    await deps.journal.record(tx, {
      event: "people.contact-in-use",
      accountId: account.id,
      actor: system,
      params: { contact: deps.mask(point) },
    });
  }

  return {
    correct,
    remove,
    approve,
    settleDue,
    waitingOf: rows.waitingOf,
    forget: rows.forgetCorrections,
    /** The same inside another room's transaction, which knows the reason. */
    async putWithin(
      tx: Tx,
      staff: Staff,
      asked: Asked & { channel: ContactChannel; address: string; addressKey: string; caller: Caller },
    ): Promise<{ ok: true } | { ok: false; refusal: string }> {
      const spent = await onPerson.spendAct(tx, staff);
      if (!spent.ok) return spent;
      const account = await accounts.hold(tx, asked.accountId);
      if (!account || !(await onPerson.mayHelp(tx, staff, account.id, "contact.correct"))) {
        return unknownPerson;
      }
      const { caller, reason, channel, address, addressKey: key } = asked;
      const about = { caller, staff, account, reason };
      const outcome = await put(tx, about, { channel, address, key }, null);
      if (outcome.ok || outcome.refusal !== "people.invalid") return outcome;
      return { ok: false, refusal: outcome.fields[0]?.refusal ?? "people.unknown" };
    },
  };
}
