import { closedDeskAnswer } from "../../desk/roles/closed-desk.tsx";
import { type Answer, page, redirect } from "../../http/answer.ts";
import { safeReturnPath } from "../../http/return-path.ts";
import type { Http } from "../../http/server.ts";
import { signedIn, toSignIn } from "../../http/signed-in.ts";
import type { Visit } from "../../http/visit.ts";
import type { Person, StartedSession } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Db } from "../../store/store.ts";
import type { FieldError } from "../../ui/view.ts";
import { formStatus, refusalText } from "../refusals.ts";
import { waitStatus } from "../too-often.tsx";
import {
  CodesPage,
  KeepEndPage,
  KeepPage,
  MakeCodesPage,
  ProvePage,
  RecoveryCodePage,
  RemovePage,
  SecondFactorPage,
  SetUpPage,
  TooManyCodesPage,
} from "./second-factor.pages.tsx";
import type { ProveOutcome, SecondFactor, SecondFactorState, SetUpOutcome } from "./second-factor.ts";
import type { SecondFactorReset } from "./second-factor-reset.ts";

export interface SecondFactorRoutesDeps {
  clock: Clock;
  store: Db;
  factor: SecondFactor;
  reset: SecondFactorReset;
  /** Only staff need a second factor. */
  isStaff: (person: Person) => Promise<boolean>;
  /** Gives the browser the cookie of its renewed session. */
  signBrowserIn: (visit: Visit, session: StartedSession) => void;
}

const door = "/desk/second-factor";
const setUpPath = `${door}/set-up`;
const ownPath = "/account/second-factor";
/** So few recovery codes that it is time for new ones. */
const fewCodes = 2;

/** Where the person was going: somewhere on the desk, or the pages of the second factor. */
function returnPathOf(visit: Visit): string {
  const path = safeReturnPath(visit.field("return") || visit.query("return"), "/desk");
  const isOurs = /^\/(desk|account\/second-factor)([/?]|$)/.test(path);
  return isOurs && !path.startsWith(door) ? path : "/desk";
}

/** A page of ours that leads on to `returnPath`. */
const comingBack = (path: string, returnPath: string) => `${path}?return=${encodeURIComponent(returnPath)}`;

export function secondFactorRoutes(http: Http, deps: SecondFactorRoutesDeps): void {
  provingRoutes(http, deps);
  setUpRoutes(http, deps);
  ownerRoutes(http, deps);
  keepRoutes(http, deps);
}

type Refused = Exclude<ProveOutcome | SetUpOutcome, { ok: true }>;

/** What every refused code leads to; `form` shows it again with its mistake. */
function refusedAnswer(
  visit: Visit,
  deps: SecondFactorRoutesDeps,
  person: Person,
  outcome: Refused,
  form: (errors: FieldError[]) => Answer | Promise<Answer>,
): Answer | Promise<Answer> {
  switch (outcome.refusal) {
    case "account.signed-out":
      return toSignIn(visit, "/desk");
    case "second-factor.set-up-already":
      return redirect(person.secondFactorAt === null ? door : ownPath);
    case "second-factor.too-many":
      return page(
        <TooManyCodesPage view={visit.view({ isRefusal: true, person })} until={outcome.until} />,
        waitStatus(visit, deps.clock, outcome),
      );
    default:
      return form([{ field: "code", message: refusalText(visit.t, outcome.refusal) }]);
  }
}

/** Staff with a second factor: others are told, or led to set one up. */
function withFactor(
  deps: SecondFactorRoutesDeps,
  handle: (visit: Visit, person: Person, state: SecondFactorState) => Promise<Answer>,
) {
  return signedIn(async (visit, person) => {
    const state = await deps.factor.state(deps.store, person.accountId);
    if (state) return handle(visit, person, state);
    if (await deps.isStaff(person)) return redirect(comingBack(setUpPath, returnPathOf(visit)));
    return closedDeskAnswer(visit, person, "desk.no-role");
  }, ownPath);
}

