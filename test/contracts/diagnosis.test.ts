import { afterEach, describe, expect, test } from "vitest";
import { symptoms } from "../../src/config/symptoms.ts";
import { hour, minute } from "../../src/kernel/clock.ts";
import { anAccount } from "../support/an-account.ts";
import { type Page, PlainBrowser } from "../support/browser.ts";
import { onEachEngine } from "../support/engines.ts";
import { startPortal, type TestPortal, type TestPortalOptions } from "../support/portal.ts";
import { fold, words } from "../support/words.ts";

const family = "famille@example.fr";
const number = "+33639980001";
const path = "/help/diagnosis/state";

onEachEngine("the diagnosis", (engine) => {
  let portal: TestPortal;
  afterEach(() => portal.close());

  const start = async (options: TestPortalOptions = {}) => {
    portal = await startPortal({ preset: "school", engine, ...options });
  };
  const browser = (headers: Record<string, string> = {}) => new PlainBrowser(portal.url, headers);
  const linkOf = (message: { links: string[] }) => {
    const found = message.links.find((link) => link.includes("token=")) ?? "";
    const url = new URL(found);
    return { path: url.pathname + url.search, token: url.searchParams.get("token") ?? "" };
  };

  describe("questions", () => {
    test.each(["school", "community", "service"] as const)(
      "of %s open for each symptom, in each language",
      async (preset) => {
        await start({ preset });
        for (const language of ["fr", "en", "ar"]) {
          const who = browser({ "accept-language": language });
          const first = await who.get("/help/diagnosis");
          for (const symptom of symptoms) {
            expect(first.html).toContain(`href="/help/diagnosis/${symptom}"`);
            const page = await who.get(`/help/diagnosis/${symptom}`);
            expect(page.status, symptom).toBe(200);
            expect(page.html).toContain(`lang="${language}"`);
          }
        }
      },
    );

    test("a symptom that is none has no page, and strange answers are left out", async () => {
      await start();
      expect((await browser().get("/help/diagnosis/toString")).status).toBe(404);
      const plain = await browser().get("/help/diagnosis/network");
      const strange = await browser().get(
        `/help/diagnosis/network?a=${encodeURIComponent("network-where.<b>~%00~constructor.x")}`,
      );
      expect(strange.status).toBe(200);
      expect(strange.text).toBe(plain.text);
    });

    test("an address line that was cut in the middle of a character still has its page", async () => {
      await start();
      const trail = encodeURIComponent(`refused-who.pupil~refused-school.${"😀".repeat(500)}`);
      for (const more of ["", "&question=refused-school&words=x"]) {
        const page = await browser().get(`/help/diagnosis/identifier-refused?a=${trail}${more}`);
        expect(page.status).toBe(200);
      }
    });

    test("what is written in a few words goes on by an address; nothing written is told", async () => {
      await start();
      const who = browser();
      const asked = "/help/diagnosis/identifier-refused?a=refused-who.pupil";
      await who.get(asked);
      const empty = await who.get(`${asked}&question=refused-school&words=+`);
      expect(empty.status).toBe(422);
      expect(empty.text).toContain(words("diagnosis.words.missing"));
      const next = await who.get(`${asked}&question=refused-school&words=Coll%C3%A8ge+des+Tilleuls`);
      expect(next.path).toContain("refused-school.Coll");
      expect(next.text).toContain("Collège des Tilleuls");
      expect(next.html).toContain("<h1>Où votre identifiant est-il refusé");
    });

    test("each answer can be changed, and the contact form is filled in", async () => {
      await start();
      const trail =
        "refused-who.pupil~refused-school.Collège des Tilleuls~refused-where.portal~refused-here.old";
      const end = await browser().get(`/help/diagnosis/identifier-refused?a=${encodeURIComponent(trail)}`);
      expect(end.html).toContain('href="/help/diagnosis/identifier-refused?a=refused-who.pupil"');
      const contact = /href="(\/contact\?[^"]*)"/.exec(end.html)?.[1]?.replaceAll("&amp;", "&") ?? "";
      const form = await browser().get(contact);
      expect(form.status).toBe(200);
      expect(form.html).toContain("Collège des Tilleuls");
    });
  });

  describe("what is known without asking", () => {
    test("a browser that brings its cookie back is told so; one that does not, too", async () => {
      await start();
      const kept = await browser().get("/help/diagnosis/checks");
      expect(kept.text).toContain(words("browser-checks.cookies.good"));
      const first = await fetch(`${portal.url}/help/diagnosis/checks`, { redirect: "manual" });
      expect(first.status).toBe(303);
      const second = await fetch(portal.url + first.headers.get("location"), {
        headers: { "accept-language": "fr" },
      });
      expect(fold(await second.text())).toContain(words("browser-checks.cookies.bad"));
      const loop = await fetch(`${portal.url}/help/diagnosis/loop?c=1`, {
        headers: { "accept-language": "fr" },
      });
      expect(await loop.text()).toContain("Acceptez les cookies de ce site");
    });

    test("a blocked network address goes another way, and is told until when", async () => {
      await start({ environment: { LOQUET_TRUSTED_PROXIES: "127.0.0.1/32" } });
      const guesser = browser({ "x-forwarded-for": "198.51.100.7" });
      for (let n = 0; n < 31; n++) {
        await guesser.post("/sign-in", { identifier: `x${n}`, password: "faux" }, { follow: false });
      }
      const blocked = await guesser.get("/help/diagnosis/checks");
      expect(blocked.text).toContain(words("browser-checks.network.bad.how"));
      expect((await guesser.get("/help/diagnosis/address-blocked")).text).toContain(
        "Passez par un nouveau mot de passe",
      );
      const other = browser({ "x-forwarded-for": "198.51.100.8" });
      expect((await other.get("/help/diagnosis/checks")).text).toContain(
        words("browser-checks.network.good"),
      );
      expect((await other.get("/help/diagnosis/address-blocked")).text).toContain("D’où venez-vous");
    });

    test("an address line that is not the portal's own is told, with the right one", async () => {
      await start();
      const page = await browser({ "x-forwarded-host": "elsewhere.example" }).get("/help/diagnosis/checks");
      expect(page.text).toContain(words("browser-checks.address.bad"));
      expect(page.html).toContain(`href="${portal.url}/help/diagnosis/checks"`);
    });

    test("the probe answers what it was asked, by GET and by POST, and nothing more", async () => {
      await start();
      expect((await browser().get("/help/diagnosis/probe?word=12345")).html).toBe(
        '{"probe":"loquet","word":"12345"}',
      );
      const strange = await browser().post("/help/diagnosis/probe", { word: "<script>1" });
      expect(strange.html).toBe('{"probe":"loquet","word":"1"}');
    });
  });

  describe("clearing", () => {
    const cleared = (page: Page, name: string) =>
      page.headers.getSetCookie().some((line) => line.startsWith(`loquet-${name}=;`));

    test("takes what can be in the way and keeps what lets an owner in, unless everything is to go", async () => {
      await start();
      const who = browser();
      await who.get("/help/diagnosis/clear");
      const some = await who.post("/help/diagnosis/clear", { how: "portal" }, { follow: false });
      expect(some.status).toBe(303);
      expect(some.headers.get("clear-site-data")).toBe('"cache", "storage"');
      for (const name of ["session", "browser", "notice"]) expect(cleared(some, name), name).toBe(true);
      for (const name of ["known", "language"]) expect(cleared(some, name), name).toBe(false);
      const all = await who.post("/help/diagnosis/clear", { how: "everything" }, { follow: false });
      expect(all.headers.get("clear-site-data")).toBe('"cache", "cookies", "storage"');
      for (const name of ["session", "browser", "known", "language"])
        expect(cleared(all, name), name).toBe(true);
      const done = await who.get(all.location ?? "");
      expect(done.text).toContain(words("clear-site.done.everything"));
    });

    test("asks first where somebody is signed in, ends the session, and stays in the language", async () => {
      await start();
      const { password } = await anAccount(portal, "Claire Martin").username("c.martin").email(family).made();
      const who = browser({ "accept-language": "en" });
      await who.post("/sign-in", { identifier: "c.martin", password: password ?? "" });
      const asked = await who.post("/help/diagnosis/clear", { how: "portal" });
      expect(asked.text).toContain("You are signed in: Claire Martin");
      expect((await who.get("/account")).path).toBe("/account");
      const done = await who.post("/help/diagnosis/clear", { how: "portal", sure: "1" });
      expect(done.path).toContain("/help/diagnosis/cleared");
      expect(done.text).toContain("It is cleared");
      expect((await who.get("/account")).path).toContain("/sign-in");
    });

    test("opening the page clears nothing", async () => {
      await start();
      const page = await browser().get("/help/diagnosis/clear");
      expect(page.headers.get("clear-site-data")).toBeNull();
      expect(
        page.headers.getSetCookie().some((line) => /max-age=0|expires=thu, 01 jan 1970/i.test(line)),
      ).toBe(false);
    });
  });

  describe("the state of an account", () => {
    const ask = (email: string, who = browser()) => who.post(path, { channel: "email", email });
    const aFamily = async () => {
      await anAccount(portal, "Claire Martin").username("c.martin").email(family).mobile(number).made();
      await anAccount(portal, "Tom Martin").kind("pupil").username("t.martin").email(family).made();
      const waiting = (name: string, username: string) =>
        anAccount(portal, name).kind("pupil").status("pending").withoutPassword().username(username);
      await waiting("Zoé Martin", "z.martin").email(family, { state: "declared" }).made();
      const invited = await waiting("Ada Martin", "a.martin").email(family, { state: "declared" }).made();
      await portal.portal.store.transact((tx) =>
        portal.portal.operator.invite(tx, invited.account.id, invited.contacts[0]?.id ?? "", null),
      );
      await portal.settle();
      await anAccount(portal, "Paul Martin").status("disabled").username("p.martin").email(family).made();
    };

    test("is shown after the code, in the browser that asked: each account with what puts it right", async () => {
      await start();
      await aFamily();
      for (let n = 0; n < 10; n++) {
        await browser().post("/sign-in", { identifier: "t.martin", password: "faux" }, { follow: false });
      }
      const who = browser();
      expect((await ask("Famille@Example.fr", who)).path).toBe(`${path}/sent`);
      const mail = await portal.messageTo(family);
      const seen = await who.post(`${path}/code`, { code: mail.code ?? "" });
      expect(seen.status).toBe(200);
      for (const [name, identifier, condition] of [
        ["Claire Martin", "c.martin", "works"],
        ["Tom Martin", "t.martin", "locked"],
        ["Ada Martin", "a.martin", "invited"],
        ["Paul Martin", "p.martin", "disabled"],
      ] as const) {
        expect(seen.text).toContain(name);
        expect(seen.text).toContain(identifier);
        expect(seen.text).toContain(words(`account-state.condition.${condition}`));
      }
      // Only a registry says that the address is hers: it is not told whose the account is.
      expect(seen.text).toContain(words("account-state.condition.by-letter"));
      expect(seen.html).not.toMatch(/Zoé|z\.martin/);
      for (const action of ["/sign-in", "/unlock", "/activate", "/contact?symptom=account-not-working"]) {
        expect(seen.html).toContain(`href="${action}"`);
      }
      // What was sent there, and what became of it.
      expect(seen.text).toContain(words("account-state.message.lockout.locked"));
      expect(seen.text).toMatch(/parti le 2 mars 2027/);
      // Reading it signs nobody in, and changes nothing.
      expect((await who.get("/account")).path).toContain("/sign-in");
    });

    test("can be read for an hour, in that browser only", async () => {
      await start();
      await aFamily();
      const who = browser();
      await ask(family, who);
      const { code } = await portal.messageTo(family);
      const seen = await who.post(`${path}/code`, { code: code ?? "" });
      expect((await who.get(seen.path)).text).toContain("Claire Martin");
      const stranger = browser();
      await stranger.get("/sign-in");
      const refused = await stranger.get(seen.path);
      expect(refused.status).toBe(410);
      expect(refused.text).not.toContain("Martin");
      portal.clock.advance(hour - 1000);
      expect((await who.get(seen.path)).status).toBe(200);
      portal.clock.advance(1000);
      expect((await who.get(seen.path)).status).toBe(410);
    });

    test("the link works in any browser, tells nothing before its button, and once only", async () => {
      await start();
      await aFamily();
      const asker = browser();
      await ask(family, asker);
      const link = linkOf(await portal.messageTo(family));
      const other = browser();
      const before = await other.get(link.path);
      expect(before.text).not.toContain("Martin");
      expect((await other.get(link.path)).text).toBe(before.text);
      const seen = await other.post(`${path}/open`, { token: link.token });
      expect(seen.text).toContain("Claire Martin");
      // The browser that asked is told that it was opened, and never what was seen.
      const follow = JSON.parse((await asker.get(`${path}/follow`)).html);
      expect(follow).toEqual({ state: "finished", next: `${path}/sent` });
      const waiting = await asker.get(`${path}/sent`);
      expect(waiting.text).toContain(words("account-state.elsewhere.title"));
      expect(waiting.text).not.toContain("Martin");
      const again = await browser().get(link.path);
      expect(again.status).toBe(410);
      expect(again.text).toContain(words("account-state.used.title"));
      const anew = await other.post(`${path}/again`, { token: link.token });
      expect(anew.path).toBe(`${path}/sent`);
      expect(linkOf(await portal.messageTo(family)).token).not.toBe(link.token);
    });

    test("a browser that keeps no cookies is shown it at once", async () => {
      await start();
      await aFamily();
      await ask(family);
      const { token } = linkOf(await portal.messageTo(family));
      const answer = await fetch(`${portal.url}${path}/open`, {
        method: "POST",
        headers: {
          "accept-language": "fr",
          "content-type": "application/x-www-form-urlencoded",
          "sec-fetch-site": "same-origin",
        },
        body: new URLSearchParams({ token }),
        redirect: "manual",
      });
      expect(answer.status).toBe(200);
      expect(await answer.text()).toContain("Claire Martin");
    });

    test("link and code end half an hour after the message left; a recovery ends them too", async () => {
      await start();
      await aFamily();
      const who = browser();
      await ask(family, who);
      const first = await portal.messageTo(family);
      portal.clock.advance(30 * minute);
      expect((await browser().get(linkOf(first).path)).text).toContain(words("account-state.expired.title"));
      expect((await who.post(`${path}/code`, { code: first.code ?? "" })).text).toContain(
        words("code.expired"),
      );
      await ask(family, who);
      const second = await portal.messageTo(family);
      // Of two that leave at the same moment neither is the newest.
      portal.clock.advance(minute);
      const reset = browser();
      await reset.post("/forgot-password", { identifier: "c.martin", channel: "email" });
      const mail = await portal.messageTo(family);
      await reset.post("/forgot-password/code", { code: mail.code ?? "" }, { follow: false });
      await reset.post("/reset", { password: "quatre mots bien choisis" }, { follow: false });
      expect((await browser().get(linkOf(second).path)).status).toBe(410);
    });

    test("wrong codes end the code and never the link; another browser's code is none", async () => {
      await start();
      await aFamily();
      const who = browser();
      await ask(family, who);
      const mail = await portal.messageTo(family);
      const stranger = browser();
      await ask("nobody@example.fr", stranger);
      expect((await stranger.post(`${path}/code`, { code: mail.code ?? "" })).status).toBe(422);
      for (let n = 0; n < 5; n++) await who.post(`${path}/code`, { code: "00000000" });
      expect((await who.post(`${path}/code`, { code: mail.code ?? "" })).status).toBe(422);
      const seen = await who.post(`${path}/open`, { token: linkOf(mail).token });
      expect(seen.text).toContain("Claire Martin");
    });

    test("a press that comes twice opens it twice, within a minute, in that browser and with that code", async () => {
      await start();
      await aFamily();
      const who = browser();
      await ask(family, who);
      const { code } = await portal.messageTo(family);
      const press = (typed = code ?? "") => who.post(`${path}/code`, { code: typed });
      const pages = await Promise.all([press(), press(), press()]);
      for (const page of [...pages, await press()]) expect(page.text).toContain("Claire Martin");
      const seen = await portal.portal.store.ask<object>(
        "select id from journal where event = 'account-state.seen'",
        [],
      );
      expect(seen).toHaveLength(1);
      expect((await press("00000000")).text).not.toContain("Claire Martin");
      portal.clock.advance(minute);
      expect((await press()).text).not.toContain("Claire Martin");
    });

    test("what the link opened elsewhere a moment ago is not opened by the code as well", async () => {
      await start();
      await aFamily();
      const who = browser();
      await ask(family, who);
      const mail = await portal.messageTo(family);
      await browser().post(`${path}/open`, { token: linkOf(mail).token });
      expect((await who.post(`${path}/code`, { code: mail.code ?? "" })).text).not.toContain("Claire Martin");
    });

    test("a person whose address staff corrected is told of their account there, in community too", async () => {
      await start({ preset: "community" });
      const declared = { state: "declared", origin: "staff" } as const;
      await anAccount(portal, "Paul Martin").kind("member").email("paul@example.org", declared).made();
      const who = browser();
      await ask("paul@example.org", who);
      const mail = await portal.messageTo("paul@example.org");
      expect(mail.text).toContain("Paul Martin");
      const seen = await who.post(`${path}/code`, { code: mail.code ?? "" });
      expect(seen.text).toContain(words("account-state.condition.works"));
    });

    test("by SMS too, compactly, within the limits of the number", async () => {
      await start();
      await aFamily();
      const who = browser();
      await who.post(path, { channel: "sms", phone: "06 39 98 00 01" });
      const sms = await portal.messageTo(number);
      expect(sms.text).toContain(sms.code ?? "no code");
      const seen = await who.post(`${path}/code`, { code: sms.code ?? "" });
      expect(seen.text).toContain("06 39 98 00 01");
      expect(seen.text).toContain("Claire Martin");
      expect(seen.text).not.toContain("Tom Martin");
      for (let n = 0; n < 6; n++) {
        await browser().post(path, { channel: "sms", phone: "06 39 98 00 01" });
        await portal.settle();
      }
      expect(await portal.messages(number)).toHaveLength(5);
    });

    test("pages and headers are the same whether the address or number is known or not", async () => {
      await start();
      await aFamily();
      const neutral = (page: Page, typed: string) =>
        page.html
          .replaceAll(typed, "TYPED")
          .replaceAll(/[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/g, "REFERENCE");
      const [known, unknown] = [browser(), browser()];
      await known.get(path);
      await unknown.get(path);
      for (const [mine, nobodys] of [
        ["famille@example.fr", "familie@example.fr"],
        ["06 39 98 00 01", "06 39 98 00 77"],
      ] as const) {
        const send = (who: PlainBrowser, to: string) =>
          who.post(path, to.includes("@") ? { channel: "email", email: to } : { channel: "sms", phone: to });
        const [one, other] = [await send(known, mine), await send(unknown, nobodys)];
        expect(neutral(one, mine)).toBe(neutral(other, nobodys));
        expect([...one.headers.keys()]).toEqual([...other.headers.keys()]);
        await portal.settle();
        for (const act of [
          (who: PlainBrowser) => who.get(`${path}/sent`),
          (who: PlainBrowser) => who.get(`${path}/follow`),
          (who: PlainBrowser) => who.post(`${path}/code`, { code: "12345678" }),
          (who: PlainBrowser) => who.post(`${path}/resend`, {}),
        ]) {
          const [here, there] = [await act(known), await act(unknown)];
          expect(here.status).toBe(there.status);
          expect(neutral(here, mine)).toBe(neutral(there, nobodys));
        }
        portal.clock.advance(minute);
      }
    });

    test("an address without account is told so, once a day; a number never", async () => {
      await start();
      await ask("nobody@example.fr");
      await ask("nobody@example.fr");
      await browser().post(path, { channel: "sms", phone: "06 39 98 00 77" });
      await portal.settle();
      const sent = await portal.messages();
      expect(sent.map(({ to }) => to)).toEqual(["nobody@example.fr"]);
      expect(fold(sent[0]?.text ?? "")).toContain(
        words("truth.mail.see-state", { brand: "Portail scolaire" }),
      );
    });

    test("mistyped addresses are refused at their field, too many requests are told until when", async () => {
      await start();
      const wrong = await ask("claire@");
      expect(wrong.status).toBe(422);
      expect(wrong.html).toContain('href="#email"');
      for (let n = 0; n < 30; n++) await ask(family);
      const page = await ask(family);
      expect(page.status).toBe(429);
      expect(page.headers.get("retry-after")).toBe("3600");
    });

    test("a contact point that may not be used yet, or is gone, tells nothing", async () => {
      await start();
      const usableFrom = portal.clock.now() + 2 * hour;
      await anAccount(portal, "Claire Martin").username("c.martin").email(family, { usableFrom }).made();
      await ask(family);
      const { subject } = await portal.messageTo(family);
      expect(fold(subject)).toBe(words("truth.mail.subject", { brand: "Portail scolaire" }));
    });

    test("in service SMS is not offered, and a stranger's link opens nothing", async () => {
      await start({ preset: "service" });
      expect((await browser().get(path)).html).not.toContain('autocomplete="tel"');
      const page = await browser().post(`${path}/open`, { token: "AAAAAAAAAAAAAAAAAAAAAA" });
      expect(page.status).toBe(410);
      expect((await browser().get(`${path}/seen?pass=AAAA`)).status).toBe(410);
    });
  });
});
