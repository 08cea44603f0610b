import { request } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { listTrialPeople, trialPassword } from "../../src/trial/people.ts";
import { PlainBrowser } from "../support/browser.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";

let portal: TestPortal | undefined;
afterEach(async () => {
  await portal?.close();
  portal = undefined;
});

/** With a Host header of our choice, which fetch does not allow. */
function ask(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    })
      .on("error", reject)
      .end();
  });
}

const presets = ["school", "community", "service"] as const;

describe.each(presets)("the trial of %s", (preset) => {
  test("knows its invented people, says how to be each, and each one's story in every language", async () => {
    portal = await startPortal({ preset, demo: true });
    for (const language of ["fr", "en", "ar"]) {
      const page = await new PlainBrowser(portal.url).get(`/_trial?lang=${language}`);
      expect(page.status).toBe(200);
      expect(page.text).toContain(trialPassword);
      for (const person of listTrialPeople(preset)) expect(page.text).toContain(person.name);
      expect(page.text).not.toMatch(/trial\.\w/);
    }
  });

  test("lets its plainest person in with the printed password, and not the locked one", async () => {
    portal = await startPortal({ preset, demo: true });
    const [plain] = listTrialPeople(preset);
    const identifier = (name: string) => {
      const person = listTrialPeople(preset).find((candidate) => candidate.name === name);
      return person?.username ?? person?.contacts[0]?.address ?? "";
    };
    const signIn = (who: string) =>
      new PlainBrowser((portal as TestPortal).url).post(
        "/sign-in",
        { identifier: identifier(who), password: trialPassword },
        { follow: false },
      );
    expect((await signIn(plain?.name ?? "")).status).toBe(303);
    expect((await signIn("Paul Durand")).text).toContain("verrouillé");
  });

  test("has only addresses for examples and numbers for fiction, and a password that its own rules allow", () => {
    for (const { contacts } of listTrialPeople(preset)) {
      for (const { address } of contacts) expect(address).toMatch(/@example\.(?:fr|org)$|^\+336399800\d\d$/);
    }
    expect(trialPassword.length).toBeGreaterThanOrEqual(12);
  });
});

test("captured messages are listed newest first, in the shape that tools rely on", async () => {
  portal = await startPortal({ preset: "community", demo: true });
  const browser = new PlainBrowser(portal.url);
  for (const name of ["un", "deux"]) {
    await browser.post("/sign-up", {
      email: `${name}@example.fr`,
      name: "Une Personne",
      nickname: `personne-${name}`,
      password: "huit-ponts-verts-27",
    });
    portal.clock.advance(1000);
    await portal.settle();
  }
  const answer = await fetch(`${portal.url}/_trial/messages.json`);
  expect(answer.headers.get("content-type")).toContain("application/json");
  const messages = (await answer.json()) as Record<string, unknown>[];
  expect(messages.map(({ to }) => to)).toEqual(["deux@example.fr", "un@example.fr"]);
  expect(Object.keys(messages[0] ?? {}).sort()).toEqual(
    [
      "channel",
      "code",
      "html",
      "id",
      "links",
      "locale",
      "queuedAt",
      "replyTo",
      "sentAt",
      "subject",
      "text",
      "to",
    ].sort(),
  );
  expect(messages[0]).toMatchObject({
    channel: "email",
    locale: "fr",
    subject: "Veuillez activer votre compte",
    code: expect.stringMatching(/^\d{8}$/),
  });
  const page = await browser.get("/_trial");
  expect(page.text).toContain(String(messages[0]?.code));
});

test("a mail is shown under a policy that lets nothing run or load", async () => {
  portal = await startPortal({ preset: "community", demo: true });
  const browser = new PlainBrowser(portal.url);
  await browser.post("/sign-up", {
    email: "lea@example.fr",
    name: "<script>alert(1)</script>",
    nickname: "autre",
    password: "huit-ponts-verts-27",
  });
  const { id } = await portal.messageTo("lea@example.fr");
  const shown = await browser.get(`/_trial/messages/${id}.html`);
  expect(shown.status).toBe(200);
  expect(shown.headers.get("content-security-policy")).toMatch(/^default-src 'none'; .*sandbox/);
  expect(shown.html).not.toContain("<script");
  expect((await browser.get("/_trial/messages/none.html")).status).toBe(404);
  expect((await browser.get("/_trial")).html).not.toContain("<script>");
});

test("the messages can be emptied, by a button only", async () => {
  portal = await startPortal({ preset: "school", demo: true });
  const browser = new PlainBrowser(portal.url);
  await browser.post("/forgot-password", { identifier: "c.martin", channel: "sms" });
  await portal.settle();
  expect(await portal.messages()).not.toEqual([]);
  expect((await browser.get("/_trial/messages/clear")).status).toBe(404);
  expect((await browser.post("/_trial/messages/clear", {})).path).toBe("/_trial");
  expect(await portal.messages()).toEqual([]);
});

test("what was forwarded, or came by another name than this machine's, finds nothing", async () => {
  portal = await startPortal({ preset: "school", demo: true });
  const { port } = new URL(portal.url);
  for (const path of ["/_trial", "/_trial/messages.json", "/_trial/messages/x.html"]) {
    const url = portal.url + path;
    expect(await ask(url, { host: "portail.example.org" })).toBe(404);
    expect(await ask(url, { host: `127.0.0.1.example.org:${port}` })).toBe(404);
    for (const name of ["x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-host"]) {
      expect(await ask(url, { [name]: "192.0.2.7" })).toBe(404);
    }
  }
  expect(await ask(`${portal.url}/_trial`, { host: `localhost:${port}` })).toBe(200);
  expect(await ask(`${portal.url}/_trial`, { host: `[::1]:${port}` })).toBe(200);
});

test("without invented people there is no such page, and no such address", async () => {
  portal = await startPortal({ preset: "community" });
  const browser = new PlainBrowser(portal.url);
  for (const path of ["/_trial", "/_trial/messages.json"]) expect((await browser.get(path)).status).toBe(404);
  expect((await browser.get("/sign-up")).html).not.toContain("_trial");
});

test("a database of invented people opens nowhere else, and people's own database never as a trial", async () => {
  portal = await startPortal({ preset: "community", demo: true });
  const { dataFolder } = portal.config;
  const there = { change: (config: TestPortal["config"]) => ({ ...config, dataFolder }) };
  await expect(startPortal({ preset: "community", ...there })).rejects.toThrow("invented people");
  const again = await startPortal({ preset: "community", demo: true, ...there });
  expect((await again.portal.operator.accounts.show("lea.moreau@example.org")).ok).toBe(true);
  await again.close();
  await portal.close();

  portal = await startPortal({ preset: "community" });
  const asked = {
    email: "a@example.fr",
    name: null,
    kind: null,
    username: null,
    role: null,
    establishment: null,
    language: null,
  };
  await portal.portal.operator.accounts.create(asked);
  const own = portal.config.dataFolder;
  await expect(
    startPortal({ preset: "community", demo: true, change: (config) => ({ ...config, dataFolder: own }) }),
  ).rejects.toThrow("real people");
});
