import { get as ask, type ClientRequest } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { CaseRow, CaseTables } from "../../src/desk/cases/cases.store.ts";
import { day, hour, minute, second } from "../../src/kernel/clock.ts";
import { anAccount } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { has } from "../support/needs.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { findFreePort } from "../support/postgres-server.ts";
import { composeMail, sendMail } from "../support/smtp-client.ts";
import { aStaffMember, atTheDesk, type MadeStaff } from "../support/staff.ts";
import { linkOf } from "../support/visitor.ts";

let portal: TestPortal;
let camille: MadeStaff;
let sacha: MadeStaff;
let desk: PlainBrowser;
let otherDesk: PlainBrowser;
let mailPort: number;

async function open(engine: "sqlite" | "postgres"): Promise<void> {
  mailPort = await findFreePort();
  portal = await startPortal({
    preset: "service",
    engine,
    wideSources: true,
    environment: { LOQUET_INBOUND_MAIL: `127.0.0.1:${mailPort}` },
  });
  await portal.portal.inboundMail?.listen();
  camille = await aStaffMember(portal, "support", { name: "Camille Roy" });
  sacha = await aStaffMember(portal, "support", { name: "Sacha Blin" });
  desk = await atTheDesk(portal, camille);
  otherDesk = await atTheDesk(portal, sacha);
}

/** Nobody is there, and nothing waits, at the beginning of each story. */
async function beginAnew(): Promise<void> {
  for (const browser of [desk, otherDesk]) await available(browser, false);
  portal.clock.advance(10 * minute);
  await portal.settle();
  portal.clock.advance(2 * minute);
  await portal.settle();
}

const available = (browser: PlainBrowser, isOpen = true, takes = "4") =>
  browser.post(
    "/desk/chat/available",
    { available: isOpen ? "1" : "0", takes, live: "1" },
    { follow: false },
  );

let people = 0;

interface Person {
  browser: PlainBrowser;
  email: string;
  /** Where the form led. */
  location: string | null;
}

/** Somebody who asks for a conversation; `live` as the script would say it. */
async function asks(
  text: string,
  more: Partial<Record<"email" | "name" | "live", string>> & { browser?: PlainBrowser } = {},
): Promise<Person> {
  people += 1;
  const email = more.email ?? `personne${people}@example.org`;
  const browser = more.browser ?? new PlainBrowser(portal.url);
  const { html } = await browser.get("/chat?from=/sign-in&incident=7KQ2-M9TD");
  const draft = /name="draft" value="([^"]*)"/.exec(html)?.[1] ?? "";
  const page = await browser.post(
    "/chat",
    { name: more.name ?? "Léa Martin", email, what: text, draft, symptom: "other", live: more.live ?? "1" },
    { follow: false },
  );
  return { browser, email, location: page.location };
}

const says = (browser: PlainBrowser, text: string, key = `key-${people++}-000`) =>
  browser.post("/chat/say", { text, key }, { follow: false });
const answers = (browser: PlainBrowser, id: string, text: string, key = `key-${people++}-000`) =>
  browser.post(`/desk/chat/${id}/say`, { text, key }, { follow: false });
const takes = (browser: PlainBrowser, id: string) =>
  browser.post(`/desk/chat/${id}/take`, { live: "1" }, { follow: false });

/** The id of the conversation that was asked for last. */
async function newestId(): Promise<string> {
  const [row] = await portal.portal.store.ask<{ id: string }>(
    "select id from chats order by asked_at desc, id desc limit 1",
    [],
  );
  return row?.id ?? "";
}

async function caseOf(id: string): Promise<CaseRow | undefined> {
  return portal.portal.store
    .tables<CaseTables>()
    .selectFrom("cases")
    .selectAll()
    .where("id", "=", id)
    .executeTakeFirst();
}

const saidIn = (id: string) =>
  portal.portal.store.ask<{ kind: string; body: string; author_name: string | null; channel: string }>(
    "select kind, body, author_name, channel from case_messages where case_id = ? and kind <> 'event' order by at, id",
    [id],
  );

/** Keeps a stream of events open, as a page would. */
function listen(browser: PlainBrowser, path: string, node = portal.url) {
  let text = "";
  let isEnded = () => {};
  const ended = new Promise<void>((resolve) => {
    isEnded = resolve;
  });
  const names = ["loquet-browser", "loquet-session"];
  const cookie = names.map((name) => `${name}=${browser.cookie(name) ?? ""}`).join("; ");
  const request: ClientRequest = ask(node + path, { headers: { cookie } }, (answer) => {
    answer.setEncoding("utf8");
    answer.on("data", (piece: string) => {
      text += piece;
    });
    answer.on("close", () => isEnded());
  });
  request.on("error", () => {});
  return { text: () => text, ended, close: () => request.destroy() };
}

