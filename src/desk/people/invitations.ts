import type { Account, Accounts, Kind } from "../../accounts/accounts.ts";
import { parseEmailAddress } from "../../accounts/addresses/email-address.ts";
import { normaliseIdentifier } from "../../accounts/addresses/username.ts";
import type { Preset } from "../../config/preset.ts";
import type { Caller, Staff } from "../../kernel/caller.ts";
import { done } from "../../kernel/outcome.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import {
  type ActOnPerson,
  type ActOutcome,
  type FieldRefusal,
  invalid,
  readReason,
  unknownPerson,
} from "./act-on-person.ts";

/**
 * Inviting a person: staff make the account, and its person chooses the password behind the link of the invitation.
 * Where the address has an account already, staff are told, and nothing is sent.
 */
export interface InviteForm {
  name: string;
  email: string;
  kind: string;
  username: string;
  language: string;
  reason: string;
}

export type InvitePerson = ReturnType<typeof createInvitePerson>;

const longestName = 200;

export function createInvitePerson(deps: {
  store: Store;
  preset: Preset;
  accounts: Pick<Accounts, "create" | "emailIdentifies"> & {
    findByIdentifier(db: Db, key: string): Promise<Account | null>;
  };
  onPerson: ActOnPerson;
  kindsHelped: (staff: Staff) => Kind[];
  /** The same as it is now, whatever the request began with. */
  kindsHelpedNow: (db: Db, staff: Staff) => Promise<Kind[]>;
  invite: (tx: Tx, accountId: string, contactPointId: string, caller: Caller) => Promise<void>;
}) {
  const { store, preset, accounts, onPerson } = deps;
  const asksUsername = preset.identifier !== "email";

  /** The kinds of person that this member of staff may invite. */
  const kindsFor = (staff: Staff) => preset.kinds.filter((kind) => deps.kindsHelped(staff).includes(kind));

  function readUsername(typed: string) {
    const shown = typed.trim();
    if (!asksUsername || (shown === "" && preset.identifier !== "username")) return { username: null };
    if (shown === "") return { refusal: "people.invite.username-missing" };
    const key = normaliseIdentifier(shown);
    // As an operator's: what mail, other applications and a keyboard can all spell.
    if (!/^[a-z0-9][a-z0-9._-]{1,62}$/.test(key)) return { refusal: "people.invite.username-malformed" };
    return { username: { key, shown } };
  }

  function read(staff: Staff, form: InviteForm) {
    const fields: FieldRefusal[] = [];
    const refuse = (field: string, refusal: string) => fields.push({ field, refusal });
    const name = form.name.normalize("NFC").replaceAll(/\s+/gu, " ").trim();
    if (name === "") refuse("name", "people.invite.name-missing");
    else if ([...name].length > longestName) refuse("name", "people.invite.name-too-long");
    const email = parseEmailAddress(form.email);
    if (!email.ok) refuse("email", email.refusal);
    const kind = kindsFor(staff).find((offered) => offered === form.kind);
    if (!kind) refuse("kind", "people.invite.kind-missing");
    const username = readUsername(form.username);
    if (username.refusal !== undefined) refuse("username", username.refusal);
    const locale = preset.languages.offered.includes(form.language)
      ? form.language
      : preset.languages.default;
    const { reason, fields: ofReason } = readReason(form.reason);
    fields.push(...ofReason);
    if (fields.length > 0 || !email.ok || !kind) return { fields };
    return { name, email, kind, username: username.username ?? null, locale, reason };
  }

  return {
    asksUsername,
    kindsFor,
    /** Makes the account and sends the invitation. Answers the new account's id. */
    async invite(caller: Caller, staff: Staff, form: InviteForm): Promise<ActOutcome<{ accountId: string }>> {
      const asked = read(staff, form);
      if ("fields" in asked) return invalid(...(asked.fields ?? []));
      const { name, email, kind, username, locale, reason } = asked;
      return store.transact(async (tx) => {
        if (!(await deps.kindsHelpedNow(tx, staff)).includes(kind)) return unknownPerson;
        const spent = await onPerson.spendAct(tx, staff);
        if (!spent.ok) return spent;
        const { address, key } = email;
        if (accounts.emailIdentifies && (await accounts.findByIdentifier(tx, key))) {
          return invalid({ field: "email", refusal: "people.invite.taken" });
        }
        const made = await accounts.create(tx, {
          kind,
          status: "pending",
          name,
          locale,
          passwordHash: null,
          username,
          contacts: [{ channel: "email", address, key, state: "declared", origin: "staff" }],
        });
        const point = made?.contacts[0];
        if (!made || !point) {
          return invalid({ field: "username", refusal: "people.invite.username-taken" });
        }
        const about = { caller, staff, account: made.account, reason };
        await onPerson.record(tx, about, "people.invited", "desk.invited");
        await deps.invite(tx, made.account.id, point.id, caller);
        return { ...done, accountId: made.account.id };
      });
    },
  };
}
