import * as accountRows from "../../src/accounts/accounts.store.ts";
import { type Account, type ContactPoint, createAccounts, type Kind } from "../../src/accounts/accounts.ts";
import { createPasswordHashing } from "../../src/accounts/passwords/password-hash.ts";
import { createIds } from "../../src/kernel/ids.ts";
import type { TestPortal } from "./portal.ts";
import { seededRandom } from "./world.ts";

export interface MadeAccount {
  account: Account;
  contacts: ContactPoint[];
  /** The password it has now; null where it has none. */
  password: string | null;
}

interface ContactMade {
  state?: ContactPoint["state"];
  origin?: ContactPoint["origin"];
  usableFrom?: number;
}

let drawn = 1000;

/** `await anAccount(portal, "Léa Martin").username("l.martin").email("lea@example.fr").made()`. */
export function anAccount(portal: TestPortal, name: string) {
  const { preset } = portal.config;
  const contacts: Parameters<ReturnType<typeof createAccounts>["create"]>[1]["contacts"] = [];
  let username: string | null = null;
  let kind: Kind = preset.kinds[0] as Kind;
  let status: Account["status"] = "active";
  let password: string | null = "ancien-mot-de-passe-9";

  const builder = {
    username(text: string) {
      username = text;
      return builder;
    },
    kind(chosen: Kind) {
      kind = chosen;
      return builder;
    },
    status(chosen: Account["status"]) {
      status = chosen;
      return builder;
    },
    withoutPassword() {
      password = null;
      return builder;
    },
    email(address: string, more: ContactMade = {}) {
      const state = more.state ?? "verified";
      const key = address.toLowerCase();
      contacts.push({
        channel: "email",
        address,
        key,
        state,
        origin: more.origin ?? "registry",
        usableFrom: more.usableFrom,
      });
      return builder;
    },
    mobile(e164: string, more: ContactMade = {}) {
      const state = more.state ?? "verified";
      contacts.push({
        channel: "sms",
        address: e164,
        key: e164,
        state,
        origin: more.origin ?? "registry",
        usableFrom: more.usableFrom,
      });
      return builder;
    },
    async made(): Promise<MadeAccount> {
      const { clock } = portal;
      const ids = createIds(clock, seededRandom(drawn++));
      const hashing = createPasswordHashing({
        clock,
        parameters: { memoryKib: 64, passes: 1, parallelism: 1 },
      });
      const passwordHash = password === null ? null : await hashing.hash(password);
      const made = await portal.portal.store.transact((tx) =>
        createAccounts({ clock, ids, preset }).create(tx, {
          kind,
          status,
          name,
          locale: "fr",
          passwordHash,
          username: username === null ? null : { key: username, shown: username },
          contacts,
        }),
      );
      if (!made) throw new Error(`${name}: the identifier is taken.`);
      return { ...made, password };
    },
  };
  return builder;
}

/** The account as it is now. */
export async function accountNow(portal: TestPortal, { account }: MadeAccount): Promise<Account> {
  const found = await accountRows.findById(portal.portal.store, account.id);
  if (!found) throw new Error(`${account.name} has no account any more.`);
  return found;
}

export function contactPointsNow(portal: TestPortal, { account }: MadeAccount): Promise<ContactPoint[]> {
  return accountRows.contactPointsOf(portal.portal.store, account.id);
}