onEachEngine("a chat", (engine) => {
  beforeAll(() => open(engine));
  afterAll(() => portal?.close());
  beforeEach(() => beginAnew());

  test("is answered by whoever is there, and both hear each other at once", async () => {
    await available(desk);
    const { browser, location } = await asks("Je ne reçois pas le code.");
    expect(location).toBe("/chat/talk");
    const id = await newestId();
    const waiting = await browser.get("/chat/talk");
    expect(waiting.text).toContain("Vous êtes la prochaine personne");
    expect(waiting.text).toContain("moins de deux minutes");

    const theirs = listen(browser, "/chat/events?after=1");
    await expect.poll(theirs.text).toContain("event: state");
    await takes(desk, id);
    await expect.poll(theirs.text).toContain("Camille Roy est là pour répondre");
    const ours = listen(desk, `/desk/chat/events?chat=${id}&after=2`);
    await expect.poll(ours.text).toContain("event: list");
    await answers(desk, id, "Bonjour, regardez dans les indésirables.");
    await expect.poll(theirs.text).toContain("regardez dans les indésirables");
    await says(browser, "Il y est, merci !");
    await expect.poll(ours.text).toContain("Il y est, merci");

    const page = await desk.get(`/desk/chat/${id}`);
    expect(page.text).toContain("7KQ2-M9TD");
    expect(page.text).toContain("/sign-in");
    expect(page.text).toContain("Identité non prouvée");
    theirs.close();
    ours.close();
  });

  test("is found again after a reload, and heard on from where the browser was", async () => {
    await available(desk);
    const { browser } = await asks("Première question.");
    await says(browser, "Une précision.");
    const again = await browser.get("/chat/talk");
    expect(again.text).toContain("Première question.");
    expect(again.text).toContain("Une précision.");
    expect((await browser.get("/chat", { follow: false })).location).toBe("/chat/talk");

    const rest = listen(browser, "/chat/events?after=1");
    await expect.poll(rest.text).toContain("id: 2\nevent: said");
    expect(rest.text()).not.toContain("Première question.");
    rest.close();
    // Nobody else reads it.
    const stranger = new PlainBrowser(portal.url);
    expect((await stranger.get("/chat/talk", { follow: false })).location).toBe("/chat");
    expect((await stranger.get("/chat/events", { follow: false })).status).toBe(404);
  });

  test("has one of two who take it at once", async () => {
    await Promise.all([available(desk), available(otherDesk)]);
    for (let round = 0; round < 4; round++) {
      const { browser } = await asks(`Question ${round}`);
      const id = await newestId();
      await Promise.all([takes(desk, id), takes(otherDesk, id)]);
      const taken = await portal.portal.store.ask<{ author: string }>(
        "select params as author from chat_messages where chat_id = ? and body = 'chat.system.taken'",
        [id],
      );
      expect(taken).toHaveLength(1);
      const outcomes = [await answers(desk, id, "A"), await answers(otherDesk, id, "B")];
      expect(outcomes.map(({ status }) => status).sort()).toEqual([303, 422]);
      await browser.post("/chat/end", { how: "person" });
    }
  });

  test("says once what is sent twice", async () => {
    await available(desk);
    const { browser } = await asks("Bonjour");
    await Promise.all([1, 2, 3].map(() => says(browser, "Une seule fois", "same-key-0001")));
    const { text } = await browser.get("/chat/talk");
    expect(text.split("Une seule fois")).toHaveLength(2);
  });

  test("becomes one conversation when its form is sent twice, with what was typed the second time", async () => {
    await available(desk);
    const { browser, location } = await asks("Bonjour");
    const again = await browser.post(
      "/chat",
      { name: "Léa", email: "lea@example.org", what: "Encore ceci", live: "1" },
      { follow: false },
    );
    expect([location, again.location]).toEqual(["/chat/talk", "/chat/talk"]);
    expect((await browser.get("/chat/talk")).text).toContain("Encore ceci");
  });

  test("keeps the order of what is said at the same moment on both sides", async () => {
    await available(desk);
    const { browser } = await asks("0");
    const id = await newestId();
    await takes(desk, id);
    const theirs = listen(browser, "/chat/events?after=0");
    await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        n % 2 === 0 ? says(browser, `p${n}`) : answers(desk, id, `s${n}`),
      ),
    );
    await expect.poll(() => theirs.text().split("event: said").length).toBe(15);
    const heard = [...theirs.text().matchAll(/^id: (\d+)$/gm)].map(([, seq]) => Number(seq));
    expect(heard).toEqual(Array.from({ length: 14 }, (_, n) => n + 1));
    theirs.close();
  });

  test("that ends becomes a solved request with all that was said, and a mail without a word of the writer", async () => {
    await available(desk);
    const { browser, email } = await asks("Mon mot secret : framboise.", { name: "Framboise" });
    const id = await newestId();
    await takes(desk, id);
    await answers(desk, id, "Je m’en occupe.");
    await desk.post(`/desk/chat/${id}/end`, {}, { follow: false });

    const row = await caseOf(id);
    expect(row).toMatchObject({
      origin: "chat",
      status: "solved",
      assignee_id: camille.account.id,
      incident: "7KQ2-M9TD",
      email_confirmed_at: null,
    });
    expect(row?.first_answered_at).toBeGreaterThan(0);
    expect(await saidIn(id)).toMatchObject([
      { kind: "person", body: "Mon mot secret : framboise.", channel: "chat" },
      { kind: "staff", body: "Je m’en occupe.", author_name: "Camille Roy" },
    ]);
    const mail = await portal.messageTo(email);
    expect(mail.subject).toContain(row?.number);
    expect(mail.text).toContain("Je m’en occupe.");
    expect(`${mail.text}${mail.html}${mail.subject}`.toLowerCase()).not.toContain("framboise");
    const whole = await new PlainBrowser(portal.url).get(linkOf(mail).slice(portal.url.length));
    expect(whole.text).toContain("Mon mot secret : framboise.");

    const ended = await browser.get("/chat/talk");
    expect(ended.text).toContain("L’assistance a terminé la conversation");
    expect(ended.text).toContain(row?.number);
    await browser.post("/chat/close", {});
    expect((await browser.get("/chat/talk", { follow: false })).location).toBe("/chat");
  });

  test("of somebody signed in is theirs, and its mail holds the whole", async () => {
    await available(desk);
    people += 1;
    const email = `compte${people}@example.org`;
    const made = await anAccount(portal, "Nour Benali").email(email).made();
    const browser = new PlainBrowser(portal.url);
    await browser.post("/sign-in", { identifier: email, password: made.password ?? "" });
    const form = await browser.get("/chat");
    expect(form.html).toContain(`value="${email}"`);
    expect(form.html).toContain('value="Nour Benali"');
    await asks("Où est mon reçu ?", { browser, email, name: "Nour Benali" });
    const id = await newestId();
    await takes(desk, id);
    expect((await desk.get(`/desk/chat/${id}`)).text).toContain("Connexion au compte prouvée");
    await answers(desk, id, "Le voici.");
    await browser.post("/chat/end", { how: "person" });
    const mail = await portal.messageTo(email);
    expect(mail.text).toContain("Où est mon reçu ?");
    expect(mail.text).toContain("Le voici.");
    const row = await caseOf(id);
    expect(row?.identity_proved_by).toBe("signed-in");
    expect(row?.email_confirmed_by).toBe("session");
  });

  test("of somebody signed in ends when they sign out: whoever sits there next neither reads it nor goes on", async () => {
    await available(desk);
    people += 1;
    const email = `eleve${people}@example.org`;
    const made = await anAccount(portal, "Aya Diop").email(email).made();
    const browser = new PlainBrowser(portal.url);
    const signIn = { identifier: email, password: made.password ?? "" };
    await browser.post("/sign-in", signIn);
    await asks("Mon secret à moi.", { browser, email, name: "Aya Diop" });
    const id = await newestId();
    expect((await browser.get("/chat/talk")).text).toContain("Si vous vous déconnectez");
    const open = listen(browser, "/chat/events?after=0");
    await expect.poll(open.text).toContain("Mon secret à moi.");
    await browser.post("/sign-out", {}, { follow: false });

    // At once, before anything is done about it.
    await open.ended;
    expect((await browser.get("/chat/talk", { follow: false })).location).toBe("/chat");
    expect((await browser.get("/chat/events", { follow: false })).status).toBe(404);
    expect((await browser.get("/chat/news", { follow: false })).status).toBe(410);
    const next = await says(browser, "C’est quelqu’un d’autre.");
    expect(next.status).toBe(410);
    expect(next.html).not.toContain("Mon secret à moi.");
    await browser.post("/chat/end", { how: "dropped" });
    portal.clock.advance(16 * second);
    await portal.settle();
    expect(await caseOf(id)).toMatchObject({ status: "open", identity_proved_by: "signed-in" });
    expect((await saidIn(id)).map(({ body }) => body)).toEqual(["Mon secret à moi."]);
    expect((await portal.messageTo(email)).subject).toContain("est bien arrivée");
    expect((await desk.get(`/desk/chat/${id}`)).text).toContain("La personne s’est déconnectée");
    expect((await browser.get("/chat/talk", { follow: false })).location).toBe("/chat");
    // They themselves read it again.
    await browser.post("/sign-in", signIn);
    expect((await browser.get("/chat/talk")).text).toContain("Mon secret à moi.");
  });

  test("begun before signing in stays unproved, whoever signs in or out meanwhile", async () => {
    await available(desk);
    const { browser } = await asks("Bonjour");
    const id = await newestId();
    await browser.post("/sign-in", { identifier: sacha.identifier, password: sacha.password ?? "" });
    await says(browser, "Toujours moi.");
    await browser.post("/sign-out", {}, { follow: false });
    portal.clock.advance(16 * second);
    await portal.settle();
    expect((await browser.get("/chat/talk")).text).toContain("Toujours moi.");
    expect((await desk.get(`/desk/chat/${id}`)).text).toContain("Identité non prouvée");
  });

  test("is not kept open by its own page: nobody stays signed in by what a page asks by itself", async () => {
    const idleUntil = async () => {
      const [row] = await portal.portal.store.ask<{ idle_until: number }>(
        "select idle_until from sessions where account_id = ? order by created_at desc limit 1",
        [camille.account.id],
      );
      return Number(row?.idle_until);
    };
    await available(desk);
    await asks("Bonjour");
    const id = await newestId();
    const before = await idleUntil();
    portal.clock.advance(3 * minute);
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const page = listen(desk, "/desk/chat/events");
      await expect.poll(page.text).toContain("event: list");
      vi.advanceTimersByTime(20_000);
      await expect.poll(page.text).toContain("still here");
      expect((await desk.get(`/desk/chat/${id}/news?after=0`)).status).toBe(200);
      expect(await idleUntil()).toBe(before);
      portal.clock.advance(hour);
      vi.advanceTimersByTime(20_000);
      await page.ended;
    } finally {
      vi.useRealTimers();
    }
    [desk, otherDesk] = [await atTheDesk(portal, camille), await atTheDesk(portal, sacha)];
  });

  test("has nobody there because somebody looks at the desk who was there yesterday", async () => {
    await available(desk);
    portal.clock.advance(day);
    [desk, otherDesk] = [await atTheDesk(portal, camille), await atTheDesk(portal, sacha)];
    const page = listen(desk, "/desk/chat/events");
    await expect.poll(page.text).toContain("event: list");
    for (let turn = 0; turn < 3; turn++) {
      portal.clock.advance(16 * second);
      await portal.settle();
    }
    expect((await new PlainBrowser(portal.url).get("/chat")).text).toContain("Personne n’est là");
    page.close();
    // After a short standstill, whoever was there still is.
    await available(desk);
    const open = listen(desk, "/desk/chat/events");
    await expect.poll(open.text).toContain("event: list");
    portal.clock.advance(2 * minute);
    await portal.settle();
    portal.clock.advance(3 * second);
    expect((await new PlainBrowser(portal.url).get("/chat")).text).toContain("Quelqu’un est là");
    open.close();
  });

  test("loses nothing that was typed on a page that is over: it stands in the form of a new one", async () => {
    await available(desk);
    const { browser } = await asks("Bonjour");
    await browser.post("/chat/end", { how: "by-mail" });
    portal.clock.advance(31 * minute);
    desk = await atTheDesk(portal, camille);
    const late = await says(browser, "Longuement écrit, et gardé.");
    expect(late.status).toBe(410);
    expect(late.text).toContain("Cette conversation n’est plus ouverte ici.");
    expect(late.html).toContain("Longuement écrit, et gardé.</textarea>");
    expect(late.html).toMatch(/<form[^>]*action="\/chat"/);
    const told = await browser.post(
      "/chat/say",
      { text: "Encore", key: "key-told-0001" },
      { headers: { accept: "application/json" } },
    );
    expect(JSON.parse(told.html)).toMatchObject({ refusal: "chat.none", next: "/chat" });
  });

  test("takes what a form says that is sent again after its end", async () => {
    await available(desk);
    const browser = new PlainBrowser(portal.url);
    const { html } = await browser.get("/chat");
    const draft = /name="draft" value="([^"]*)"/.exec(html)?.[1] ?? "";
    const send = (what: string) =>
      browser.post(
        "/chat",
        { name: "Léa", email: "lea.encore@example.org", what, draft, symptom: "other", live: "1" },
        { follow: false },
      );
    await send("Une fois");
    const id = await newestId();
    await browser.post("/chat/end", { how: "by-mail" });
    expect((await send("Une fois")).location).toBe("/chat/talk");
    expect((await send("Autre chose")).location).toBe("/chat/talk");
    expect((await saidIn(id)).map(({ body }) => body)).toEqual(["Une fois", "Autre chose"]);
    expect((await browser.get("/chat/talk")).text).toContain("Autre chose");
    // Closed in this browser, the same form begins another one, which has all of it.
    await browser.post("/chat/close", {});
    expect((await send("Une troisième")).location).toBe("/chat/talk");
    const other = await newestId();
    expect(other).not.toBe(id);
    await browser.post("/chat/end", { how: "by-mail" });
    expect((await saidIn(other)).map(({ body }) => body)).toEqual(["Une troisième"]);
  });

  test("promises a mail only where one is sent, and otherwise shows how to follow it", async () => {
    const { max } = portal.config.preset.limits["case-acknowledgement.per-address"];
    const email = "souvent@example.org";
    await available(desk);
    for (let n = 0; n <= max; n++) {
      const { browser } = await asks(`Question ${n}`, { email });
      const id = await newestId();
      if (n % 2 === 0) {
        await takes(desk, id);
        await answers(desk, id, "Voilà.");
      }
      await browser.post("/chat/end", { how: n % 2 === 0 ? "person" : "by-mail" });
      const page = await browser.get("/chat/talk");
      const isPromised = page.text.includes("répondez au message que vous recevrez");
      expect([n, isPromised]).toEqual([n, n < max]);
      expect(page.html.includes("/contact/case?token=")).toBe(!isPromised);
    }
    await portal.settle();
    expect(await portal.messages(email)).toHaveLength(max);
  });

  test("has so many pages open and no more: the oldest gives way", async () => {
    await available(desk);
    const { browser } = await asks("Bonjour");
    const pages: ReturnType<typeof listen>[] = [];
    for (let n = 0; n < 6; n++) {
      const page = listen(browser, "/chat/events?after=0");
      await expect.poll(page.text).toContain("event: state");
      pages.push(page);
    }
    await pages[0]?.ended;
    await says(browser, "Entendu partout ailleurs.");
    for (const page of pages.slice(1)) await expect.poll(page.text).toContain("Entendu partout");
    for (const page of pages) page.close();
  });

  test("goes on when its mail is answered: the request is open again", async () => {
    await available(desk);
    const { email } = await asks("Bonjour");
    const id = await newestId();
    await takes(desk, id);
    await answers(desk, id, "Voilà.");
    await desk.post(`/desk/chat/${id}/end`, {}, { follow: false });
    const mail = (await portal.messageTo(email)) as { replyTo?: string | null };
    expect((await caseOf(id))?.status).toBe("solved");
    const to = mail.replyTo ?? "";
    const raw = await composeMail({
      from: email,
      to,
      subject: "Re: conversation",
      text: "Pas tout à fait réglé.",
    });
    expect((await sendMail(mailPort, { from: email, to, raw })).code).toBe(250);
    await portal.settle();
    expect(await caseOf(id)).toMatchObject({ status: "open", waits_for: "staff", reopened: 1 });
    expect((await saidIn(id)).at(-1)).toMatchObject({ body: "Pas tout à fait réglé.", channel: "mail" });
  });

  test("goes to a colleague, who alone answers then", async () => {
    await Promise.all([available(desk), available(otherDesk)]);
    const { browser } = await asks("Bonjour");
    const id = await newestId();
    await takes(desk, id);
    await desk.post(`/desk/chat/${id}/hand-over`, { to: sacha.account.id }, { follow: false });
    expect((await browser.get("/chat/talk")).text).toContain("Vous parlez avec Sacha Blin");
    const late = await answers(desk, id, "Trop tard, mais gardé.");
    expect(late.status).toBe(422);
    expect(late.html).toContain("Trop tard, mais gardé.");
    expect((await answers(otherDesk, id, "Je prends la suite.")).status).toBe(303);
    // Nobody who is not there is given one.
    await available(desk, false);
    portal.clock.advance(6 * minute);
    await otherDesk.post(`/desk/chat/${id}/hand-over`, { to: camille.account.id }, { follow: false });
    expect((await browser.get("/chat/talk")).text).toContain("Sacha Blin");
  });

  test("is continued in writing when staff say so, and what the person adds is in the request", async () => {
    await available(desk);
    const { browser } = await asks("Bonjour");
    const id = await newestId();
    await takes(desk, id);
    await answers(desk, id, "Je dois demander.");
    const to = await desk.post(`/desk/chat/${id}/case`, {}, { follow: false });
    const row = await caseOf(id);
    expect(row).toMatchObject({ status: "open", waits_for: "staff" });
    expect(to.location).toBe(`/desk/cases/${row?.number}`);
    await says(browser, "J’oubliais ceci.");
    expect((await saidIn(id)).at(-1)).toMatchObject({ body: "J’oubliais ceci.", kind: "person" });
    expect((await browser.get("/chat/talk")).text).toContain("J’oubliais ceci.");
    expect((await answers(desk, id, "Trop tard")).status).toBe(422);
  });

  test("is refused to nobody: without script, or with nobody there, it is a written request", async () => {
    const nobody = await new PlainBrowser(portal.url).get("/chat");
    expect(nobody.text).toContain("Personne n’est là pour discuter en ce moment");
    const alone = await asks("Personne ?");
    expect(alone.location).toMatch(/^\/contact\/sent\?case=/);
    const sent = await alone.browser.get(alone.location ?? "");
    expect(sent.text).toContain("Votre demande est partie par écrit");
    expect((await portal.messageTo(alone.email)).subject).toContain("est bien arrivée");

    await available(desk);
    const plain = await asks("Sans script", { live: "" });
    expect(plain.location).toMatch(/^\/contact\/sent\?case=/);
  });

  test("is polite when all are busy: the queue has an end, and what comes then is written", async () => {
    await available(desk, true, "1");
    const asked: Person[] = [];
    for (let n = 0; n < 8; n++) asked.push(await asks(`Question ${n}`));
    expect(asked.filter(({ location }) => location === "/chat/talk")).toHaveLength(5);
    const busy = await new PlainBrowser(portal.url).get("/chat");
    expect(busy.text).toContain("Tout le monde est occupé en ce moment");
    const last = await asked[4]?.browser.get("/chat/talk");
    expect(last?.text).toContain("Vous avez la place 5 dans la file");
  });

  test("keeps its queue when many come at once", async () => {
    await available(desk, true, "1");
    const asked = await Promise.all(Array.from({ length: 12 }, (_, n) => asks(`Ensemble ${n}`)));
    expect(asked.filter(({ location }) => location === "/chat/talk")).toHaveLength(5);
    expect(asked.filter(({ location }) => location?.startsWith("/contact/sent"))).toHaveLength(7);
  });

  test("whose person has left goes on by mail when something is unanswered, and is over when not", async () => {
    await available(desk);
    const unanswered = await asks("Vite");
    const first = await newestId();
    const answered = await asks("Aussi");
    const second_ = await newestId();
    await takes(desk, second_);
    await answers(desk, second_, "Fait.");
    const page = listen(desk, "/desk/chat/events");
    await expect.poll(page.text).toContain("event: list");
    portal.clock.advance(2 * minute + second);
    await portal.settle();
    expect((await caseOf(first))?.status).toBe("open");
    expect((await caseOf(second_))?.status).toBe("solved");
    expect((await portal.messageTo(unanswered.email)).subject).toContain("est bien arrivée");
    expect((await portal.messageTo(answered.email)).text).toContain("Fait.");
    page.close();
  });

  test("whose staff have left waits a minute, then goes on by mail", async () => {
    await available(desk);
    const { browser, email } = await asks("Il y a quelqu’un ?");
    const id = await newestId();
    const theirs = listen(browser, "/chat/events?after=1");
    await expect.poll(theirs.text).toContain("event: state");
    await desk.post("/sign-out", {}, { follow: false });
    portal.clock.advance(16 * second);
    await portal.settle();
    await expect.poll(theirs.text).toContain("Plus personne n’est là pour le moment");
    expect((await caseOf(id))?.status).toBeUndefined();
    portal.clock.advance(minute);
    await portal.settle();
    await expect.poll(theirs.text).toContain('"isOver":true');
    expect((await caseOf(id))?.status).toBe("open");
    expect((await portal.messageTo(email)).subject).toContain("est bien arrivée");
    theirs.close();
    desk = await atTheDesk(portal, camille);
  });

  test("whose holder is gone is offered to those who are there, else goes on by mail", async () => {
    await Promise.all([available(desk), available(otherDesk)]);
    const { browser } = await asks("Bonjour");
    const id = await newestId();
    await takes(desk, id);
    await answers(desk, id, "J’arrive.");
    await says(browser, "Et donc ?");
    const theirs = listen(browser, "/chat/events?after=1");
    const other = listen(otherDesk, "/desk/chat/events");
    await expect.poll(theirs.text).toContain("event: state");
    await expect.poll(other.text).toContain("event: list");
    portal.clock.advance(91 * second);
    await portal.settle();
    await expect.poll(theirs.text).toContain("Camille Roy n’est plus là");
    await takes(otherDesk, id);
    await expect.poll(theirs.text).toContain("Sacha Blin est là pour répondre");
    await available(otherDesk, false);
    other.close();
    await expect.poll(async () => (await otherDesk.get("/desk/chat")).status).toBe(200);
    portal.clock.advance(91 * second);
    await portal.settle();
    await expect.poll(theirs.text).toContain('"isOver":true');
    expect(await caseOf(id)).toMatchObject({ status: "open", assignee_id: null });
    theirs.close();
  });

  test("without a word for half an hour is over", async () => {
    await available(desk);
    const { browser } = await asks("Bonjour");
    const id = await newestId();
    await takes(desk, id);
    await answers(desk, id, "Bonjour !");
    const streams = [listen(browser, "/chat/events"), listen(desk, "/desk/chat/events")];
    for (const stream of streams) await expect.poll(stream.text).toContain("event:");
    portal.clock.advance(29 * minute);
    await portal.settle();
    expect(await caseOf(id)).toBeUndefined();
    portal.clock.advance(minute);
    await portal.settle();
    expect((await caseOf(id))?.status).toBe("solved");
    for (const stream of streams) stream.close();
  });

  test("is not answered by the person themselves, nor by those without the act", async () => {
    await available(desk);
    await asks("C’est moi, Camille", { browser: desk, email: camille.email });
    const id = await newestId();
    expect((await desk.get(`/desk/chat/${id}`)).status).toBe(404);
    expect((await takes(desk, id)).status).toBe(404);
    expect((await otherDesk.get(`/desk/chat/${id}`)).status).toBe(200);
  });

  test("shows what strangers write as text, and makes links of our own pages only", async () => {
    await available(desk);
    const { browser } = await asks("<script>alert(1)</script> https://evil.example/x");
    const id = await newestId();
    await takes(desk, id);
    const page = await desk.get(`/desk/chat/${id}`);
    expect(page.html).not.toContain("<script>alert");
    expect(page.html).not.toContain('href="https://evil.example');
    await answers(desk, id, `Voyez ${portal.url}/help/locked, pas https://evil.example/y.`);
    const theirs = await browser.get("/chat/talk");
    expect(theirs.html).toContain(`<a href="${portal.url}/help/locked" dir="ltr">`);
    expect(theirs.html).not.toContain('href="https://evil.example');
  });

  test("refuses what is empty or too long, and says until when to wait after too many messages", async () => {
    await available(desk);
    const { browser } = await asks("Bonjour");
    expect((await says(browser, "  ")).status).toBe(422);
    const long = await says(browser, "x".repeat(4001));
    expect(long.status).toBe(422);
    expect(long.html).toContain("x".repeat(4001));
    let last = await says(browser, "0");
    for (let n = 1; n < 62; n++) last = await says(browser, `${n}`);
    expect(last.status).toBe(429);
    expect(last.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(last.html).toContain("61");
  });

  test("is offered on the help and the contact form, with what they know, while somebody is there", async () => {
    const stranger = new PlainBrowser(portal.url);
    const pages = ["/help", "/contact?incident=7KQ2-M9TD", "/contact?symptom=locked&from=/sign-in"];
    for (const path of pages) expect((await stranger.get(path)).html).not.toContain('href="/chat');
    await available(desk);
    for (const path of pages) expect((await stranger.get(path)).html).toContain('href="/chat?');
    const { html } = await stranger.get(pages[2] as string);
    expect(html).toContain('href="/chat?symptom=locked&amp;from=%2Fsign-in"');
  });

  test("is forgotten a week after its end; the request that it became is not", async () => {
    await available(desk);
    const { browser } = await asks("Bonjour");
    const id = await newestId();
    await browser.post("/chat/end", { how: "by-mail" });
    portal.clock.advance(7 * day + hour);
    await portal.settle();
    expect(await portal.portal.store.ask("select 1 from chats where id = ?", [id])).toEqual([]);
    expect(await caseOf(id)).toBeDefined();
    [desk, otherDesk] = [await atTheDesk(portal, camille), await atTheDesk(portal, sacha)];
  });

  test("tells a network that keeps events back the same, one answer at a time", async () => {
    await available(desk);
    const { browser } = await asks("Bonjour");
    const id = await newestId();
    await takes(desk, id);
    await answers(desk, id, "Je vous lis.");
    const news = JSON.parse((await browser.get("/chat/news?after=2")).html);
    expect(news.messages).toHaveLength(1);
    expect(news.messages[0]).toMatchObject({ seq: 3, isOwn: false });
    expect(news.state).toContain("Camille Roy");
    const ours = JSON.parse((await desk.get(`/desk/chat/${id}/news?after=2`)).html);
    expect(ours.messages[0]).toMatchObject({ seq: 3, isOwn: true });
  });
});

