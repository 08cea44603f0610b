import { withDomain } from "../../accounts/addresses/email-address.ts";
import { suggestDomain } from "../../accounts/addresses/mistyped-domain.ts";
import type { Preset } from "../../config/preset.ts";
import { type Answer, json, page, redirect } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { PasswordRules } from "../../ui/password-field.tsx";
import type { FieldError } from "../../ui/view.ts";
import { fieldErrors, formStatus, refusalText } from "../refusals.ts";
import { tooOftenAnswer } from "../too-often.tsx";
import { ClosedPage, NothingWaitingPage, SignUpPage, SignUpWaitingPage } from "./registration.pages.tsx";
import type { Registration, ResendOutcome } from "./registration.ts";

export interface RegistrationRoutesDeps {
  clock: Clock;
  preset: Preset;
  sender: { name: string; address: string };
  registration: Registration;
  /** The rules as the page lists them, in the language of the visit. */
  passwordRules: (visit: Visit) => PasswordRules;
  follow: (visit: Visit) => Promise<"waiting" | "finished">;
}

export function registrationRoutes(http: Http, deps: RegistrationRoutesDeps): void {
  const { preset, registration } = deps;
  const isOpen = preset.registration.isOpen;

  const closed = (visit: Visit) =>
    page(<ClosedPage view={visit.view({ isRefusal: true })} />, {
      status: 404,
      data: { refusal: "registration.closed", incident: visit.caller.incident },
    });

  function form(visit: Visit, errors: FieldError[] = []): Answer {
    const values = {
      email: visit.field("email"),
      name: visit.field("name"),
      nickname: visit.field("nickname"),
    };
    return page(
      <SignUpPage
        view={visit.view({ isRefusal: errors.length > 0 })}
        asksNickname={preset.registration.asksNickname}
        values={values}
        errors={errors}
        rules={deps.passwordRules(visit)}
      />,
      formStatus(visit, "registration.invalid", errors),
    );
  }

  http.get("/sign-up", async (visit) => (isOpen ? form(visit) : closed(visit)));

  http.post("/sign-up", async (visit) => {
    if (!isOpen) return closed(visit);
    const outcome = await registration.signUp(visit.caller, {
      email: visit.field("email"),
      name: visit.field("name"),
      nickname: visit.field("nickname"),
      password: visit.field("password"),
    });
    if (outcome.ok) return redirect("/sign-up/sent");
    if (outcome.refusal === "registration.too-many") {
      return tooOftenAnswer(visit, deps.clock, { ...outcome, back: "/sign-up" });
    }
    return form(visit, fieldErrors(visit, preset, outcome.fields));
  });

  http.get("/sign-up/sent", async (visit) => waitingAnswer(visit, deps));

  http.get("/sign-up/follow", async (visit) =>
    json({ state: await deps.follow(visit), next: "/sign-up/sent" }),
  );

  http.post("/sign-up/resend", async (visit) =>
    afterAsking(visit, deps, await registration.resend(visit.caller)),
  );

  http.post("/sign-up/correct", async (visit) => {
    const typed = visit.field("email");
    const outcome = await registration.correct(visit.caller, typed);
    if (outcome.ok || outcome.refusal.startsWith("registration.")) {
      return afterAsking(visit, deps, outcome as ResendOutcome);
    }
    const message = refusalText(visit.t, outcome.refusal);
    return waitingAnswer(visit, deps, [{ field: "email", message }], typed);
  });
}

/** The waiting page of the browser that asked, whatever came of it; the code form posts its mistakes here too. */
export async function waitingAnswer(
  visit: Visit,
  deps: Pick<RegistrationRoutesDeps, "registration" | "clock" | "sender" | "preset" | "follow">,
  errors: FieldError[] = [],
  typedEmail?: string,
): Promise<Answer> {
  const latest = await deps.registration.latest(visit.caller);
  if (!latest) return page(<NothingWaitingPage view={visit.view()} />);
  if ((await deps.follow(visit)) === "finished") return redirect("/sign-in");
  const { challenge, context } = latest;
  const domain = suggestDomain(context.emailKey, deps.preset.commonMailDomains);
  return page(
    <SignUpWaitingPage
      view={visit.view({ isRefusal: errors.length > 0, path: "/sign-up/sent" })}
      waiting={{
        email: context.email,
        suggestion: domain && withDomain(context.email, domain),
        resendAt: challenge.next_resend_at ?? 0,
        now: deps.clock.now(),
        sender: deps.sender,
      }}
      errors={errors}
      typedEmail={typedEmail}
    />,
    formStatus(visit, "registration.invalid", errors),
  );
}

/** Where resending and correcting end: on the waiting page again, or told until when to wait. */
function afterAsking(
  visit: Visit,
  deps: Pick<RegistrationRoutesDeps, "clock">,
  outcome: ResendOutcome,
): Answer {
  if (outcome.ok) {
    visit.leaveNotice({ tone: "good", key: "registration.waiting.sent-again" });
    return redirect("/sign-up/sent");
  }
  switch (outcome.refusal) {
    case "registration.nothing-to-send":
      return redirect("/sign-up/sent");
    case "registration.too-early":
    case "registration.too-many":
      return tooOftenAnswer(visit, deps.clock, { ...outcome, back: "/sign-up/sent" });
  }
}

/** Asks for the message again, from the form that needs no waiting page; a refusal of the address comes back. */
export async function askAgainAnswer(
  visit: Visit,
  deps: Pick<RegistrationRoutesDeps, "registration" | "clock">,
  typed: string,
): Promise<Answer | { refusal: string }> {
  const outcome = await deps.registration.askAgain(visit.caller, typed);
  if (outcome.ok || outcome.refusal.startsWith("registration.")) {
    return afterAsking(visit, deps, outcome as ResendOutcome);
  }
  return { refusal: outcome.refusal };
}
