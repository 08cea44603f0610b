import type { Journal } from "../../journal/journal.ts";
import type { Caller } from "../../kernel/caller.ts";
import { done } from "../../kernel/outcome.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import type { Budgets } from "../budgets/budgets.ts";

/**
 * Asks somebody signed in for the password once more, before an act that must not be done with a browser left
 * open or a stolen session (ASVS 5.0 §7.5.1). There is no time during which it need not be asked again.
 *
 * Settings: limits "password-again.per-account". Refusals: password-again.*. Journal: account.password-wrong.
 */
export type PasswordAgainOutcome =
  | { ok: true; passwordHash: string }
  | { ok: false; refusal: "password-again.missing" | "password-again.wrong" }
  | { ok: false; refusal: "password-again.too-many"; until: number };

export type PasswordAgain = (
  caller: Caller,
  accountId: string,
  plain: string,
) => Promise<PasswordAgainOutcome>;

export function createPasswordAgain(deps: {
  store: Store;
  journal: Journal;
  budgets: Budgets;
  verifyPassword: (hash: string | null, plain: string) => Promise<boolean>;
  passwordHashOf: (db: Db, accountId: string) => Promise<string | null>;
}): PasswordAgain {
  const { store, journal, budgets } = deps;

  return async function passwordAgain(caller, accountId, plain) {
    if (plain === "") return { ok: false, refusal: "password-again.missing" };
    // Spent before the password is judged, right ones too: a thousand tries at once share one budget.
    const budget = await store.transact((tx) => budgets.spend(tx, "password-again.per-account", accountId));
    if (!budget.ok) return { ok: false, refusal: "password-again.too-many", until: budget.until };
    const passwordHash = await deps.passwordHashOf(store, accountId);
    const isRight = await deps.verifyPassword(passwordHash, plain);
    if (isRight && passwordHash !== null) return { ...done, passwordHash };
    await store.transact((tx: Tx) =>
      journal.record(tx, {
        event: "account.password-wrong",
        accountId,
        actor: { kind: "person", id: accountId },
        caller,
      }),
    );
    return { ok: false, refusal: "password-again.wrong" };
  };
}
