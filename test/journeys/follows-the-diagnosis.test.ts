import { request as ask, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { type Symptom, symptoms } from "../../src/config/symptoms.ts";
import { anAccount } from "../support/an-account.ts";
import { PlainBrowser } from "../support/browser.ts";
import { journey, scriptModes } from "../support/journey.ts";
import type { Visitor } from "../support/visitor.ts";
import { words } from "../support/words.ts";

const readable = (text: string) => text.replaceAll("&amp;", "&");
const linksIn = (html: string) =>
  [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => readable(href as string));

/** What a page of the diagnosis offers: its answers, or its button and the way on for those whom it does not help. */
function offeredBy(html: string): { answers: string[]; button: string | null; otherwise: string[] } {
  const main = /<main[\s\S]*<\/main>/.exec(html)?.[0] ?? "";
  const list = /<ul class="answers">[\s\S]*?<\/ul>/.exec(main)?.[0] ?? "";
  const button = /<a class="button" href="([^"]*)"/.exec(main)?.[1];
  const quiet = [...main.matchAll(/<a class="button is-quiet" href="([^"]*)"/g)];
  return {
    answers: linksIn(list),
    button: button === undefined ? null : readable(button),
    otherwise: quiet.map(([, href]) => readable(href as string)),
  };
}

const headingOf = (html: string) => /<h1>([\s\S]*?)<\/h1>/.exec(html)?.[1] ?? "";

/** Goes every way that a symptom offers, each question and end once; answers what the ends lead to. */
async function goEveryWay(browser: PlainBrowser, symptom: Symptom): Promise<Map<string, string>> {
  const seen = new Set<string>();
  const ends = new Map<string, string>();
  const queue = [`/help/diagnosis/${symptom}`];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const page = await browser.get(path);
    expect(page.status, path).toBe(200);
    const heading = headingOf(page.html);
    if (seen.has(heading)) continue;
    seen.add(heading);
    const { answers, button, otherwise } = offeredBy(page.html);
    const node = /name="question" value="([^"]*)"/.exec(page.html)?.[1];
    if (node !== undefined) {
      const trail = readable(/name="a" value="([^"]*)"/.exec(page.html)?.[1] ?? "");
      queue.push(
        `/help/diagnosis/${symptom}?${new URLSearchParams({ a: trail, question: node, words: "Espace Numérique" })}`,
      );
    } else if (button === null) {
      expect(answers.length, `${path}: a question offers answers`).toBeGreaterThan(1);
      queue.push(...answers);
    } else {
      ends.set(heading, button);
      const isLast = button.startsWith("/contact?");
      expect(otherwise.length, `${path}: a way on from every end but the last`).toBe(isLast ? 0 : 1);
      queue.push(...otherwise);
    }
  }
  return ends;
}

for (const preset of ["school", "community", "service"] as const) {
  journey(`the diagnosis in ${preset}`, { preset }, (scene) => {
    test("every way of every symptom ends at a page that opens, and at last with people", async () => {
      const opened = new Set<string>();
      for (const symptom of symptoms) {
        const ends = await goEveryWay(new PlainBrowser(scene.portal.url), symptom);
        expect(
          [...ends.values()].some((to) => to.startsWith("/contact?")),
          symptom,
        ).toBe(true);
        for (const to of ends.values()) {
          const kind = to.startsWith("/contact?") ? `/contact ${symptom}` : to;
          if (opened.has(kind)) continue;
          opened.add(kind);
          const page = await new PlainBrowser(scene.portal.url).get(to.split("#")[0] as string);
          expect(page.status, `${symptom}: ${to}`).toBe(200);
        }
      }
      expect(opened.size).toBeGreaterThan(25);
    });
  });
}

