import { maskEmail } from "../../accounts/addresses/email-address.ts";
import type { Preset } from "../../config/preset.ts";
import { type Answer, file, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { Caller } from "../../kernel/caller.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import type { FieldError } from "../../ui/view.ts";
import type { Attachments, KeptPicture } from "./attachments.ts";
import { CasePage, IdentityAnsweredPage, IdentityPage, UnknownCasePage, WellPage } from "./case.pages.tsx";
import { errorsOf, uploadLimits } from "./contact.routes.tsx";
import type { Contact } from "./contact.ts";
import type { ContactCase, SeenCase } from "./contact-cases.ts";
import { longestMessage } from "./contact-form.ts";
import type { Evidence } from "./evidence.ts";
import { picturesOfForm } from "./form-pictures.ts";
import { writeRecord, writeRecordJson } from "./record.ts";

type LinkEnd = "expired" | "used" | "replaced" | "refused" | "unknown";

export interface CaseRoutesDeps {
  clock: Clock;
  preset: Preset;
  contact: Contact;
  attachments: Attachments;
  relayName: (relayId: string, locale: string) => string;
  readPicture: (id: string, caseIds: string[]) => ReturnType<Attachments["read"]>;
  /** « Est-ce vous ? », asked at a contact point of record. */
  identity: {
    read(linkPlain: string): Promise<{ condition: "open" | LinkEnd; row: ContactCase | null }>;
    answer(caller: Caller, linkPlain: string, isTheirs: boolean): Promise<"open" | LinkEnd>;
  };
}

/** The case that a link leads to, without account; every change is a press. */
export function caseRoutes(http: Http, deps: CaseRoutesDeps): void {
  const { contact, attachments, clock } = deps;

  function unknown(visit: Visit): Answer {
    return page(<UnknownCasePage view={visit.view({ isRefusal: true, path: "/contact" })} />, {
      status: 410,
      data: { refusal: "contact.unknown", incident: visit.caller.incident },
    });
  }

  const pathOf = (token: string) => `/contact/case?token=${encodeURIComponent(token)}`;

  async function show(
    visit: Visit,
    token: string,
    more: { errors?: FieldError[]; typed?: string; kept?: KeptPicture[]; waitUntil?: number } = {},
  ): Promise<Answer> {
    const seen = await contact.look(token);
    if (!seen) return unknown(visit);
    const { errors = [], typed = "", kept = [], waitUntil = null } = more;
    const person = await visit.person();
    const { incident, browserId } = visit.caller;
    const isRefusal = errors.length > 0 || waitUntil !== null;
    return page(
      <CasePage
        view={visit.view({ isRefusal, person, path: pathOf(token) })}
        token={token}
        row={seen.row}
        isAsked={seen.isAsked}
        messages={seen.messages}
        pictures={seen.pictures}
        relay={deps.relayName(seen.row.relay, visit.locale)}
        now={clock.now()}
        errors={errors}
        typed={typed}
        kept={kept}
        carried={{ kept: attachments.carry(kept, browserId) }}
        signedInName={person?.name ?? null}
        waitUntil={waitUntil}
      />,
      waitUntil !== null
        ? {
            status: 429,
            retryAfterSeconds: Math.max(1, Math.ceil((waitUntil - clock.now()) / second)),
            data: { refusal: "contact.too-many", until: waitUntil, incident },
          }
        : errors.length > 0
          ? { status: 422, data: { refusal: "contact.invalid", errors, incident } }
          : {},
    );
  }

  http.get("/contact/case", (visit) => show(visit, visit.query("token")));

  http.postWithFiles("/contact/case/message", uploadLimits, async (visit) => {
    const token = visit.field("token");
    const typed = visit.field("what");
    if (!(await contact.look(token))) return unknown(visit);
    const { kept, mistakes } = await picturesOfForm(visit, { contact, attachments });
    if (mistakes.length > 0) return show(visit, token, { errors: errorsOf(visit, mistakes), typed, kept });
    const outcome = await contact.addMessage(token, { body: typed, pictures: kept });
    if (outcome.ok) {
      visit.leaveNotice({ tone: "good", key: "contact.case.sent" });
      return redirect(pathOf(token));
    }
    switch (outcome.refusal) {
      case "contact.unknown":
        return unknown(visit);
      case "contact.too-many":
        return show(visit, token, { typed, kept, waitUntil: outcome.until });
      default:
        return show(visit, token, {
          errors: errorsOf(visit, [{ field: "what", ...outcome, values: { max: longestMessage } }]),
          typed,
          kept,
        });
    }
  });
  // Where a form with a mistake was answered: a reload by hand comes back to the case.
  http.get("/contact/case/message", async () => redirect("/contact"));

  http.post("/contact/case/confirm", async (visit) => {
    const token = visit.field("token");
    const pressed = await contact.confirm(token, await visit.person());
    if (!pressed) return unknown(visit);
    visit.leaveNotice({ tone: "good", key: "contact.case.confirmed" });
    return redirect(pathOf(token));
  });

  http.post("/contact/case/not-me", async (visit) => {
    const token = visit.field("token");
    const pressed = await contact.disown(token);
    if (!pressed) return unknown(visit);
    visit.leaveNotice(
      pressed.ok
        ? { tone: "good", key: "contact.case.disowned" }
        : { tone: "careful", key: "contact.case.confirmed-before" },
    );
    return redirect(pathOf(token));
  });

  http.post("/contact/case/solved", async (visit) => {
    const token = visit.field("token");
    const pressed = await contact.solved(token);
    if (!pressed) return unknown(visit);
    visit.leaveNotice({ tone: "good", key: "contact.case.thanks-settled" });
    return redirect(pathOf(token));
  });

  http.get("/contact/well", async (visit) => {
    const token = visit.query("token");
    const seen = await contact.look(token);
    if (!seen) return unknown(visit);
    // Open again, or answered before: there is nothing to be asked.
    const isOver = seen.row.status === "solved" || seen.row.status === "closed";
    if (!isOver || seen.row.satisfaction !== null) return redirect(pathOf(token));
    return page(<WellPage view={visit.view()} token={token} number={seen.row.number} />);
  });

  http.post("/contact/well", async (visit) => {
    const token = visit.field("token");
    const well = ([1, 2, 3] as const).find((one) => String(one) === visit.field("well"));
    if (!well) return redirect(pathOf(token));
    const pressed = await contact.rate(token, well);
    if (!pressed) return unknown(visit);
    if (pressed.ok) visit.leaveNotice({ tone: "good", key: `contact.well.thanks.${well}` });
    return redirect(pathOf(token));
  });

  http.get("/contact/case/picture", async (visit) => {
    const seen = await contact.look(visit.query("token"));
    const found = seen && (await deps.readPicture(visit.query("id"), seen.caseIds));
    if (!found) return problemAnswer(visit, 404);
    return file(found.body, { type: found.row.type, filename: found.row.name });
  });

  http.get("/contact/case/record", async (visit) => {
    const seen = await contact.look(visit.query("token"));
    if (!seen) return unknown(visit);
    const relay = deps.relayName(seen.row.relay, visit.locale);
    return visit.query("as") === "json"
      ? file(Buffer.from(writeRecordJson(seen, relay)), {
          type: "application/json; charset=utf-8",
          filename: `${seen.row.number}.json`,
        })
      : file(Buffer.from(recordText(visit, seen, relay)), {
          type: "text/plain; charset=utf-8",
          filename: `${seen.row.number}.txt`,
        });
  });

  function recordText(visit: Visit, seen: SeenCase, relay: string): string {
    const { t, brand, moment } = visit.view();
    return writeRecord(seen, { t, moment, relay, brand: brand.name });
  }

  function answered(visit: Visit, answer: "yes" | "no" | LinkEnd): Answer {
    const isDone = answer === "yes" || answer === "no";
    const view = visit.view({ isRefusal: !isDone, path: "/contact" });
    return page(
      <IdentityAnsweredPage view={view} answer={answer} />,
      isDone
        ? {}
        : { status: 410, data: { refusal: `contact.identity.${answer}`, incident: visit.caller.incident } },
    );
  }

  http.get("/contact/identity", async (visit) => {
    const token = visit.query("token");
    const { condition, row } = await deps.identity.read(token);
    if (condition !== "open" || !row) return answered(visit, condition === "open" ? "unknown" : condition);
    const { browser = null } = JSON.parse(row.evidence) as Evidence;
    return page(
      <IdentityPage
        view={visit.view()}
        token={token}
        row={row}
        from={row.email === null ? null : maskEmail(row.email)}
        browser={browser}
        newDetails={[row.new_email, row.new_phone].filter((detail) => detail !== null)}
      />,
    );
  });

  http.post("/contact/identity", async (visit) => {
    const token = visit.field("token");
    const isTheirs = visit.field("answer") === "yes";
    if (!isTheirs && visit.field("answer") !== "no") {
      return redirect(`/contact/identity?token=${encodeURIComponent(token)}`);
    }
    const condition = await deps.identity.answer(visit.caller, token, isTheirs);
    return answered(visit, condition === "open" ? (isTheirs ? "yes" : "no") : condition);
  });
}
