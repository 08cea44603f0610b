import { afterEach, expect, test } from "vitest";
import { day, hour, minute, second } from "../../src/kernel/clock.ts";
import { PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { lea, setStatus, signUp } from "../support/people.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";

const right = { identifier: lea.email, password: lea.password };

onEachEngine("sessions", (engine) => {
  let portal: TestPortal;
  afterEach(() => portal.close());

  const isSignedIn = async (browser: PlainBrowser) => (await browser.get("/api/session")).status === 200;

  async function signedIn(fields: Record<string, string> = {}): Promise<PlainBrowser> {
    const browser = new PlainBrowser(portal.url);
    await browser.post("/sign-in", { ...right, ...fields }, { follow: false });
    expect(await isSignedIn(browser)).toBe(true);
    return browser;
  }

  test("every sign-in gives a new session, and ends this browser's old one", async () => {
    portal = await startPortal({ engine });
    await signUp(portal);
    const browser = await signedIn();
    const old = browser.cookie("loquet-session") ?? "";
    await browser.post("/sign-in", right, { follow: false });
    expect(browser.cookie("loquet-session")).not.toBe(old);
    const headers = { cookie: `loquet-session=${old}` };
    expect((await new PlainBrowser(portal.url).get("/api/session", { headers })).status).toBe(401);
  });

  test("a session planted before the sign-in is worth nothing", async () => {
    portal = await startPortal({ engine });
    await signUp(portal);
    const planted = "A".repeat(22);
    const page = await new PlainBrowser(portal.url).post("/sign-in", right, {
      follow: false,
      headers: { cookie: `loquet-session=${planted}` },
    });
    expect(page.location).toBe("/account");
    const headers = { cookie: `loquet-session=${planted}` };
    expect((await new PlainBrowser(portal.url).get("/api/session", { headers })).status).toBe(401);
  });

  test("a session ends when it is not used, and lives on while it is", async () => {
    portal = await startPortal({ engine });
    await signUp(portal);
    const browser = await signedIn();
    const { idleForSeconds } = portal.config.preset.sessions;
    for (let times = 0; times < 3; times++) {
      portal.clock.advance(idleForSeconds * second - minute);
      expect(await isSignedIn(browser)).toBe(true);
    }
    portal.clock.advance(idleForSeconds * second + second);
    expect(await isSignedIn(browser)).toBe(false);
  });

  test("a session ends for good at its absolute limit, even in use", async () => {
    portal = await startPortal({ engine });
    await signUp(portal);
    const browser = await signedIn();
    const until = portal.clock.now() + portal.config.preset.sessions.absoluteForSeconds * second;
    while (portal.clock.now() + hour < until) {
      portal.clock.advance(hour);
      expect(await isSignedIn(browser)).toBe(true);
    }
    portal.clock.advance(hour);
    expect(await isSignedIn(browser)).toBe(false);
  });

  test("who asks to stay signed in has the longer limits, and a cookie that outlives the browser", async () => {
    portal = await startPortal({ engine });
    await signUp(portal);
    const plain = new PlainBrowser(portal.url);
    const page = await plain.post("/sign-in", { ...right, remember: "1" }, { follow: false });
    const cookies = page.headers.getSetCookie();
    const cookie = cookies.find((line) => line.startsWith("loquet-session="));
    const { rememberedAbsoluteForSeconds, rememberedIdleForSeconds } = portal.config.preset.sessions;
    expect(cookie).toContain(`Max-Age=${rememberedAbsoluteForSeconds}`);
    expect(cookie).toContain("HttpOnly");
    portal.clock.advance(2 * day);
    expect(await isSignedIn(plain)).toBe(true);
    portal.clock.advance(rememberedIdleForSeconds * second + second);
    expect(await isSignedIn(plain)).toBe(false);
  });

  test("without that the cookie ends with the browser", async () => {
    portal = await startPortal({ engine });
    await signUp(portal);
    const page = await new PlainBrowser(portal.url).post("/sign-in", right, { follow: false });
    const cookie = page.headers.getSetCookie().find((line) => line.startsWith("loquet-session="));
    expect(cookie).not.toContain("Max-Age");
  });

  test("signing out ends the session at once, and is said", async () => {
    portal = await startPortal({ engine });
    await signUp(portal);
    const browser = await signedIn();
    const stolen = { cookie: `loquet-session=${browser.cookie("loquet-session")}` };
    const door = await browser.post("/sign-out", {});
    expect(door.path).toBe("/sign-in");
    expect(door.text).toContain("Vous êtes déconnecté.");
    expect((await new PlainBrowser(portal.url).get("/api/session", { headers: stolen })).status).toBe(401);
    expect((await browser.post("/sign-out", {})).path).toBe("/sign-in");
  });

  test("what is revoked is refused by the very next answer, many at a time", async () => {
    portal = await startPortal({ engine });
    const owner = await signUp(portal);
    const browser = await signedIn();
    const before = await Promise.all(Array.from({ length: 40 }, () => browser.get("/api/session")));
    expect(new Set(before.map((page) => page.status))).toEqual(new Set([200]));
    await setStatus(portal, lea.email, "disabled");
    const after = await Promise.all(Array.from({ length: 40 }, () => browser.get("/api/session")));
    expect(new Set(after.map((page) => page.status))).toEqual(new Set([401]));
    expect((await owner.get("/api/session")).status).toBe(401);
  });

  test("many at once are each told their own", async () => {
    portal = await startPortal({ engine });
    await signUp(portal);
    const people = [await signedIn(), new PlainBrowser(portal.url), await signedIn()];
    const asked = Array.from({ length: 60 }, (_, index) => people[index % 3] as PlainBrowser);
    const answers = await Promise.all(asked.map((browser) => browser.get("/api/session")));
    expect(answers.map((page) => page.status)).toEqual(asked.map((_, at) => (at % 3 === 1 ? 401 : 200)));
  });

  test("nobody signed in, or a cookie that is no session, is 401 in words for programs", async () => {
    portal = await startPortal({ engine });
    for (const cookie of ["", "loquet-session=x", `loquet-session=${"B".repeat(22)}`]) {
      const page = await new PlainBrowser(portal.url).get("/api/session", { headers: { cookie } });
      expect(page.status).toBe(401);
      expect(JSON.parse(page.html)).toEqual({ refusal: "session.none" });
      expect(page.headers.getSetCookie()).toEqual([]);
    }
  });
});
