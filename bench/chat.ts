import { Agent, type ClientRequest, request } from "node:http";
import * as accountRows from "../src/accounts/accounts.store.ts";
import { insertGrant } from "../src/desk/roles/roles.store.ts";
import { day, systemClock } from "../src/kernel/clock.ts";
import { createIds } from "../src/kernel/ids.ts";
import { createKeys } from "../src/kernel/keys.ts";
import { drawToken, systemRandom } from "../src/kernel/random.ts";
import { Secret } from "../src/kernel/secret.ts";
import type { Store } from "../src/store/store.ts";
import { type Bench, type BenchServer, benchSecret, emailOf, startServer } from "./bench.ts";
import { formHeaders } from "./load.ts";

const conversations = 500;
const staffCount = 50;
/** Each of the conversations says something every ten seconds. */
const messagesASecond = 50;
const warmForSeconds = 3;
const measuredForSeconds = 20;
const visitorsAtOnce = 1000;

/** The figure that a share of them stays within. */
const share = (times: number[], of: number) =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * of))] as number;

const agent = new Agent({ keepAlive: true, maxSockets: 2000 });

interface Answer {
  status: number;
  location: string;
  cookies: string[];
}

/** One form sent, its answer read to the end. */
function post(url: string, path: string, cookie: string, fields: Record<string, string>): Promise<Answer> {
  const body = new URLSearchParams(fields).toString();
  const headers = { ...formHeaders, cookie, "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const asked = request(url + path, { method: "POST", agent, headers }, (answer) => {
      answer.resume();
      answer.on("end", () =>
        resolve({
          status: answer.statusCode ?? 0,
          location: answer.headers.location ?? "",
          cookies: (answer.headers["set-cookie"] ?? []).map((line) => line.split(";")[0] as string),
        }),
      );
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

/** Hears a stream of events until it is left. */
function listen(url: string, path: string, cookie: string, heard: (piece: string) => void): ClientRequest {
  const asked = request(url + path, { headers: { cookie } }, (answer) => {
    if (answer.statusCode !== 200) throw new Error(`A stream was refused: ${answer.statusCode}.`);
    answer.setEncoding("utf8");
    answer.on("data", heard);
  });
  asked.on("error", () => {});
  asked.end();
  return asked;
}

/** Makes everybody in the database staff who are signed in at the desk; answers their cookies. */
async function seatStaff(store: Store): Promise<string[]> {
  const ids = createIds(systemClock, systemRandom);
  const keys = createKeys(systemRandom, new Secret(benchSecret), null);
  const now = systemClock.now();
  const cookies: string[] = [];
  await store.transact(async (tx) => {
    for (let index = 0; index < staffCount; index++) {
      const [found] = await accountRows.contactPointsAt(tx, emailOf(index));
      const accountId = found?.account.id as string;
      const cookiePlain = drawToken(systemRandom);
      const session = {
        id: ids.uuid(),
        digest: keys.digest("session", cookiePlain),
        account_id: accountId,
        known_browser_id: null,
        created_at: now,
        last_seen_at: now,
        idle_until: now + day,
        absolute_until: now + day,
        is_remembered: 0,
        browser: null,
        source_address: null,
        second_factor_at: now,
      };
      await tx.tables<{ sessions: typeof session }>().insertInto("sessions").values(session).execute();
      await insertGrant(tx, {
        id: ids.uuid(),
        account_id: accountId,
        role: "support",
        establishment_id: null,
        granted_at: now,
        granted_by: null,
        expires_at: null,
      });
      cookies.push(`loquet-session=${cookiePlain}`);
    }
  });
  return cookies;
}

/** Does `work` for each, some at once. */
async function forEachOf<Item>(
  items: Item[],
  atOnce: number,
  work: (item: Item, index: number) => Promise<void>,
) {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < items.length) {
        const index = next++;
        await work(items[index] as Item, index);
      }
    }),
  );
}

const askFor = (url: string, index: number) =>
  post(url, "/chat", "", {
    name: `Person ${index}`,
    email: `visitor${index}@bench.example`,
    what: "Je ne reçois pas le code.",
    symptom: "other",
    live: "1",
  });

interface Chat {
  id: string;
  visitor: string;
  staff: string;
}

