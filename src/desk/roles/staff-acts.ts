import type { Budgets } from "../../access/budgets/budgets.ts";
import type { Account } from "../../accounts/accounts.ts";
import type { Preset } from "../../config/preset.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Caller, Staff } from "../../kernel/caller.ts";
import type { Tx } from "../../store/store.ts";
import type { Place } from "./places.ts";
import type { Role } from "./roles.ts";

/**
 * What every act on staff has in common: a reason, the day's limit, both accounts held so that nothing comes between,
 * and a line in the journal on both sides (promise 7).
 */
export interface StaffFieldRefusal {
  field: "name" | "email" | "role" | "username" | "establishment" | "place" | "until" | "reason";
  refusal: string;
}

export type StaffRefusal =
  /** `places`: establishments to choose from, where a name was that of several. */
  | { ok: false; refusal: "staff.invalid"; fields: StaffFieldRefusal[]; places: Place[] }
  | { ok: false; refusal: "staff.too-many"; until: number }
  /** Nobody whom this member of staff may do that to: answered like what does not exist. */
  | { ok: false; refusal: "staff.unknown" };

export const invalid = (fields: StaffFieldRefusal[], places: Place[] = []) =>
  ({ ok: false, refusal: "staff.invalid", fields, places }) as const;
export const unknown = { ok: false, refusal: "staff.unknown" } as const;

/** The line of the person, and that of whoever acted. */
const acts = {
  invited: { event: "staff.invited" },
  "role-changed": { event: "staff.role-changed" },
  "role-taken": { event: "staff.role-taken" },
  "role-withdrawn": { event: "staff.role-withdrawn" },
  lent: { event: "staff.lent" },
  "invited-again": { event: "staff.invited-again" },
  "invitation-withdrawn": { event: "staff.invitation-withdrawn" },
} as const;
const doneBy = {
  invited: { event: "staff.did-invited" },
  "role-changed": { event: "staff.did-role-changed" },
  "role-taken": { event: "staff.did-role-taken" },
  "role-withdrawn": { event: "staff.did-role-withdrawn" },
  lent: { event: "staff.did-lent" },
  "invited-again": { event: "staff.did-invited-again" },
  "invitation-withdrawn": { event: "staff.did-invitation-withdrawn" },
} as const satisfies Record<keyof typeof acts, { event: string }>;

const longestReason = 300;

export function readReason(typed: string): { reason: string; fields: StaffFieldRefusal[] } {
  const reason = typed.normalize("NFC").replaceAll(/\s+/gu, " ").trim();
  const refusal =
    reason === ""
      ? "staff.reason.missing"
      : [...reason].length > longestReason
        ? "staff.reason.too-long"
        : null;
  return { reason, fields: refusal === null ? [] : [{ field: "reason", refusal }] };
}

export type StaffActs = ReturnType<typeof createStaffActs>;

export function createStaffActs(deps: {
  preset: Pick<Preset, "languages">;
  journal: Journal;
  budgets: Budgets;
  hold: (tx: Tx, accountId: string) => Promise<Account | null>;
}) {
  const { preset } = deps;

  /** What a role is called in the language of whoever will read it; with the establishment at whose walls it ends. */
  function titleOf(role: Role, place: Pick<Place, "name"> | null, locale: string): string {
    const name = role.name[locale] ?? role.name[preset.languages.default] ?? role.id;
    return place === null ? name : `${name} (${place.name})`;
  }

  async function spend(tx: Tx, staff: Staff): Promise<Extract<StaffRefusal, { until: number }> | null> {
    const budget = await deps.budgets.spend(tx, "staff-act.per-staff", staff.accountId);
    return budget.ok ? null : { ok: false, refusal: "staff.too-many", until: budget.until };
  }

  /** Whoever acts, held until the transaction ends; null unless their account is open. */
  async function holdDoer(tx: Tx, staff: Staff): Promise<Account | null> {
    const by = await deps.hold(tx, staff.accountId);
    return by?.status === "active" ? by : null;
  }

  /**
   * An account held together with that of whoever acts, so that of two who withdraw each other one is left. In the
   * order of their ids, lest each hold one and wait for the other. Null for one that is closed or not there.
   */
  async function holdBoth(tx: Tx, staff: Staff, accountId: string): Promise<Account | null> {
    const held = new Map<string, Account | null>();
    for (const id of [...new Set([accountId, staff.accountId])].sort()) held.set(id, await deps.hold(tx, id));
    const account = held.get(accountId) ?? null;
    const isOpen = account !== null && account.status !== "closed";
    return isOpen && held.get(staff.accountId)?.status === "active" ? account : null;
  }

  /** `words` are said in the language of each side. */
  async function bothSides(
    tx: Tx,
    caller: Caller,
    staff: Staff,
    about: {
      account: Account;
      what: keyof typeof acts;
      words?: (locale: string) => Record<string, string>;
      /** Null: none was asked for. */
      reason: string | null;
      /** Where the role is, for the head there; null: everywhere. */
      placeId?: string | null;
    },
  ): Promise<void> {
    const { account, what, words = () => ({}), reason, placeId = null } = about;
    const why: Record<string, string> = reason === null ? {} : { why: reason };
    const actor = { kind: "staff", id: staff.accountId } as const;
    await deps.journal.record(tx, {
      event: acts[what].event,
      accountId: account.id,
      actor,
      caller,
      params: { ...words(account.locale), by: staff.name, ...why },
      placeId,
    });
    await deps.journal.record(tx, {
      event: doneBy[what].event,
      accountId: staff.accountId,
      actor,
      caller,
      params: { ...words(staff.locale), name: account.name, ...why },
    });
  }

  return { titleOf, spend, holdDoer, holdBoth, bothSides };
}
