import { maskContact } from "../access/contacts/mask-contact.ts";
import type { WarnContacts } from "../access/contacts/warn-contacts.ts";
import * as accountRows from "../accounts/accounts.store.ts";
import type { Staff } from "../kernel/caller.ts";
import * as establishmentRows from "../school/establishments/establishments.store.ts";
import type { Walls } from "../school/establishments/establishments.ts";
import { makeIdentifiers } from "../school/identifiers/identifiers.ts";
import { importsRoutes } from "../school/registry-import/imports.routes.tsx";
import { createRegistryJobs } from "../school/registry-import/registry-import.jobs.ts";
import { createRegistryImport, type RegistryImportDeps } from "../school/registry-import/registry-import.ts";
import type { Db, Tx } from "../store/store.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import { importedSchools } from "./imported-schools.ts";
import type { Part } from "./part.ts";

/** How long the account of somebody who left every school stays open. */
const closesAfterDays = 60;

/** Files of a registry, on the desk and from the command line, and what becomes of those who left. */
export function wireRegistryImport(
  ground: Ground,
  foundations: Foundations,
  neighbours: {
    /** Inside which establishments this member of staff may do this. */
    wallsOf: (db: Db, staff: Staff, act: "registry.import") => Promise<Walls>;
    isStaff: (db: Db, accountId: string) => Promise<boolean>;
    warn: WarnContacts["warn"];
    wake: () => void;
  },
) {
  const { preset, clock, ids, store, journal } = ground;
  const { challenges, sessions, knownBrowsers } = foundations;

  async function warnOfContact(
    tx: Tx,
    { accountId, contact, usableFrom }: Parameters<RegistryImportDeps["warnOfContact"]>[1],
  ): Promise<void> {
    const account = await accountRows.findById(tx, accountId);
    if (account?.status !== "active") return;
    const points = await accountRows.contactPointsOf(tx, accountId);
    await neighbours.warn(
      tx,
      account,
      points.filter(({ state }) => state === "verified"),
      {
        template: "people.contact-corrected",
        context: {
          what: "staff-added",
          contact: maskContact(contact),
          askedAt: clock.now(),
          browser: null,
        },
        params: { browser: null, usableFrom },
      },
    );
  }

  const imports = createRegistryImport({
    store,
    clock,
    ids,
    schools: importedSchools,
    locale: preset.languages.default,
    phoneCountry: preset.phoneCountry,
    makeIdentifiers,
    warnOfContact,
    wake: neighbours.wake,
  });

  async function schoolsOf(staff: Staff): Promise<ReadonlySet<string> | null> {
    const walls = await neighbours.wallsOf(store, staff, "registry.import");
    return walls === null ? null : new Set(await establishmentRows.schoolsWithin(store, walls));
  }

  const part: Part = {
    turns: [{ name: "registry imports", turn: () => imports.applyNext() }],
    jobs: createRegistryJobs({
      store,
      clock,
      journal,
      closesAfterDays,
      isStaff: neighbours.isStaff,
      async endAccess(tx, accountId) {
        await sessions.endOfAccount(tx, accountId);
        await challenges.endOfAccount(tx, accountId);
        await knownBrowsers.forgetAll(tx, accountId);
      },
    }),
    routes(_http, desk) {
      importsRoutes(desk, { registry: imports, closesAfterDays, schoolsOf });
    },
  };
  return { part, imports };
}
