import { type Answer, json, page, redirect } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { KnownBrowser } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { FieldError } from "../../ui/view.ts";
import { codeErrors, formStatus, refusalText } from "../refusals.ts";
import { tooOftenAnswer, waitStatus } from "../too-often.tsx";
import {
  AskUnlockPage,
  LockedPage,
  SpentUnlockLinkPage,
  UnlockPage,
  UnlockSentPage,
} from "./lockout.pages.tsx";
import type { AskOutcome, Unlock } from "./unlock.ts";

export interface LockoutRoutesDeps {
  clock: Clock;
  sender: { name: string; address: string };
  unlock: Unlock;
  /** Gives the browser the cookie by which the account knows it. */
  rememberBrowser: (visit: Visit, known: KnownBrowser) => void;
}

export function lockoutRoutes(http: Http, deps: LockoutRoutesDeps): void {
  const { unlock } = deps;

  /** Never signed in by the link or code alone: on to sign-in, with the identifier filled in (promise 5). */
  function afterUnlocking(visit: Visit, unlocked: { identifier: string; known: KnownBrowser }): Answer {
    deps.rememberBrowser(visit, unlocked.known);
    visit.leaveNotice({ tone: "good", key: "lockout.unlocked", identifier: unlocked.identifier });
    return redirect("/sign-in");
  }

  function spent(
    visit: Visit,
    condition: "expired" | "used" | "replaced" | "refused" | "unknown",
    identifier: string | null,
  ): Answer {
    return page(
      <SpentUnlockLinkPage
        view={visit.view({ isRefusal: true, path: "/unlock" })}
        condition={condition}
        identifier={identifier}
      />,
      { status: 410, data: { refusal: `lockout.${condition}`, incident: visit.caller.incident } },
    );
  }

  http.get("/unlock", async (visit) => {
    const token = visit.query("token");
    if (token === "") return page(<AskUnlockPage view={visit.view()} identifier="" errors={[]} />);
    const { condition, challenge, identifier } = await unlock.look(token);
    if (condition !== "open") return spent(visit, condition, identifier);
    if (!challenge || identifier === null) return spent(visit, "unknown", null);
    return page(
      <UnlockPage
        view={visit.view()}
        token={token}
        identifier={identifier}
        askedAt={challenge.requested_at}
        browser={challenge.browser}
      />,
    );
  });

  http.post("/unlock", async (visit) => {
    const outcome = await unlock.unlockByLink(visit.caller, visit.field("token"));
    return outcome.ok ? afterUnlocking(visit, outcome) : spent(visit, outcome.condition, outcome.identifier);
  });

  http.post("/unlock/code", async (visit) => {
    const outcome = await unlock.unlockByCode(visit.caller, visit.field("code"));
    if (outcome.ok) return afterUnlocking(visit, outcome);
    if (outcome.refusal === "code.none") return redirect("/unlock/sent");
    const errors = codeErrors(visit, outcome);
    return waitingAnswer(visit, deps, { refusal: outcome.refusal, errors });
  });

  http.get("/unlock/sent", async (visit) => waitingAnswer(visit, deps));

  http.get("/unlock/follow", async (visit) => {
    const state = await unlock.follow(visit.caller);
    return json({ state: state === "waiting" ? "waiting" : "finished", next: "/unlock/sent" });
  });

  http.post("/unlock/resend", async (visit) =>
    afterAsking(visit, deps, await unlock.resend(visit.caller), "again"),
  );

  http.post("/unlock/ask", async (visit) =>
    afterAsking(visit, deps, await unlock.ask(visit.caller, visit.field("identifier")), "first"),
  );
}

/** The page of a locked identifier, with the code field in the browser that was sent a code. */
export async function lockedAnswer(
  visit: Visit,
  deps: LockoutRoutesDeps,
  locked: { identifier: string; until: number },
): Promise<Answer> {
  const resendAt = await deps.unlock.resendAtFor(visit.caller, locked.identifier);
  const now = deps.clock.now();
  return page(
    <LockedPage
      view={visit.view({ isRefusal: true, path: "/unlock/sent" })}
      identifier={locked.identifier}
      until={locked.until}
      waiting={resendAt === null ? null : { resendAt, now, sender: deps.sender }}
      errors={[]}
    />,
    waitStatus(visit, deps.clock, { refusal: "lockout.locked", until: locked.until }),
  );
}

/** The waiting page of the browser that was locked or asked, whatever came of it. */
async function waitingAnswer(
  visit: Visit,
  deps: LockoutRoutesDeps,
  refused: { refusal: string; errors: FieldError[] } | null = null,
): Promise<Answer> {
  const latest = await deps.unlock.latest(visit.caller);
  const state = await deps.unlock.follow(visit.caller);
  if (!latest || state !== "waiting") {
    if (latest) {
      const key = state === "unlocked" ? "lockout.unlocked" : "lockout.over";
      visit.leaveNotice({ tone: "good", key, identifier: latest.context.identifier });
    }
    return redirect(latest ? "/sign-in" : "/unlock");
  }
  const { context, challenge } = latest;
  const common = {
    view: visit.view({ isRefusal: refused !== null, path: "/unlock/sent" }),
    identifier: context.identifier,
    errors: refused?.errors ?? [],
    waiting: {
      resendAt: challenge.next_resend_at ?? 0,
      now: deps.clock.now(),
      sender: deps.sender,
    },
  };
  return page(
    context.lockedUntil === null ? (
      <UnlockSentPage {...common} />
    ) : (
      <LockedPage {...common} until={context.lockedUntil} />
    ),
    refused ? { status: 422, data: { ...refused, incident: visit.caller.incident } } : {},
  );
}

/** Where asking ends: on the waiting page, or told until when to wait. */
function afterAsking(
  visit: Visit,
  deps: LockoutRoutesDeps,
  outcome: AskOutcome,
  which: "first" | "again",
): Answer {
  if (outcome.ok) {
    if (which === "again") visit.leaveNotice({ tone: "good", key: "lockout.sent-again" });
    return redirect("/unlock/sent");
  }
  switch (outcome.refusal) {
    case "lockout.nothing-to-send":
      return redirect("/unlock");
    case "lockout.identifier.missing": {
      const errors = [{ field: "identifier", message: refusalText(visit.t, "sign-in.identifier.missing") }];
      return page(
        <AskUnlockPage
          view={visit.view({ isRefusal: true, path: "/unlock" })}
          identifier={visit.field("identifier")}
          errors={errors}
        />,
        formStatus(visit, outcome.refusal, errors),
      );
    }
    case "lockout.too-early":
    case "lockout.too-many":
      return tooOftenAnswer(visit, deps.clock, { ...outcome, back: "/unlock/sent" });
  }
}
