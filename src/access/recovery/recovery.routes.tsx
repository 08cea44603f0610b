import type { Preset } from "../../config/preset.ts";
import { type Answer, json, page, redirect } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { KnownBrowser } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import { NotReceived } from "../../ui/not-received.tsx";
import type { PasswordRules } from "../../ui/password-field.tsx";
import type { StatusNotice } from "../../ui/status-notices.tsx";
import type { FieldError } from "../../ui/view.ts";
import { PasswordTriesPage } from "../password-tries-page.tsx";
import { codeErrors, fieldErrors, formStatus } from "../refusals.ts";
import { tooOftenAnswer, waitStatus } from "../too-often.tsx";
import type { PasswordReplacement, ResetCondition, ResetSubject } from "./password-replacement.ts";
import {
  ForgotPasswordPage,
  NewPasswordPage,
  NoRecoveryWaitingPage,
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
  /** What concerns everybody now, such as mails that leave late. */
  currentNotices: (locale: string) => Promise<StatusNotice[]>;
  /** Gives the browser the cookie by which the account knows it. */
  rememberBrowser: (visit: Visit, known: KnownBrowser) => void;
}

export function recoveryRoutes(http: Http, deps: RecoveryRoutesDeps): void {
  const { recovery, replacement, preset } = deps;
  /** Whether anybody could do something with the number that a caller reads out. */
  const offersPairing = preset.roles.some(({ may }) => may.includes("browser.approve"));

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
      formStatus(visit, "recovery.invalid", errors),
    );
  }

  async function waiting(visit: Visit, errors: FieldError[] = []): Promise<Answer> {
    const last = await recovery.latest(visit.caller);
    const view = visit.view({ isRefusal: errors.length > 0, path: "/forgot-password/sent" });
    if (!last) return page(<NoRecoveryWaitingPage view={view} />);
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
        notices={await deps.currentNotices(visit.locale)}
        errors={errors}
        pairingNumber={offersPairing ? last.challenge.pairing_number : null}
        notReceived={
          <NotReceived view={view} sender={deps.sender} subject={visit.t("recovery.reset.subject")} />
        }
      />,
      formStatus(visit, "recovery.invalid", errors),
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
    // Proved: by the code in another tab, or by staff who approved this browser. A decoy never is.
    const next = { waiting: "/forgot-password/sent", proved: "/reset", finished: "/sign-in" }[state];
    return json({ state: state === "waiting" ? "waiting" : "finished", next });
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
    return waiting(visit, codeErrors(visit, judged));
  });

  function newPassword(
    visit: Visit,
    token: string,
    subject: ResetSubject,
    failedRules: string[] = [],
  ): Answer {
    const { t } = visit;
    return newPasswordAnswer(visit, deps, subject, failedRules, {
      refusal: "recovery.invalid",
      path: pathOf(token),
      action: "/reset",
      title: t("recovery.new.title"),
      intro: t("recovery.new.intro", { identifier: subject.identifiers[0]?.shown ?? "" }),
      submit: t("recovery.new.submit"),
      token: token === "" ? null : token,
    });
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
    if (outcome.refusal === "recovery.too-many-passwords") {
      const view = visit.view({ isRefusal: true, path: pathOf(token) });
      return page(
        <PasswordTriesPage
          view={view}
          until={outcome.until}
          links={[{ href: pathOf(token), label: visit.t("wait.back") }]}
        />,
        waitStatus(visit, deps.clock, outcome),
      );
    }
    return newPassword(visit, token, outcome.subject, outcome.failedRules);
  });
}

const pathOf = (token: string) => (token === "" ? "/reset" : `/reset?token=${encodeURIComponent(token)}`);

/** The page on which a new password is chosen, with the rules that a refused one breaks, each at the field. */
export function newPasswordAnswer(
  visit: Visit,
  deps: Pick<RecoveryRoutesDeps, "preset" | "passwordRules">,
  { account, identifiers }: Pick<ResetSubject, "account" | "identifiers">,
  failedRules: string[],
  shape: {
    /** Id of the refusal that a program is told. */
    refusal: string;
    path: string;
    action: string;
    title: string;
    intro: string;
    submit: string;
    token: string | null;
  },
): Answer {
  const { refusal, path, ...words } = shape;
  const shown = identifiers.map((identifier) => identifier.shown);
  const failed = failedRules.map((rule) => ({ field: "password", refusal: `password.rule.${rule}` }));
  const errors = fieldErrors(visit, deps.preset, failed);
  return page(
    <NewPasswordPage
      view={visit.view({ isRefusal: errors.length > 0, path })}
      {...words}
      identifier={shown[0] ?? ""}
      // Addresses other than the identifier are judged too, but not written here: the page is the link holder's.
      rules={deps.passwordRules(visit, { unlike: [account.name, account.nickname ?? "", ...shown] })}
      errors={errors}
    />,
    formStatus(visit, refusal, errors),
  );
}
