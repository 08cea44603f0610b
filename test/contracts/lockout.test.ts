import { afterEach, expect, test } from "vitest";
import type { CapturedMessage } from "../../src/channels/capture.ts";
import type { Config } from "../../src/config/config.ts";
import type { LimitName } from "../../src/config/preset.ts";
import { day, minute, second } from "../../src/kernel/clock.ts";
import { type Page, PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { lea, signUp } from "../support/people.ts";
import { startPortal, type TestPortal, type TestPortalOptions } from "../support/portal.ts";

const right = { identifier: lea.email, password: lea.password };
const wrongFor = (identifier: string) => ({ identifier, password: "pas-le-bon-mot" });
const wrong = wrongFor(lea.email);
const triesBeforeLock = 10;
const locked = "Votre compte est verrouillé.";
const blocked = "Votre adresse IP est temporairement bloquée.";
const isWrong = "Identifiant ou mot de passe incorrect.";
const lastTry = "Vous avez encore un essai avant le verrouillage de votre compte.";

function comparable(page: Page, typed: string) {
  const html = page.html.replaceAll(/[0-9A-Z]{4}-[0-9A-Z]{4}/g, "(reference)").replaceAll(typed, "(typed)");
  const headers = [...page.headers.keys()].filter((name) => name !== "content-length").sort();
  return { status: page.status, retryAfter: page.headers.get("retry-after"), headers, html };
}

const linkOf = (mail: CapturedMessage) => mail.links.find((link) => link.includes("token=")) ?? "";
const tokenOf = (mail: CapturedMessage) => new URL(linkOf(mail)).searchParams.get("token") ?? "";

/** The whole test is one source: these tests are not about blocks unless they say so. */
const withLimits =
  (limits: Partial<Record<LimitName, { max: number; perSeconds: number }>>) =>
  (config: Config): Config => ({
    ...config,
    preset: { ...config.preset, limits: { ...config.preset.limits, ...limits } },
  });
const unblocked = withLimits({
  "sign-in.failures-per-source": { max: 10_000, perSeconds: 600 },
  "sign-in.tries-per-identifier-while-locked": { max: 10_000, perSeconds: 600 },
  "request.per-source": { max: 10_000, perSeconds: 3600 },
});

onEachEngine("lockout", (engine) => {
  let portal: TestPortal;
  afterEach(() => portal.close());

  async function open(options: TestPortalOptions = {}): Promise<void> {
    portal = await startPortal({ engine, change: unblocked, ...options });
  }

  async function tryWrong(times: number, form = wrong, browser = new PlainBrowser(portal.url)) {
    let page: Page | undefined;
    for (let tries = 0; tries < times; tries++) page = await browser.post("/sign-in", form);
    return { page: page as Page, browser };
  }

  async function lockMails(): Promise<CapturedMessage[]> {
    await portal.settle();
    return (await portal.messages(lea.email)).filter((mail) => mail.subject.includes("verrouillé"));
  }

  async function lock(browser?: PlainBrowser) {
    const made = await tryWrong(triesBeforeLock, wrong, browser);
    expect(made.page.text).toContain(locked);
    const [mail] = await lockMails();
    return { ...made, mail: mail as CapturedMessage };
  }

  test("a stranger is warned once, then locked, and told until when", async () => {
    await open();
    await signUp(portal);
    const { page: warned, browser } = await tryWrong(triesBeforeLock - 1);
    expect(warned.status).toBe(422);
    expect(warned.text).toContain(isWrong);
    expect(warned.text).toContain(lastTry);
    const { page } = await tryWrong(1, wrong, browser);
    expect(page.status).toBe(429);
    expect(page.text).toContain(locked);
    expect(page.text).not.toContain(isWrong);
    expect(page.headers.get("retry-after")).toBe("3600");
    expect(page.html).toContain('autocomplete="one-time-code"');
    expect(page.html).toContain('href="/forgot-password"');
  });

  test("an unknown identifier is warned and locked exactly like a known one", async () => {
    await open();
    await signUp(portal);
    const nobody = wrongFor("nobody@example.fr");
    const known = new PlainBrowser(portal.url);
    const unknown = new PlainBrowser(portal.url);
    for (let tries = 0; tries < triesBeforeLock + 2; tries++) {
      const { page: ofKnown } = await tryWrong(1, wrong, known);
      const { page: ofUnknown } = await tryWrong(1, nobody, unknown);
      expect(comparable(ofUnknown, nobody.identifier)).toEqual(comparable(ofKnown, wrong.identifier));
      await portal.settle();
    }
    for (const path of ["/unlock/sent", "/unlock/follow"]) {
      const [ofKnown, ofUnknown] = [await known.get(path), await unknown.get(path)];
      expect(comparable(ofUnknown, nobody.identifier)).toEqual(comparable(ofKnown, wrong.identifier));
    }
    for (let tries = 0; tries < 7; tries++) {
      const [ofKnown, ofUnknown] = [
        await known.post("/unlock/code", { code: "00000000" }),
        await unknown.post("/unlock/code", { code: "00000000" }),
      ];
      expect(ofKnown.status).toBe(422);
      expect(comparable(ofUnknown, nobody.identifier)).toEqual(comparable(ofKnown, wrong.identifier));
    }
    expect(await portal.messages("nobody@example.fr")).toHaveLength(0);
  });

  test("while locked the right password is not accepted from an unknown browser", async () => {
    await open();
    await signUp(portal);
    await lock();
    const browser = new PlainBrowser(portal.url);
    const page = await browser.post("/sign-in", right);
    expect(page.text).toContain(locked);
    expect(browser.cookie("loquet-session")).toBeUndefined();
  });

  test("the owner's known browser works while strangers are locked, and has a count of its own", async () => {
    await open();
    const owner = await signUp(portal);
    await owner.post("/sign-out", {});
    await lock();
    expect((await owner.post("/sign-in", right, { follow: false })).location).toBe("/account");
    await owner.post("/sign-out", {});
    const { page: warned } = await tryWrong(triesBeforeLock - 1, wrong, owner);
    expect(warned.text).toContain(lastTry);
    expect((await owner.post("/sign-in", right, { follow: false })).location).toBe("/account");
    const { page: stranger } = await tryWrong(1);
    expect(stranger.text).toContain(locked);
    await owner.post("/sign-out", {});
    const { page } = await tryWrong(triesBeforeLock, wrong, owner);
    expect(page.text).toContain(locked);
  });

  test("a browser made known by one account is unknown to another", async () => {
    await open();
    await signUp(portal);
    const other = await signUp(portal, { ...lea, email: "noe@example.fr", nickname: "noe_p" });
    await other.post("/sign-out", {});
    await lock();
    expect((await other.post("/sign-in", right)).text).toContain(locked);
  });

  test("of fifty tries at once no more than the limit are judged", async () => {
    await open();
    await signUp(portal);
    const tries = Array.from({ length: 50 }, () => new PlainBrowser(portal.url).post("/sign-in", wrong));
    const pages = await Promise.all(tries);
    const judged = pages.filter((page) => page.text.includes(isWrong));
    expect(judged.length).toBe(triesBeforeLock - 1);
    expect(pages.filter((page) => page.text.includes(locked))).toHaveLength(50 - judged.length);
    expect(await lockMails()).toHaveLength(1);
    expect((await new PlainBrowser(portal.url).post("/sign-in", right)).text).toContain(locked);
  });

  test("a right password starts the count again; so does time", async () => {
    await open();
    await signUp(portal);
    await tryWrong(triesBeforeLock - 1);
    const browser = new PlainBrowser(portal.url);
    expect((await browser.post("/sign-in", right, { follow: false })).location).toBe("/account");
    const { page } = await tryWrong(triesBeforeLock - 1);
    expect(page.text).toContain(lastTry);
    portal.clock.advance(portal.config.preset.lockout.countForgottenAfterSeconds * second);
    expect((await tryWrong(1)).page.text).not.toContain(lastTry);
  });

  test("the link asks for one press, unlocks, and ends on sign-in with the identifier filled in", async () => {
    await open();
    await signUp(portal);
    const { mail } = await lock();
    expect(mail.text).toContain("10 mots de passe faux ont été essayés");
    const elsewhere = new PlainBrowser(portal.url);
    for (let scans = 0; scans < 3; scans++) {
      const scanned = await new PlainBrowser(portal.url).get(
        new URL(linkOf(mail)).pathname + new URL(linkOf(mail)).search,
      );
      expect(scanned.text).toContain("Déverrouiller mon compte");
    }
    expect((await new PlainBrowser(portal.url).post("/sign-in", right)).text).toContain(locked);
    const door = await elsewhere.post("/unlock", { token: tokenOf(mail) });
    expect(door.path).toBe("/sign-in");
    expect(door.text).toContain("Votre compte est déverrouillé.");
    expect(door.html).toContain(`value="${lea.email}"`);
    expect((await elsewhere.get("/api/session")).status).toBe(401);
    expect(elsewhere.cookie("loquet-known")).toBeDefined();
    const stranger = new PlainBrowser(portal.url);
    expect((await stranger.post("/sign-in", right, { follow: false })).location).toBe("/account");
  });

  test("the code works in the browser that was locked, and in no other", async () => {
    await open();
    await signUp(portal);
    const { browser, mail } = await lock();
    const other = await new PlainBrowser(portal.url).post("/unlock/code", { code: mail.code ?? "" });
    expect(other.path).toBe("/unlock");
    const mistyped = await browser.post("/unlock/code", { code: "1" });
    expect(mistyped.status).toBe(422);
    expect(mistyped.text).toContain("Ce code n’est pas le bon.");
    const door = await browser.post("/unlock/code", { code: mail.code ?? "" });
    expect(door.text).toContain("Votre compte est déverrouillé.");
    const twice = await browser.post("/unlock/code", { code: mail.code ?? "" });
    expect(twice.text).toContain("Votre compte est déverrouillé.");
    expect((await browser.get("/api/session")).status).toBe(401);
  });

  test("wrong codes end the code, never the link", async () => {
    await open();
    await signUp(portal);
    const { browser, mail } = await lock();
    for (let tries = 0; tries < 6; tries++) await browser.post("/unlock/code", { code: "00000000" });
    const late = await browser.post("/unlock/code", { code: mail.code ?? "" });
    expect(late.status).toBe(422);
    expect((await browser.post("/unlock", { token: tokenOf(mail) })).text).toContain("déverrouillé");
  });

  test("of fifty presses of one link exactly one unlocks", async () => {
    await open();
    await signUp(portal);
    const { mail } = await lock();
    const press = () =>
      new PlainBrowser(portal.url).post("/unlock", { token: tokenOf(mail) }, { follow: false });
    const pages = await Promise.all(Array.from({ length: 50 }, press));
    expect(pages.filter((page) => page.status === 303)).toHaveLength(1);
    expect(pages.filter((page) => page.status === 410)).toHaveLength(49);
    expect(pages.find((page) => page.status === 410)?.text).toContain("Ce lien a déjà servi");
  });

  test("an expired, used, replaced or broken link says which, and offers a new one in one press", async () => {
    await open();
    await signUp(portal);
    const { browser, mail } = await lock();
    const tellOf = async (token: string) => (await browser.get(`/unlock?token=${token}`)).text;
    portal.clock.advance(2 * minute);
    await browser.post("/unlock/resend", {});
    const [newer] = await lockMails();
    expect(await tellOf(tokenOf(mail))).toContain("Ce lien a été remplacé");
    await browser.post("/unlock", { token: tokenOf(newer as CapturedMessage) });
    const used = await browser.get(`/unlock?token=${tokenOf(newer as CapturedMessage)}`);
    expect(used.status).toBe(410);
    expect(used.text).toContain("Ce lien a déjà servi");
    expect(used.html).toContain('action="/unlock/ask"');
    const second_ = await lock(new PlainBrowser(portal.url));
    portal.clock.advance(portal.config.preset.lockout.lockForSeconds * second + second);
    expect(await tellOf(tokenOf(second_.mail))).toContain("Ce lien a expiré");
    expect(await tellOf("x")).toContain("Ce lien n’est pas complet");
    expect(await tellOf(`${tokenOf(mail)}x`)).toContain("Ce lien n’est pas complet");
  });

  test("waiting unlocks too, and the page that waits goes on to sign-in", async () => {
    await open();
    await signUp(portal);
    const { browser } = await lock();
    expect(JSON.parse((await browser.get("/unlock/follow")).html).state).toBe("waiting");
    portal.clock.advance(portal.config.preset.lockout.lockForSeconds * second);
    expect(JSON.parse((await browser.get("/unlock/follow")).html).state).toBe("finished");
    expect((await browser.get("/unlock/sent")).text).toContain("Le verrouillage est terminé.");
    expect((await browser.post("/sign-in", right, { follow: false })).location).toBe("/account");
  });

  test("the page that waits goes on by itself once the link was used elsewhere", async () => {
    await open();
    await signUp(portal);
    const { browser, mail } = await lock();
    await new PlainBrowser(portal.url).post("/unlock", { token: tokenOf(mail) });
    expect(JSON.parse((await browser.get("/unlock/follow")).html)).toEqual({
      state: "finished",
      next: "/unlock/sent",
    });
    expect((await browser.get("/unlock/sent")).text).toContain("Votre compte est déverrouillé.");
    expect((await browser.get("/api/session")).status).toBe(401);
  });

  test("one message a lock, three a day", async () => {
    await open();
    await signUp(portal);
    for (let locks = 1; locks <= 5; locks++) {
      await tryWrong(triesBeforeLock + 5);
      expect(await lockMails()).toHaveLength(Math.min(locks, 3));
      portal.clock.advance(portal.config.preset.lockout.lockForSeconds * second);
    }
    portal.clock.advance(day);
    await tryWrong(triesBeforeLock);
    expect(await lockMails()).toHaveLength(4);
  });

  test("who did not receive the instructions asks again, and is answered alike whoever they are", async () => {
    await open();
    await signUp(portal);
    await lock();
    const [asks, stranger] = [new PlainBrowser(portal.url), new PlainBrowser(portal.url)];
    const known = await asks.post("/unlock/ask", { identifier: lea.email });
    const unknown = await stranger.post("/unlock/ask", { identifier: "nobody@example.fr" });
    expect(known.path).toBe("/unlock/sent");
    expect(comparable(unknown, "nobody@example.fr")).toEqual(comparable(known, lea.email));
    const mails = await lockMails();
    expect(mails).toHaveLength(2);
    const code = mails[0]?.code ?? "";
    expect((await asks.post("/unlock/code", { code })).text).toContain("Votre compte est déverrouillé.");
    expect((await portal.messages("nobody@example.fr"))[0]?.subject).toContain("Aucun compte");
  });

  test("a request for an account that is not locked is told so kindly", async () => {
    await open();
    await signUp(portal);
    await new PlainBrowser(portal.url).post("/unlock/ask", { identifier: lea.email });
    const [mail] = await lockMails();
    expect(mail?.subject).toContain("n’est pas verrouillé");
    expect(mail?.code).toBeNull();
  });

  test("asking again too early is told until when", async () => {
    await open();
    await signUp(portal);
    const { browser } = await lock();
    const early = await browser.post("/unlock/resend", {});
    expect(early.status).toBe(429);
    expect(early.headers.get("retry-after")).toBe("60");
    portal.clock.advance(minute);
    expect((await browser.post("/unlock/resend", {})).text).toContain("Nous envoyons un nouveau message.");
  });

  test("an address with too many failures is blocked for minutes, and told until when and what works", async () => {
    await open({ change: withLimits({}) });
    const owner = await signUp(portal);
    await owner.post("/sign-out", {});
    for (let person = 0; person < 6; person++) await tryWrong(5, wrongFor(`person${person}@example.fr`));
    const { page } = await tryWrong(1, wrongFor("another@example.fr"));
    expect(page.status).toBe(429);
    expect(page.text).toContain(blocked);
    expect(Number(page.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(page.html).toContain('href="/forgot-password"');
    expect((await new PlainBrowser(portal.url).post("/sign-in", right)).text).toContain(blocked);
    expect((await new PlainBrowser(portal.url).get("/sign-in")).status).toBe(200);
    expect((await new PlainBrowser(portal.url).get("/unlock")).status).toBe(200);
    expect((await owner.post("/sign-in", right, { follow: false })).location).toBe("/account");
    portal.clock.advance(10 * minute);
    const stranger = new PlainBrowser(portal.url);
    expect((await stranger.post("/sign-in", right, { follow: false })).location).toBe("/account");
  });

  test("one person hammering one wrong identifier meets the short block too", async () => {
    await open({ change: withLimits({}) });
    const { page } = await tryWrong(40, wrongFor("l.martin12"));
    expect(page.text).toContain(blocked);
  });

  test("links and codes work from a blocked address", async () => {
    await open({ change: withLimits({}) });
    await signUp(portal);
    const { browser, mail } = await lock();
    await tryWrong(40, wrongFor("l.martin12"));
    expect((await tryWrong(1, wrong)).page.text).toContain(blocked);
    expect((await browser.post("/unlock/code", { code: mail.code ?? "" })).text).toContain("déverrouillé");
  });

  test("the addresses of an establishment are slowed, never blocked", async () => {
    const change = (config: Config) => {
      const limited = withLimits({ "sign-in.failures-per-source": { max: 3, perSeconds: 600 } })(config);
      return { ...limited, preset: { ...limited.preset, slowedAddresses: ["127.0.0.0/8"] } };
    };
    await open({ change });
    await signUp(portal);
    await tryWrong(3, wrongFor("somebody@example.fr"));
    const startedAt = performance.now();
    const { page } = await tryWrong(1, wrongFor("another@example.fr"));
    expect(page.text).toContain(isWrong);
    expect(performance.now() - startedAt).toBeGreaterThan(900);
    const pupil = new PlainBrowser(portal.url);
    expect((await pupil.post("/sign-in", right, { follow: false })).location).toBe("/account");
  });
});
