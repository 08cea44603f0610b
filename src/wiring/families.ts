import { maskContact } from "../access/contacts/mask-contact.ts";
import { lockedAnswer } from "../access/lockout/lockout.routes.tsx";
import { rememberBrowser } from "../access/sessions/sessions.routes.tsx";
import type { SignInRefusal } from "../access/sign-in/sign-in.ts";
import * as accountRows from "../accounts/accounts.store.ts";
import { normaliseIdentifier } from "../accounts/addresses/username.ts";
import { moveCases } from "../desk/cases/cases.store.ts";
import { readReason } from "../desk/people/act-on-person.ts";
import type { Roles } from "../desk/roles/roles.ts";
import * as journalRows from "../journal/journal.store.ts";
import { day } from "../kernel/clock.ts";
import { readDetails } from "../school/establishments/establishment-details.ts";
import * as establishmentRows from "../school/establishments/establishments.store.ts";
import { createDeskJoins } from "../school/families/desk-joins.ts";
import { createFamilyJobs } from "../school/families/families.jobs.ts";
import { familiesRoutes, familyPart } from "../school/families/families.routes.tsx";
import { createFamilies } from "../school/families/families.ts";
import { familyDeskRoutes, personFamily } from "../school/families/family-desk.routes.tsx";
import { createJoinOther } from "../school/families/join-other.ts";
import { createJoins } from "../school/families/joins.ts";
import { createSameGuardian } from "../school/families/same-guardian.ts";
import type { Db } from "../store/store.ts";
import type { AccountParts } from "./account.ts";
import type { Door } from "./door.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Part } from "./part.ts";

export type FamiliesPart = ReturnType<typeof wireFamilies>;

/** Guardians and their pupils, and the several accounts of one guardian; without pages where there are none. */
export function wireFamilies(
  ground: Ground,
  foundations: Foundations,
  neighbours: {
    roles: Roles;
    account: Pick<AccountParts, "tellContacts" | "tellReached" | "holdSignedIn">;
    /** Wired before, and asks `joins.joinedWith`: looked up when somebody is judged. */
    door: () => Pick<Door, "signIn" | "unlock">;
    wake: () => void;
  },
) {
  const { config, preset, clock, random, ids, keys, store, journal } = ground;
  const { budgets, outbox, challenges, sessions, knownBrowsers } = foundations;
  const { roles, account } = neighbours;
  const { tellContacts, tellReached, holdSignedIn } = account;
  const { wallsFor, mayHelp, isStaff } = roles;
  const { findById: findAccount, identifiersOf } = accountRows;

  const families = createFamilies({
    store,
    clock,
    ids,
    journal,
    budgets,
    holdSignedIn,
    findAccount,
    isStaff,
    async schoolEmail(db: Db, establishmentId) {
      const school = await establishmentRows.findEstablishment(db, establishmentId);
      return school && readDetails(school.details).email;
    },
    enqueue: outbox.enqueue,
    locale: preset.languages.default,
    noticeUsefulForSeconds: preset.messages.noticeUsefulForSeconds,
    tellContacts,
    wallsFor,
    mayHelp,
    within: establishmentRows.thoseWithin,
    readReason,
  });
  const joins = createJoins({
    store,
    clock,
    random,
    ids,
    keys,
    journal,
    accounts: accountRows,
    isStaff,
    holdSignedIn,
    async endAccess(tx, accountId) {
      await sessions.endOfAccount(tx, accountId);
      // « Ce n’est pas moi » answers warnings of before, and must not be silenced by whoever joins.
      await challenges.endOfAccount(tx, accountId, { exceptPurpose: "not-me" });
      await knownBrowsers.forgetAll(tx, accountId);
    },
    endResets: (tx, accountId) => challenges.endOfAccount(tx, accountId, { purpose: "reset" }),
    moveCases,
    tellReached,
  });
  const sameGuardian = createSameGuardian({
    store,
    ids,
    join: joins.join,
    findAccount,
    lastInAt: async (db, accountId) =>
      (await journalRows.newestOf(db, accountId, ["sign-in.done"]))?.at ?? null,
    wake: neighbours.wake,
  });
  const joinOther = createJoinOther<SignInRefusal>({
    store,
    clock,
    keys,
    journal,
    judge: (...asked) => neighbours.door().signIn.judgeOther(...asked),
    holdSignedIn,
    findAccount,
    identifiersOf,
    isStaff,
    pupils: families.pupils,
    join: joins.join,
  });
  const deskJoins = createDeskJoins({
    store,
    journal,
    budgets,
    wallsFor,
    mayHelp,
    readReason,
    findAccount,
    identifiersOf,
    findNamed: (db, typed) => accountRows.findByIdentifier(db, normaliseIdentifier(typed)),
    contactPointsOf: accountRows.contactPointsOf,
    maskContact,
    joins,
  });

  const part: Part = {
    turns: [{ name: "families", turn: sameGuardian.checkNext }],
    jobs: createFamilyJobs(joins),
    forget: [(tx) => families.forget(tx, clock.now() - preset.retention.journalDays * day)],
    news: [
      {
        act: "families.see",
        href: "/desk/families",
        key: "families.news",
        count: families.countOpenReports,
      },
    ],
    accountParts: [familyPart(families, joins, sameGuardian)],
    personParts: [
      personFamily(families, { ...joins, wentInto: (accountId) => joins.wentInto(store, accountId) }),
    ],
    routes(http, desk) {
      familiesRoutes(http, {
        clock,
        families,
        joins,
        joinOther,
        isGuardian: async (accountId) => (await findAccount(store, accountId))?.kind === "guardian",
        lockedAnswer: (visit, locked) => {
          const { unlock } = neighbours.door();
          return lockedAnswer(visit, { clock, sender: config.mail.from, unlock, rememberBrowser }, locked);
        },
      });
      familyDeskRoutes(desk, { clock, preset, families, deskJoins });
    },
  };
  const hasFamilies = preset.kinds.includes("guardian") && preset.kinds.includes("pupil");
  return {
    part: hasFamilies ? part : noPart,
    /** Whom an account became one with: asked at the door, after the right password. */
    joinedWith: joins.joinedWith,
    /** The same for a mailbox of its own, and for the command line: nothing undoes it there. */
    wentInto: joins.wentInto,
    /** For whoever proves a contact point, in the transaction that says so. */
    contactProved: hasFamilies ? sameGuardian.contactProved : async () => {},
    /** For imports: where what stood in these accounts stands now. */
    holdersOf: joins.holdersOf,
    /** For imports, in the transaction that puts names. */
    namesPut: hasFamilies ? sameGuardian.namesPut : async () => {},
  };
}

const noPart: Part = { routes() {} };
