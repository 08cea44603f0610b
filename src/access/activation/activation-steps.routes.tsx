import type { ContactChannel } from "../../accounts/accounts.ts";
import { showPhoneNumber } from "../../accounts/addresses/phone-number.ts";
import type { Preset } from "../../config/preset.ts";
import { type Answer, json, page, redirect } from "../../http/answer.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { StartedSession } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import { NotReceived } from "../../ui/not-received.tsx";
import type { PasswordRules } from "../../ui/password-field.tsx";
import type { FieldError } from "../../ui/view.ts";
import { codeErrors, fieldErrors, formStatus, refusalText } from "../refusals.ts";
import { tooOftenAnswer } from "../too-often.tsx";
import {
  ActivationContactPage,
  ActivationContactWaitingPage,
  ActivationLinkPage,
  ActivationPasswordPage,
  ActivationRefusedPage,
  SpentContactLinkPage,
} from "./activation-steps.pages.tsx";
import type {
  ActivationSteps,
  BegunActivation,
  ContactLinkCondition,
  ContactOutcome,
  NoActivation,
  OpenedAccount,
} from "./activation-steps.ts";
import { NothingBegunPage } from "./letter-activation.pages.tsx";
import { spentLetterAnswer } from "./letter-activation.routes.tsx";

export interface ActivationStepsRoutesDeps {
  clock: Clock;
  preset: Preset;
  sender: { name: string; address: string };
  steps: ActivationSteps;
  /** Whether guardians may begin with their mobile number. */
  offersMobile: boolean;
  /** The rules as the page lists them, in the language of the visit. */
  passwordRules: (visit: Visit, about: { unlike: string[] }) => PasswordRules;
  /** Gives the browser the cookies of a session that was just started. */
  signBrowserIn: (visit: Visit, session: StartedSession) => void;
}

const contactPath = "/activate/contact";
const waitingPath = "/activate/contact/sent";
const isTaken = async (visit: Visit) => (await visit.person()) !== null;

export function activationStepsRoutes(http: Http, deps: ActivationStepsRoutesDeps): void {
  passwordRoutes(http, deps);
  contactRoutes(http, deps);
  waitingRoutes(http, deps);
  linkRoutes(http, deps);
}

/** Why this browser cannot go on, and where it can. */
async function nothingBegun(
  visit: Visit,
  { offersMobile }: Pick<ActivationStepsRoutesDeps, "offersMobile">,
  why: NoActivation,
): Promise<Answer> {
  switch (why) {
    case "opened":
      if (await visit.person()) return redirect("/account");
      visit.leaveNotice({ tone: "good", key: "confirmation.done.sign-in" });
      return redirect("/sign-in");
    case "letter-expired":
      return spentLetterAnswer(visit, "expired");
    case "letter-replaced":
      return spentLetterAnswer(visit, "replaced");
    case "letter-used":
      return spentLetterAnswer(visit, "used");
    case "closed":
      return spentLetterAnswer(visit, "closed");
    case "none":
    case "expired":
    case "replaced": {
      const view = visit.view({ isRefusal: true, path: "/activate" });
      return page(<NothingBegunPage view={view} offersMobile={offersMobile} />, {
        status: 410,
        data: { refusal: "activation.none", incident: visit.caller.incident },
      });
    }
  }
}

/** Signed in where it began, else to sign-in with a clear notice (promise 5). */
function afterOpening(
  visit: Visit,
  deps: Pick<ActivationStepsRoutesDeps, "signBrowserIn">,
  opened: OpenedAccount,
): Answer {
  if (opened.session) {
    deps.signBrowserIn(visit, opened.session);
    visit.leaveNotice({ tone: "good", key: "activation.done" });
    return redirect("/account");
  }
  visit.leaveNotice({ tone: "good", key: "confirmation.done.sign-in", identifier: opened.identifier });
  return redirect("/sign-in");
}

