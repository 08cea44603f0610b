import { type Answer, page, redirect } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { StartedSession } from "../../kernel/caller.ts";
import type { FieldError } from "../../ui/view.ts";
import { codeErrors, formStatus, refusalText } from "../refusals.ts";
import { AskAgainPage, ConfirmPage, RefusedPage, SpentConfirmLinkPage } from "./confirmation.pages.tsx";
import type { Confirmation, ConfirmedAccount } from "./confirmation.ts";

export interface ConfirmationRoutesDeps {
  confirmation: Confirmation;
  isSignUpOpen: boolean;
  /** Gives the browser the cookies of a session that was just started. */
  signBrowserIn: (visit: Visit, session: StartedSession) => void;
  /** The waiting page with mistakes beside its code. */
  waitingAnswer: (visit: Visit, errors: FieldError[]) => Promise<Answer>;
  /** Asks for the message again; answers where that leads. */
  askAgain: (visit: Visit, typed: string) => Promise<Answer | { refusal: string }>;
}

export function confirmationRoutes(http: Http, deps: ConfirmationRoutesDeps): void {
  const { confirmation } = deps;

  /** Where a confirmed person goes on: signed in where they signed up, else to sign-in with a clear notice. */
  function afterConfirming(visit: Visit, confirmed: ConfirmedAccount): Answer {
    if (confirmed.session) {
      deps.signBrowserIn(visit, confirmed.session);
      visit.leaveNotice({ tone: "good", key: "confirmation.done.signed-in" });
      return redirect("/account");
    }
    visit.leaveNotice({ tone: "good", key: "confirmation.done.sign-in", identifier: confirmed.identifier });
    return redirect("/sign-in");
  }

  async function spent(
    visit: Visit,
    condition: "expired" | "used" | "replaced" | "refused" | "unknown",
    token: string,
  ): Promise<Answer> {
    const { email } = await confirmation.look(token);
    return page(
      <SpentConfirmLinkPage
        view={visit.view({ isRefusal: true, path: "/confirm" })}
        condition={condition}
        email={email?.address ?? null}
      />,
      { status: 410, data: { refusal: `confirmation.${condition}`, incident: visit.caller.incident } },
    );
  }

  http.get("/confirm", async (visit) => {
    const token = visit.query("token");
    // Where nobody can sign up there is nothing to confirm, and an address must not be told that it has no account.
    if (token === "" && !deps.isSignUpOpen) return redirect("/activate");
    if (token === "") return page(<AskAgainPage view={visit.view()} email="" errors={[]} />);
    const { condition, challenge, account, email } = await confirmation.look(token);
    if (condition !== "open") return spent(visit, condition, token);
    if (!challenge || !account || !email) return spent(visit, "unknown", token);
    return page(
      <ConfirmPage
        view={visit.view()}
        token={token}
        email={email.address}
        name={account.name}
        askedAt={account.created_at}
        browser={challenge.browser}
      />,
    );
  });

  http.post("/confirm", async (visit) => {
    const token = visit.field("token");
    const isSomebodySignedIn = (await visit.person()) !== null;
    const outcome = await confirmation.confirmByLink(visit.caller, token, isSomebodySignedIn);
    return outcome.ok ? afterConfirming(visit, outcome) : spent(visit, outcome.condition, token);
  });

  http.post("/confirm/code", async (visit) => {
    const isSomebodySignedIn = (await visit.person()) !== null;
    const outcome = await confirmation.confirmByCode(visit.caller, visit.field("code"), isSomebodySignedIn);
    if (outcome.ok) return afterConfirming(visit, outcome);
    if (outcome.refusal === "code.none") return redirect("/sign-up/sent");
    return deps.waitingAnswer(visit, codeErrors(visit, outcome));
  });

  http.post("/confirm/refuse", async (visit) => {
    const token = visit.field("token");
    const { condition } = await confirmation.refuse(visit.caller, token);
    if (condition === "refused") return page(<RefusedPage view={visit.view({ path: "/confirm" })} />);
    return spent(visit, condition === "open" ? "unknown" : condition, token);
  });

  http.post("/confirm/again", async (visit) => {
    if (!deps.isSignUpOpen) return redirect("/activate");
    const typed = visit.field("email");
    const answer = await deps.askAgain(visit, typed);
    if ("kind" in answer) return answer;
    const errors = [{ field: "email", message: refusalText(visit.t, answer.refusal) }];
    return page(
      <AskAgainPage view={visit.view({ isRefusal: true, path: "/confirm" })} email={typed} errors={errors} />,
      formStatus(visit, answer.refusal, errors),
    );
  });
}
