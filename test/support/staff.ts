import { createSecondFactor } from "../../src/access/second-factor/second-factor.ts";
import { codeAt } from "../../src/access/second-factor/totp.ts";
import * as roleRows from "../../src/desk/roles/roles.store.ts";
import { createIds } from "../../src/kernel/ids.ts";
import { createKeys } from "../../src/kernel/keys.ts";
import { anAccount, type MadeAccount } from "./an-account.ts";
import { PlainBrowser } from "./browser.ts";
import type { TestPortal } from "./portal.ts";
import { seededRandom } from "./world.ts";

/** What the telephone of every member of staff of the tests knows. */
export const staffSecret = "TESTSECRETOFTESTSTAFFABCDEFGHIJK";

export interface MadeStaff extends MadeAccount {
  identifier: string;
  email: string;
}

let made = 0;

/**
 * Gives an account a role, as an operator would; inside one establishment where it is named. A role that ends at walls
 * must name one, or say null: given nowhere, it reaches nobody, and the desk stays closed.
 */
export async function giveRole(
  portal: TestPortal,
  accountId: string,
  role: string,
  establishmentId?: string | null,
): Promise<void> {
  const { reach } = portal.config.preset.roles.find(({ id }) => id === role) ?? {};
  if (reach === "establishment" && establishmentId === undefined) {
    throw new Error(
      `The role ${role} ends at the walls of an establishment: say which (establishmentId), or null for none.`,
    );
  }
  const id = createIds(portal.clock, seededRandom(70_000 + made++)).uuid();
  await portal.portal.store.transact((tx) =>
    roleRows.insertGrant(tx, {
      id,
      account_id: accountId,
      role,
      establishment_id: establishmentId ?? null,
      granted_at: portal.clock.now(),
      granted_by: null,
      expires_at: null,
    }),
  );
}

/** A member of staff with this role of the preset, given at an establishment where it has walls; with a second factor. */
export async function aStaffMember(
  portal: TestPortal,
  role: string,
  options: { name?: string; hasSecondFactor?: boolean; establishmentId?: string | null } = {},
): Promise<MadeStaff> {
  made += 1;
  const name = options.name ?? `Personne ${made} de l’assistance`;
  const email = `${role}-${made}@assistance.example.fr`;
  const username = `${role.slice(0, 20)}.${made}`;
  const builder = anAccount(portal, name).kind("staff").email(email);
  const { identifier } = portal.config.preset;
  const account = await (identifier === "username" ? builder.username(username) : builder).made();
  await giveRole(portal, account.account.id, role, options.establishmentId);
  if (options.hasSecondFactor !== false) await plantSecondFactor(portal, account.account.id);
  return { ...account, email, identifier: identifier === "username" ? username : email };
}

/** As if it had been set up with an application that knows `staffSecret`; `master`: under another master secret. */
export async function plantSecondFactor(
  portal: TestPortal,
  accountId: string,
  master = portal.config.secret,
): Promise<void> {
  const { config, clock } = portal;
  const random = seededRandom(90_000 + made++);
  const keys = createKeys(random, master, null);
  const unused = () => Promise.reject(new Error("not needed to plant a second factor"));
  const factor = createSecondFactor({
    store: portal.portal.store,
    clock,
    random,
    keys,
    journal: { record: unused },
    budgets: { spend: unused, look: unused },
    brandName: config.preset.brandName,
    identifiersOf: unused,
    holdSignedIn: unused,
    renewProved: unused,
    forgetProofs: unused,
    endOtherSessions: unused,
    keepWaiting: unused,
    newestLineOf: unused,
    tellContacts: unused,
  });
  await portal.portal.store.transact((tx) => factor.plant(tx, accountId, staffSecret));
}

/** The code that their telephone shows; lets half a minute pass first, so that it is one never used before. */
export function nextCode(portal: TestPortal, secret = staffSecret): string {
  portal.clock.advance(30_000);
  return codeAt(secret, portal.clock.now()).code;
}

/** Signs in with the password alone: the desk stays closed. */
export async function signInStaff(
  portal: TestPortal,
  staff: MadeStaff,
  headers: Record<string, string> = {},
): Promise<PlainBrowser> {
  const browser = new PlainBrowser(portal.url, headers);
  const password = staff.password ?? "";
  await browser.post("/sign-in", { identifier: staff.identifier, password }, { follow: false });
  return browser;
}

/** Signs in with password and second factor: the desk is open. */
export async function atTheDesk(
  portal: TestPortal,
  staff: MadeStaff,
  headers: Record<string, string> = {},
): Promise<PlainBrowser> {
  const browser = await signInStaff(portal, staff, headers);
  const page = await browser.post("/desk/second-factor", { code: nextCode(portal) }, { follow: false });
  if (page.location !== "/desk") throw new Error(`The desk stayed closed: ${page.status} ${page.text}`);
  return browser;
}
