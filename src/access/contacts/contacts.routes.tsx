import type { ContactChannel, ContactPoint } from "../../accounts/accounts.ts";
import { showPhoneNumber } from "../../accounts/addresses/phone-number.ts";
import type { Preset } from "../../config/preset.ts";
import { type Answer, json, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import { safeReturnPath } from "../../http/return-path.ts";
import type { Http } from "../../http/server.ts";
import { signedIn, toSignIn } from "../../http/signed-in.ts";
import type { Visit } from "../../http/visit.ts";
import type { Person } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import { unreachable } from "../../kernel/outcome.ts";
import { NotReceived } from "../../ui/not-received.tsx";
import type { FieldError } from "../../ui/view.ts";
import { WaitPage } from "../../ui/wait-page.tsx";
import { contactState } from "../account-page/contact-state.tsx";
import { PasswordAgainTriesPage } from "../account-page/password-tries.pages.tsx";
import { codeErrors, fieldErrors, formStatus } from "../refusals.ts";
import { waitStatus, waitTitle } from "../too-often.tsx";
import { type CheckContacts, checkContactsPath } from "./check-contacts.ts";
import {
  AddContactPage,
  CannotServePage,
  CheckContactsPage,
  ContactFormPage,
  ContactProvedPage,
  ContactRefusedPage,
  ContactWaitingPage,
  FrozenContactsPage,
  LastContactPage,
  NoContactWaitingPage,
  ProveContactPage,
  RemoveContactPage,
  SpentContactLinkPage,
} from "./contacts.pages.tsx";
import type { ContactContext, ContactRefusal, Contacts } from "./contacts.ts";
import type { ProveContact, ProveRefusal } from "./prove-contact.ts";

export interface ContactsRoutesDeps {
  clock: Clock;
  preset: Preset;
  hasSms: boolean;
  sender: { name: string; address: string };
  contacts: Contacts;
  prove: ProveContact;
  check: CheckContacts;
  /** For password managers: whose password is asked for. */
  identifierOf: (accountId: string) => Promise<string>;
}

const waitingPath = "/account/contacts/waiting";
const idOf = (visit: Visit) => visit.path.split("/")[3] ?? "";

export function contactsRoutes(http: Http, deps: ContactsRoutesDeps): void {
  askingRoutes(http, deps);
  changingRoutes(http, deps);
  waitingRoutes(http, deps);
  provingRoutes(http, deps);
}

const show = (deps: ContactsRoutesDeps, contact: { channel: ContactChannel; address: string }) =>
  contact.channel === "email" ? contact.address : showPhoneNumber(contact.address, deps.preset.phoneCountry);

const notFound = (visit: Visit) => problemAnswer(visit, 404);

function frozenAnswer(visit: Visit, until: number, person: Person | null): Answer {
  return page(
    <FrozenContactsPage view={visit.view({ isRefusal: true, person, path: "/account" })} until={until} />,
    { status: 403, data: { refusal: "contacts.frozen", until, incident: visit.caller.incident } },
  );
}

/** What every refusal but the mistakes of a form leads to. */
function refusalAnswer(
  visit: Visit,
  person: Person,
  deps: ContactsRoutesDeps,
  outcome: Exclude<ContactRefusal, { refusal: "contacts.invalid" }>,
): Answer {
  const { refusal } = outcome;
  switch (refusal) {
    case "contacts.not-found":
      return notFound(visit);
    case "contacts.nothing-waiting":
      return redirect(waitingPath);
    case "account.signed-out":
      return toSignIn(visit, "/account");
    case "contacts.frozen":
      return frozenAnswer(visit, outcome.until, person);
    case "contacts.too-many":
    case "contacts.too-early":
    case "password-again.too-many": {
      const { until } = outcome;
      const view = visit.view({ isRefusal: true, person, path: "/account" });
      const back = refusal === "contacts.too-early" ? waitingPath : "/account";
      return page(
        refusal === "password-again.too-many" ? (
          <PasswordAgainTriesPage view={view} until={until} />
        ) : (
          <WaitPage view={view} title={waitTitle(visit, refusal)} until={until} back={back} />
        ),
        waitStatus(visit, deps.clock, outcome),
      );
    }
    default:
      return unreachable(refusal);
  }
}

/** Adding and correcting: one form, one address or number, and the password. */
function askingRoutes(http: Http, deps: ContactsRoutesDeps): void {
  const { contacts } = deps;

  async function form(
    visit: Visit,
    person: Person,
    about: { channel: ContactChannel; corrected: ContactPoint | null },
    errors: FieldError[] = [],
  ): Promise<Answer> {
    const isFrozen = await contacts.frozen(person);
    if (isFrozen) return frozenAnswer(visit, isFrozen.until, person);
    return page(
      <ContactFormPage
        view={visit.view({ isRefusal: errors.length > 0, person })}
        action={visit.path}
        channel={about.channel}
        corrected={about.corrected && show(deps, about.corrected)}
        typed={visit.field("contact")}
        identifier={await deps.identifierOf(person.accountId)}
        errors={errors}
      />,
      formStatus(visit, "contacts.invalid", errors),
    );
  }

  async function ask(
    visit: Visit,
    person: Person,
    about: { channel: ContactChannel; corrected: ContactPoint | null },
  ): Promise<Answer> {
    const outcome = await contacts.ask(visit.caller, person, {
      channel: about.channel,
      typed: visit.field("contact"),
      password: visit.field("current-password"),
      replacesId: about.corrected?.id ?? null,
    });
    if (outcome.ok) return redirect(waitingPath);
    if (outcome.refusal === "contacts.invalid") {
      return form(visit, person, about, fieldErrors(visit, deps.preset, outcome.fields));
    }
    return refusalAnswer(visit, person, deps, outcome);
  }

  http.get(
    "/account/contacts/add",
    signedIn(async (visit, person) =>
      deps.hasSms
        ? page(<AddContactPage view={visit.view({ person })} />)
        : redirect("/account/contacts/add/email"),
    ),
  );
  const channels = { email: "email", mobile: "sms" } as const;
  for (const [name, channel] of Object.entries(channels)) {
    if (channel === "sms" && !deps.hasSms) continue;
    const about = { channel, corrected: null };
    http.get(
      `/account/contacts/add/${name}`,
      signedIn((visit, person) => form(visit, person, about)),
    );
    http.post(
      `/account/contacts/add/${name}`,
      signedIn((visit, person) => ask(visit, person, about)),
    );
  }

  const correcting = (
    next: (
      visit: Visit,
      person: Person,
      about: { channel: ContactChannel; corrected: ContactPoint },
    ) => Promise<Answer>,
  ) =>
    signedIn(async (visit, person) => {
      const corrected = await contacts.find(person, idOf(visit));
      if (!corrected || (corrected.channel === "sms" && !deps.hasSms)) return notFound(visit);
      return next(visit, person, { channel: corrected.channel, corrected });
    });
  http.get(
    "/account/contacts/:id/correct",
    correcting((visit, person, about) => form(visit, person, about)),
  );
  http.post("/account/contacts/:id/correct", correcting(ask));
}

/** Verifying and removing what one has, and the question after a sign-in. */
function changingRoutes(http: Http, deps: ContactsRoutesDeps): void {
  const { contacts } = deps;

  http.post(
    "/account/contacts/:id/verify",
    signedIn(async (visit, person) => {
      const outcome = await contacts.verify(visit.caller, person, idOf(visit));
      if (outcome.ok) return redirect(waitingPath);
      if (outcome.refusal === "contacts.invalid") return redirect("/account");
      return refusalAnswer(visit, person, deps, outcome);
    }, "/account"),
  );

  async function removal(visit: Visit, person: Person, errors: FieldError[]): Promise<Answer> {
    const point = await contacts.find(person, idOf(visit));
    if (!point) return notFound(visit);
    const isFrozen = await contacts.frozen(person);
    if (isFrozen) return frozenAnswer(visit, isFrozen.until, person);
    if (!(await contacts.canRemove(person, point.id))) return last(visit, person, point);
    return page(
      <RemoveContactPage
        view={visit.view({ isRefusal: errors.length > 0, person })}
        id={point.id}
        contact={show(deps, point)}
        identifier={await deps.identifierOf(person.accountId)}
        errors={errors}
      />,
      formStatus(visit, "contacts.invalid", errors),
    );
  }

  const last = (visit: Visit, person: Person, point: ContactPoint) =>
    page(
      <LastContactPage
        view={visit.view({ isRefusal: true, person, path: "/account" })}
        id={point.id}
        contact={show(deps, point)}
      />,
      { status: 403, data: { refusal: "contacts.last", incident: visit.caller.incident } },
    );

  http.get(
    "/account/contacts/:id/remove",
    signedIn((visit, person) => removal(visit, person, [])),
  );
  http.post(
    "/account/contacts/:id/remove",
    signedIn(async (visit, person) => {
      const point = await contacts.find(person, idOf(visit));
      if (!point) return notFound(visit);
      const form = { id: point.id, password: visit.field("current-password") };
      const outcome = await contacts.remove(visit.caller, person, form);
      if (outcome.ok) {
        visit.leaveNotice({ tone: "good", key: "contacts.removed.notice" });
        return redirect("/account");
      }
      if (outcome.refusal === "contacts.last") return last(visit, person, point);
      if (outcome.refusal !== "contacts.invalid") return refusalAnswer(visit, person, deps, outcome);
      return removal(visit, person, fieldErrors(visit, deps.preset, outcome.fields));
    }),
  );

  http.get(
    checkContactsPath,
    signedIn(async (visit, person) => {
      const goOn = safeReturnPath(visit.query("return"), "/account");
      const points = await deps.check.doubtful(person.accountId);
      if (points.length === 0) return redirect(goOn);
      const view = visit.view({ person });
      return page(
        <CheckContactsPage
          view={view}
          contacts={points.map((point) => ({
            id: point.id,
            shown: show(deps, point),
            line: contactState(view, point, deps.clock.now()).line,
          }))}
          goOn={goOn}
        />,
      );
    }),
  );
}

/** The page of the browser that asked: follows, resends, takes the code. */
function waitingRoutes(http: Http, deps: ContactsRoutesDeps): void {
  const { contacts, clock } = deps;

  async function waiting(visit: Visit, person: Person, errors: FieldError[] = []): Promise<Answer> {
    const latest = await contacts.latest(visit.caller, person);
    const path = waitingPath;
    if (!latest || ["refused", "ended"].includes(latest.challenge.status)) {
      return page(<NoContactWaitingPage view={visit.view({ person, path })} />);
    }
    if (latest.challenge.status === "redeemed") return redirect("/account");
    const view = visit.view({ isRefusal: errors.length > 0, person, path });
    return page(
      <ContactWaitingPage
        view={view}
        channel={latest.context.channel}
        contact={show(deps, latest.context)}
        resendAt={latest.challenge.next_resend_at ?? 0}
        now={clock.now()}
        errors={errors}
        notReceived={
          <NotReceived view={view} sender={deps.sender} subject={visit.t("contacts.verify.subject")} />
        }
      />,
      formStatus(visit, "contacts.invalid", errors),
    );
  }

  http.get(
    waitingPath,
    signedIn((visit, person) => waiting(visit, person)),
  );

  http.get(
    "/account/contacts/follow",
    signedIn(async (visit, person) =>
      json({ state: await contacts.follow(visit.caller, person), next: "/account" }),
    ),
  );

  const sendAgain = (again: (visit: Visit, person: Person) => ReturnType<Contacts["resend"]>) =>
    signedIn(async (visit, person) => {
      const outcome = await again(visit, person);
      if (!outcome.ok && outcome.refusal !== "contacts.invalid") {
        return refusalAnswer(visit, person, deps, outcome);
      }
      visit.leaveNotice({ tone: "good", key: "registration.waiting.sent-again" });
      return redirect(waitingPath);
    }, waitingPath);
  http.post(
    "/account/contacts/resend",
    sendAgain((visit, person) => contacts.resend(visit.caller, person)),
  );
  http.post(
    "/account/contacts/again",
    sendAgain((visit, person) => contacts.askAgain(visit.caller, person, visit.field("token"))),
  );

  http.post(
    "/account/contacts/code",
    signedIn(async (visit, person) => {
      const outcome = await deps.prove.proveByCode(visit.caller, person, visit.field("code"));
      if (outcome.ok) return provedAnswer(visit, person, deps, outcome);
      switch (outcome.refusal) {
        case "contacts.taken":
        case "contacts.gone":
        case "contacts.frozen":
          return cannotServe(visit, outcome, person);
        case "code.none":
          return redirect(waitingPath);
        default:
          return waiting(visit, person, codeErrors(visit, outcome));
      }
    }, waitingPath),
  );
}

/** Behind the link of the message, in any browser. */
function provingRoutes(http: Http, deps: ContactsRoutesDeps): void {
  const { prove } = deps;

  const spent = (
    visit: Visit,
    condition: "expired" | "used" | "replaced" | "refused" | "unknown",
    token: string,
  ) =>
    page(
      <SpentContactLinkPage
        view={visit.view({ isRefusal: true, path: "/account" })}
        condition={condition}
        token={token}
      />,
      { status: 410, data: { refusal: `contacts.${condition}`, incident: visit.caller.incident } },
    );

  http.get("/account/contacts/prove", async (visit) => {
    const token = visit.query("token");
    const { condition, challenge, context } = await prove.look(token);
    if (condition !== "open" || !challenge || !context) {
      return spent(visit, condition === "open" ? "unknown" : condition, token);
    }
    return page(
      <ProveContactPage
        view={visit.view()}
        token={token}
        channel={context.channel}
        contact={show(deps, context)}
        askedAt={challenge.requested_at}
        browser={challenge.browser}
      />,
    );
  });

  http.post("/account/contacts/prove", async (visit) => {
    const token = visit.field("token");
    const person = await visit.person();
    const outcome = await prove.proveByLink(visit.caller, token, person);
    if (outcome.ok) return provedAnswer(visit, person, deps, outcome);
    return outcome.refusal === "contacts.link"
      ? spent(visit, outcome.condition, token)
      : cannotServe(visit, outcome, person);
  });

  http.post("/account/contacts/refuse", async (visit) => {
    const token = visit.field("token");
    const { condition } = await prove.refuse(visit.caller, token);
    if (condition === "refused") return page(<ContactRefusedPage view={visit.view({ path: "/account" })} />);
    return spent(visit, condition === "open" ? "used" : condition, token);
  });
}

function provedAnswer(
  visit: Visit,
  person: Person | null,
  deps: ContactsRoutesDeps,
  proved: { context: ContactContext; accountId: string },
): Answer {
  if (person?.accountId === proved.accountId) {
    visit.leaveNotice({ tone: "good", key: "contacts.proved.notice" });
    return redirect("/account");
  }
  const view = visit.view({ person, path: "/account" });
  return page(<ContactProvedPage view={view} contact={show(deps, proved.context)} />);
}

function cannotServe(visit: Visit, outcome: ProveRefusal, person: Person | null): Answer {
  if (outcome.refusal === "contacts.frozen") return frozenAnswer(visit, outcome.until, person);
  const { refusal } = outcome;
  return page(
    <CannotServePage
      view={visit.view({ isRefusal: true, person, path: "/account" })}
      reason={refusal === "contacts.taken" ? "taken" : "gone"}
    />,
    { status: 410, data: { refusal, incident: visit.caller.incident } },
  );
}