describe.skipIf(!has("postgres"))("a chat on two nodes", () => {
  test("is heard on the other one at once, both ways", async () => {
    await open("postgres");
    const there = await startPortal({
      preset: "service",
      wideSources: true,
      seed: 2,
      environment: { DATABASE_URL: portal.config.databaseUrl?.reveal() ?? "" },
    });
    await available(desk);
    const { browser } = await asks("D’un côté");
    const id = await newestId();
    await takes(desk, id);
    const theirs = listen(browser, "/chat/events?after=1", there.url);
    const ours = listen(desk, `/desk/chat/events?chat=${id}&after=1`);
    await expect.poll(theirs.text).toContain("event: state");
    await expect.poll(ours.text).toContain("event: list");
    await answers(desk, id, "De l’autre");
    await expect.poll(theirs.text).toContain("De l’autre");
    const elsewhere = new PlainBrowser(there.url);
    const cookie = `loquet-browser=${browser.cookie("loquet-browser")}`;
    const said = { text: "Bien reçu", key: "key-two-nodes" };
    await elsewhere.post("/chat/say", said, { follow: false, headers: { cookie } });
    await expect.poll(ours.text).toContain("Bien reçu");
    theirs.close();
    ours.close();
    await there.close();
    await portal.close();
  });
});

