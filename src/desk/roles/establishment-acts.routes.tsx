import { Readable } from "node:stream";
import { file, page } from "../../http/answer.ts";
import type { Visit } from "../../http/visit.ts";
import type { Staff } from "../../kernel/caller.ts";
import { type CsvCell, csvLine, renderCsv } from "../../ui/csv.ts";
import type { View } from "../../ui/view.ts";
import type { Desk } from "./desk.ts";
import { actWords, doerWords, EstablishmentActsPage, personWords } from "./establishment-acts.pages.tsx";
import { type ActsFilter, actKinds, type EstablishmentActs, type SeenAct } from "./establishment-acts.ts";

const longest = 40;

/** `/desk/acts`: what staff did for the people of one's establishments, and the same as a file. */
export function establishmentActsRoutes(desk: Desk, { acts }: { acts: EstablishmentActs }): void {
  const filterOf = (visit: Visit): ActsFilter => {
    const day = visit.query("day").slice(0, longest);
    const kind = actKinds.find((known) => known === visit.query("kind")) ?? "";
    return { by: visit.query("by").slice(0, longest), day: acts.isDay(day) ? day : "", kind };
  };

  desk.get("/desk/acts", "staff.acts", async (visit, staff) => {
    const filter = filterOf(visit);
    const before = visit.query("before");
    const listed = await acts.list(staff, filter, before);
    return page(
      <EstablishmentActsPage
        view={visit.view({ person: staff })}
        staff={staff}
        filter={filter}
        doers={await acts.doers(staff)}
        {...listed}
        helped={staff.may.has("people.see") ? await acts.helpedAmong(staff, listed.acts) : new Set()}
        isNewest={before === ""}
      />,
    );
  });

  desk.get("/desk/acts.csv", "staff.acts", async (visit, staff) =>
    file(Readable.from(linesOf(visit.view({ person: staff }), acts, staff, filterOf(visit))), {
      type: "text/csv; charset=utf-8",
      filename: "loquet-acts.csv",
    }),
  );
}

/** Line by line: a year of an academy is never in memory at once. */
async function* linesOf(
  view: View,
  acts: EstablishmentActs,
  staff: Staff,
  filter: ActsFilter,
): AsyncGenerator<string> {
  const { t } = view;
  yield renderCsv([
    [t("staff.acts.when"), t("staff.acts.who"), t("staff.acts.act"), t("staff.acts.whom"), t("staff.reason")],
  ]);
  for await (const part of acts.all(staff, filter)) {
    yield part.map((act) => csvLine(cellsOf(view, act))).join("");
  }
}

const cellsOf = (view: View, act: SeenAct): CsvCell[] => [
  view.moment(act.at),
  doerWords(view.t, act),
  actWords(view.t, act),
  personWords(view.t, act),
  act.reason,
];
