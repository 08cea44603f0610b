import type { Accounts } from "../accounts/accounts.ts";
import type { Preset } from "../config/preset.ts";
import type { Store, Tx } from "../store/store.ts";
import { identifierOf, listTrialPeople, type TrialPerson, trialPassword, trialSecret } from "./people.ts";

/** Loaded apart, so that a trial begun before there was staff gets them too. */
export type TrialGroup = "people" | "staff";

/**
 * Puts the invented people into a trial's database, once: what the visitor changes afterwards stays changed.
 */
export async function loadTrialPeople(deps: {
  store: Store;
  preset: Preset;
  accounts: Pick<Accounts, "create" | "declareDead">;
  isLoaded: (group: TrialGroup) => Promise<boolean>;
  /** False if somebody else was first. */
  markLoaded: (tx: Tx, group: TrialGroup) => Promise<boolean>;
  hashPassword: (plain: string) => Promise<string>;
  disable: (tx: Tx, accountId: string) => Promise<void>;
  keepNickname: (tx: Tx, accountId: string, nickname: string) => Promise<void>;
  /** As if strangers had tried wrong passwords. */
  lock: (tx: Tx, identifier: string) => Promise<void>;
  giveRole: (tx: Tx, accountId: string, role: string) => Promise<void>;
  /** As if it had been set up with an application that knows this secret. */
  setUpSecondFactor: (tx: Tx, accountId: string, secretPlain: string) => Promise<void>;
}): Promise<void> {
  for (const group of ["people", "staff"] as const) {
    if (await deps.isLoaded(group)) continue;
    // One hash for everybody: they share their password, and a trial should open in a second.
    const passwordHash = await deps.hashPassword(trialPassword);
    await deps.store.transact(async (tx) => {
      if (!(await deps.markLoaded(tx, group))) return;
      for (const person of listTrialPeople(deps.preset.name)) {
        if ((person.role === undefined) === (group === "people")) await load(tx, person, passwordHash);
      }
    });
  }

  async function load(tx: Tx, person: TrialPerson, passwordHash: string): Promise<void> {
    const { username, contacts } = person;
    const made = await deps.accounts.create(tx, {
      kind: person.kind,
      status: person.status === "pending" ? "pending" : "active",
      name: person.name,
      locale: deps.preset.languages.default,
      passwordHash: person.hasPassword ? passwordHash : null,
      nickname: person.nickname ?? null,
      username: username === null ? null : { key: username, shown: username },
      contacts: contacts.map((contact) => ({ ...contact, key: contact.address })),
    });
    if (!made) return;
    if (person.nickname) await deps.keepNickname(tx, made.account.id, person.nickname);
    if (person.status === "disabled") await deps.disable(tx, made.account.id);
    if (person.role !== undefined) {
      await deps.giveRole(tx, made.account.id, person.role);
      await deps.setUpSecondFactor(tx, made.account.id, trialSecret);
    }
    if (person.isLocked) await deps.lock(tx, identifierOf(person));
    for (const [index, { deadReason }] of contacts.entries()) {
      const point = made.contacts[index];
      if (deadReason && point) await deps.accounts.declareDead(tx, point.id, deadReason);
    }
  }
}
