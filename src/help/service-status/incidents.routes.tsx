import type { Desk } from "../../desk/roles/desk.ts";
import { type Answer, page, redirect } from "../../http/answer.ts";
import type { Visit } from "../../http/visit.ts";
import type { MessageKey } from "../../i18n/translations.ts";
import type { Staff } from "../../kernel/caller.ts";
import { type Clock, day } from "../../kernel/clock.ts";
import { LinkList } from "../../ui/buttons.tsx";
import { DeskPage } from "../../ui/desk-page.tsx";
import { WhomToAsk } from "../../ui/notices.tsx";
import type { FieldError } from "../../ui/view.ts";
import { IncidentListPage, IncidentPage, type IncidentValues } from "./incidents.pages.tsx";
import {
  type FieldRefusal,
  type Incident,
  type IncidentForm,
  type Incidents,
  longestBody,
  longestTitle,
  type Words,
} from "./incidents.ts";
import { fromLocalTime, toLocalTime } from "./local-time.ts";
import type { PartName } from "./parts.ts";

export interface IncidentRoutesDeps {
  clock: Clock;
  incidents: Incidents;
  parts: PartName[];
  languages: string[];
  defaultLanguage: string;
  timezone: string;
  zoneIn: (locale: string) => string;
}

const listedFor = 365 * day;

/** A form that does not say which change it has seen has seen none. */
function readSeen(visit: Visit): number {
  const typed = visit.field("seen");
  return /^\d{1,15}$/.test(typed) ? Number(typed) : -1;
}

