import { codeAt } from "../access/second-factor/totp.ts";
import * as accountRows from "../accounts/accounts.store.ts";
import { showPhoneNumber } from "../accounts/addresses/phone-number.ts";
import { normaliseIdentifier } from "../accounts/addresses/username.ts";
import { clearCaptured, listCaptured } from "../channels/capture.ts";
import { second } from "../kernel/clock.ts";
import * as marks from "../operate/marks.store.ts";
import { emptyDetails, writeDetails } from "../school/establishments/establishment-details.ts";
import * as establishmentRows from "../school/establishments/establishments.store.ts";
import * as registryRows from "../school/registry-import/registry.store.ts";
import { loadTrialPeople } from "../trial/load-people.ts";
import { loadTrialSchools, type TrialSchoolsDeps } from "../trial/load-schools.ts";
import { trialSecret } from "../trial/people.ts";
import { trialRoutes } from "../trial/trial.routes.tsx";
import type { Door } from "./door.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Pages } from "./pages.ts";
import type { StaffPart, wireRoles } from "./staff.ts";

/** The people of a trial, loaded once, and the page that shows what would have been sent. */
export async function wireTrial(
  ground: Ground,
  { accounts }: Pick<Foundations, "accounts">,
  {
    lockout,
    http,
    roles,
    factor,
  }: Pick<Door, "lockout"> &
    Pick<Pages, "http"> &
    Pick<StaffPart, "factor"> & { roles: ReturnType<typeof wireRoles> },
) {
  const { preset, clock, ids, store, hashing } = ground;

  /** The school's rows as an import writes them. The next import compares everybody anew: no digest is kept. */
  const trialSchools: TrialSchoolsDeps = {
    async putSchool(tx, { type, code, name, classes, ...details }, parentId) {
      const now = clock.now();
      const id = (await establishmentRows.findByCode(tx, code))?.id ?? ids.uuid();
      await establishmentRows.putEstablishments(tx, [
        {
          id,
          parent_id: parentId,
          type,
          code,
          name,
          timezone: null,
          details: writeDetails({ ...emptyDetails, ...details }),
          created_at: now,
          closed_at: null,
        },
      ]);
      const made = await establishmentRows.ensureClasses(
        tx,
        classes.map((one) => ({ ...one, schoolId: id })),
        { uuid: () => ids.uuid(), now },
      );
      const classIds = classes.map(
        (one) => [one.code, made.get(establishmentRows.classKey(id, one.code)) as string] as const,
      );
      return { id, classIds: new Map(classIds) };
    },
    putMemberships: (tx, rows) =>
      establishmentRows.putMemberships(
        tx,
        rows.map((row) => ({ ...row, since: clock.now() })),
      ),
    putPeople: establishmentRows.putSchoolPeople,
    putRecords: (tx, rows) =>
      registryRows.putRecords(
        tx,
        rows.map((row) => ({ ...row, digest: "", import_id: "trial", gone_at: null })),
      ),
    async putTies(tx, rows) {
      await registryRows.putLinks(
        tx,
        rows.map(({ guardian_id: _, pupil_id: __, ...link }) => ({ ...link, is_tied: 1 })),
      );
      await registryRows.putGuardianships(
        tx,
        rows.map(({ guardian_record_id: _, pupil_record_id: __, ...tie }) => ({
          ...tie,
          since: clock.now(),
          ended_at: null,
          denied_at: null,
        })),
      );
    },
    async giveRole(tx, accountId, role, establishmentId) {
      await roles.grant(tx, { accountId, role, establishmentId, grantedBy: null });
    },
  };

  await loadTrialPeople({
    store,
    preset,
    accounts,
    findByIdentifier: accountRows.findByIdentifier,
    isLoaded: async (group) => (await marks.readMark(store, `trial-${group}`)) !== null,
    markLoaded: (tx, group) => marks.setMark(tx, `trial-${group}`, String(clock.now())),
    hashPassword: hashing.hash,
    disable: (tx, accountId) => accountRows.updateAccount(tx, accountId, { status: "disabled" }),
    keepNickname: async (tx, accountId, nickname) => {
      const key = nickname.toLowerCase();
      const times = { reserved_at: clock.now(), expires_at: null };
      await accountRows.reserveNickname(tx, { key, account_id: accountId, challenge_id: null, ...times });
    },
    async lock(tx, identifier) {
      const key = lockout.counterKey(normaliseIdentifier(identifier), null);
      while ((await lockout.charge(tx, key)).ok);
    },
    async giveRole(tx, accountId, role) {
      await roles.grant(tx, { accountId, role, grantedBy: null });
    },
    setUpSecondFactor: factor.plant,
    loadSchools: (tx, people) => loadTrialSchools(trialSchools, tx, people),
  });
  trialRoutes(http, {
    preset,
    listMessages: () => listCaptured(store),
    clearMessages: () => clearCaptured(store),
    showCode: () => {
      const now = clock.now();
      const { code, until } = codeAt(trialSecret, now);
      return { code, leftSeconds: Math.ceil((until - now) / second) };
    },
    showNumber: (e164) => showPhoneNumber(e164, preset.phoneCountry),
  });
}
