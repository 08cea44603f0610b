import { renderToString } from "preact-render-to-string";
import type { Kind, Preset } from "../../config/preset.ts";
import { type Symptom, symptoms } from "../../config/symptoms.ts";
import { type Answer, json, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { EventStream } from "../../http/event-streams.ts";
import type { Http } from "../../http/server.ts";
import type { Visit } from "../../http/visit.ts";
import type { MessageKey } from "../../i18n/translations.ts";
import type { Caller, Person } from "../../kernel/caller.ts";
import { type Clock, second } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { FieldError, View } from "../../ui/view.ts";
import { ChatFormPage, EndedPage, StandingWords, TalkActs, TalkPage } from "./chat.pages.tsx";
import type { Chat, ChatEvidence, ChatRules } from "./chat.ts";
import { evidenceRows } from "./chat-evidence.pages.tsx";
import {
  asksAboutSchool,
  type ChatFormRead,
  type ChatValues,
  chatFields,
  readChatForm,
} from "./chat-form.ts";
import { oneAtATimeOnly } from "./chat-live.ts";
import { SaidList } from "./chat-log.pages.tsx";
import { longestText } from "./chat-talk.ts";

/** A form that was opened: the id of what it will make, and what it sends along of itself. */
export interface ChatDraft {
  caseId: string;
  evidence: ChatEvidence;
}

export interface ChatRoutesDeps {
  clock: Clock;
  ids: Ids;
  preset: Pick<Preset, "kinds" | "support">;
  url: string;
  chat: ChatRules;
  /** What the room of written requests does with a form, for this one does the same. */
  evidence: {
    gather(seen: {
      incident: string;
      diagnosis: string;
      article: string;
      from: string;
      referer: string | null;
      host: string | null;
      userAgent: string | null;
      browser: string | null;
      locale: string;
    }): ChatEvidence;
    newDraft(evidence: ChatEvidence): ChatDraft;
    sealDraft(draft: ChatDraft, browserId: string): string;
    readDraft(sealed: string, browserId: string): ChatDraft | null;
  };
  aboutPerson: (person: Person) => Promise<{ name: string; kind: Kind; email: string | null } | null>;
  /** By when a written request is answered. */
  expectedAnswer: (symptom: Symptom) => Promise<number>;
  /** Sends it as a written request; answers where that is said, or until when to wait. */
  writeInstead: (
    caller: Caller,
    person: Person | null,
    asked: ChatFormRead & { symptom: Symptom; draft: ChatDraft },
  ) => Promise<{ ok: true; path: string } | { ok: false; until: number }>;
  caseLinkToken: (caseId: string) => string;
}

const readSymptom = (text: string): Symptom => symptoms.find((symptom) => symptom === text) ?? "other";
const noValues = Object.fromEntries(chatFields.map((name) => [name, ""])) as ChatValues;

/** The person's pages: the form, the conversation, and what became of it. */
export function chatRoutes(http: Http, deps: ChatRoutesDeps): void {
  const { chat, evidence, preset, clock } = deps;
  const { visitor } = chat;
  const { hasChat } = preset.support;

  interface Shown {
    values: ChatValues;
    draft: ChatDraft;
    symptom: Symptom;
    errors: FieldError[];
    waitUntil: number | null;
    /** What was typed was said to a conversation that is not open here any more. */
    isGone?: boolean;
  }

  async function form(visit: Visit, shown: Shown): Promise<Answer> {
    const { errors, waitUntil, draft, symptom, values, isGone = false } = shown;
    const { incident, browserId } = visit.caller;
    const view = visit.view({
      isRefusal: errors.length > 0 || waitUntil !== null || isGone,
      person: await visit.person(),
      path: "/chat",
    });
    return page(
      <ChatFormPage
        view={view}
        state={await chat.state()}
        values={values}
        errors={errors}
        asksAboutSchool={asksAboutSchool(preset)}
        evidence={evidenceRows(view, draft.evidence, "person")}
        carried={{ draft: evidence.sealDraft(draft, browserId), symptom }}
        expectedAt={await deps.expectedAnswer(symptom)}
        waitUntil={waitUntil}
        isGone={isGone}
      />,
      isGone
        ? { status: 410, data: { refusal: "chat.none", next: "/chat", incident } }
        : refusalStatus(clock, { errors, waitUntil, refusal: "chat.invalid", incident }),
    );
  }

  /** The form as it is met first; `typed` where what was to be said is there already. */
  async function newForm(visit: Visit, typed: { what: string } | null = null): Promise<Answer> {
    const person = await visit.person();
    const about = person && (await deps.aboutPerson(person));
    return form(visit, {
      values: {
        ...noValues,
        name: about?.name ?? "",
        email: about?.email ?? "",
        establishment: visit.query("establishment").slice(0, 150),
        ...typed,
      },
      draft: draftOf(visit),
      symptom: readSymptom(visit.query("symptom")),
      errors: [],
      waitUntil: null,
      isGone: typed !== null,
    });
  }

  const draftOf = (visit: Visit): ChatDraft =>
    evidence.newDraft(
      evidence.gather({
        incident: visit.query("incident"),
        diagnosis: visit.query("diagnosis"),
        article: visit.query("article"),
        from: visit.query("from"),
        referer: visit.header("referer"),
        host: new URL(deps.url).host,
        userAgent: visit.header("user-agent"),
        browser: visit.caller.browser,
        locale: visit.locale,
      }),
    );

  http.get("/chat", async (visit) => {
    if (!hasChat) return problemAnswer(visit, 404);
    const earlier = await visitor.mine(visit.caller, await visit.person());
    return earlier && earlier.status !== "ended" ? redirect("/chat/talk") : newForm(visit);
  });

  http.post("/chat", async (visit) => {
    if (!hasChat) return problemAnswer(visit, 404);
    const values = { ...noValues };
    for (const name of chatFields) values[name] = visit.field(name);
    const draft = evidence.readDraft(visit.field("draft"), visit.caller.browserId) ?? draftOf(visit);
    const symptom = readSymptom(visit.field("symptom"));
    const { read, mistakes } = readChatForm(values, preset);
    const errors = errorsOf(visit, mistakes);
    const shown: Shown = { values, draft, symptom, errors, waitUntil: null };
    if (errors.length > 0) return form(visit, shown);
    const person = await visit.person();
    // Only a page whose script runs can be talked with.
    const isLive = visit.field("live") === "1";
    if (isLive) {
      const { caseId: id, evidence: gathered } = draft;
      const about = person && (await deps.aboutPerson(person));
      const request = { ...read, id, kind: about?.kind ?? null, symptom, evidence: gathered };
      const begun = await visitor.begin(visit.caller, person, request);
      if (begun.ok) return redirect("/chat/talk");
    }
    const written = await deps.writeInstead(visit.caller, person, { ...read, symptom, draft });
    if (!written.ok) return form(visit, { ...shown, waitUntil: written.until });
    if (isLive) visit.leaveNotice({ tone: "careful", key: "chat.written" });
    return redirect(written.path);
  });

  async function talkPage(
    visit: Visit,
    row: Chat,
    more: { typed?: string; errors?: FieldError[]; waitUntil?: number } = {},
  ): Promise<Answer> {
    const { typed = "", errors = [], waitUntil = null } = more;
    const view = visit.view({
      isRefusal: errors.length > 0,
      person: await visit.person(),
      path: "/chat/talk",
    });
    const messages = await visitor.messages(row);
    const shared = { view, messages, ownUrl: deps.url, typed, errors, messageKey: deps.ids.uuid() };
    const followPath =
      row.is_mailed === 0 && row.case_id !== null && row.ended_by !== "dropped"
        ? `/contact/case?token=${deps.caseLinkToken(row.case_id)}`
        : null;
    return page(
      row.status === "ended" ? (
        <EndedPage {...shared} row={row} followPath={followPath} />
      ) : (
        <TalkPage {...shared} standing={await visitor.standing(row)} />
      ),
      refusalStatus(clock, { errors, waitUntil, refusal: "chat.invalid", incident: visit.caller.incident }),
    );
  }

  http.get("/chat/talk", async (visit) => {
    const row = await visitor.mine(visit.caller, await visit.person());
    if (!row) return redirect("/chat");
    await visitor.touch(row);
    return talkPage(visit, row);
  });

  http.post("/chat/say", async (visit) => {
    const person = await visit.person();
    const said = await visitor.say(visit.caller, person, {
      text: visit.field("text"),
      key: visit.field("key"),
    });
    if (said.ok) {
      if (!visit.wantsJson) return redirect("/chat/talk");
      return json(await newsOf(visit.view({ person }), said.row, readSeq(visit.field("after"))));
    }
    const waitUntil = said.refusal === "chat.too-fast" ? said.until : undefined;
    const message = visit.t(said.refusal as MessageKey, {
      max: longestText,
      ...(waitUntil === undefined ? {} : { moment: visit.view().moment(waitUntil) }),
    });
    const row = await visitor.mine(visit.caller, person);
    if (visit.wantsJson) {
      const { incident } = visit.caller;
      const gone = row ? {} : { next: "/chat" };
      const status = !row ? 410 : waitUntil === undefined ? 422 : 429;
      return json({ refusal: said.refusal, message, incident, ...gone }, { status });
    }
    if (!row) return newForm(visit, { what: visit.field("text") });
    const errors = [{ field: "text", message }];
    return talkPage(visit, row, { typed: visit.field("text"), errors, waitUntil });
  });
  // Where a form with a mistake was answered: a reload by hand comes back to the conversation.
  http.get("/chat/say", async () => redirect("/chat/talk"));

  http.post("/chat/end", async (visit) => {
    const asked = visit.field("how");
    const how = asked === "by-mail" || asked === "dropped" ? asked : "person";
    await visitor.end(visit.caller, await visit.person(), how);
    return redirect("/chat/talk");
  });

  http.post("/chat/close", async (visit) => {
    await visitor.close(visit.caller, await visit.person());
    visit.leaveNotice({ tone: "good", key: "chat.closed" });
    return redirect("/help");
  });

  function stateOf(view: View, standing: Awaited<ReturnType<typeof visitor.standing>>) {
    return {
      state: renderToString(<StandingWords view={view} standing={standing} />),
      acts: renderToString(<TalkActs view={view} standing={standing} />),
      isOver: standing.row.status === "ended",
    };
  }

  const saidOf = (view: View, message: Awaited<ReturnType<typeof visitor.messages>>[number]) => ({
    seq: message.seq,
    isOwn: message.kind === "person",
    html: renderToString(<SaidList view={view} messages={[message]} reader="person" ownUrl={deps.url} />),
  });

  async function newsOf(view: View, row: Chat, after: number) {
    const messages = await visitor.messages(row, after);
    return {
      messages: messages.map((message) => saidOf(view, message)),
      ...stateOf(view, await visitor.standing(row)),
    };
  }

  // For browsers, or networks, that keep events back: what the stream would have told.
  http.watch("/chat/news", async (visit) => {
    const person = await visit.person();
    const row = await visitor.mine(visit.caller, person);
    if (!row) {
      const message = visit.t("chat.none");
      return json({ refusal: "chat.none", message, next: "/chat" }, { status: 410 });
    }
    await visitor.touch(row);
    return json(await newsOf(visit.view({ person }), row, readSeq(visit.query("after"))));
  });

  http.stream("/chat/events", async (visit) => {
    const person = await visit.person();
    const row = await visitor.mine(visit.caller, person);
    if (!row) return json({ refusal: "chat.none" }, { status: 404 });
    await visitor.touch(row);
    const view = visit.view({ person });
    const after = readSeq(visit.lastEventId ?? visit.query("after"));
    return (events) => follow(events, view, row, after);
  });

  function follow(events: EventStream, view: View, begun: Chat, after: number): () => void {
    let last = after;
    let shown = "";
    let isWaiting = begun.status === "waiting";
    const tell = oneAtATimeOnly(async () => {
      const row = await visitor.again(begun);
      if (!row) return events.close();
      isWaiting = row.status === "waiting";
      for (const message of await visitor.messages(row, last)) {
        last = message.seq;
        events.send("said", saidOf(view, message), String(last));
      }
      const state = stateOf(view, await visitor.standing(row));
      const written = JSON.stringify(state);
      if (written !== shown) events.send("state", state);
      shown = written;
    }, events.close);
    const ends = [
      chat.live.people.open(begun.id, events.close),
      chat.live.onChat(begun.id, tell),
      // One's place among those who wait.
      chat.live.onDesk(() => isWaiting && tell()),
    ];
    tell();
    return () => {
      for (const end of ends) end();
    };
  }
}

/** The number of a message; 0 for whatever is none. */
export function readSeq(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

function errorsOf(visit: Visit, mistakes: { field: string; refusal: string }[]): FieldError[] {
  return mistakes.map(({ field, refusal }) => ({
    field,
    message: visit.t(refusal as MessageKey, { max: longestText }),
  }));
}

/** 429 and until when, 422 and the mistakes, or all is well. */
export function refusalStatus(
  clock: Clock,
  refused: { errors: FieldError[]; waitUntil: number | null; refusal: string; incident: string },
) {
  const { errors, waitUntil, refusal, incident } = refused;
  if (waitUntil !== null) {
    return {
      status: 429,
      retryAfterSeconds: Math.max(1, Math.ceil((waitUntil - clock.now()) / second)),
      data: { refusal, until: waitUntil, incident },
    };
  }
  return errors.length > 0 ? { status: 422, data: { refusal, errors, incident } } : {};
}
