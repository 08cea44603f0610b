import { formStatus, refusalText } from "../../access/refusals.ts";
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
import type { Role } from "./roles.ts";
import { InviteStaffPage, ResetFactorPage, StaffListPage, StaffMemberPage } from "./staff.pages.tsx";
import type { InviteForm, StaffFieldRefusal, StaffMember, StaffOutcome, StaffRules } from "./staff.ts";

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

const namesIn =
  ({ rules }: StaffRoutesDeps, visit: Visit) =>
  (role: Role) =>
    rules.nameOf(role, visit.locale);

const errorsOf = (visit: Visit, fields: StaffFieldRefusal[]): FieldError[] =>
  fields.map(({ field, refusal }) => ({ field, message: refusalText(visit.t, refusal) }));

/** What every refusal but the mistakes of a form leads to. */
function refusalAnswer(
  visit: Visit,
  staff: Staff,
  deps: StaffRoutesDeps,
  outcome: Exclude<StaffOutcome, { ok: true } | { refusal: "staff.invalid" }>,
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
        nameOf={namesIn(deps, visit)}
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

  const form = async (visit: Visit, staff: Staff, errors: FieldError[] = []): Promise<Answer> =>
    page(
      <InviteStaffPage
        view={visit.view({ isRefusal: errors.length > 0, person: staff, path })}
        staff={staff}
        nameOf={namesIn(deps, visit)}
        roles={await rules.grantable(staff)}
        asksUsername={preset.identifier === "username"}
        typed={typedOf(visit)}
        errors={errors}
      />,
      formStatus(visit, "staff.invalid", errors),
    );

  const typedOf = (visit: Visit): InviteForm => ({
    name: visit.field("name"),
    email: visit.field("email"),
    role: visit.field("role"),
    username: visit.field("username"),
    reason: visit.field("reason"),
  });

  desk.get(path, "staff.manage", (visit, staff) => form(visit, staff));
  desk.post(path, "staff.manage", async (visit, staff) => {
    const outcome = await rules.invite(visit.caller, staff, typedOf(visit));
    if (outcome.ok) {
      visit.leaveNotice({ tone: "good", key: "staff.invite.done" });
      return redirect(`${listPath}/${outcome.accountId}`);
    }
    if (outcome.refusal === "staff.invalid") return form(visit, staff, errorsOf(visit, outcome.fields));
    return refusalAnswer(visit, staff, deps, outcome);
  });
}

function memberRoutes(desk: Desk, deps: StaffRoutesDeps): void {
  const { rules } = deps;

  async function show(visit: Visit, staff: Staff, errors: FieldError[] = []): Promise<Answer> {
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
        nameOf={namesIn(deps, visit)}
        member={member}
        roles={await rules.grantable(staff)}
        errors={{ form: "role", list: errors }}
        typed={{ role: visit.field("role"), reason: visit.field("reason") }}
      />,
      formStatus(visit, "staff.invalid", errors),
    );
  }

  desk.get(`${listPath}/:id`, "staff.see", (visit, staff) => show(visit, staff));

  desk.post(`${listPath}/:id/role`, "staff.manage", async (visit, staff) => {
    const chosen = visit.field("role");
    const outcome = await rules.changeRole(visit.caller, staff, idOf(visit), {
      role: chosen === "none" ? "" : chosen || "?",
      reason: visit.field("reason"),
    });
    if (outcome.ok) {
      visit.leaveNotice({
        tone: "good",
        key: chosen === "none" ? "staff.role.withdrawn" : "staff.role.changed",
      });
      return redirect(listPath);
    }
    if (outcome.refusal === "staff.invalid") return show(visit, staff, errorsOf(visit, outcome.fields));
    return refusalAnswer(visit, staff, deps, outcome);
  });

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
    return member ? form(visit, staff, member, errorsOf(visit, outcome.fields)) : problemAnswer(visit, 404);
  });

  desk.post(`${listPath}/:id/second-factor/keep`, "second-factor.reset", async (visit, staff) => {
    if (!(await rules.keepFactor(visit.caller, staff, idOf(visit)))) return problemAnswer(visit, 404);
    visit.leaveNotice({ tone: "good", key: "staff.reset.taken-back" });
    return redirect(`${listPath}/${idOf(visit)}`);
  });
}
