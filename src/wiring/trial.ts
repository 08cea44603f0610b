import { codeAt } from "../access/second-factor/totp.ts";
import * as accountRows from "../accounts/accounts.store.ts";
import { showPhoneNumber } from "../accounts/addresses/phone-number.ts";
import { normaliseIdentifier } from "../accounts/addresses/username.ts";
import { clearCaptured, listCaptured } from "../channels/capture.ts";
import { second } from "../kernel/clock.ts";
import * as marks from "../operate/marks.store.ts";
import { loadTrialPeople } from "../trial/load-people.ts";
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
  const { preset, clock, store, hashing } = ground;

  await loadTrialPeople({
    store,
    preset,
    accounts,
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
    giveRole: (tx, accountId, role) => roles.grant(tx, { accountId, role, grantedBy: null }),
    setUpSecondFactor: factor.plant,
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
