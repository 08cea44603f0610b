import { Readable } from "node:stream";
import type { Desk } from "../../desk/roles/desk.ts";
import { type Answer, file, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { Visit } from "../../http/visit.ts";
import type { MessageKey } from "../../i18n/translations.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Outcome } from "../../kernel/outcome.ts";
import { csvLine } from "../../ui/csv.ts";
import type { FieldError, View } from "../../ui/view.ts";
import { ImportPage, type Onward, schoolsLinkedAtMost } from "./import.pages.tsx";
import { FaultsPage, ImportPeoplePage, UnmatchedPage } from "./import-lists.pages.tsx";
import { filesAtMost, ImportsPage, importsPath, megabytesAtMost } from "./imports.pages.tsx";
import { sourceOfBytes } from "./read/source.ts";
import {
  type ApplyRefusal,
  deskBytesAtMost,
  type Import,
  type Importer,
  type PersonAction,
  peoplePageSize,
  type RegistryImport,
} from "./registry-import.ts";
import { faultWords, fileName, readKey } from "./registry-import-words.ts";
import { faultsAtMost } from "./staging.ts";

export interface ImportsRoutesDeps {
  registry: RegistryImport;
  closesAfterDays: number;
  /** As whom this member of staff loads files, and into which schools. */
  importerOf(staff: Staff): Promise<Importer>;
  /** Ids of the schools inside which this member of staff may do this; null: everywhere. */
  schoolsOf(
    staff: Staff,
    act: "registry.import" | "letters.print" | "statistics.see",
  ): Promise<ReadonlySet<string> | null>;
}

const act = "registry.import";
const bytesAtMost = megabytesAtMost * 1024 * 1024;
const importsShown = 20;
const personActions: PersonAction[] = ["new", "changed", "moved", "returned", "gone", "same"];

/** `/desk/imports`: files of a registry are loaded, shown as what they would change, and applied at a press. */
export function importsRoutes(desk: Desk, deps: ImportsRoutesDeps): void {
  const { registry, importerOf, closesAfterDays } = deps;
  const idOf = (visit: Visit) => visit.path.split("/")[3] ?? "";

  async function form(visit: Visit, staff: Staff, errors: FieldError[] = []): Promise<Answer> {
    const isPosted = errors.length > 0;
    const importer = await importerOf(staff);
    const schoolCode = isPosted ? visit.field("school") : ((await registry.onlySchool(importer)) ?? "");
    return page(
      <ImportsPage
        view={visit.view({ person: staff, isRefusal: isPosted, path: importsPath })}
        staff={staff}
        imports={await registry.list(importer, importsShown)}
        schoolCode={schoolCode}
        errors={errors}
      />,
      isPosted
        ? { status: 422, data: { refusal: "registry-import.files", errors, incident: visit.caller.incident } }
        : {},
    );
  }

  /** One import within this member's walls; what is not is answered as what does not exist. */
  function withImport(show: (visit: Visit, staff: Staff, one: Import, view: View) => Promise<Answer>) {
    return async (visit: Visit, staff: Staff): Promise<Answer> => {
      const one = await registry.see(await importerOf(staff), idOf(visit));
      if (!one) return problemAnswer(visit, 404);
      return show(visit, staff, one, visit.view({ person: staff, isRefusal: one.refusal !== null }));
    };
  }

  function answered(
    visit: Visit,
    one: Import,
    outcome: Outcome<object, ApplyRefusal>,
    key: MessageKey,
  ): Answer {
    visit.leaveNotice(outcome.ok ? { tone: "good", key } : { tone: "careful", key: outcome.refusal });
    return redirect(`${importsPath}/${one.id}`);
  }

  /** Where it goes on once a registry is applied: the letters and figures that this member of staff may see. */
  async function onward(staff: Staff, one: Import): Promise<Onward[]> {
    if (one.status !== "applied") return [];
    const within = async (of: "letters.print" | "statistics.see") =>
      staff.may.has(of) ? await deps.schoolsOf(staff, of) : new Set<string>();
    const [letters, statistics] = [await within("letters.print"), await within("statistics.see")];
    return one.schools.slice(0, schoolsLinkedAtMost).map((school) => ({
      school,
      hasLetters: letters?.has(school.id) ?? true,
      hasStatistics: statistics?.has(school.id) ?? true,
    }));
  }

  desk.get(importsPath, act, (visit, staff) => form(visit, staff));

  desk.postWithFiles(
    importsPath,
    act,
    { maxBytes: bytesAtMost, maxFiles: filesAtMost, maxTotalBytes: bytesAtMost },
    async (visit, staff) => {
      const { t } = visit;
      const files = visit.files("files");
      const wrong = (message: string) => form(visit, staff, [{ field: "files", message }]);
      if (files.length === 0) return wrong(t("registry-import.missing"));
      if (files.length > filesAtMost)
        return wrong(t("registry-import.too-many-files", { most: filesAtMost }));
      if (files.some(({ isTooLarge }) => isTooLarge)) {
        return wrong(t("registry-import.file-too-large", { megabytes: megabytesAtMost }));
      }
      const made = await registry.read(await importerOf(staff), {
        sources: files.map(({ filename, bytes }) => sourceOfBytes(filename, bytes)),
        schoolCode: visit.field("school"),
        bytesAtMost: deskBytesAtMost,
      });
      return redirect(`${importsPath}/${made.id}`);
    },
  );

  desk.get(
    `${importsPath}/:id`,
    act,
    withImport(async (_visit, staff, one, view) =>
      page(<ImportPage {...{ view, staff, one, closesAfterDays }} onward={await onward(staff, one)} />, {
        data: {
          status: one.status,
          refusal: one.refusal,
          counts: one.counts,
          done: one.done,
          total: one.total,
          // What the page listens for while it is applied.
          state: one.status === "applying" ? "waiting" : "finished",
          next: `${importsPath}/${one.id}`,
        },
      }),
    ),
  );

  desk.post(
    `${importsPath}/:id/apply`,
    act,
    withImport(async (visit, staff, one) => {
      const marksGone = visit.field("gone") !== "";
      const { caller } = visit;
      const begun = await registry.apply(await importerOf(staff), one.id, { marksGone, caller });
      return answered(visit, one, begun, "registry-import.started");
    }),
  );

  desk.post(
    `${importsPath}/:id/cancel`,
    act,
    withImport(async (visit, staff, one) => {
      const ended = await registry.cancel(await importerOf(staff), one.id);
      return answered(visit, one, ended, "registry-import.cancelled.done");
    }),
  );

  desk.post(
    `${importsPath}/:id/resume`,
    act,
    withImport(async (visit, staff, one) => {
      const begun = await registry.resume(await importerOf(staff), one.id);
      return answered(visit, one, begun, "registry-import.started");
    }),
  );

  desk.post(
    `${importsPath}/:id/abandon`,
    act,
    withImport(async (visit, staff, one) => {
      const ended = await registry.abandon(await importerOf(staff), one.id);
      return answered(visit, one, ended, "registry-import.abandoned.done");
    }),
  );

  desk.get(
    `${importsPath}/:id/people`,
    act,
    withImport(async (visit, staff, one, view) => {
      const action = personActions.find((known) => known === visit.query("action")) ?? "new";
      const key = readKey(visit.query("after"));
      const after = key && { establishment_id: key[0], kind: key[1], record_id: key[2] };
      const people = await registry.people(one.id, action, after);
      const isFull = people.length === peoplePageSize;
      return page(
        <ImportPeoplePage {...{ view, staff, one, action, people, isFull }} isFirst={after === null} />,
      );
    }),
  );

  desk.get(
    `${importsPath}/:id/unmatched`,
    act,
    withImport(async (visit, staff, one, view) => {
      const key = readKey(visit.query("after"));
      const after = key && { establishment_id: key[0], guardian_record_id: key[1], pupil_record_id: key[2] };
      const links = await registry.unmatched(one.id, after);
      const isFull = links.length === peoplePageSize;
      return page(<UnmatchedPage {...{ view, staff, one, links, isFull }} isFirst={after === null} />);
    }),
  );

  desk.get(
    `${importsPath}/:id/faults`,
    act,
    withImport(async (visit, staff, one, view) => {
      const typed = Number(visit.query("after"));
      const after = Number.isSafeInteger(typed) && typed > 0 ? typed : 0;
      const faults = await registry.faults(one.id, null, after);
      const isFull = faults.length === peoplePageSize;
      return page(
        <FaultsPage
          {...{ view, staff, one, faults, isFull }}
          isFirst={after === 0}
          keptAtMost={faultsAtMost}
        />,
      );
    }),
  );

  desk.get(
    `${importsPath}/:id/faults.csv`,
    act,
    withImport(async (_visit, _staff, one, view) =>
      file(Readable.from(faultLines(view, one)), {
        type: "text/csv; charset=utf-8",
        filename: `loquet-registre-${one.id.slice(0, 8)}.csv`,
      }),
    ),
  );

  /** Piece by piece: a registry may have thousands of them. What a spreadsheet would run is made harmless. */
  async function* faultLines(view: View, one: Import): AsyncGenerator<string> {
    const { t } = view;
    const head = ["file", "line", "kind", "reason", "what"] as const;
    yield `\uFEFF${csvLine(head.map((name) => t(`registry-import.csv.${name}`)))}`;
    for (let after = 0; ; ) {
      const faults = await registry.faults(one.id, null, after, 500);
      for (const fault of faults) {
        yield csvLine([
          fileName(one, fault.file),
          fault.line,
          t(fault.is_refused === 1 ? "registry-import.csv.yes" : "registry-import.csv.no"),
          faultWords(view, fault),
          fault.what,
        ]);
      }
      if (faults.length < 500) return;
      after = faults.at(-1)?.position ?? 0;
    }
  }
}
