import { renderToString } from "preact-render-to-string";
import { type Answer, json, page, redirect } from "../../http/answer.ts";
import { problemAnswer } from "../../http/error-pages.tsx";
import type { EventStream } from "../../http/event-streams.ts";
import type { Visit } from "../../http/visit.ts";
import type { MessageKey } from "../../i18n/translations.ts";
import type { Staff } from "../../kernel/caller.ts";
import type { Clock } from "../../kernel/clock.ts";
import type { Ids } from "../../kernel/ids.ts";
import type { FieldError, View } from "../../ui/view.ts";
import type { Desk } from "../roles/desk.ts";
import { readSeq, refusalStatus } from "./chat.routes.tsx";
import type { Chat, ChatEvidence, ChatMessage, ChatRules } from "./chat.ts";
import { evidenceRows } from "./chat-evidence.pages.tsx";
import { oneAtATimeOnly } from "./chat-live.ts";
import { SaidList } from "./chat-log.pages.tsx";
import type { DeskChats } from "./chat-staff.ts";
import { longestText } from "./chat-talk.ts";
import {
  ChatLists,
  DeskChatsPage,
  DeskStanding,
  DeskTalkActs,
  DeskTalkPage,
  isMine,
} from "./desk-chat.pages.tsx";

export interface DeskChatRoutesDeps {
  clock: Clock;
  ids: Ids;
  url: string;
  chat: ChatRules;
}

