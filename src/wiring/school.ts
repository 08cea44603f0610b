import { namesOf } from "../desk/cases/inbox.store.ts";
import type { PersonRules } from "../desk/people/person.ts";
import type { Roles } from "../desk/roles/roles.ts";
import type { Answer } from "../http/answer.ts";
import type { Visit } from "../http/visit.ts";
import { zoneName } from "../i18n/moment.ts";
import { establishmentRoutes } from "../school/establishments/establishments.routes.tsx";
import { createEstablishments } from "../school/establishments/establishments.ts";
import { forgetPeople } from "../school/establishments/forgotten-people.store.ts";
import {
  createLoadEstablishments,
  type LoadEstablishments,
} from "../school/establishments/load-establishments.ts";
import { createNetworks, type Networks } from "../school/establishments/networks.ts";
import { ownSchoolPart } from "../school/establishments/own-school.routes.tsx";
import type { RegistryImport } from "../school/registry-import/registry-import.ts";
import type { AccountParts } from "./account.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import { wireLetters } from "./letters.ts";
import type { Part } from "./part.ts";
import { type RegistryNeighbours, wireRegistryImport } from "./registry-import.ts";

/** What schools need beside the rest; nothing of it where the preset knows no pupils. */
export function wireSchool(
  ground: Ground,
  foundations: Foundations,
  neighbours: {
    roles: Roles;
    account: Pick<AccountParts, "warn">;
    people: { person: Pick<PersonRules, "shownTo"> };
    families: Pick<RegistryNeighbours, "namesPut" | "holdersOf">;
    wake: () => void;
  },
): {
  parts: Part[];
  /** What the command line loads files by. */
  files?: { imports: RegistryImport; establishments: LoadEstablishments };
  /** The first page of `/activate` where accounts are activated by letter. */
  letterAnswer?: ((visit: Visit) => Answer) | undefined;
  networks?: Networks;
} {
  if (!ground.preset.kinds.includes("pupil")) return { parts: [] };
  const { roles, account, people, families, wake } = neighbours;
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
    wallsOf: roles.wallsFor,
    isStaff: roles.isStaff,
    staffAmong: roles.staffAmong,
    mayHelp: roles.mayHelp,
    warn: account.warn,
    shownTo: people.person.shownTo,
    namesPut: families.namesPut,
    holdersOf: families.holdersOf,
    wake,
  });
  const establishments = wireEstablishments(ground, { roles });
  return {
    parts: [establishments.part, letters.part, registry.part],
    files: { imports: registry.imports, establishments: establishments.files },
    letterAnswer: letters.letterAnswer,
    networks,
  };
}

/** Schools with what stands above and below them. */
function wireEstablishments(
  ground: Ground,
  { roles }: { roles: Pick<Roles, "wallsFor" | "rolesAt"> },
): { part: Part; files: LoadEstablishments } {
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
  const part: Part = {
    accountParts: [ownSchoolPart({ clock, preset, timezone, establishments })],
    forget: [files.forget],
    forgetPeople,
    routes(_http, desk) {
      establishmentRoutes(desk, {
        establishments,
        files,
        preset,
        wallsOf: roles.wallsFor,
        zoneIn: (locale, zone) => zoneName(locale, zone, clock.now()),
        timezone,
      });
    },
  };
  return { part, files };
}
