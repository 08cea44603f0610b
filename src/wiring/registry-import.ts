import { maskContact } from "../access/contacts/mask-contact.ts";
import type { WarnContacts } from "../access/contacts/warn-contacts.ts";
import * as accountRows from "../accounts/accounts.store.ts";
import { nameFor } from "../accounts/reach.ts";
import type { PersonRules } from "../desk/people/person.ts";
import { createRecordActAt } from "../desk/roles/establishment-acts.ts";
import type { Roles } from "../desk/roles/roles.ts";
import { createDayOf } from "../i18n/moment.ts";
import type { Staff } from "../kernel/caller.ts";
import * as establishmentRows from "../school/establishments/establishments.store.ts";
import type { Walls } from "../school/establishments/establishments.ts";
import { makeIdentifiers } from "../school/identifiers/identifiers.ts";
import { conflictsRoutes, registryPersonParts } from "../school/registry-import/conflicts.routes.tsx";
import { createConflicts } from "../school/registry-import/conflicts.ts";
import { type ImportsRoutesDeps, importsRoutes } from "../school/registry-import/imports.routes.tsx";
import { createRegistryJobs } from "../school/registry-import/registry-import.jobs.ts";
import {
  createRegistryImport,
  type Importer,
  type RegistryImportDeps,
} from "../school/registry-import/registry-import.ts";
import type { Db, Tx } from "../store/store.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import { importedSchools, type NamesPut } from "./imported-schools.ts";
import type { Part } from "./part.ts";

type ImportAct = Parameters<ImportsRoutesDeps["schoolsOf"]>[1];

/** What imports need of other rooms. */
export interface RegistryNeighbours {
  /** Inside which establishments this member of staff may do this. */
  wallsOf: (staff: Staff, act: ImportAct) => Walls;
  isStaff: (db: Db, accountId: string) => Promise<boolean>;
  staffAmong: RegistryImportDeps["staffAmong"];
  mayHelp: Roles["mayHelp"];
  warn: WarnContacts["warn"];
  /** A contact point as a member of staff may see it on the page of its person. */
  shownTo: PersonRules["shownTo"];
  wake: () => void;
  holdersOf: RegistryImportDeps["holdersOf"];
  namesPut: NamesPut;
}

/** Files of a registry, on the desk and from the command line, and what becomes of those who left. */
export function wireRegistryImport(ground: Ground, foundations: Foundations, neighbours: RegistryNeighbours) {
  const { config, preset, clock, ids, store, journal } = ground;
  const { closesAfterDays } = preset.registry;
  const { accounts, budgets, outbox, challenges, sessions, knownBrowsers } = foundations;

  async function warnOfContact(
    tx: Tx,
    { accountId, contact, isReplacing, usableFrom }: Parameters<RegistryImportDeps["warnOfContact"]>[1],
  ): Promise<void> {
    const account = await accountRows.findById(tx, accountId);
    if (account?.status !== "active") return;
    const points = await accountRows.contactPointsOf(tx, accountId);
    const proved = points.filter(({ state }) => state === "verified");
    await neighbours.warn(tx, account, proved.length > 0 ? proved : points, {
      template: "people.contact-corrected",
      context: {
        what: isReplacing ? "staff-replaced" : "staff-added",
        contact: maskContact(contact),
        askedAt: clock.now(),
        browser: null,
      },
      params: { browser: null, usableFrom },
    });
  }

  const recordActAt = createRecordActAt({ journal, ids, clock });

  /** To every mailbox that may hear of the account. By e-mail alone: see registry-import.messages.tsx. */
  async function tellClosed(tx: Tx, accountId: string): Promise<void> {
    const account = await accountRows.findById(tx, accountId);
    if (!account) return;
    const points = await accountRows.contactPointsOf(tx, accountId);
    const [identifier] = await accountRows.identifiersOf(tx, accountId);
    for (const point of accounts.usable(points, "email", { acceptsDeclared: true })) {
      await outbox.enqueue(tx, {
        template: "registry-import.closed",
        channel: "email",
        to: point.address,
        toKey: point.address_key,
        accountId,
        contactPointId: point.id,
        challengeId: null,
        locale: account.locale,
        params: {
          name: nameFor(point, account),
          identifier: identifier?.shown ?? "",
          at: clock.now(),
          days: closesAfterDays,
        },
        secrets: null,
        usefulForSeconds: preset.messages.noticeUsefulForSeconds,
        priority: "last",
      });
    }
  }

  const imports = createRegistryImport({
    store,
    clock,
    ids,
    schools: importedSchools(neighbours.namesPut),
    locale: preset.languages.default,
    phoneCountry: preset.phoneCountry,
    staffAmong: neighbours.staffAmong,
    holdersOf: neighbours.holdersOf,
    makeIdentifiers,
    warnOfContact,
    endRequests: (tx, { id, status }) =>
      challenges.endOfAccount(tx, id, status === "pending" ? {} : { purpose: "reset" }),
    dayOf: createDayOf(config.timezone),
    recordApplied: (tx, { staffId, caller, school, counts }) =>
      recordActAt(tx, school.id, {
        event: "desk.registry-applied",
        accountId: staffId,
        actor: { kind: "staff", id: staffId },
        params: { school: `${school.name} (${school.code})`, ...counts },
        caller,
      }),
    onFault: ground.onFault,
    wake: neighbours.wake,
  });

  async function schoolsOf(staff: Staff, act: ImportAct): Promise<ReadonlySet<string> | null> {
    const walls = neighbours.wallsOf(staff, act);
    return walls === null ? null : new Set(await establishmentRows.schoolsWithin(store, walls));
  }

  const conflicts = createConflicts({
    store,
    clock,
    journal,
    budgets,
    hold: accountRows.hold,
    contactPointsOf: accountRows.contactPointsOf,
    mayHelp: neighbours.mayHelp,
    mask: maskContact,
  });
  const importerOf = async (staff: Staff): Promise<Importer> => ({
    accountId: staff.accountId,
    schools: await schoolsOf(staff, "registry.import"),
  });
  async function acceptsSms(accountId: string): Promise<boolean | null> {
    const person = await establishmentRows.findSchoolPerson(store, accountId);
    return person?.accepts_sms == null ? null : person.accepts_sms === 1;
  }

  const part: Part = {
    personParts: registryPersonParts({ conflicts, acceptsSms }),
    news: [
      {
        act: "registry.import",
        href: "/desk/imports",
        key: "registry-import.news",
        count: async (staff) => imports.countStopped(await importerOf(staff)),
      },
    ],
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
      tellClosed,
    }),
    routes(_http, desk) {
      importsRoutes(desk, { registry: imports, closesAfterDays, importerOf, schoolsOf });
      const { shownTo } = neighbours;
      conflictsRoutes(desk, { clock, registry: imports, conflicts, importerOf, shownTo });
    },
  };
  return { part, imports };
}
