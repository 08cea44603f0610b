import type { Preset } from "../../config/preset.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Db } from "../../store/store.ts";
import { staffOfRoles } from "./inbox.store.ts";

/** Somebody who answers the cases of a relay. */
export interface Colleague {
  accountId: string;
  name: string;
  locale: string;
}

/**
 * Who answers the cases of which relay.
 *
 * Tables: reads staff_grants. Settings: roles.
 */
export function createInboxStaff(deps: { clock: Clock; preset: Pick<Preset, "roles"> }) {
  /** Those of one of these relays at least, by name. */
  async function colleaguesOf(db: Db, relays: string[]): Promise<Colleague[]> {
    const roles = deps.preset.roles.filter(
      (role) => role.may.includes("cases.answer") && role.relays.some((id) => relays.includes(id)),
    );
    return staffOfRoles(
      db,
      roles.map(({ id }) => id),
      deps.clock.now(),
    );
  }

  return { colleaguesOf };
}