/** `/desk/status`: what staff write about the service. */
export function incidentRoutes(desk: Desk, deps: IncidentRoutesDeps): void {
  const { incidents, clock, timezone } = deps;

  const idOf = (visit: Visit) => visit.path.split("/")[3] ?? "";

  function readWords(visit: Visit, field: string, longest: number): Words {
    const words: Words = {};
    for (const code of deps.languages) {
      const text = visit.field(`${field}-${code}`).replaceAll("\r\n", "\n").trim();
      if (text !== "") words[code] = [...text].slice(0, longest).join("");
    }
    return words;
  }

  function readForm(visit: Visit): { form: IncidentForm; values: IncidentValues } {
    const title = readWords(visit, "title", longestTitle);
    const body = readWords(visit, "body", longestBody);
    const parts = deps.parts.filter((part) => visit.field(`part-${part}`) !== "");
    const concernsEverybody = visit.field("everybody") !== "";
    const [starts, ends] = [visit.field("starts").trim(), visit.field("ends").trim()];
    const endsAt = ends === "" ? null : (fromLocalTime(ends, timezone) ?? undefined);
    return {
      form: { title, body, parts, concernsEverybody, startsAt: fromLocalTime(starts, timezone), endsAt },
      values: { title, body, parts, concernsEverybody, starts, ends },
    };
  }

  const valuesOf = (incident: Incident): IncidentValues => ({
    title: incident.title,
    body: incident.body,
    parts: incident.parts,
    concernsEverybody: incident.concernsEverybody,
    starts: toLocalTime(incident.startsAt, timezone),
    ends: incident.endsAt === null ? "" : toLocalTime(incident.endsAt, timezone),
  });

  const emptyValues = (): IncidentValues => ({
    title: {},
    body: {},
    parts: [],
    concernsEverybody: true,
    starts: toLocalTime(clock.now(), timezone),
    ends: "",
  });

  async function form(
    visit: Visit,
    staff: Staff,
    incident: Incident | null,
    values: IncidentValues,
    refused: { faults?: FieldRefusal[]; isConflict?: boolean } = {},
  ): Promise<Answer> {
    const { faults = [], isConflict = false } = refused;
    const errors = faults.map(({ field, refusal }) => ({ field, message: visit.t(refusal as MessageKey) }));
    const view = visit.view({
      isRefusal: errors.length > 0 || isConflict,
      person: await visit.person(),
      path: incident ? `/desk/status/${incident.id}` : "/desk/status/new",
    });
    return page(
      <IncidentPage
        view={view}
        staff={staff}
        now={clock.now()}
        defaultLanguage={deps.defaultLanguage}
        incident={incident}
        values={values}
        parts={deps.parts}
        zone={deps.zoneIn(visit.locale)}
        errors={errors}
        theirs={isConflict && incident ? valuesOf(incident) : null}
      />,
      refusalStatus(visit, errors, isConflict),
    );
  }

  function refusalStatus(visit: Visit, errors: FieldError[], isConflict: boolean) {
    const { incident } = visit.caller;
    if (isConflict) return { status: 409, data: { refusal: "service-status.conflict", incident } };
    if (errors.length === 0) return {};
    return { status: 422, data: { refusal: "service-status.invalid", errors, incident } };
  }

  async function missing(visit: Visit, staff: Staff): Promise<Answer> {
    const { t } = visit;
    const view = visit.view({ isRefusal: true, person: await visit.person(), path: "/desk/status" });
    const title = t("service-status.not-found");
    return page(
      <DeskPage view={view} staff={staff} title={title} current="status" tone="wrong">
        <p>{t("service-status.not-found.next")}</p>
        <LinkList links={[{ href: "/desk/status", label: t("service-status.desk.back") }]} />
        <WhomToAsk view={view} />
      </DeskPage>,
      {
        status: 404,
        data: { refusal: "service-status.not-found", message: title, incident: visit.caller.incident },
      },
    );
  }

  /** One press on an incident, and back to it with what happened; 404 where it cannot be done. */
  function press(
    act: string,
    said: MessageKey,
    work: (visit: Visit, staff: Staff, id: string) => Promise<boolean>,
    back: (id: string) => string = (id) => `/desk/status/${id}`,
  ): void {
    desk.post(`/desk/status/:id/${act}`, "status.edit", async (visit, staff) => {
      const id = idOf(visit);
      if (!(await work(visit, staff, id))) return missing(visit, staff);
      visit.leaveNotice({ tone: "good", key: said });
      return redirect(back(id));
    });
  }

  desk.get("/desk/status", "status.edit", async (visit, staff) =>
    page(
      <IncidentListPage
        view={visit.view({ person: await visit.person() })}
        staff={staff}
        now={clock.now()}
        defaultLanguage={deps.defaultLanguage}
        incidents={await incidents.list(clock.now() - listedFor)}
      />,
    ),
  );

  desk.get("/desk/status/new", "status.edit", (visit, staff) => form(visit, staff, null, emptyValues()));

  desk.post("/desk/status/new", "status.edit", async (visit, staff) => {
    const { form: written, values } = readForm(visit);
    const saved = await incidents.add(staff, written);
    if (!saved.ok) return form(visit, staff, null, values, "faults" in saved ? saved : {});
    visit.leaveNotice({ tone: "good", key: "service-status.desk.saved-draft" });
    return redirect(`/desk/status/${saved.id}`);
  });

  desk.get("/desk/status/:id", "status.edit", async (visit, staff) => {
    const incident = await incidents.find(idOf(visit));
    return incident ? form(visit, staff, incident, valuesOf(incident)) : missing(visit, staff);
  });

  desk.post("/desk/status/:id", "status.edit", async (visit, staff) => {
    const id = idOf(visit);
    const incident = await incidents.find(id);
    if (!incident) return missing(visit, staff);
    const { form: written, values } = readForm(visit);
    const seen = readSeen(visit);
    const as = visit.field("act") === "published" ? "published" : null;
    const saved = await incidents.save(staff, visit.caller, id, written, { seen, as });
    if (saved.ok) {
      const key = as === null ? "service-status.desk.saved" : "service-status.desk.published";
      visit.leaveNotice({ tone: "good", key });
      return redirect(`/desk/status/${id}`);
    }
    switch (saved.refusal) {
      case "service-status.invalid":
        return form(visit, staff, { ...incident, changedAt: seen }, values, saved);
      case "service-status.conflict": {
        // The next save of this page has seen the other's change.
        const now = (await incidents.find(id)) ?? incident;
        return form(visit, staff, now, values, { isConflict: true });
      }
      case "service-status.not-found":
        return missing(visit, staff);
    }
  });

  desk.post("/desk/status/:id/update", "status.edit", async (visit, staff) => {
    const id = idOf(visit);
    const words = readWords(visit, "news", longestBody);
    const isResolved = visit.field("resolved") !== "";
    if (Object.keys(words).length === 0 && !isResolved) {
      visit.leaveNotice({ tone: "careful", key: "service-status.desk.news.empty" });
      return redirect(`/desk/status/${id}`);
    }
    if (!(await incidents.update(staff, visit.caller, id, words, isResolved))) return missing(visit, staff);
    const key = isResolved ? "service-status.desk.resolved" : "service-status.desk.news.added";
    visit.leaveNotice({ tone: "good", key });
    return redirect(`/desk/status/${id}`);
  });
  press("reopen", "service-status.desk.saved", (visit, staff, id) =>
    incidents.reopen(staff, visit.caller, id),
  );
  press(
    "discard",
    "service-status.desk.discarded",
    (_visit, _staff, id) => incidents.discard(id),
    () => "/desk/status",
  );
}