/** Visitors who ask, once all of the staff are there; answers their cookies. */
async function begin(visitorUrl: string, staffUrl: string, staff: string[]): Promise<string[]> {
  await forEachOf(staff, 10, async (cookie) => {
    const available = { available: "1", takes: "10", live: "1" };
    const { status } = await post(staffUrl, "/desk/chat/available", cookie, available);
    if (status !== 303) throw new Error(`The desk answered ${status}.`);
  });
  const visitors: string[] = [];
  await forEachOf(Array.from({ length: conversations }), 10, async (_, index) => {
    const { location, cookies } = await askFor(visitorUrl, index);
    if (location !== "/chat/talk") throw new Error(`A conversation led to ${location}.`);
    visitors[index] = cookies.find((cookie) => cookie.startsWith("loquet-browser=")) ?? "";
  });
  return visitors;
}

/** Gives each of the staff their share of them; who is who is told by the names on the desk. */
async function takeAll(staffUrl: string, visitors: string[], staff: string[]): Promise<Chat[]> {
  const line = /href="\/desk\/chat\/([0-9a-f-]{36})"[^>]*><bdi>Person (\d+)<\/bdi>/g;
  const chats: Chat[] = [];
  while (chats.length < visitors.length) {
    const page = await fetch(`${staffUrl}/desk/chat`, { headers: { cookie: staff[0] as string } });
    const text = (await page.text()).split('id="mine-title"')[0] ?? "";
    const waiting = [...text.matchAll(line)].flatMap(([, id, index]) => {
      const visitor = visitors[Number(index)];
      return visitor && id ? [{ id, visitor }] : [];
    });
    if (waiting.length === 0) throw new Error("Nobody waits, and not all are taken.");
    await forEachOf(waiting, 10, async ({ id, visitor }) => {
      const chat = { id, visitor, staff: staff[chats.length % staff.length] as string };
      chats.push(chat);
      await post(staffUrl, `/desk/chat/${id}/take`, chat.staff, { live: "1" });
    });
  }
  return chats;
}

interface Figures {
  toStaff: number[];
  toVisitor: number[];
  lost: number;
}

/** Lets both sides talk, and takes the time from sending a message to hearing it on the other side. */
async function talk(visitorUrl: string, staffUrl: string, chats: Chat[]): Promise<Figures> {
  const sent = new Map<string, { at: number; side: "visitor" | "staff" }>();
  const figures: Figures = { toStaff: [], toVisitor: [], lost: 0 };
  let isMeasured = false;
  const hears = (side: "visitor" | "staff") => (piece: string) => {
    for (const [token] of piece.matchAll(/§\d+§/g)) {
      const message = sent.get(token);
      if (!message || message.side === side) continue;
      sent.delete(token);
      if (!isMeasured) continue;
      (side === "staff" ? figures.toStaff : figures.toVisitor).push(performance.now() - message.at);
    }
  };
  const streams = chats.map(({ visitor }) =>
    listen(visitorUrl, "/chat/events?after=1", visitor, hears("visitor")),
  );
  // Each of the staff has one of their conversations before them.
  const watched = chats.slice(0, staffCount);
  for (const { id, staff } of watched)
    streams.push(listen(staffUrl, `/desk/chat/events?chat=${id}&after=1`, staff, hears("staff")));
  await new Promise((resolve) => setTimeout(resolve, 2000));

  let count = 0;
  const underWay = new Set<Promise<unknown>>();
  const send = () => {
    const n = count++;
    const token = `§${n}§`;
    const key = `bench-key-${n}`;
    const isStaff = n % 2 === 0;
    // What visitors say is heard where it is watched: every second one of theirs; the others only load.
    const among = isStaff || n % 4 === 1 ? chats : watched;
    const chat = among[(n * 7) % among.length] as Chat;
    sent.set(token, { at: performance.now(), side: isStaff ? "staff" : "visitor" });
    if (!isStaff && !watched.includes(chat)) sent.delete(token);
    const posted = isStaff
      ? post(staffUrl, `/desk/chat/${chat.id}/say`, chat.staff, { text: token, key })
      : post(visitorUrl, "/chat/say", chat.visitor, { text: token, key });
    const done = posted.then(({ status }) => {
      if (status !== 303) throw new Error(`A message was answered ${status}.`);
    });
    underWay.add(done);
    void done.finally(() => underWay.delete(done)).catch(() => {});
  };
  const timer = setInterval(send, 1000 / messagesASecond);
  await new Promise((resolve) => setTimeout(resolve, warmForSeconds * 1000));
  sent.clear();
  isMeasured = true;
  await new Promise((resolve) => setTimeout(resolve, measuredForSeconds * 1000));
  clearInterval(timer);
  await Promise.all(underWay);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  figures.lost = sent.size;
  for (const stream of streams) stream.destroy();
  return figures;
}

