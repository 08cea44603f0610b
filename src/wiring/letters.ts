import { activationStepsRoutes } from "../access/activation/activation-steps.routes.tsx";
import { createActivationSteps } from "../access/activation/activation-steps.ts";
import { letterActivationRoutes, letterAnswer } from "../access/activation/letter-activation.routes.tsx";
import { createLetterActivation } from "../access/activation/letter-activation.ts";
import { mobileActivationRoutes } from "../access/activation/mobile-activation.routes.tsx";
import { createMobileActivation, guardiansAmong } from "../access/activation/mobile-activation.ts";
import { createMobileActivationResolver } from "../access/activation/mobile-activation.worker.ts";
import { listPasswordRules } from "../access/password-rule-list.ts";
import { signBrowserIn } from "../access/sessions/sessions.routes.tsx";
import * as accountRows from "../accounts/accounts.store.ts";
import type { Kind } from "../config/preset.ts";
import type { Roles } from "../desk/roles/roles.ts";
import type { Visit } from "../http/visit.ts";
import type { Staff } from "../kernel/caller.ts";
import { day } from "../kernel/clock.ts";
import * as outboxRows from "../outbox/outbox.store.ts";
import { readDetails } from "../school/establishments/establishment-details.ts";
import { searchEstablishments } from "../school/establishments/establishment-lists.store.ts";
import * as establishmentRows from "../school/establishments/establishments.store.ts";
import { guardiansOfChildBorn } from "../school/letters/guardianships.store.ts";
import { readLetterFonts } from "../school/letters/letter-fonts.ts";
import { writeLetters } from "../school/letters/letter-pdf.ts";
import { letterPersonPart, lettersRoutes } from "../school/letters/letters.routes.tsx";
import * as letterRows from "../school/letters/letters.store.ts";
import { createLetters, letterAct } from "../school/letters/letters.ts";
import type { Db } from "../store/store.ts";
import { foldWords } from "../store/words.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Part } from "./part.ts";

const wordsAtMost = 8;

