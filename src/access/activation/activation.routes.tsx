import type { Preset } from "../../config/preset.ts";
import { type Answer, page, redirect } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { PasswordRules } from "../../ui/password-field.tsx";
import { newPasswordAnswer } from "../recovery/recovery.routes.tsx";
import { tooOftenAnswer } from "../too-often.tsx";
import { AskInvitationPage, SpentInvitationPage } from "./activation.pages.tsx";
import type { Activation, Invitation, InvitationCondition } from "./activation.ts";

export interface ActivationRoutesDeps {
  clock: Clock;
  preset: Preset;
  activation: Activation;
  /** The rules as the page lists them, in the language of the visit. */
  passwordRules: (visit: Visit, about: { unlike: string[] }) => PasswordRules;
  /** The first page where accounts are activated by letter; none where they are by invitation alone. */
  letterAnswer?: (visit: Visit) => Answer;
}

export function activationRoutes(http: Http, deps: ActivationRoutesDeps): void {
  const { activation, preset } = deps;
  const pathOf = (token: string) => `/activate?token=${encodeURIComponent(token)}`;

  function choosePassword(
    visit: Visit,
    token: string,
    invitation: Invitation,
    failedRules: string[] = [],
  ): Answer {
    const { account, identifiers } = invitation;
    const { t } = visit;
    return newPasswordAnswer(visit, deps, invitation, failedRules, {
      refusal: "activation.invalid",
      path: pathOf(token),
      action: "/activate",
      title: t("activation.title"),
      intro: t("activation.choose", { name: account.name, identifier: identifiers[0]?.shown ?? "" }),
      submit: t("registration.activate.button"),
      token,
    });
  }

  function spent(visit: Visit, token: string, condition: Exclude<InvitationCondition, "open">): Answer {
    return page(
      <SpentInvitationPage
        view={visit.view({ isRefusal: true, path: pathOf(token) })}
        condition={condition}
        token={token}
      />,
      { status: 410, data: { refusal: `activation.${condition}`, incident: visit.caller.incident } },
    );
  }

  const askInvitation = (visit: Visit) =>
    page(
      <AskInvitationPage
        view={visit.view()}
        identifierKind={preset.identifier}
        isSignUpOpen={preset.registration.isOpen}
      />,
    );

  http.get("/activate/invitation", async (visit) => askInvitation(visit));

  http.get("/activate", async (visit) => {
    const token = visit.query("token");
    if (token === "") return deps.letterAnswer ? deps.letterAnswer(visit) : askInvitation(visit);
    const look = await activation.look(token);
    return look.condition === "open"
      ? choosePassword(visit, token, look)
      : spent(visit, token, look.condition);
  });

  http.post("/activate", async (visit) => {
    const token = visit.field("token");
    const outcome = await activation.activate(visit.caller, token, visit.field("password"));
    if (outcome.ok) {
      visit.leaveNotice({
        tone: "good",
        key: "confirmation.done.sign-in",
        identifier: outcome.identifier,
      });
      return redirect("/sign-in");
    }
    if (outcome.refusal === "activation.link") return spent(visit, token, outcome.condition);
    return choosePassword(visit, token, outcome.invitation, outcome.failedRules);
  });

  http.post("/activate/again", async (visit) => {
    const token = visit.field("token");
    const outcome = await activation.askAgain(visit.caller, token);
    if (outcome.ok) {
      visit.leaveNotice({ tone: "good", key: "activation.sent" });
      return redirect("/activate");
    }
    switch (outcome.refusal) {
      case "activation.unknown":
        return spent(visit, token, "unknown");
      case "activation.too-many":
        return tooOftenAnswer(visit, deps.clock, { ...outcome, back: "/activate" });
    }
  });
}
