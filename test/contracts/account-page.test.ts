import { afterEach, describe, expect, test } from "vitest";
import { PlainBrowser } from "../support/browser.ts";
import { aMember, memberPassword, tokenOf } from "../support/member.ts";
import { has } from "../support/needs.ts";
import { startPortal, type TestPortal } from "../support/portal.ts";
import { words } from "../support/words.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
const email = "lea@example.fr";
const fresh = "neuf-lampes-rouges-31";

for (const engine of ["sqlite", "postgres"] as const) {
  describe.skipIf(engine === "postgres" && !has("postgres"))(`the account page on ${engine}`, () => {
    let portal: TestPortal;
    afterEach(() => portal.close());

    async function signIn(password = memberPassword, headers: Record<string, string> = {}) {
      const browser = new PlainBrowser(portal.url, headers);
      await browser.post("/sign-in", { identifier: email, password });
      return browser;
    }

    const change = (browser: PlainBrowser, current: string, next: string) =>
      browser.post("/account/password", { "current-password": current, "new-password": next });

    test("says who I am and what reaches me, only to me", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, email, "lea_m");
      const page = await browser.get("/account");
      for (const words of ["Léa Martin", "lea_m", "Membre", email, "Vérifiée le 2 mars 2027"]) {
        expect(page.text).toContain(words);
      }
      const stranger = await new PlainBrowser(portal.url).get("/account/devices", { follow: false });
      expect(stranger.location).toBe("/sign-in?return=%2Faccount%2Fdevices");
      const program = await new PlainBrowser(portal.url, { accept: "application/json" }).get("/account");
      expect(program.status).toBe(401);
    });

    test("a changed password keeps this session under a new cookie and ends the others", async () => {
      portal = await startPortal({ engine });
      const here = await aMember(portal, email, "lea_m");
      const there = await signIn();
      expect((await there.get("/account")).path).toBe("/account");
      const cookie = here.cookie("loquet-session") ?? "";
      await here.post("/forgot-password", { identifier: email, channel: "email" });
      const reset = await portal.messageTo(email);

      const changed = await change(here, memberPassword, fresh);
      expect(changed.text).toContain(words("account.password.changed"));
      expect(here.cookie("loquet-session")).not.toBe(cookie);
      expect((await there.get("/account")).path).toContain("/sign-in");
      const stolen = new PlainBrowser(portal.url, { cookie: `loquet-session=${cookie}` });
      expect((await stolen.get("/account")).path).toContain("/sign-in");
      const mail = await portal.messageTo(email);
      expect(mail.subject).toContain("mot de passe");
      expect(mail.text).toContain(words("not-me.next.link"));
      if (reset.links.some((link) => link.includes("token="))) {
        expect((await here.get(`/reset?token=${tokenOf(reset)}`)).status).toBe(410);
      }
      expect((await (await signIn()).get("/account")).path).toContain("/sign-in");
      expect((await (await signIn(fresh)).get("/account")).path).toBe("/account");
    });

    test("a wrong or missing present password, or one that is not new, changes nothing", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, email, "lea_m");
      const wrong = await change(browser, "faux", fresh);
      expect(wrong.status).toBe(422);
      expect(wrong.text).toContain(words("password-again.wrong"));
      expect((await change(browser, "", fresh)).text).toContain(words("password-again.missing"));
      const same = await change(browser, memberPassword, memberPassword);
      expect(same.status).toBe(422);
      const short = await change(browser, memberPassword, "court");
      expect(short.text).toContain("Au moins 10 caractères");
      expect((await change(browser, memberPassword, "lea_m-lea_m-2027")).status).toBe(422);
      expect((await (await signIn()).get("/account")).path).toBe("/account");
    });

    test("a stolen session cannot guess the password for ever", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, email, "lea_m");
      const pages = await Promise.all(Array.from({ length: 25 }, () => change(browser, "faux", fresh)));
      expect(pages.filter((page) => page.status === 422)).toHaveLength(10);
      const limited = await change(browser, memberPassword, fresh);
      expect(limited.status).toBe(429);
      expect(limited.text).toContain(words("password-again.too-many.next"));
      portal.clock.advance(60 * minute);
      expect((await change(browser, memberPassword, fresh)).path).toBe("/account");
    });

    test("two changes at once: one password holds, and the other answer does not say it is done", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, email, "lea_m");
      const other = await signIn();
      const pages = await Promise.all([
        change(browser, memberPassword, fresh),
        change(other, memberPassword, "dix-chats-gris-54"),
      ]);
      expect(pages.filter((page) => page.text.includes(words("account.password.changed")))).toHaveLength(1);
    });

    test("another device is signed out by one press, and at once", async () => {
      portal = await startPortal({ engine });
      const here = await aMember(portal, email, "lea_m");
      const firefox = {
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
      };
      const first = await signIn(memberPassword, firefox);
      const second = await signIn();
      const page = await here.get("/account/devices");
      expect(page.text).toContain(words("account.devices.this"));
      expect(page.text).toContain("Firefox");
      const item = page.html.split("<li>").find((part) => part.includes("Firefox")) ?? "";
      const path = /action="(\/account\/devices\/[0-9a-f-]{36}\/sign-out)"/.exec(item)?.[1] ?? "";
      expect((await here.get(path)).status).toBe(404);
      expect((await first.get("/account")).path).toBe("/account");
      expect((await here.post(path, {})).text).toContain(words("account.devices.signed-out"));
      expect((await first.get("/account")).path).toContain("/sign-in");
      expect((await second.get("/account")).path).toBe("/account");
      expect((await here.post(path, {})).status).toBe(404);
    });

    test("all other devices are signed out by one press, nobody else's", async () => {
      portal = await startPortal({ engine });
      const here = await aMember(portal, email, "lea_m");
      const paul = await aMember(portal, "paul@example.fr", "paul_d");
      const others = [await signIn(), await signIn()];
      const done = await here.post("/account/devices/sign-out-others", {});
      expect(done.text).toContain("2 autres appareils sont déconnectés.");
      for (const other of others) expect((await other.get("/account")).path).toContain("/sign-in");
      expect((await here.get("/account")).path).toBe("/account");
      expect((await paul.get("/account")).path).toBe("/account");
      const own = await paul.get("/account/devices");
      expect(own.html).not.toContain("/sign-out-others");
    });

    test("somebody else's device cannot be signed out", async () => {
      portal = await startPortal({ engine });
      const lea = await aMember(portal, email, "lea_m");
      await signIn();
      const paul = await aMember(portal, "paul@example.fr", "paul_d");
      const { html } = await lea.get("/account/devices");
      const path = /action="(\/account\/devices\/[0-9a-f-]{36}\/sign-out)"/.exec(html)?.[1] ?? "";
      expect((await paul.post(path, {})).status).toBe(404);
    });

    test("the journal tells what happened, when, from where and by whom, page by page", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, email, "lea_m");
      for (let turn = 0; turn < 40; turn++) {
        await browser.post("/account/language", { language: turn % 2 === 0 ? "en" : "fr" });
      }
      const first = await browser.get("/account/journal");
      expect(first.text).toContain(words("journal.account.language-chosen"));
      expect(first.text).toContain(words("account.journal.by.you"));
      expect(first.text).toContain("2 mars 2027");
      const count = (text: string) => text.split(words("journal.account.language-chosen")).length - 1;
      expect(count(first.text)).toBe(30);
      const older = /href="(\/account\/journal\?before=[^"]+)"/.exec(first.html)?.[1] ?? "";
      const second = await browser.get(older);
      expect(count(second.text)).toBe(10);
      expect(second.text).toContain(words("journal.confirmation.opened"));
      expect((await browser.get("/account/journal?before=no%20cursor")).text).toContain(
        words("journal.account.language-chosen"),
      );
    });

    test("the language is kept with the account and in this browser", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, email, "lea_m");
      const english = await browser.post("/account/language", { language: "en" });
      expect(english.text).toContain("My account");
      expect((await browser.post("/account/language", { language: "xx" })).status).toBe(422);
      await change(browser, memberPassword, fresh);
      expect((await portal.messageTo(email)).subject).toContain("password was changed");
    });

    test("what is unverified or dead is asked about at a sign-in, once a week at most", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, email, "lea_m");
      const form = { identifier: email, password: memberPassword, return: "/account/devices" };
      const plain = await browser.post("/sign-in", form, { follow: false });
      expect(plain.location).toBe("/account/devices");
      const tables = portal.portal.store;
      await tables.transact(async (tx) => {
        await tx
          .tables<{ contact_points: { dead_since: number; asked_at: number | null } }>()
          .updateTable("contact_points")
          .set({ dead_since: portal.clock.now() })
          .execute();
      });
      const again = new PlainBrowser(portal.url);
      const asked = await again.post("/sign-in", form);
      expect(asked.path).toBe("/account/check-contacts?return=%2Faccount%2Fdevices");
      expect(asked.text).toContain("Nos messages n’y arrivent plus depuis");
      expect(asked.html).toContain('href="/account/devices"');
      const quiet = await new PlainBrowser(portal.url).post("/sign-in", form, { follow: false });
      expect(quiet.location).toBe("/account/devices");
      portal.clock.advance(7 * day);
      const later = new PlainBrowser(portal.url);
      const repeated = await later.post("/sign-in", form);
      expect(repeated.path).toContain("/account/check-contacts");
      const path = /action="(\/account\/contacts\/[0-9a-f-]{36}\/verify)"/.exec(repeated.html)?.[1] ?? "";
      await later.post(path, {});
      await later.post("/account/contacts/code", { code: (await portal.messageTo(email)).code ?? "" });
      expect((await later.get("/account")).text).toContain(words("contacts.word.verified"));
      expect((await later.get("/account")).text).not.toContain(words("contacts.word.dead"));
    });

    test("a password is judged while it is typed, and compared with nothing that is stored", async () => {
      portal = await startPortal({ engine });
      const browser = await aMember(portal, email, "lea_m");
      const judge = async (fields: Record<string, string>) =>
        JSON.parse((await browser.post("/password/check", fields)).html);
      expect((await judge({ password: "court" })).rules).toMatchObject({ length: false });
      const own = await judge({ password: "lea_m-lea_m-2027" });
      expect(own.rules.unlike).toBe(false);
      const known = await judge({ password: memberPassword });
      expect(known.rules).not.toHaveProperty("different");
      const same = await judge({ password: fresh, "current-password": fresh });
      expect(same.rules.different).toBe(false);
      const good = await judge({ password: fresh, "current-password": "autre" });
      expect(Object.values(good.rules)).not.toContain(false);
      expect(good.score).toBeGreaterThan(1);
    });

    test("judging stops at its limit and says when to go on", async () => {
      portal = await startPortal({ engine });
      const browser = new PlainBrowser(portal.url);
      let page = await browser.post("/password/check", { password: "x" });
      for (let asked = 0; asked < 300 && page.status === 200; asked++) {
        page = await browser.post("/password/check", { password: "x" });
      }
      expect(page.status).toBe(429);
      expect(Number(page.headers.get("retry-after"))).toBeGreaterThan(0);
    });
  });
}
