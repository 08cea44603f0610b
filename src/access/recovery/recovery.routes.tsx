import { longestPassword } from "../../accounts/passwords/password-text.ts";
import type { Preset } from "../../config/preset.ts";
import { type Answer, json, page, redirect } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { KnownBrowser } from "../../kernel/caller.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import { NotReceived } from "../../ui/not-received.tsx";
import type { PasswordRules } from "../../ui/password-field.tsx";
import type { FieldError } from "../../ui/view.ts";
import { WaitPage } from "../../ui/wait-page.tsx";
import { refusalText } from "../refusals.ts";
import type { PasswordReplacement, ResetCondition, ResetSubject } from "./password-replacement.ts";
import {
  ForgotPasswordPage,
  NewPasswordPage,
  NothingAskedPage,
  RecoveryWaitingPage,
  SpentResetLinkPage,
} from "./recovery.pages.tsx";
import type { AskOutcome, Recovery } from "./recovery.ts";

export interface RecoveryRoutesDeps {
  clock: Clock;
  preset: Preset;
  sender: { name: string; address: string };
  recovery: Recovery;
  replacement: PasswordReplacement;
  /** The rules as the page lists them, in the language of the visit. */
  passwordRules: (visit: Visit, about: { unlike: string[] }) => PasswordRules;
  /** Gives the browser the cookie by which the account knows it. */
  rememberBrowser: (visit: Visit, known: KnownBrowser) => void;
}

