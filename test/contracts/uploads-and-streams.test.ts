import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { pino } from "pino";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Config, readConfig } from "../../src/config/config.ts";
import { file, json } from "../../src/http/answer.ts";
import type { EventStream } from "../../src/http/event-streams.ts";
import { createHttp, type Http } from "../../src/http/server.ts";
import { createTranslations } from "../../src/i18n/translations.ts";
import type { Person } from "../../src/kernel/caller.ts";
import { createIds } from "../../src/kernel/ids.ts";
import { createKeys } from "../../src/kernel/keys.ts";
import { findProjectRoot } from "../../src/kernel/root.ts";
import { loadAssets } from "../../src/ui/assets.ts";
import { findFreePort } from "../support/postgres-server.ts";
import { seededRandom, TestClock } from "../support/world.ts";

let url: string;
let http: Http;
let heard: EventStream | null = null;
let isStopped = false;
let later: (() => void) | null = null;
const signedIn = new Map<string, Person>();
const ours = { "sec-fetch-site": "same-origin", accept: "application/json" };

async function configOn(port: number, root: string): Promise<Config> {
  const read = readConfig(
    { PORT: String(port), LOQUET_PRESET: "service", LOQUET_SECRET: "only-for-tests-0123456789-0123456789" },
    root,
  );
  if (!read.ok) throw new Error(read.faults.join("\n"));
  return read.config;
}

beforeAll(async () => {
  const root = findProjectRoot();
  const port = await findFreePort();
  const config = await configOn(port, root);
  const clock = new TestClock();
  const random = seededRandom(7);
  url = config.url;
  http = await createHttp({
    config,
    clock,
    random,
    ids: createIds(clock, random),
    keys: createKeys(random, config.secret, null),
    translations: createTranslations(root, config.timezone, config.preset.languages.offered),
    assets: loadAssets(root),
    log: pino({ level: "silent" }),
    readPerson: () => Promise.reject(new Error("A page that asks by itself counts as nobody's sign.")),
    peekPerson: async (cookie): Promise<Person | null> => signedIn.get(cookie) ?? null,
    isSlowed: () => false,
    onAnswer: () => {},
  });
  http.postWithFiles("/pictures", { maxBytes: 1000, maxFiles: 2 }, async (visit) =>
    json({
      text: visit.field("text"),
      files: visit.files("picture").map(({ filename, bytes, isTooLarge }) => ({
        filename,
        length: bytes.length,
        isTooLarge,
      })),
    }),
  );
  http.postWithFiles(
    "/members",
    { maxBytes: 1000, maxFiles: 3, maxTotalBytes: 1500 },
    async (visit) => json(visit.files("picture").map(({ bytes, isTooLarge }) => [bytes.length, isTooLarge])),
    async (visit) => (visit.header("x-member") === "yes" ? null : json({}, { status: 403 })),
  );
  http.post("/words", async (visit) => json({ text: visit.field("text") }));
  http.watch("/news", async (visit) => json({ name: (await visit.person())?.name ?? null }));
  http.get("/record", async () =>
    file(Buffer.from("<script>alert(1)</script>"), { type: "text/html", filename: 'l’été "1".html' }),
  );
  http.get("/later", async () => {
    await new Promise<void>((resolve) => {
      later = resolve;
    });
    return json({});
  });
  http.stream("/events", async (visit) => {
    await visit.person();
    if (visit.query("no") === "1") return json({ refusal: "no" }, { status: 403 });
    return (events) => {
      heard = events;
      events.send("hello", { from: visit.lastEventId }, "7");
      return () => {
        isStopped = true;
      };
    };
  });
  await http.app.listen({ host: "127.0.0.1", port });
});
afterAll(() => http.app.close());

function form(parts: Record<string, string | File | File[]>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(parts)) {
    for (const one of Array.isArray(value) ? value : [value]) data.append(name, one);
  }
  return data;
}

const post = (path: string, body: FormData | string, headers: Record<string, string> = ours) =>
  fetch(url + path, { method: "POST", body, headers });

