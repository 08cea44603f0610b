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
 * An account that somebody has already never becomes staff by another's hand: a person's own account and mailbox
 * would open the desk without their having agreed. Staff have an account of their own, on an address of their own.
 */
export interface InvitedForm {
  name: string;
  email: string;
  username: string;
}

interface Invited {
  name: string;
  email: { address: string; key: string };
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
    deleteAccount(tx: Tx, id: string): Promise<void>;
  };
  invite: (tx: Tx, accountId: string, contactPointId: string, caller: Caller) => Promise<void>;
  endChallenges: (tx: Tx, accountId: string) => Promise<void>;
}) {
  const { preset, accounts } = deps;

  function readUsername(typed: string): { username: Invited["username"] } | { refusal: string } {
    if (preset.identifier !== "username") return { username: null };
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

  /** Makes the account; refused where the address or the identifier serves one already. */
  async function make(
    tx: Tx,
    { name, email, username }: Invited,
  ): Promise<{ ok: true; account: Account; contact: ContactPoint } | ({ ok: false } & StaffFieldRefusal)> {
    const holder = await accounts.findByIdentifier(tx, email.key);
    const reached = await accounts.contactPointsAt(tx, email.key);
    if (holder || reached.length > 0) return { ok: false, field: "email", refusal: "staff.email.used" };
    const made = await accounts.create(tx, {
      kind: "staff",
      status: "pending",
      name,
      locale: preset.languages.default,
      passwordHash: null,
      username,
      contacts: [
        { channel: "email", address: email.address, key: email.key, state: "declared", origin: "staff" },
      ],
    });
    if (!made) return { ok: false, field: "username", refusal: "staff.username.used" };
    return { ...done, account: made.account, contact: made.contacts[0] as ContactPoint };
  }

  return {
    read,
    make,
    send: deps.invite,
    /** Nobody has ever used it: its address is free again, for the invitation that is spelled right. */
    async withdraw(tx: Tx, accountId: string): Promise<void> {
      await deps.endChallenges(tx, accountId);
      await accounts.deleteAccount(tx, accountId);
    },
  };
}
