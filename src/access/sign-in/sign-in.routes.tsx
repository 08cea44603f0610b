import type { Preset } from "../../config/preset.ts";
import { type Answer, page, redirect } from "../../http/answer.ts";
import { safeReturnPath } from "../../http/return-path.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { StartedSession } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import { unreachable } from "../../kernel/outcome.ts";
import type { StatusNotice } from "../../ui/status-notices.tsx";
import type { FieldError } from "../../ui/view.ts";
import { refusalText } from "../refusals.ts";
import { waitStatus } from "../too-often.tsx";
import { BlockedPage, InactivePage, JoinedPage, PendingPage, SignInPage } from "./sign-in.pages.tsx";
import type { SignIn, SignInOutcome } from "./sign-in.ts";

export interface SignInRoutesDeps {
  clock: Clock;
  preset: Preset;
  signIn: SignIn;
  /** Whether `/activate` asks for the code of a letter. */
  isActivatedByLetter: boolean;
  /** Gives the browser the cookies of a session that was just started. */
  signBrowserIn: (visit: Visit, session: StartedSession) => void;
  /** What concerns everybody now, such as mails that leave late. */
  currentNotices: (locale: string) => Promise<StatusNotice[]>;
  /** The page of a locked identifier, with what this browser may do about it. */
  lockedAnswer: (visit: Visit, locked: { identifier: string; until: number }) => Promise<Answer>;
}

type Refusal = Exclude<SignInOutcome, { ok: true }>;

export function signInRoutes(http: Http, deps: SignInRoutesDeps): void {
  const { preset } = deps;

  /** "" for the account page, which needs no saying. Never back to the door itself. */
  function returnPathOf(typed: string): string {
    const path = safeReturnPath(typed, "");
    return /^\/(sign-in|sign-out|sign-up|language)?([/?]|$)/.test(path) ? "" : path;
  }

  async function form(
    visit: Visit,
    shown: { errors?: FieldError[]; isLastTry?: boolean; isWrong?: boolean; otherName?: string },
    options: { status?: number; data?: object } = {},
  ): Promise<Answer> {
    const errors = shown.errors ?? [];
    const returnPath = returnPathOf(visit.field("return") || visit.query("return"));
    const isRefusal = errors.length > 0;
    const address = returnPath === "" ? "/sign-in" : `/sign-in?return=${encodeURIComponent(returnPath)}`;
    return page(
      <SignInPage
        view={visit.view({ isRefusal, path: address })}
        notices={await deps.currentNotices(visit.locale)}
        identifierKind={preset.identifier}
        isSignUpOpen={preset.registration.isOpen}
        isActivatedByLetter={deps.isActivatedByLetter}
        identifier={visit.field("identifier") || visit.notice?.identifier || ""}
        isRemembered={visit.field("remember") !== ""}
        returnPath={returnPath}
        errors={errors}
        isLastTry={shown.isLastTry}
        isWrong={shown.isWrong}
        {...(shown.otherName === undefined
          ? {}
          : { other: { name: shown.otherName, continueTo: returnPath || "/account" } })}
      />,
      options,
    );
  }

  http.get("/sign-in", async (visit) => {
    const person = await visit.person();
    return form(visit, person ? { otherName: person.name } : {});
  });

  http.post("/sign-in", async (visit) => {
    const outcome = await deps.signIn.signIn(
      visit.caller,
      {
        identifier: visit.field("identifier"),
        password: visit.field("password"),
        isRemembered: visit.field("remember") !== "",
        replacesAnother: visit.field("other") !== "",
      },
      await visit.person(),
    );
    if (!outcome.ok) return refuse(visit, outcome);
    deps.signBrowserIn(visit, outcome.session);
    const returnPath = returnPathOf(visit.field("return")) || (outcome.isStaff ? "/desk" : "");
    const first = outcome.stopAt;
    if (first === null) return redirect(returnPath || "/account");
    return redirect(returnPath === "" ? first : `${first}?return=${encodeURIComponent(returnPath)}`);
  });

  async function refuse(visit: Visit, outcome: Refusal): Promise<Answer> {
    const data = { refusal: outcome.refusal, incident: visit.caller.incident };
    const view = () => visit.view({ isRefusal: true, path: "/sign-in" });
    switch (outcome.refusal) {
      case "sign-in.missing": {
        const errors = outcome.fields.map((field) => ({
          field,
          message: refusalText(visit.t, `sign-in.${field}.missing`),
        }));
        return form(visit, { errors }, { status: 422, data: { ...data, errors } });
      }
      case "sign-in.wrong": {
        const errors = [{ field: "identifier", message: refusalText(visit.t, outcome.refusal) }];
        const { isLastTry } = outcome;
        return form(
          visit,
          { errors, isLastTry, isWrong: true },
          { status: 422, data: { ...data, isLastTry, errors } },
        );
      }
      case "sign-in.other-account":
        return form(visit, { otherName: outcome.name }, { status: 409, data });
      case "sign-in.locked":
        return deps.lockedAnswer(visit, { identifier: visit.field("identifier"), until: outcome.until });
      case "sign-in.blocked":
        return page(
          <BlockedPage view={view()} until={outcome.until} />,
          waitStatus(visit, deps.clock, outcome),
        );
      case "sign-in.pending": {
        const email = preset.registration.isOpen ? outcome.email : null;
        return page(<PendingPage view={view()} email={email} />, { status: 403, data });
      }
      case "sign-in.joined": {
        const { identifier, undoToken } = outcome;
        return page(<JoinedPage view={view()} identifier={identifier} undoToken={undoToken} />, {
          status: 403,
          data,
        });
      }
      case "sign-in.disabled":
        return page(<InactivePage view={view()} state="disabled" />, { status: 403, data });
      case "sign-in.closed":
        return page(<InactivePage view={view()} state="closed" />, { status: 403, data });
      default:
        return unreachable(outcome);
    }
  }

  // https://w3c.github.io/webappsec-change-password-url/: password managers start here.
  http.app.get("/.well-known/change-password", async (_request, reply) =>
    reply.redirect("/account/password", 302),
  );
}