test("a chat that cannot be looked after does not keep the others waiting", async () => {
  const faults: unknown[] = [];
  await open("sqlite");
  await available(desk);
  const broken = await asks("Abîmée");
  const brokenId = await newestId();
  const { email } = await asks("Intacte");
  const wholeId = await newestId();
  const { store, worker } = portal.portal;
  await store.transact((tx) => tx.ask("update chats set evidence = '{' where id = ?", [brokenId]));
  portal.clock.advance(3 * minute);
  await portal.settle().catch((cause) => faults.push(cause));
  await worker.settle();
  expect(faults).toHaveLength(1);
  expect(await caseOf(brokenId)).toBeUndefined();
  expect((await caseOf(wholeId))?.status).toBe("open");
  expect((await portal.messages(email))[0]?.subject).toContain("est bien arrivée");
  expect((await broken.browser.get("/chat/talk")).text).toContain("Abîmée");
  await portal.close();
});

describe("where the preset has no chat", () => {
  test("its pages are not there, and the desk does not show the room", async () => {
    const school = await startPortal({ preset: "school" });
    expect((await new PlainBrowser(school.url).get("/chat")).status).toBe(404);
    const browser = await atTheDesk(school, await aStaffMember(school, "operator"));
    const home = await browser.get("/desk");
    expect(home.html).toContain('href="/desk/cases"');
    expect(home.html).not.toContain('href="/desk/chat"');
    expect((await browser.get("/desk/chat")).status).toBe(403);
    await school.close();
  });
});
