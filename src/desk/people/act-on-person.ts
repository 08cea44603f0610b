import type { Budgets } from "../../access/budgets/budgets.ts";
import type { Account } from "../../accounts/accounts.ts";
import type { StaffAct } from "../../config/acts.ts";
import type { Journal } from "../../journal/journal.ts";
import type { Caller, Staff } from "../../kernel/caller.ts";
import type { Db, Store, Tx } from "../../store/store.ts";

/**
 * What every act of staff on a person has in common (promise 7): a reason, the day's limit, the right to help this
 * person, asked again where nothing can come between, and a line in the journal on both sides.
 */
export interface FieldRefusal {
  field: string;
  /** Key of its words. */
  refusal: string;
}

/** Why an act cannot be done to this person as things stand; keys of their words. */
export type NotPossible =
  | "people.not-locked"
  | "people.not-active"
  | "people.closed-already"
  | "people.used-already"
  | "people.no-way"
  | "people.sms-limit"
  | "people.address-limit"
  | "people.contact.last-verified"
  | "people.contact.own-correction"
  | "people.contact.same-hand"
  | "people.contact.not-waiting";

export type ActRefusal =
  | { ok: false; refusal: "people.invalid"; fields: FieldRefusal[] }
  /** Nobody whom this member of staff may help: answered like what does not exist. */
  | { ok: false; refusal: "people.unknown" }
  | { ok: false; refusal: "people.too-many" | "people.frozen"; until: number }
  | { ok: false; refusal: NotPossible };

export type ActOutcome<Done extends object = object> = ({ ok: true } & Done) | ActRefusal;

export interface Asked {
  accountId: string;
  reason: string;
}

/** Who does what to whom, inside the transaction that does it. */
export interface About {
  caller: Caller;
  staff: Staff;
  account: Account;
  reason: string;
}

export type ActOnPerson = ReturnType<typeof createActOnPerson>;

const longestReason = 300;

export const unknownPerson = { ok: false, refusal: "people.unknown" } as const;
export const invalid = (...fields: FieldRefusal[]) =>
  ({ ok: false, refusal: "people.invalid", fields }) as const;
export const notPossible = (refusal: NotPossible) => ({ ok: false, refusal }) as const;

export function readReason(typed: string): { reason: string; fields: FieldRefusal[] } {
  const reason = typed.normalize("NFC").replaceAll(/\s+/gu, " ").trim();
  const refusal =
    reason === ""
      ? "people.reason.missing"
      : [...reason].length > longestReason
        ? "people.reason.too-long"
        : null;
  return { reason, fields: refusal === null ? [] : [{ field: "reason", refusal }] };
}

export function createActOnPerson(deps: {
  store: Store;
  journal: Journal;
  budgets: Budgets;
  /** The account, held until the transaction ends. */
  hold: (tx: Tx, accountId: string) => Promise<Account | null>;
  mayHelp: (db: Db, staff: Staff, accountId: string, act: StaffAct) => Promise<boolean>;
}) {
  /**
   * Does something to a person. `work` runs with the person's row held; what it refuses commits what it spent, so a
   * refusal must leave nothing else behind.
   */
  async function act<Done extends object>(
    caller: Caller,
    staff: Staff,
    asked: Asked & { act: StaffAct; otherFields?: FieldRefusal[] },
    work: (tx: Tx, about: About) => Promise<ActOutcome<Done>>,
  ): Promise<ActOutcome<Done>> {
    const { reason, fields } = readReason(asked.reason);
    const refused = [...(asked.otherFields ?? []), ...fields];
    if (refused.length > 0) {
      // Who may not help is not told which field is wrong, but that there is nobody.
      const isKnown = await deps.mayHelp(deps.store, staff, asked.accountId, asked.act);
      return isKnown ? invalid(...refused) : unknownPerson;
    }
    return deps.store.transact(async (tx): Promise<ActOutcome<Done>> => {
      const spent = await spendAct(tx, staff);
      if (!spent.ok) return spent;
      const account = await deps.hold(tx, asked.accountId);
      if (!account || !(await deps.mayHelp(tx, staff, account.id, asked.act))) return unknownPerson;
      return work(tx, { caller, staff, account, reason });
    });
  }

  async function spendAct(tx: Tx, staff: Staff): Promise<{ ok: true } | ActRefusal> {
    const budget = await deps.budgets.spend(tx, "staff-act.per-staff", staff.accountId);
    return budget.ok ? budget : { ok: false, refusal: "people.too-many", until: budget.until };
  }

  /** One line on the person's side, which they can read, and one on the side of whoever acted, with its reason. */
  async function record(
    tx: Tx,
    about: About,
    event: string,
    staffEvent: string,
    params: Record<string, string | number> = {},
  ): Promise<void> {
    const { account, staff, reason, caller } = about;
    const actor = { kind: "staff", id: staff.accountId } as const;
    const line = { actor, reason, caller };
    await deps.journal.record(tx, { ...line, event, accountId: account.id, params });
    await deps.journal.record(tx, {
      ...line,
      event: staffEvent,
      accountId: staff.accountId,
      params: { ...params, name: account.name },
    });
  }

  return { act, spendAct, record, mayHelp: deps.mayHelp };
}