/** The same where the proof must be fresh: a change of the second factor itself. */
function withFreshProof(
  deps: SecondFactorRoutesDeps,
  back: string,
  handle: (visit: Visit, person: Person, state: SecondFactorState) => Promise<Answer>,
) {
  return withFactor(deps, async (visit, person, state) =>
    deps.factor.isFresh(person) ? handle(visit, person, state) : redirect(comingBack(door, back)),
  );
}

function provingRoutes(http: Http, deps: SecondFactorRoutesDeps): void {
  const { factor } = deps;
  const ways = [
    { path: door, Form: ProvePage, prove: factor.prove },
    { path: `${door}/recovery-code`, Form: RecoveryCodePage, prove: factor.proveByRecoveryCode },
  ] as const;

  for (const { path, Form, prove } of ways) {
    const form = (visit: Visit, person: Person, errors: FieldError[]) => {
      const returnPath = returnPathOf(visit);
      const view = visit.view({ isRefusal: errors.length > 0, person, path: comingBack(path, returnPath) });
      return page(
        <Form view={view} errors={errors} returnPath={returnPath} />,
        formStatus(visit, "second-factor.invalid", errors),
      );
    };

    http.get(
      path,
      withFactor(deps, async (visit, person) =>
        factor.isFresh(person) ? redirect(returnPathOf(visit)) : form(visit, person, []),
      ),
    );

    http.post(
      path,
      withFactor(deps, async (visit, person) => {
        const outcome = await prove(visit.caller, person, visit.field("code"));
        if (!outcome.ok) {
          return refusedAnswer(visit, deps, person, outcome, (errors) => form(visit, person, errors));
        }
        deps.signBrowserIn(visit, outcome.session);
        const returnPath = returnPathOf(visit);
        const { areCodesKept, codesLeft } = outcome.state;
        const isEnough = areCodesKept && codesLeft > fewCodes;
        return redirect(isEnough ? returnPath : comingBack(`${door}/codes`, returnPath));
      }),
    );
  }
}

function setUpRoutes(http: Http, deps: SecondFactorRoutesDeps): void {
  const { factor } = deps;

  async function form(
    visit: Visit,
    person: Person,
    replaces: boolean,
    errors: FieldError[] = [],
  ): Promise<Answer> {
    const path = replaces ? `${ownPath}/replace` : setUpPath;
    const returnPath = returnPathOf(visit);
    const view = visit.view({ isRefusal: errors.length > 0, person, path: comingBack(path, returnPath) });
    return page(
      <SetUpPage
        view={view}
        action={path}
        replaces={replaces}
        returnPath={returnPath}
        errors={errors}
        {...(await factor.prepare(person))}
      />,
      formStatus(visit, "second-factor.invalid", errors),
    );
  }

  async function confirm(visit: Visit, person: Person, replaces: boolean): Promise<Answer> {
    const outcome = await factor.setUp(visit.caller, person, visit.field("code"), { replaces });
    if (!outcome.ok) {
      return refusedAnswer(visit, deps, person, outcome, (errors) => form(visit, person, replaces, errors));
    }
    deps.signBrowserIn(visit, outcome.session);
    return codesAnswer(visit, person, outcome.codes, true);
  }

  /** Only for staff who have none yet. */
  const first = (handle: (visit: Visit, person: Person) => Promise<Answer>) =>
    signedIn(async (visit, person) => {
      if (!(await deps.isStaff(person))) return closedDeskAnswer(visit, person, "desk.no-role");
      const isSetUp = await factor.isSetUp(deps.store, person.accountId);
      if (isSetUp) return redirect(person.secondFactorAt === null ? door : ownPath);
      return handle(visit, person);
    }, setUpPath);

  http.get(
    setUpPath,
    first((visit, person) => form(visit, person, false)),
  );
  http.post(
    setUpPath,
    first((visit, person) => confirm(visit, person, false)),
  );

  const replacePath = `${ownPath}/replace`;
  http.get(
    replacePath,
    withFreshProof(deps, replacePath, (visit, person) => form(visit, person, true)),
  );
  http.post(
    replacePath,
    withFreshProof(deps, replacePath, (visit, person) => confirm(visit, person, true)),
  );
}

