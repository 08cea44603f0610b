import { namesOf } from "../desk/cases/inbox.store.ts";
import type { Roles } from "../desk/roles/roles.ts";
import type { Answer } from "../http/answer.ts";
import type { Visit } from "../http/visit.ts";
import { zoneName } from "../i18n/moment.ts";
import { establishmentRoutes } from "../school/establishments/establishments.routes.tsx";
import { createEstablishments } from "../school/establishments/establishments.ts";
import { createLoadEstablishments } from "../school/establishments/load-establishments.ts";
import { createNetworks, type Networks } from "../school/establishments/networks.ts";
import type { AccountParts } from "./account.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import { wireLetters } from "./letters.ts";
import type { Part } from "./part.ts";
import { wireRegistryImport } from "./registry-import.ts";

/** What schools need beside the rest; nothing of it where the preset knows no pupils. */
export function wireSchool(
  ground: Ground,
  foundations: Foundations,
  neighbours: { roles: Roles; account: Pick<AccountParts, "warn">; wake: () => void },
): {
  parts: Part[];
  /** The first page of `/activate` where accounts are activated by letter. */
  letterAnswer?: ((visit: Visit) => Answer) | undefined;
  networks?: Networks;
} {
  if (!ground.preset.kinds.includes("pupil")) return { parts: [] };
  const { roles, account, wake } = neighbours;
  // The addresses of every school, beside those of the preset: a whole school is slowed, never blocked (promise 6).
  const networks = createNetworks({
    store: ground.store,
    clock: ground.clock,
    signals: ground.signals,
    always: ground.preset.slowedAddresses,
    onFault: ground.onFault,
  });
  const letters = wireLetters(ground, foundations, { roles });
  const registry = wireRegistryImport(ground, foundations, {
    wallsOf: async (_db, staff, act) => roles.wallsFor(staff, act),
    isStaff: roles.isStaff,
    warn: account.warn,
    wake,
  });
  return {
    parts: [wireEstablishments(ground, { roles }), letters.part, registry.part],
    letterAnswer: letters.letterAnswer,
    networks,
  };
}

/** Schools with what stands above and below them. */
function wireEstablishments(ground: Ground, { roles }: { roles: Pick<Roles, "wallsFor" | "rolesAt"> }): Part {
  const { config, preset, clock, ids, store, journal, signals } = ground;
  const { timezone } = config;
  const establishments = createEstablishments({
    store,
    clock,
    ids,
    journal,
    signals,
    preset,
    timezone,
    namesOf,
    rolesAt: roles.rolesAt,
  });
  const files = createLoadEstablishments({ store, clock, ids, journal, signals, preset });
  return {
    forget: [files.forget],
    routes(_http, desk) {
      establishmentRoutes(desk, {
        establishments,
        files,
        preset,
        wallsOf: async (staff) => roles.wallsFor(staff, "establishments.see"),
        zoneIn: (locale, zone) => zoneName(locale, zone, clock.now()),
        timezone,
      });
    },
  };
}