function report(bench: Bench, name: string, { toStaff, toVisitor, lost }: Figures): void {
  for (const [side, times] of [
    ["to the visitor", toVisitor],
    ["to staff", toStaff],
  ] as const) {
    const p99 = share(times, 0.99);
    bench.say(
      `${name}, ${side}: ${times.length} messages, half within ${share(times, 0.5).toFixed(1)} ms, the slowest ${Math.max(...times).toFixed(1)} ms`,
    );
    bench.result(
      `chat message ${side}, ${conversations} open conversations, ${name}`,
      `99 % within ${p99.toFixed(1)} ms`,
      "< 200 ms",
      p99 < 200 && lost === 0,
    );
  }
  const slow = [...toVisitor, ...toStaff].filter((time) => time >= 200).length;
  if (slow > 0) bench.say(`${name}: ${slow} took 200 ms or more`);
  if (lost > 0) bench.say(`${name}: ${lost} messages were not heard`);
}

/** What visitors get who come all at once, when one of the staff is there: a place in the queue, or a written request. */
async function rush(bench: Bench, url: string, staff: string, engine: string): Promise<void> {
  await post(url, "/desk/chat/available", staff, { available: "1", takes: "4", live: "1" });
  const times: number[] = [];
  const beganAt = performance.now();
  const answers = { talk: 0, written: 0, other: 0 };
  await forEachOf(
    Array.from({ length: visitorsAtOnce }, (_, n) => n),
    100,
    async (index) => {
      const startedAt = performance.now();
      const { location } = await askFor(url, 10_000 + index);
      times.push(performance.now() - startedAt);
      if (location === "/chat/talk") answers.talk++;
      else if (location.startsWith("/contact/sent")) answers.written++;
      else answers.other++;
    },
  );
  const tookSeconds = (performance.now() - beganAt) / 1000;
  bench.say(
    `${engine}: all answered in ${tookSeconds.toFixed(1)} s, 99 % within ${share(times, 0.99).toFixed(0)} ms, a hundred asking at any moment`,
  );
  bench.result(
    `${visitorsAtOnce} visitors at once, one of the staff, ${engine}`,
    `${answers.talk} in the queue, ${answers.written} written, ${answers.other} lost`,
    "none lost",
    answers.other === 0 && answers.talk > 0,
  );
}

/** Until what the visitors before were sent has left: it is not what is measured next. */
async function untilSent(url: string): Promise<void> {
  for (;;) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const unsent = [...metrics.matchAll(/^loquet_messages_unsent(?:{[^}]*})? (\d+)/gm)];
    if (unsent.every(([, count]) => count === "0")) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

/** A chat message from one side to the other, on one node and on two. */
export async function measureChat(bench: Bench): Promise<void> {
  for (const engine of bench.engines) {
    for (const nodes of engine === "postgres" ? [1, 2] : [1]) {
      let staff: string[] = [];
      const first: BenchServer = await startServer({
        engine,
        accounts: staffCount,
        postgresUrl: bench.postgresUrl,
        prepare: async (store) => {
          staff = await seatStaff(store);
        },
      });
      const second =
        nodes === 2
          ? await startServer({
              engine,
              accounts: 0,
              postgresUrl: bench.postgresUrl,
              environment: { DATABASE_URL: first.databaseUrl ?? "" },
            })
          : null;
      try {
        const staffUrl = (second ?? first).url;
        if (nodes === 1) await rush(bench, first.url, staff[0] as string, engine);
        await untilSent(first.url);
        const visitors = await begin(first.url, staffUrl, staff);
        const chats = await takeAll(staffUrl, visitors, staff);
        bench.say(`${engine}: ${chats.length} conversations under way, ${staff.length} of the staff`);
        const name = nodes === 2 ? `${engine}, two nodes` : engine;
        report(bench, name, await talk(first.url, staffUrl, chats));
      } finally {
        await second?.stop();
        await first.stop();
      }
    }
  }
}