describe("a form with files", () => {
  test("brings its words and its files, named without folders", async () => {
    const picture = new File(["abc"], "../../été.png");
    const answer = await post("/pictures", form({ text: "bonjour", picture }));
    expect(await answer.json()).toEqual({
      text: "bonjour",
      files: [{ filename: "été.png", length: 3, isTooLarge: false }],
    });
  });

  test("keeps what was typed when a file is too large, and says which", async () => {
    const picture = [new File(["x".repeat(5000)], "grand.png"), new File(["y"], "petit.png")];
    const answer = await post("/pictures", form({ text: "gardé", picture }));
    expect(await answer.json()).toMatchObject({
      text: "gardé",
      files: [
        { filename: "grand.png", isTooLarge: true },
        { filename: "petit.png", isTooLarge: false },
      ],
    });
  });

  test("counts an untouched file field for nothing", async () => {
    const answer = await post("/pictures", form({ text: "seul", picture: new File([], "") }));
    expect(await answer.json()).toEqual({ text: "seul", files: [] });
  });

  test("is taken without files too, as a plain form", async () => {
    const answer = await post("/pictures", "text=simple", {
      ...ours,
      "content-type": "application/x-www-form-urlencoded",
    });
    expect(await answer.json()).toEqual({ text: "simple", files: [] });
  });

  test("is refused from another site, and where no files are taken", async () => {
    const foreign = { "sec-fetch-site": "cross-site", accept: "application/json" };
    expect((await post("/pictures", form({ text: "x" }), foreign)).status).toBe(403);
    expect((await post("/words", form({ text: "x" }))).status).toBe(415);
  });

  test("with a field that is too long is refused: cut, a text would lose its end", async () => {
    expect((await post("/pictures", form({ text: "x".repeat(64 * 1024 - 1) }))).status).toBe(200);
    expect((await post("/pictures", form({ text: "x".repeat(64 * 1024 + 1) }))).status).toBe(413);
  });

  test("is refused when a field is repeated, holds controls, or there are too many files or fields", async () => {
    const many = Array.from({ length: 9 }, (_, n) => new File(["x"], `${n}.png`));
    const fields = Object.fromEntries(Array.from({ length: 150 }, (_, n) => [`f${n}`, "x"]));
    for (const body of [
      form({ text: ["a", "b"] as never }),
      form({ text: "a\u0000b" }),
      form({ picture: many }),
      form(fields),
    ]) {
      const { status } = await post("/pictures", body);
      expect([400, 413]).toContain(status);
    }
  });

  test("takes only so much in all, whatever each file may have", async () => {
    const picture = [600, 800, 200, 100].map((length, n) => new File(["x".repeat(length)], `${n}.png`));
    const answer = await post("/members", form({ picture }), { ...ours, "x-member": "yes" });
    expect(await answer.json()).toEqual([
      [600, false],
      [800, false],
      [0, true],
      [100, false],
    ]);
  });

  test("is not read from whoever may not send it: the answer does not wait for the files", async () => {
    const { port } = new URL(url);
    const socket = connect(Number(port), "127.0.0.1");
    const lines = [
      "POST /members HTTP/1.1",
      `host: 127.0.0.1:${port}`,
      "sec-fetch-site: same-origin",
      "accept: application/json",
      "content-type: multipart/form-data; boundary=x",
      "content-length: 900",
      "",
      '--x\r\ncontent-disposition: form-data; name="picture"; filename="a.png"\r\n\r\nbegun',
    ];
    socket.write(lines.join("\r\n"));
    const [answer] = (await once(socket, "data")) as [Buffer];
    socket.destroy();
    expect(answer.toString("latin1")).toMatch(/^HTTP\/1\.1 403 /);
  });

  test("that is broken off or lies about its boundary is refused, never a fault", async () => {
    const type = "multipart/form-data; boundary=x";
    for (const body of ["", "--x", "--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb", "zzz"]) {
      const { status } = await post("/pictures", body, { ...ours, "content-type": type });
      expect(status).toBeLessThan(500);
    }
    const nothing = { ...ours, "content-type": "multipart/form-data" };
    expect((await post("/pictures", "abc", nothing)).status).toBeLessThan(500);
  });
});

test("a file to keep is an attachment that nothing runs", async () => {
  const answer = await fetch(`${url}/record`);
  expect(answer.headers.get("content-disposition")).toBe(
    `attachment; filename="l__t___1_.html"; filename*=UTF-8''l%E2%80%99%C3%A9t%C3%A9%20%221%22.html`,
  );
  expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  expect(answer.headers.get("content-security-policy")).toContain("sandbox");
});

