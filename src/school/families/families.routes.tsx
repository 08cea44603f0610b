import type { AccountPart } from "../../access/account-page/account-page.routes.tsx";
import { formStatus, refusalText } from "../../access/refusals.ts";
import { BlockedPage, InactivePage, JoinedPage, PendingPage } from "../../access/sign-in/sign-in.pages.tsx";
import type { SignInRefusal } from "../../access/sign-in/sign-in.ts";
import { waitStatus } from "../../access/too-often.tsx";
import { type Answer, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { Http } from "../../http/server.ts";
import { signedIn, toSignIn } from "../../http/signed-in.ts";
import type { Visit } from "../../http/visit.ts";
import type { Person } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { FieldError } from "../../ui/view.ts";
import {
  ConfirmJoinPage,
  FamilyPart,
  JoinPage,
  JoinRefusedPage,
  NotMinePage,
  SpentUnjoinPage,
  UnjoinedPage,
  UnjoinPage,
} from "./families.pages.tsx";
import { type Families, longestWords } from "./families.ts";
import type { JoinOther } from "./join-other.ts";
import { type JoinRefusal, type Joins, type UndoCondition, undoForDays } from "./joins.ts";
import type { SameGuardian } from "./same-guardian.ts";

export interface FamiliesRoutesDeps {
  clock: Clock;
  families: Families;
  joins: Joins;
  joinOther: JoinOther<SignInRefusal>;
  isGuardian: (accountId: string) => Promise<boolean>;
  /** The page of a locked identifier, with what this browser may do about it. */
  lockedAnswer: (visit: Visit, locked: { identifier: string; until: number }) => Promise<Answer>;
}

/** On the account page of a guardian. */
export const familyPart =
  (families: Families, joins: Joins, sameGuardian: SameGuardian): AccountPart =>
  async (visit, account) => {
    if (account.kind !== "guardian") return null;
    const [pupils, joined, mayHaveAnother] = await Promise.all([
      families.pupils(account.id),
      joins.joinsInto(account.id),
      sameGuardian.mayHaveAnother(account.id),
    ]);
    return {
      id: "family",
      title: visit.t("families.pupils"),
      content: (
        <FamilyPart view={visit.view()} pupils={pupils} joins={joined} mayHaveAnother={mayHaveAnother} />
      ),
    };
  };

export function familiesRoutes(http: Http, deps: FamiliesRoutesDeps): void {
  notMineRoutes(http, deps);
  joinRoutes(http, deps);
  unjoinRoutes(http, deps);
}

const idOf = (visit: Visit) => visit.path.split("/")[3] ?? "";

function notMineRoutes(http: Http, { families }: FamiliesRoutesDeps): void {
  const path = "/account/pupils/:id/not-mine";

  async function form(visit: Visit, person: Person, errors: FieldError[] = []): Promise<Answer> {
    const pupil = await families.pupil(person, idOf(visit));
    if (!pupil) return problemAnswer(visit, 404);
    if (pupil.reportedAt !== null) return redirect("/account#family");
    return page(
      <NotMinePage
        view={visit.view({ isRefusal: errors.length > 0, person, path: visit.path })}
        pupil={pupil}
        typed={visit.field("words")}
        errors={errors}
      />,
      formStatus(visit, "families.invalid", errors),
    );
  }

  http.get(
    path,
    signedIn((visit, person) => form(visit, person)),
  );

  http.post(
    path,
    signedIn(async (visit, person) => {
      const asked = { pupilId: idOf(visit), words: visit.field("words") };
      const outcome = await families.report(visit.caller, person, asked);
      if (outcome.ok) {
        visit.leaveNotice({ tone: "good", key: "families.not-mine.done" });
        return redirect("/account#family");
      }
      switch (outcome.refusal) {
        case "families.words.too-long": {
          const message = refusalText(visit.t, outcome.refusal, { max: longestWords });
          return form(visit, person, [{ field: "words", message }]);
        }
        case "families.unknown":
          return problemAnswer(visit, 404);
        case "account.signed-out":
          return toSignIn(visit, "/account");
      }
    }, "/account"),
  );
}

function joinRoutes(http: Http, deps: FamiliesRoutesDeps): void {
  const { joinOther } = deps;

  /** For guardians alone: others have nothing to join. */
  const forGuardians = (handle: (visit: Visit, person: Person) => Promise<Answer>) =>
    signedIn(
      async (visit, person) =>
        (await deps.isGuardian(person.accountId)) ? handle(visit, person) : problemAnswer(visit, 404),
      "/account/join",
    );

  function form(
    visit: Visit,
    person: Person,
    shown: { errors?: FieldError[]; isLastTry?: boolean; data?: object } = {},
  ): Answer {
    const errors = shown.errors ?? [];
    return page(
      <JoinPage
        view={visit.view({ isRefusal: errors.length > 0, person, path: "/account/join" })}
        identifier={visit.field("identifier")}
        errors={errors}
        isLastTry={shown.isLastTry}
      />,
      errors.length > 0 ? { status: 422, data: { ...shown.data, errors } } : {},
    );
  }

  function refusedAnswer(
    visit: Visit,
    person: Person,
    refusal: JoinRefusal | "families.join.expired",
  ): Answer {
    const view = visit.view({ isRefusal: true, person, path: "/account/join" });
    return page(<JoinRefusedPage view={view} refusal={refusal} />, {
      status: 409,
      data: { refusal, incident: visit.caller.incident },
    });
  }

  /** The refusals of a sign-in, in its words. */
  async function judgedAnswer(visit: Visit, person: Person, refused: SignInRefusal): Promise<Answer> {
    const { refusal } = refused;
    const data = { refusal, incident: visit.caller.incident };
    const view = () => visit.view({ isRefusal: true, person, path: "/account/join" });
    const inactive = { status: 403, data };
    switch (refusal) {
      case "sign-in.missing": {
        const errors = refused.fields.map((field) => ({
          field,
          message: refusalText(visit.t, `sign-in.${field}.missing`),
        }));
        return form(visit, person, { errors, data });
      }
      case "sign-in.wrong": {
        const errors = [{ field: "identifier", message: refusalText(visit.t, refusal) }];
        return form(visit, person, { errors, isLastTry: refused.isLastTry, data });
      }
      case "sign-in.locked":
        return deps.lockedAnswer(visit, { identifier: visit.field("identifier"), until: refused.until });
      case "sign-in.blocked":
        return page(
          <BlockedPage view={view()} until={refused.until} />,
          waitStatus(visit, deps.clock, refused),
        );
      case "sign-in.pending":
        return page(<PendingPage view={view()} email={null} />, inactive);
      case "sign-in.joined":
        return page(<JoinedPage view={view()} identifier={refused.identifier} undoToken={null} />, inactive);
      case "sign-in.disabled":
        return page(<InactivePage view={view()} state="disabled" />, inactive);
      case "sign-in.closed":
        return page(<InactivePage view={view()} state="closed" />, inactive);
      case "sign-in.other-account":
        return form(visit, person);
    }
  }

  http.get(
    "/account/join",
    forGuardians(async (visit, person) => form(visit, person)),
  );

  http.post(
    "/account/join",
    forGuardians(async (visit, person) => {
      const outcome = await joinOther.prove(visit.caller, person, {
        identifier: visit.field("identifier"),
        password: visit.field("password"),
      });
      if (outcome.ok) {
        const { proof, kept, joined } = outcome;
        const view = visit.view({ person, path: "/account/join" });
        return page(<ConfirmJoinPage {...{ view, proof, kept, joined, undoForDays }} />);
      }
      return isOfJoining(outcome)
        ? refusedAnswer(visit, person, outcome.refusal)
        : judgedAnswer(visit, person, outcome);
    }),
  );

  http.post(
    "/account/join/confirm",
    forGuardians(async (visit, person) => {
      const outcome = await joinOther.confirm(visit.caller, person, visit.field("proof"));
      if (!outcome.ok) {
        return outcome.refusal === "account.signed-out"
          ? toSignIn(visit, "/account/join")
          : refusedAnswer(visit, person, outcome.refusal);
      }
      visit.leaveNotice({ tone: "good", key: "families.join.done", values: { days: undoForDays } });
      return redirect("/account");
    }),
  );
}

const isOfJoining = (
  outcome: SignInRefusal | { ok: false; refusal: JoinRefusal },
): outcome is { ok: false; refusal: JoinRefusal } => outcome.refusal.startsWith("families.");

/** Undone by the owner of either account: signed in to the one that stays, or by the link of a message to either. */
function unjoinRoutes(http: Http, { joins }: FamiliesRoutesDeps): void {
  const spent = (visit: Visit, condition: Exclude<UndoCondition, "open">) =>
    page(
      <SpentUnjoinPage
        view={visit.view({ isRefusal: true, path: "/account/unjoin" })}
        condition={condition}
      />,
      { status: 410, data: { refusal: `families.unjoin.${condition}`, incident: visit.caller.incident } },
    );

  http.get("/account/unjoin", async (visit) => {
    const token = visit.query("token");
    const { condition, join } = await joins.look(token);
    if (condition !== "open" || !join) return spent(visit, condition === "open" ? "unknown" : condition);
    return page(<UnjoinPage view={visit.view()} action="/account/unjoin" fields={{ token }} join={join} />);
  });

  http.post("/account/unjoin", async (visit) => {
    const token = visit.field("token");
    const { join } = await joins.look(token);
    const condition = await joins.undoByToken(visit.caller, token);
    if (condition !== "open" || !join) return spent(visit, condition === "open" ? "unknown" : condition);
    return page(<UnjoinedPage view={visit.view({ path: "/account/unjoin" })} join={join} />);
  });

  http.get(
    "/account/joins/:id",
    signedIn(async (visit, person) => {
      const found = await joins.lookAtOwn(person.accountId, idOf(visit));
      if (!found) return problemAnswer(visit, 404);
      if (found.condition !== "open") return spent(visit, found.condition);
      const view = visit.view({ person, path: visit.path });
      return page(<UnjoinPage view={view} action={visit.path} fields={{}} join={found.join} />);
    }),
  );

  http.post(
    "/account/joins/:id",
    signedIn(async (visit, person) => {
      const condition = await joins.undoByOwner(visit.caller, person, idOf(visit));
      if (condition === "signed-out") return toSignIn(visit, "/account");
      if (condition === "unknown") return problemAnswer(visit, 404);
      if (condition !== "open") return spent(visit, condition);
      visit.leaveNotice({ tone: "good", key: "families.unjoined.title" });
      return redirect("/account");
    }, "/account"),
  );
}
