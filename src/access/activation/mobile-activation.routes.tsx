import { type Answer, json, page, redirect } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { MessageKey } from "../../i18n/translations.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { FieldError } from "../../ui/view.ts";
import { NothingAskedPage } from "../nothing-asked-page.tsx";
import { codeErrors, formStatus, refusalText } from "../refusals.ts";
import { tooOftenAnswer, waitStatus } from "../too-often.tsx";
import {
  BirthDatePage,
  MobileEndPage,
  MobilePage,
  MobileWaitingPage,
  TooManyDatesPage,
} from "./mobile-activation.pages.tsx";
import type { MobileActivation, MobileOutcome } from "./mobile-activation.ts";

export interface MobileActivationRoutesDeps {
  clock: Clock;
  mobile: MobileActivation;
}

const path = "/activate/mobile";
const waitingPath = "/activate/mobile/sent";
const datePath = "/activate/mobile/birth-date";
/** This SMS has no link: what is said elsewhere of the link of a message would be wrong. */
const ownWords: Record<string, MessageKey> = {
  "code.ended": "activation.mobile.code-ended",
  "code.budget": "activation.mobile.code-budget",
};

export function mobileActivationRoutes(http: Http, deps: MobileActivationRoutesDeps): void {
  numberRoutes(http, deps);
  dateRoutes(http, deps);
}

function numberRoutes(http: Http, { mobile, clock }: MobileActivationRoutesDeps): void {
  function form(visit: Visit, errors: FieldError[] = []): Answer {
    const view = visit.view({ isRefusal: errors.length > 0, path });
    return page(
      <MobilePage view={view} typed={visit.field("phone")} errors={errors} />,
      formStatus(visit, "activation.invalid", errors),
    );
  }

  function afterAsking(visit: Visit, outcome: MobileOutcome, back: string): Answer {
    if (outcome.ok) return redirect(waitingPath);
    switch (outcome.refusal) {
      case "activation.nothing-to-send":
        return redirect(path);
      case "activation.too-many":
      case "activation.too-early":
        return tooOftenAnswer(visit, clock, { ...outcome, back });
      default:
        return form(visit, [{ field: outcome.field, message: refusalText(visit.t, outcome.refusal) }]);
    }
  }

  async function waiting(visit: Visit, errors: FieldError[] = []): Promise<Answer> {
    const last = await mobile.latest(visit.caller);
    const view = visit.view({ isRefusal: errors.length > 0, path: waitingPath });
    if (!last) {
      const links = [{ href: path, label: visit.t("activation.mobile.title") }];
      return page(<NothingAskedPage view={view} links={links} />);
    }
    const state = await mobile.follow(visit.caller);
    if (state !== "waiting") return redirect(state === "proved" ? datePath : "/activate/password");
    return page(
      <MobileWaitingPage
        view={view}
        shown={last.context.shown}
        resendAt={last.challenge.next_resend_at ?? 0}
        now={clock.now()}
        errors={errors}
      />,
      formStatus(visit, "activation.invalid", errors),
    );
  }

  http.get(path, async (visit) => form(visit));
  http.post(path, async (visit) =>
    afterAsking(visit, await mobile.requestCode(visit.caller, visit.field("phone")), path),
  );
  http.get(waitingPath, async (visit) => waiting(visit));
  // Where a mistyped code was answered: a reload by hand comes back to the waiting page.
  http.get(`${path}/code`, async () => redirect(waitingPath));

  http.get(`${path}/follow`, async (visit) => {
    const state = await mobile.follow(visit.caller);
    const next = { waiting: waitingPath, proved: datePath, finished: "/activate/password" }[state];
    return json({ state: state === "waiting" ? "waiting" : "finished", next });
  });

  http.post(`${path}/resend`, async (visit) => {
    const outcome = await mobile.resend(visit.caller);
    if (outcome.ok) visit.leaveNotice({ tone: "good", key: "registration.waiting.sent-again" });
    return afterAsking(visit, outcome, waitingPath);
  });

  http.post(`${path}/code`, async (visit) => {
    const judged = await mobile.tryCode(visit.caller, visit.field("code"));
    if (judged.ok) return redirect(datePath);
    if (judged.refusal === "code.none") return redirect(waitingPath);
    const own = ownWords[judged.refusal];
    const errors = own ? [{ field: "code", message: visit.t(own) }] : codeErrors(visit, judged);
    return waiting(visit, errors);
  });
}

function dateRoutes(http: Http, { mobile, clock }: MobileActivationRoutesDeps): void {
  function form(visit: Visit, errors: FieldError[] = []): Answer {
    const view = visit.view({ isRefusal: errors.length > 0, path: datePath });
    return page(
      <BirthDatePage view={view} typed={visit.field("birth-date")} errors={errors} />,
      formStatus(visit, "activation.invalid", errors),
    );
  }

  http.get(datePath, async (visit) =>
    (await mobile.isProved(visit.caller)) ? form(visit) : redirect(waitingPath),
  );

  http.post(datePath, async (visit) => {
    const outcome = await mobile.giveBirthDate(visit.caller, visit.field("birth-date"));
    if (outcome.ok) return redirect("/activate/password");
    switch (outcome.refusal) {
      case "activation.unproved":
        return redirect(waitingPath);
      case "activation.too-many-dates":
        return page(
          <TooManyDatesPage view={visit.view({ isRefusal: true, path: datePath })} until={outcome.until} />,
          waitStatus(visit, clock, outcome),
        );
      case "activation.several":
      case "activation.already": {
        const why = outcome.refusal === "activation.several" ? "several" : "already";
        return page(<MobileEndPage view={visit.view({ isRefusal: true, path: datePath })} why={why} />, {
          status: 403,
          data: { refusal: outcome.refusal, incident: visit.caller.incident },
        });
      }
      default:
        return form(visit, [{ field: outcome.field, message: refusalText(visit.t, outcome.refusal) }]);
    }
  });
}
