import { fieldErrors, formStatus } from "../../access/refusals.ts";
import type { Preset } from "../../config/preset.ts";
import type { PersonPart } from "../../desk/people/people.routes.tsx";
import type { Desk } from "../../desk/roles/desk.ts";
import { deskLimitAnswer } from "../../desk/roles/desk-limit.tsx";
import { type Answer, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { Visit } from "../../http/visit.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { FieldError } from "../../ui/view.ts";
import type { DeskJoins } from "./desk-joins.ts";
import type { Families } from "./families.ts";
import { DecideReportPage, FamiliesDeskPage, PersonFamily, UndoJoinPage } from "./family-desk.pages.tsx";
import type { Joins } from "./joins.ts";

export interface FamilyDeskRoutesDeps {
  clock: Clock;
  preset: Preset;
  families: Families;
  deskJoins: DeskJoins;
}

const deskPath = "/desk/families";
const longestSearch = 100;
const idOf = (visit: Visit) => visit.path.split("/")[4] ?? "";

/** On the page of a person: their guardians or pupils inside the walls, and joined accounts. */
export const personFamily =
  (
    families: Families,
    joins: {
      joinsInto: Joins["joinsInto"];
      wentInto(accountId: string): ReturnType<Joins["wentInto"]>;
    },
  ): PersonPart =>
  async (visit, staff, { account }) => {
    const { id: accountId, kind } = account;
    if (kind !== "guardian" && kind !== "pupil") return null;
    const [relatives, joined, wentInto] = await Promise.all([
      families.relatives(staff, { accountId, kind }),
      kind === "guardian" ? joins.joinsInto(accountId) : [],
      kind === "guardian" ? joins.wentInto(accountId) : null,
    ]);
    return {
      id: "family",
      title: visit.t("families.person.title"),
      content: (
        <PersonFamily
          view={visit.view()}
          kind={kind}
          relatives={relatives}
          joins={joined}
          wentInto={wentInto}
        />
      ),
    };
  };

export function familyDeskRoutes(desk: Desk, deps: FamilyDeskRoutesDeps): void {
  const { families, deskJoins, clock, preset } = deps;

  const limited = (visit: Visit, staff: Staff, until: number): Answer =>
    deskLimitAnswer(visit, clock, staff, {
      refusal: "families.too-many",
      until,
      current: "families",
      back: deskPath,
    });

  desk.get(deskPath, "families.see", async (visit, staff) => {
    const at = {
      after: visit.query("after"),
      before: visit.query("before"),
      typed: [...visit.query("q").trim()].slice(0, longestSearch).join(""),
    };
    return page(
      <FamiliesDeskPage
        view={visit.view({ person: staff })}
        staff={staff}
        at={at}
        reported={await families.openReports(staff, at.after)}
        joined={await deskJoins.list(staff, at)}
      />,
    );
  });

  async function reportForm(visit: Visit, staff: Staff, errors: FieldError[] = []): Promise<Answer> {
    const report = await families.openReport(staff, idOf(visit));
    if (!report) return problemAnswer(visit, 404);
    return page(
      <DecideReportPage
        view={visit.view({ isRefusal: errors.length > 0, person: staff, path: visit.path })}
        staff={staff}
        report={report}
        opens={{
          guardian: await families.mayOpen(staff, report.guardian_id),
          pupil: await families.mayOpen(staff, report.pupil_id),
        }}
        typed={{ decision: visit.field("decision"), reason: visit.field("reason") }}
        errors={errors}
      />,
      formStatus(visit, "families.invalid", errors),
    );
  }

  desk.get(`${deskPath}/reports/:id`, "families.see", (visit, staff) => reportForm(visit, staff));

  desk.post(`${deskPath}/reports/:id`, "families.see", async (visit, staff) => {
    const outcome = await families.decide(visit.caller, staff, {
      reportId: idOf(visit),
      decision: visit.field("decision"),
      reason: visit.field("reason"),
    });
    if (outcome.ok) {
      visit.leaveNotice({ tone: "good", key: `families.decide.${outcome.decision}.done` });
      return redirect(deskPath);
    }
    switch (outcome.refusal) {
      case "families.invalid":
        return reportForm(visit, staff, fieldErrors(visit, preset, outcome.fields));
      case "families.too-many":
        return limited(visit, staff, outcome.until);
      case "families.unknown":
        return problemAnswer(visit, 404);
    }
  });

  async function joinForm(visit: Visit, staff: Staff, errors: FieldError[] = []): Promise<Answer> {
    const join = await deskJoins.find(staff, idOf(visit));
    if (!join) return problemAnswer(visit, 404);
    if (join.state !== "joined") return redirect(deskPath);
    return page(
      <UndoJoinPage
        view={visit.view({ isRefusal: errors.length > 0, person: staff, path: visit.path })}
        staff={staff}
        join={join}
        added={await deskJoins.addedSince(staff, join)}
        typed={visit.field("reason")}
        errors={errors}
      />,
      formStatus(visit, "families.invalid", errors),
    );
  }

  desk.get(`${deskPath}/joins/:id`, "families.see", (visit, staff) => joinForm(visit, staff));

  desk.post(`${deskPath}/joins/:id`, "families.see", async (visit, staff) => {
    const asked = { joinId: idOf(visit), reason: visit.field("reason") };
    const outcome = await deskJoins.undo(visit.caller, staff, asked);
    if (outcome.ok) {
      visit.leaveNotice(
        outcome.condition === "open"
          ? { tone: "good", key: "families.unjoined.title" }
          : { tone: "careful", key: `families.unjoin.${outcome.condition}.title` },
      );
      return redirect(deskPath);
    }
    switch (outcome.refusal) {
      case "families.invalid":
        return joinForm(visit, staff, fieldErrors(visit, preset, outcome.fields));
      case "families.too-many":
        return limited(visit, staff, outcome.until);
      case "families.unknown":
        return problemAnswer(visit, 404);
    }
  });
}