function passwordRoutes(http: Http, deps: ActivationStepsRoutesDeps): void {
  const { steps, preset } = deps;

  function form(visit: Visit, begun: BegunActivation, failedRules: string[] = []): Answer {
    const failed = failedRules.map((rule) => ({ field: "password", refusal: `password.rule.${rule}` }));
    const errors = fieldErrors(visit, preset, failed);
    const shown = begun.identifiers.map((identifier) => identifier.shown);
    return page(
      <ActivationPasswordPage
        view={visit.view({ isRefusal: errors.length > 0, path: "/activate/password" })}
        name={begun.account.name}
        identifier={shown[0] ?? ""}
        rules={deps.passwordRules(visit, { unlike: [begun.account.name, ...shown] })}
        errors={errors}
      />,
      formStatus(visit, "activation.invalid", errors),
    );
  }

  // A password chosen already may be chosen again: the account is not open yet.
  http.get("/activate/password", async (visit) => {
    const look = await steps.current(visit.caller);
    return look.ok ? form(visit, look.activation) : nothingBegun(visit, deps, look.why);
  });

  http.post("/activate/password", async (visit) => {
    const outcome = await steps.choosePassword(visit.caller, visit.field("password"), await isTaken(visit));
    if (outcome.ok) return outcome.opened ? afterOpening(visit, deps, outcome.opened) : redirect(contactPath);
    switch (outcome.refusal) {
      case "activation.password":
        return form(visit, outcome.activation, outcome.failedRules);
      case "activation.too-many":
        return tooOftenAnswer(visit, deps.clock, { ...outcome, back: "/activate/password" });
      case "activation.none":
        return nothingBegun(visit, deps, outcome.why);
    }
  });
}

function contactRoutes(http: Http, deps: ActivationStepsRoutesDeps): void {
  const { steps } = deps;

  async function form(visit: Visit, errors: FieldError[] = []): Promise<Answer> {
    const look = await steps.current(visit.caller);
    if (!look.ok) return nothingBegun(visit, deps, look.why);
    if (look.activation.step === "password") return redirect("/activate/password");
    const channels = steps.channelsOf(look.activation);
    const chosen = channels.find((channel) => channel === visit.field("channel"));
    return page(
      <ActivationContactPage
        view={visit.view({ isRefusal: errors.length > 0, path: contactPath })}
        channels={channels}
        isPupil={look.activation.account.kind === "pupil"}
        sharesEmail={deps.preset.sharedEmail}
        values={{
          channel: chosen ?? channels[0] ?? "email",
          email: visit.field("email"),
          phone: visit.field("phone"),
        }}
        errors={errors}
      />,
      formStatus(visit, "activation.invalid", errors),
    );
  }

  http.get(contactPath, async (visit) => form(visit));

  http.post(contactPath, async (visit) => {
    const look = await steps.current(visit.caller);
    if (!look.ok) return nothingBegun(visit, deps, look.why);
    const channel = channelTyped(visit, steps.channelsOf(look.activation));
    const typed = visit.field(channel === "email" ? "email" : "phone");
    const outcome = await steps.giveContact(visit.caller, { channel, typed });
    return afterGiving(visit, deps, outcome, contactPath, (errors) => form(visit, errors));
  });

  http.post("/activate/later", async (visit) => {
    const outcome = await steps.openWithout(visit.caller, await isTaken(visit));
    return outcome.ok ? afterOpening(visit, deps, outcome) : nothingBegun(visit, deps, outcome.why);
  });

  http.post("/activate/stop", async (visit) => {
    await steps.stop(visit.caller);
    visit.leaveNotice({ tone: "good", key: "activation.stopped" });
    return redirect("/activate");
  });
}

/** The channel chosen; else the one whose field was filled in; else the usual one. */
function channelTyped(visit: Visit, channels: ContactChannel[]): ContactChannel {
  const chosen = channels.find((channel) => channel === visit.field("channel"));
  const filled = channels.find(
    (channel) => visit.field(channel === "email" ? "email" : "phone").trim() !== "",
  );
  return chosen ?? filled ?? channels[0] ?? "email";
}

async function afterGiving(
  visit: Visit,
  deps: ActivationStepsRoutesDeps,
  outcome: ContactOutcome,
  back: string,
  showForm: (errors: FieldError[]) => Promise<Answer>,
): Promise<Answer> {
  if (outcome.ok) return redirect(waitingPath);
  switch (outcome.refusal) {
    case "activation.none":
      return nothingBegun(visit, deps, outcome.why);
    case "activation.too-many":
    case "activation.too-early":
      return tooOftenAnswer(visit, deps.clock, { ...outcome, back });
    default:
      return showForm([{ field: outcome.field, message: refusalText(visit.t, outcome.refusal) }]);
  }
}