journey("the diagnosis", { preset: "school" }, (scene) => {
  /** Answers by the first answer of each question, or the last, until there is something to press. */
  async function follow(visitor: Visitor, symptom: Symptom, which: "first" | "last"): Promise<void> {
    await visitor.open("/help/diagnosis");
    await visitor.page.locator(`.symptoms a[href="/help/diagnosis/${symptom}"]`).click();
    await visitor.page.waitForLoadState();
    for (let questions = 0; ; questions++) {
      await visitor.look();
      if ((await visitor.main.locator("a.button:not(.is-quiet)").count()) > 0) return;
      expect(questions).toBeLessThan(5);
      if ((await visitor.main.locator("input[name=words]").count()) > 0) {
        await visitor.page.fill("#words", "Collège des Tilleuls");
        await visitor.submit();
        continue;
      }
      const answers = visitor.main.locator(".answers a");
      await answers[which]().click();
      await visitor.page.waitForLoadState();
    }
  }

  async function press(visitor: Visitor): Promise<void> {
    const button = visitor.main.locator("a.button:not(.is-quiet)");
    const to = (await button.getAttribute("href")) ?? "";
    await button.click();
    await visitor.page.waitForLoadState();
    expect(visitor.status, to).toBe(200);
    expect(visitor.path).not.toMatch(/^\/help\/diagnosis\/(?!checks|clear|state)/);
  }

  test.each(symptoms)("%s leads a person to a page that does the thing", async (symptom) => {
    const visitor = await scene.visitor({ width: 320 });
    await follow(visitor, symptom, "first");
    await press(visitor);
  });

  test("without script, too, to the last question", async () => {
    const visitor = await scene.visitor({ script: false });
    for (const symptom of ["cannot-sign-in", "identifier-refused", "sms-not-received"] as const) {
      await follow(visitor, symptom, "last");
      await press(visitor);
    }
  });

  for (const { mode, script } of scriptModes) {
    test(`${mode}: going back asks again, an answer can be changed, and what did not help goes on`, async () => {
      const visitor = await scene.visitor({ script });
      await visitor.open("/help/diagnosis/cannot-sign-in");
      const question = await visitor.heading();
      await visitor.follow("Identifiant ou mot de passe incorrect.");
      await visitor.follow("Des deux");
      expect(await visitor.heading()).toContain("Retapez lentement");
      await visitor.page.goBack();
      expect(await visitor.heading()).toContain("De quoi êtes-vous sûr");
      await visitor.page.goForward();
      await visitor.follow(words("diagnosis.otherwise"));
      expect(await visitor.heading()).toBe("Regardez l’état de votre compte");
      expect(await visitor.text()).toContain(words("diagnosis.no-help"));
      const changes = visitor.main.locator(".answered-change a");
      expect(await changes.count()).toBe(4);
      await changes.nth(1).click();
      await visitor.look();
      expect(await visitor.heading()).toBe(question);
    });

    test(`${mode}: a locked account is seen after a code, and put right from there`, async () => {
      const [username, email] = [scene.unused("p.durand"), scene.unused("paul@example.fr")];
      await anAccount(scene.portal, "Paul Durand").username(username).email(email).made();
      await scene.guess(username, 10);
      const visitor = await scene.visitor({ script });
      await visitor.open("/help/diagnosis/account-not-working");
      await visitor.follow("Je ne sais pas");
      await visitor.follow(words("account-state.title"));
      await visitor.choose("channel", "email");
      await visitor.submit({ email });
      expect(visitor.path).toBe("/help/diagnosis/state/sent");
      await visitor.submit({ "one-time-code": (await scene.messageTo(email)).code ?? "" });
      expect(await visitor.text()).toContain(words("account-state.condition.locked"));
      await visitor.follow(words("account-state.do.unlock"));
      expect(visitor.path).toBe("/unlock");
    });

    test(`${mode}: the link of the message opens the page elsewhere, after a press`, async () => {
      const [username, email] = [scene.unused("l.benali"), scene.unused("lina@example.fr")];
      await anAccount(scene.portal, "Lina Benali").username(username).kind("pupil").email(email).made();
      const asker = await scene.visitor({ script });
      await asker.open("/help/diagnosis/state");
      await asker.choose("channel", "email");
      await asker.submit({ email });
      const elsewhere = await scene.visitor({ script, locale: "ar", colorScheme: "dark", width: 320 });
      await elsewhere.openLinkOf(await scene.messageTo(email));
      expect(await elsewhere.text()).not.toContain("Lina");
      await elsewhere.submit();
      expect(await elsewhere.text()).toContain("Lina Benali");
      await asker.open("/help/diagnosis/state/sent");
      expect(await asker.heading()).toBe(words("account-state.elsewhere.title"));
    });

    test(`${mode}: clearing asks who is signed in, signs out, and says what next`, async () => {
      const [username, email] = [scene.unused("c.martin"), scene.unused("claire@example.fr")];
      const { password } = await anAccount(scene.portal, "Claire Martin")
        .username(username)
        .email(email)
        .made();
      const visitor = await scene.visitor({ script });
      await visitor.signIn(username, password ?? "");
      const known = await visitor.cookie("known");
      await visitor.open("/help/diagnosis/clear");
      expect(await visitor.text()).toContain(words("clear-site.signed-in", { name: "Claire Martin" }));
      await visitor.submit();
      expect(await visitor.heading()).toBe(words("clear-site.done.title"));
      expect(await visitor.cookie("session")).toBeUndefined();
      expect(await visitor.cookie("known")).toBe(known);
    });
  }
});

