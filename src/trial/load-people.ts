import type { Account, Accounts } from "../accounts/accounts.ts";
import type { Preset } from "../config/preset.ts";
import type { Db, Store, Tx } from "../store/store.ts";
import type { PlacedPerson } from "./load-schools.ts";
import { listTrialPeople, trialPassword, trialSecret } from "./people.ts";
import { identifierOf, type TrialPerson } from "./trial-person.ts";

/** Loaded apart, so that a trial begun before there was staff, or before there were schools, gets them too. */
const groups = ["people", "staff", "schools"] as const;
export type TrialGroup = (typeof groups)[number];

/**
 * Puts the invented people into a trial's database, once: what the visitor changes afterwards stays changed.
 */
export async function loadTrialPeople(deps: {
  store: Store;
  preset: Preset;
  accounts: Pick<Accounts, "create" | "declareDead">;
  findByIdentifier: (db: Db, key: string) => Promise<Pick<Account, "id"> | null>;
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
  /** Makes the schools, and puts these people into theirs. */
  loadSchools: (tx: Tx, people: PlacedPerson[]) => Promise<void>;
}): Promise<void> {
  const people = listTrialPeople(deps.preset.name);
  let passwordHash: string | undefined;
  for (const group of groups) {
    if (await deps.isLoaded(group)) continue;
    // One hash for everybody: they share their password, and a trial should open in a second.
    passwordHash ??= await deps.hashPassword(trialPassword);
    const hash = passwordHash;
    await deps.store.transact(async (tx) => {
      if (!(await deps.markLoaded(tx, group))) return;
      if (group === "schools") return loadSchools(tx, hash);
      for (const person of people) {
        if ((person.role === undefined) === (group === "people")) await load(tx, person, hash);
      }
    });
  }

  /** Whoever is not there yet is made: an older trial knew fewer people. */
  async function loadSchools(tx: Tx, hash: string): Promise<void> {
    const placed: PlacedPerson[] = [];
    for (const [index, person] of people.entries()) {
      if (!person.place) continue;
      const accountId =
        (await deps.findByIdentifier(tx, identifierOf(person)))?.id ?? (await load(tx, person, hash));
      if (accountId) placed.push({ ...person, accountId, index, place: person.place });
    }
    if (placed.length > 0) await deps.loadSchools(tx, placed);
  }

  async function load(tx: Tx, person: TrialPerson, hash: string): Promise<string | null> {
    const { username, contacts } = person;
    const made = await deps.accounts.create(tx, {
      kind: person.kind,
      status: person.status === "pending" ? "pending" : "active",
      name: person.name,
      locale: deps.preset.languages.default,
      passwordHash: person.hasPassword ? hash : null,
      nickname: person.nickname ?? null,
      username: username === null ? null : { key: username, shown: username },
      contacts: contacts.map((contact) => ({ ...contact, key: contact.address })),
    });
    if (!made) return null;
    if (person.nickname) await deps.keepNickname(tx, made.account.id, person.nickname);
    if (person.status === "disabled") await deps.disable(tx, made.account.id);
    if (person.role !== undefined) {
      if (!person.place) await deps.giveRole(tx, made.account.id, person.role);
      await deps.setUpSecondFactor(tx, made.account.id, trialSecret);
    }
    if (person.isLocked) await deps.lock(tx, identifierOf(person));
    for (const [index, { deadReason }] of contacts.entries()) {
      const point = made.contacts[index];
      if (deadReason && point) await deps.accounts.declareDead(tx, point.id, deadReason);
    }
    return made.account.id;
  }
}