function waitingRoutes(http: Http, deps: ActivationStepsRoutesDeps): void {
  const { steps, clock, preset } = deps;

  async function waiting(visit: Visit, errors: FieldError[] = []): Promise<Answer> {
    const look = await steps.current(visit.caller);
    if (!look.ok) return nothingBegun(visit, deps, look.why);
    const last = await steps.waiting(visit.caller);
    if (!last || last.challenge.status === "refused") return redirect(contactPath);
    const { channel, address } = last.given;
    const view = visit.view({ isRefusal: errors.length > 0, path: waitingPath });
    const subject = visit.t("contacts.verify.subject");
    return page(
      <ActivationContactWaitingPage
        view={view}
        channel={channel}
        contact={channel === "email" ? address : showPhoneNumber(address, preset.phoneCountry)}
        resendAt={last.challenge.next_resend_at ?? 0}
        now={clock.now()}
        errors={errors}
        isPupil={look.activation.account.kind === "pupil"}
        notReceived={<NotReceived view={view} sender={deps.sender} subject={subject} />}
      />,
      formStatus(visit, "activation.invalid", errors),
    );
  }

  http.get(waitingPath, async (visit) => waiting(visit));
  // Where a mistyped code was answered: a reload by hand comes back to the waiting page.
  http.get("/activate/contact/code", async () => redirect(waitingPath));

  http.get("/activate/contact/follow", async (visit) => {
    const state = await steps.follow(visit.caller);
    return json({ state, next: state === "finished" ? "/activate/contact" : waitingPath });
  });

  http.post("/activate/contact/resend", async (visit) => {
    const outcome = await steps.resend(visit.caller);
    if (outcome.ok) visit.leaveNotice({ tone: "good", key: "registration.waiting.sent-again" });
    return afterGiving(visit, deps, outcome, waitingPath, async () => redirect(contactPath));
  });

  http.post("/activate/contact/code", async (visit) => {
    const outcome = await steps.openByCode(visit.caller, visit.field("code"), await isTaken(visit));
    if (outcome.ok) return afterOpening(visit, deps, outcome);
    if (outcome.refusal === "activation.none") return nothingBegun(visit, deps, outcome.why);
    if (outcome.refusal === "code.none") return redirect(waitingPath);
    return waiting(visit, codeErrors(visit, outcome));
  });
}

function linkRoutes(http: Http, deps: ActivationStepsRoutesDeps): void {
  const { steps, preset } = deps;
  const path = "/activate/contact/link";

  async function spent(visit: Visit, token: string, condition: ContactLinkCondition): Promise<Answer> {
    switch (condition) {
      case "letter-expired":
      case "letter-replaced":
      case "letter-used":
      case "closed":
        return nothingBegun(visit, deps, condition);
    }
    const view = visit.view({ isRefusal: true, path: `${path}?token=${encodeURIComponent(token)}` });
    const mayResend = await steps.mayResend(visit.caller, token);
    return page(<SpentContactLinkPage view={view} condition={condition} mayResend={mayResend} />, {
      status: 410,
      data: { refusal: `activation.${condition}`, incident: visit.caller.incident },
    });
  }

  http.get(path, async (visit) => {
    const token = visit.query("token");
    const look = await steps.lookAtLink(token);
    if (!look.ok) return spent(visit, token, look.condition);
    const { challenge, given } = look;
    const { channel, address } = given;
    return page(
      <ActivationLinkPage
        view={visit.view()}
        token={token}
        channel={channel}
        contact={channel === "email" ? address : showPhoneNumber(address, preset.phoneCountry)}
        askedAt={challenge.requested_at}
        browser={challenge.browser}
      />,
    );
  });

  http.post(path, async (visit) => {
    const token = visit.field("token");
    const outcome = await steps.openByLink(visit.caller, token, await isTaken(visit));
    return outcome.ok ? afterOpening(visit, deps, outcome) : spent(visit, token, outcome.condition);
  });

  http.post("/activate/contact/refuse", async (visit) => {
    const token = visit.field("token");
    const { condition } = await steps.refuseLink(visit.caller, token);
    if (condition === "refused")
      return page(<ActivationRefusedPage view={visit.view({ path: "/activate" })} />);
    return spent(visit, token, condition === "open" ? "unknown" : condition);
  });
}