/** Stands before the portal and takes every cookie away, as a browser does that refuses them. */
async function withoutCookies(portalUrl: string): Promise<AsyncDisposable & { url: string }> {
  const server = createServer((request, response) => {
    const { cookie: _, ...headers } = request.headers;
    const asked = ask(portalUrl + request.url, { method: request.method ?? "GET", headers }, (answer) => {
      const { "set-cookie": __, ...kept } = answer.headers;
      response.writeHead(answer.statusCode ?? 502, kept);
      answer.pipe(response);
    });
    request.pipe(asked);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

journey("the checks of a browser", { preset: "school" }, (scene) => {
  const bad = (visitor: Visitor) => visitor.main.locator('[data-result="bad"] li:visible');
  const done = (visitor: Visitor) => visitor.main.locator(".checks-said:not(:empty)").waitFor();

  test("find nothing in the way of a sound one, and say so politely", async () => {
    const visitor = await scene.visitor();
    await visitor.open("/help/diagnosis/checks");
    await done(visitor);
    await visitor.look();
    expect(await bad(visitor).count()).toBe(0);
    expect(await visitor.main.locator("[role=status]").innerText()).toBe(words("browser-checks.said.none"));
    for (const check of [
      "cookies.good",
      "clock.good",
      "filter.good",
      "forms.good",
      "address.good",
    ] as const) {
      expect(await visitor.text()).toContain(words(`browser-checks.${check}`));
    }
  });

  test("a clock that is wrong by more than five minutes is told with its remedy, and goes to support", async () => {
    const visitor = await scene.visitor();
    await visitor.page.clock.setSystemTime(Date.now() + 6 * 60_000);
    await visitor.open("/help/diagnosis/checks");
    await done(visitor);
    await visitor.look();
    expect(await bad(visitor).innerText()).toContain(words("browser-checks.clock.bad.how"));
    await visitor.open("/help/diagnosis/other");
    await visitor.main.locator(".answers a").last().click();
    const button = visitor.main.locator("a.button[data-carries-checks]");
    expect(await button.getAttribute("href")).toContain("checks.clock");
  });

  test("a filter that answers with a page of its own, one that cuts, and no network at all", async () => {
    const portal = await scene.visitor();
    await portal.page.route("**/help/diagnosis/probe*", (route) =>
      route.fulfill({ contentType: "text/html", body: "<h1>Bienvenue sur le Wi-Fi</h1>" }),
    );
    await portal.open("/help/diagnosis/checks");
    await done(portal);
    await portal.look();
    const said = await portal.text();
    for (const check of ["filter", "forms"] as const)
      expect(said).toContain(words(`browser-checks.${check}.bad`));

    const cut = await scene.visitor({ width: 320 });
    await cut.page.route("**/help/diagnosis/probe*", (route) => route.abort());
    await cut.open("/help/diagnosis/checks");
    await done(cut);
    expect(await cut.text()).toContain(words("browser-checks.filter.bad.how"));

    const offline = await scene.visitor();
    await offline.page.addInitScript("Object.defineProperty(navigator, 'onLine', { get: () => false })");
    await offline.open("/help/diagnosis");
    await bad(offline).first().waitFor();
    expect(await bad(offline).innerText()).toContain(words("browser-checks.line.bad"));
  });

  test("cookies and storage that are refused", async () => {
    await using proxy = await withoutCookies(scene.portal.url);
    const visitor = await scene.visitor();
    await visitor.page.addInitScript(
      "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('refused', 'SecurityError'); } })",
    );
    await visitor.open(`${proxy.url}/help/diagnosis/checks`);
    await done(visitor);
    const said = await visitor.text();
    expect(said).toContain(words("browser-checks.cookies.bad.how"));
    expect(said).toContain(words("browser-checks.storage.bad"));
    expect(said).not.toContain(words("browser-checks.cookies.good"));
  });

  test("a page at another address than the portal's own names the right one", async () => {
    const visitor = await scene.visitor();
    const other = scene.portal.url.replace("127.0.0.1", "localhost");
    await visitor.open(`${other}/help/diagnosis/checks`);
    await done(visitor);
    expect(await bad(visitor).allInnerTexts()).toEqual([
      expect.stringContaining(words("browser-checks.address.bad")),
    ]);
  });

  test("without script the page says so, tells what the portal knows, and goes on by questions", async () => {
    const visitor = await scene.visitor({ script: false });
    await visitor.open("/help/diagnosis/checks");
    const said = await visitor.text();
    expect(said).toContain(words("browser-checks.no-script.title"));
    expect(said).not.toContain(words("browser-checks.waiting"));
    expect(said).toContain(words("browser-checks.cookies.good"));
    await visitor.follow(words("diagnosis.go-on"));
    expect(visitor.path).toBe("/help/diagnosis");
  });

  test("a browser too old for the script is told so by what does not happen", async () => {
    const visitor = await scene.visitor();
    await visitor.page.route("**/assets/help-*.js", (route) => route.abort());
    await visitor.open("/help/diagnosis/checks");
    expect(await visitor.text()).toContain(words("browser-checks.waiting"));
  });
});
