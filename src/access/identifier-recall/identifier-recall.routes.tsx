import type { Preset } from "../../config/preset.ts";
import { type Answer, page, redirect } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { Clock } from "../../kernel/clock.ts";
import { NotReceived } from "../../ui/not-received.tsx";
import type { FieldError } from "../../ui/view.ts";
import { formStatus, refusalText } from "../refusals.ts";
import { tooOftenAnswer } from "../too-often.tsx";
import { ForgotIdentifierPage, NothingRecalledPage, RecallWaitingPage } from "./identifier-recall.pages.tsx";
import type { IdentifierRecall, RecallForm, RecallOutcome } from "./identifier-recall.ts";

export interface RecallRoutesDeps {
  clock: Clock;
  preset: Preset;
  sender: { name: string; address: string };
  recall: IdentifierRecall;
}

export function recallRoutes(http: Http, deps: RecallRoutesDeps): void {
  const { recall, preset } = deps;

  function form(visit: Visit, said: RecallForm, errors: FieldError[] = []): Answer {
    return page(
      <ForgotIdentifierPage
        view={visit.view({ isRefusal: errors.length > 0, path: "/forgot-identifier" })}
        kinds={recall.kinds}
        channels={recall.channelsFor(said.kind)}
        isEmailIdentifier={preset.identifier === "email"}
        values={{ ...said, kind: recall.kindOf(said.kind), channel: recall.channelOf(said) }}
        errors={errors}
      />,
      formStatus(visit, "identifier-recall.invalid", errors),
    );
  }

  function afterAsking(visit: Visit, said: RecallForm, outcome: RecallOutcome, back: string): Answer {
    if (outcome.ok) return redirect("/forgot-identifier/sent");
    switch (outcome.refusal) {
      case "identifier-recall.nothing-to-send":
        return redirect("/forgot-identifier");
      case "identifier-recall.too-early":
      case "identifier-recall.too-many":
        return tooOftenAnswer(visit, deps.clock, { ...outcome, back });
      default: {
        const message = refusalText(visit.t, outcome.refusal);
        return form(visit, said, [{ field: outcome.field, message }]);
      }
    }
  }

  /** A link may say whom it is for and by what: it changes nothing, it only orders. */
  http.get("/forgot-identifier", async (visit) =>
    form(visit, { kind: visit.query("kind"), channel: visit.query("channel"), email: "", phone: "" }),
  );

  http.post("/forgot-identifier", async (visit) => {
    const said = {
      kind: visit.field("kind"),
      channel: visit.field("channel"),
      email: visit.field("email"),
      phone: visit.field("phone"),
    };
    const outcome = await recall.requestRecall(visit.caller, said);
    return afterAsking(visit, said, outcome, "/forgot-identifier");
  });

  http.get("/forgot-identifier/sent", async (visit) => {
    const last = await recall.latest(visit.caller);
    const view = visit.view();
    if (!last) return page(<NothingRecalledPage view={view} />);
    const { channel, shown } = last.context;
    const subject = visit.t("identifier-recall.list.subject", { brand: preset.brandName });
    return page(
      <RecallWaitingPage
        view={view}
        channel={channel}
        shown={shown}
        other={recall.channelsFor("").find((offered) => offered !== channel) ?? null}
        resendAt={last.challenge.next_resend_at ?? 0}
        now={deps.clock.now()}
        notReceived={<NotReceived view={view} sender={deps.sender} subject={subject} />}
      />,
    );
  });

  http.post("/forgot-identifier/resend", async (visit) => {
    const outcome = await recall.resend(visit.caller);
    if (outcome.ok) visit.leaveNotice({ tone: "good", key: "registration.waiting.sent-again" });
    const nothing = { kind: "", channel: "", email: "", phone: "" };
    return afterAsking(visit, nothing, outcome, "/forgot-identifier/sent");
  });
}
