import type { PasswordCheck } from "../../accounts/passwords/password-rules.ts";
import { normalisePassword } from "../../accounts/passwords/password-text.ts";
import type { Caller } from "../../kernel/caller.ts";
import { done } from "../../kernel/outcome.ts";
import type { Store } from "../../store/store.ts";
import type { Budgets } from "../budgets/budgets.ts";

/**
 * Judges a new password while it is typed, so that the page can tick its rules. It only advises: the form is
 * judged again when it is sent. Nothing is compared with a stored password here: what `different` compares is
 * what the same form holds, or a stolen session could guess the password by asking.
 *
 * Settings: limits "password-check.per-source". Refusals: password-check.too-many.
 */
export type PasswordCheckOutcome =
  | { ok: true; rules: Record<string, boolean>; score: number }
  | { ok: false; refusal: "password-check.too-many"; until: number };

export type CheckPassword = ReturnType<typeof createPasswordCheck>;

export function createPasswordCheck(deps: {
  store: Store;
  budgets: Budgets;
  judge: (plain: string, about: { unlike: string[] }) => Promise<PasswordCheck>;
}) {
  /** `words`: what the password must be unlike; `current`: what stands in the field of the present one, or "". */
  return async function checkPassword(
    caller: Caller,
    typed: { plain: string; current: string; words: string[] },
  ): Promise<PasswordCheckOutcome> {
    const spent = await deps.store.transact((tx) =>
      deps.budgets.spend(tx, "password-check.per-source", caller.sourceKey),
    );
    if (!spent.ok) return { ok: false, refusal: "password-check.too-many", until: spent.until };
    const { rules, score } = await deps.judge(typed.plain, { unlike: typed.words });
    const isDifferent = normalisePassword(typed.plain) !== normalisePassword(typed.current);
    return { ...done, rules: typed.current === "" ? rules : { ...rules, different: isDifferent }, score };
  };
}
