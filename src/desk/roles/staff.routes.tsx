import { formStatus } from "../../access/refusals.ts";
import type { Preset } from "../../config/preset.ts";
import { type Answer, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { Visit } from "../../http/visit.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import { unreachable } from "../../kernel/outcome.ts";
import type { FieldError } from "../../ui/view.ts";
import type { Desk } from "./desk.ts";
import { deskLimitAnswer } from "./desk-limit.tsx";
import type { Place } from "./places.ts";
import {
  InviteStaffPage,
  ResetFactorPage,
  StaffListPage,
  StaffMemberPage,
  TakeRolePage,
} from "./staff.pages.tsx";
import type { InviteForm, MemberRole, ResetOutcome, StaffMember, StaffRules } from "./staff.ts";
import { fieldErrorsOf } from "./staff-words.ts";

export interface StaffRoutesDeps {
  clock: Clock;
  preset: Preset;
  rules: StaffRules;
}

const listPath = "/desk/staff";
const idOf = (visit: Visit) => visit.path.split("/")[3] ?? "";

export function staffRoutes(desk: Desk, deps: StaffRoutesDeps): void {
  listRoutes(desk, deps);
  inviteRoutes(desk, deps);
  memberRoutes(desk, deps);
  factorRoutes(desk, deps);
}

/** What a form is shown again with. */
interface Refused {
  errors: FieldError[];
  /** Establishments to choose from. */
  among?: Place[];
}

const nothingWrong: Refused = { errors: [] };

/** What every refusal but the mistakes of a form leads to. */
function refusalAnswer(
  visit: Visit,
  staff: Staff,
  deps: StaffRoutesDeps,
  outcome: Exclude<ResetOutcome, { ok: true } | { refusal: "staff.invalid" }>,
): Answer {
  switch (outcome.refusal) {
    case "staff.unknown":
      return problemAnswer(visit, 404);
    case "staff.too-many":
      return deskLimitAnswer(visit, deps.clock, staff, { ...outcome, current: "staff", back: listPath });
    case "second-factor-reset.none":
    case "second-factor-reset.waiting":
      visit.leaveNotice({ tone: "careful", key: outcome.refusal });
      return redirect(`${listPath}/${idOf(visit)}`);
    default:
      return unreachable(outcome);
  }
}

function listRoutes(desk: Desk, deps: StaffRoutesDeps): void {
  desk.get(listPath, "staff.see", async (visit, staff) => {
    const asked = Number(visit.query("page"));
    const number = Number.isInteger(asked) && asked > 1 && asked < 10_000 ? asked : 1;
    const { members, hasMore } = await deps.rules.list(staff, number);
    return page(
      <StaffListPage
        view={visit.view({ person: staff })}
        staff={staff}
        titleOf={deps.rules.titleOf}
        members={members}
        page={number}
        hasMore={hasMore}
        mayInvite={staff.may.has("staff.manage")}
      />,
    );
  });
}

function inviteRoutes(desk: Desk, deps: StaffRoutesDeps): void {
  const { rules, preset } = deps;
  const path = `${listPath}/invite`;

  const form = async (visit: Visit, staff: Staff, { errors, among }: Refused): Promise<Answer> =>
    page(
      <InviteStaffPage
        view={visit.view({ isRefusal: errors.length > 0, person: staff, path })}
        staff={staff}
        titleOf={rules.titleOf}
        roles={await rules.grantable(staff)}
        asksUsername={preset.identifier === "username"}
        typed={typedOf(visit)}
        among={among ?? []}
        errors={errors}
      />,
      formStatus(visit, "staff.invalid", errors),
    );

  const typedOf = (visit: Visit): InviteForm => ({
    name: visit.field("name"),
    email: visit.field("email"),
    role: visit.field("role"),
    username: visit.field("username"),
    establishment: visit.field("establishment"),
    place: visit.field("place"),
    reason: visit.field("reason"),
  });

  desk.get(path, "staff.manage", (visit, staff) => form(visit, staff, nothingWrong));
  desk.post(path, "staff.manage", async (visit, staff) => {
    const outcome = await rules.invite(visit.caller, staff, typedOf(visit));
    if (outcome.ok) {
      visit.leaveNotice({ tone: "good", key: "staff.invite.done" });
      return redirect(`${listPath}/${outcome.accountId}`);
    }
    if (outcome.refusal === "staff.invalid") {
      return form(visit, staff, { errors: fieldErrorsOf(visit, outcome.fields), among: outcome.places });
    }
    return refusalAnswer(visit, staff, deps, outcome);
  });
}

function memberRoutes(desk: Desk, deps: StaffRoutesDeps): void {
  const { rules } = deps;

  async function show(visit: Visit, staff: Staff, { errors, among }: Refused): Promise<Answer> {
    const member = await rules.see(staff, idOf(visit));
    if (!member) return problemAnswer(visit, 404);
    return page(
      <StaffMemberPage
        view={visit.view({
          isRefusal: errors.length > 0,
          person: staff,
          path: `${listPath}/${member.id}`,
        })}
        staff={staff}
        titleOf={rules.titleOf}
        member={member}
        roles={await rules.grantable(staff)}
        hasPlaces={rules.hasPlaces}
        errors={errors}
        among={among ?? []}
        typed={{
          role: visit.field("role"),
          establishment: visit.field("establishment"),
          place: visit.field("place"),
          reason: visit.field("reason"),
        }}
      />,
      formStatus(visit, "staff.invalid", errors),
    );
  }

  desk.get(`${listPath}/:id`, "staff.see", (visit, staff) => show(visit, staff, nothingWrong));

  desk.post(`${listPath}/:id/role`, "staff.manage", async (visit, staff) => {
    const outcome = await rules.giveRole(visit.caller, staff, idOf(visit), {
      role: visit.field("role"),
      establishment: visit.field("establishment"),
      place: visit.field("place"),
      reason: visit.field("reason"),
    });
    if (outcome.ok) {
      visit.leaveNotice({ tone: "good", key: "staff.role.changed" });
      return redirect(`${listPath}/${idOf(visit)}`);
    }
    if (outcome.refusal === "staff.invalid") {
      return show(visit, staff, { errors: fieldErrorsOf(visit, outcome.fields), among: outcome.places });
    }
    return refusalAnswer(visit, staff, deps, outcome);
  });

  takeRoutes(desk, deps);

  desk.post(`${listPath}/:id/invite-again`, "staff.manage", async (visit, staff) => {
    const outcome = await rules.inviteAgain(visit.caller, staff, idOf(visit));
    if (!outcome.ok) {
      return outcome.refusal === "staff.invalid"
        ? problemAnswer(visit, 404)
        : refusalAnswer(visit, staff, deps, outcome);
    }
    visit.leaveNotice({ tone: "good", key: "staff.invite.done" });
    return redirect(`${listPath}/${idOf(visit)}`);
  });
}

function takeRoutes(desk: Desk, deps: StaffRoutesDeps): void {
  const { rules } = deps;
  const path = `${listPath}/:id/roles/:grant`;
  const grantOf = (visit: Visit) => visit.path.split("/")[5] ?? "";

  async function takeable(
    staff: Staff,
    visit: Visit,
  ): Promise<{ member: StaffMember; given: MemberRole } | null> {
    const member = await rules.see(staff, idOf(visit));
    const given = member?.given.find(({ grantId }) => grantId === grantOf(visit));
    return member?.mayChange && given ? { member, given } : null;
  }

  async function form(visit: Visit, staff: Staff, errors: FieldError[] = []): Promise<Answer> {
    const found = await takeable(staff, visit);
    if (!found) return problemAnswer(visit, 404);
    return page(
      <TakeRolePage
        view={visit.view({ isRefusal: errors.length > 0, person: staff, path: visit.path })}
        staff={staff}
        titleOf={rules.titleOf}
        {...found}
        errors={errors}
        reason={visit.field("reason")}
      />,
      formStatus(visit, "staff.invalid", errors),
    );
  }

  desk.get(path, "staff.manage", (visit, staff) => form(visit, staff));

  desk.post(path, "staff.manage", async (visit, staff) => {
    const asked = { grantId: grantOf(visit), reason: visit.field("reason") };
    const outcome = await rules.takeRole(visit.caller, staff, idOf(visit), asked);
    if (outcome.ok) {
      visit.leaveNotice({ tone: "good", key: outcome.isStaff ? "staff.role.taken" : "staff.role.withdrawn" });
      return redirect(outcome.isStaff ? `${listPath}/${idOf(visit)}` : listPath);
    }
    if (outcome.refusal === "staff.invalid") return form(visit, staff, fieldErrorsOf(visit, outcome.fields));
    return refusalAnswer(visit, staff, deps, outcome);
  });
}

function factorRoutes(desk: Desk, deps: StaffRoutesDeps): void {
  const { rules } = deps;
  const path = `${listPath}/:id/second-factor/reset`;

  const form = (visit: Visit, staff: Staff, member: StaffMember, errors: FieldError[] = []): Answer =>
    page(
      <ResetFactorPage
        view={visit.view({ isRefusal: errors.length > 0, person: staff, path: visit.path })}
        staff={staff}
        member={member}
        errors={errors}
        reason={visit.field("reason")}
      />,
      formStatus(visit, "staff.invalid", errors),
    );

  async function resettable(staff: Staff, accountId: string): Promise<StaffMember | null> {
    const member = await rules.see(staff, accountId);
    return member?.mayReset && member.secondFactorAt !== null && member.resetAt === null ? member : null;
  }

  desk.get(path, "second-factor.reset", async (visit, staff) => {
    const member = await resettable(staff, idOf(visit));
    return member ? form(visit, staff, member) : problemAnswer(visit, 404);
  });

  desk.post(path, "second-factor.reset", async (visit, staff) => {
    const reason = visit.field("reason");
    const outcome = await rules.askReset(visit.caller, staff, idOf(visit), { reason });
    if (outcome.ok) {
      visit.leaveNotice({ tone: "good", key: "staff.reset.asked" });
      return redirect(`${listPath}/${idOf(visit)}`);
    }
    if (outcome.refusal !== "staff.invalid") return refusalAnswer(visit, staff, deps, outcome);
    const member = await resettable(staff, idOf(visit));
    return member
      ? form(visit, staff, member, fieldErrorsOf(visit, outcome.fields))
      : problemAnswer(visit, 404);
  });

  desk.post(`${listPath}/:id/second-factor/keep`, "second-factor.reset", async (visit, staff) => {
    if (!(await rules.keepFactor(visit.caller, staff, idOf(visit)))) return problemAnswer(visit, 404);
    visit.leaveNotice({ tone: "good", key: "staff.reset.taken-back" });
    return redirect(`${listPath}/${idOf(visit)}`);
  });
}
