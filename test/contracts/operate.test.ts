import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { build, isStale } from "../../scripts/build.js";
import { PlainBrowser } from "../support/browser.ts";
import { findFreePort } from "../support/postgres-server.ts";
import { Program, runProgram } from "../support/program.ts";

let folder: string;
let port: number;
let environment: Record<string, string>;
const running: Program[] = [];

beforeAll(async () => {
  if (isStale()) await build();
});
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "loquet-operate-"));
  port = await findFreePort();
  environment = { PORT: String(port), LOQUET_DATA: join(folder, "data"), LOQUET_PRESET: "community" };
});
afterEach(async () => {
  for (const program of running.splice(0)) await program.kill();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Whether nothing is listening there any more. */
function isClosed(): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => resolve(true));
    socket.on("connect", () => {
      socket.destroy();
      resolve(false);
    });
  });
}

async function serve(more: Record<string, string> = {}): Promise<Program> {
  const program = new Program(["serve"], { ...environment, ...more });
  running.push(program);
  await program.says("Loquet is open at");
  return program;
}

const loquet = (...words: string[]) => runProgram(words, environment);
const captured = async () =>
  (await (await fetch(`http://127.0.0.1:${port}/_trial/messages.json`)).json()) as {
    to: string;
    subject: string;
  }[];

async function until<Found>(look: () => Promise<Found | undefined>): Promise<Found> {
  for (let tries = 0; tries < 200; tries++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("It did not come.");
}

/** A form of which only the head has arrived: something in hand. */
async function halfAForm() {
  const body = "email=lea%40example.fr";
  const socket = connect(port, "127.0.0.1");
  socket.write(
    `POST /confirm/again HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nOrigin: http://127.0.0.1:${port}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
  );
  let answer = "";
  socket.on("data", (text) => {
    answer += text;
  });
  socket.on("error", () => {});
  await new Promise((resolve) => setTimeout(resolve, 300));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  return {
    socket,
    async finish() {
      socket.write(body.slice(5));
      await closed;
      return answer;
    },
  };
}

describe("serve", () => {
  test("says where it is open and, in a trial, where the people are", async () => {
    const program = await serve();
    expect(program.out).toContain(`Loquet is open at http://127.0.0.1:${port}\n`);
    await program.says(`http://127.0.0.1:${port}/_trial`);
    expect((await fetch(`http://127.0.0.1:${port}/sign-up`)).status).toBe(200);
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "at %s finishes what is in hand, and ends well",
    async (signal) => {
      const program = await serve();
      const form = await halfAForm();
      program.child.kill(signal);
      await expect.poll(isClosed, { timeout: 10_000 }).toBe(true);
      expect(await form.finish()).toMatch(/^HTTP\/1\.1 303 /);
      expect(await program.ended).toBe(0);
    },
  );

  test("at a second signal ends at once", async () => {
    const program = await serve();
    const form = await halfAForm();
    program.child.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 200));
    program.child.kill("SIGTERM");
    expect(await program.ended).toBe(143);
    form.socket.destroy();
  });

  test("has the folder to itself; a killed one leaves it free", async () => {
    const program = await serve();
    const second = await loquet("serve");
    expect(second.code).toBe(1);
    expect(second.err).toContain("Another Loquet is using the folder");
    program.child.kill("SIGKILL");
    expect(await program.ended).toBe("SIGKILL");
    await serve();
  });

  test("tells every fault of its settings at once, each by its name, and no secret", async () => {
    const secret = "much-too-short-3f9a";
    environment = {
      PORT: "eighty",
      LOQUET_URL: "acces.example.org",
      LOQUET_PRESET: "scool",
      LOQUET_SECRET: secret,
      LOQUET_DATA_FOLDER: folder,
      LOQUET_TIMEZONE: "Paris",
    };
    const { code, err } = await loquet("serve");
    expect(code).toBe(1);
    for (const name of Object.keys(environment)) expect(err).toContain(`${name}: `);
    expect(err).not.toContain(secret);
  });

  test("says which port is taken", async () => {
    const other = createServer().listen(port, "127.0.0.1");
    try {
      const { code, err } = await loquet("serve");
      expect(code).toBe(1);
      expect(err).toContain(`PORT: ${port} on 127.0.0.1 is used by another program`);
    } finally {
      other.close();
    }
  });

  test("logs nothing that a person typed, and no link", async () => {
    const program = await serve({ LOQUET_LOG_LEVEL: "debug", LOQUET_DEMO: "1" });
    const browser = new PlainBrowser(`http://127.0.0.1:${port}`);
    await browser.post("/sign-up", {
      email: "typed-by-zoe@example.fr",
      name: "Zoé Typée",
      nickname: "typed-zoe",
      password: "huit-ponts-verts-27",
    });
    await browser.post("/sign-in", { identifier: "typed-by-noe@example.fr", password: "typed-wrong" });
    await browser.get("/confirm?token=typed-0123456789abcdef");
    await browser.get("/nowhere/typed-by-noe?q=typed-query");
    await until(async () => (await captured())[0]);
    program.child.kill("SIGTERM");
    expect(await program.ended).toBe(0);
    expect(program.out).toContain('"route":"/sign-up"');
    expect(program.out + program.err).not.toMatch(/typed|Typée|token=|ponts/);
  });
});

