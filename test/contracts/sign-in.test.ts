import { afterEach, expect, test } from "vitest";
import { type Page, PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { lea, noe, setStatus, signUp } from "../support/people.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";

const right = { identifier: lea.email, password: lea.password };
const wrong = { identifier: lea.email, password: "pas-le-bon-mot" };

/** What a stranger can compare: everything but the reference of the incident and what they typed themselves. */
function comparable(page: Page, typed: string) {
  const html = page.html.replaceAll(/[0-9A-Z]{4}-[0-9A-Z]{4}/g, "(reference)").replaceAll(typed, "(typed)");
  const headers = [...page.headers.keys()].filter((name) => name !== "content-length").sort();
  return { status: page.status, headers, html };
}

onEachEngine("sign-in", (engine) => {
  let portal: TestPortal;
  afterEach(() => portal.close());

  test("a person signs in and is who they are", async () => {
    portal = await startPortal({ engine });
    await signUp(portal);
    const browser = new PlainBrowser(portal.url);
    expect((await browser.get("/", { follow: false })).location).toBe("/sign-in");
    const signedIn = await browser.post("/sign-in", right, { follow: false });
    expect(signedIn.status).toBe(303);
    expect(signedIn.location).toBe("/account");
    const session = await browser.get("/api/session");
    expect(session.status).toBe(200);
    expect(session.headers.get("cache-control")).toBe("no-store");
    expect(JSON.parse(session.html)).toMatchObject({ name: lea.name, locale: "fr", kind: "member" });
    expect((await browser.get("/", { follow: false })).location).toBe("/account");
  });

  test("the identifier is read as people type it", async () => {
    portal = await startPortal({ engine });
    await signUp(portal);
    const typed = { ...right, identifier: "  LEA@Example.FR " };
    const page = await new PlainBrowser(portal.url).post("/sign-in", typed, { follow: false });
    expect(page.location).toBe("/account");
  });

  test("a wrong password and an unknown identifier are answered alike, with both recovery links", async () => {
    portal = await startPortal({ engine });
    await signUp(portal);
    const known = await new PlainBrowser(portal.url).post("/sign-in", wrong);
    const nobody = { identifier: "nobody@example.fr", password: wrong.password };
    const unknown = await new PlainBrowser(portal.url).post("/sign-in", nobody);
    expect(known.status).toBe(422);
    expect(known.text).toContain("Identifiant ou mot de passe incorrect.");
    expect(known.html).toContain('href="/forgot-identifier"');
    expect(known.html).toContain('href="/forgot-password"');
    expect(known.html).not.toContain(wrong.password);
    expect(comparable(unknown, nobody.identifier)).toEqual(comparable(known, wrong.identifier));
  });

  test("what is missing is said at its field, and nothing is counted", async () => {
    portal = await startPortal({ engine });
    const browser = new PlainBrowser(portal.url);
    for (let tries = 0; tries < 12; tries++) {
      const page = await browser.post("/sign-in", { identifier: lea.email, password: "" });
      expect(page.status).toBe(422);
      expect(page.text).toContain("Écrivez votre mot de passe.");
    }
    const page = await browser.post("/sign-in", { identifier: " ", password: "x" });
    expect(page.text).toContain("Écrivez votre identifiant.");
  });

  test("an endless identifier or password is simply wrong", async () => {
    portal = await startPortal({ engine });
    const browser = new PlainBrowser(portal.url);
    const endless = "é".repeat(5000);
    expect((await browser.post("/sign-in", { identifier: endless, password: "x" })).status).toBe(422);
    expect((await browser.post("/sign-in", { identifier: "x", password: endless })).status).toBe(422);
  });

  test.each([
    ["pending", "Votre compte n’est pas encore activé."],
    ["disabled", "Votre compte est désactivé."],
    ["closed", "Votre compte est fermé."],
  ] as const)("that an account is %s is said only after the right password", async (status, words) => {
    portal = await startPortal({ engine });
    await signUp(portal);
    await setStatus(portal, lea.email, status);
    const refused = await new PlainBrowser(portal.url).post("/sign-in", wrong);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain("Identifiant ou mot de passe incorrect.");
    const browser = new PlainBrowser(portal.url);
    const told = await browser.post("/sign-in", right);
    expect(told.status).toBe(403);
    expect(told.text).toContain(words);
    expect(browser.cookie("loquet-session")).toBeUndefined();
  });

  test("a pending person can have the confirmation sent again from there", async () => {
    portal = await startPortal({ engine });
    await new PlainBrowser(portal.url).post("/sign-up", lea);
    await portal.messageTo(lea.email);
    const browser = new PlainBrowser(portal.url);
    const told = await browser.post("/sign-in", right);
    expect(told.html).toContain('action="/confirm/again"');
    await browser.post("/confirm/again", { email: lea.email });
    await portal.settle();
    expect(await portal.messages(lea.email)).toHaveLength(2);
  });

  test("a safe return address is followed, and no other", async () => {
    portal = await startPortal({ engine });
    await signUp(portal);
    const where = async (path: string) => {
      const browser = new PlainBrowser(portal.url);
      const page = await browser.post("/sign-in", { ...right, return: path }, { follow: false });
      return page.location;
    };
    expect(await where("/account/devices?all=1")).toBe("/account/devices?all=1");
    for (const path of [
      "https://example.org/",
      "//example.org/",
      "/\\example.org",
      "/\t/example.org",
      "javascript:alert(1)",
      "/sign-in?return=/sign-in",
      "/sign-out",
      "/",
    ]) {
      expect(await where(path.replaceAll("\t", ""))).toBe("/account");
    }
  });

  test("the return address stays in the form through a mistake", async () => {
    portal = await startPortal({ engine });
    const browser = new PlainBrowser(portal.url);
    const form = await browser.get("/sign-in?return=%2Faccount%2Fdevices");
    expect(form.html).toContain('name="return" value="/account/devices"');
    const again = await browser.post("/sign-in", { ...wrong, return: "/account/devices" });
    expect(again.html).toContain('name="return" value="/account/devices"');
  });

  test("another account is not replaced before the person was told whose is open", async () => {
    portal = await startPortal({ engine });
    const browser = await signUp(portal);
    await signUp(portal, noe);
    const door = await browser.get("/sign-in");
    expect(door.text).toContain(`Le compte de ${lea.name} est ouvert dans ce navigateur.`);
    const other = { identifier: noe.email, password: noe.password };
    const asked = await browser.post("/sign-in", other);
    expect(asked.status).toBe(409);
    expect(asked.text).toContain(`Continuer avec le compte de ${lea.name}`);
    expect(JSON.parse((await browser.get("/api/session")).html).name).toBe(lea.name);
    const old = browser.cookie("loquet-session");
    await browser.post("/sign-in", { ...other, other: "1" }, { follow: false });
    expect(JSON.parse((await browser.get("/api/session")).html).name).toBe(noe.name);
    const headers = { cookie: `loquet-session=${old}` };
    expect((await new PlainBrowser(portal.url).get("/api/session", { headers })).status).toBe(401);
  });

  test("the page carries what password managers and people look for", async () => {
    portal = await startPortal({ engine });
    const { html, text } = await new PlainBrowser(portal.url).get("/sign-in");
    expect(html).toContain('autocomplete="username"');
    expect(html).toContain('autocomplete="current-password"');
    expect(text).toContain("Identifiant oublié ?");
    expect(text).toContain("Mot de passe oublié ?");
    expect(text).toContain("Vous n'avez pas reçu les instructions de confirmation ?");
    expect(text).toContain("Vous n'avez pas reçu les instructions de déverrouillage ?");
    const change = await new PlainBrowser(portal.url).get("/.well-known/change-password", { follow: false });
    expect([change.status, change.location]).toEqual([302, "/account/password"]);
  });

  test("the language chosen at the switch stays with the browser and with the account", async () => {
    portal = await startPortal({ engine });
    const browser = await signUp(portal);
    const chosen = { language: "en", return: "/sign-in?lang=fr" };
    const switched = await browser.post("/language", chosen, { follow: false });
    expect(switched.location).toBe("/sign-in");
    expect((await browser.get("/sign-in")).html).toContain('<html lang="en"');
    expect(JSON.parse((await browser.get("/api/session")).html).locale).toBe("en");
    const elsewhere = { language: "xx", return: "https://example.org/" };
    expect((await browser.post("/language", elsewhere, { follow: false })).location).toBe("/");
  });
});
