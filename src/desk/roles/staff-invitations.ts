import type { Account, Accounts, ContactPoint } from "../../accounts/accounts.ts";
import { type EmailRefusal, parseEmailAddress } from "../../accounts/addresses/email-address.ts";
import { normaliseIdentifier } from "../../accounts/addresses/username.ts";
import type { Preset } from "../../config/preset.ts";
import type { Caller } from "../../kernel/caller.ts";
import { done } from "../../kernel/outcome.ts";
import type { Db, Tx } from "../../store/store.ts";
import type { StaffFieldRefusal } from "./staff-acts.ts";

/**
 * An account made for a new member of staff, whose person is invited to choose a password.
 *
 * An account that somebody has already never becomes staff by another's hand: a person's own account would open the desk
 * without their having agreed. Staff have an account of their own, on an address of their own. Whoever invites inside walls
 * is not told who has an account beyond them (promise 2): where the preset lets several accounts share an address, theirs
 * is made all the same, and what is sent goes to that mailbox alone.
 */
export interface InvitedForm {
  name: string;
  email: string;
  /** Null: made from the name. */
  username: string | null;
}

interface Invited {
  name: string;
  email: { address: string; key: string };
  /** Null: none, or one that is made from the name. */
  username: { key: string; shown: string } | null;
}

const longestName = 200;

/** The words of the form are about somebody else. */
const emailRefusal = (refusal: EmailRefusal) =>
  refusal === "email.missing" ? "staff.email.missing" : refusal;

export type StaffInvitations = ReturnType<typeof createStaffInvitations>;

export function createStaffInvitations(deps: {
  preset: Preset;
  accounts: Pick<Accounts, "create"> & {
    findByIdentifier(db: Db, key: string): Promise<Account | null>;
    contactPointsAt(db: Db, key: string): Promise<ContactPoint[]>;
    findEmail(db: Db, accountId: string): Promise<ContactPoint | null>;
    deleteAccount(tx: Tx, id: string): Promise<void>;
  };
  /** An identifier that nobody has, from a name; null where none are made. */
  makeUsername: ((tx: Tx, name: string) => Promise<string>) | null;
  invite: (tx: Tx, accountId: string, contactPointId: string, caller: Caller) => Promise<void>;
  endChallenges: (tx: Tx, accountId: string) => Promise<void>;
}) {
  const { preset, accounts } = deps;

  function readUsername(typed: string | null): { username: Invited["username"] } | { refusal: string } {
    if (preset.identifier !== "username") return { username: null };
    if (typed === null) return { username: null };
    const key = normaliseIdentifier(typed);
    if (key === "") return { refusal: "staff.username.missing" };
    if (!/^[a-z0-9][a-z0-9._-]{1,62}$/.test(key)) return { refusal: "staff.username.malformed" };
    return { username: { key, shown: typed.trim() } };
  }

  /** What was typed as it will be kept (null where something is wrong), and what is wrong with each field. */
  function read(form: InvitedForm): { invited: Invited | null; fields: StaffFieldRefusal[] } {
    const fields: StaffFieldRefusal[] = [];
    const name = form.name.normalize("NFC").replaceAll(/\s+/gu, " ").trim();
    if (name === "") fields.push({ field: "name", refusal: "staff.name.missing" });
    else if ([...name].length > longestName) fields.push({ field: "name", refusal: "name.too-long" });
    const email = parseEmailAddress(form.email);
    if (!email.ok) fields.push({ field: "email", refusal: emailRefusal(email.refusal) });
    const username = readUsername(form.username);
    if ("refusal" in username) fields.push({ field: "username", refusal: username.refusal });
    const isRead = fields.length === 0 && email.ok && !("refusal" in username);
    return { invited: isRead ? { name, email, username: username.username } : null, fields };
  }

  /** Makes the account; refused where the identifier serves one already, and the address unless it may be shared. */
  async function make(
    tx: Tx,
    { name, email, username }: Invited,
    mayShare: boolean,
  ): Promise<{ ok: true; account: Account; contact: ContactPoint } | ({ ok: false } & StaffFieldRefusal)> {
    if (!(mayShare && preset.sharedEmail) && (await isUsed(tx, email.key))) {
      return { ok: false, field: "email", refusal: "staff.email.used" };
    }
    const given = username ?? (await madeOf(tx, name));
    const made = await accounts.create(tx, {
      kind: "staff",
      status: "pending",
      name,
      locale: preset.languages.default,
      passwordHash: null,
      username: given,
      contacts: [
        { channel: "email", address: email.address, key: email.key, state: "declared", origin: "staff" },
      ],
    });
    if (!made) return { ok: false, field: "username", refusal: "staff.username.used" };
    return { ...done, account: made.account, contact: made.contacts[0] as ContactPoint };
  }

  const isUsed = async (tx: Tx, key: string): Promise<boolean> =>
    (await accounts.findByIdentifier(tx, key)) !== null ||
    (await accounts.contactPointsAt(tx, key)).length > 0;

  async function madeOf(tx: Tx, name: string): Promise<Invited["username"]> {
    if (preset.identifier !== "username" || !deps.makeUsername) return null;
    const shown = await deps.makeUsername(tx, name);
    return { key: normaliseIdentifier(shown), shown };
  }

  return {
    read,
    make,
    send: deps.invite,
    /** Once more, to an account that waits for its person; false where nothing can reach them. */
    async sendAgain(tx: Tx, account: Account, caller: Caller): Promise<boolean> {
      const point = account.status === "pending" ? await accounts.findEmail(tx, account.id) : null;
      if (point) await deps.invite(tx, account.id, point.id, caller);
      return point !== null;
    },
    makesUsername: deps.makeUsername !== null,
    /** Nobody has ever used it: its address is free again, for the invitation that is spelled right. */
    async withdraw(tx: Tx, accountId: string): Promise<void> {
      await deps.endChallenges(tx, accountId);
      await accounts.deleteAccount(tx, accountId);
    },
  };
}
