import type { Preset } from "../config/preset.ts";
import { type Clock, day } from "../kernel/clock.ts";
import type { Ids } from "../kernel/ids.ts";
import type { Db, Tx } from "../store/store.ts";
import * as rows from "./accounts.store.ts";

export type {
  AccountAtTheDoor,
  AccountRow as Account,
  AccountStatus,
  ContactChannel,
  ContactPointRow as ContactPoint,
  IdentifierRow as Identifier,
  Kind,
} from "./accounts.store.ts";

/**
 * The account itself: its status, what names it, and what it is reached by.
 *
 * Tables: accounts, identifiers, spent_identifiers, nicknames, contact_points, removed_addresses.
 * Settings: identifier, sharedEmail, recoverWithDeclared.
 */
export interface NewAccount {
  kind: rows.Kind;
  status: rows.AccountStatus;
  name: string;
  locale: string;
  passwordHash: string | null;
  nickname?: string | null;
  username?: { key: string; shown: string } | null;
  contacts: {
    channel: rows.ContactChannel;
    address: string;
    key: string;
    state: rows.ContactState;
    origin: rows.ContactPointRow["origin"];
    usableFrom?: number | null;
  }[];
}

/** How long a contact point that staff or a registry put in waits where the person proved one (promise 7). */
export const contactWaitsFor = day;

export type Accounts = ReturnType<typeof createAccounts>;

