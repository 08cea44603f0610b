import type { Preset } from "../../config/preset.ts";
import { type Answer, page, redirect } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { PasswordRules } from "../../ui/password-field.tsx";
import type { FieldError } from "../../ui/view.ts";
import { NewPasswordPage } from "../recovery/recovery.pages.tsx";
import { passwordErrors, tooOftenAnswer } from "../recovery/recovery.routes.tsx";
import { AskInvitationPage, SpentInvitationPage } from "./activation.pages.tsx";
import type { Activation, Invitation, InvitationCondition } from "./activation.ts";

export interface ActivationRoutesDeps {
  clock: Clock;
  preset: Preset;
  activation: Activation;
  /** The rules as the page lists them, in the language of the visit. */
  passwordRules: (visit: Visit, about: { unlike: string[] }) => PasswordRules;
}

export function activationRoutes(http: Http, deps: ActivationRoutesDeps): void {
  const { activation, preset } = deps;
  const pathOf = (token: string) => `/activate?token=${encodeURIComponent(token)}`;

  function choosePassword(
    visit: Visit,
    token: string,
    { account, identifiers }: Invitation,
    errors: FieldError[] = [],
  ): Answer {
    const shown = identifiers.map((identifier) => identifier.shown);
    const { t } = visit;
    return page(
      <NewPasswordPage
        view={visit.view({ isRefusal: errors.length > 0, path: pathOf(token) })}
        action="/activate"
        title={t("activation.title")}
        intro={t("activation.choose", { name: account.name, identifier: shown[0] ?? "" })}
        submit={t("registration.activate.button")}
        token={token}
        identifier={shown[0] ?? ""}
        rules={deps.passwordRules(visit, { unlike: [account.name, account.nickname ?? "", ...shown] })}
        errors={errors}
      />,
      errors.length > 0
        ? { status: 422, data: { refusal: "activation.invalid", errors, incident: visit.caller.incident } }
        : {},
    );
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

  http.get("/activate", async (visit) => {
    const token = visit.query("token");
    if (token === "") {
      return page(<AskInvitationPage view={visit.view()} identifierKind={preset.identifier} />);
    }
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
    const errors = passwordErrors(visit, preset, outcome.failedRules);
    return choosePassword(visit, token, outcome.invitation, errors);
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