const act = "chat.answer";
const isId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The staff's pages: who waits, and each conversation. */
export function deskChatRoutes(desk: Desk, deps: DeskChatRoutesDeps): void {
  const { chat } = deps;
  const { staff: rules } = chat;
  const isLive = (visit: Visit) => visit.field("live") === "1" || visit.wantsJson;

  /** The conversation that the address names; null for any other address, and for one's own. */
  function named(visit: Visit, staff: Staff): Promise<Chat | null> {
    const id = visit.path.split("/")[3] ?? "";
    return isId.test(id) ? rules.read(staff, id) : Promise.resolve(null);
  }

  desk.get("/desk/chat", act, async (visit, staff) => {
    const chats = await rules.list(staff);
    const of = visit.query("of");
    const rows = isId.test(of) && of !== staff.accountId ? await rules.ofColleague(staff, of) : [];
    const there = chats.colleagues.find(({ staffId }) => staffId === of);
    const name = there?.name ?? rows[0]?.staff_name;
    return page(
      <DeskChatsPage
        view={visit.view({ person: staff })}
        staff={staff}
        chats={chats}
        colleague={name ? { name, isThere: there !== undefined, rows } : null}
      />,
    );
  });

  desk.post("/desk/chat/available", act, async (visit, staff) => {
    const isOpen = visit.field("available") === "1";
    await rules.setAvailable(staff, {
      isOpen,
      takesAtOnce: Number(visit.field("takes")),
      isLive: isLive(visit),
    });
    visit.leaveNotice({
      tone: "good",
      key: isOpen ? "desk-chat.available.done" : "desk-chat.available.stopped",
    });
    return redirect("/desk/chat");
  });

  desk.post("/desk/chat/ping", act, async (_visit, staff) => json(await rules.ping(staff)));

  async function talkPage(
    visit: Visit,
    staff: Staff,
    row: Chat,
    more: { typed?: string; errors?: FieldError[] } = {},
  ): Promise<Answer> {
    const { typed = "", errors = [] } = more;
    const view = visit.view({
      isRefusal: errors.length > 0,
      person: staff,
      path: `/desk/chat/${row.id}`,
    });
    const { incident } = visit.caller;
    return page(
      <DeskTalkPage
        view={view}
        staff={staff}
        row={row}
        messages={await rules.messages(row)}
        chats={await rules.list(staff)}
        evidence={evidenceRows(view, JSON.parse(row.evidence) as ChatEvidence, "staff")}
        ownUrl={deps.url}
        typed={typed}
        errors={errors}
        messageKey={deps.ids.uuid()}
      />,
      refusalStatus(deps.clock, { errors, waitUntil: null, refusal: "chat.invalid", incident }),
    );
  }

  desk.get("/desk/chat/:id", act, async (visit, staff) => {
    const row = await named(visit, staff);
    return row ? talkPage(visit, staff, row) : problemAnswer(visit, 404);
  });

  /** Another was first, or it is over: the page says how it stands now. */
  function refusedAct(visit: Visit, id: string, refusal: string): Answer {
    if (refusal === "chat.not-found") return problemAnswer(visit, 404);
    visit.leaveNotice({ tone: "careful", key: refusal as MessageKey });
    return redirect(`/desk/chat/${id}`);
  }

  desk.post("/desk/chat/:id/take", act, async (visit, staff) => {
    const row = await named(visit, staff);
    if (!row) return problemAnswer(visit, 404);
    const taken = await rules.take(staff, row.id, { isLive: isLive(visit) });
    return taken.ok ? redirect(`/desk/chat/${row.id}`) : refusedAct(visit, row.id, taken.refusal);
  });

  desk.post("/desk/chat/:id/say", act, async (visit, staff) => {
    const row = await named(visit, staff);
    if (!row) return problemAnswer(visit, 404);
    const said = await rules.say(staff, row.id, { text: visit.field("text"), key: visit.field("key") });
    if (said.ok) {
      if (!visit.wantsJson) return redirect(`/desk/chat/${row.id}`);
      return json(
        await newsOf(visit.view({ person: staff }), staff, said.row, readSeq(visit.field("after"))),
      );
    }
    const message = visit.t(said.refusal, { max: longestText });
    const { incident } = visit.caller;
    const status = said.refusal.startsWith("chat.text.") ? 422 : 409;
    if (visit.wantsJson) return json({ refusal: said.refusal, message, incident }, { status });
    const now = (await rules.read(staff, row.id)) ?? row;
    const errors = [{ field: "text", message }];
    return talkPage(visit, staff, now, { typed: visit.field("text"), errors });
  });

  desk.post("/desk/chat/:id/hand-over", act, async (visit, staff) => {
    const row = await named(visit, staff);
    if (!row) return problemAnswer(visit, 404);
    const given = await rules.handOver(staff, row.id, visit.field("to"));
    if (!given.ok) return refusedAct(visit, row.id, given.refusal);
    visit.leaveNotice({ tone: "good", key: "desk-chat.handed-over", values: { name: given.to } });
    return redirect("/desk/chat");
  });

  for (const { path, how } of [
    { path: "end", how: "staff" },
    { path: "case", how: "staff-case" },
  ] as const) {
    desk.post(`/desk/chat/:id/${path}`, act, async (visit, staff) => {
      const row = await named(visit, staff);
      if (!row) return problemAnswer(visit, 404);
      const ended = await rules.end(staff, row.id, how);
      if (!ended.ok) return refusedAct(visit, row.id, ended.refusal);
      const number = ended.row.case_number ?? "";
      if (how === "staff-case" && staff.may.has("cases.see")) return redirect(`/desk/cases/${number}`);
      visit.leaveNotice({ tone: "good", key: "desk-chat.ended", values: { name: row.name, number } });
      return redirect("/desk/chat");
    });
  }

  const saidOf = (view: View, message: ChatMessage) => ({
    seq: message.seq,
    isOwn: message.kind === "staff",
    html: renderToString(<SaidList view={view} messages={[message]} reader="staff" ownUrl={deps.url} />),
  });

  async function stateOf(view: View, staff: Staff, row: Chat) {
    const colleagues = await rules.colleagues(staff);
    return {
      state: renderToString(<DeskStanding view={view} staff={staff} row={row} />),
      acts: renderToString(<DeskTalkActs view={view} staff={staff} row={row} colleagues={colleagues} />),
      isOver: row.status === "ended",
      isMine: isMine(staff, row),
    };
  }

  const listOf = (view: View, chats: DeskChats, chatId: string | null) => ({
    list: renderToString(<ChatLists view={view} chats={chats} chatId={chatId} />),
    isAvailable: chats.me?.isOpen === true,
  });

  async function newsOf(view: View, staff: Staff, row: Chat, after: number) {
    const chats = await rules.list(staff);
    const messages = await rules.messages(row, after);
    return {
      messages: messages.map((message) => saidOf(view, message)),
      ...(await stateOf(view, staff, row)),
      ...listOf(view, chats, row.id),
    };
  }

  // For browsers, or networks, that keep events back: what the stream would have told.
  desk.watch("/desk/chat/:id/news", act, async (visit, staff) => {
    const row = await named(visit, staff);
    if (!row) return problemAnswer(visit, 404);
    await rules.ping(staff);
    return json(await newsOf(visit.view({ person: staff }), staff, row, readSeq(visit.query("after"))));
  });

  desk.stream("/desk/chat/events", act, async (visit, staff) => {
    const id = visit.query("chat");
    const row = isId.test(id) ? await rules.read(staff, id) : null;
    const view = visit.view({ person: staff });
    const after = readSeq(visit.lastEventId ?? visit.query("after"));
    return (events) => follow(events, { view, staff, begun: row, after });
  });

  interface Followed {
    view: View;
    staff: Staff;
    /** The conversation of the page; null on the page of all. */
    begun: Chat | null;
    after: number;
  }

  function follow(events: EventStream, { view, staff, begun, after }: Followed): () => void {
    const { live } = chat;
    let last = after;
    const sendNew = onlyNew(events);
    const tell = oneAtATimeOnly(async () => {
      const row = begun && (await rules.read(staff, begun.id));
      if (!row) return;
      for (const message of await rules.messages(row, last)) {
        last = message.seq;
        events.send("said", saidOf(view, message), String(last));
      }
      sendNew("state", await stateOf(view, staff, row));
    }, events.close);
    const list = oneAtATimeOnly(async () => {
      sendNew("list", listOf(view, await rules.list(staff), begun?.id ?? null));
    }, events.close);
    const everything = () => {
      tell();
      list();
    };
    const ends = [
      live.staff.open(staff.accountId, events.close),
      live.onDesk(everything),
      live.onStaff(staff.accountId, list),
      ...(begun ? [live.onChat(begun.id, tell)] : []),
    ];
    everything();
    return () => {
      for (const end of ends) end();
    };
  }
}

/** Sends what differs from what was sent last under the same name. */
function onlyNew(events: EventStream): (name: string, data: object) => void {
  const sent = new Map<string, string>();
  return (name, data) => {
    const written = JSON.stringify(data);
    if (sent.get(name) === written) return;
    sent.set(name, written);
    events.send(name, data);
  };
}
