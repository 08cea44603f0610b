import type { Desk } from "../../desk/roles/desk.ts";
import { type Answer, page, redirect } from "../../http/answer.ts";
import type { Visit } from "../../http/visit.ts";
import type { Staff } from "../../kernel/caller.ts";
import { EstablishmentFilePage, EstablishmentPreviewPage } from "./establishment-file.pages.tsx";
import { type FileFault, longestFileBytes } from "./establishment-file.ts";
import type { Walls } from "./establishments.ts";
import type { LoadEstablishments } from "./load-establishments.ts";

const path = "/desk/establishments/file";

/** `/desk/establishments/file`: a file is read, shown as what it would change, and applied at a press. */
export function establishmentFileRoutes(
  desk: Desk,
  deps: {
    files: LoadEstablishments;
    /** Inside which establishments this member of staff may change them; null: everywhere. */
    wallsOf: (staff: Staff) => Walls;
    missing: (visit: Visit, staff: Staff) => Promise<Answer>;
  },
): void {
  const { files, wallsOf, missing } = deps;
  const idOf = (visit: Visit) => visit.path.split("/")[4] ?? "";

  async function form(visit: Visit, staff: Staff, faults: FileFault[], hasFile = true): Promise<Answer> {
    const { t } = visit;
    const said = hasFile ? "establishments.file.refused" : "establishments.file.missing";
    const errors =
      faults.length === 0 && hasFile ? [] : [{ field: "file", message: t(said, { count: faults.length }) }];
    return page(
      <EstablishmentFilePage
        view={visit.view({ isRefusal: errors.length > 0, person: await visit.person(), path })}
        staff={staff}
        faults={faults}
        errors={errors}
      />,
      errors.length === 0
        ? {}
        : { status: 422, data: { refusal: said, faults, incident: visit.caller.incident } },
    );
  }

  async function preview(visit: Visit, staff: Staff, hasChangedMeanwhile: boolean): Promise<Answer> {
    const found = await files.preview({ staff }, wallsOf(staff), idOf(visit));
    if (!found) return missing(visit, staff);
    return page(
      <EstablishmentPreviewPage
        view={visit.view({ person: await visit.person(), path: `${path}/${found.fileId}` })}
        staff={staff}
        preview={found}
        hasChangedMeanwhile={hasChangedMeanwhile}
      />,
      hasChangedMeanwhile
        ? {
            status: 409,
            data: { refusal: "establishments.file.changed-meanwhile", incident: visit.caller.incident },
          }
        : {},
    );
  }

  desk.get(path, "establishments.edit", (visit, staff) => form(visit, staff, []));

  desk.postWithFiles(
    path,
    "establishments.edit",
    { maxBytes: longestFileBytes, maxFiles: 1 },
    async (visit, staff) => {
      const [file] = visit.files("file");
      if (!file) return form(visit, staff, [], false);
      if (file.isTooLarge) return form(visit, staff, [{ line: 1, refusal: "establishments.file.too-large" }]);
      const by = { staff, caller: visit.caller };
      const read = await files.read(by, wallsOf(staff), file);
      return read.ok ? redirect(`${path}/${read.fileId}`) : form(visit, staff, read.faults);
    },
  );

  desk.get(`${path}/:file`, "establishments.edit", (visit, staff) => preview(visit, staff, false));

  desk.post(`${path}/:file/apply`, "establishments.edit", async (visit, staff) => {
    const by = { staff, caller: visit.caller };
    const applied = await files.apply(by, wallsOf(staff), idOf(visit), visit.field("digest"));
    if (!applied) return missing(visit, staff);
    if (!applied.ok) return preview(visit, staff, true);
    visit.leaveNotice({
      tone: "good",
      key: "establishments.file.applied",
      values: { count: applied.changes },
    });
    return redirect("/desk/establishments");
  });

  desk.post(`${path}/:file/drop`, "establishments.edit", async (visit, staff) => {
    if (!(await files.drop({ staff }, idOf(visit)))) return missing(visit, staff);
    visit.leaveNotice({ tone: "good", key: "establishments.file.dropped" });
    return redirect("/desk/establishments");
  });
}