export function recoveryRoutes(http: Http, deps: RecoveryRoutesDeps): void {
  const { recovery, replacement, preset } = deps;

  function form(visit: Visit, errors: FieldError[] = []): Answer {
    const typed = visit.field("channel");
    const channel = recovery.channels.find((offered) => offered === typed) ?? recovery.channels[0];
    return page(
      <ForgotPasswordPage
        view={visit.view({ isRefusal: errors.length > 0, path: "/forgot-password" })}
        identifierKind={preset.identifier}
        channels={recovery.channels}
        values={{ identifier: visit.field("identifier"), channel: channel ?? "email" }}
        errors={errors}
      />,
      errors.length > 0
        ? { status: 422, data: { refusal: "recovery.invalid", errors, incident: visit.caller.incident } }
        : {},
    );
  }

  async function waiting(visit: Visit, errors: FieldError[] = []): Promise<Answer> {
    const last = await recovery.latest(visit.caller);
    const view = visit.view({ isRefusal: errors.length > 0, path: "/forgot-password/sent" });
    if (!last) return page(<NothingAskedPage view={view} />);
    const state = await recovery.follow(visit.caller);
    if (state !== "waiting") return redirect(state === "proved" ? "/reset" : "/sign-in");
    const { channel } = last.context;
    return page(
      <RecoveryWaitingPage
        view={view}
        channel={channel}
        other={recovery.channels.find((offered) => offered !== channel) ?? null}
        resendAt={last.challenge.next_resend_at ?? 0}
        now={deps.clock.now()}
        errors={errors}
        notReceived={
          <NotReceived view={view} sender={deps.sender} subject={visit.t("recovery.reset.subject")} />
        }
      />,
      errors.length > 0
        ? { status: 422, data: { refusal: "recovery.invalid", errors, incident: visit.caller.incident } }
        : {},
    );
  }

  function afterAsking(visit: Visit, outcome: AskOutcome, back: string): Answer {
    if (outcome.ok) return redirect("/forgot-password/sent");
    switch (outcome.refusal) {
      case "recovery.identifier-missing": {
        const message = visit.t("recovery.identifier-missing");
        return form(visit, [{ field: "identifier", message }]);
      }
      case "recovery.nothing-to-send":
        return redirect("/forgot-password");
      case "recovery.too-early":
      case "recovery.too-many":
        return tooOftenAnswer(visit, deps.clock, { ...outcome, back });
    }
  }

  http.get("/forgot-password", async (visit) => form(visit));

  http.post("/forgot-password", async (visit) => {
    const asked = { identifier: visit.field("identifier"), channel: visit.field("channel") };
    return afterAsking(visit, await recovery.requestRecovery(visit.caller, asked), "/forgot-password");
  });

  http.get("/forgot-password/sent", async (visit) => waiting(visit));
  // Where a mistyped code was answered: a reload by hand comes back to the waiting page.
  http.get("/forgot-password/code", async () => redirect("/forgot-password/sent"));

  http.get("/forgot-password/follow", async (visit) => {
    const state = await recovery.follow(visit.caller);
    return json(
      state === "finished"
        ? { state, next: "/sign-in" }
        : { state: "waiting", next: "/forgot-password/sent" },
    );
  });

  http.post("/forgot-password/resend", async (visit) => {
    const outcome = await recovery.resend(visit.caller);
    if (outcome.ok) visit.leaveNotice({ tone: "good", key: "registration.waiting.sent-again" });
    return afterAsking(visit, outcome, "/forgot-password/sent");
  });

  http.post("/forgot-password/other", async (visit) => {
    const outcome = await recovery.useOtherChannel(visit.caller, visit.field("channel"));
    return afterAsking(visit, outcome, "/forgot-password/sent");
  });

  http.post("/forgot-password/again", async (visit) => {
    const outcome = await recovery.askAgain(visit.caller, visit.field("token"));
    return afterAsking(visit, outcome, "/forgot-password");
  });

  http.post("/forgot-password/code", async (visit) => {
    const judged = await recovery.tryCode(visit.caller, visit.field("code"));
    if (judged.ok) return redirect("/reset");
    if (judged.refusal === "code.none") return redirect("/forgot-password/sent");
    const values = judged.refusal === "code.wrong" ? { left: judged.triesLeft } : undefined;
    return waiting(visit, [{ field: "code", message: refusalText(visit.t, judged.refusal, values) }]);
  });

  function newPassword(
    visit: Visit,
    token: string,
    { account, identifiers }: ResetSubject,
    errors: FieldError[] = [],
  ): Answer {
    const shown = identifiers.map((identifier) => identifier.shown);
    const { t } = visit;
    return page(
      <NewPasswordPage
        view={visit.view({ isRefusal: errors.length > 0, path: pathOf(token) })}
        action="/reset"
        title={t("recovery.new.title")}
        intro={t("recovery.new.intro", { identifier: shown[0] ?? "" })}
        submit={t("recovery.new.submit")}
        token={token === "" ? null : token}
        identifier={shown[0] ?? ""}
        // Addresses other than the identifier are judged too, but not written here: the page is the link holder's.
        rules={deps.passwordRules(visit, { unlike: [account.name, account.nickname ?? "", ...shown] })}
        errors={errors}
      />,
      errors.length > 0
        ? { status: 422, data: { refusal: "recovery.invalid", errors, incident: visit.caller.incident } }
        : {},
    );
  }

  function spent(visit: Visit, token: string, condition: Exclude<ResetCondition, "open">): Answer {
    return page(
      <SpentResetLinkPage
        view={visit.view({ isRefusal: true, path: pathOf(token) })}
        condition={condition}
        token={condition === "unknown" ? null : token}
      />,
      { status: 410, data: { refusal: `recovery.${condition}`, incident: visit.caller.incident } },
    );
  }

  http.get("/reset", async (visit) => {
    const token = visit.query("token");
    const look = await replacement.look(visit.caller, token);
    if (look.condition === "open") return newPassword(visit, token, look);
    // Without a link, and nothing proved here yet: the code may still have to be typed.
    if (token === "" && look.condition === "unknown") {
      return redirect((await recovery.latest(visit.caller)) ? "/forgot-password/sent" : "/forgot-password");
    }
    return spent(visit, token, look.condition);
  });

  http.post("/reset", async (visit) => {
    const token = visit.field("token");
    const person = await visit.person();
    const outcome = await replacement.replacePassword(visit.caller, token, visit.field("password"));
    if (outcome.ok) {
      if (person?.accountId === outcome.accountId) visit.cookies.clear("session");
      deps.rememberBrowser(visit, outcome.known);
      visit.leaveNotice({ tone: "good", key: "recovery.done.notice", identifier: outcome.identifier });
      return redirect("/sign-in");
    }
    if (outcome.refusal === "recovery.link") return spent(visit, token, outcome.condition);
    return newPassword(visit, token, outcome.subject, passwordErrors(visit, preset, outcome.failedRules));
  });
}

const pathOf = (token: string) => (token === "" ? "/reset" : `/reset?token=${encodeURIComponent(token)}`);

/** The rules that a new password breaks, each with its words at the field. */
export function passwordErrors(visit: Visit, preset: Preset, failedRules: string[]): FieldError[] {
  const values = { min: preset.password.minLength, max: longestPassword };
  return failedRules.map((rule) => ({
    field: "password",
    message: refusalText(visit.t, `password.rule.${rule}`, values),
  }));
}

/** Too early, or too often: until when, with Retry-After. */
export function tooOftenAnswer(
  visit: Visit,
  clock: Clock,
  refused: { refusal: string; until: number; back: string },
): Answer {
  const title = visit.t(refused.refusal.endsWith(".too-early") ? "wait.too-early" : "wait.too-many");
  const view = visit.view({ isRefusal: true, path: refused.back });
  return page(<WaitPage view={view} title={title} until={refused.until} back={refused.back} />, {
    status: 429,
    retryAfterSeconds: Math.max(1, Math.ceil((refused.until - clock.now()) / second)),
    data: { refusal: refused.refusal, until: refused.until, incident: visit.caller.incident },
  });
}