/** Shown in answer to the press itself, and nowhere else: they are not kept in a form that could be shown again. */
function codesAnswer(visit: Visit, person: Person, codes: string[], isFirst: boolean): Answer {
  const view = visit.view({ person, path: ownPath });
  return page(<CodesPage view={view} codes={codes} isFirst={isFirst} returnPath={returnPathOf(visit)} />);
}

function ownerRoutes(http: Http, deps: SecondFactorRoutesDeps): void {
  const { factor, reset, store } = deps;

  http.get(
    ownPath,
    withFactor(deps, async (visit, person, state) =>
      page(
        <SecondFactorPage
          view={visit.view({ person })}
          setUpAt={state.setUpAt}
          codesLeft={state.codesLeft}
          resetAt={await reset.waitingUntil(store, person.accountId)}
        />,
      ),
    ),
  );

  http.get(
    `${door}/codes`,
    withFactor(deps, async (visit, person, state) =>
      page(
        <MakeCodesPage
          view={visit.view({ person })}
          left={state.codesLeft}
          areKept={state.areCodesKept}
          returnPath={returnPathOf(visit)}
        />,
      ),
    ),
  );
  http.post(
    `${ownPath}/codes`,
    withFreshProof(deps, `${ownPath}/codes-again`, async (visit, person) => {
      const codes = await factor.makeCodes(visit.caller, person);
      return codes ? codesAnswer(visit, person, codes, false) : redirect(comingBack(door, ownPath));
    }),
  );
  // Where the proof had to be made anew: back to the button, which nobody presses for the person.
  http.get(`${ownPath}/codes-again`, async () => redirect(comingBack(`${door}/codes`, ownPath)));
  http.post(
    `${door}/codes/kept`,
    withFactor(deps, async (visit, person) => {
      await factor.keepCodes(person);
      visit.leaveNotice({ tone: "good", key: "second-factor.codes.done" });
      return redirect(returnPathOf(visit));
    }),
  );

  const removePath = `${ownPath}/remove`;
  http.get(
    removePath,
    withFreshProof(deps, removePath, async (visit, person) =>
      page(<RemovePage view={visit.view({ person })} />),
    ),
  );
  http.post(
    removePath,
    withFreshProof(deps, removePath, async (visit, person) => {
      if (await factor.remove(visit.caller, person)) {
        visit.leaveNotice({ tone: "good", key: "second-factor.remove.done" });
      }
      return redirect("/account");
    }),
  );
}

/** Keeping a second factor that somebody asked to take away: by the link of the message, or signed in. */
function keepRoutes(http: Http, { reset, ...deps }: SecondFactorRoutesDeps): void {
  const keepPath = `${ownPath}/keep`;

  const ended = (visit: Visit, end: "now" | "kept" | "done" | "unknown"): Answer => {
    const isRefusal = end === "done" || end === "unknown";
    return page(
      <KeepEndPage view={visit.view({ isRefusal, path: keepPath })} end={end} />,
      isRefusal
        ? { status: 410, data: { refusal: `second-factor-reset.${end}`, incident: visit.caller.incident } }
        : {},
    );
  };

  http.get(keepPath, async (visit) => {
    const token = visit.query("token");
    const { condition, effectiveAt } = await reset.look(token);
    if (condition !== "open" || effectiveAt === null) {
      return ended(visit, condition === "open" ? "unknown" : condition);
    }
    return page(<KeepPage view={visit.view()} token={token} resetAt={effectiveAt} />);
  });

  http.post(keepPath, async (visit) => {
    const condition = await reset.keepByLink(visit.caller, visit.field("token"));
    return ended(visit, condition === "open" ? "now" : condition);
  });

  http.post(
    `${ownPath}/keep-mine`,
    withFactor({ reset, ...deps }, async (visit, person) => {
      if (await reset.keepOwn(visit.caller, person)) {
        visit.leaveNotice({ tone: "good", key: "second-factor-reset.kept" });
      }
      return redirect(ownPath);
    }),
  );
}
