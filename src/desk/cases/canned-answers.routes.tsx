import { type Answer, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { Visit } from "../../http/visit.ts";
import type { MessageKey } from "../../i18n/translations.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { FieldError } from "../../ui/view.ts";
import type { Desk } from "../roles/desk.ts";
import { CannedFormPage, CannedListPage } from "./canned-answers.pages.tsx";
import type { CannedAnswers, CannedRefusal } from "./canned-answers.ts";
import { type DeskCasesRoutesDeps, deskContext } from "./desk-cases.routes.tsx";

export interface CannedRoutesDeps extends Pick<DeskCasesRoutesDeps, "clock" | "preset" | "inbox"> {
  canned: CannedAnswers;
}

export function cannedAnswersRoutes(desk: Desk, deps: CannedRoutesDeps): void {
  const { canned, inbox } = deps;

  const contextOf = (visit: Visit, staff: Staff) => {
    const context = deskContext(deps, visit);
    const reach = inbox.reach(staff);
    return { ...context, relays: context.relays.filter(({ id }) => reach.includes(id)) };
  };

  function formAnswer(
    visit: Visit,
    staff: Staff,
    id: string | null,
    form: { relay: string; locale: string; title: string; body: string },
    errors: FieldError[] = [],
  ): Answer {
    return page(
      <CannedFormPage
        view={visit.view({ isRefusal: errors.length > 0, person: staff })}
        staff={staff}
        context={contextOf(visit, staff)}
        id={id}
        form={form}
        errors={errors}
      />,
      errors.length > 0 ? { status: 422 } : {},
    );
  }

  const fieldsOf = (visit: Visit) => ({
    relay: visit.field("relay"),
    locale: visit.field("locale"),
    title: visit.field("title"),
    body: visit.field("body"),
  });

  async function saveAnswer(visit: Visit, staff: Staff, id: string | null): Promise<Answer> {
    const form = fieldsOf(visit);
    const saved = await canned.save(staff, id, { ...form, relay: form.relay === "" ? null : form.relay });
    if (saved === null) return problemAnswer(visit, 404);
    if (!saved.ok) return formAnswer(visit, staff, id, form, saved.fields.map(wordsOf(visit)));
    visit.leaveNotice({ tone: "good", key: "canned-answers.saved" });
    return redirect("/desk/canned-answers");
  }

  const wordsOf =
    (visit: Visit) =>
    ({ field, refusal, placeholder = "" }: CannedRefusal): FieldError => ({
      field,
      message: visit.t(refusal as MessageKey, { placeholder }),
    });

  const idOf = (visit: Visit) => visit.path.split("/")[3] ?? "";

  desk.get("/desk/canned-answers", "canned.edit", async (visit, staff) =>
    page(
      <CannedListPage
        view={visit.view({ person: staff })}
        staff={staff}
        context={contextOf(visit, staff)}
        own={await canned.list(staff)}
        shipped={canned.shippedIn(visit.locale)}
      />,
    ),
  );
  desk.get("/desk/canned-answers/new", "canned.edit", async (visit, staff) =>
    formAnswer(visit, staff, null, { relay: "", locale: visit.locale, title: "", body: "" }),
  );
  desk.post("/desk/canned-answers/new", "canned.edit", (visit, staff) => saveAnswer(visit, staff, null));
  desk.get("/desk/canned-answers/:id", "canned.edit", async (visit, staff) => {
    const row = await canned.find(staff, idOf(visit));
    if (!row) return problemAnswer(visit, 404);
    return formAnswer(visit, staff, row.id, { ...row, relay: row.relay ?? "" });
  });
  desk.post("/desk/canned-answers/:id", "canned.edit", (visit, staff) =>
    saveAnswer(visit, staff, idOf(visit)),
  );
  desk.post("/desk/canned-answers/:id/remove", "canned.edit", async (visit, staff) => {
    if (!(await canned.remove(staff, idOf(visit)))) return problemAnswer(visit, 404);
    visit.leaveNotice({ tone: "good", key: "canned-answers.removed" });
    return redirect("/desk/canned-answers");
  });
}
