import type { Preset } from "../../config/preset.ts";
import { type Answer, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { Visit } from "../../http/visit.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Store } from "../../store/store.ts";
import type { FieldError } from "../../ui/view.ts";
import type { Desk } from "../roles/desk.ts";
import type { DeskContext } from "./desk-case-words.ts";
import { InboxPage } from "./desk-cases.pages.tsx";
import type { Inbox } from "./inbox.ts";
import { type InboxFilter, readFilter, writeFilter } from "./inbox-filter.ts";
import type { InboxStaff } from "./inbox-staff.ts";
import { relayName } from "./routing.ts";

export interface DeskCasesRoutesDeps {
  store: Store;
  clock: Clock;
  preset: Preset;
  inbox: Inbox;
  colleagues: Pick<InboxStaff, "colleaguesIn">;
}

/** Time and the names of relays, for the pages of the inbox. */
export function deskContext({ clock, preset }: Pick<DeskCasesRoutesDeps, "clock" | "preset">, visit: Visit) {
  const relays = preset.relays.map((relay) => ({ id: relay.id, name: relayName(relay, visit.locale) }));
  return { now: clock.now(), relays } satisfies DeskContext;
}

/** The list of cases and the filters that staff keep. */
export function deskCasesRoutes(desk: Desk, deps: DeskCasesRoutesDeps): void {
  const { inbox, preset, store } = deps;

  async function listAnswer(
    visit: Visit,
    staff: Staff,
    filter: InboxFilter,
    errors: FieldError[] = [],
  ): Promise<Answer> {
    const reach = inbox.reach(staff);
    const scope = await inbox.scopeOf(staff, { view: "all", establishment: filter.establishment });
    const [listed, counts, saved, colleagues, places, chosen] = await Promise.all([
      inbox.list(staff, filter),
      inbox.counts(staff),
      inbox.filters(staff),
      deps.colleagues.colleaguesIn(store, scope),
      inbox.placesOf(staff, "cases.see"),
      inbox.placeOf(filter.establishment),
    ]);
    return page(
      <InboxPage
        {...listed}
        view={visit.view({
          isRefusal: errors.length > 0,
          person: staff,
          path: `/desk/cases?${writeFilter(filter)}`,
        })}
        staff={staff}
        context={deskContext(deps, visit)}
        reach={reach}
        filter={filter}
        counts={counts}
        saved={saved}
        kinds={preset.kinds}
        colleagues={colleagues}
        places={chosen === null || places.some(({ id }) => id === chosen.id) ? places : [...places, chosen]}
        errors={errors}
      />,
      errors.length > 0 ? { status: 422 } : {},
    );
  }

  desk.get("/desk/cases", "cases.see", (visit, staff) => listAnswer(visit, staff, readFilter(visit.query)));

  desk.post("/desk/cases/filters", "cases.see", async (visit, staff) => {
    const query = new URLSearchParams(visit.field("query"));
    const filter = readFilter((name) => query.get(name) ?? "");
    const saved = await inbox.saveFilter(staff, visit.field("filter-name"), filter);
    if (!saved.ok) {
      return listAnswer(visit, staff, filter, [{ field: "filter-name", message: visit.t(saved.refusal) }]);
    }
    visit.leaveNotice({ tone: "good", key: "inbox.saved.done" });
    return redirect(`/desk/cases?${writeFilter(filter)}`);
  });

  desk.post("/desk/cases/filters/:id/remove", "cases.see", async (visit, staff) => {
    const id = visit.path.split("/")[4] ?? "";
    if (!(await inbox.removeFilter(staff, id))) return problemAnswer(visit, 404);
    visit.leaveNotice({ tone: "good", key: "inbox.saved.removed" });
    return redirect("/desk/cases");
  });
}
