import type { Account } from "../../accounts/accounts.ts";
import { system } from "../../journal/journal.ts";
import type { Ids } from "../../kernel/ids.ts";
import { oneAtATime } from "../../store/abilities.ts";
import type { Db, Store, Tx } from "../../store/store.ts";
import { foldWords } from "../../store/words.ts";
import { linksLock } from "./families.ts";
import * as rows from "./joins.store.ts";
import type { Joins } from "./joins.ts";
import { placesOf } from "./moves.store.ts";

/**
 * Finds the accounts of one guardian. By itself it joins only what leaves no doubt: two active guardians of different
 * schools, whose surnames and first names agree and who both proved the same address or number; born on the same day
 * where both days are known; neither staff, nor frozen by « Ce n’est pas moi », nor separated before, not even in
 * part: where somebody said of two of all these accounts that they are not one, nobody knows with which of them a third
 * one belongs. A father and a son of one name and telephone are of different kinds, and never joined. What is less sure is
 * proposed to whoever proved the contact point, in words that tell nothing of the other account.
 *
 * Tables: family_checks: accounts of which a contact point was proved or the name changed, worked off one at a time.
 */
export interface SameGuardianDeps {
  store: Store;
  ids: Ids;
  join: Joins["join"];
  findAccount(db: Db, accountId: string): Promise<Account | null>;
  /** When somebody last came in with this account; null where nobody has. */
  lastInAt(db: Db, accountId: string): Promise<number | null>;
  /** Something was committed that the worker may go on with. */
  wake(): void;
}

export type SameGuardian = ReturnType<typeof createSameGuardian>;

export function createSameGuardian(deps: SameGuardianDeps) {
  const { store, ids } = deps;

  /** A contact point of this account was proved, in the transaction that says so. */
  async function contactProved(tx: Tx, accountId: string): Promise<void> {
    await rows.insertCheck(tx, ids.uuid(), accountId);
    tx.afterCommit(deps.wake);
  }

  /** A registry said what these people are called, in the transaction that says so. */
  async function namesPut(tx: Tx, accountIds: readonly string[]): Promise<void> {
    for (const id of await rows.listCheckable(tx, accountIds)) await rows.insertCheck(tx, ids.uuid(), id);
  }

  /** Looks at one account, and joins it with one other; answers 0 where none waits. */
  async function checkNext(): Promise<number> {
    if (!(await rows.isAnyCheck(store))) return 0;
    return store.transact(async (tx) => {
      const check = await rows.takeCheck(tx);
      if (!check) return 0;
      await oneAtATime(tx, linksLock);
      for (const partnerId of await partnersOf(tx, check.account_id)) {
        const [keptId, joinedId] = await whichStays(tx, check.account_id, partnerId);
        // Refused where one of the two is staff, frozen or not active any more: then nothing is changed. The next one,
        // if there is, comes with a check of the account that stays.
        const joined = await deps.join(tx, { keptId, joinedId, how: "alone", actor: system, caller: null });
        if (joined.ok) break;
      }
      await rows.endCheck(tx, check.id);
      return 1;
    });
  }

  /** Accounts that are without doubt the same guardian's. */
  async function partnersOf(tx: Tx, accountId: string): Promise<string[]> {
    const own = await placesOf(tx, accountId);
    const found: string[] = [];
    if (own.size === 0) return found;
    const alike = await alikeTo(tx, accountId);
    if ((await separatedAmong(tx, [accountId, ...alike.map((one) => one.account_id)])).length > 0)
      return found;
    for (const other of alike) {
      if (!other.is_proved) continue;
      const places = await placesOf(tx, other.account_id);
      const isElsewhere = places.size > 0 && [...places].every((id) => !own.has(id));
      const account = await deps.findAccount(tx, other.account_id);
      if (isElsewhere && account?.status === "active") found.push(other.account_id);
    }
    return found;
  }

  /** Guardians of the same name at an address or number that this account proved. */
  async function alikeTo(db: Db, accountId: string): Promise<rows.Sharer[]> {
    const person = await rows.findNamed(db, accountId);
    if (!person) return [];
    return (await rows.sharersOf(db, accountId)).filter((other) => areAlike(person, other));
  }

  /** Of which pairs of these accounts, each with all that was joined into it, somebody said that they are not one. */
  async function separatedAmong(db: Db, accountIds: string[]): Promise<[string, string][]> {
    const standsIn = new Map(accountIds.map((id) => [id, id]));
    for (const id of accountIds) {
      for (const { joined_id } of await rows.joinsInto(db, [id])) standsIn.set(joined_id, id);
    }
    const undone = await rows.separatedAmong(db, [...standsIn.keys()]);
    const pairs = undone.map((row): [string, string] => [
      standsIn.get(row.kept_id) as string,
      standsIn.get(row.joined_id) as string,
    ]);
    return pairs.filter(([one, other]) => one !== other);
  }

  /** Whether somebody may have another account, made by another school. */
  async function mayHaveAnother(accountId: string): Promise<boolean> {
    const alike = (await alikeTo(store, accountId)).map((one) => one.account_id);
    if (alike.length === 0) return false;
    const apart = new Set(
      (await separatedAmong(store, [accountId, ...alike])).flatMap((pair) =>
        pair.includes(accountId) ? pair : [],
      ),
    );
    return alike.some((id) => !apart.has(id));
  }

  /** The one that stays, then the other: whoever came in last stays there, else the older account does. */
  async function whichStays(tx: Tx, one: string, other: string): Promise<[string, string]> {
    const [oneAt, otherAt] = [await deps.lastInAt(tx, one), await deps.lastInAt(tx, other)];
    if (oneAt !== otherAt) return (oneAt ?? 0) > (otherAt ?? 0) ? [one, other] : [other, one];
    const [a, b] = [await deps.findAccount(tx, one), await deps.findAccount(tx, other)];
    return (a?.created_at ?? 0) <= (b?.created_at ?? 0) ? [one, other] : [other, one];
  }

  return {
    contactProved,
    namesPut,
    checkNext,
    mayHaveAnother,
  };
}

/** Surname and first name as imports compare them; days of birth are not known to differ. */
function areAlike(one: rows.NamedPerson, other: rows.NamedPerson): boolean {
  const isBornAlike =
    one.birth_date === null || other.birth_date === null || one.birth_date === other.birth_date;
  const [surname, firstName] = [folded(one.surname), folded(one.first_name)];
  return (
    isBornAlike &&
    surname !== "" &&
    firstName !== "" &&
    surname === folded(other.surname) &&
    firstName === folded(other.first_name)
  );
}

const folded = (name: string) => foldWords(name).join(" ");
