import * as accountRows from "../accounts/accounts.store.ts";
import { offeredChannels } from "../accounts/reach.ts";
import { accountStateRoutes } from "../help/diagnosis/account-state.routes.tsx";
import { createAccountState } from "../help/diagnosis/account-state.ts";
import { createStateResolver } from "../help/diagnosis/account-state.worker.ts";
import { sayChecks } from "../help/diagnosis/checks.ts";
import { clearSiteRoutes } from "../help/diagnosis/clear-site.routes.tsx";
import { type DiagnosisRoutesDeps, diagnosisRoutes } from "../help/diagnosis/diagnosis.routes.tsx";
import { createDiagnosis } from "../help/diagnosis/diagnosis.ts";
import { createKnownOfVisit } from "../help/diagnosis/known-of-visit.ts";
import { missingPages, requireDiagnosis } from "../help/diagnosis/read-diagnosis.ts";
import { Fault } from "../kernel/fault.ts";
import { listToRecipient } from "../outbox/measures.store.ts";
import type { Door } from "./door.ts";
import type { Foundations } from "./foundations.ts";
import type { Ground } from "./ground.ts";
import type { Part } from "./part.ts";
import type { Recovery } from "./recovery.ts";
import type { ServiceStatusPart } from "./service-status.ts";

/** The guided diagnosis: its questions, the checks of a browser, and the state of an account to whoever proves it. */
export function wireDiagnosis(
  ground: Ground,
  foundations: Foundations,
  neighbours: Pick<Door, "lockout"> &
    Pick<ServiceStatusPart, "status" | "currentNotices"> &
    Pick<DiagnosisRoutesDeps, "articlesAbout"> &
    Pick<Recovery["activation"], "opensBy">,
) {
  const { config, preset, root, clock, keys, store, hasSms, journal, translations } = ground;
  const { budgets, challenges, requests, outbox, truth, sessions } = foundations;
  const { status, currentNotices, articlesAbout, lockout, opensBy } = neighbours;

  const data = requireDiagnosis(root, preset);
  const diagnosis = createDiagnosis({
    data,
    preset,
    sayNoHelp: (locale) => translations.to(locale)("diagnosis.no-help"),
    sayCheck: (locale, found) => sayChecks(translations.to(locale), found),
  });
  const channels = offeredChannels(preset.recallChannels, preset, hasSms);
  const knownOf = createKnownOfVisit({
    db: store,
    preset,
    offersSms: offeredChannels(preset.recoveryChannels, preset, hasSms).includes("sms"),
    url: config.url,
    budgets,
    stateOf: (part) => status.stateOf(part),
  });
  const state = createAccountState({
    store,
    clock,
    keys,
    preset,
    channels,
    journal,
    requests,
    budgets,
    challenges,
    accounts: accountRows,
    lockedUntil: lockout.lockedUntil,
    opensBy,
    messagesTo: listToRecipient,
  });
  const resolveState = createStateResolver({
    clock,
    preset,
    hasSms,
    outbox,
    budgets,
    challenges,
    truth,
    accounts: accountRows,
    opensBy,
  });

  const part: Part = {
    resolvers: { "account-state.ask": resolveState },
    routes(http) {
      diagnosisRoutes(http, { diagnosis, knownOf, origin: config.url, currentNotices, articlesAbout });
      clearSiteRoutes(http, {
        signOut: (person) => store.transact((tx) => sessions.end(tx, person)).then(() => {}),
      });
      accountStateRoutes(http, {
        clock,
        brandName: preset.brandName,
        sender: config.mail.from,
        state,
      });
      // Only when every part has added its pages can it be said that one is missing.
      http.app.addHook("onReady", async () => {
        const hasPage = (path: string) => http.app.hasRoute({ method: "GET", url: path });
        const missing = missingPages(data, hasPage);
        if (missing.length > 0) {
          throw new Fault(
            `The guided diagnosis leads to pages that do not exist:\n  ${missing.join("\n  ")}`,
          );
        }
      });
    },
  };

  return { part, readDiagnosisTrail: diagnosis.readDiagnosisTrail };
}