/** Letters that staff print, and accounts that their own people activate: by letter, or by mobile number. */
export function wireLetters(
  ground: Ground,
  foundations: Foundations,
  { roles }: { roles: Pick<Roles, "mayHelp" | "reachFor"> },
) {
  const { config, preset, root, clock, random, ids, keys, store, hasSms, journal, translations } = ground;
  const { allAccounts, budgets, outbox, challenges, requests, startSession } = foundations;

  /** Inside which establishments a member of staff prints, for this kind of person or any; null: everywhere. */
  function wallsOf(staff: Staff, kind?: Kind): string[] | null {
    const { kinds, within } = roles.reachFor(staff, letterAct);
    const reaches = (some: Kind[]) => (kind === undefined ? some.length > 0 : some.includes(kind));
    if (reaches(kinds)) return null;
    return within.filter((one) => reaches(one.kinds)).map(({ establishmentId }) => establishmentId);
  }

  /** The schools inside these walls; null: every one. Each letter is judged again by `mayHelp`. */
  async function schoolsWithin(db: Db, staff: Staff, kind?: Kind): Promise<string[] | null> {
    const walls = wallsOf(staff, kind);
    return walls && establishmentRows.schoolsWithin(db, walls);
  }

  /** The kinds of person whom they print for, somewhere. */
  function kindsFor(staff: Staff) {
    const { kinds, within } = roles.reachFor(staff, letterAct);
    const reached = new Set([...kinds, ...within.flatMap((one) => one.kinds)]);
    return preset.kinds.filter((kind) => reached.has(kind));
  }

  const letters = createLetters({
    store,
    clock,
    random,
    ids,
    keys,
    preset,
    journal,
    budgets,
    activationUrl: `${config.url}/activate`,
    hold: accountRows.hold,
    mayHelp: roles.mayHelp,
    async listSchools(db, staff, { typed, limit }) {
      if (typed === "") return letterRows.listSchools(db, await schoolsWithin(db, staff), limit);
      const words = [...new Set(foldWords(typed))].slice(0, wordsAtMost);
      // More than are wanted, for academies are found as well.
      const found = await searchEstablishments(db, words, wallsOf(staff), 2 * limit);
      const schools = found.filter(({ type, closed_at }) => type === "school" && closed_at === null);
      return schools.slice(0, limit);
    },
    schoolsWithin,
    async findSchool(db, staff, schoolId) {
      const school = await establishmentRows.findEstablishment(db, schoolId);
      const within = await schoolsWithin(db, staff);
      if (school?.type !== "school" || (within !== null && !within.includes(schoolId))) return null;
      const classes = await establishmentRows.classesOf(db, schoolId);
      return {
        id: school.id,
        name: school.name,
        classes: classes.map(({ id, name }) => ({ id, name })),
      };
    },
    async senderOf(db, schoolId) {
      const line = await establishmentRows.lineOf(db, schoolId);
      const [school] = line;
      if (!school) return null;
      const { postal, phone, email } = readDetails(school.details);
      const timezone = line.find((row) => row.timezone !== null)?.timezone ?? config.timezone;
      return { sender: { name: school.name, lines: postal, contact: phone ?? email }, timezone };
    },
    portal: { sender: { name: preset.brandName, lines: [], contact: null }, timezone: config.timezone },
    writePdf: (pages, about) => {
      // Read when the first letter is printed: most starts print none.
      fonts ??= readLetterFonts(root);
      return writeLetters({ translations, fonts, brandName: preset.brandName }, pages, about);
    },
  });
  let fonts: ReturnType<typeof readLetterFonts> | undefined;

  const steps = createActivationSteps({
    store,
    clock,
    ids,
    keys,
    preset,
    hasSms,
    journal,
    outbox,
    budgets,
    challenges,
    accounts: allAccounts,
    letters,
    hashPassword: ground.hashing.hash,
    failedPasswordRules: ground.failedPasswordRules,
    unsuppress: outboxRows.unsuppress,
    startSession: (tx, caller, accountId) => startSession(tx, caller, accountId, false),
  });
  const letterActivation = createLetterActivation({
    store,
    journal,
    budgets,
    findByIdentifier: accountRows.findByIdentifier,
    judgeCode: letters.judgeCode,
    begin: steps.begin,
  });
  const guardiansAt = async (db: Db, numberKey: string) =>
    guardiansAmong(await accountRows.contactPointsAt(db, numberKey), clock.now());
  const mobile = createMobileActivation({
    store,
    clock,
    preset,
    journal,
    requests,
    budgets,
    challenges,
    begin: steps.begin,
    guardiansAt,
    guardiansOfChildBorn,
  });
  const offersMobile = hasSms && preset.kinds.includes("guardian");

  const part: Part = {
    personParts: [letterPersonPart(letters, config.timezone)],
    resolvers: {
      "activation.mobile": createMobileActivationResolver({
        preset,
        hasSms,
        journal,
        outbox,
        budgets,
        challenges,
        guardiansAt,
      }),
    },
    forget: [
      (tx) => steps.forget(tx, clock.now()),
      (tx) => letters.forget(tx, clock.now() - preset.retention.challengesDays * day),
    ],
    routes(http, desk) {
      lettersRoutes(desk, { clock, timezone: config.timezone, letters, kindsFor });
      letterActivationRoutes(http, { clock, preset, letterActivation, offersMobile });
      activationStepsRoutes(http, {
        clock,
        preset,
        sender: config.mail.from,
        steps,
        offersMobile,
        passwordRules: (visit, about) => listPasswordRules(visit, preset, about),
        signBrowserIn,
      });
      if (offersMobile) mobileActivationRoutes(http, { clock, mobile });
    },
  };
  return {
    part,
    letters,
    /** What `/activate` shows to who brings no link: wherever letters are printed, they lead there. */
    letterAnswer: (visit: Visit) => letterAnswer(visit, { offersMobile }),
  };
}
