import type { ContactPoint } from "../../accounts/accounts.ts";
import type { MessageKey, Translate } from "../../i18n/translations.ts";
import { Fault } from "../../kernel/fault.ts";
import type { AttemptRow, SentRow } from "../../outbox/outbox.store.ts";
import type { MessageReceipt } from "../../outbox/receipts.store.ts";
import type { View } from "../../ui/view.ts";
import type { PersonLine } from "./people.ts";
import type { Doer } from "./person.ts";

/** Words of the desk about people and what happened to them. */
export type StateWord = "active" | "pending" | "locked" | "disabled" | "closed";

/** The state of an account in one word: locked is what an active one is first. */
export function stateOf({ account, lockedUntil }: Pick<PersonLine, "account" | "lockedUntil">): StateWord {
  return lockedUntil !== null && account.status === "active" ? "locked" : account.status;
}

export const toneOf = {
  active: "good",
  pending: "careful",
  locked: "careful",
  disabled: "wrong",
  closed: "wrong",
} as const;

/** What a message is about. One whose room has no words here is still shown, as something else. */
export function messageWords(t: Translate, template: string): string {
  try {
    return t(`people.message.${template}` as MessageKey);
  } catch (cause) {
    if (cause instanceof Fault) return t("people.message.other");
    throw cause;
  }
}

export function messageState(view: View, message: SentRow): string {
  const at = { queued: message.due_at, sent: message.left_at ?? message.status_at };
  const ms = at[message.status as keyof typeof at] ?? message.status_at;
  return view.t(`people.message-state.${message.status}`, { moment: view.moment(ms) });
}

export const messageTones = {
  queued: "careful",
  sending: "careful",
  held: "careful",
  sent: "good",
  failed: "wrong",
  "given-up": "wrong",
  cancelled: undefined,
} as const;

export const receiptTones = {
  delivered: "good",
  "not-delivered": "wrong",
  "on-its-way": "careful",
} as const;

/** What the network said in the end of a message, with its reason and its own code. */
export function receiptWords(view: View, { outcome, reason, code, at }: MessageReceipt): string {
  const key =
    outcome === "not-delivered"
      ? (`people.receipt.not-delivered.${reason ?? "unknown"}` as const)
      : (`people.receipt.${outcome}` as const);
  const said = view.t(key, { moment: view.moment(at) });
  return code === null ? said : `${said} ${view.t("people.receipt.code", { code })}`;
}

const outcomes = ["accepted", "temporary", "unanswered", "permanent"] as const;

export function attemptWords(view: View, attempt: AttemptRow): string {
  const outcome = outcomes.find((known) => known === attempt.outcome) ?? "other";
  const said = view.t(`people.attempt.${outcome}`, {
    moment: view.moment(attempt.ended_at),
    route: attempt.route,
  });
  if (attempt.detail === "") return said;
  const detail = attempt.code === null ? attempt.detail : `${attempt.code} ${attempt.detail}`;
  return `${said} ${view.t("people.attempt.detail", { detail })}`;
}

export const doerWords = (t: Translate, { by, name }: Doer): string => name ?? t(`people.by.${by}`);

/** Where a contact point comes from, said also of one that is verified. */
export const originWords = (t: Translate, { origin }: ContactPoint): string =>
  t(`people.contact.origin.${origin}`);
