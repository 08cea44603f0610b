import * as accountRows from "../accounts/accounts.store.ts";
import { showPhoneNumber } from "../accounts/addresses/phone-number.ts";
import { normaliseIdentifier } from "../accounts/addresses/username.ts";
import { clearCaptured, listCaptured } from "../channels/capture.ts";
import * as marks from "../operate/marks.store.ts";
import { loadTrialPeople } from "../trial/load-people.ts";
import { trialRoutes } from "../trial/trial.routes.tsx";
import type { Door } from "./door.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Pages } from "./pages.ts";

/** The people of a trial, loaded once, and the page that shows what would have been sent. */
export async function wireTrial(
  ground: Ground,
  { accounts }: Pick<Foundations, "accounts">,
  { lockout, http }: Pick<Door, "lockout"> & Pick<Pages, "http">,
) {
  const { preset, clock, store, hashing } = ground;

  await loadTrialPeople({
    store,
    preset,
    accounts,
    isLoaded: async () => (await marks.readMark(store, "trial-people")) !== null,
    markLoaded: (tx) => marks.setMark(tx, "trial-people", String(clock.now())),
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
  });
  trialRoutes(http, {
    preset,
    listMessages: () => listCaptured(store),
    clearMessages: () => clearCaptured(store),
    showNumber: (e164) => showPhoneNumber(e164, preset.phoneCountry),
  });
}
