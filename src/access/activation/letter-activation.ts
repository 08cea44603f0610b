import type { Account } from "../../accounts/accounts.ts";
import { normaliseIdentifier } from "../../accounts/addresses/username.ts";
import { type Journal, stranger } from "../../journal/journal.ts";
import type { Caller } from "../../kernel/caller.ts";
import { done } from "../../kernel/outcome.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import type { Budgets, Spent } from "../budgets/budgets.ts";
import type { ActivationSteps } from "./activation-steps.ts";

/**
 * Activation by letter: an identifier with the code printed beside it. Judged on the spot, like a password: the same
 * questions and the same digests whoever is named, so that nothing tells which identifiers exist (promise 2). Codes of
 * 60 bits are not guessed; tries are counted to keep the service quiet, by identifier and source together, so that a
 * stranger who hammers an identifier stops nobody else (promise 6), and apart from the codes of 8 digits, so that no
 * letter stops those. Nothing here locks an account.
 *
 * Tables: none of its own. Settings: limits "letter-code.*". Refusals: activation.letter-wrong, .letter-expired,
 * .letter-replaced, .letter-used, .too-many-codes, and of empty fields .identifier-missing, .code-missing.
 * Event: activation.letter-wrong.
 */
export interface LetterForm {
  identifier: string;
  code: string;
}

export type LetterFieldRefusal =
  | { field: "identifier"; refusal: "activation.identifier-missing" }
  | { field: "code"; refusal: "activation.code-missing" };

export type LetterOutcome =
  | { ok: true }
  | { ok: false; refusal: "activation.letter-invalid"; fields: LetterFieldRefusal[] }
  | { ok: false; refusal: "activation.letter-wrong" }
  | { ok: false; refusal: "activation.letter-spent"; why: "expired" | "replaced" | "used" }
  | { ok: false; refusal: "activation.too-many-codes"; until: number };

export type LetterActivation = ReturnType<typeof createLetterActivation>;

export function createLetterActivation(deps: {
  store: Store;
  journal: Journal;
  budgets: Budgets;
  findByIdentifier: (db: Db, key: string) => Promise<Account | null>;
  judgeCode: (
    db: Db,
    accountId: string | null,
    typed: string,
  ) => Promise<{ letterId: string; condition: "live" | "expired" | "replaced" | "used" } | null>;
  begin: ActivationSteps["begin"];
}) {
  const { store, budgets } = deps;

  /** Whether a code may be judged now; a try is spent before it is, so that tries at once share none. */
  async function charge(tx: Tx, caller: Caller, identifierKey: string): Promise<Spent> {
    // A whole school behind one address is never blocked (promise 6): there it is the browser that is counted.
    const who = caller.isSlowed ? caller.browserId : caller.sourceKey;
    const tries = await budgets.spend(tx, "letter-code.tries-per-identifier", `${identifierKey} ${who}`);
    if (!tries.ok || caller.isSlowed) return tries;
    return budgets.look(tx, "letter-code.wrong-per-source", caller.sourceKey);
  }

  /** The first page: identifier and code. Right: this browser goes on to choose a password. */
  async function redeemLetter(caller: Caller, form: LetterForm): Promise<LetterOutcome> {
    const identifierKey = normaliseIdentifier(form.identifier);
    const fields: LetterFieldRefusal[] = [];
    if (identifierKey === "") fields.push({ field: "identifier", refusal: "activation.identifier-missing" });
    if (form.code.trim() === "") fields.push({ field: "code", refusal: "activation.code-missing" });
    if (fields.length > 0) return { ok: false, refusal: "activation.letter-invalid", fields };
    return store.transact(async (tx): Promise<LetterOutcome> => {
      const charged = await charge(tx, caller, identifierKey);
      if (!charged.ok) return { ok: false, refusal: "activation.too-many-codes", until: charged.until };
      const account = await deps.findByIdentifier(tx, identifierKey);
      const judged = await deps.judgeCode(tx, account?.id ?? null, form.code);
      if (!judged || !account) return refuseWrong(tx, caller, account);
      // Whoever holds the right code may know why it serves no more.
      if (judged.condition !== "live") {
        return { ok: false, refusal: "activation.letter-spent", why: judged.condition };
      }
      if (account.status !== "pending") return { ok: false, refusal: "activation.letter-spent", why: "used" };
      const { letterId } = judged;
      await deps.begin(tx, caller, { accountId: account.id, letterId, contactPointId: null });
      return done;
    });
  }

  async function refuseWrong(tx: Tx, caller: Caller, account: Account | null): Promise<LetterOutcome> {
    if (!caller.isSlowed) await budgets.spend(tx, "letter-code.wrong-per-source", caller.sourceKey);
    await deps.journal.record(tx, {
      event: "activation.letter-wrong",
      accountId: account?.id ?? null,
      actor: stranger,
      caller,
    });
    return { ok: false, refusal: "activation.letter-wrong" };
  }

  return { redeemLetter };
}