export function createAccounts(deps: {
  clock: Clock;
  ids: Ids;
  preset: Preset;
  /** Whoever follows what people prove is told in the same transaction. */
  contactProved?: (tx: Tx, accountId: string) => Promise<void>;
}) {
  const { clock, ids, preset } = deps;
  /** The e-mail address names the account too, unless a family may share one. */
  const emailIdentifies = preset.identifier !== "username" && !preset.sharedEmail;

  /** Makes an account; null if its username or, where it identifies, its e-mail is another's already. */
  async function create(
    tx: Tx,
    made: NewAccount,
  ): Promise<{ account: rows.AccountRow; contacts: rows.ContactPointRow[] } | null> {
    const now = clock.now();
    const account: rows.AccountRow = {
      id: ids.uuid(),
      kind: made.kind,
      status: made.status,
      name: made.name,
      nickname: made.nickname ?? null,
      locale: made.locale,
      password_hash: made.passwordHash,
      password_changed_at: made.passwordHash === null ? null : now,
      contacts_frozen_until: null,
      created_at: now,
      activated_at: made.status === "active" ? now : null,
      closed_at: null,
      reminded_at: null,
    };
    const email = made.contacts.find((contact) => contact.channel === "email");
    const identifiers: rows.IdentifierRow[] = [];
    if (made.username) identifiers.push({ ...made.username, account_id: account.id, kind: "username" });
    if (emailIdentifies && email) {
      identifiers.push({ key: email.key, account_id: account.id, kind: "email", shown: email.address });
    }
    await rows.insertAccount(tx, account);
    for (const identifier of identifiers) {
      if (await rows.insertIdentifier(tx, identifier)) continue;
      await rows.deleteAccount(tx, account.id);
      return null;
    }
    const contacts: rows.ContactPointRow[] = [];
    for (const contact of made.contacts) contacts.push(await addContactPoint(tx, account.id, contact));
    return { account, contacts };
  }

  async function addContactPoint(
    tx: Tx,
    accountId: string,
    contact: NewAccount["contacts"][number],
  ): Promise<rows.ContactPointRow> {
    const now = clock.now();
    const row: rows.ContactPointRow = {
      id: ids.uuid(),
      account_id: accountId,
      channel: contact.channel,
      address: contact.address,
      address_key: contact.key,
      state: contact.state,
      origin: contact.origin,
      usable_from: contact.usableFrom ?? null,
      created_at: now,
      verified_at: contact.state === "verified" ? now : null,
      obsolete_at: null,
      dead_since: null,
      dead_reason: null,
      asked_at: null,
    };
    await rows.insertContactPoint(tx, row);
    if (row.state === "verified") await deps.contactProved?.(tx, accountId);
    return row;
  }

  async function verifyContactPoint(tx: Tx, contactPointId: string): Promise<void> {
    await rows.updateContactPoint(tx, contactPointId, {
      state: "verified",
      verified_at: clock.now(),
      usable_from: null,
      dead_since: null,
      dead_reason: null,
    });
    const proved = deps.contactProved && (await rows.findContactPoint(tx, contactPointId));
    if (proved) await deps.contactProved?.(tx, proved.account_id);
  }

  /** Opens a pending account and proves its contact point; false if it was not pending any more. */
  async function activate(tx: Tx, accountId: string, contactPointId: string | null): Promise<boolean> {
    const isOpened = await rows.moveStatus(tx, accountId, "pending", {
      status: "active",
      activated_at: clock.now(),
    });
    if (!isOpened) return false;
    if (contactPointId) await verifyContactPoint(tx, contactPointId);
    await rows.keepNicknameOf(tx, accountId);
    return true;
  }

  /**
   * What may receive messages of this channel now: not dead, its waiting time over; verified, or declared by staff
   * (promise 7: then it has waited), or by a registry where the preset allows it for this use. Verified ones come
   * first.
   */
  function usable(
    points: rows.ContactPointRow[],
    channel: rows.ContactChannel,
    use: { acceptsDeclared: boolean },
  ): rows.ContactPointRow[] {
    const now = clock.now();
    return points.filter(
      (point) =>
        point.channel === channel &&
        point.dead_since === null &&
        (point.usable_from === null || point.usable_from <= now) &&
        (point.state === "verified" ||
          (point.state === "declared" && (use.acceptsDeclared || point.origin === "staff"))),
    );
  }

  /**
   * The e-mail address that messages to an account go to and that its pages name: one that may receive them now,
   * verified before declared. Where none may, the best there is: it may have healed, and the person has no other.
   */
  async function findEmail(db: Db, accountId: string): Promise<rows.ContactPointRow | null> {
    const points = await rows.contactPointsOf(db, accountId);
    const [first] = usable(points, "email", { acceptsDeclared: true });
    return first ?? points.find((point) => point.channel === "email") ?? null;
  }

  /** Reserves what a draft asked for, for the account made from it; null when somebody else has it by now. */
  async function takeNickname(
    tx: Tx,
    accountId: string,
    nickname: { shown: string; key: string } | null,
    challengeId: string,
    until: number,
  ): Promise<string | null> {
    if (!nickname) return null;
    await reserveNickname(tx, nickname.key, challengeId, until);
    return (await rows.giveNickname(tx, nickname.key, accountId)) ? nickname.shown : null;
  }

  function reserveNickname(tx: Tx, key: string, challengeId: string, until: number): Promise<boolean> {
    return rows.reserveNickname(tx, {
      key,
      account_id: null,
      challenge_id: challengeId,
      reserved_at: clock.now(),
      expires_at: until,
    });
  }

  /** Removes an unfinished account and frees its address; what was removed for age is remembered (promise 2). */
  async function removeUnfinished(
    tx: Tx,
    accountId: string,
    reason: "unfinished" | "refused" | "corrected",
  ): Promise<void> {
    for (const point of await rows.contactPointsOf(tx, accountId)) {
      if (point.channel !== "email" || reason === "corrected") continue;
      await rows.rememberRemoved(tx, { address_key: point.address_key, reason, removed_at: clock.now() });
    }
    await rows.deleteAccount(tx, accountId);
  }

  /** A contact point serves no more, and its address names the account no more. */
  async function retireContactPoint(tx: Tx, point: rows.ContactPointRow): Promise<void> {
    await rows.updateContactPoint(tx, point.id, { state: "obsolete", obsolete_at: clock.now() });
    if (point.channel === "email") await rows.deleteIdentifier(tx, point.address_key, point.account_id);
  }

  return {
    create,
    addContactPoint,
    retireContactPoint,
    verifyContactPoint,
    activate,
    usable,
    findEmail,
    removeUnfinished,
    emailIdentifies,
    reserveNickname,
    takeNickname,
    /** Who has a nickname now, reserved or for good; null when it is free. */
    async holderOfNickname(db: Db, key: string): Promise<rows.NicknameRow | null> {
      const found = await rows.findNickname(db, key);
      return found && (found.expires_at === null || found.expires_at > clock.now()) ? found : null;
    },
    replacePassword: (tx: Tx, accountId: string, passwordHash: string) =>
      rows.updateAccount(tx, accountId, { password_hash: passwordHash, password_changed_at: clock.now() }),
    declareDead: (tx: Tx, contactPointId: string, reason: string) =>
      rows.updateContactPoint(tx, contactPointId, { dead_since: clock.now(), dead_reason: reason }),
  };
}
