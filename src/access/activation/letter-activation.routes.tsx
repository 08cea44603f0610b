import type { Preset } from "../../config/preset.ts";
import { type Answer, page, redirect } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { FieldError } from "../../ui/view.ts";
import { fieldErrors, formStatus, refusalText } from "../refusals.ts";
import { tooOftenAnswer } from "../too-often.tsx";
import { LetterPage, type SpentLetter, SpentLetterPage } from "./letter-activation.pages.tsx";
import type { LetterActivation } from "./letter-activation.ts";

export interface LetterActivationRoutesDeps {
  clock: Clock;
  preset: Preset;
  letterActivation: LetterActivation;
  offersMobile: boolean;
}

/** The first page of an activation, where no link was followed: `/activate` shows it. */
export function letterAnswer(
  visit: Visit,
  deps: Pick<LetterActivationRoutesDeps, "offersMobile">,
  errors: FieldError[] = [],
): Answer {
  return page(
    <LetterPage
      view={visit.view({ isRefusal: errors.length > 0, path: "/activate" })}
      typed={{ identifier: visit.field("identifier"), code: visit.field("code") }}
      offersMobile={deps.offersMobile}
      errors={errors}
    />,
    formStatus(visit, "activation.letter-invalid", errors),
  );
}

export function letterActivationRoutes(http: Http, deps: LetterActivationRoutesDeps): void {
  // Where a mistyped code was answered: a reload by hand comes back to the form.
  http.get("/activate/letter", async () => redirect("/activate"));

  http.post("/activate/letter", async (visit) => {
    const form = { identifier: visit.field("identifier"), code: visit.field("code") };
    const outcome = await deps.letterActivation.redeemLetter(visit.caller, form);
    if (outcome.ok) return redirect("/activate/password");
    switch (outcome.refusal) {
      case "activation.letter-invalid":
        return letterAnswer(visit, deps, fieldErrors(visit, deps.preset, outcome.fields));
      case "activation.letter-wrong": {
        const message = refusalText(visit.t, outcome.refusal);
        return letterAnswer(visit, deps, [{ field: "code", message }]);
      }
      case "activation.too-many-codes":
        return tooOftenAnswer(visit, deps.clock, {
          refusal: "activation.too-many",
          until: outcome.until,
          back: "/activate",
        });
      case "activation.letter-spent":
        return spentLetterAnswer(visit, outcome.why);
    }
  });
}

/** The code was right, and serves no more. */
export function spentLetterAnswer(visit: Visit, why: SpentLetter): Answer {
  return page(<SpentLetterPage view={visit.view({ isRefusal: true, path: "/activate" })} why={why} />, {
    status: 410,
    data: { refusal: `activation.letter-${why}`, incident: visit.caller.incident },
  });
}
