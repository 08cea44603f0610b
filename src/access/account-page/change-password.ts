import type { Account, Identifier } from "../../accounts/accounts.ts";
import { normalisePassword } from "../../accounts/passwords/password-text.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Caller, Person, StartedSession } from "../../kernel/caller.ts";
import { done } from "../../kernel/outcome.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import type { Challenges } from "../challenges/challenges.ts";
import type { PasswordAgain } from "./password-again.ts";

/**
 * Change of password by somebody who knows the present one. All other sessions end, this one goes on under a new
 * cookie, requests for a new password end, and every contact point is told.
 *
 * Settings: password.minLength, limits "password-again.per-account".
 * Refusals: password-again.*, password.rule.*, account.signed-out. Messages: account.password-changed.
 */
export type PasswordFieldRefusal =
  | { field: "current-password"; refusal: "password-again.missing" | "password-again.wrong" }
  | { field: "new-password"; refusal: `password.rule.${string}` };

export type ChangePasswordOutcome =
  | { ok: true; session: StartedSession }
  | { ok: false; refusal: "account.invalid"; fields: PasswordFieldRefusal[] }
  | { ok: false; refusal: "password-again.too-many"; until: number }
  | { ok: false; refusal: "account.signed-out" };

export type ChangePassword = ReturnType<typeof createChangePassword>;

export function createChangePassword(deps: {
  store: Store;
  journal: Journal;
  challenges: Challenges;
  passwordAgain: PasswordAgain;
  hashPassword: (plain: string) => Promise<string>;
  failedPasswordRules: (plain: string, unlike: string[]) => Promise<string[]>;
  accounts: {
    findById(db: Db, id: string): Promise<Account | null>;
    identifiersOf(db: Db, accountId: string): Promise<Identifier[]>;
    replacePassword(tx: Tx, accountId: string, passwordHash: string): Promise<void>;
  };
  /** The account of a session that still lives, held until the transaction ends; null if the session ended. */
  holdSignedIn: (tx: Tx, person: Person) => Promise<Account | null>;
  renewSession: (tx: Tx, person: Person) => Promise<StartedSession | null>;
  endOtherSessions: (tx: Tx, accountId: string, keptSessionId: string) => Promise<number>;
  /** Tells every contact point of the account. */
  tellContacts: (
    tx: Tx,
    account: Account,
    message: { template: string; params: Record<string, string | number | null> },
  ) => Promise<void>;
}) {
  const { store, accounts } = deps;

  /** The person's own words, which a password must be unlike. */
  async function ownWords(accountId: string): Promise<string[]> {
    const account = await accounts.findById(store, accountId);
    const identifiers = await accounts.identifiersOf(store, accountId);
    const words = [account?.name, account?.nickname, ...identifiers.map(({ shown }) => shown)];
    return words.filter((word) => word !== null && word !== undefined);
  }

  const invalid = (fields: PasswordFieldRefusal[]): ChangePasswordOutcome => ({
    ok: false,
    refusal: "account.invalid",
    fields,
  });

  /** The new password first: while it is refused, the present one is not judged, and no try is lost. */
  async function changePassword(
    caller: Caller,
    person: Person,
    form: { current: string; next: string },
  ): Promise<ChangePasswordOutcome> {
    const fields: PasswordFieldRefusal[] = [];
    if (form.current === "") fields.push({ field: "current-password", refusal: "password-again.missing" });
    for (const rule of await deps.failedPasswordRules(form.next, await ownWords(person.accountId))) {
      fields.push({ field: "new-password", refusal: `password.rule.${rule}` });
    }
    if (fields.length > 0) return invalid(fields);
    const judged = await deps.passwordAgain(caller, person.accountId, form.current);
    if (!judged.ok) {
      return judged.refusal === "password-again.too-many"
        ? judged
        : invalid([{ field: "current-password", refusal: judged.refusal }]);
    }
    if (normalisePassword(form.next) === normalisePassword(form.current)) {
      return invalid([{ field: "new-password", refusal: "password.rule.different" }]);
    }
    const passwordHash = await deps.hashPassword(form.next);
    return store.transact(async (tx): Promise<ChangePasswordOutcome> => {
      const account = await deps.holdSignedIn(tx, person);
      // A recovery that came between has the last word: whoever knows only the old password changes nothing.
      if (account?.password_hash !== judged.passwordHash) return { ok: false, refusal: "account.signed-out" };
      const session = await deps.renewSession(tx, person);
      if (!session) return { ok: false, refusal: "account.signed-out" };
      await accounts.replacePassword(tx, account.id, passwordHash);
      await deps.endOtherSessions(tx, account.id, person.sessionId);
      await deps.challenges.endOfAccount(tx, account.id, { purpose: "reset" });
      await deps.journal.record(tx, {
        event: "account.password-changed",
        accountId: account.id,
        actor: { kind: "person", id: account.id },
        caller,
      });
      await deps.tellContacts(tx, account, {
        template: "account.password-changed",
        params: { browser: caller.browser },
      });
      return { ...done, session };
    });
  }

  return { changePassword, ownWords };
}
