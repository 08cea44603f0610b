import type { Accounts } from "../accounts/accounts.ts";
import type { Preset } from "../config/preset.ts";
import type { Store, Tx } from "../store/store.ts";
import { identifierOf, listTrialPeople, type TrialPerson, trialPassword } from "./people.ts";

/**
 * Puts the invented people into a trial's database, once: what the visitor changes afterwards stays changed.
 */
export async function loadTrialPeople(deps: {
  store: Store;
  preset: Preset;
  accounts: Pick<Accounts, "create" | "declareDead">;
  isLoaded: () => Promise<boolean>;
  /** False if somebody else was first. */
  markLoaded: (tx: Tx) => Promise<boolean>;
  hashPassword: (plain: string) => Promise<string>;
  disable: (tx: Tx, accountId: string) => Promise<void>;
  keepNickname: (tx: Tx, accountId: string, nickname: string) => Promise<void>;
  /** As if strangers had tried wrong passwords. */
  lock: (tx: Tx, identifier: string) => Promise<void>;
}): Promise<void> {
  if (await deps.isLoaded()) return;
  // One hash for everybody: they share their password, and a trial should open in a second.
  const passwordHash = await deps.hashPassword(trialPassword);
  await deps.store.transact(async (tx) => {
    if (!(await deps.markLoaded(tx))) return;
    for (const person of listTrialPeople(deps.preset.name)) await load(tx, person);
  });

  async function load(tx: Tx, person: TrialPerson): Promise<void> {
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
    if (person.isLocked) await deps.lock(tx, identifierOf(person));
    for (const [index, { deadReason }] of contacts.entries()) {
      const point = made.contacts[index];
      if (deadReason && point) await deps.accounts.declareDead(tx, point.id, deadReason);
    }
  }
}