describe("a stream of events", () => {
  function listen(path: string, headers: Record<string, string> = {}) {
    let text = "";
    let head: Record<string, unknown> = {};
    const asked = request(url + path, { headers });
    asked.on("error", () => {});
    asked.end();
    const ended = new Promise<void>((resolve) => {
      asked.on("response", (answer) => {
        head = answer.headers;
        answer.on("data", (chunk) => {
          text += chunk;
        });
        answer.on("close", resolve);
      });
    });
    return { asked, ended, text: () => text, head: () => head };
  }

  test("sends named events, is told what was heard last, and stops when the browser leaves", async () => {
    isStopped = false;
    const listener = listen("/events", { "last-event-id": "6" });
    await expect.poll(listener.text).toContain('id: 7\nevent: hello\ndata: {"from":"6"}\n\n');
    expect(listener.head()["content-type"]).toContain("text/event-stream");
    expect(listener.head()["content-security-policy"]).toContain("default-src 'none'");
    heard?.send("later", { n: 1 });
    await expect.poll(listener.text).toContain('event: later\ndata: {"n":1}');
    listener.asked.destroy();
    await expect.poll(() => isStopped).toBe(true);
  });

  test("ends when we close it, and may be refused with a page", async () => {
    const listener = listen("/events");
    await expect.poll(listener.text).toContain("hello");
    heard?.close();
    await listener.ended;
    expect((await fetch(`${url}/events?no=1`)).status).toBe(403);
  });

  test("ends with the session that it was opened in; a visitor's, who was in none, goes on", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    try {
      const person = { accountId: "a", sessionId: "one", name: "Léa", locale: "fr", secondFactorAt: null };
      const cookie = `loquet-session=${"A".repeat(22)}`;
      signedIn.set("A".repeat(22), person);
      const listeners = {
        theirs: listen("/events", { cookie }),
        old: listen("/events", { cookie: `loquet-session=${"B".repeat(22)}` }),
      };
      for (const { text } of Object.values(listeners)) await expect.poll(text).toContain("hello");
      const beatsOf = (one: { text: () => string }) => one.text().split(": still here").length - 1;
      vi.advanceTimersByTime(20_000);
      for (const one of Object.values(listeners)) await expect.poll(() => beatsOf(one)).toBe(1);
      const news = await fetch(`${url}/news`, { headers: { cookie } });
      expect(await news.json()).toEqual({ name: "Léa" });

      // Another session under the same cookie is not the one that it was opened in.
      signedIn.set("A".repeat(22), { ...person, sessionId: "two" });
      vi.advanceTimersByTime(20_000);
      await listeners.theirs.ended;
      vi.advanceTimersByTime(20_000);
      await expect.poll(() => beatsOf(listeners.old)).toBe(3);
      listeners.old.asked.destroy();
    } finally {
      vi.useRealTimers();
      signedIn.clear();
    }
  });

  test("is refused where very many come from one source, until some are gone", async () => {
    const listeners: ReturnType<typeof listen>[] = [];
    while (listeners.length < 1000) {
      const more = Array.from({ length: 50 }, () => listen("/events"));
      listeners.push(...more);
      for (const { text } of more) await expect.poll(text).toContain("hello");
    }
    const refused = await fetch(`${url}/events`);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).not.toBeNull();
    for (const { asked } of listeners) asked.destroy();
    await Promise.all(listeners.map(({ ended }) => ended));
    const again = listen("/events");
    await expect.poll(again.text).toContain("hello");
    again.asked.destroy();
  });

  test("closing ends them, and waits for no connection on which nothing is asked", async () => {
    const listener = listen("/events");
    await expect.poll(listener.text).toContain("hello");
    const inAdvance = connect(Number(new URL(url).port), "127.0.0.1");
    await once(inAdvance, "connect");
    const isGone = once(inAdvance, "close");
    const asked = fetch(`${url}/later`);
    await expect.poll(() => later).not.toBeNull();
    const closed = http.app.close();
    later?.();
    expect((await asked).status).toBe(200);
    await closed;
    await isGone;
    await listener.ended;
  });
});