describe("the command line", () => {
  test("without a command, or with an unknown one, lists those there are", async () => {
    expect(await loquet()).toMatchObject({ code: 0, out: expect.stringContaining("  restore ") });
    const unknown = await loquet("sreve");
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain('there is no command "sreve"');
    expect(unknown.err).toContain("  serve ");
    expect(await loquet("account", "--help")).toMatchObject({
      code: 0,
      out: expect.stringContaining("--role operator"),
    });
    expect((await loquet("account", "create", "--emial", "a@example.fr")).code).toBe(2);
    expect((await loquet("account", "befriend", "a@example.fr")).code).toBe(2);
  });

  test("makes an account beside a running server, which sends the invitation", async () => {
    await serve();
    const made = await loquet("account", "create", "--email", "chef@example.org", "--role", "operator");
    expect(made).toMatchObject({ code: 0, err: "" });
    const mail = await until(async () => (await captured()).find(({ to }) => to === "chef@example.org"));
    expect(mail.subject).not.toBe("");
    const shown = await loquet("account", "show", "chef@example.org");
    expect(shown.out).toMatch(/Kind +staff, operator\nStatus +pending/);
    const again = await loquet("account", "create", "--email", "Chef@example.org");
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining("names another account already") });
  });

  test("makes an account without a server, and sends the invitation itself", async () => {
    expect((await loquet("account", "create", "--email", "chef@example.org", "--language", "en")).code).toBe(
      0,
    );
    expect((await loquet("outbox", "list")).out).toContain("No message waits");
    await serve();
    expect((await captured()).map(({ to }) => to)).toEqual(["chef@example.org"]);
  });

  test("unlocks, disables, enables, signs out and closes", async () => {
    const browser = new PlainBrowser(`http://127.0.0.1:${port}`);
    const credentials = { identifier: "lea.moreau@example.org", password: "marelle-cerise-tambour" };
    const signIn = async () => (await browser.post("/sign-in", credentials, { follow: false })).status;
    const session = async () => (await browser.get("/api/session")).status;
    await serve();
    expect(await signIn()).toBe(303);
    expect(await session()).toBe(200);
    expect((await loquet("account", "sign-out", credentials.identifier)).code).toBe(0);
    expect(await session()).toBe(401);
    expect((await loquet("account", "disable", credentials.identifier)).code).toBe(0);
    expect(await signIn()).not.toBe(303);
    expect((await loquet("account", "disable", credentials.identifier)).code).toBe(1);
    expect((await loquet("account", "enable", credentials.identifier)).code).toBe(0);
    expect(await signIn()).toBe(303);
    const locked = "paul.durand@example.fr";
    expect((await loquet("account", "show", locked)).out).toContain("locked until");
    expect((await loquet("account", "unlock", locked)).code).toBe(0);
    expect((await loquet("account", "show", locked)).out).not.toContain("locked until");
    expect((await loquet("account", "close", locked)).code).toBe(0);
    expect((await loquet("account", "enable", locked)).code).toBe(1);
    expect((await loquet("account", "show", "nobody@example.fr")).err).toContain("names no account");
  });

  test("backs up while the server runs, and restores into a new folder that then serves", async () => {
    await serve();
    const file = join(folder, "b.loquet.gz");
    expect(await loquet("backup", file)).toMatchObject({ code: 0, out: expect.stringContaining("rows") });
    expect((await loquet("restore", file)).err).toContain("Another Loquet is using the folder");
    environment = { ...environment, LOQUET_DATA: join(folder, "new"), PORT: String(await findFreePort()) };
    port = Number(environment.PORT);
    expect(await loquet("restore", file)).toMatchObject({
      code: 0,
      out: expect.stringContaining("Restored"),
    });
    expect((await loquet("restore", file)).err).toContain("not empty");
    expect((await loquet("outbox", "release")).out).toContain("No message is held");
    await serve();
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    expect(readdirSync(join(folder, "new"))).toContain("loquet.sqlite");
  });

  test("the doctor says what to do, and fails when something is wrong", async () => {
    await serve();
    const { code, out } = await loquet("doctor");
    expect(code).toBe(0);
    expect(out).toContain(`address: http://127.0.0.1:${port} leads here`);
    expect(out).toMatch(/careful +legal texts: have gaps: fr\/legal\.md/);
    expect(out).toMatch(/ok +database: SQLite answers/);
    expect(out).toMatch(/careful +mail in: mails to \S+ do not arrive here; set LOQUET_INBOUND_MAIL/);
    environment = {
      ...environment,
      SMTP_URL: "smtp://127.0.0.1:1",
      LOQUET_MAIL_FROM: "a@example.org",
      LOQUET_DEMO: "1",
    };
    const wrong = await loquet("doctor");
    expect(wrong.code).toBe(1);
    expect(wrong.out).toMatch(/wrong +e-mail: /);
  });
});
