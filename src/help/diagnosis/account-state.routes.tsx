import { codeErrors, formStatus, refusalText } from "../../access/refusals.ts";
import { tooOftenAnswer } from "../../access/too-often.tsx";
import { type Answer, json, page, redirect } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { Clock } from "../../kernel/clock.ts";
import { NotReceived } from "../../ui/not-received.tsx";
import type { FieldError } from "../../ui/view.ts";
import {
  AskStatePage,
  NoStateAskedPage,
  OpenedElsewherePage,
  OpenStatePage,
  SpentStateLinkPage,
  StateClosedPage,
  StatePage,
  StateWaitingPage,
} from "./account-state.pages.tsx";
import type { AccountState, StateForm, StateOutcome } from "./account-state.ts";

export interface AccountStateRoutesDeps {
  clock: Clock;
  brandName: string;
  sender: { name: string; address: string };
  state: AccountState;
}

const path = "/help/diagnosis/state";

export function accountStateRoutes(http: Http, deps: AccountStateRoutesDeps): void {
  const { state, clock } = deps;

  function form(visit: Visit, said: StateForm, errors: FieldError[] = []): Answer {
    return page(
      <AskStatePage
        view={visit.view({ isRefusal: errors.length > 0, path })}
        channels={state.channels}
        values={{ channel: state.channelOf(said), email: said.email, phone: said.phone }}
        errors={errors}
      />,
      formStatus(visit, "account-state.invalid", errors),
    );
  }

  function afterAsking(visit: Visit, said: StateForm, outcome: StateOutcome, back: string): Answer {
    if (outcome.ok) return redirect(`${path}/sent`);
    switch (outcome.refusal) {
      case "account-state.nothing-to-send":
        return redirect(path);
      case "account-state.too-early":
      case "account-state.too-many":
        return tooOftenAnswer(visit, clock, { ...outcome, back });
      default: {
        const message = refusalText(visit.t, outcome.refusal);
        return form(visit, said, [{ field: outcome.field, message }]);
      }
    }
  }

  async function waiting(visit: Visit, errors: FieldError[] = []): Promise<Answer> {
    const last = await state.latest(visit.caller);
    const view = visit.view({ isRefusal: errors.length > 0, path: `${path}/sent` });
    if (!last) return page(<NoStateAskedPage view={view} />);
    if ((await state.follow(visit.caller)) === "opened") return page(<OpenedElsewherePage view={view} />);
    const { channel, shown } = last.context;
    const subject = visit.t("account-state.mail.subject", { brand: deps.brandName });
    return page(
      <StateWaitingPage
        view={view}
        channel={channel}
        shown={shown}
        other={state.channels.find((offered) => offered !== channel) ?? null}
        resendAt={last.challenge.next_resend_at ?? 0}
        now={clock.now()}
        errors={errors}
        notReceived={<NotReceived view={view} sender={deps.sender} subject={subject} />}
      />,
      formStatus(visit, "account-state.invalid", errors),
    );
  }

  /** What was proved is shown in the browser that proved it: by an address line that only it can use. */
  async function show(visit: Visit, pass: string): Promise<Answer> {
    if (visit.isBrowserBound) return redirect(`${path}/seen?pass=${pass}`);
    // A browser that keeps no cookie is shown it at once: it could not come back for it.
    return seen(visit, pass, path);
  }

  async function seen(visit: Visit, pass: string, shownPath: string): Promise<Answer> {
    const found = await state.see(visit.caller, pass);
    if (found) return page(<StatePage view={visit.view({ path: shownPath })} seen={found} />);
    return page(<StateClosedPage view={visit.view({ path })} />, {
      status: 410,
      data: { refusal: "account-state.over", incident: visit.caller.incident },
    });
  }

  http.get(path, async (visit) => form(visit, { channel: visit.query("channel"), email: "", phone: "" }));

  http.post(path, async (visit) => {
    const said = {
      channel: visit.field("channel"),
      email: visit.field("email"),
      phone: visit.field("phone"),
    };
    return afterAsking(visit, said, await state.requestState(visit.caller, said), path);
  });

  http.get(`${path}/sent`, async (visit) => waiting(visit));
  // Where a mistyped code was answered: a reload by hand comes back to the waiting page.
  http.get(`${path}/code`, async () => redirect(`${path}/sent`));

  http.get(`${path}/follow`, async (visit) => {
    const isOpened = (await state.follow(visit.caller)) === "opened";
    return json({ state: isOpened ? "finished" : "waiting", next: `${path}/sent` });
  });

  http.post(`${path}/resend`, async (visit) => {
    const outcome = await state.resend(visit.caller);
    if (outcome.ok) visit.leaveNotice({ tone: "good", key: "registration.waiting.sent-again" });
    return afterAsking(visit, { channel: "", email: "", phone: "" }, outcome, `${path}/sent`);
  });

  http.post(`${path}/again`, async (visit) => {
    const outcome = await state.askAgain(visit.caller, visit.field("token"));
    return afterAsking(visit, { channel: "", email: "", phone: "" }, outcome, path);
  });

  http.post(`${path}/code`, async (visit) => {
    const outcome = await state.openByCode(visit.caller, visit.field("code"));
    if (outcome.ok) return show(visit, outcome.pass);
    if (outcome.refusal === "code.none") return redirect(`${path}/sent`);
    return waiting(visit, codeErrors(visit, outcome));
  });

  function spent(
    visit: Visit,
    condition: "expired" | "used" | "replaced" | "refused" | "unknown",
    token: string,
  ) {
    return page(
      <SpentStateLinkPage
        view={visit.view({ isRefusal: true, path: `${path}/open?token=${encodeURIComponent(token)}` })}
        condition={condition}
        token={token}
      />,
      { status: 410, data: { refusal: `account-state.${condition}`, incident: visit.caller.incident } },
    );
  }

  http.get(`${path}/open`, async (visit) => {
    const token = visit.query("token");
    if (token === "") return redirect(path);
    const { condition, challenge } = await state.look(token);
    if (condition !== "open" || !challenge) {
      return spent(visit, condition === "open" ? "unknown" : condition, token);
    }
    return page(
      <OpenStatePage
        view={visit.view({ path: `${path}/open?token=${encodeURIComponent(token)}` })}
        token={token}
        askedAt={challenge.requested_at}
        browser={challenge.browser}
      />,
    );
  });

  http.post(`${path}/open`, async (visit) => {
    const token = visit.field("token");
    const outcome = await state.openByLink(visit.caller, token);
    return outcome.ok ? show(visit, outcome.pass) : spent(visit, outcome.condition, token);
  });

  http.get(`${path}/seen`, async (visit) => {
    const pass = visit.query("pass");
    return seen(visit, pass, `${path}/seen?pass=${encodeURIComponent(pass)}`);
  });
}
