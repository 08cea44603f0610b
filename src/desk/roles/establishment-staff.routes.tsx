import { formStatus } from "../../access/refusals.ts";
import type { Preset } from "../../config/preset.ts";
import { type Answer, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { Visit } from "../../http/visit.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { FieldError } from "../../ui/view.ts";
import type { Desk } from "./desk.ts";
import { deskLimitAnswer } from "./desk-limit.tsx";
import {
  InviteForTimePage,
  LendPage,
  LentPlacesPage,
  LentStaffPage,
  TakeBackPage,
  WithdrawInvitationPage,
} from "./establishment-staff.pages.tsx";
import type { EstablishmentStaff, LoanForm } from "./establishment-staff.ts";
import type { Place } from "./places.ts";
import type { StaffOutcome, StaffRules } from "./staff.ts";
import { fieldErrorsOf } from "./staff-words.ts";

export interface EstablishmentStaffRoutesDeps {
  clock: Clock;
  preset: Pick<Preset, "identifier" | "sharedEmail">;
  rules: EstablishmentStaff;
  titleOf: StaffRules["titleOf"];
}

const path = "/desk/staff/lent";
const longestSearch = 100;
const placeIdOf = (visit: Visit) => visit.path.split("/")[4] ?? "";
const otherIdOf = (visit: Visit) => visit.path.split("/")[6] ?? "";

/** What a form is shown again with. */
interface Refused {
  errors: FieldError[];
  among?: Place[];
}

/** `/desk/staff/lent`: who works at an establishment, and the roles that are given there for a time. */
export function establishmentStaffRoutes(desk: Desk, deps: EstablishmentStaffRoutesDeps): void {
  const { rules, titleOf } = deps;
  const { identifier, sharedEmail: sharesEmail } = deps.preset;
  // Where the portal makes identifiers nobody is asked for one: a refusal would tell who has which.
  const asksUsername = identifier === "username" && !rules.makesUsername;
  const act = "staff.lend" as const;

  const about = (visit: Visit, staff: Staff, hasErrors = false) => ({
    view: visit.view({ isRefusal: hasErrors, person: staff, path: visit.path }),
    staff,
    titleOf,
  });

  /** What every refusal but the mistakes of a form leads to. */
  function refusalAnswer(
    visit: Visit,
    staff: Staff,
    outcome: Exclude<StaffOutcome, { ok: true } | { refusal: "staff.invalid" }>,
  ): Answer {
    if (outcome.refusal === "staff.unknown") return problemAnswer(visit, 404);
    const back = `${path}/${placeIdOf(visit)}`;
    return deskLimitAnswer(visit, deps.clock, staff, { ...outcome, current: "staff", back });
  }

  desk.get(path, act, async (visit, staff) => {
    const typed = [...visit.query("q").trim()].slice(0, longestSearch).join("");
    const only = typed === "" ? await rules.onlyPlace(staff) : null;
    if (only) return redirect(`${path}/${only.id}`);
    const { found, hasMore } = await rules.choices(staff, typed);
    return page(<LentPlacesPage {...about(visit, staff)} typed={typed} found={found} hasMore={hasMore} />);
  });

  desk.get(`${path}/:place`, act, async (visit, staff) => {
    const place = await rules.placeInside(staff, placeIdOf(visit));
    if (!place) return problemAnswer(visit, 404);
    const asked = Number(visit.query("page"));
    const number = Number.isInteger(asked) && asked > 1 && asked < 10_000 ? asked : 1;
    return page(
      <LentStaffPage
        {...about(visit, staff)}
        place={place}
        {...(await rules.list(staff, place, number))}
        page={number}
        mayInvite={(await rules.lendableAt(staff, place)).length > 0}
        hasOthers={await rules.hasOthers(staff)}
      />,
    );
  });

  // ── Giving a role to somebody who works there ──────────────────────────────────────────────────────────────

  const loanOf = (visit: Visit): LoanForm => ({
    role: visit.field("role"),
    establishment: visit.field("establishment"),
    place: visit.field("place"),
    until: visit.field("until"),
    reason: visit.field("reason"),
  });

  /** A form that was not sent yet proposes a day. */
  const shownLoan = async (visit: Visit, place: Place, isSent: boolean): Promise<LoanForm> =>
    isSent ? loanOf(visit) : { ...loanOf(visit), until: await rules.usualDay(place) };

  async function lendForm(visit: Visit, staff: Staff, { errors, among = [] }: Refused): Promise<Answer> {
    const place = await rules.placeInside(staff, placeIdOf(visit));
    const worker = place && (await rules.see(staff, place, otherIdOf(visit)));
    if (!place || !worker?.mayBeLent) return problemAnswer(visit, 404);
    return page(
      <LendPage
        {...about(visit, staff, errors.length > 0)}
        place={place}
        worker={worker}
        roles={await rules.lendableAt(staff, place)}
        asksPlace={await rules.hasOthers(staff)}
        typed={await shownLoan(visit, place, errors.length > 0)}
        among={among}
        errors={errors}
      />,
      formStatus(visit, "staff.invalid", errors),
    );
  }

  desk.get(`${path}/:place/to/:person`, act, (visit, staff) => lendForm(visit, staff, { errors: [] }));

  desk.post(`${path}/:place/to/:person`, act, async (visit, staff) => {
    const here = await rules.placeInside(staff, placeIdOf(visit));
    if (!here || !(await rules.see(staff, here, otherIdOf(visit)))) return problemAnswer(visit, 404);
    const asked = { here, accountId: otherIdOf(visit) };
    const outcome = await rules.lend(visit.caller, staff, asked, loanOf(visit));
    if (outcome.ok) {
      visit.leaveNotice({ tone: "good", key: "staff.lent.done" });
      return redirect(`${path}/${here.id}`);
    }
    if (outcome.refusal !== "staff.invalid") return refusalAnswer(visit, staff, outcome);
    return lendForm(visit, staff, { errors: fieldErrorsOf(visit, outcome.fields), among: outcome.places });
  });

  // ── Inviting somebody new ──────────────────────────────────────────────────────────────────────────────────

  const invitedOf = (visit: Visit) => ({
    name: visit.field("name"),
    email: visit.field("email"),
    username: asksUsername ? visit.field("username") : null,
  });

  async function inviteForm(visit: Visit, staff: Staff, errors: FieldError[] = []): Promise<Answer> {
    const place = await rules.placeInside(staff, placeIdOf(visit));
    const roles = place ? await rules.lendableAt(staff, place) : [];
    if (!place || roles.length === 0) return problemAnswer(visit, 404);
    return page(
      <InviteForTimePage
        {...about(visit, staff, errors.length > 0)}
        place={place}
        roles={roles}
        asksUsername={asksUsername}
        sharesEmail={sharesEmail}
        typed={{ ...invitedOf(visit), ...(await shownLoan(visit, place, errors.length > 0)) }}
        errors={errors}
      />,
      formStatus(visit, "staff.invalid", errors),
    );
  }

  desk.get(`${path}/:place/invite`, act, (visit, staff) => inviteForm(visit, staff));

  desk.post(`${path}/:place/invite`, act, async (visit, staff) => {
    const here = await rules.placeInside(staff, placeIdOf(visit));
    if (!here) return problemAnswer(visit, 404);
    const outcome = await rules.invite(visit.caller, staff, here, {
      ...invitedOf(visit),
      ...loanOf(visit),
    });
    if (outcome.ok) {
      visit.leaveNotice({ tone: "good", key: "staff.invite.done" });
      return redirect(`${path}/${here.id}`);
    }
    if (outcome.refusal !== "staff.invalid") return refusalAnswer(visit, staff, outcome);
    return inviteForm(visit, staff, fieldErrorsOf(visit, outcome.fields));
  });

  desk.post(`${path}/:place/again/:person`, act, async (visit, staff) => {
    const here = await rules.placeInside(staff, placeIdOf(visit));
    if (!here) return problemAnswer(visit, 404);
    const outcome = await rules.inviteAgain(visit.caller, staff, { here, accountId: otherIdOf(visit) });
    if (outcome.ok) {
      visit.leaveNotice({ tone: "good", key: "staff.invite.done" });
      return redirect(`${path}/${here.id}`);
    }
    return outcome.refusal === "staff.invalid"
      ? problemAnswer(visit, 404)
      : refusalAnswer(visit, staff, outcome);
  });

  async function withdrawForm(visit: Visit, staff: Staff, errors: FieldError[] = []): Promise<Answer> {
    const place = await rules.placeInside(staff, placeIdOf(visit));
    const worker = place && (await rules.see(staff, place, otherIdOf(visit)));
    if (!place || !worker?.mayWithdraw) return problemAnswer(visit, 404);
    return page(
      <WithdrawInvitationPage
        {...about(visit, staff, errors.length > 0)}
        place={place}
        worker={worker}
        errors={errors}
        reason={visit.field("reason")}
      />,
      formStatus(visit, "staff.invalid", errors),
    );
  }

  desk.get(`${path}/:place/withdraw/:person`, act, (visit, staff) => withdrawForm(visit, staff));

  desk.post(`${path}/:place/withdraw/:person`, act, async (visit, staff) => {
    const here = await rules.placeInside(staff, placeIdOf(visit));
    if (!here) return problemAnswer(visit, 404);
    const asked = { here, accountId: otherIdOf(visit), reason: visit.field("reason") };
    const outcome = await rules.withdraw(visit.caller, staff, asked);
    if (outcome.ok) {
      visit.leaveNotice({ tone: "good", key: "staff.lent.withdrawn" });
      return redirect(`${path}/${here.id}`);
    }
    if (outcome.refusal !== "staff.invalid") return refusalAnswer(visit, staff, outcome);
    return withdrawForm(visit, staff, fieldErrorsOf(visit, outcome.fields));
  });

  // ── Taking a role back ─────────────────────────────────────────────────────────────────────────────────────

  async function takeBackForm(visit: Visit, staff: Staff, errors: FieldError[] = []): Promise<Answer> {
    const place = await rules.placeInside(staff, placeIdOf(visit));
    const lent = place && (await rules.findLent(staff, place, otherIdOf(visit)));
    if (!place || !lent) return problemAnswer(visit, 404);
    return page(
      <TakeBackPage
        {...about(visit, staff, errors.length > 0)}
        place={place}
        {...lent}
        errors={errors}
        reason={visit.field("reason")}
      />,
      formStatus(visit, "staff.invalid", errors),
    );
  }

  desk.get(`${path}/:place/end/:grant`, act, (visit, staff) => takeBackForm(visit, staff));

  desk.post(`${path}/:place/end/:grant`, act, async (visit, staff) => {
    const here = await rules.placeInside(staff, placeIdOf(visit));
    if (!here) return problemAnswer(visit, 404);
    const asked = { grantId: otherIdOf(visit), reason: visit.field("reason") };
    const outcome = await rules.takeBack(visit.caller, staff, here, asked);
    if (outcome.ok) {
      visit.leaveNotice({ tone: "good", key: "staff.lent.taken-back" });
      return redirect(`${path}/${here.id}`);
    }
    if (outcome.refusal !== "staff.invalid") return refusalAnswer(visit, staff, outcome);
    return takeBackForm(visit, staff, fieldErrorsOf(visit, outcome.fields));
  });
}
