import type { Readable } from "node:stream";
import type { Preset } from "../../config/preset.ts";
import { type Answer, file as fileAnswer, json, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { Visit } from "../../http/visit.ts";
import type { MessageKey } from "../../i18n/translations.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Db, Store } from "../../store/store.ts";
import type { Desk } from "../roles/desk.ts";
import type { Case } from "./cases.ts";
import { CasePage } from "./desk-case.pages.tsx";
import type { CaseForm, CasePageProps } from "./desk-case-props.tsx";
import { wordsOr } from "./desk-case-words.ts";
import { deskContext } from "./desk-cases.routes.tsx";
import type { Escalation } from "./escalation.ts";
import type { Inbox } from "./inbox.ts";
import { type InboxActs, relaysToHandTo } from "./inbox-acts.ts";
import type { InboxCase, PersonFound } from "./inbox-case.ts";

export interface DeskCaseRoutesDeps {
  store: Store;
  clock: Clock;
  preset: Preset;
  inbox: Inbox;
  inboxCase: InboxCase;
  acts: InboxActs;
  escalation: Escalation;
  /** The newest message both ways, by which a page knows that it is behind. */
  newestOf: (db: Db, caseId: string) => Promise<string | null>;
  searchPeople: (staff: Staff, words: string) => Promise<PersonFound[]>;
  /** A picture of one of these cases; null for any other. */
  readAttachment: (
    db: Db,
    id: string,
    caseIds: string[],
  ) => Promise<{ row: { name: string; type: string }; body: Readable } | null>;
}

type Refused = { ok: false; refusal: string };

/** At which field of which form a refusal is said; the rest is said on a page of its own, or as what is not there. */
const fields: Record<string, { form: CaseForm; field: string }> = {
  "inbox.hand-over.reason-missing": { form: "hand-over", field: "reason" },
  "inbox.hand-over.nobody": { form: "hand-over", field: "to" },
  "inbox.hand-over.same": { form: "hand-over", field: "to" },
  "escalation.reason-missing": { form: "escalate", field: "escalate-reason" },
  "inbox.merge.unknown": { form: "merge", field: "merge" },
  "cases.other-person": { form: "merge", field: "merge" },
  "inbox.symptom.unknown": { form: "symptom", field: "symptom" },
  "inbox.place.missing": { form: "place", field: "place" },
  "inbox.place.unknown": { form: "place", field: "place" },
  "inbox.place.several": { form: "place", field: "place" },
  "inbox.place.same": { form: "place", field: "place" },
};

/** Refusals of the room of people, in words that name the case. */
const notices: Record<string, MessageKey> = {
  "people.too-many": "inbox.details.too-many",
  "people.frozen": "inbox.details.frozen",
};

/** The words of a refusal that stands alone; one that needs more than its own words is said in general ones. */
function noticeOf(visit: Visit, refusal: string): MessageKey {
  const key = notices[refusal] ?? (refusal as MessageKey);
  return wordsOr(visit.t, key, "inbox.refused") === visit.t("inbox.refused") ? "inbox.refused" : key;
}

/** One case: its page, and every act on it. */
export function deskCaseRoutes(desk: Desk, deps: DeskCaseRoutesDeps): void {
  const { acts, clock, inbox, inboxCase, preset } = deps;
  const nameIn = (visit: Visit) => decodeURIComponent(visit.path.split("/")[3] ?? "");
  const addressOf = (row: Pick<Case, "number">) => `/desk/cases/${row.number}`;

  type Shown = Partial<Pick<CasePageProps, "draft" | "failed" | "hasNewer" | "found">>;

  async function caseAnswer(visit: Visit, staff: Staff, row: Case, shown: Shown = {}): Promise<Answer> {
    const { draft = {}, failed = null, hasNewer = false, found = null } = shown;
    const isRefusal = failed !== null || hasNewer;
    const file = await inboxCase.open(staff, row);
    return page(
      <CasePage
        view={visit.view({ isRefusal, person: staff, path: addressOf(row) })}
        staff={staff}
        context={deskContext({ clock, preset }, visit)}
        file={file}
        relaysToHandTo={relaysToHandTo(preset, row, visit.locale)}
        escalatesTo={deps.escalation.nextOf(row)}
        draft={draft}
        failed={failed}
        hasNewer={hasNewer}
        found={found}
      />,
      isRefusal ? { status: hasNewer ? 409 : 422 } : {},
    );
  }

  desk.get("/desk/cases/:number", "cases.see", async (visit, staff) => {
    const row = await inboxCase.find(staff, nameIn(visit));
    if (!row) return problemAnswer(visit, 404);
    const words = visit.query("person").trim().slice(0, 200);
    const found =
      words === "" || !staff.may.has("people.search")
        ? null
        : { words, people: await deps.searchPeople(staff, words) };
    return caseAnswer(visit, staff, row, { found });
  });

  desk.get("/desk/cases/:number/attachments/:id", "cases.see", async (visit, staff) => {
    const row = await inboxCase.find(staff, nameIn(visit));
    const caseIds = row ? await inboxCase.idsOf(row) : [];
    const found = await deps.readAttachment(deps.store, visit.path.split("/")[5] ?? "", caseIds);
    if (!found) return problemAnswer(visit, 404);
    return fileAnswer(found.body, { type: found.row.type, filename: found.row.name });
  });

  // Asked by a page that is open: who else has it open, and whether somebody wrote.
  desk.post("/desk/cases/:number/viewing", "cases.see", async (visit, staff) => {
    const row = await inboxCase.find(staff, nameIn(visit));
    if (!row) return json({ refusal: "cases.not-found" }, { status: 404 });
    const names = await inbox.lookAt(staff, row.id);
    return json({ names, newest: (await deps.newestOf(deps.store, row.id)) ?? "" });
  });

  /** An act on a case that may be seen; afterwards its page again, or the list when it is no longer theirs to see. */
  function act(
    name: string,
    run: (visit: Visit, staff: Staff, row: Case) => Promise<Answer | { ok: true } | Refused>,
    notice: MessageKey,
    form: { form: CaseForm; field: string } | null = null,
  ): void {
    desk.post(`/desk/cases/:number/${name}`, "cases.answer", async (visit, staff) => {
      const row = await inboxCase.find(staff, nameIn(visit));
      if (!row) return problemAnswer(visit, 404);
      const outcome = await run(visit, staff, row);
      if ("kind" in outcome) return outcome;
      if (!outcome.ok) return refusedAnswer(visit, staff, row, outcome.refusal, form);
      visit.leaveNotice({ tone: "good", key: notice, values: { number: row.number } });
      return redirect((await inboxCase.find(staff, row.id)) ? addressOf(row) : "/desk/cases");
    });
  }

  async function refusedAnswer(
    visit: Visit,
    staff: Staff,
    row: Case,
    refusal: string,
    form: { form: CaseForm; field: string } | null,
  ): Promise<Answer> {
    if (refusal === "cases.not-found" || refusal === "people.unknown") return problemAnswer(visit, 404);
    const place = fields[refusal] ?? form;
    if (place) {
      const message = visit.t(refusal as MessageKey);
      const failed = { form: place.form, errors: [{ field: place.field, message }] };
      return caseAnswer(visit, staff, row, { draft: visit.fields(), failed });
    }
    // Somebody else was quicker, or a limit is reached: the page shows how the case stands now.
    visit.leaveNotice({ tone: "careful", key: noticeOf(visit, refusal) });
    return redirect(addressOf(row));
  }

  act(
    "answer",
    async (visit, staff, row) => {
      const text = visit.field("answer").replaceAll("\r\n", "\n");
      if (visit.field("act") === "insert") return withInserted(visit, staff, row, text);
      const isSolved = visit.field("act") === "solve";
      const seen = visit.field("seen") === "" ? null : visit.field("seen");
      const outcome = await acts.answer(staff, row.id, text, { seen, isSolved });
      if (!outcome.ok && outcome.refusal === "cases.newer-message") {
        // Nothing is lost: what was written stands below what came meanwhile.
        return caseAnswer(visit, staff, row, { draft: { answer: text }, hasNewer: true });
      }
      return outcome;
    },
    "inbox.answer.sent",
    { form: "answer", field: "answer" },
  );

  /** Without script: the chosen text below what was written already. */
  async function withInserted(visit: Visit, staff: Staff, row: Case, text: string): Promise<Answer> {
    const { canned } = await inboxCase.open(staff, row);
    const chosen = canned.find(({ id }) => id === visit.field("canned"));
    const parts = [text.trimEnd(), chosen?.text ?? ""].filter((part) => part !== "");
    return caseAnswer(visit, staff, row, { draft: { answer: parts.join("\n\n") } });
  }

  act(
    "note",
    (visit, staff, row) => acts.note(staff, row.id, visit.field("note").replaceAll("\r\n", "\n")),
    "inbox.note.kept",
    { form: "note", field: "note" },
  );
  act("take", (_, staff, row) => acts.assignToMe(staff, row.id, true), "inbox.acts.taken");
  act("put-back", (_, staff, row) => acts.assignToMe(staff, row.id, false), "inbox.acts.was-put-back");
  act("solve", (_, staff, row) => acts.solve(staff, row.id), "inbox.acts.solved");
  act("close", (_, staff, row) => acts.close(staff, row.id), "inbox.acts.closed");
  act("reopen", (_, staff, row) => acts.reopen(staff, row.id), "inbox.acts.reopened");
  act(
    "hand-over",
    (visit, staff, row) => {
      const [kind, id = ""] = visit.field("to").split(":");
      const to = kind === "relay" ? { relay: id } : { colleague: id };
      return acts.handOver(staff, row.id, to, visit.field("reason"));
    },
    "inbox.hand-over.done",
  );
  act(
    "escalate",
    (visit, staff, row) => deps.escalation.escalateByHand(staff, row.id, visit.field("escalate-reason")),
    "inbox.escalate.done",
  );
  act(
    "symptom",
    (visit, staff, row) => acts.changeSymptom(staff, row.id, visit.field("symptom")),
    "inbox.symptom.done",
  );
  act("place", (visit, staff, row) => acts.move(staff, row.id, visit.field("place")), "inbox.place.done");
  act(
    "merge",
    async (visit, staff, row) => {
      const merged = await acts.merge(staff, row.id, visit.field("merge"));
      if (!merged.ok) return merged;
      visit.leaveNotice({ tone: "good", key: "inbox.merge.done", values: { number: row.number } });
      return redirect(addressOf(merged.row));
    },
    "inbox.merge.done",
    { form: "merge", field: "merge" },
  );
  act(
    "tie",
    (visit, staff, row) => {
      const account = visit.field("account");
      return acts.tie(staff, visit.caller, row.id, account === "" ? null : account);
    },
    "inbox.tie.done",
    { form: "person", field: "person" },
  );
  act(
    "identity",
    (visit, staff, row) => acts.askIdentity(staff, visit.caller, row.id, visit.field("contact")),
    "inbox.identity.asked",
  );
  act(
    "apply",
    (visit, staff, row) =>
      acts.applyDetails(staff, visit.caller, row, visit.t("inbox.details.reason", { number: row.number })),
    "inbox.details.done",
  );
}
