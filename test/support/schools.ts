import { createIds } from "../../src/kernel/ids.ts";
import {
  type EstablishmentType,
  leaveMembership,
  putEstablishments,
  putMembership,
} from "../../src/school/establishments/establishments.store.ts";
import type { MadeAccount } from "./an-account.ts";
import type { TestPortal } from "./portal.ts";
import { seededRandom } from "./world.ts";

let made = 0;

/** An academy, a school in one, or a class in a school; answers its id. */
export async function anEstablishment(
  portal: TestPortal,
  type: EstablishmentType,
  name: string,
  parentId: string | null = null,
): Promise<string> {
  made += 1;
  const id = createIds(portal.clock, seededRandom(50_000 + made)).uuid();
  const row = { parent_id: parentId, type, code: `CODE${made}`, name, timezone: null, details: "{}" };
  await portal.portal.store.transact((tx) =>
    putEstablishments(tx, [{ id, ...row, created_at: portal.clock.now(), closed_at: null }]),
  );
  return id;
}

/** From now on this person belongs to a school. */
export async function belongs(portal: TestPortal, { account }: MadeAccount, schoolId: string): Promise<void> {
  const { id, kind } = account;
  const since = portal.clock.now();
  await portal.portal.store.transact((tx) =>
    putMembership(tx, { account_id: id, establishment_id: schoolId, kind, class_id: null, since }),
  );
}

export async function leaves(portal: TestPortal, { account }: MadeAccount, schoolId: string): Promise<void> {
  await portal.portal.store.transact((tx) => leaveMembership(tx, account.id, schoolId, portal.clock.now()));
}
